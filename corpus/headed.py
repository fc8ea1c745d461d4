"""Lines that are headings, and where they belong."""

import re

from corpus.headings import Heading, defined_term, heading, titled
from corpus.layout import Line
from corpus.outline import Node, node_of
from corpus.walk import Walk

_CLOSING = re.compile(r"end of (?:the )?(?:terms|license|agreement|document)|how to apply|signature", re.I)


def open_heading(walk: Walk, line: Line, after: Line | None) -> bool:
    """Open a heading with `line` (or take it as the title of the text or of the clause above); return True if done."""
    outline = walk.outline
    if not outline.nodes or _names_last(walk, line, after):
        return bool(outline.nodes)
    found = heading(line, after, outline.above(line.start))
    if found is None:
        return False
    if outline.numbered() and not _breaks_numbers(walk, line, found):
        return False
    if (
        not walk.titled
        and found.level in (1, 7)
        and len(outline.nodes) < 3
        and all(n.kind == "paragraph" for n in outline.nodes)
    ):
        walk.titled = True
        outline.add(
            node_of("paragraph", line, line.at, found.title),
            outline.root,
            open_=False,
        )
        return True
    if outline.top.kind == "bullet" and outline.top.style == "bare" and line.indent == outline.top.indent:
        return False
    add_heading(walk, line, found, line.at)
    return True


def add_heading(walk: Walk, line: Line, found: Heading, body: int) -> None:
    """Add the heading `found` to the outline; its words start at offset `body`."""
    outline = walk.outline
    parent = outline.root if _CLOSING.match(found.title) else _heading_parent(walk, line, found)
    outline.close_to(parent)
    node = node_of("heading", line, body, found.title)
    node.level = found.level
    if found.level == 9:
        walk.run_parents[line.indent] = parent
    outline.add(node, parent)


def _names_last(walk: Walk, line: Line, after: Line | None) -> bool:
    """Take the line as title of the Section or Exhibit above if that has none yet; return True if done."""
    last, words = walk.outline.last, line.text.strip(" *_#:.")
    if last.kind not in ("attachment", "word", "number") or last.title or walk.outline.above(line.start):
        return False
    if len(words) > 90 or not (titled(words) or words.isupper()) or defined_term(line.text):
        return False
    if after is not None and not (after.gap or after.deliberate or after.text[:1].isupper()):
        return False
    last.title = words
    return True


def _breaks_numbers(walk: Walk, line: Line, found: Heading) -> bool:
    """Return True if a heading is plain enough to stand among numbered clauses."""
    last = walk.outline.last
    if last.kind == "number" and not last.title and not walk.outline.above(line.start):
        return True
    if found.level < 7 or (_CLOSING.match(found.title) and line.text.isupper()):
        return True
    return line.gap and line.gap_after and (line.text.isupper() or not walk.outline.above(line.start).endswith(":"))


def _heading_parent(walk: Walk, line: Line, found: Heading) -> Node:
    outline = walk.outline
    known = walk.run_parents.get(line.indent)
    if found.level == 9 and known is not None and known in outline.stack:
        return known
    parent = outline.nearest("heading", "attachment", "word")
    while parent.kind == "heading":
        inside = parent.level < found.level and (parent.level < 7 or found.level > 7)
        deeper = parent.level >= 7 and found.level >= 7 and 0 <= parent.indent <= line.indent - 2
        if inside or (deeper and not parent.title.isupper()):
            break
        parent = parent.parent or outline.root
    return parent
