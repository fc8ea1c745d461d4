"""A user's own files to text: PDF (with the offsets of its pages), Word, HTML, Markdown and plain text.

Nothing here follows a link, runs a script or a macro, or opens an address: a file is somebody else's, and only its
characters matter.
"""

import os
import re
from bisect import bisect_right
from collections.abc import Iterable, Iterator
from pathlib import Path
from stat import S_ISDIR, S_ISREG

from corpus import hypertext, pdf, word
from corpus.errors import InputError
from corpus.extracted import Extracted, titled
from corpus.sniff import HTML, KNOWN_SUFFIXES, LATER_SUFFIXES, PDF, WORD, decode, media

MAX_BYTES = 20 * 1024 * 1024

_LEGAL_NAME = re.compile(r"(licen[cs]e|copying|notice|terms|policy|eula)([-._ ].*)?", re.IGNORECASE)
_READERS = {PDF: pdf.read, WORD: word.read, HTML: hypertext.read}


def read_file(path: Path) -> Extracted:
    """Return the text, title and pages of a PDF, Word, HTML, Markdown or plain text file.

    Raise InputError, with what to do about it, if the file is missing, unreadable, empty, too large, encrypted,
    scanned, not UTF-8, or not what its name says.
    """
    shown = shown_name(path)
    return extract(path, _bytes(path, shown), shown)


def extract(name: Path, data: bytes, shown: str) -> Extracted:
    """Return what the bytes of a file of that name say; `shown` is how messages call it. Raise as `read_file` does."""
    if not data:
        raise InputError(f"{shown} is empty: nothing to add")
    kind = media(name.suffix, data, shown)
    if kind in _READERS:
        return _READERS[kind](data, stem(name), shown)
    text = decode(data, shown)
    if not text.strip():
        raise InputError(f"{shown} holds no text, only white space: nothing to add")
    return Extracted(text, titled(text, kind) or stem(name), (), kind)


def too_large(shown: str, most: int) -> str:
    """Return the line for a file of more than `most` bytes."""
    return f"{shown} is larger than {most >> 20} MB: split it, or export it without pictures"


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

    Inside a folder only PDF, Word, HTML, Markdown and text files and files called LICENSE, NOTICE and the like are taken;
    hidden ones are not. Raise InputError if a path is missing, a folder is given without `recursive`, or a folder
    holds no such file.
    """
    found: dict[str, Path] = {}
    for path in paths:
        shown = shown_name(path)
        if not S_ISDIR(_status(path, shown).st_mode):
            found.setdefault(os.path.realpath(path), path)
            continue
        if not recursive:
            raise InputError(f"{shown} is a folder; add --recursive to take the files in it")
        inside = tuple(_walk(path))
        if not inside:
            raise InputError(f"{shown} holds no PDF, Word, HTML, Markdown or text file")
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
        raise InputError(too_large(shown, MAX_BYTES))
    return data


def _utf8(name: str) -> str:
    """Return the name without the lone surrogates that stand for bytes which are not UTF-8: no store takes them."""
    return name.encode("utf-8", "surrogateescape").decode("utf-8", "replace")


def shown_name(path: Path) -> str:
    """Return the path as it may stand in a message of one line."""
    return "".join(char if char.isprintable() else "\ufffd" for char in _utf8(str(path)))
