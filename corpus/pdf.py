"""The text of a PDF file, with the offsets of its pages; running headers and footers are left out and reported."""

import re
import zlib
from collections.abc import Callable, Iterable
from dataclasses import replace
from io import BytesIO
from typing import TYPE_CHECKING

from corpus.errors import InputError
from corpus.extracted import MAX_CHARACTERS, Extracted, first_line, usable, whole
from corpus.pages import Flow, Line, flow
from corpus.sniff import PDF

if TYPE_CHECKING:
    from pypdf import PdfReader

MAX_PAGES = 3_000


def read(data: bytes, stem: str, shown: str) -> Extracted:
    """Return what a PDF file says; `stem` is its name without suffix, `shown` how messages call it.

    Raise InputError, with what to do about it, if it is encrypted, broken, too long, or holds no text.
    """
    from pypdf import PdfReader
    from pypdf.errors import DependencyError, PyPdfError

    try:
        reader = PdfReader(BytesIO(data), strict=False)
        if reader.is_encrypted and not reader.decrypt(""):
            raise InputError(f"{shown} is encrypted: save a copy without a password and add that")
        title = (reader.metadata and reader.metadata.title) or ""
        pages = _page_lines(reader, shown)
    except DependencyError:
        raise InputError(
            f"{shown} is encrypted in a way that cannot be opened: save a copy without a password and add that"
        ) from None
    except (
        PyPdfError,
        ArithmeticError,
        AssertionError,
        AttributeError,
        LookupError,
        NotImplementedError,
        OSError,
        RecursionError,
        TypeError,
        ValueError,
        zlib.error,
    ):  # pypdf's own words: "broken PDF files might cause other exceptions"
        raise InputError(f"{shown} is a broken PDF file: open it and save or export it again") from None
    found = flow([[replace(line, text=whole(line.text)) for line in page] for page in pages])
    if not found.text.strip():
        raise InputError(
            f"{shown} is a PDF file without text (scanned pages?): run OCR on it first, for example with ocrmypdf"
        )
    title = usable(whole(title)) or first_line(found.text) or stem
    return Extracted(found.text, title, found.pages, PDF, _remarks(found))


def _remarks(found: Flow) -> tuple[str, ...]:
    ends = (*found.pages[1:], len(found.text))
    blank = [str(n) for n, (start, end) in enumerate(zip(found.pages, ends, strict=True), start=1) if start == end]
    missing = [f"no text on page {', '.join(blank)} of {len(found.pages)} (a picture?)"] if blank else []
    return (*missing, *(f"left out the running line {line!r}" for line in found.left_out))


def _page_lines(reader: "PdfReader", shown: str) -> list[list[Line]]:
    """Return the printed lines of each page, in the order in which the file draws them."""
    if len(reader.pages) > MAX_PAGES:
        raise InputError(f"{shown} has more than {MAX_PAGES} pages: split it")
    pages: list[list[Line]] = []
    left = MAX_CHARACTERS
    for page in reader.pages:
        pieces: list[Line] = []
        text = page.extract_text(visitor_text=_collector(pieces))
        left -= len(text)
        if left < 0:
            raise InputError(f"{shown} holds more than {MAX_CHARACTERS:,} characters: split it")
        placed = _joined(pieces)
        # The places only say where paragraphs end. Should the pieces not add up to the text, the text counts.
        same = "".join(line.text for line in placed) == text
        pages.append(placed if same else [Line(line, None, 0.0) for line in text.splitlines()])
    return pages


def _collector(pieces: list[Line]) -> Callable[[str, list[float], list[float], object, float], None]:
    def collect(text: str, outer: list[float], inner: list[float], font: object, size: float) -> None:
        upright = not (outer[1] or outer[2] or inner[1] or inner[2])
        height = inner[5] * outer[3] + outer[5] if upright else None
        pieces.append(Line(text, height, abs(size * inner[3] * outer[3])))

    return collect


def _joined(pieces: Iterable[Line]) -> list[Line]:
    """Return whole lines: a change of type within one makes pieces of it. The first with letters gives the place."""
    lines: list[Line] = []
    text, place = "", Line("", None, 0.0)
    for piece in pieces:
        for part in re.findall(r"[^\n]*\n|[^\n]+", piece.text):
            if part.strip() and not text.strip():
                place = piece
            text += part
            if part.endswith("\n"):
                lines.append(replace(place, text=text))
                text, place = "", Line("", None, 0.0)
    return [*lines, replace(place, text=text)] if text else lines
