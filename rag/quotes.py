"""Quotations: from a line of a document to the citation that carries it, `document.text[start:end]` to the letter."""

import bisect

from corpus.sentences import quote_span
from corpus.types import Document, Span
from rag.case import Evidence
from rag.types import Citation, LeadIn

SHORTEST, LONGEST = 25, 600
_DEFINING = frozenset({"definition", "derivative-definition", "distribution-definition", "noncommercial-definition"})
# What is to be displayed may stand in a paragraph of its own behind the sentence that prescribes it.
_WORDED = frozenset(("naming", "attribution", "notice-file"))
_BREAKS = (";", ". ", ", ", ": ", " ")


def _stripped(text: str, span: Span) -> Span:
    start, end = span.start, span.end
    while start < end and text[start].isspace():
        start += 1
    while end > start and text[end - 1].isspace():
        end -= 1
    return Span(start, end)


def _window(text: str, span: Span, at: Span) -> Span:
    """Return a stretch of at most LONGEST characters of `span` that begins after a break and holds `at`."""
    earliest = max(span.start, at.end - LONGEST + 80)
    start = earliest
    if earliest > span.start:
        for mark in _BREAKS:
            found = text.find(mark, earliest, at.start)
            if found >= 0:
                start = found + len(mark)
                break
    return quote_span(text, _stripped(text, Span(start, span.end)), SHORTEST, LONGEST)


def _widened(document: Document, evidence: Evidence, span: Span) -> Span:
    """Return a span long enough to quote: the words that lead the item in, or the lines around it, are taken along."""
    text, clause = document.text, evidence.line.unit.clause
    lead = clause.lead_in
    if lead is not None and lead.start < span.start and span.end - lead.start <= LONGEST:
        return Span(lead.start, span.end)
    for wider in (clause.span, clause.extent):
        whole = _stripped(text, wider)
        if SHORTEST <= len(whole) <= LONGEST:
            return whole
    lines = [line.unit.span for line in evidence.sheet.lines]
    place = evidence.line.order
    first, last = place, place
    while lines[last].end - lines[first].start < SHORTEST and (first > 0 or last + 1 < len(lines)):
        if last + 1 < len(lines):
            last += 1
        else:
            first -= 1
    return _stripped(text, Span(lines[first].start, lines[last].end))


def _with_the_rest(evidence: Evidence, span: Span) -> Span:
    """Return the span with the sentences of its clause that follow, as far as a quotation may reach.

    A definition is read whole, and so is a sentence that ends with a colon: what it announces stands behind it.
    """
    for line in evidence.sheet.lines[evidence.line.order + 1 :]:
        beyond = line.unit.clause.id != evidence.line.unit.clause.id and evidence.act not in _WORDED
        if beyond or line.unit.span.end - span.start > LONGEST:
            break
        span = Span(span.start, line.unit.span.end)
    return _stripped(evidence.sheet.document.text, span)


def quote(evidence: Evidence) -> Span:
    """Return the span to quote for a piece of evidence, 25 to 600 characters (shorter only if the whole document is)."""
    document, span = evidence.sheet.document, _stripped(evidence.sheet.document.text, evidence.line.unit.span)
    if len(span) < SHORTEST:
        span = _widened(document, evidence, span)
    if evidence.act in _DEFINING or document.text[span.end - 1 : span.end] == ":":
        span = _with_the_rest(evidence, span)
    if len(span) > LONGEST:
        at = evidence.at or Span(span.start, span.start)
        span = _window(document.text, span, at)
    return span


def page_of(document: Document, offset: int) -> int | None:
    """Return the page, counted from 1, on which an offset lies; None for a document without pages."""
    return bisect.bisect_right(document.pages, offset) or None if document.pages else None


def cite(evidence: Evidence, number: int) -> Citation:
    """Return the citation of a piece of evidence."""
    document, clause, span = evidence.sheet.document, evidence.line.unit.clause, quote(evidence)
    lead = None
    if clause.lead_in is not None and not clause.lead_in.overlaps(span):
        lead = LeadIn(clause.lead_in.start, clause.lead_in.end, clause.lead_in.of(document.text))
    return Citation(
        n=number,
        document=document.id,
        title=document.title,
        version=document.version,
        clause=clause.path,
        heading=clause.heading,
        quote=span.of(document.text),
        start=span.start,
        end=span.end,
        lead_in=lead,
        page=page_of(document, span.start),
        sha256=document.origin.sha256,
        url=f"/source/{document.id}#{clause.path}",
    )
