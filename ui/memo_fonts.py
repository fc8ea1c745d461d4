"""Letters for PDF files: a serif family of this machine, and for signs that it lacks whatever font here has them.

All fonts are put into the file, so that a memo looks the same wherever and whenever it is read. Without any font on the
machine the one that reportlab brings sets everything. What none has is written as its number, and whoever sets the page
can tell that.
"""

import unicodedata
from collections.abc import Mapping
from functools import cache
from itertools import groupby
from pathlib import Path
from xml.sax.saxutils import escape

from reportlab.pdfbase import pdfmetrics
from reportlab.pdfbase.ttfonts import TTFError, TTFont

TEXT, BOLD = "memo-text", "memo-bold"
# Regular and bold, the first at hand; only fonts with TrueType outlines can be put into the file.
_BROUGHT = ("Vera.ttf", "VeraBd.ttf")
_FAMILIES = (
    ("LiberationSerif-Regular.ttf", "LiberationSerif-Bold.ttf"),
    ("times.ttf", "timesbd.ttf"),
    ("Times New Roman.ttf", "Times New Roman Bold.ttf"),
    ("DejaVuSerif.ttf", "DejaVuSerif-Bold.ttf"),
)
# For other signs, the widest first.
_OTHERS = (
    _BROUGHT[0],
    "DejaVuSans.ttf",
    "NotoSans-Regular.ttf",
    "Arial Unicode.ttf",
    "ARIALUNI.TTF",
    "DroidSansFallbackFull.ttf",
    "wqy-microhei.ttc",
    "wqy-zenhei.ttc",
    "msyh.ttc",
    "msgothic.ttc",
    "malgun.ttf",
    "seguisym.ttf",
)
_FOLDERS = ("/usr/share/fonts", "/usr/local/share/fonts", "/Library/Fonts", "/System/Library/Fonts", "C:/Windows/Fonts")


def prepare() -> None:
    """Let reportlab know TEXT and BOLD; nothing can be set before."""
    _fonts()


def markup(text: str) -> str:
    """Return text for a reportlab paragraph: its signs of markup escaped, each run in a font that has it."""
    return "".join(_run(font, "".join(signs)) for font, signs in groupby(text, key=_font))


def box() -> str:
    """Return a box to tick."""
    return "\N{WHITE SQUARE}" if _font("\N{WHITE SQUARE}") else "[ ]"


def lacking(text: str) -> str:
    """Return the signs of the text that no font here has, each once."""
    return "".join(dict.fromkeys(sign for sign in text if _font(sign) is None))


def leftwards(text: str) -> bool:
    """Return True if the text holds letters that are read from right to left, which are set as they are stored."""
    return any(unicodedata.bidirectional(sign) in ("R", "AL") for sign in text)


def _run(font: str | None, text: str) -> str:
    if font is None:
        return "".join(f"[U+{ord(sign):04X}]" for sign in text)
    # What stands in the text's own font follows what is around it, which may be bold.
    return escape(text) if font == TEXT else f'<font name="{font}">{escape(text)}</font>'


@cache
def _font(sign: str) -> str | None:
    """Return the font that has a sign, None if there is none."""
    return next((name for name, signs in _fonts() if ord(sign) in signs), None)


@cache
def _fonts() -> tuple[tuple[str, frozenset[int]], ...]:
    """Return the fonts by name, that of the text first, with the numbers of their signs."""
    at = _files()
    family = next(filter(None, (_family(each, at) for each in (*_FAMILIES, _BROUGHT))))
    others = (_loaded(f"memo-{n}", at.get(name, "")) for n, name in enumerate(_OTHERS))
    found = [each for each in (*family, *others) if each is not None]
    for font in found:
        pdfmetrics.registerFont(font)
    return tuple((font.fontName, frozenset(font.face.charToGlyph)) for font in found if font.fontName != BOLD)


def _family(names: tuple[str, str], at: Mapping[str, str]) -> tuple[TTFont, TTFont] | None:
    text, bold = (_loaded(name, at.get(file, "")) for name, file in zip((TEXT, BOLD), names, strict=True))
    return (text, bold) if text and bold else None


def _loaded(name: str, path: str) -> TTFont | None:
    try:
        return TTFont(name, path) if path else None
    except (TTFError, OSError):
        return None  # a font that cannot be put into a file is as good as none


def _files() -> dict[str, str]:
    """Return where the fonts that we know of are; reportlab finds its own by their names."""
    known = {*_OTHERS, *(name for family in _FAMILIES for name in family)}
    found = (path for folder in _FOLDERS for path in Path(folder).rglob("*.tt?") if path.name in known)
    return {path.name: str(path) for path in found} | {name: name for name in _BROUGHT}
