"""Line by line from a text to its outline."""

from corpus.headed import open_heading
from corpus.marked import open_attachment, open_inside, open_number, open_word
from corpus.outline import Node, Outline
from corpus.unmarked import open_bullet, open_plain
from corpus.walk import start_walk

_LONG, _LONG_NUMBERED = 2500, 4000  # characters above which the paragraphs of a clause are cited one by one


def grow(text: str) -> Outline:
    """Return the outline of `text`; its nodes are in the order of the text.

    Each line either opens a clause or is left to the clause above.
    """
    walk = start_walk(text)
    for i, line in enumerate(walk.lines):
        after = walk.lines[i + 1] if i + 1 < len(walk.lines) else None
        if i in walk.contents:
            open_plain(walk, line, after)
            continue
        opened = (
            open_attachment(walk, line, after)
            or open_word(walk, line, after)
            or open_number(walk, line, after)
            or open_heading(walk, line, after)
            or open_bullet(walk, line)
        )
        if not opened:
            open_plain(walk, line, after)
        open_inside(walk, line)
    _split_long(walk.outline)
    return walk.outline


def _split_long(outline: Outline) -> None:
    """Make the further paragraphs of a long clause clauses of their own, so that a citation is no page long."""
    nodes = outline.nodes
    if not nodes:
        return
    ends = [*(n.start for n in nodes[1:]), len(outline.text)]
    outline.nodes = []
    for node, end in zip(nodes, ends, strict=True):
        outline.nodes.append(node)
        limit = _LONG_NUMBERED if node.kind in ("number", "bullet", "definition") else _LONG
        if len(node.breaks) > 1 and len(" ".join(outline.text[node.start : end].split())) > limit:
            parts = [Node("paragraph", start, start, parent=node) for start in node.breaks]
            node.children[:0] = parts
            outline.nodes.extend(parts)
