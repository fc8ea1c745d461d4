"""Lines without a mark of their own or with a bullet: items, definitions, paragraphs."""

import re

from corpus.headed import add_heading
from corpus.headings import defined_term, defining, list_item, run_in, titled
from corpus.layout import Line
from corpus.markers import bullet, slug
from corpus.outline import Node, node_of, title_is_all
from corpus.types import Span
from corpus.walk import Walk

_ENDED = re.compile(r"[.!?:;,。：；][\"'”’)\]*_]*\Z")


def open_bullet(walk: Walk, line: Line) -> bool:
    """Open a bulleted item with `line`; return True if done."""
    found = bullet(line.text)
    outline = walk.outline
    if found is None or not outline.nodes:
        return False
    style = "bullet" + (found.group(1) or found.group(2))
    open_ = [n for n in outline.stack if n.kind == "bullet"]
    peer = next(
        (n for n in reversed(open_) if n.style == style and abs(n.indent - line.indent) <= 1),
        None,
    )
    if peer is None and not line.fresh:
        return False
    lead = outline.lead_in(line.start, line.text[found.end() :]) if peer is None else peer.lead_in
    parent = peer.parent if peer else _bullet_parent(walk, line, lead)
    node = node_of("bullet", line, line.at + found.end())
    node.style, node.lead_in = style, lead
    words = line.text[found.end() :]
    node.title = defined_term(words) or ""
    node.label = slug(node.title)
    outline.add(node, parent or outline.root)
    return True


def open_plain(walk: Walk, line: Line, after: Line | None) -> None:
    """Open a definition, a run-in heading, an unmarked item or a paragraph; or leave the line to the node above."""
    outline = walk.outline
    if not outline.nodes:
        title = line.text.replace("**", "").strip(" #*_=")
        walk.titled = line.text[:1] == "#" or titled(title) or title.isupper()
        if not walk.titled and (len(title) > 90 or not (after is None or after.gap or after.deliberate)):
            title = ""
        node = node_of("paragraph", line, line.at, title)
        outline.add(node, outline.root, open_=False)
        return
    text = line.text + (" " + after.text if after and not after.gap else "")
    term = _term(walk, line, text)
    if (term is None and _item(walk, line, after)) or not _starts(walk, line):
        return
    if outline.top.kind == "definition" and term:
        outline.close_to(outline.top.parent or outline.root)
    else:
        _close_for(walk, line)
    found = run_in(text, walk.colons, bool(walk.run_parents)) if not (term or outline.numbered()) else None
    if found and found.title.lower() != outline.nearest("heading", "word").title.lower():
        add_heading(walk, line, found, line.at)
    elif term:
        node = node_of("definition", line, line.at, term)
        node.label = slug(term)
        outline.add(node, outline.top)
    elif _own_paragraph(walk, line):
        outline.add(node_of("paragraph", line, line.at), outline.top, open_=False)
    else:
        outline.base = line.hanging
        outline.last.breaks.append(line.start)


def _bullet_parent(walk: Walk, line: Line, lead: Span | None) -> Node:
    outline = walk.outline
    parent = outline.top
    while parent.kind in ("bullet", "definition"):
        deeper = line.indent > parent.indent + 1
        if outline.last is parent and (deeper or (lead and parent.style[:6] != "bullet")):
            break
        if deeper and parent.kind == "bullet":
            break
        parent = parent.parent or outline.root
    while parent.kind == "number" and line.indent + 2 <= parent.hang:
        parent = parent.parent or outline.root
    return parent


def _term(walk: Walk, line: Line, text: str) -> str | None:
    """Return the term that the paragraph defines, if definitions may stand here."""
    outline = walk.outline
    owner = outline.top.parent if outline.top.kind == "definition" else outline.top
    among = owner is not None and (defining(owner.title) or outline.top.kind == "definition")
    if among and owner is not None and owner.kind != "root":
        return defined_term(text, loosely=True)
    if line.text[:1] not in '"“”«„*':
        return None
    free = outline.top.kind == "number" and not (outline.last is outline.top and title_is_all(outline, line.start))
    return None if free else defined_term(text)


def _starts(walk: Walk, line: Line) -> bool:
    """Return True if a paragraph starts with `line`."""
    lower = line.text[:1].islower()
    if line.gap:
        return not lower or bool(_ENDED.search(walk.outline.above(line.start)[-3:])) or _indented(walk, line)
    return not lower and (line.wide or (line.deliberate and line.ended and not line.refers))


def _indented(walk: Walk, line: Line) -> bool:
    return line.indent >= walk.outline.base + 2


def _item(walk: Walk, line: Line, after: Line | None) -> bool:
    """Open an item without a mark: indented, in one block with its lead-in, or one of several such."""
    outline = walk.outline
    if not (line.gap or line.wide or (line.fresh and line.indent != outline.base)):
        return False
    peer = next((n for n in reversed(outline.stack) if n.style == "bare" and n.indent <= line.indent + 1), None)
    if peer is not None and abs(line.indent - peer.indent) <= 1:
        goes_on = (peer.level == 0, list_item(line.text), not line.gap)[peer.level]
        if not goes_on or _list_is_over(walk, peer, line):
            return False
        return _open_item(walk, line, peer.lead_in, peer.parent or outline.root, peer.level)
    lead = outline.lead_in(line.start, line.text)
    if lead is None or (outline.last.kind == "bullet" and (outline.top.style != "bare" or not _indented(walk, line))):
        return False
    colon = lead.of(walk.outline.text).rstrip("*_ ")[-1:] in (":", "：")
    if _indented(walk, line) and (colon or line.gap):
        return _open_item(walk, line, lead, outline.top, 0)
    if not colon or not line.wide or after is None:
        return False
    if list_item(line.text) and after.fresh and list_item(after.text):
        return _open_item(walk, line, lead, outline.top, 1)
    return not line.gap and not after.gap and _open_item(walk, line, lead, outline.top, 2)


def _list_is_over(walk: Walk, peer: Node, line: Line) -> bool:
    """Return True if the item above ended the list: with a full stop, after items that ended with a semicolon."""
    if line.text[:1].islower() or peer is not walk.outline.last or not _full_stop(walk, line):
        return False
    before = [n for n in (peer.parent or walk.outline.root).children if n.lead_in == peer.lead_in][-2:]
    return len(before) == 2 and walk.outline.text[before[0].start : before[1].start].rstrip().endswith(
        (";", "; and", "; or")
    )


def _full_stop(walk: Walk, line: Line) -> bool:
    return walk.outline.above(line.start).endswith(".")


def _open_item(walk: Walk, line: Line, lead: Span | None, parent: Node, level: int) -> bool:
    node = node_of("bullet", line, line.at)
    node.style, node.level, node.lead_in = "bare", level, lead
    walk.outline.add(node, parent)
    return True


def _close_for(walk: Walk, line: Line) -> None:
    """Close the lists and clauses that the paragraph starting with `line` no longer belongs to."""
    outline = walk.outline
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
            listed = owner.lead_in is not None and ended and not closed and column <= owner.indent
            if not listed:
                break
            closed = True
        owner = owner.parent or outline.root
    if owner is not outline.top:
        outline.close_to(owner)


def _own_paragraph(walk: Walk, line: Line) -> bool:
    """Return True if a paragraph is a clause of its own, and not a further one of the clause above."""
    owner = walk.outline.top
    if owner.kind == "root" or owner.children:
        return True
    if owner.kind == "heading" and owner.level >= 7 and 0 <= owner.indent <= line.indent - 2:
        return not owner.title.isupper()
    return False
