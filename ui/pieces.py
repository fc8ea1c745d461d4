"""A clause's text cut where its heading, the highlight and the uses of defined terms begin and end; the pieces together are the text."""

from collections.abc import Iterable
from dataclasses import dataclass
from itertools import pairwise

from markupsafe import Markup, escape

from corpus.types import Span
from rag.defined import Definition, Use


@dataclass(frozen=True, slots=True)
class Piece:
    """A run of a clause's text: highlighted or not, part of its heading or not, and the definition of what it uses."""

    text: Markup
    marked: bool = False
    heading: bool = False
    definition: Definition | None = None


def pieces(body: str, start: int, heading: str, highlight: Span | None, uses: Iterable[Use]) -> tuple[Piece, ...]:
    """Return the pieces of a clause's text `body`, which begins at `start` in its document."""
    at = body.find(heading, 0, 200 + len(heading)) if heading else -1
    head = Span(at, at + len(heading)) if at >= 0 else Span(0, 0)
    marked = _within(highlight, start, len(body))
    # A term is one link or none: where heading or highlight would cut it in two it is left alone, and headings are calm.
    terms = {
        use.span.start - start: use
        for use in uses
        if use.span.end - start <= len(body)
        and not head.overlaps(_moved(use.span, start))
        and (marked.contains(_moved(use.span, start)) or not marked.overlaps(_moved(use.span, start)))
    }
    ends = {use.span.end - start for use in terms.values()}
    cuts = sorted({0, len(body), head.start, head.end, marked.start, marked.end, *terms, *ends})
    return tuple(
        Piece(
            text=verbatim(body[low:high]),
            marked=marked.start <= low and high <= marked.end,
            heading=head.start <= low and high <= head.end,
            definition=terms[low].definition if low in terms else None,
        )
        for low, high in pairwise(cuts)
    )


def verbatim(text: str) -> Markup:
    """Return text for HTML. A browser turns CR LF into LF while it reads; written as a reference the CR stays."""
    return Markup(str(escape(text)).replace("\r", "&#13;"))  # noqa: S704 - escaped in the same expression


def _moved(span: Span, start: int) -> Span:
    return Span(span.start - start, span.end - start)


def _within(highlight: Span | None, start: int, length: int) -> Span:
    if highlight is None:
        return Span(0, 0)
    low, high = max(highlight.start - start, 0), min(highlight.end - start, length)
    return Span(low, high) if low < high else Span(0, 0)
