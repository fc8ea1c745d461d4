"""What a file is, said by its bytes (the name only has to agree), and its bytes as characters."""

import re

from corpus.errors import InputError

PDF = "application/pdf"
MARKDOWN = "text/markdown"
TEXT = "text/plain"

MARKDOWN_SUFFIXES = frozenset({".md", ".markdown", ".mdown", ".mkd"})
TEXT_SUFFIXES = frozenset({".txt", ".text", ".license", ".licence"})
KNOWN_SUFFIXES = MARKDOWN_SUFFIXES | TEXT_SUFFIXES | {".pdf"}

LATER_SUFFIXES = {
    ".doc": "an old Word file",
    ".docx": "a Word file",
    ".htm": "an HTML page",
    ".html": "an HTML page",
    ".odt": "an OpenDocument file",
    ".rtf": "a rich text file",
    ".xhtml": "an HTML page",
}
_MAGIC = (
    (b"MZ\x90\x00", "a Windows program"),
    (b"\x7fELF", "a Linux program"),
    (b"\xca\xfe\xba\xbe", "a compiled program"),
    (b"\xcf\xfa\xed\xfe", "a macOS program"),
    (b"PK\x03\x04", "a zip archive (Word files are zip archives too)"),
    (b"PK\x05\x06", "an empty zip archive"),
    (b"\x1f\x8b", "a gzip archive"),
    (b"BZh", "a bzip2 archive"),
    (b"\xfd7zXZ\x00", "an xz archive"),
    (b"\x28\xb5\x2f\xfd", "a zstd archive"),
    (b"7z\xbc\xaf\x27\x1c", "a 7z archive"),
    (b"Rar!\x1a\x07", "a RAR archive"),
    (b"\xd0\xcf\x11\xe0", "an old Office file"),
    (b"{\\rtf", "a rich text file"),
    (b"%!PS", "a PostScript file"),
    (b"\x89PNG", "a picture (PNG)"),
    (b"\xff\xd8\xff", "a picture (JPEG)"),
    (b"GIF8", "a picture (GIF)"),
    (b"SQLite format 3\x00", "a database"),
)
# Atomic groups: comment after comment would otherwise be split in every possible way.
_HTML = re.compile(rb"\s*+(?><\?xml[^>]*>\s*)?(?><!--.*?-->\s*)*+<(!doctype\s+html|html)\b", re.IGNORECASE | re.DOTALL)
_CONVERT = "convert it to PDF, Markdown or plain text first"
# The PDF standard's readers look for the header in the first kilobyte, and real files make use of that.
_PDF_HEADER_WITHIN = 1024
# Programs and pictures without zero bytes still hold many control characters; texts hold a few at most (escapes).
_CONTROL = re.compile(r"[\x01-\x08\x0e-\x1f\x7f]")
_CONTROL_SHARE = 0.05
_SAMPLE = 65_536


def media(suffix: str, data: bytes, shown: str) -> str:
    """Return the media type of a file's bytes; `suffix` is its name's and `shown` how messages call it.

    Raise InputError if the content is not supported or contradicts the suffix.
    """
    suffix = suffix.lower()
    other = next((what for magic, what in _MAGIC if data.startswith(magic)), None)
    if suffix in LATER_SUFFIXES:
        raise InputError(f"{shown} is {LATER_SUFFIXES[suffix]}, which is not supported yet: {_CONVERT}")
    if other:
        raise InputError(f"{shown} is {other} by its content, which is not supported: {_CONVERT}")
    if data.startswith(b"%PDF-") and suffix in KNOWN_SUFFIXES - {".pdf"}:
        raise InputError(f"{shown} is a PDF file by its content: give it the suffix .pdf")
    header = b"%PDF-" in data[:_PDF_HEADER_WITHIN]
    if data.startswith(b"%PDF-") or (header and suffix == ".pdf"):
        return PDF
    if suffix == ".pdf":
        advice = "export it again, or name it .txt if it is text"
        raise InputError(f"{shown} is not a PDF file (no %PDF- at its start): {advice}")
    if _HTML.match(data[:4096]):
        raise InputError(f"{shown} is an HTML page, which is not supported yet: {_CONVERT}")
    return _text_media(suffix)


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
