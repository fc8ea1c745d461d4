"""Two texts side by side: clauses added, dropped, moved and changed, word by word, and the rights and duties gained and lost."""

import difflib
import re
from bisect import bisect_left
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Literal, Protocol

from rapidfuzz import fuzz

from corpus.curated import ABSENT, settled
from corpus.types import Clause, Document, Term

Kind = Literal["same", "changed", "moved", "added", "dropped"]
# Below this likeness two clauses are no longer one that was changed.
_ALIKE = 62.0
# How a quotation mark is drawn is no difference.
_PLAIN = str.maketrans("“”„‘’‚", "\"\"\"'''")
Key = tuple[str, str, tuple[str, ...], float | None]
_TOKEN = re.compile(r"\w+|[^\w\s]|\s+")


class Texts(Protocol):
    """Documents with their clauses and terms."""

    @property
    def documents(self) -> Mapping[str, Document]:
        """Return the documents by id."""

    def clauses(self, id: str) -> tuple[Clause, ...]:
        """Return the clauses of a document."""

    def terms(self, id: str) -> tuple[Term, ...]:
        """Return the terms of a document."""


@dataclass(frozen=True, slots=True)
class Piece:
    """A stretch of a changed clause: `equal`, `delete` (of the first text) or `insert` (of the second)."""

    op: str
    text: str


@dataclass(frozen=True, slots=True)
class Change:
    """One clause of either text and its counterpart; `words` tells what changed, empty for what is the same or stands alone."""

    kind: Kind
    before: Clause | None
    after: Clause | None
    words: tuple[Piece, ...] = ()


@dataclass(frozen=True, slots=True)
class Fact:
    """A right or duty: the act, how it is put, what it demands exactly, above which amount."""

    act: str
    modality: str
    exact: tuple[str, ...]
    amount: float | None
    clause: str
    document: str


@dataclass(frozen=True, slots=True)
class Comparison:
    """The changes in the order of the second text, dropped clauses where they stood; facts that one text has and the other lacks."""

    changes: tuple[Change, ...]
    lost: tuple[Fact, ...]
    gained: tuple[Fact, ...]


def compare(texts: Texts, first: str, second: str) -> Comparison:
    """Return the differences of two documents on file, from the first to the second.

    Raise UnknownDocument if one of them is not on file.
    """
    a, b = texts.documents[first], texts.documents[second]
    changes = tuple(_changes(a, texts.clauses(first), b, texts.clauses(second)))
    before, after = _facts(texts.terms(first)), _facts(texts.terms(second))
    return Comparison(changes, _only(before, after), _only(after, before))


def words(before: str, after: str) -> tuple[Piece, ...]:
    """Return the pieces of a change by words; the `equal` and `delete` ones give the first text, `equal` and `insert` the second."""
    a, b = _TOKEN.findall(before), _TOKEN.findall(after)
    pieces: list[Piece] = []
    for op, i, j, k, m in difflib.SequenceMatcher(None, a, b, autojunk=False).get_opcodes():
        if op == "equal":
            pieces.append(Piece("equal", "".join(a[i:j])))
        if op in ("delete", "replace"):
            pieces.append(Piece("delete", "".join(a[i:j])))
        if op in ("insert", "replace"):
            pieces.append(Piece("insert", "".join(b[k:m])))
    return tuple(pieces)


def _folded(document: Document, clause: Clause) -> str:
    return " ".join(clause.span.of(document.text).translate(_PLAIN).split())


def _changes(a: Document, first: Sequence[Clause], b: Document, second: Sequence[Clause]) -> Iterator[Change]:
    left, right = [_folded(a, c) for c in first], [_folded(b, c) for c in second]
    pairs = _paired(left, right)
    kept = _in_order([pairs[j] for j in sorted(pairs)])
    pending = 0
    for j, clause in enumerate(second):
        i = pairs.get(j)
        if i is not None and i in kept:
            yield from (
                Change("dropped", first[n], None) for n in range(pending, i) if n not in pairs.values() and left[n]
            )
            pending = i + 1
        if i is None:
            if right[j]:
                yield Change("added", None, clause)
        elif left[i] == right[j]:
            yield Change("same" if i in kept else "moved", first[i], clause)
        else:
            yield Change("changed", first[i], clause, words(left[i], right[j]))
    yield from (
        Change("dropped", first[n], None) for n in range(pending, len(first)) if n not in pairs.values() and left[n]
    )


def _paired(left: Sequence[str], right: Sequence[str]) -> dict[int, int]:
    """Return for each clause of the second text that has a counterpart the index of that in the first: equal ones, then alike ones."""
    pairs: dict[int, int] = {}
    taken: set[int] = set()
    places: dict[str, list[int]] = {}
    for i, text in enumerate(left):
        places.setdefault(text, []).append(i)
    for j, text in enumerate(right):
        free = [i for i in places.get(text, ()) if i not in taken]
        if text and free:
            pairs[j] = free[0]
            taken.add(free[0])
    open_left = [i for i in range(len(left)) if i not in taken and left[i]]
    scored = [
        (score, -abs(i - j), i, j)
        for j in range(len(right))
        if j not in pairs and right[j]
        for i in open_left
        if (score := fuzz.ratio(left[i], right[j], score_cutoff=_ALIKE)) > 0
    ]
    for _, _, i, j in sorted(scored, reverse=True):
        if j not in pairs and i not in taken:
            pairs[j] = i
            taken.add(i)
    return pairs


def _in_order(sequence: Sequence[int]) -> set[int]:
    """Return the longest part of a sequence that ascends: what is not in it was moved."""
    tails: list[int] = []
    ends: list[int] = []
    back: list[int] = []
    for n, value in enumerate(sequence):
        at = bisect_left(tails, value)
        back.append(ends[at - 1] if at else -1)
        tails[at : at + 1] = [value]
        ends[at : at + 1] = [n]
    found: set[int] = set()
    n = ends[-1] if ends else -1
    while n >= 0:
        found.add(sequence[n])
        n = back[n]
    return found


def _facts(terms: Iterable[Term]) -> dict[Key, Fact]:
    """Return the facts of a document by what they say; of several clauses that say the same the first counts."""
    found: dict[Key, Fact] = {}
    for term in settled(terms):
        if term.modality in (ABSENT, "defines") or term.act in ("prohibited-use", "definition"):
            continue
        exact = tuple(c.exact for c in term.conditions if c.exact)
        amount = term.trigger.amount if term.trigger else None
        clause = term.clause_id.partition("#")[2]
        fact = Fact(term.act, term.modality, exact, amount, clause, term.document_id)
        found.setdefault((fact.act, fact.modality, fact.exact, fact.amount), fact)
    return found


def _only(
    one: dict[Key, Fact],
    other: dict[Key, Fact],
) -> tuple[Fact, ...]:
    return tuple(fact for key, fact in one.items() if key not in other)
