"""Clauses to passages, the units of retrieval: windows on sentence ends, indexed with what stands above them."""

import re
from collections.abc import Callable, Iterator, Sequence
from typing import Any

from corpus.sentences import sentences
from corpus.types import Clause, Document, Span
from rag.types import Passage

Count = Callable[[Sequence[str]], list[int]]

MAX_PIECES = 200
_PREFIX_CHARACTERS = 220
_LEAD_CHARACTERS = 160
_WORD = re.compile(r"\w")
_SPACE = re.compile(r"\s+")
# A stretch without a sentence end, cut where a reader would take a breath, else at any space.
_BREAKS = (re.compile(r"[;:,](?=\s)"), re.compile(r"(?=\s)"))


def passages(document: Document, clauses: Sequence[Clause], count: Count) -> tuple[Passage, ...]:
    """Return the passages of a document in text order.

    `count` tells how many pieces the embedding model reads of each text; a passage has at most 200, context aside. A
    clause that is nothing but the heading of others is none: its words stand in the context of each of them.
    """
    by_id = {clause.id: clause for clause in clauses}
    parents = {clause.parent for clause in clauses}
    found = []
    for clause in clauses:
        units = [span for span in sentences(document.text, clause.span) if _WORD.search(span.of(document.text))]
        if not units or (clause.id in parents and _is_heading(clause, document.text)):
            continue
        above = context(document, clause, by_id)
        for span in _windows(document.text, units, count):
            found.append(Passage(clause.id, span, f"{above}\n{squeeze(span.of(document.text))}"))
    return tuple(found)


def squeeze(text: str) -> str:
    """Return the text on one line, each run of white space as one blank."""
    return _SPACE.sub(" ", text).strip()


def context(document: Document, clause: Clause, by_id: dict[str, Clause]) -> str:
    """Return title, number and headings above a clause, and the words that lead its list in."""
    headings = []
    at: Clause | None = clause
    while at is not None:
        if at.heading and at.heading not in headings:
            headings.append(squeeze(at.heading))
        at = by_id.get(at.parent) if at.parent else None
    named = " ".join(filter(None, [document.title, clause.number, " > ".join(reversed(headings))]))
    lead = squeeze(clause.lead_in.of(document.text))[-_LEAD_CHARACTERS:] if clause.lead_in else ""
    return f"{named[:_PREFIX_CHARACTERS]}: {lead}" if lead else named[:_PREFIX_CHARACTERS]


def _is_heading(clause: Clause, text: str) -> bool:
    """Return True if the clause's own text is its heading with or without a number before it."""
    own, heading = squeeze(clause.span.of(text)), squeeze(clause.heading)
    return bool(heading) and len(own) <= len(heading) + 20


def _windows(text: str, units: Sequence[Span], count: Count) -> Iterator[Span]:
    """Yield spans of whole sentences, each within the limit of pieces."""
    small = [piece for unit in units for piece in _cut(text, unit, count)]
    sizes = count([span.of(text) for span in small])
    start, total = 0, 0
    for at, size in enumerate(sizes):
        if at > start and total + size > MAX_PIECES:
            yield Span(small[start].start, small[at - 1].end)
            start, total = at, 0
        total += size
    yield Span(small[start].start, small[-1].end)


def _cut(text: str, span: Span, count: Count) -> Iterator[Span]:
    """Yield the sentence, halved until each part is within the limit or has no place to cut."""
    if len(span) <= MAX_PIECES or count([span.of(text)])[0] <= MAX_PIECES:
        yield span
        return
    middle = (span.start + span.end) // 2
    for breaks in _BREAKS:
        places = [found.end() for found in breaks.finditer(text, span.start + 1, span.end - 1)]
        if places:
            at = min(places, key=lambda place: abs(place - middle))
            yield from _cut(text, Span(span.start, at), count)
            yield from _cut(text, Span(at, span.end), count)
            return
    yield from (Span(at, min(at + MAX_PIECES, span.end)) for at in range(span.start, span.end, MAX_PIECES))


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
