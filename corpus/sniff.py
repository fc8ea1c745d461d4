"""What a file is, said by its bytes (the name only has to agree), and its bytes as characters."""

import re
import zipfile
from io import BytesIO

from corpus.errors import InputError

PDF = "application/pdf"
MARKDOWN = "text/markdown"
TEXT = "text/plain"
WORD = "application/vnd.openxmlformats-officedocument.wordprocessingml.document"
HTML = "text/html"

MARKDOWN_SUFFIXES = frozenset({".md", ".markdown", ".mdown", ".mkd"})
TEXT_SUFFIXES = frozenset({".txt", ".text", ".license", ".licence"})
HTML_SUFFIXES = frozenset({".htm", ".html", ".xhtml"})
KNOWN_SUFFIXES = MARKDOWN_SUFFIXES | TEXT_SUFFIXES | HTML_SUFFIXES | {".pdf", ".docx"}

LATER_SUFFIXES = {
    ".doc": "an old Word file",
    ".docm": "a Word file with macros",
    ".odt": "an OpenDocument file",
    ".rtf": "a rich text file",
}
_MAGIC = (
    (b"MZ\x90\x00", "a Windows program"),
    (b"\x7fELF", "a Linux program"),
    (b"\xca\xfe\xba\xbe", "a compiled program"),
    (b"\xcf\xfa\xed\xfe", "a macOS program"),
    (b"PK\x03\x04", "a zip archive"),
    (b"PK\x05\x06", "an empty zip archive"),
    (b"\x1f\x8b", "a gzip archive"),
    (b"BZh", "a bzip2 archive"),
    (b"\xfd7zXZ\x00", "an xz archive"),
    (b"\x28\xb5\x2f\xfd", "a zstd archive"),
    (b"7z\xbc\xaf\x27\x1c", "a 7z archive"),
    (b"Rar!\x1a\x07", "a RAR archive"),
    (b"\xd0\xcf\x11\xe0", "an old Office file, or one with a password,"),
    (b"{\\rtf", "a rich text file"),
    (b"%!PS", "a PostScript file"),
    (b"\x89PNG", "a picture (PNG)"),
    (b"\xff\xd8\xff", "a picture (JPEG)"),
    (b"GIF8", "a picture (GIF)"),
    (b"SQLite format 3\x00", "a database"),
)
# Atomic groups: comment after comment would otherwise be split in every possible way.
_HTML = re.compile(rb"\s*+(?><\?xml[^>]*>\s*)?(?><!--.*?-->\s*)*+<(!doctype\s+html|html)\b", re.IGNORECASE | re.DOTALL)
_CONVERT = "convert it to PDF, Word (.docx), Markdown or plain text first"
# The PDF standard's readers look for the header in the first kilobyte, and real files make use of that.
_PDF_HEADER_WITHIN = 1024
_CALLED = {PDF: "a PDF file", WORD: "a Word file", HTML: "an HTML page"}
_ALSO = {HTML: HTML_SUFFIXES}
# Programs and pictures without zero bytes still hold many control characters; texts hold a few at most (escapes).
_CONTROL = re.compile(r"[\x01-\x08\x0e-\x1f\x7f]")
_CONTROL_SHARE = 0.05
_SAMPLE = 65_536


def media(suffix: str, data: bytes, shown: str) -> str:
    """Return the media type of a file's bytes; `suffix` is its name's and `shown` how messages call it.

    Raise InputError if the content is not supported or contradicts the suffix.
    """
    suffix = suffix.lower()
    if suffix in LATER_SUFFIXES:
        raise InputError(f"{shown} is {LATER_SUFFIXES[suffix]}, which is not supported: {_CONVERT}")
    kind = _content(suffix, data)
    own = {PDF: ".pdf", WORD: ".docx", HTML: ".html"}
    if kind in own and suffix in KNOWN_SUFFIXES and suffix != own[kind] and suffix not in _ALSO.get(kind, ()):
        raise InputError(f"{shown} is {_CALLED[kind]} by its content: give it the suffix {own[kind]}")
    other = next((what for magic, what in _MAGIC if data.startswith(magic)), None) if kind != WORD else None
    if other:
        raise InputError(f"{shown} is {other} by its content, which is not supported: {_CONVERT}")
    if suffix in (".pdf", ".docx") and kind != {".pdf": PDF, ".docx": WORD}[suffix]:
        called, sign = ("a PDF file", " (no %PDF- at its start)") if suffix == ".pdf" else ("a Word file", "")
        raise InputError(f"{shown} is not {called}{sign}: export it again, or name it .txt if it is text")
    return kind


def _content(suffix: str, data: bytes) -> str:
    """Return what the bytes are as far as they say so, else what the suffix says of a text."""
    if data.startswith(b"%PDF-") or (suffix == ".pdf" and b"%PDF-" in data[:_PDF_HEADER_WITHIN]):
        return PDF
    if data.startswith(b"PK\x03\x04") and _is_word(data):
        return WORD
    if suffix in HTML_SUFFIXES or _HTML.match(data[:4096]):
        return HTML
    return _text_media(suffix)


def _is_word(data: bytes) -> bool:
    """Return True if a zip archive lists the parts that a Word file has; nothing is unpacked for it."""
    try:
        with zipfile.ZipFile(BytesIO(data)) as archive:
            return {"[Content_Types].xml", "word/document.xml"} <= set(archive.namelist())
    except (zipfile.BadZipFile, ValueError, NotImplementedError, OSError):
        return False


def _text_media(suffix: str) -> str:
    return MARKDOWN if suffix in MARKDOWN_SUFFIXES else TEXT


def decode(data: bytes, shown: str) -> str:
    """Return the characters of a text file: UTF-8, or UTF-16 and UTF-32 where a byte-order mark says so.

    The mark is dropped, line ends stay as they are. Raise InputError if the bytes are another encoding, or no text.
    """
    binary = InputError(f"{shown} is a binary file, not text: {_CONVERT}")
    try:
        if data.startswith((b"\xff\xfe\x00\x00", b"\x00\x00\xfe\xff")):
            text = data.decode("utf-32")
        elif data.startswith((b"\xff\xfe", b"\xfe\xff")):
            text = data.decode("utf-16")
        else:
            text = data.decode("utf-8").removeprefix("\ufeff")
    except UnicodeDecodeError as error:
        if b"\x00" in data or _looks_binary(data.decode("latin-1")):
            raise binary from None
        advice = "save it as UTF-8, for example with: iconv -f WINDOWS-1252 -t UTF-8 OLD > NEW"
        raise InputError(f"{shown} is not UTF-8 (byte {error.start}): {advice}") from None
    if "\x00" in text or _looks_binary(text):
        raise binary
    return text


def _looks_binary(text: str) -> bool:
    sample = text[:_SAMPLE]
    return len(_CONTROL.findall(sample)) > _CONTROL_SHARE * len(sample)
