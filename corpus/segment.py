"""Document to clauses: their spans partition the text, their ids say where they stand as a lawyer would cite it."""

import re
from collections import Counter
from collections.abc import Callable

from corpus.grow import grow
from corpus.markers import slug
from corpus.outline import CONTAINERS, Node, Outline
from corpus.types import Clause, Document, Span


def segment(document: Document) -> tuple[Clause, ...]:
    """Return the clauses of `document` in order.

    The spans of the clauses partition its text; each extent holds the clause and all below it.
    """
    text = document.text
    if not text:
        return ()
    outline = grow(text)
    nodes = outline.nodes or [Node("paragraph", 0, 0, parent=outline.root)]
    nodes[0].start = 0
    ends = dict(zip(map(id, nodes), [*(n.start for n in nodes[1:]), len(text)], strict=True))
    extents = dict(ends)
    for node in reversed(nodes):
        if node.parent is not None and node.parent.kind != "root":
            above = id(node.parent)
            extents[above] = max(extents[above], extents[id(node)])
    paths = _Paths(outline, nodes).assign()
    return tuple(
        Clause(
            id=f"{document.id}#{paths[id(node)]}",
            document_id=document.id,
            number=re.sub(r"~\d+", "", paths[id(node)]) if node.kind in ("number", "word", "attachment") else "",
            heading=node.title,
            span=Span(node.start, ends[id(node)]),
            extent=Span(node.start, extents[id(node)]),
            parent=f"{document.id}#{paths[id(node.parent)]}" if node.parent and id(node.parent) in paths else None,
            lead_in=node.lead_in,
        )
        for node in nodes
    )


class _Paths:
    """Gives each node its path, which leaves out Sections whose numbers run on: clause 5, not III.5."""

    def __init__(self, outline: Outline, nodes: list[Node]) -> None:
        self.root = outline.root
        self.nodes = nodes
        self.paths: dict[int, str] = {}
        self.taken: set[str] = set()
        self.repeats: Counter[str] = Counter()
        self.counts: Counter[tuple[int, str]] = Counter()
        self.sections_run_on = self._run_on()
        self.left_out = self._find_left_out()
        self.decimals_unique = self._unique(lambda n: n.style == "1.1")
        self.words_unique = self._unique(lambda n: n.kind == "word")

    def assign(self) -> dict[int, str]:
        """Return the path of each node by its `id()`."""
        for node in self.nodes:
            base = self._base(node)
            label = self._label(node)
            path = f"{base}.{label}" if base else label
            self.repeats[path] += 1
            name = path if self.repeats[path] == 1 else f"{path}~{self.repeats[path]}"
            while name in self.taken:
                self.repeats[path] += 1
                name = f"{path}~{self.repeats[path]}"
            self.taken.add(name)
            self.paths[id(node)] = name
        return self.paths

    def _label(self, node: Node) -> str:
        if node.kind == "heading":
            label = slug(node.title)
            return label if label and not re.fullmatch(r"p\d+", label) else self._count(node, "h")
        if node.kind in ("number", "word", "attachment"):
            return node.label.rpartition(".")[2] if self._below_own(node) else node.label
        if node.label:
            return node.label
        parent = node.parent or self.root
        if node.kind == "bullet" and parent.kind in ("heading", "attachment"):
            return self._count(node, "")
        if node.kind == "bullet" and parent.kind == "bullet" and self.paths[id(parent)].rpartition(".")[2].isdigit():
            return self._count(node, "")
        return self._count(node, "p")

    def _count(self, node: Node, letter: str) -> str:
        key = (id(node.parent or self.root), letter)
        self.counts[key] += 1
        return f"{letter}{self.counts[key]}"

    def _base(self, node: Node) -> str:
        """Return the path that the node's own label is put behind."""
        parent = node.parent or self.root
        if node.kind == "definition" and parent.kind == "root":
            return "definitions"
        if parent.kind == "root":
            return ""
        if self._leaves_out(node, parent):
            return self.paths.get(id(self._holder(node)), "")
        return self.paths[id(parent)]

    def _leaves_out(self, node: Node, parent: Node) -> bool:
        if node.kind == "word":
            return parent.kind == "heading" or (parent.kind == "word" and self.words_unique)
        if node.kind != "number" or not _plain(node) or parent.kind not in CONTAINERS:
            return False
        if node.style == "1.1":
            own = parent.kind == "word" and parent.values == node.values[:-1]
            free = own or self.decimals_unique or id(parent) in self.left_out
            return not self._below_own(node) and parent.kind != "attachment" and free
        if parent.kind == "word":
            return self.sections_run_on
        return node.lead_in is None and id(parent) in self.left_out

    def _below_own(self, node: Node) -> bool:
        """Return True if a decimal stands under its own number: 3.1 under 3, whose path it continues."""
        parent = node.parent or self.root
        if node.style != "1.1" or parent.values != node.values[:-1]:
            return False
        return parent.kind == "number" or parent.label.isdigit()

    def _unique(self, wanted: Callable[[Node], bool]) -> bool:
        """Return True if no two of the wanted nodes right in containers (of one attachment) share a label."""
        found = (n for n in self.nodes if wanted(n) and (n.parent or self.root).kind in CONTAINERS[:3])
        labels = Counter((id(self._holder(n)), n.label) for n in found)
        return all(count == 1 for count in labels.values())

    def _holder(self, node: Node) -> Node:
        """Return the attachment that the node stands in, or the root."""
        holder = node.parent or self.root
        while holder.kind not in ("root", "attachment"):
            holder = holder.parent or self.root
        return holder

    def _find_left_out(self) -> set[int]:
        """Return the headings (by `id()`) that the paths of their numbers leave out, since no other number is mistaken.

        Where numbers repeat, the main clauses of the text (with titles or parts) go before its lists.
        """
        groups: dict[int, list[Node]] = {}
        taken: set[tuple[int, str]] = set()
        for node in self.nodes:
            parent = node.parent or self.root
            if node.style == "section" or (_plain(node) and (parent is self.root or self.sections_run_on)):
                taken.add((id(self._holder(node)), node.label))
            elif _plain(node) and parent.kind == "heading" and node.lead_in is None:
                groups.setdefault(id(parent), []).append(node)
        labels = {key: {(id(self._holder(n)), n.label) for n in group} for key, group in groups.items()}
        main = {
            key for key, group in groups.items() if sum(bool(n.title or n.children) for n in group) * 2 >= len(group)
        }
        found: set[int] = set()
        for key in sorted(groups, key=lambda k: k not in main):
            others = set().union(*(labels[k] for k in groups if k != key)) if key not in main else set()
            if not labels[key] & (taken | others):
                found.add(key)
                taken |= labels[key]
        return found

    def _run_on(self) -> bool:
        """Return True if the numbers in Sections go on from one to the next."""
        firsts: dict[int, int] = {}
        labels: list[str] = []
        for node in self.nodes:
            if (
                node.kind == "number"
                and _plain(node)
                and node.style != "1.1"
                and node.parent
                and node.parent.kind == "word"
            ):
                firsts.setdefault(id(node.parent), node.values[0])
                labels.append(node.label)
        return len(firsts) > 1 and len(labels) == len(set(labels)) and any(value > 1 for value in firsts.values())


def _plain(node: Node) -> bool:
    """Return True if the node is numbered with digits or capital roman numerals, as the main clauses of a text are."""
    return node.kind == "number" and node.style[:1] in "1Ih"
