"""Curated facts: what reviewers found a license to say, as terms beside those that the rules find.

`data/facts/<document id>.toml` is reviewed data. Each fact is anchored by a few words in a clause; a fact whose words do not stand in
that clause is no fact, and its act falls back on the rules. See `data/facts/README.md` for the fields and words.
"""

import re
import tomllib
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any, get_args

from corpus.errors import DataError
from corpus.sentences import sentences
from corpus.types import Clause, Condition, Document, Modality, Span, Term, Trigger

RULE = "curated"
ABSENT: Modality = "not-addressed"
FOLDER = Path(__file__).parent / "data" / "facts"
_FACT = frozenset("acts modality clause anchor asset conditions threshold".split())
_CONDITION = frozenset("kind exact who trigger strength".split())
_THRESHOLD = frozenset("subject measure amount scope moment".split())
_STRENGTHS = frozenset(("condition", "covenant", "encouraged"))


@dataclass(frozen=True, slots=True)
class Fact:
    """One entry of a file: what the clause says of each of `acts`, with the words that it is anchored by."""

    acts: tuple[str, ...]
    modality: Modality
    clause: str
    anchor: str
    asset: str
    conditions: tuple[Condition, ...]
    trigger: Trigger | None


@dataclass(frozen=True, slots=True)
class Facts:
    """The facts of one document, and the acts and topics that it was found not to address."""

    document: str
    facts: tuple[Fact, ...]
    absent: tuple[str, ...]

    @property
    def acts(self) -> frozenset[str]:
        """Return all acts and topics that the file settles."""
        return frozenset(self.absent).union(*(fact.acts for fact in self.facts))


def load(id: str, folder: Path = FOLDER) -> Facts | None:
    """Return the facts of a document, or None if nobody has written them.

    Raise DataError, naming file and entry, if the file does not hold what it must.
    """
    path = folder / f"{id}.toml"
    if not path.is_file():
        return None
    return parse(path.read_text(encoding="utf-8"), id)


def ids(folder: Path = FOLDER) -> tuple[str, ...]:
    """Return the ids of the documents that have curated facts."""
    return tuple(sorted(path.stem for path in folder.glob("*.toml")))


def parse(source: str, id: str) -> Facts:
    """Return the facts that a TOML text holds for the document `id`.

    Raise DataError, naming the entry, for an unknown field or word.
    """
    try:
        data = tomllib.loads(source)
    except tomllib.TOMLDecodeError as error:
        raise DataError(f"facts of {id}: not TOML: {error}") from error
    _only(f"facts of {id}", data, frozenset(("license", "fact", "absent")))
    if data.get("license") != id:
        raise DataError(f"facts of {id}: license must be {id!r}, as the file is called")
    facts = tuple(_fact(f"facts of {id}, fact {n}", entry) for n, entry in enumerate(data.get("fact", ()), start=1))
    absent = tuple(data.get("absent", ()))
    both = sorted(set(absent).intersection(*[{act for fact in facts for act in fact.acts}]))
    if both:
        raise DataError(f"facts of {id}: {both[0]} cannot be absent and have a fact")
    return Facts(id, facts, absent)


def _only(where: str, entry: Mapping[str, Any], fields: frozenset[str]) -> None:
    unknown = sorted(set(entry) - fields)
    if unknown:
        raise DataError(f"{where}: unknown field {unknown[0]}")


def _fact(where: str, entry: Mapping[str, Any]) -> Fact:
    _only(where, entry, _FACT)
    acts = entry.get("acts")
    words = [entry.get(name) for name in ("clause", "anchor")]
    if not (isinstance(acts, list) and acts and all(isinstance(a, str) and a for a in acts)):
        raise DataError(f"{where}: acts must be a list of words")
    if not all(isinstance(word, str) and word.strip() for word in words):
        raise DataError(f"{where}: needs clause and anchor")
    if entry.get("modality") not in get_args(Modality) or entry["modality"] == ABSENT:
        raise DataError(f"{where}: {entry.get('modality')!r} is not a modality of a fact")
    threshold = entry.get("threshold")
    if threshold is not None:
        _only(where, threshold, _THRESHOLD)
    return Fact(
        tuple(acts),
        entry["modality"],
        entry["clause"],
        entry["anchor"],
        entry.get("asset", "material"),
        tuple(_condition(where, condition) for condition in entry.get("conditions", ())),
        None if threshold is None else Trigger(**threshold),
    )


def _condition(where: str, entry: Mapping[str, Any]) -> Condition:
    _only(where, entry, _CONDITION)
    if "kind" not in entry or entry.get("strength", "condition") not in _STRENGTHS:
        raise DataError(f"{where}: a condition needs a kind, and a strength of {', '.join(sorted(_STRENGTHS))}")
    return Condition(**entry)


def find(anchor: str, text: str, within: Span) -> Span | None:
    """Return where the words of `anchor` stand in a part of a text, white space aside; None if they do not."""
    words = r"\s+".join(map(re.escape, anchor.split()))
    found = re.compile(words).search(text, within.start, within.end)
    return Span(*found.span()) if found else None


def terms(document: Document, clauses: Iterable[Clause], facts: Facts | None) -> tuple[Term, ...]:
    """Return the facts of a document as terms, each on the sentence that holds its anchor.

    An act of which any fact has lost its place in the text is left out whole: half of what is known may say the opposite.
    """
    if facts is None:
        return ()
    by_path = {clause.path: clause for clause in clauses}
    lost = {act for fact in facts.facts if _place(document, by_path, fact) is None for act in fact.acts}
    return tuple(_terms(document, by_path, facts, lost))


def unplaced(document: Document, clauses: Iterable[Clause], facts: Facts) -> tuple[Fact, ...]:
    """Return the facts whose anchor does not stand in the clause they name."""
    by_path = {clause.path: clause for clause in clauses}
    return tuple(fact for fact in facts.facts if _place(document, by_path, fact) is None)


def _place(document: Document, clauses: Mapping[str, Clause], fact: Fact) -> tuple[Clause, Span, Span] | None:
    """Return clause, sentence and anchor of a fact, or None if the anchor does not stand there."""
    clause = clauses.get(fact.clause)
    at = find(fact.anchor, document.text, clause.span) if clause else None
    if clause is None or at is None:
        return None
    for sentence in sentences(document.text, clause.span):
        if sentence.start <= at.start < sentence.end:
            return clause, sentence, Span(at.start, min(at.end, sentence.end))
    return None


def _terms(document: Document, clauses: Mapping[str, Clause], facts: Facts, lost: set[str]) -> Iterator[Term]:
    for fact in facts.facts:
        place = _place(document, clauses, fact)
        if place is None:
            continue
        clause, sentence, at = place
        for act in fact.acts:
            if act not in lost:
                yield Term(clause.id, sentence, fact.asset, act, fact.modality, fact.conditions, fact.trigger, RULE, at)
    first = next(iter(clauses.values()))
    for act in facts.absent:
        yield Term(first.id, Span(first.span.start, first.span.start), "material", act, ABSENT, rule=RULE)


def settled(terms: Iterable[Term]) -> tuple[Term, ...]:
    """Return the terms of a document as they count: what reviewers settled in place of what the rules found of the same act."""
    known = tuple(terms)
    acts = {term.act for term in known if term.rule == RULE}
    return tuple(term for term in known if (term.rule == RULE) or term.act not in acts)
