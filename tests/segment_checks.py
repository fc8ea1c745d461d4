"""What the tests of the segmenter share: documents made of a text, and the check of all that must hold for any text."""

import re

from corpus.segment import segment
from corpus.types import Clause, Document, Origin

PART = r"[a-z0-9]+(?:-[a-z0-9]+)*(?:~\d+)?"
PATH = re.compile(rf"{PART}(?:\.{PART})*\Z")


def document(text: str) -> Document:
    return Document("doc", "A document", "license", text, None, None, Origin("test", ""))


def paths(text: str) -> list[str]:
    return [c.path for c in checked(document(text))]


def words(text: str) -> str:
    return " ".join(text.split())


def by_path(text: str) -> dict[str, Clause]:
    return {c.path: c for c in checked(document(text))}


def checked(doc: Document) -> tuple[Clause, ...]:
    """Return the clauses of `doc` after checking all that must hold for any text."""
    clauses = segment(doc)
    assert "".join(c.span.of(doc.text) for c in clauses) == doc.text
    seen: dict[str, Clause] = {}
    last: dict[str | None, Clause] = {}
    end = 0
    for c in clauses:
        assert c.document_id == doc.id
        assert c.id == f"{doc.id}#{c.path}"
        assert c.id not in seen
        assert PATH.match(c.path), c.path
        assert c.span.start == end
        end = c.span.end
        assert len(clauses) == 1 or c.span.of(doc.text).strip()
        assert c.extent.start == c.span.start
        assert c.extent.end >= c.span.end
        if c.parent is not None:
            assert seen[c.parent].extent.contains(c.extent)
        if c.parent in last:
            assert last[c.parent].extent.end <= c.span.start
        if c.lead_in is not None:
            assert c.lead_in.end <= c.span.start
            assert c.lead_in.of(doc.text).strip()
        seen[c.id] = last[c.parent] = c
    assert end == len(doc.text)
    return clauses
