"""Document to clauses. First form: paragraphs, with top-level numbers; nesting follows."""

import re

from corpus.types import Clause, Document, Span

_START = re.compile(r"(?:\A|\n[ \t\r]*\n)[ \t\r\n]*(?=\S)|\n(?=[ \t]*\d{1,2}[.)][ \t])")
_NUMBER = re.compile(r"\s*(\d{1,2})[.)]\s")


def segment(document: Document) -> tuple[Clause, ...]:
    """Return the clauses of `document`; their spans partition its text."""
    text = document.text
    if not text:
        return ()
    starts = sorted({m.start() + (1 if text[m.start() : m.start() + 1] == "\n" else 0) for m in _START.finditer(text)})
    starts = [0, *[s for s in starts if s > 0]]
    clauses: list[Clause] = []
    seen: dict[str, int] = {}
    paragraph = 0
    for start, end in zip(starts, [*starts[1:], len(text)], strict=True):
        found = _NUMBER.match(text, start)
        paragraph += found is None
        path = found.group(1) if found else f"p{paragraph}"
        seen[path] = seen.get(path, 0) + 1
        name = path if seen[path] == 1 else f"{path}~{seen[path]}"
        span = Span(start, end)
        clauses.append(Clause(f"{document.id}#{name}", document.id, found.group(1) if found else "", "", span, span))
    return tuple(clauses)
