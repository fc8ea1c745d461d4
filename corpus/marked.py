"""Lines that start with a number, a letter, Section, Exhibit: the clauses that a text marks itself."""

from corpus.headings import defined_term, own_title
from corpus.layout import Line
from corpus.markers import Marker, attachment, marker, word_marker
from corpus.numbering import Candidate, place
from corpus.outline import Node, node_of
from corpus.walk import INLINE, Walk

_RANK = {"part": 0, "title": 1, "chapter": 2, "article": 3, "section": 4}


def open_attachment(walk: Walk, line: Line, after: Line | None) -> bool:
    """Open an attachment, exhibit, appendix or schedule with `line`; return True if done."""
    found = attachment(line.text) if line.fresh and not line.refers else None
    if found is None or (after and after.text[:1].islower()):
        return False
    if not (line.gap or line.deliberate or found.title):
        return False
    walk.outline.close_to(walk.outline.root)
    walk.outline.suspended = []
    node = node_of("attachment", line, line.at + found.size, found.title)
    node.label = found.readings[0].label
    walk.outline.add(node, walk.outline.root)
    return True


def open_word(walk: Walk, line: Line, after: Line | None) -> bool:
    """Open a Section, Article, Part or Chapter with `line`; return True if done."""
    found = word_marker(line.text) if line.fresh and not line.refers else None
    if found is None:
        return False
    reading = found.readings[0]
    if reading.style == "1.1":
        return open_number(walk, line, after, found)
    values = [n.values[0] for n in walk.outline.nodes if n.kind == "word" and n.style == reading.style]
    if values and not line.gap and reading.values[0] not in (values[-1], values[-1] + 1):
        return False
    outline, parent = walk.outline, _word_parent(walk, reading.style)
    outline.close_to(parent)
    title = own_title(found.title, after is None or after.fresh) or (found.title if len(found.title) < 90 else "")
    node = node_of("word", line, line.at + found.size, title.strip(" .:"))
    node.label, node.style, node.values = (
        reading.label,
        reading.style,
        reading.values,
    )
    outline.add(node, parent)
    return True


def _word_parent(walk: Walk, style: str) -> Node:
    """Return where a Section or Article belongs: beside the one before, else in what is larger."""
    outline = walk.outline
    peer = next(
        (n for n in reversed(outline.nodes) if n.kind == "word" and n.style == style),
        None,
    )
    if peer is not None and peer.parent in outline.stack:
        return peer.parent or outline.root
    parent = outline.nearest("attachment", "word", "heading")
    while parent.kind == "word" and _RANK.get(parent.style, 4) >= _RANK.get(style, 4):
        parent = parent.parent or outline.root
    return parent


def open_number(walk: Walk, line: Line, after: Line | None, found: Marker | None = None) -> bool:
    """Open the clauses whose numbers `line` starts with (`1. (a)` are two); return True if there is one."""
    found = found or marker(line.text)
    at, words, opened, nested = line.at, line.text, False, False
    while found is not None and (found.readings[0].style != "1 " or not nested):
        node = place(
            walk.outline,
            walk.places,
            Candidate(found, line, at, words[found.size :], nested=nested),
        )
        if node is None:
            break
        at, words = at + found.size, words[found.size :]
        node.title = _own_title(walk, words, after)
        opened, nested, found = True, True, marker(words)
    return opened


def _own_title(walk: Walk, words: str, after: Line | None) -> str:
    text = words + (" " + after.text if after and not after.gap else "")
    if words[:1] in '"“*' and defined_term(text):
        return defined_term(text) or ""
    return own_title(words, after is None or after.gap or after.deliberate)


def open_inside(walk: Walk, line: Line) -> None:
    """Open the items that stand inside the line (`... terms. a. Distribution. If You ... b. Use. Your ...`)."""
    begin = max(1, walk.outline.last.body + 1 - line.at)
    for match in INLINE.finditer(line.text, begin):
        at = match.end()
        found = marker(line.text[at:])
        if found is None or not walk.outline.nodes:
            continue
        words = line.text[at + found.size :]
        node = place(
            walk.outline,
            walk.places,
            Candidate(found, line, line.at + at, words, inline=True),
        )
        if node is not None:
            node.title = own_title(words, False)
