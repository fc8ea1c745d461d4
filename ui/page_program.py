"""One page of a PDF as a picture, made by a program of its own: a request and the file on standard input, the PNG on standard output.

Nothing imports this module: a file is somebody else's, PDFium is native code, and what a broken file does to it must not
reach the server. `ui/original.py` starts it. Words are found on the page by their letters and digits alone, since the
page's own spaces, line ends, ligatures and hyphens are typography.
"""

import json
import resource
import sys
import unicodedata
from collections.abc import Sequence
from contextlib import suppress
from io import BytesIO
from typing import Any

import pypdfium2
from PIL import Image, ImageChops, ImageDraw
from pypdfium2 import raw

_WIDTH, _HEIGHT = 1240, 2480  # pixels: a page of A4 at 150 dots an inch, however large the file says it is
_MARK = (255, 230, 138)
_MEMORY, _SECONDS = 2 << 30, 20
_BROKEN, _NO_PAGE = 3, 4

Box = tuple[float, float, float, float]


def squeezed(text: str) -> tuple[str, list[int]]:
    """Return the letters and digits of a text, folded, and where in it each stood."""
    letters: list[str] = []
    places: list[int] = []
    for place, char in enumerate(text):
        for letter in unicodedata.normalize("NFKC", char).casefold():
            if letter.isalnum():
                letters.append(letter)
                places.append(place)
    return "".join(letters), places


def found(page: str, text: str, low: int, high: int) -> tuple[int, int] | None:
    """Return where the words `text[low:high]` stand in the characters of a page, None if they do not.

    Words that stand several times on the page are told apart by how often they stand before.
    """
    letters, places = squeezed(page)
    wanted, before = squeezed(text[low:high])[0], squeezed(text[:low])[0]
    if not wanted:
        return None
    at, whole = -1, squeezed(text)[0]
    earlier, start = 0, whole.find(wanted)
    while 0 <= start < len(before):
        earlier, start = earlier + 1, whole.find(wanted, start + 1)
    for _ in range(earlier + 1):
        further = letters.find(wanted, at + 1)
        if further < 0:
            break
        at = further
    return (places[at], places[at + len(wanted) - 1] + 1) if at >= 0 else None


def boxes(page: pypdfium2.PdfPage, text: str, low: int, high: int) -> list[Box]:
    """Return the rectangles (left, bottom, right, top, in points) that cover words of a page."""
    print_ = page.get_textpage()
    characters = "".join(chr(raw.FPDFText_GetUnicode(print_, at)) for at in range(print_.count_chars()))
    place = found(characters, text, low, high)
    if place is None:
        return []
    return [print_.get_rect(at) for at in range(print_.count_rects(place[0], place[1] - place[0]))]


def picture(page: pypdfium2.PdfPage, rectangles: Sequence[Box]) -> Image.Image:
    """Return a page as a picture of bounded size, with the rectangles marked as with a felt pen."""
    width, height = page.get_size()
    scale = min(_WIDTH / max(width, 1), _HEIGHT / max(height, 1))
    bitmap = page.render(scale=scale, may_draw_forms=False)
    drawn: Image.Image = bitmap.to_pil().convert("RGB")
    if not rectangles:
        return drawn
    marks = Image.new("RGB", drawn.size, "white")
    pen, place = ImageDraw.Draw(marks), bitmap.get_posconv(page)
    for left, bottom, right, top in rectangles:
        x1, y1 = place.to_bitmap(left, top)
        x2, y2 = place.to_bitmap(right, bottom)
        pen.rectangle((min(x1, x2) - 2, min(y1, y2) - 3, max(x1, x2) + 2, max(y1, y2) + 3), fill=_MARK)
    return ImageChops.multiply(drawn, marks)


def main() -> int:
    """Draw the page that standard input asks for."""
    for limit, most in ((resource.RLIMIT_AS, _MEMORY), (resource.RLIMIT_CPU, _SECONDS)):
        with suppress(OSError, ValueError):  # not every system has every limit
            resource.setrlimit(limit, (most, most))
    asked: dict[str, Any] = json.loads(sys.stdin.buffer.readline())
    try:
        document = pypdfium2.PdfDocument(sys.stdin.buffer.read())
        if asked["page"] >= len(document):
            return _NO_PAGE
        page = document[asked["page"]]
        marked = boxes(page, asked["text"], asked["low"], asked["high"])
        drawn = picture(page, marked)
    except pypdfium2.PdfiumError:
        return _BROKEN
    png = BytesIO()
    drawn.save(png, "PNG")
    sys.stdout.buffer.write(png.getvalue())
    return 0


if __name__ == "__main__":
    sys.exit(main())
