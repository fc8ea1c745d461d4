"""The clause beside the answer: the whole clause with the quoted words marked, what leads it in, and what its terms mean.

Everything is plain text in pieces; whoever shows it escapes it.
"""

from collections.abc import Mapping, Sequence
from typing import Any
from urllib.parse import quote

from corpus.errors import InputError, UnknownDocument
from corpus.store import Store
from corpus.types import Clause, Document, Span
from rag.defined import glossary
from ui.render import clean, short
from ui.viewer import address

# A clause up to this length is shown with what hangs below it; a longer one by itself.
WHOLE = 6000
_DEFINITIONS, _DEFINITION = 6, 1200


def clause_view(citation: Mapping[str, Any], store: Store, answer: str) -> dict[str, Any]:
    """Return what the panel of a citation (in its published form) shows; `answer` is the id of the kept answer.

    Raise InputError if its text is gone or has changed since.
    """
    document, clause = _found(citation, store)
    shown = shown_span(clause)
    quoted = Span(citation["start"], citation["end"])
    lead = citation["lead_in"]
    link = address(document.id, clause.path, quoted)
    outside = lead is not None and not shown.contains(Span(lead["start"], lead["end"]))
    return {
        "n": citation["n"],
        "title": clean(document.title),
        "version": document.version,
        "clause": clause.path,
        "number": clause.number or clause.path,
        "heading": clean(clause.heading),
        "page": citation["page"],
        "lead_in": clean(" ".join(lead["quote"].split())) if outside else "",
        "pieces": pieces(document.text, shown, quoted),
        "definitions": _definitions(document, store.clauses(document.id), shown),
        "quote": citation["quote"],
        "url": link,
        "open": link.replace("#", f"&answer={quote(answer)}&n={citation['n']}#", 1),
        "sha256": document.origin.sha256,
        "retrieved": document.origin.retrieved,
    }


def shown_span(clause: Clause) -> Span:
    """Return the clause with what hangs below it, or its own text alone if that is long."""
    return clause.extent if len(clause.extent) <= WHOLE else clause.span


def pieces(text: str, shown: Span, quoted: Span) -> list[dict[str, Any]]:
    """Return `text` in `shown` cut where the quoted words begin and end; put together it is the text, white space around it and steering signs aside."""
    words = shown.of(text)
    # A clause stands deep in its list in the text, and beside the answer by itself.
    before = len(words) - len(words.lstrip())
    shown = Span(shown.start + before, shown.start + max(before, len(words.rstrip())))
    low, high = max(shown.start, quoted.start), min(shown.end, quoted.end)
    if low >= high:
        low = high = shown.end
    cuts = ((shown.start, low, False), (low, high, True), (high, shown.end, False))
    return [{"text": clean(text[start:end]), "marked": marked} for start, end, marked in cuts if start < end]


def _found(citation: Mapping[str, Any], store: Store) -> tuple[Document, Clause]:
    document = store.documents.get(citation["document"])
    if document is None or document.origin.sha256 != citation["sha256"]:
        gone = "is no longer on file" if document is None else "has changed since this answer was given"
        raise InputError(f"{citation['title']} {gone}; ask again")
    try:
        return document, store.clause(f"{citation['document']}#{citation['clause']}")
    except UnknownDocument:
        raise InputError(f"{citation['title']} is divided otherwise since this answer was given; ask again") from None


def _definitions(document: Document, clauses: Sequence[Clause], shown: Span) -> list[dict[str, str]]:
    """Return what the terms mean that the clauses shown use, those that they define themselves left out."""
    inside = [clause for clause in clauses if shown.contains(clause.span)]
    known = glossary(document.text, clauses)
    found = dict.fromkeys(use.definition for clause in inside for use in known.uses(clause))
    told = [each for each in found if not shown.contains(each.span)][:_DEFINITIONS]
    return [
        {
            "term": clean(each.name),
            "clause": each.clause,
            "text": short(clean(each.span.of(document.text)), _DEFINITION),
            "url": address(document.id, each.clause, each.span),
        }
        for each in told
    ]
