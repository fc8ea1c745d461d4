"""The tree of a text while it grows: nodes, the stack of open ones, and what was closed but may go on."""

import re
from dataclasses import dataclass, field
from typing import Literal

from corpus.headings import titled
from corpus.layout import Line
from corpus.sentences import sentences
from corpus.types import Span

NodeKind = Literal[
    "root",
    "paragraph",
    "number",
    "word",
    "attachment",
    "heading",
    "bullet",
    "definition",
]
# last words after which a list may follow without a colon
_OPEN = re.compile(
    r"\b(?:to|that|following|by|including|if|unless|must|shall|not|may|for|provided|conditions|met|particular"
    r"|follows|are|is|party|parties|either|any of|all of|of|and|or|when|where|terms|requirements|least|below)\W*\Z",
    re.I,
)
CONTAINERS: tuple[NodeKind, ...] = ("root", "heading", "word", "attachment")


@dataclass(slots=True, eq=False)
class Node:
    """One clause to be. `body`: where its words start after the marker; `hang`: indentation of its further lines."""

    kind: NodeKind
    start: int
    body: int
    label: str = ""
    style: str = ""
    values: tuple[int, ...] = ()
    title: str = ""
    indent: int = -1
    hang: int = -1
    level: int = 0
    inline: bool = False
    lead_in: Span | None = None
    breaks: list[int] = field(default_factory=list)
    parent: "Node | None" = None
    children: "list[Node]" = field(default_factory=list)


class Outline:
    """The nodes found so far. `stack`: the open ones from the root down; `suspended`: the stack before a closing."""

    def __init__(self, text: str) -> None:
        self.text = text
        self.root = Node("root", 0, 0)
        self.stack = [self.root]
        self.nodes: list[Node] = []
        self.suspended: list[Node] = []
        self.since = 0
        self.base = 0  # indentation of the last paragraph of the last node

    @property
    def top(self) -> Node:
        """Return the innermost open node."""
        return self.stack[-1]

    @property
    def last(self) -> Node:
        """Return the node that the text above belongs to."""
        return self.nodes[-1] if self.nodes else self.root

    def numbered(self) -> bool:
        """Return True if a numbered clause is open."""
        return any(node.kind == "number" for node in self.stack)

    def nearest(self, *kinds: NodeKind) -> Node:
        """Return the innermost open node of one of `kinds`, or the root."""
        return next((node for node in reversed(self.stack) if node.kind in kinds), self.root)

    def close_to(self, node: Node) -> None:
        """Close what is open below `node`; numbered clauses among it may be resumed later."""
        depth = self.stack.index(node) + 1
        if any(n.kind == "number" for n in self.stack[depth:]):
            self.suspended, self.since = list(self.stack), len(self.nodes)
        del self.stack[depth:]

    def add(self, node: Node, parent: Node, *, open_: bool = True) -> Node:
        """Add `node` under `parent`, which must be open, and open it."""
        del self.stack[self.stack.index(parent) + 1 :]
        node.parent = parent
        parent.children.append(node)
        self.nodes.append(node)
        self.base = max(node.hang, 0)
        if open_:
            self.stack.append(node)
        return node

    def resume(self, node: Node) -> Node:
        """Reopen the list of the suspended `node` and return the parent for its next sibling."""
        parent = node.parent or self.root
        if parent.kind in CONTAINERS:
            return parent if parent in self.stack else self.nearest(*CONTAINERS)
        self._adopt(parent)
        return parent

    def reopen(self, node: Node) -> Node:
        """Reopen the suspended `node` itself and return it."""
        self._adopt(node)
        return node

    def _adopt(self, parent: Node) -> None:
        """Make `parent` the innermost open node; what came since it was closed and stands outside it moves into it."""
        outer = self.suspended[: self.suspended.index(parent) + 1]
        for stray in self.nodes[self.since :]:
            if stray.parent is not None and stray.parent is not parent and stray.parent in outer:
                stray.parent.children.remove(stray)
                stray.parent = parent
                parent.children.append(stray)
        self.stack = outer

    def above(self, at: int) -> str:
        """Return the words of the last node before offset `at`."""
        return self.text[self.last.body : at].strip() if self.nodes else ""

    def lead_in(self, at: int, item: str) -> Span | None:
        """Return the span of the words before offset `at` that introduce a list whose first item is `item`, or None."""
        last = self.last
        if not self.nodes or not self.above(at):
            return None
        found = sentences(self.text, Span(max(last.body, at - 3000), at))
        if not found:
            return None
        lead = self._untitled(found[-1])
        words = lead.of(self.text)
        if words.endswith((":", "：", ":**", ":*", "—", "–", " -")):
            return lead
        final = words.split()[-1]
        if words[-1] in '.;!?”"’。；)]' or words == last.title or titled(words):
            return None
        if "/" in final or "@" in final or not (item[:1].islower() or _OPEN.search(words)):
            return None
        if len(words.split()) < (3 if _OPEN.search(words) else 5):
            return None
        return None if last.kind == "heading" and lead.start <= last.body else lead

    def _untitled(self, span: Span) -> Span:
        """Return a sentence of the last node without the node's title."""
        rest = self.text[span.start + len(self.last.title) : span.end]
        if not self.last.title or span.start > self.last.body + 4 or not span.of(self.text).startswith(self.last.title):
            return span
        skip = len(rest) - len(rest.lstrip(" .:*_-–—\r\n\t"))
        return Span(span.end - len(rest) + skip, span.end) if skip < len(rest) else span


def title_is_all(outline: Outline, at: int) -> bool:
    """Return True if the last node holds no more than its title before offset `at`."""
    words = outline.above(at).strip(" .:*_-–—\n\r\t")
    return len(words) <= len(outline.last.title) + 4 or (len(words) < 70 and titled(words))


def node_of(kind: NodeKind, line: Line, body: int, title: str = "") -> Node:
    """Return a node that starts with `line`."""
    return Node(kind, line.start, body, title=title, indent=line.indent, hang=line.hanging)
