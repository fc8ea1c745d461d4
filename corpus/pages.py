"""Lines of printed pages to running text: a paragraph's gap becomes a blank line, running headers and footers go.

Without the first a page is one paragraph; without the second a page number stands in the middle of a sentence.
"""

import re
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass

# A gap this much wider than that between the lines of a paragraph starts a new one (usual are a half to a whole line).
_WIDER = 1.25
# Less is a raised or lowered letter, not a next line.
_NEXT_LINE = 0.8
_SENTENCE_END = re.compile(r"[.:;!?][\"')\]\u201d\u2019]*\Z")
_DIGITS = re.compile(r"\d+")
_RUNNING_LENGTH = 120
_RUNNING_SHARE = 0.8
_RUNNING_LINES = 3
_FIRST, _LAST = 0, -1


@dataclass(frozen=True, slots=True)
class Line:
    """One printed line: its text, the height of its base line on the page (None if turned), and its type size."""

    text: str
    height: float | None
    size: float


@dataclass(frozen=True, slots=True)
class Flow:
    """The running text, the offset at which each page starts, and the running lines that were left out."""

    text: str
    pages: tuple[int, ...]
    left_out: tuple[str, ...]


def flow(pages: Sequence[Sequence[Line]]) -> Flow:
    """Return the pages' lines as one text."""
    kept, left_out = _without_running_lines([[line for line in page if line.text.strip()] for page in pages])
    usual = _usual_gap(kept)
    starts: list[int] = []
    parts: list[str] = []
    length = 0
    for page in kept:
        starts.append(length)
        if not page:
            continue
        text = "".join(_separator(above, line, usual) + line.text.strip() for above, line in _pairs(page))
        # A sentence may run over the page's end; a paragraph that ends with the page must stay one.
        parts.append(text + ("\n\n" if _SENTENCE_END.search(text) else "\n"))
        length += len(parts[-1])
    return Flow("".join(parts), tuple(starts), left_out)


def _pairs(page: Sequence[Line]) -> list[tuple[Line | None, Line]]:
    return list(zip([None, *page], page, strict=False))


def _gap(above: Line | None, line: Line) -> float | None:
    """Return how far the line stands below the one above, in type sizes (a title's two lines are a paragraph as well).

    Return None where that says nothing: another column, turned text.
    """
    if above is None or above.height is None or line.height is None or line.height >= above.height:
        return None
    size = min(above.size, line.size)
    return (above.height - line.height) / size if size > 0 else None


def _usual_gap(pages: Sequence[Sequence[Line]]) -> float:
    """Return the distance between the lines of a paragraph: the lower quartile, for short paragraphs make wide gaps."""
    gaps = [gap for page in pages for above, line in _pairs(page) if (gap := _gap(above, line)) is not None]
    gaps = sorted(gap for gap in gaps if gap >= _NEXT_LINE)
    return gaps[len(gaps) // 4] if gaps else float("inf")


def _separator(above: Line | None, line: Line, usual: float) -> str:
    if above is None:
        return ""
    gap = _gap(above, line)
    return "\n\n" if gap is not None and gap > _WIDER * usual else "\n"


def _without_running_lines(pages: list[list[Line]]) -> tuple[list[list[Line]], tuple[str, ...]]:
    """Return the pages without the lines that all start or end with, numbers aside, and those lines (once each)."""
    left_out: list[str] = []
    for edge in (_FIRST, _LAST):
        for _ in range(_RUNNING_LINES):
            running = _running_line(pages, edge)
            if running is None:
                break
            hits = [page for page in pages if page and _shape(page[edge]) == running]
            left_out.append(hits[0][edge].text.strip())
            for page in hits:
                page.pop(edge)
    return pages, tuple(left_out)


def _running_line(pages: Sequence[Sequence[Line]], edge: int) -> str | None:
    shapes = Counter(_shape(page[edge]) for page in pages if page)
    shape, count = shapes.most_common(1)[0] if shapes else ("", 0)
    # A title page often has no header, so that one page is allowed to miss it.
    enough = max(2, _RUNNING_SHARE * (shapes.total() - 1))
    return shape if count >= enough and len(shape) <= _RUNNING_LENGTH else None


def _shape(line: Line) -> str:
    return _DIGITS.sub("#", " ".join(line.text.split()))
