"""The rights card of a license: what it and the documents read with it say, act by act, each with its clause."""

import dataclasses
from collections.abc import Iterator, Mapping
from typing import Any, Protocol

from corpus.catalog import Catalog, License
from corpus.curated import RULE, settled
from corpus.errors import UnknownDocument
from corpus.sentences import quote_span
from corpus.tags import tags
from corpus.types import Document, Modality, Term
from ui import open_label
from ui.near import unknown
from ui.render import bullets, escape

_GROUPS: Mapping[Modality, str] = {
    "permitted": "Permitted",
    "permitted-if": "Permitted under conditions",
    "requires-separate-license": "Needs a separate license",
    "prohibited": "Prohibited",
    "must": "Duties",
    "encouraged": "Encouraged",
    "unclear": "Unclear",
    "defines": "Also settled",
}


class Texts(Protocol):
    """What the card needs of the store."""

    @property
    def documents(self) -> Mapping[str, Document]:
        """Return the documents by id."""

    def resolve(self, id: str) -> str:
        """Return the id of the document that an id or alias names."""

    def terms(self, id: str) -> tuple[Term, ...]:
        """Return the terms of a document."""


def listing(catalog: Catalog) -> list[dict[str, Any]]:
    """Return a row for each license of the catalog, policies and notices included, in the order of the ids."""
    return [_head(catalog, entry) for _, entry in sorted(catalog.licenses.items())]


def card(catalog: Catalog, store: Texts, id: str) -> dict[str, Any]:
    """Return the rights card of a license, or of any other document on file.

    Raise UnknownDocument, naming near ids, if there is none.
    """
    try:
        found = store.resolve(catalog.renamed.get(id, id))
    except UnknownDocument:
        elsewhere = "clausewise licenses list"
        raise unknown("license", id, {*catalog.licenses, *store.documents}, elsewhere) from None
    entry = catalog.get(found)
    head = _head(catalog, entry) if entry else _own(store.documents[found])
    head["bundle"] += [id for id in catalog.policies(head["id"]) if id in store.documents and id not in head["bundle"]]
    members = [member for member in (head["id"], *head["bundle"]) if member in store.documents]
    terms = [term for member in members for term in settled(store.terms(member))]
    facts = [fact for term in terms for fact in _facts(store, term)]
    return {**head, "facts": facts, "tags": {group: list(words) for group, words in tags(terms).items()}}


def _head(catalog: Catalog, entry: License) -> dict[str, Any]:
    return {
        "id": entry.id,
        "title": entry.title,
        "kind": entry.kind,
        "spdx": entry.spdx,
        "family": entry.family,
        "version": entry.version or entry.version_date,
        "version_date": entry.version_date,
        "licensor": entry.licensor,
        "bundle": [id for id in catalog.bundle(entry.id) if id != entry.id],
        "external": [dataclasses.asdict(policy) for policy in entry.external],
        "class": entry.class_,
        "osi_approved": entry.osi_approved,
    }


def _own(document: Document) -> dict[str, Any]:
    """Return the head of the card of a document that the catalog does not describe: a user's own file."""
    known = {"id": document.id, "title": document.title, "kind": document.kind, "version": document.version}
    absent = dict.fromkeys(("spdx", "family", "version_date", "licensor", "osi_approved"))
    return {**absent, **known, "bundle": [], "external": [], "class": "other"}


def _facts(store: Texts, term: Term) -> Iterator[dict[str, Any]]:
    if term.modality not in _GROUPS:
        return
    document = store.documents[term.document_id]
    span = quote_span(document.text, term.span)
    yield {
        "asset": term.asset,
        "act": term.act,
        "modality": term.modality,
        "conditions": [dataclasses.asdict(condition) for condition in term.conditions],
        "trigger": dataclasses.asdict(term.trigger) if term.trigger else None,
        "document": document.id,
        "clause": term.clause_id.partition("#")[2],
        "quote": span.of(document.text),
        "start": span.start,
        "end": span.end,
        "origin": "curated" if term.rule == RULE else "rule",
    }


def markdown(of: Mapping[str, Any]) -> str:
    """Return a rights card as Markdown."""
    parts = [
        f"# {escape(of['title'])}",
        _head_line(of),
        bullets("Read together with", map(escape, of["bundle"])),
        bullets(
            "Named in the text, not on file", (f"{escape(p['title'])}, {escape(p['address'])}" for p in of["external"])
        ),
        open_label.markdown(of["openness"]) if "openness" in of else "",
        bullets("Tags", (f"{group}: {', '.join(words)}" for group, words in of["tags"].items() if words)),
    ]
    parts += [bullets(title, (_fact_line(of, same) for same in sentences)) for title, sentences in grouped(of)]
    parts.append("*Read from the text by reviewers and by rules; follow each clause. Information, not legal advice.*")
    return "\n\n".join(part for part in parts if part) + "\n"


def grouped(of: Mapping[str, Any]) -> Iterator[tuple[str, list[list[Mapping[str, Any]]]]]:
    """Yield the facts of a card under the words that say how they are put, those of one sentence together."""
    for modality, title in _GROUPS.items():
        facts = [fact for fact in of["facts"] if fact["modality"] == modality]
        if facts:
            yield title, list(_by_quote(facts))


def notes(same: list[Mapping[str, Any]]) -> tuple[str, ...]:
    """Return the conditions and thresholds of the facts of one sentence in words."""
    found = (note for each in same for note in (*map(_condition, each["conditions"]), _trigger(each["trigger"])))
    return tuple(dict.fromkeys(filter(None, found)))


def _head_line(of: Mapping[str, Any]) -> str:
    approved = {True: "OSI approved", False: "not OSI approved", None: "OSI approval not known"}[of["osi_approved"]]
    words = [f"id {of['id']}", of["spdx"] and f"SPDX {of['spdx']}", of["version"] and f"version {of['version']}"]
    dated = of["version_date"] if of["version_date"] != of["version"] else None
    words += [dated and f"of {dated}", of["licensor"] and f"by {of['licensor']}", of["class"], approved]
    return escape(", ".join(word for word in words if word))


def _by_quote(facts: list[Mapping[str, Any]]) -> Iterator[list[Mapping[str, Any]]]:
    """Yield the facts that one sentence holds together, in text order."""
    groups: dict[tuple[str, int, int, str], list[Mapping[str, Any]]] = {}
    for fact in facts:
        groups.setdefault((fact["document"], fact["start"], fact["end"], fact["asset"]), []).append(fact)
    yield from groups.values()


def _fact_line(of: Mapping[str, Any], same: list[Mapping[str, Any]]) -> str:
    fact = same[0]
    elsewhere = f"{fact['document']} " if fact["document"] != of["id"] else ""
    noted = "; ".join(map(escape, notes(same)))
    acts = ", ".join(dict.fromkeys(each["act"].replace("-", " ") for each in same))
    place = escape(f"{elsewhere}clause {fact['clause']}")
    quoted = f"“{escape(fact['quote'])}”"
    return f"**{escape(acts)}** ({escape(fact['asset'])}), {place}: {quoted}" + (f" ({noted})" if noted else "")


def _condition(condition: Mapping[str, Any]) -> str:
    exact = f" “{condition['exact']}”" if condition["exact"] else ""
    when = f" on {condition['trigger'].replace('-', ' ')}" if condition["trigger"] else ""
    return f"{condition['kind'].replace('-', ' ')}{exact}{when}"


def _trigger(trigger: Mapping[str, Any] | None) -> str:
    if trigger is None:
        return ""
    amount = f" above {trigger['amount']:,.0f}" if trigger["amount"] is not None else ""
    words = [trigger["subject"], f"{trigger['measure'] or ''}{amount}".strip(), trigger["scope"], trigger["moment"]]
    return ", ".join(word for word in words if word)
