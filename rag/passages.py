"""Clauses to passages, the units of retrieval: windows on sentence ends, indexed with what stands above them."""

import re
from collections.abc import Callable, Iterator, Mapping, Sequence
from typing import Any

from corpus.sentences import sentences
from corpus.types import Clause, Document, Span
from rag.types import Passage

Count = Callable[[Sequence[str]], list[int]]

MAX_PIECES = 200
_HEADING_CHARACTERS = 160
_LEAD_CHARACTERS = 160
_WORD = re.compile(r"\w")
_LONG_WORD = re.compile(r"[^\W\d_]{3,}")
_SPACE = re.compile(r"\s+")
# A too long sentence is cut where a reader would take a breath, else at a space, else in the middle.
_BREAKS = (re.compile(r"[;:,](?=\s)"), re.compile(r"(?=\s)"))


def passages(document: Document, clauses: Sequence[Clause], count: Count) -> tuple[Passage, ...]:
    """Return the passages of a document in text order.

    `count` tells how many pieces the embedding model reads of each text; a passage has at most 200, context aside. A
    clause that is nothing but the heading of others is none: its words stand in the context of each of them.
    """
    text = document.text
    by_id = {clause.id: clause for clause in clauses}
    parents = {clause.parent for clause in clauses}
    found = []
    for clause, units in _units(text, clauses, count):
        if clause.id in parents and _is_heading(clause, text):
            continue
        for span in _windows(units):
            found.append(Passage(clause.id, span, _indexed(document, clause, by_id, squeeze(span.of(text)))))
    return tuple(found)


def _units(text: str, clauses: Sequence[Clause], count: Count) -> Iterator[tuple[Clause, list[tuple[Span, int]]]]:
    """Yield the clauses that have words, each with its sentences and their sizes in pieces."""
    split = [
        (clause, [span for span in sentences(text, clause.span) if _WORD.search(span.of(text))]) for clause in clauses
    ]
    # Counted in one call: the tokenizer takes longer to begin than to read a sentence.
    sizes = iter(count([span.of(text) for _, spans in split for span in spans]))
    for clause, spans in split:
        sized = [(span, next(sizes)) for span in spans]
        if sized:
            yield clause, [part for span, size in sized for part in _cut(text, span, size, count)]


def meaning(passage: Passage) -> str:
    """Return the indexed text without its first line, title and number: the same for the same words in twenty licenses."""
    return passage.text.partition("\n")[2]


def squeeze(text: str) -> str:
    """Return the text on one line, each run of white space as one blank."""
    return _SPACE.sub(" ", text).strip()


def _indexed(document: Document, clause: Clause, by_id: Mapping[str, Clause], body: str) -> str:
    """Return what is indexed: title and number; headings above and the words of the lead-in; the words themselves."""
    headings: list[str] = []
    at: Clause | None = clause
    while at is not None:
        heading = squeeze(at.heading)
        # A clause mostly begins with its own heading: once is enough.
        if heading and heading not in headings and not (at is clause and heading in body):
            headings.append(heading)
        at = by_id.get(at.parent) if at.parent else None
    lead = squeeze(clause.lead_in.of(document.text))[-_LEAD_CHARACTERS:] if clause.lead_in else ""
    above = ": ".join(filter(None, [" > ".join(reversed(headings))[:_HEADING_CHARACTERS], lead]))
    return "\n".join(filter(None, [squeeze(f"{document.title} {clause.number}"), above, body]))


def _is_heading(clause: Clause, text: str) -> bool:
    """Return True if the clause's own text is its heading, with at most a number and a word like `Section` before it."""
    own, heading = squeeze(clause.span.of(text)), squeeze(clause.heading)
    return bool(heading) and len(_LONG_WORD.findall(own.replace(heading, "", 1))) <= 1


def _windows(units: Sequence[tuple[Span, int]]) -> Iterator[Span]:
    """Yield spans of whole sentences, each within the limit of pieces."""
    first, last = units[0][0], units[0][0]
    total = 0
    for span, size in units:
        if total and total + size > MAX_PIECES:
            yield Span(first.start, last.end)
            first, total = span, 0
        last = span
        total += size
    yield Span(first.start, last.end)


def _cut(text: str, span: Span, size: int, count: Count) -> Iterator[tuple[Span, int]]:
    """Yield the sentence with its size, halved until each part is within the limit."""
    if size <= MAX_PIECES or len(span) < 2:
        yield span, size
        return
    middle = (span.start + span.end) // 2
    found = ([match.end() for match in breaks.finditer(text, span.start + 1, span.end - 1)] for breaks in _BREAKS)
    places = next(filter(None, found), [middle])
    at = min(places, key=lambda place: abs(place - middle))
    halves = (Span(span.start, at), Span(at, span.end))
    for half, pieces in zip(halves, count([half.of(text) for half in halves]), strict=True):
        yield from _cut(text, half, pieces, count)


def passage_row(passage: Passage) -> dict[str, Any]:
    """Return a passage as a JSON object."""
    return {
        "clause": passage.clause_id,
        "start": passage.span.start,
        "end": passage.span.end,
        "text": passage.text,
    }


def parse_passage(row: dict[str, Any]) -> Passage:
    """Return the passage of a JSON object."""
    return Passage(row["clause"], Span(row["start"], row["end"]), row["text"])
