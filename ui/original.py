"""The printed page behind a clause: a page of the PDF that the user added, drawn with the cited words marked on it."""

import json
import subprocess
import sys
import threading
from pathlib import Path

from corpus import library
from corpus.errors import DataError, InputError, UnknownDocument
from corpus.files import MAX_BYTES
from corpus.records import Record, sha256
from corpus.types import Document, Span

TIMEOUT_S = 30.0
_PROGRAM = Path(__file__).with_name("page_program.py")
_BUSY = threading.BoundedSemaphore(2)  # pages that are drawn at once


def has_pages(record: Record | None) -> bool:
    """Return True if a document was read from a user's PDF: others have no pages, or no original in the home folder."""
    return record is not None and record.file is not None and bool(record.pages)


def check(folder: Path, document: Document, number: int) -> bytes:
    """Return the PDF below `folder`, a home folder or a shelf, whose page `number` can be asked for. Raise as `page_png` does."""
    if not document.pages:
        raise InputError(f"{document.title} is no PDF file that was added here: it has no pages to show")
    if not 1 <= number <= len(document.pages):
        count = len(document.pages)
        raise InputError(f"{document.title} has {count} page{'s' * (count > 1)}; there is no page {number}")
    return _original(folder, document)


def page_png(folder: Path, document: Document, number: int, highlight: Span | None) -> bytes:
    """Return page `number` (from 1) of a document's original as a PNG, with what lies in `highlight` marked.

    Raise InputError for a page that the document does not have or whose original is gone, DataError if the original was
    changed or cannot be drawn; each says what to do.
    """
    data = check(folder, document, number)
    start, end = (*document.pages, len(document.text))[number - 1 : number + 1]
    low, high = (
        (min(max(at - start, 0), end - start) for at in (highlight.start, highlight.end)) if highlight else (0, 0)
    )
    asked = {"page": number - 1, "text": document.text[start:end], "low": low, "high": high}
    return _drawn(document.title, number, json.dumps(asked).encode() + b"\n" + data)


def _original(folder: Path, document: Document) -> bytes:
    path = library.folder(folder) / document.id / library.METADATA
    again = "add it again with: clausewise index add"
    try:
        kept = library.Original(**json.loads(path.read_bytes()))
        file = library.path_of(folder, kept)
        if file.stat().st_size > MAX_BYTES:
            raise DataError(f"the original of {document.title} was changed since it was added; {again}")
        data = file.read_bytes()
    except (OSError, ValueError, TypeError):
        raise UnknownDocument(
            f"the original file of {document.title} is no longer in the home folder; {again}"
        ) from None
    if sha256(data) != kept.sha256:
        raise DataError(f"the original of {document.title} was changed since it was added; {again}")
    return data


def _drawn(title: str, number: int, request: bytes) -> bytes:
    failed = f"page {number} of {title} cannot be drawn; open the file itself"
    try:
        with _BUSY:
            # Isolated: no module that lies in the current folder or beside the file is taken for a library.
            done = subprocess.run(  # noqa: S603  (our own program, a fixed command)
                (sys.executable, "-I", str(_PROGRAM)),
                input=request,
                capture_output=True,
                timeout=TIMEOUT_S,
                check=False,
            )
    except (subprocess.TimeoutExpired, OSError):
        raise DataError(failed) from None
    if done.returncode or not done.stdout:
        raise DataError(failed)
    return done.stdout
