"""Line by line from a text to its outline."""

import re

from corpus.headings import (
    Heading,
    colon_run,
    defined_term,
    defining,
    heading,
    list_item,
    own_title,
    run_in,
    titled,
)
from corpus.layout import Line, read_lines
from corpus.markers import (
    Marker,
    attachment,
    bullet,
    contents_line,
    marker,
    slug,
    word_marker,
)
from corpus.numbering import Candidate, Places, place
from corpus.outline import Node, Outline, node_of, title_is_all
from corpus.types import Span

_INLINE = re.compile(
    r"(?<=[.;:)])[ \t]{1,4}(?=\(?(?:\d{1,2}|[a-zA-Z]|[ivxIVX]{1,5})[.)][ \t]+[A-Z“\"])"
)
_ENDED = re.compile(r"(?:[.!?:。：]|[.!?][\"'”’)\]*_]+|[;,]?\s*)\Z")
_CLOSING = re.compile(
    r"end of (?:the )?(?:terms|license|agreement|document)|how to apply|signature", re.I
)
_LONG, _LONG_NUMBERED = (
    2500,
    4000,
)  # characters above which the paragraphs of a clause are cited one by one
_RANK = {"part": 0, "title": 1, "chapter": 2, "article": 3, "section": 4}


def grow(text: str) -> Outline:
    """Return the outline of `text`; its nodes are in the order of the text."""
    return _Grower(text).run()


class _Grower:
    """The walk over the lines. Each step either opens a node with its line or leaves the line to the node above."""

    def __init__(self, text: str) -> None:
        self.text = text
        self.lines = read_lines(text)
        self.outline = Outline(text)
        self.places = Places()
        self.colons = sum(line.gap and colon_run(line.text) for line in self.lines) >= 3
        self.titled = False
        self.run_parents: dict[int, Node] = {}
        self.contents = self._find_contents()
        self._look_ahead()

    def run(self) -> Outline:
        """Return the finished outline."""
        for i, line in enumerate(self.lines):
            after = self.lines[i + 1] if i + 1 < len(self.lines) else None
            if i not in self.contents:
                opened = (
                    self._attachment(line, after)
                    or self._word(line, after)
                    or self._number(line, after)
                    or self._heading(line, after)
                    or self._bullet(line)
                )
            else:
                opened = False
            if not opened:
                self._plain(line, after)
            if i not in self.contents:
                self._inside(line)
        _split_long(self.outline)
        return self.outline

    def _find_contents(self) -> set[int]:
        """Return the indexes of the lines that are a table of contents: leaders, or titles that come again below."""
        last: dict[str, int] = {}
        keys: list[str] = []
        for i, line in enumerate(self.lines):
            short = len(line.text) < 90 and (
                marker(line.text) or word_marker(line.text)
            )
            key = (
                re.sub(r"[\W\d]*\d*\W*\Z", "", line.text.lower()).strip(" .\t")
                if short
                else ""
            )
            keys.append(key if len(key) > 5 and re.search(r"[^\W\d]{3}", key) else "")
            if keys[-1]:
                last[keys[-1]] = i
        found = {i for i, line in enumerate(self.lines) if contents_line(line.text)}
        for i, key in enumerate(keys):
            neighbours = [
                j
                for j in (i - 1, i + 1)
                if 0 <= j < len(keys) and keys[j] and last[keys[j]] > j
            ]
            if key and last[key] > i and neighbours:
                found.add(i)
        return found

    def _look_ahead(self) -> None:
        """Note all markers, so that a list can be told from a single letter."""
        for i, line in enumerate(self.lines):
            if i in self.contents:
                continue
            at, words = line.at, line.text
            for _ in range(3):
                found = marker(words)
                if found is None:
                    break
                for reading in found.readings:
                    self.places.note(reading, at)
                at, words = at + found.size, words[found.size :]
            for match in _INLINE.finditer(line.text, 1):
                inside = marker(line.text[match.end() :])
                for reading in inside.readings if inside else ():
                    self.places.note(reading, line.at + match.end())

    def _attachment(self, line: Line, after: Line | None) -> bool:
        found = attachment(line.text) if line.fresh and not line.refers else None
        if (
            found is None
            or (not line.gap and not line.deliberate)
            or (after and after.text[:1].islower())
        ):
            return False
        self.outline.close_to(self.outline.root)
        self.outline.suspended = []
        node = node_of("attachment", line, line.at + found.size, found.title)
        node.label = found.readings[0].label
        self.outline.add(node, self.outline.root)
        return True

    def _word(self, line: Line, after: Line | None) -> bool:
        found = word_marker(line.text) if line.fresh and not line.refers else None
        if found is None:
            return False
        reading = found.readings[0]
        if reading.style == "1.1":
            return self._number(line, after, found)
        values = [
            n.values[0]
            for n in self.outline.nodes
            if n.kind == "word" and n.style == reading.style
        ]
        if (
            values
            and not line.gap
            and reading.values[0] not in (values[-1], values[-1] + 1)
        ):
            return False
        outline, parent = self.outline, self._word_parent(reading.style)
        outline.close_to(parent)
        title = own_title(found.title, after is None or after.fresh) or (
            found.title if len(found.title) < 90 else ""
        )
        node = node_of("word", line, line.at + found.size, title.strip(" .:"))
        node.label, node.style, node.values = (
            reading.label,
            reading.style,
            reading.values,
        )
        outline.add(node, parent)
        return True

    def _word_parent(self, style: str) -> Node:
        """Return where a Section or Article belongs: beside the one before, else in what is larger."""
        outline = self.outline
        peer = next(
            (
                n
                for n in reversed(outline.nodes)
                if n.kind == "word" and n.style == style
            ),
            None,
        )
        if peer is not None and peer.parent in outline.stack:
            return peer.parent or outline.root
        parent = outline.nearest("attachment", "word", "heading")
        while parent.kind == "word" and _RANK.get(parent.style, 4) >= _RANK.get(
            style, 4
        ):
            parent = parent.parent or outline.root
        return parent

    def _number(
        self, line: Line, after: Line | None, found: Marker | None = None
    ) -> bool:
        found = found or marker(line.text)
        at, words, opened, nested = line.at, line.text, False, False
        while found is not None and (found.readings[0].style != "1 " or not nested):
            node = place(
                self.outline,
                self.places,
                Candidate(found, line, at, words[found.size :], nested=nested),
            )
            if node is None:
                break
            at, words = at + found.size, words[found.size :]
            node.title = self._own_title(words, after)
            opened, nested, found = True, True, marker(words)
        return opened

    def _own_title(self, words: str, after: Line | None) -> str:
        text = words + (" " + after.text if after and not after.gap else "")
        if words[:1] in '"“*' and defined_term(text):
            return defined_term(text) or ""
        return own_title(words, after is None or after.gap or after.deliberate)

    def _heading(self, line: Line, after: Line | None) -> bool:
        outline = self.outline
        found = heading(line, after, outline.above(line.start))
        if found is None or not outline.nodes:
            return False
        if outline.numbered() and not self._breaks_numbers(line, found):
            return False
        if (
            not self.titled
            and found.level in (1, 7)
            and len(outline.nodes) < 3
            and all(n.kind == "paragraph" for n in outline.nodes)
        ):
            self.titled = True
            outline.add(
                node_of("paragraph", line, line.at, found.title),
                outline.root,
                open_=False,
            )
            return True
        last = outline.last
        if (
            last.kind in ("attachment", "word", "number")
            and not last.title
            and not outline.above(line.start)
        ):
            last.title = found.title
            return True
        if (
            outline.top.kind == "bullet"
            and outline.top.style == "bare"
            and line.indent == outline.top.indent
        ):
            return False
        self._open_heading(line, found, line.at)
        return True

    def _breaks_numbers(self, line: Line, found: Heading) -> bool:
        """Return True if a heading is plain enough to stand among numbered clauses."""
        last = self.outline.last
        if (
            last.kind == "number"
            and not last.title
            and not self.outline.above(line.start)
        ):
            return True
        if found.level < 7 or (_CLOSING.match(found.title) and line.text.isupper()):
            return True
        return (
            line.gap
            and line.gap_after
            and (
                line.text.isupper() or not self.outline.above(line.start).endswith(":")
            )
        )

    def _open_heading(self, line: Line, found: Heading, body: int) -> None:
        outline = self.outline
        parent = (
            outline.root
            if _CLOSING.match(found.title)
            else self._heading_parent(line, found)
        )
        outline.close_to(parent)
        node = node_of("heading", line, body, found.title)
        node.level = found.level
        if found.level == 9:
            self.run_parents[line.indent] = parent
        outline.add(node, parent)

    def _heading_parent(self, line: Line, found: Heading) -> Node:
        outline = self.outline
        known = self.run_parents.get(line.indent)
        if found.level == 9 and known is not None and known in outline.stack:
            return known
        parent = outline.nearest("heading", "attachment", "word")
        while parent.kind == "heading":
            inside = parent.level < found.level and (
                parent.level < 7 or found.level > 7
            )
            deeper = (
                parent.level >= 7
                and found.level >= 7
                and 0 <= parent.indent <= line.indent - 2
            )
            if inside or (deeper and not parent.title.isupper()):
                break
            parent = parent.parent or outline.root
        return parent

    def _bullet(self, line: Line) -> bool:
        found = bullet(line.text)
        outline = self.outline
        if found is None or not outline.nodes:
            return False
        style = "bullet" + (found.group(1) or found.group(2))
        open_ = [n for n in outline.stack if n.kind == "bullet"]
        peer = next(
            (
                n
                for n in reversed(open_)
                if n.style == style and abs(n.indent - line.indent) <= 1
            ),
            None,
        )
        if peer is None and not line.fresh:
            return False
        lead = (
            outline.lead_in(line.start, line.text[found.end() :])
            if peer is None
            else peer.lead_in
        )
        parent = peer.parent if peer else self._bullet_parent(line, lead)
        node = node_of("bullet", line, line.at + found.end())
        node.style, node.lead_in = style, lead
        words = line.text[found.end() :]
        node.title = defined_term(words) or ""
        node.label = slug(node.title)
        outline.add(node, parent or outline.root)
        return True

    def _bullet_parent(self, line: Line, lead: Span | None) -> Node:
        outline = self.outline
        parent = outline.top
        while parent.kind in ("bullet", "definition"):
            deeper = line.indent > parent.indent + 1
            if outline.last is parent and (
                deeper or (lead and parent.style[:6] != "bullet")
            ):
                break
            if deeper and parent.kind == "bullet":
                break
            parent = parent.parent or outline.root
        while parent.kind == "number" and line.indent + 2 <= parent.hang:
            parent = parent.parent or outline.root
        return parent

    def _plain(self, line: Line, after: Line | None) -> None:
        """Open a definition, a run-in heading, an unmarked item or a paragraph; or leave the line to the node above."""
        outline = self.outline
        if not outline.nodes:
            title = line.text.replace("**", "").strip(" #*_=")
            self.titled = line.text[:1] == "#" or titled(title) or title.isupper()
            if not self.titled and (
                len(title) > 90 or not (after is None or after.gap or after.deliberate)
            ):
                title = ""
            node = node_of("paragraph", line, line.at, title)
            outline.add(node, outline.root, open_=False)
            return
        text = line.text + (" " + after.text if after and not after.gap else "")
        term = self._term(line, text)
        if (term is None and self._item(line, after)) or not self._starts(line):
            return
        found = (
            run_in(text, self.colons, bool(self.run_parents))
            if term is None and not outline.numbered()
            else None
        )
        if (
            found
            and found.title.lower() != outline.nearest("heading", "word").title.lower()
        ):
            self._open_heading(line, found, line.at)
            return
        if outline.top.kind == "definition" and term:
            outline.close_to(outline.top.parent or outline.root)
        else:
            self._close_for(line)
        if term:
            node = node_of("definition", line, line.at, term)
            node.label = slug(term)
            outline.add(node, outline.top)
        elif self._own_paragraph(line):
            outline.add(node_of("paragraph", line, line.at), outline.top, open_=False)
        else:
            outline.base = line.hanging
            outline.last.breaks.append(line.start)

    def _term(self, line: Line, text: str) -> str | None:
        """Return the term that the paragraph defines, if definitions may stand here."""
        outline = self.outline
        owner = outline.top.parent if outline.top.kind == "definition" else outline.top
        among = owner is not None and (
            defining(owner.title) or outline.top.kind == "definition"
        )
        if among and owner is not None and owner.kind != "root":
            return defined_term(text, loosely=True)
        if line.text[:1] not in '"“”«„*':
            return None
        free = outline.top.kind == "number" and not (
            outline.last is outline.top and title_is_all(outline, line.start)
        )
        return None if free else defined_term(text)

    def _starts(self, line: Line) -> bool:
        """Return True if a paragraph starts with `line`."""
        lower = line.text[:1].islower()
        if line.gap:
            return (
                not lower
                or bool(_ENDED.search(self.outline.above(line.start)[-3:]))
                or self._indented(line)
            )
        return not lower and (
            line.wide or (line.deliberate and line.ended and not line.refers)
        )

    def _indented(self, line: Line) -> bool:
        return line.indent >= self.outline.base + 2

    def _item(self, line: Line, after: Line | None) -> bool:
        """Open an item without a mark: indented, in one block with its lead-in, or one of several that read like items."""
        outline = self.outline
        if not (line.gap or line.wide or (line.fresh and line.indent != outline.base)):
            return False
        peer = outline.top if outline.top.style == "bare" else None
        if peer is not None and abs(line.indent - peer.indent) <= 1:
            goes_on = (peer.level == 0, list_item(line.text), not line.gap)[peer.level]
            if not goes_on or self._list_is_over(peer, line):
                return False
            return self._open_item(
                line, peer.lead_in, peer.parent or outline.root, peer.level
            )
        lead = outline.lead_in(line.start, line.text)
        if lead is None or outline.last.kind == "bullet":
            return False
        colon = lead.of(self.text).rstrip("*_ ")[-1:] in (":", "：")
        if self._indented(line) and (colon or line.gap):
            return self._open_item(line, lead, outline.top, 0)
        if not colon or not line.wide or after is None:
            return False
        if list_item(line.text) and after.fresh and list_item(after.text):
            return self._open_item(line, lead, outline.top, 1)
        return (
            not line.gap
            and not after.gap
            and self._open_item(line, lead, outline.top, 2)
        )

    def _list_is_over(self, peer: Node, line: Line) -> bool:
        """Return True if the item above ended the list: with a full stop, after items that ended with a semicolon."""
        if peer is not self.outline.last or not self.outline.above(line.start).endswith(
            "."
        ):
            return False
        before = [
            n
            for n in (peer.parent or self.outline.root).children
            if n.lead_in == peer.lead_in
        ][-2:]
        return len(before) == 2 and self.text[
            before[0].start : before[1].start
        ].rstrip().endswith((";", "; and", "; or"))

    def _open_item(
        self, line: Line, lead: Span | None, parent: Node, level: int
    ) -> bool:
        node = node_of("bullet", line, line.at)
        node.style, node.level, node.lead_in = "bare", level, lead
        self.outline.add(node, parent)
        return True

    def _close_for(self, line: Line) -> None:
        """Close the lists and clauses that the paragraph starting with `line` no longer belongs to."""
        outline = self.outline
        above = outline.above(line.start)
        ended = bool(re.search(r"[.!?:。”\")\]]\Z", above))
        owner, column, closed = outline.top, line.hanging, False
        while owner.kind not in ("root", "word", "attachment"):
            if owner.kind == "heading":
                if owner.level < 9 or owner.indent <= column + 1:
                    break
            elif owner.kind in ("bullet", "definition"):
                if column > owner.indent + 1 and not line.wide:
                    break
            elif owner.inline:
                if not line.gap and not line.wide:
                    break
            elif owner.hang <= column + 1 or line.indent >= owner.indent:
                listed = (
                    owner.lead_in is not None
                    and ended
                    and not closed
                    and column <= owner.indent
                )
                if not listed:
                    break
                closed = True
            owner = owner.parent or outline.root
        if owner is not outline.top:
            outline.close_to(owner)

    def _own_paragraph(self, line: Line) -> bool:
        """Return True if a paragraph is a clause of its own, and not a further one of the clause above."""
        owner = self.outline.top
        if owner.kind == "root" or owner.children:
            return True
        if (
            owner.kind == "heading"
            and owner.level >= 7
            and 0 <= owner.indent <= line.indent - 2
        ):
            return not owner.title.isupper()
        return False

    def _inside(self, line: Line) -> None:
        """Open the items that stand inside the line (`... terms. a. Distribution. If You ... b. Use. Your ...`)."""
        begin = max(1, self.outline.last.body + 1 - line.at)
        for match in _INLINE.finditer(line.text, begin):
            at = match.end()
            found = marker(line.text[at:])
            if found is None or not self.outline.nodes:
                continue
            words = line.text[at + found.size :]
            node = place(
                self.outline,
                self.places,
                Candidate(found, line, line.at + at, words, inline=True),
            )
            if node is not None:
                node.title = own_title(words, False)


def _split_long(outline: Outline) -> None:
    """Make the further paragraphs of a long clause clauses of their own, so that a citation is no page long."""
    nodes = outline.nodes
    ends = [*(n.start for n in nodes[1:]), len(outline.text)]
    outline.nodes = []
    for node, end in zip(nodes, ends, strict=True):
        outline.nodes.append(node)
        limit = (
            _LONG_NUMBERED if node.kind in ("number", "bullet", "definition") else _LONG
        )
        if len(node.breaks) > 1 and not node.children and end - node.start > limit:
            for start in node.breaks:
                part = Node("paragraph", start, start, parent=node)
                node.children.append(part)
                outline.nodes.append(part)
