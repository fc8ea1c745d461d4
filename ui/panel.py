"""The clause beside the answer, as Markdown that shows a text to the letter.

A license is full of what Markdown takes for its own signs: `1.` and `(c)`, asterisks, indented lines. Every sign is
escaped, indents become no-break spaces, and the quoted passage is set in bold, line by line, since bold ends at a
paragraph's end.
"""

import re

from corpus.store import Store
from corpus.types import Clause, Span
from rag.types import Citation
from ui.render import clean
from ui.viewer import address

# A clause up to this length is shown with what hangs below it; a longer one by itself.
WHOLE = 6000
_SIGNS = re.compile(r"([!-/:-@\[-`{-~])")
_BLANKS = re.compile(r"\n{3,}")
# The chat's page draws its cursor wherever it finds the first of these; the second ends a printed page.
_INVISIBLE = re.compile("[\u200b\f]")


def panel(citation: Citation, store: Store) -> str:
    """Return the clause that a citation quotes: whose it is, its number, lead-in and text, and a link to the viewer."""
    text = store.documents[citation.document].text
    clause = store.clause(f"{citation.document}#{citation.clause}")
    shown = shown_span(clause)
    quoted = Span(citation.start, citation.end)
    version = f", version {verbatim(citation.version)}" if citation.version else ""
    page = f", page {citation.page}" if citation.page else ""
    heading = f", {verbatim(citation.heading)}" if citation.heading else ""
    lead = citation.lead_in
    outside = lead is not None and not shown.contains(Span(lead.start, lead.end))
    parts = (
        f"### {verbatim(citation.title)}",
        f"*Clause {verbatim(clause.number or clause.path)}{heading}{page}{version}*",
        f"> {verbatim(' '.join(lead.quote.split()))} …" if lead and outside else "",
        marked(text, shown, quoted),
        f"[Open in the viewer]({address(citation.document, citation.clause, quoted)})",
        f"`sha256 {citation.sha256}`",
    )
    return "\n\n".join(part for part in parts if part)


def shown_span(clause: Clause) -> Span:
    """Return the clause with what hangs below it, or its own text alone if that is long."""
    return clause.extent if len(clause.extent) <= WHOLE else clause.span


def marked(text: str, shown: Span, quoted: Span) -> str:
    """Return the lines of `text` in `shown` as Markdown, with what lies in `quoted` in bold."""
    lines = []
    start = shown.start
    for line in shown.of(text).splitlines(keepends=True):
        low, high = (min(max(at - start, 0), len(line)) for at in (quoted.start, quoted.end))
        lines.append(_line(line, low, high))
        start += len(line)
    return _BLANKS.sub("\n\n", "\n".join(lines)).strip("\n")


def verbatim(text: str) -> str:
    """Return text as Markdown that shows it to the letter."""
    return _SIGNS.sub(r"\\\1", clean(_INVISIBLE.sub("", text)))


def _line(line: str, low: int, high: int) -> str:
    """Return one line with `line[low:high]` in bold, white space at the bold's ends left out."""
    before, inside, after = (_INVISIBLE.sub("", part) for part in (line[:low], line[low:high], line[high:]))
    words = inside.strip()
    if not words:
        return _indented((before + inside + after).rstrip())
    at = inside.index(words)
    before, after = before + inside[:at], (inside[at + len(words) :] + after).rstrip()
    # Bold opens and closes only beside white space or a punctuation mark; written as a reference, any sign is one.
    return f"{_indented(before[:-1])}{_edge(before[-1:])}**{verbatim(words)}**{_edge(after[:1])}{verbatim(after[1:])}"


def _indented(text: str) -> str:
    """Return the beginning of a line; four spaces would make it code, so an indent is made of no-break spaces."""
    words = text.lstrip()
    indent = text[: len(text) - len(words)].expandtabs(4)
    return "\N{NO-BREAK SPACE}" * len(indent) + verbatim(words)


def _edge(sign: str) -> str:
    """Return a sign beside the bold."""
    shown = clean(sign).replace("\t", "\N{NO-BREAK SPACE}")
    return shown if not shown or shown.isspace() else f"&#{ord(shown)};"
