"""An answer as its view shows it: plain JSON, small enough to be stored with the conversation.

The view adds no judgment. What it shows is the answer, its terms put into words; the texts behind the citations are
fetched when a reader opens one.
"""

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, Protocol

from corpus.catalog import Catalog
from corpus.records import Record
from rag.types import Answer, Citation, Coverage, Duty, Finding, Statement, Value
from ui import fact_form
from ui.render import FOOTER, clean
from ui.viewer import address
from ui.words import bare_duty, basis, plain, said, sentence, words

_QUOTED = re.compile(r"(?P<lead>.{3,400}?): “(?P<quote>.+)”", re.DOTALL)
_DISAGREE = re.compile(r"engines disagree: model (\w+), rules (\w+)")
# A text of which so few are in play is shown open.
_OPEN = 2


class Shelf(Protocol):
    """What the view needs of the pipeline's store."""

    @property
    def records(self) -> Mapping[str, Record]:
        """Return what is known of each text on file."""


@dataclass(frozen=True, slots=True)
class Setting:
    """What the answer was asked with: where each given fact comes from (`profile` or `form`), the licenses that it was limited to.

    `claim` is the label of a claim that was checked, which is put into other words than a verdict.
    """

    origins: Mapping[str, str] = field(default_factory=dict)
    scope: tuple[str, ...] = ()
    claim: str = ""


def answer_view(answer: Answer, shelf: Shelf, catalog: Catalog, setting: Setting, id: str) -> dict[str, Any]:
    """Return what the view of an answer shows; `id` is that of the kept answer, empty if it could not be kept."""
    first, rest = _statements(answer)
    disagreement = next((found for each in answer.problems if (found := _DISAGREE.fullmatch(each))), None)
    return {
        "id": id,
        "question": clean(answer.question),
        "rewritten": clean(answer.rewritten or ""),
        **_judgment(answer, setting),
        "depends": [said("depends", each) for each in answer.depends_on],
        "first": _statement(first),
        "groups": _groups(rest, answer, shelf),
        "table": _table(answer, shelf, catalog),
        "conditions": [_condition(duty, answer, shelf) for duty in answer.conditions],
        "facts": _facts(answer, shelf, setting),
        "coverage": _coverage(answer.coverage, shelf, catalog),
        "citations": [_citation(each) for each in answer.citations],
        "texts": [_text(shelf.records[id]) for id in answer.documents if id in shelf.records],
        "scope": [_title(id, shelf) for id in setting.scope],
        "disagreement": [said("verdict", name) for name in disagreement.groups()] if disagreement else [],
        "notes": [sentence(clean(each)) for each in answer.problems if not _DISAGREE.fullmatch(each)],
        "model": clean(answer.model or ""),
        "footer": FOOTER,
    }


def _judgment(answer: Answer, setting: Setting) -> dict[str, Any]:
    if setting.claim:
        known = words()["claim"][setting.claim]
        return {"verdict": {"name": answer.verdict, "word": known["word"]}, "basis": known["basis"]}
    return {"verdict": _verdict(answer.verdict), "basis": basis(answer.verdict, answer.basis)}


def _verdict(name: str) -> dict[str, str]:
    return {"name": name, "word": said("verdict", name)}


def _statements(answer: Answer) -> tuple[Statement, tuple[Statement, ...]]:
    if not answer.statements:
        return Statement(answer.text, "inference"), ()
    return answer.statements[0], answer.statements[1:]


def _statement(of: Statement) -> dict[str, Any]:
    """Return a statement; one that quotes is cut into what it says of the quotation and the quotation."""
    quoted = _QUOTED.fullmatch(of.text.strip()) if of.source == "text" else None
    text, quote = (quoted["lead"], quoted["quote"]) if quoted else (of.text.strip(), "")
    return {
        "text": clean(text),
        "quote": clean(quote),
        "source": of.source,
        "mark": said("source", of.source),
        "means": said("source_means", of.source),
        "citations": list(of.citations),
    }


def _groups(statements: Sequence[Statement], answer: Answer, shelf: Shelf) -> list[dict[str, Any]]:
    """Return the statements by the text that they cite, in the order of the answer; those without a citation stay where they are."""
    document = {citation.n: citation.document for citation in answer.citations}
    groups: list[dict[str, Any]] = []
    for each in statements:
        about = next((document[n] for n in each.citations if n in document), None)
        if not groups or (about is not None and groups[-1]["document"] not in (about, None)):
            groups.append({"document": about, "statements": []})
        if groups[-1]["document"] is None:
            groups[-1]["document"] = about
        groups[-1]["statements"].append(_statement(each))
    several = len({group["document"] for group in groups}) > _OPEN
    for group in groups:
        id = group.pop("document")
        group |= {"title": _title(id, shelf) if id else "", "open": not several}
    return groups


def _table(answer: Answer, shelf: Shelf, catalog: Catalog) -> dict[str, Any] | None:
    """Return the findings where several acts or licenses are in play."""
    if len(answer.findings) < 2:
        return None
    licenses = {finding.license for finding in answer.findings}
    entries = [catalog.get(id) for id in licenses]
    families = {known.family if known else None for known in entries}
    versions = len(licenses) > 1 and len(families) == 1 and None not in families
    acts = {(finding.act, finding.asset) for finding in answer.findings}
    return {
        "title": "Version by version" if versions else "Finding by finding",
        "acts": len(acts) > 1 or not versions,
        "rows": [_finding(finding, shelf) for finding in answer.findings],
    }


def _finding(of: Finding, shelf: Shelf) -> dict[str, Any]:
    record = shelf.records.get(of.license)
    return {
        "title": _title(of.license, shelf),
        "version": record.version if record else None,
        "act": f"{plain(of.act)} ({plain(of.asset)})",
        "verdict": _verdict(of.verdict),
        "basis": basis(of.verdict, of.basis),
        "citations": list(of.citations),
    }


def _condition(duty: Duty, answer: Answer, shelf: Shelf) -> dict[str, Any]:
    # How strong the duty is, in brackets, and the words it asks for have places of their own here.
    text = bare_duty(duty.text)
    if duty.exact:
        text = text.removesuffix(f" “{duty.exact}”") + ":"
    texts = dict.fromkeys(each.document for each in answer.citations if each.n in duty.citations)
    return {
        "text": clean(text),
        "under": [_title(id, shelf) for id in texts] if len(answer.documents) > 1 else [],
        "exact": clean(duty.exact or ""),
        "who": plain(duty.who),
        "when": plain(duty.trigger),
        "consequence": said("consequence", duty.strength),
        "citations": list(duty.citations),
    }


def _facts(answer: Answer, shelf: Shelf, setting: Setting) -> dict[str, Any]:
    given = [
        fact_form.field(key)
        | {"value": fact_form.shown(key, value), "origin": said("given", setting.origins.get(key, "question"))}
        for key, value in answer.facts.given.items()
        if not fact_form.silent(key, value)
    ]
    assumed = [
        {"label": fact_form.field(key)["label"], "value": _assumed(value)}
        for key, value in answer.facts.assumed.items()
    ]
    return {"given": given, "assumed": assumed, "missing": list(_missing(answer, shelf))}


def _assumed(value: Value) -> str:
    return clean(fact_form.shown("", value))


def _missing(answer: Answer, shelf: Shelf) -> Iterator[dict[str, Any]]:
    for each in answer.facts.missing:
        made = fact_form.field(each.key)
        if made["kind"] == "version":
            named = dict.fromkeys(finding.license for finding in answer.findings)
            made["options"] = [{"value": id, "label": _title(id, shelf)} for id in named]
        yield made | {"value": "", "ask": clean(each.ask), "flips": clean(each.changes)}


def _coverage(coverage: Sequence[Coverage], shelf: Shelf, catalog: Catalog) -> str:
    """Return in one sentence how much was searched, the policies that are read with a license named as such."""
    if not coverage:
        return ""
    considered, of = sum(each.clauses_considered for each in coverage), sum(each.of for each in coverage)
    policies = [each for each in coverage if _is_policy(each.document, catalog)]
    texts = [each for each in coverage if each not in policies]
    if len(texts) == 1:
        text = texts[0]
        whole = f"{text.clauses_considered} of {text.of} clauses of {_title(text.document, shelf)}"
        more = [f"{each.clauses_considered} of {each.of} of {_title(each.document, shelf)}" for each in policies]
        return f"Searched {' and '.join([whole, *more])}."
    beside = ", one of them a policy read with its license" if len(policies) == 1 else ""
    if len(policies) > 1:
        beside = f", {len(policies)} of them policies read with the licenses"
    return f"Searched {considered} of {of} clauses in {len(coverage)} texts{beside}."


def _is_policy(id: str, catalog: Catalog) -> bool:
    known = catalog.get(id)
    return known is not None and known.kind != "license"


def _citation(of: Citation) -> dict[str, Any]:
    """Return what a marker says of itself; the clause is fetched when it is opened."""
    return {
        "n": of.n,
        "place": clean(f"{of.title}, {of.clause}"),
        "state": of.state,
        "means": said("state", of.state),
    }


def _text(of: Record) -> dict[str, Any]:
    return {
        "title": clean(of.title),
        "version": of.version or "",
        "sha256": of.origin.sha256,
        "retrieved": of.origin.retrieved,
        "url": address(of.id),
    }


def _title(id: str, shelf: Shelf) -> str:
    record = shelf.records.get(id)
    return clean(record.title) if record else id
