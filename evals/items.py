"""Gold items: questions and claims with the evidence that a right answer must cite, read line by line and held to the texts.

Form and meaning of the fields: `evals/gold/README.md`.
"""

import json
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any, TypeVar, get_args

from corpus.errors import InputError
from corpus.store import Store
from evals.recall import fold
from rag.types import Turn, Verdict

GOLD = Path(__file__).parent / "gold"
QUESTIONS, CLAIMS = GOLD / "questions.jsonl", GOLD / "claims.jsonl"
TEXTS = GOLD / "texts"
USER_FILE = "user-file"
VERDICTS = frozenset(get_args(Verdict))
LABELS = frozenset(("supported", "contradicted", "not_enough_info"))
SHORTEST, LONGEST = 10, 300  # characters of a quote: an anchor, not a copy of the text


@dataclass(frozen=True, slots=True)
class Evidence:
    """A short quote of a document that a right answer must cite; `clause` is the part of its clause's id after `#`."""

    document: str
    quote: str
    clause: str = ""


@dataclass(frozen=True, slots=True)
class Item:
    """One gold question: the accepted verdicts, what must be cited, what is welcome beside it, what must and must not be said."""

    id: str
    question: str
    evidence: tuple[Evidence, ...]
    history: tuple[Turn, ...] = ()
    optional: tuple[Evidence, ...] = ()
    category: str = ""
    licenses: tuple[str, ...] = ()
    verdicts: tuple[str, ...] = ()
    must_mention: tuple[tuple[str, ...], ...] = ()
    must_not_mention: tuple[str, ...] = ()
    slices: tuple[str, ...] = ()
    held_out: bool = False
    rationale: str = ""


@dataclass(frozen=True, slots=True)
class Claim:
    """One gold claim with its label, and other labels that careful readers may give."""

    id: str
    claim: str
    label: str
    evidence: tuple[Evidence, ...] = ()
    licenses: tuple[str, ...] = ()
    also: tuple[str, ...] = ()
    held_out: bool = False


One = TypeVar("One", Item, Claim)


def load(path: Path) -> tuple[Item, ...]:
    """Return the questions of a gold file.

    Raise InputError, naming the line, if one has not the form of a gold question or an id stands twice.
    """
    return tuple(_unique(path, ((n, _read(path, n, line, _question)) for n, line in _lines(path))))


def load_claims(path: Path) -> tuple[Claim, ...]:
    """Return the claims of a gold file.

    Raise InputError, naming the line, if one has not the form of a gold claim or an id stands twice.
    """
    return tuple(_unique(path, ((n, _read(path, n, line, _claim)) for n, line in _lines(path))))


def question(row: Mapping[str, Any]) -> Item:
    """Return the question that a JSON object holds.

    Raise KeyError, TypeError or ValueError, which says what is wrong, for another object.
    """
    return _question(row)


def problems(items: Iterable[Item | Claim], store: Store) -> Iterator[str]:
    """Yield what is wrong between items and texts: a document not on file, a clause that is none of its, a quote not in it."""
    for item in items:
        welcome = item.optional if isinstance(item, Item) else ()
        for each in (*item.evidence, *welcome):
            if each.document not in store.documents:
                yield f"{item.id}: {each.document} is not on file"
                continue
            text = store.documents[each.document].text
            if not SHORTEST <= len(each.quote) <= LONGEST:
                yield f"{item.id}: a quote has {len(each.quote)} characters; {SHORTEST} to {LONGEST} are right"
            if fold(each.quote) not in fold(text):
                yield f"{item.id}: “{each.quote[:60]}” does not stand in {each.document}"
            elif each.clause:
                yield from _of_clause(item.id, each, store, text)


def _of_clause(id: str, each: Evidence, store: Store, text: str) -> Iterator[str]:
    clauses = {c.path: c for c in store.clauses(each.document)}
    if each.clause not in clauses:
        yield f"{id}: {each.document} has no clause {each.clause}"
        return
    begun = " ".join(each.quote.split()[:4])
    if fold(begun) not in fold(clauses[each.clause].span.of(text)):
        yield f"{id}: “{each.quote[:60]}” does not begin in clause {each.clause} of {each.document}"


def _lines(path: Path) -> Iterator[tuple[int, str]]:
    try:
        lines = path.read_text(encoding="utf-8").splitlines()
    except (OSError, UnicodeDecodeError) as error:
        raise InputError(
            f"{path} cannot be read ({error}); name a file of gold items, one JSON object a line"
        ) from error
    return ((number, line) for number, line in enumerate(lines, start=1) if line.strip())


def _read(path: Path, number: int, line: str, made: Callable[[Mapping[str, Any]], One]) -> One:
    try:
        return made(json.loads(line))
    except (ValueError, KeyError, TypeError, AttributeError) as error:
        raise InputError(f"{path}, line {number} is not a gold item ({error!r}); mend the line") from error


def _unique(path: Path, rows: Iterable[tuple[int, One]]) -> Iterator[One]:
    seen: dict[str, int] = {}
    for number, item in rows:
        if item.id in seen:
            raise InputError(f"{path}, line {number}: the id {item.id} stands in line {seen[item.id]} too; rename one")
        seen[item.id] = number
        yield item


def _evidence(rows: Iterable[Mapping[str, Any]] | None) -> tuple[Evidence, ...]:
    return tuple(Evidence(str(r["license"]), str(r["quote"]), str(r.get("clause") or "")) for r in rows or ())


def _question(row: Mapping[str, Any]) -> Item:
    verdicts = tuple(row.get("verdict") or ())
    if set(verdicts) - VERDICTS:
        raise ValueError(f"unknown verdict in {list(verdicts)}")
    return Item(
        str(row["id"]),
        str(row["question"]),
        _evidence(row.get("evidence")),
        tuple(Turn(str(turn["role"]), str(turn["content"])) for turn in row.get("history") or ()),
        _evidence(row.get("optional_evidence")),
        str(row.get("category") or ""),
        tuple(map(str, row.get("licenses") or ())),
        verdicts,
        tuple(tuple(map(str, group)) for group in row.get("must_mention") or ()),
        tuple(map(str, row.get("must_not_mention") or ())),
        tuple(map(str, row.get("slices") or ())),
        bool(row.get("held_out")),
        str(row.get("rationale") or ""),
    )


def _claim(row: Mapping[str, Any]) -> Claim:
    if row["label"] not in LABELS:
        raise ValueError(f"unknown label {row['label']!r}")
    return Claim(
        str(row["id"]),
        str(row["claim"]),
        str(row["label"]),
        _evidence(row.get("evidence")),
        tuple(map(str, row.get("licenses") or ())),
        (also,) if isinstance(also := row.get("also_acceptable") or (), str) else tuple(map(str, also)),
        bool(row.get("held_out")),
    )
