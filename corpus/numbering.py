"""Where a number belongs: it continues an open list, starts one, resumes a closed one, or is no number of the text."""

import re
from bisect import bisect_right
from collections.abc import Iterator
from dataclasses import dataclass

from corpus.headings import own_title
from corpus.layout import Line
from corpus.markers import Marker, Reading
from corpus.outline import CONTAINERS, Node, Outline, title_is_all
from corpus.types import Span

_AGREED = re.compile(
    r"\b(?:agree[sd]?|covenant)\b[^.]*:\W*\Z|\bas follows:\W*\Z|\bterms and conditions:?\W*\Z|条款[^。]*：\Z",
    re.I,
)
_DECIMAL_PARENTS = ("1.", "1 ", "1)", "1.1", "section", "article")


@dataclass(frozen=True, slots=True)
class Candidate:
    """A marker at offset `at`, followed by `words`. `inline`: inside its line; `nested`: after a marker."""

    marker: Marker
    line: Line
    at: int
    words: str
    inline: bool = False
    nested: bool = False

    @property
    def start(self) -> int:
        """Return the offset where the clause of this marker starts: its line, or the marker inside one."""
        return self.at if self.inline or self.nested else self.line.start

    @property
    def indent(self) -> int:
        """Return the column of the marker (that of its line for an inline one)."""
        return self.line.indent

    @property
    def strong(self) -> bool:
        """Return True if the marker stands where a paragraph starts and sentence-like words follow."""
        return (
            not self.inline and (self.line.gap or (self.line.ended and self.line.deliberate)) and _capital(self.words)
        )


class Places:
    """All markers of the text by style and value, to look ahead for a list's next item."""

    def __init__(self) -> None:
        self._at: dict[tuple[str, tuple[int, ...]], list[int]] = {}
        self._order: dict[str, list[tuple[int, int]]] = {}

    def note(self, reading: Reading, at: int) -> None:
        """Remember a marker; offsets must not go down."""
        self._at.setdefault((reading.style, reading.values), []).append(at)
        self._order.setdefault(reading.style, []).append((at, reading.values[0]))

    def followed(self, reading: Reading, at: int, reach: int = 1) -> bool:
        """Return True if one of the next `reach` numbers of the same style stands somewhere after offset `at`."""
        for step in range(1, reach + 1):
            values = (*reading.values[:-1], reading.values[-1] + step)
            found = self._at.get((reading.style, values), [])
            if found and found[-1] > at:
                return True
        return False

    def returns_to(self, style: str, value: int, at: int) -> bool:
        """Return True if the lists of that style from `at` on end with `value`: they stand in the list it continues."""
        order = self._order.get(style, [])
        run = 1
        for _, found in order[bisect_right(order, (at, 1 << 30)) :]:
            if found == value and found != run + 1:
                return True
            if found not in (run + 1, 1):
                return False
            run = found
        return False

    def next_is(self, first: Reading, second: Reading, at: int) -> bool:
        """Return True if after `at` the successor of `first` comes before that of `second`."""
        return self._after(first, at) < self._after(second, at)

    def _after(self, reading: Reading, at: int) -> float:
        found = self._at.get((reading.style, (*reading.values[:-1], reading.values[-1] + 1)), [])
        i = bisect_right(found, at)
        return found[i] if i < len(found) else float("inf")


def place(outline: Outline, places: Places, found: Candidate) -> Node | None:
    """Return the new node for the marker `found`, added to the outline, or None if it is no number of the text."""
    if found.marker.readings[0].style == "1.1":
        return _decimal(outline, places, found, found.marker.readings[0])
    options = list(_continuing(outline.stack, found))
    if options:
        node, reading = _choose(outline, found, options)
        other = next(
            (r for r in found.marker.readings if r.values[0] == 1 and r.style != reading.style),
            None,
        )
        if other and _start_here(outline, places, found, other) and places.next_is(other, reading, found.at):
            return _start(outline, places, found, other)
        return _next(outline, found, node, reading)
    if found.line.fresh or found.nested:
        closed = [n for n in outline.suspended if n not in outline.stack]
        for node, reading in _continuing(closed, found):
            return _add(outline, found, reading, outline.resume(node), node.lead_in)
        for reading in found.marker.readings:
            if reading.values[0] <= 1 and _start_here(outline, places, found, reading):
                return _start(outline, places, found, reading)
        return _deeper(outline, places, found) or _after_gap(outline, places, found, closed)
    return None


def _deeper(outline: Outline, places: Places, found: Candidate) -> Node | None:
    """Add the first item of a list whose numbers go on from another one, if it is indented below its lead-in."""
    top, reading = outline.top, found.marker.readings[0]
    if top.kind != "number" or outline.last is not top or found.inline or found.nested or found.indent < top.indent + 3:
        return None
    lead = outline.lead_in(found.start, found.words)
    return _add(outline, found, reading, top, lead) if lead and places.followed(reading, found.at) else None


def _continuing(nodes: list[Node], found: Candidate) -> Iterator[tuple[Node, Reading]]:
    """Yield the nodes, innermost first, whose next number `found` is."""
    for node in reversed(nodes):
        if node.kind != "number" or (found.inline and not node.inline and found.words[:1].islower()):
            continue
        for reading in found.marker.readings:
            if reading.style != node.style:
                continue
            extra = reading.values == node.values and reading.label != node.label and not reading.label.isdigit()
            if reading.values[0] == node.values[-1] + 1 or extra:
                aligned = not found.line.refers and abs(found.indent - node.indent) <= 1
                if found.inline or found.nested or found.line.fresh or aligned:
                    yield node, reading


def _choose(outline: Outline, found: Candidate, options: list[tuple[Node, Reading]]) -> tuple[Node, Reading]:
    """Return the list that goes on where several could: by heading, indentation, else the innermost."""
    inner, outer = options[0], options[-1]
    if inner is outer:
        return inner
    if inner[0].indent != outer[0].indent and found.indent == outer[0].indent:
        return outer
    return outer if outer[0].title and not inner[0].title and _heads(found) else inner


def _heads(found: Candidate) -> bool:
    """Return True if the words after the marker start with a heading."""
    return bool(own_title(found.words, found.line.gap_after or found.line.wide))


def _next(outline: Outline, found: Candidate, node: Node, reading: Reading) -> Node:
    parent = node.parent or outline.root
    return _add(outline, found, reading, parent, node.lead_in)


def _start_here(outline: Outline, places: Places, found: Candidate, reading: Reading) -> bool:
    """Return True if a list may start here: it has a second item, and the place looks like the start of one."""
    if reading.values[0] == 0 and reading.style[0] != "1":
        return False
    if not places.followed(reading, found.at):
        first = outline.last.kind in ("word", "heading", "attachment") and title_is_all(outline, found.start)
        if not (_heads(found) or first) or not places.followed(reading, found.at, 6):
            return False
    if found.inline:
        return found.words[1:2].islower() or found.words[:1] in '“"'
    return found.nested or found.line.fresh


def _start(outline: Outline, places: Places, found: Candidate, reading: Reading) -> Node:
    """Add the first item of a list under what stands above it."""
    lead = outline.lead_in(found.start, found.words)
    words = lead.of(outline.text) if lead else ""
    top_level = reading.style[0] == "1" and (words[-1:] not in ":：—–-*" or found.words.isupper())
    if lead and _heads(found) and (_AGREED.search(words) or top_level):
        lead = None  # "... agree as follows: 1. Definitions" opens the clauses of the text, not a list
    open_ = [n for n in reversed(outline.stack) if n.kind == "number" and n.style == reading.style]
    same = next((n for n in open_ if n.indent <= found.indent + 1), open_[-1] if open_ else None)
    if same is not None and not found.nested:
        bare = outline.last is outline.top and title_is_all(outline, found.start)
        inside = places.returns_to(same.style, same.values[0] + 1, found.at)
        if not (lead or bare or inside or found.indent >= same.indent + 2):
            return _add(outline, found, reading, same.parent or outline.root, None)
    parent = outline.top
    while parent.kind in ("bullet", "definition") and not (lead and outline.last is parent):
        parent = parent.parent or outline.root
    while parent.kind == "number" and not found.inline and not found.nested and found.indent + 2 <= parent.hang:
        parent = parent.parent or outline.root
    return _add(outline, found, reading, parent, lead)


def _after_gap(outline: Outline, places: Places, found: Candidate, closed: list[Node]) -> Node | None:
    """Add a number some steps after the last of its list (those in between got lost), or the first of an excerpt."""
    if not found.strong:
        return None
    for reading in found.marker.readings:
        reach = 10 if reading.style[0] in "1h" else 2
        for node in [*reversed(outline.stack), *reversed(closed)]:
            if node.kind == "number" and node.style == reading.style and len(node.values) == 1:
                if node.values[0] < reading.values[0] <= node.values[0] + reach:
                    parent = (node.parent or outline.root) if node in outline.stack else outline.resume(node)
                    return _add(outline, found, reading, parent, node.lead_in)
                return None
    reading = found.marker.readings[0]
    if (
        reading.style in ("1.", "1)")
        and reading.values[0] <= 30
        and found.line.gap
        and places.followed(reading, found.at)
    ):
        known = any(n.style == reading.style for n in outline.nodes)
        return (
            None
            if known
            else _add(
                outline,
                found,
                reading,
                outline.nearest(*CONTAINERS),
                outline.lead_in(found.start, found.words),
            )
        )
    return None


def _decimal(outline: Outline, places: Places, found: Candidate, reading: Reading) -> Node | None:
    """Add a number such as 2.1 beside 2.0 or under 2, or return None."""
    if not (found.line.fresh or found.nested) or (found.words[:1].islower() and not found.line.gap):
        return None
    prefix, value = reading.values[:-1], reading.values[-1]
    closed = [n for n in outline.suspended if n not in outline.stack]
    for nodes in (outline.stack, closed):
        for node in reversed(nodes):
            if node.style == "1.1" and node.values[:-1] == prefix and node.values[-1] <= value <= node.values[-1] + 5:
                parent = (node.parent or outline.root) if nodes is outline.stack else outline.resume(node)
                return _add(outline, found, reading, parent, None)
        for node in reversed(nodes):
            if (
                node.style in _DECIMAL_PARENTS
                and node.values == prefix
                and value <= 2
                and node.kind in ("number", "word")
            ):
                parent = node if nodes is outline.stack else outline.reopen(node)
                return _add(outline, found, reading, parent, None)
    if value > 1 or not places.followed(reading, found.at) or not _capital(found.words):
        return None
    return _add(outline, found, reading, outline.nearest(*CONTAINERS), None)


def _add(
    outline: Outline,
    found: Candidate,
    reading: Reading,
    parent: Node,
    lead: Span | None,
) -> Node:
    node = Node(
        "number",
        found.start,
        found.at + found.marker.size,
        reading.label,
        reading.style,
        reading.values,
    )
    node.indent, node.hang = found.indent, found.line.hanging
    node.inline, node.lead_in = found.inline, lead
    return outline.add(node, parent)


def _capital(words: str) -> bool:
    """Return True if `words` do not start in the middle of a sentence."""
    first = words.lstrip("\"“”'‘«([*_ ")[:1]
    return not first or not first.islower()
