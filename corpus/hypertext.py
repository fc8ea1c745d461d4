"""The text of an HTML page: what a reader would see of it, with the numbers of its lists, and nothing that it points to."""

import re
from collections import Counter
from collections.abc import Iterator
from typing import Any

from corpus.errors import InputError
from corpus.extracted import Extracted, checked, first_line, usable, whole
from corpus.numerals import KINDS, numeral
from corpus.sniff import HTML, decode

_UNREAD = frozenset(
    """applet audio button canvas datalist embed frame frameset head iframe input map math nav noframes noscript object
    script select style svg template textarea video""".split()
)
_STRUCK = frozenset({"del", "s", "strike"})
_BLOCKS = frozenset(
    """address article aside blockquote body caption center dd details dialog dir div dl dt fieldset figcaption figure
    footer form h1 h2 h3 h4 h5 h6 header hgroup hr li main menu ol p pre section summary table tbody tfoot thead ul
    """.split()
)
_HIDDEN = re.compile(r"(?:display\s*:\s*none|visibility\s*:\s*hidden)", re.IGNORECASE)
_LIST_STYLE = re.compile(r"list-style(?:-type)?\s*:\s*([a-z-]+)", re.IGNORECASE)
_CHARSET = re.compile(
    rb"""<(?:meta\b[^>]{0,200}\bcharset|\?xml\b[^>]{0,100}\bencoding)\s*=\s*["']?([\w.:-]{1,40})""", re.I
)
_XML = re.compile(r"\A\s*<\?xml[^>]*\?>")
_BLANKS = re.compile(r"[ \t\r\n\f]+")
_LINES = re.compile(r"\n{3,}")
_INDENT = "   "
_LONGEST = 9  # digits of a number that a list may begin with


def read(data: bytes, stem: str, shown: str) -> Extracted:
    """Return what an HTML page says; `stem` is its name without suffix, `shown` how messages call it.

    Raise InputError, with what to do about it, if it is in no known encoding, cannot be read, or holds no text.
    """
    from lxml import etree, html

    source = _XML.sub("", _decoded(data, shown))
    # No entity is resolved and no address opened; what is not well formed is read as browsers do.
    parser = html.HTMLParser(no_network=True, remove_comments=True, remove_pis=True, encoding="utf-8", huge_tree=True)
    unread = InputError(f"{shown} is an HTML page that cannot be read: print it to PDF and add that")
    try:
        root = html.document_fromstring(source.encode("utf-8"), parser=parser)
    except (etree.LxmlError, ValueError, AssertionError, RecursionError):
        raise unread from None
    if any(error.type == etree.ErrorTypes.ERR_RESOURCE_LIMIT for error in parser.error_log):
        raise unread  # what lies too deep would be missing
    page = _Page()
    page.read(root)
    text = checked(whole(page.text()), shown)
    heading = root.find(".//h1")
    named = "".join(heading.itertext()) if heading is not None else ""
    title = usable(whole(named)) or usable(whole(root.findtext(".//title") or "")) or first_line(text) or stem
    return Extracted(text, title, (), HTML, page.remarks())


def _decoded(data: bytes, shown: str) -> str:
    """Return the characters of a page: UTF-8, what a byte-order mark says, or what the page itself declares."""
    declared = _CHARSET.search(data[:4096])
    try:
        return decode(data, shown)
    except InputError:
        if declared is None or b"\x00" in data:
            raise
    try:
        return data.decode(declared[1].decode("ascii"))
    except (LookupError, ValueError):
        raise InputError(
            f"{shown} is not in the encoding that it declares: save it as UTF-8, or print it to PDF"
        ) from None


class _Page:
    """The text as it comes: pieces, and how many line ends stand before the next one."""

    def __init__(self) -> None:
        self._parts: list[str] = []
        self._pending = 0
        self._indent = ""
        self._blank = False  # a blank is due if a word follows on the same line
        self._marked = False  # a mark waits for the words of its item
        self._kept = 0  # elements that keep their white space
        self._lists: list[tuple[str, int]] = []  # kind of numeral and next number of the lists around
        self._left_out: Counter[str] = Counter()

    def read(self, root: Any) -> None:
        """Read the elements in document order, without recursion: a page may nest as deep as it likes."""
        for event, element in _walk(root, self._skipped):
            if event == "start":
                self._opened(element)
                self._say(element.text)
            else:
                if event == "end":
                    self._closed(element)
                elif element.tag in _BLOCKS:
                    self._break(2)
                self._say(element.tail)

    def text(self) -> str:
        """Return the whole text."""
        lines = "".join(self._parts).split("\n")
        return _LINES.sub("\n\n", "\n".join(line.rstrip(" \t") for line in lines)).strip("\n") + "\n"

    def remarks(self) -> tuple[str, ...]:
        """Return what was left out though a text editor would show it."""
        return tuple(f"left out {count} {what} passage{'s' * (count > 1)}" for what, count in self._left_out.items())

    def _skipped(self, element: Any) -> bool:
        if element.tag in _UNREAD:
            return True
        hidden = "hidden" in element.attrib or bool(_HIDDEN.search(element.get("style") or ""))
        if (hidden or element.tag in _STRUCK) and any(map(str.strip, element.itertext())):
            self._left_out["hidden" if hidden else "struck"] += 1
        return hidden or element.tag in _STRUCK

    def _opened(self, element: Any) -> None:
        tag = element.tag
        if tag in ("ol", "ul", "menu", "dir"):
            self._lists.append(_list(element))
        if tag == "br":
            self._break(self._pending + 1 if self._pending else 1)
        elif tag in _BLOCKS:
            self._break(2)
        elif tag == "tr":
            self._break(1)
        elif tag in ("td", "th") and element.getprevious() is not None:
            self._put("\t")
        self._kept += tag == "pre"
        if tag == "li":
            self._item(element)

    def _closed(self, element: Any) -> None:
        tag = element.tag
        self._kept -= tag == "pre"
        if tag in ("ol", "ul", "menu", "dir"):
            self._lists.pop()
        if tag == "li":
            self._marked = False  # an item without words
        if tag in _BLOCKS:
            self._break(2)
        elif tag == "tr":
            self._break(1)

    def _item(self, element: Any) -> None:
        kind, number = self._lists[-1] if self._lists else ("", 0)
        own = element.get("value") or ""
        if own.isascii() and own.isdigit() and len(own) <= _LONGEST:
            number = int(own)
        if self._lists:
            self._lists[-1] = (kind, number + 1)
        mark = f"{numeral(number, kind)}." if kind and kind != "none" else ""
        begun = next(filter(None, map(str.strip, element.itertext())), "")
        self._indent = _INDENT * (len(self._lists) - 1)
        if mark and not begun.startswith(mark):
            self._put(f"{mark} ")
            self._marked = True
        elif not kind and begun:
            self._put("- ")
            self._marked = True

    def _break(self, lines: int) -> None:
        if self._marked:
            return
        self._pending = max(self._pending, lines)
        self._blank = False
        self._indent = ""

    def _say(self, text: str | None) -> None:
        if not text:
            return
        if self._kept:
            self._put(text.replace("\r\n", "\n").replace("\r", "\n"))
            return
        words = _BLANKS.sub(" ", text)
        if words == " ":
            self._blank = True
            return
        if words.startswith(" "):
            self._blank = True
        self._put(words.strip(" "))
        self._blank = words.endswith(" ")

    def _put(self, text: str) -> None:
        if self._pending and self._parts:
            self._parts.append("\n" * self._pending)
        elif self._blank and self._parts and not self._parts[-1].endswith((" ", "\t", "\n")):
            self._parts.append(" ")
        if self._pending or not self._parts:
            self._parts.append(self._indent)
        self._pending, self._blank, self._marked = 0, False, False
        self._parts.append(text)


def _walk(root: Any, skipped: Any) -> Iterator[tuple[str, Any]]:
    """Yield `start` and `end` of the elements that are read, `past` for what is skipped: words may stand behind it."""
    stack = [(root, iter(root))]
    yield "start", root
    while stack:
        element, children = stack[-1]
        child = next(children, None)
        if child is None:
            stack.pop()
            if element is not root:
                yield "end", element
        elif not isinstance(child.tag, str) or skipped(child):
            yield "past", child
        else:
            stack.append((child, iter(child)))
            yield "start", child


def _list(element: Any) -> tuple[str, int]:
    """Return the kind of numeral of a list (empty for bullets, `none` without any mark) and its first number."""
    style = _LIST_STYLE.search(element.get("style") or "")
    named = style[1].lower() if style else element.get("type") or ""
    if named == "none":
        return "none", 1
    if element.tag != "ol":
        return "", 1
    start = element.get("start") or ""
    first = int(start) if start.isascii() and start.isdigit() and len(start) <= _LONGEST else 1
    return KINDS.get(named, "1"), first
