"""The text of a Word file (.docx): paragraphs with their numbers, tables row by row. Macros and outside links are never read."""

import zipfile
import zlib
from collections.abc import Iterator
from io import BytesIO
from typing import TYPE_CHECKING, Any

from corpus.errors import InputError
from corpus.extracted import Extracted, checked, first_line, usable, whole
from corpus.sniff import WORD
from corpus.word_numbers import Numbers, W

if TYPE_CHECKING:
    from docx.document import Document

# What a Word file may unpack to, pictures included; a bomb of a few kilobytes unpacks to more.
MAX_UNPACKED = 200 * 1024 * 1024
MAX_PARTS = 5_000
_FALLBACK = "{http://schemas.openxmlformats.org/markup-compatibility/2006}Fallback"
_BOX = f"{W}txbxContent"
_UNREAD = frozenset({f"{W}{name}" for name in ("del", "moveFrom", "pPr", "rPr", "instrText", "delText")} | {_FALLBACK})
_SIGNS = {f"{W}tab": "\t", f"{W}br": "\n", f"{W}cr": "\n", f"{W}noBreakHyphen": "-", f"{W}ptab": "\t"}
_INDENT = "   "


def read(data: bytes, stem: str, shown: str) -> Extracted:
    """Return what a Word file says; `stem` is its name without suffix, `shown` how messages call it.

    Raise InputError, with what to do about it, if it is broken, unpacks to too much, or holds no text.
    """
    from docx import Document
    from docx.opc.exceptions import OpcError
    from lxml.etree import LxmlError

    broken = InputError(f"{shown} is a broken Word file: open it in Word or LibreOffice and save it again")
    try:
        _check_size(data, shown)
        document = Document(BytesIO(data))
        text = "\n\n".join(filter(None, _blocks(document.element.body, _numbers(document))))
        title = document.core_properties.title or ""
        remarks = _remarks(document)
    except (
        OpcError,
        LxmlError,
        zipfile.BadZipFile,
        zlib.error,
        ArithmeticError,
        AssertionError,
        AttributeError,
        EOFError,
        LookupError,
        NotImplementedError,
        OSError,
        RecursionError,
        RuntimeError,
        TypeError,
        ValueError,
    ):  # a damaged part comes to light wherever it is first looked at
        raise broken from None
    text = checked(f"{whole(text)}\n", shown)
    return Extracted(text, usable(whole(title)) or first_line(text) or stem, (), WORD, remarks)


def _check_size(data: bytes, shown: str) -> None:
    """Raise InputError if the parts of a file are too many or unpack to too much, before any of them is unpacked."""
    with zipfile.ZipFile(BytesIO(data)) as archive:
        parts = archive.infolist()
    # No more than what is announced is ever unpacked of a part.
    if len(parts) > MAX_PARTS or sum(part.file_size for part in parts) > MAX_UNPACKED:
        raise InputError(
            f"{shown} unpacks to more than {MAX_UNPACKED >> 20} MB: save it without pictures, or export it as PDF"
        )


def _numbers(document: "Document") -> Numbers:
    from docx.opc.constants import RELATIONSHIP_TYPE

    lists = [
        each.target_part.element
        for each in document.part.rels.values()
        if each.reltype == RELATIONSHIP_TYPE.NUMBERING and not each.is_external
    ]
    return Numbers(lists[0] if lists else None, document.styles.element)


def _blocks(container: Any, numbers: Numbers) -> Iterator[str]:
    """Yield the paragraphs and tables below an element, in order, those of text boxes behind the paragraph that holds them."""
    for child in container:
        if child.tag == f"{W}p":
            label, depth = numbers.label(child)
            words = _words(child)
            if words.strip():
                yield f"{_INDENT * depth}{label}{' ' * bool(label)}{words.strip(' ')}"
            for box in child.iter(_BOX):
                if not _inside_fallback(box, child):
                    yield from _blocks(box, numbers)
        elif child.tag == f"{W}tbl":
            yield "\n".join(filter(None, (_row(row, numbers) for row in child.iterchildren(f"{W}tr"))))
        elif isinstance(child.tag, str) and child.tag not in _UNREAD:
            yield from _blocks(child, numbers)


def _row(row: Any, numbers: Numbers) -> str:
    cells = (" ".join(" ".join(_blocks(cell, numbers)).split()) for cell in row.iter(f"{W}tc"))
    return "\t".join(cells).rstrip("\t")


def _inside_fallback(box: Any, paragraph: Any) -> bool:
    """Return True if a text box repeats, for old programs, what stands beside it; or belongs to a box inside a box."""
    above = box.getparent()
    while above is not None and above is not paragraph:
        if above.tag in (_FALLBACK, _BOX):
            return True
        above = above.getparent()
    return False


def _words(paragraph: Any) -> str:
    """Return the words of a paragraph as they stand when all tracked changes are accepted, without recursion."""
    found: list[str] = []
    waiting = [paragraph]
    while waiting:
        element = waiting.pop()
        if element.tag == f"{W}t":
            found.append(element.text or "")
        elif element.tag in _SIGNS:
            found.append(_SIGNS[element.tag] if element.get(f"{W}type") not in ("page", "column") else "")
        if element.tag not in _UNREAD and element.tag != _BOX:
            waiting.extend(reversed([child for child in element if isinstance(child.tag, str)]))
    return "".join(found)


def _remarks(document: "Document") -> tuple[str, ...]:
    body = document.element.body
    changed = any(True for _ in body.iter(f"{W}ins", f"{W}del", f"{W}moveFrom"))
    notes = any(True for _ in body.iter(f"{W}footnoteReference", f"{W}endnoteReference"))
    return (
        *(["read with its tracked changes accepted"] if changed else []),
        *(["left out footnotes and endnotes"] if notes else []),
    )
