"""Terms by rules: what each sentence or list item of any text says about an act or a topic.

The rules are data (`data/terms.toml`); this module only applies them. A rule looks at one unit, a sentence or list item, and at its
context: the headings above it and the words that lead its list in. It does not decide anything: see `rag.rules`.
"""

import re
import tomllib
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from functools import cache
from importlib import resources
from typing import Any

from corpus.errors import DataError
from corpus.sentences import sentences
from corpus.types import Clause, Condition, Document, Modality, Span, Term, Trigger

_MODALITIES = frozenset(Modality.__args__)  # type: ignore[attr-defined]
_SCALE = {"thousand": 1e3, "k": 1e3, "million": 1e6, "m": 1e6, "billion": 1e9, "bn": 1e9, "b": 1e9}
_KEYS = frozenset(
    "id act each modality match also context unless kinds asset condition exact who trigger strength subject measure "
    "amount scope moment".split()
)


# `Section 12` and the like may stand before a heading.
_NUMBER_LENGTH = 12
_LEAD_LENGTH = 240
_SAYS = re.compile(r"\b(must|shall|may|can|will|is|are|not|grants|granted)\b", re.IGNORECASE)
# A sentence with a subject of its own: it begins with a capital, without the mark of an item, and holds a finite verb. One that
# says what the item counts ("A model competes if ...") still speaks of the item.
_WHOLE = re.compile(
    r"(?![^.;]{0,80}\b(competes?|counts?|means?|includes?|is|are) (if|when|where|as|any|all)\b)"
    r"[“\"]?[A-Z][a-z]*[ ,][^.]{0,200}?"
    r"\b(is|are|must|shall|may|can|will|does|do|applies|apply|remains?|ends?)\b"
)
# The heads of a table's columns, with the line of dashes below them.
_COLUMNS = re.compile(r"\|[^\n]*\n[ \t]*\|[ \t:|-]+$")
_LINE_END = re.compile(r"[\r\n\t\f\v]")
_INNER_POINT = re.compile(r"\.(?=\w)")


@dataclass(frozen=True, slots=True)
class Unit:
    """One sentence or list item of a clause; `context` is what stands above it: headings and the words that lead its list in."""

    clause: Clause
    span: Span
    context: str


@dataclass(frozen=True, slots=True)
class Rule:
    """One entry of `terms.toml`: a term of each of its `acts`, or of every act whose verb stands behind the match (`each`).

    `whole` looks for the verbs in the whole unit: "Redistribution and use are permitted" says them first.
    """

    id: str
    acts: tuple[str, ...]
    modality: Modality
    match: re.Pattern[str]
    also: tuple[re.Pattern[str], ...]
    context: re.Pattern[str] | None
    unless: re.Pattern[str] | None
    each: bool
    whole: bool
    kinds: frozenset[str]
    asset: str
    condition: Condition | None
    exact: re.Pattern[str] | None
    trigger: Trigger | None
    amount: re.Pattern[str] | None


@dataclass(frozen=True, slots=True)
class Rules:
    """All rules, and the table of verbs by act that `each` rules use."""

    rules: tuple[Rule, ...]
    verbs: Mapping[str, re.Pattern[str]]


def pattern(source: str) -> re.Pattern[str]:
    """Return the compiled pattern: case is ignored and a blank stands for any white space, so that wrapped lines match.

    `a ?b` and `a *b` make the white space optional. Raise DataError if the pattern does not compile.
    """
    try:
        return re.compile(re.sub(r" [?*]", r"\\s*", source).replace(" ", r"\s+"), re.IGNORECASE)
    except re.error as error:
        raise DataError(f"a pattern does not compile ({error}): {source}") from error


def _lowered(source: str) -> re.Pattern[str]:
    """Return the pattern for text that is in lower case already: several times as fast as ignoring case."""
    lower = re.sub(r"\\.|\(\?P|[A-Z]", lambda m: m.group().lower() if len(m.group()) == 1 else m.group(), source)
    return re.compile(pattern(lower).pattern)


def _rule(entry: Mapping[str, Any]) -> Rule:
    name = entry.get("id", "?")
    unknown = set(entry) - _KEYS
    if unknown:
        raise DataError(f"terms.toml: rule {name}: unknown field {sorted(unknown)[0]}")
    missing = {"id", "modality", "match"} - set(entry)
    if missing or entry["modality"] not in _MODALITIES or ("act" in entry) == bool(entry.get("each")):
        raise DataError(f"terms.toml: rule {name}: needs id, match, a known modality, and either act or each")
    condition = None
    if "condition" in entry:
        condition = Condition(
            entry["condition"], None, entry.get("who"), entry.get("trigger"), entry.get("strength", "condition")
        )
    trigger = None
    if "measure" in entry:
        trigger = Trigger(entry.get("subject"), entry["measure"], None, entry.get("scope"), entry.get("moment"))
    return Rule(
        id=name,
        acts=tuple(entry["act"].split()) if "act" in entry else (),
        modality=entry["modality"],
        match=_lowered(entry["match"]),
        also=tuple(_lowered(p) for p in entry.get("also", ())),
        context=_lowered(entry["context"]) if "context" in entry else None,
        unless=_lowered(entry["unless"]) if "unless" in entry else None,
        each="each" in entry,
        whole=entry.get("each") == "whole",
        kinds=frozenset(entry.get("kinds", ())),
        asset=entry.get("asset", "material"),
        condition=condition,
        exact=pattern(entry["exact"]) if "exact" in entry else None,
        trigger=trigger,
        amount=_lowered(entry["amount"]) if "amount" in entry else None,
    )


def parse(source: str) -> Rules:
    """Return the rules of a TOML text.

    Raise DataError naming the rule and what is wrong with it.
    """
    try:
        data = tomllib.loads(source)
    except tomllib.TOMLDecodeError as error:
        raise DataError(f"terms.toml does not parse: {error}") from error
    rules = tuple(_rule(entry) for entry in data.get("rule", ()))
    seen: set[str] = set()
    for rule in rules:
        if rule.id in seen:
            raise DataError(f"terms.toml: rule {rule.id} stands twice")
        seen.add(rule.id)
    return Rules(rules, {act: _lowered(verb) for act, verb in data.get("verbs", {}).items()})


@cache
def load() -> Rules:
    """Return the product's rules."""
    return parse(resources.files("corpus").joinpath("data/terms.toml").read_text(encoding="utf-8"))


def units(document: Document, clauses: tuple[Clause, ...]) -> Iterator[Unit]:
    """Yield every sentence and list item of `clauses` in text order, with its context."""
    by_id = {clause.id: clause for clause in clauses}
    columns = ""
    for clause in clauses:
        path = []
        above: Clause | None = clause
        while above is not None:
            parent = by_id.get(above.parent) if above.parent else None
            # The words that lead an outer list in ("You may not use it for:") reach its inner lists too.
            path += [_lead(document, above, parent), above.heading]
            above = parent
        above_it = " / ".join(filter(None, [document.title, *reversed(path[1:]), path[0]]))
        # A whole sentence behind an item of a list is no part of the list any more.
        alone = " / ".join(filter(None, [document.title, *reversed(path[1::2])]))
        for place, span in enumerate(sentences(document.text, clause.span)):
            if _COLUMNS.match(document.text, span.start, span.end):
                columns = span.of(document.text).partition("\n")[0].strip()
            elif columns and document.text.startswith("|", span.start):
                # A row says little without the heads of its columns.
                yield Unit(clause, span, f"{above_it} / {columns}")
                continue
            else:
                columns = ""
            apart = place > 0 and any(path[::2]) and _WHOLE.match(span.of(document.text)) is not None
            yield Unit(clause, span, alone if apart else above_it)


def _lead(document: Document, clause: Clause, parent: Clause | None) -> str:
    """Return the words that lead the clause in: its own lead-in, or the end of its parent's text if that announces a list."""
    if clause.lead_in is not None:
        return clause.lead_in.of(document.text)
    above = parent.span.of(document.text).rstrip()[-_LEAD_LENGTH:] if parent else ""
    return above if above.endswith(":") else ""


def _only_heading(unit: Unit, text: str) -> bool:
    """Return True if a unit is no more than the heading of its clause: it announces, and says nothing."""
    said, heading = _plain(text), _plain(unit.clause.heading)
    if _SAYS.search(text):
        return False
    return bool(heading) and said.endswith(heading) and len(said) - len(heading) <= _NUMBER_LENGTH


def _plain(text: str) -> str:
    return "".join(filter(str.isalnum, text.lower()))


def _amount(found: re.Match[str] | None) -> float | None:
    """Return the number of a match with the groups `number` and, optionally, `scale`; None if it is not one."""
    if found is None:
        return None
    digits = found.group("number").replace(",", "").replace("\u2024", ".").rstrip(".")
    try:
        value = float(digits)
    except ValueError:
        return None
    scale = (found.groupdict().get("scale") or "").lower()
    return value * _SCALE.get(scale, 1.0)


def _applies(rule: Rule, document: Document, context: str, text: str) -> re.Match[str] | None:
    if rule.kinds and document.kind not in rule.kinds:
        return None
    found = rule.match.search(text)
    if found is None or any(p.search(text) is None for p in rule.also):
        return None
    if rule.unless is not None and rule.unless.search(text):
        return None
    if rule.context is not None and not rule.context.search(f"{context} / {text}"):
        return None
    return found


def _terms(rule: Rule, rules: Rules, document: Document, unit: Unit, read: tuple[str, str]) -> Iterator[Term]:
    context, text = read
    found = _applies(rule, document, context, text)
    if found is None:
        return
    conditions: tuple[Condition, ...] = ()
    if rule.condition is not None:
        exact = rule.exact.search(_LINE_END.sub(" ", unit.span.of(document.text))) if rule.exact else None
        quoted = " ".join(exact.group("exact").split()) if exact else None
        base = rule.condition
        conditions = (Condition(base.kind, quoted, base.who, base.trigger, base.strength),)
    trigger = rule.trigger
    if trigger is not None and rule.amount is not None:
        amount = _amount(rule.amount.search(text))
        trigger = Trigger(trigger.subject, trigger.measure, amount, trigger.scope, trigger.moment)
    acts = rule.acts
    if rule.each:
        begin = 0 if rule.whole else found.end()
        acts = tuple(act for act, verb in rules.verbs.items() if verb.search(text, begin))
    for act in acts:
        yield Term(unit.clause.id, unit.span, rule.asset, act, rule.modality, conditions, trigger, rule.id)


def extract(document: Document, clauses: tuple[Clause, ...], rules: Rules | None = None) -> tuple[Term, ...]:
    """Return all terms that the rules find in the clauses of `document`, in text order, then in rule order."""
    applied = rules or load()
    return tuple(
        term
        for unit in units(document, clauses)
        if not _only_heading(unit, unit.span.of(document.text))
        for read in ((unit.context.lower(), readable(unit.span.of(document.text))),)
        for rule in applied.rules
        for term in _terms(rule, applied, document, unit, read)
    )


def readable(text: str) -> str:
    """Return a unit's words as rules see them: lower case, on one line, and the point in `version 3.1` ends no sentence."""
    return _INNER_POINT.sub("\u2024", _LINE_END.sub(" ", text.lower()))
