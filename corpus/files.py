"""A user's own files to text: PDF (with the offsets of its pages), Markdown and plain text.

Nothing here follows a link, runs a script or opens an address: a file is somebody else's, and only its
characters matter.
"""

import os
import re
import zlib
from bisect import bisect_right
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass, replace
from io import BytesIO
from pathlib import Path
from stat import S_ISDIR, S_ISREG
from typing import TYPE_CHECKING

from corpus.errors import InputError
from corpus.pages import Flow, Line, flow
from corpus.sniff import KNOWN_SUFFIXES, LATER_SUFFIXES, MARKDOWN, PDF, decode, media

if TYPE_CHECKING:
    from pypdf import PdfReader

MAX_BYTES = 20 * 1024 * 1024
# A small PDF can unpack to gigabytes; no policy comes near these.
MAX_CHARACTERS = 10_000_000
MAX_PAGES = 3_000

_LEGAL_NAME = re.compile(r"(licen[cs]e|copying|notice|terms|policy|eula)([-._ ].*)?", re.IGNORECASE)
# The lengths are bounded, and trailing marks taken off afterwards, so that no line costs more than one pass.
_ATX = re.compile(r"^ {0,3}#{1,6}[ \t]+(\S[^\r\n]{0,300})", re.MULTILINE)
_SETEXT = re.compile(r"^ {0,3}(\S[^\r\n]{0,300})\r?\n {0,3}=+[ \t]*\r?$", re.MULTILINE)
_MARKUP = re.compile(r"[*_`]{1,3}|\[([^\]]*)\]\([^)]*\)")
_TITLE_LENGTH = 120
_NO_TITLE = re.compile(
    r"(untitled|title|document\d*|microsoft word\b.*|\W*)|.*\.(docx?|pdf|odt|tex|indd|md|txt)", re.IGNORECASE
)
# One glyph for two letters is typography, not text: a search for "office" must find it.
_LIGATURES = str.maketrans(
    {"ﬀ": "ff", "ﬁ": "fi", "ﬂ": "fl", "ﬃ": "ffi", "ﬄ": "ffl", "ﬅ": "st", "ﬆ": "st", "\u00ad": None, "\0": None}
)


@dataclass(frozen=True, slots=True)
class Extracted:
    """What a file says. `pages` holds the offset at which each page starts, `problems` remarks of one line each."""

    text: str
    title: str
    pages: tuple[int, ...]
    media: str
    problems: tuple[str, ...] = ()


def read_file(path: Path) -> Extracted:
    """Return the text, title and pages of a PDF, Markdown or plain text file.

    Raise InputError, with what to do about it, if the file is missing, unreadable, empty, too large, encrypted,
    scanned, not UTF-8, or not what its name says.
    """
    shown = _shown(path)
    data = _bytes(path, shown)
    kind = media(path.suffix, data, shown)
    if kind == PDF:
        return _read_pdf(path, data, shown)
    text = decode(data, shown)
    if not text.strip():
        raise InputError(f"{shown} holds no text, only white space: nothing to add")
    return Extracted(text, titled(text, kind) or stem(path), (), kind)


def titled(text: str, media: str) -> str:
    """Return the title that a Markdown or plain text bears, or nothing."""
    return (_heading(text) if media == MARKDOWN else "") or _first_line(text)


def slug(name: str) -> str:
    """Return the document id made of a file's stem: `Acme 1.5` is `acme-1.5`; without latin letters `document`."""
    return re.sub(r"[^a-z0-9.]+", "-", name.lower()).strip("-.") or "document"


def stem(path: Path) -> str:
    """Return the file's name without a suffix that can be read: `Acme 1.5` stays whole, `Acme 1.5.txt` loses `.txt`."""
    return _utf8(path.stem if path.suffix.lower() in KNOWN_SUFFIXES else path.name)


def page_of(pages: tuple[int, ...], offset: int) -> int | None:
    """Return the number (from 1) of the page that holds the offset, None for a document without pages."""
    return max(1, bisect_right(pages, offset)) if pages else None


def expand(paths: Iterable[Path], recursive: bool) -> tuple[Path, ...]:
    """Return the files that the arguments name, each once: files as given, what folders hold in sorted order.

    Inside a folder only PDF, Markdown and text files and files called LICENSE, NOTICE and the like are taken;
    hidden ones are not. Raise InputError if a path is missing, a folder is given without `recursive`, or a folder
    holds no such file.
    """
    found: dict[str, Path] = {}
    for path in paths:
        shown = _shown(path)
        if not S_ISDIR(_status(path, shown).st_mode):
            found.setdefault(os.path.realpath(path), path)
            continue
        if not recursive:
            raise InputError(f"{shown} is a folder; add --recursive to take the files in it")
        inside = tuple(_walk(path))
        if not inside:
            raise InputError(f"{shown} holds no PDF, Markdown or text file")
        for file in inside:
            found.setdefault(os.path.realpath(file), file)
    return tuple(found.values())


def _walk(folder: Path) -> Iterator[Path]:
    for parent, folders, names in os.walk(folder):
        folders[:] = sorted(name for name in folders if not name.startswith("."))
        for name in sorted(names):
            suffix = os.path.splitext(name)[1].lower()
            legal = _LEGAL_NAME.fullmatch(name) and suffix not in LATER_SUFFIXES
            if (
                (suffix in KNOWN_SUFFIXES or legal)
                and not name.startswith(".")
                and os.path.isfile(os.path.join(parent, name))
            ):
                yield Path(parent, name)


def _status(path: Path, shown: str) -> os.stat_result:
    try:
        return path.stat()
    except FileNotFoundError:
        raise InputError(f"there is no file {shown}: check the path") from None
    except OSError as error:
        raise InputError(f"cannot read {shown}: {error.strerror or error}") from None
    except ValueError:
        raise InputError(f"{shown} cannot be the name of a file: check the path") from None


def _bytes(path: Path, shown: str) -> bytes:
    mode = _status(path, shown).st_mode
    if S_ISDIR(mode):
        raise InputError(f"{shown} is a folder; add --recursive to take the files in it")
    if not S_ISREG(mode):
        raise InputError(f"{shown} is not a regular file (a device, pipe or socket): name a file")
    try:
        with path.open("rb") as file:
            data = file.read(MAX_BYTES + 1)
    except OSError as error:
        raise InputError(f"cannot read {shown}: {error.strerror or error}") from None
    if len(data) > MAX_BYTES:
        raise InputError(f"{shown} is larger than {MAX_BYTES >> 20} MB: split it, or export it without pictures")
    if not data:
        raise InputError(f"{shown} is empty: nothing to add")
    return data


def _read_pdf(path: Path, data: bytes, shown: str) -> Extracted:
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
    found = flow([[replace(line, text=_whole(line.text)) for line in page] for page in pages])
    if not found.text.strip():
        raise InputError(
            f"{shown} is a PDF file without text (scanned pages?): run OCR on it first, for example with ocrmypdf"
        )
    title = _usable(_whole(title)) or _first_line(found.text) or stem(path)
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


def _whole(text: str) -> str:
    """Return the text with surrogate pairs joined, lone ones replaced (no store takes them), ligatures taken apart."""
    return text.encode("utf-16", "surrogatepass").decode("utf-16", "replace").translate(_LIGATURES)


def _heading(text: str) -> str:
    """Return the first heading of a Markdown text without its markup, or nothing."""
    found = [match for match in (_ATX.search(text), _SETEXT.search(text)) if match]
    first = min(found, key=lambda match: match.start(), default=None)
    words = first.group(1).rstrip(" \t#") if first else ""
    return _usable(_MARKUP.sub(lambda match: match.group(1) or "", words))


def _first_line(text: str) -> str:
    """Return the first line that holds a letter if it is short enough to be a title, or nothing."""
    line = next((line for line in text.splitlines() if any(char.isalpha() for char in line)), "")
    return _usable(line.strip(" \t#*_=-"))


def _usable(title: str) -> str:
    title = "".join(char for char in " ".join(title[: 4 * _TITLE_LENGTH].split()) if char.isprintable())
    return "" if len(title) > _TITLE_LENGTH or _NO_TITLE.fullmatch(title) else title


def _utf8(name: str) -> str:
    """Return the name without the lone surrogates that stand for bytes which are not UTF-8: no store takes them."""
    return name.encode("utf-8", "surrogateescape").decode("utf-8", "replace")


def _shown(path: Path) -> str:
    """Return the path as it may stand in a message of one line."""
    return "".join(char if char.isprintable() else "\ufffd" for char in _utf8(str(path)))
