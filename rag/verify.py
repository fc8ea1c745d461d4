"""The last gate: no answer leaves with a quotation that does not stand in its document, to the letter, at its span."""

from collections.abc import Mapping

from corpus.types import Document
from rag.types import Answer, Citation


def problems(answer: Answer, documents: Mapping[str, Document]) -> tuple[str, ...]:
    """Return what is wrong with an answer's citations and markers, one line each; empty if all is well."""
    found = [p for c in answer.citations for p in citation_problems(c, documents)]
    numbers = {c.n for c in answer.citations}
    used = [n for s in answer.statements for n in s.citations]
    used += [n for f in answer.findings for n in f.citations] + [n for d in answer.conditions for n in d.citations]
    found += [f"a statement cites [{n}], which is not a citation of the answer" for n in sorted(set(used) - numbers)]
    found += [
        f"a statement from the text cites nothing: {s.text[:60]}"
        for s in answer.statements
        if s.source == "text" and not s.citations
    ]
    return tuple(found)


def citation_problems(citation: Citation, documents: Mapping[str, Document]) -> tuple[str, ...]:
    """Return what is wrong with one citation: its document, its quotation, its lead-in, its hash."""
    document = documents.get(citation.document)
    if document is None:
        return (f"[{citation.n}] cites {citation.document}, which is not on file",)
    found = []
    if document.text[citation.start : citation.end] != citation.quote or not citation.quote:
        found.append(f"[{citation.n}] quotes words that do not stand in {citation.document} at {citation.start}")
    lead = citation.lead_in
    if lead is not None and document.text[lead.start : lead.end] != lead.quote:
        found.append(f"[{citation.n}] has a lead-in that does not stand in {citation.document} at {lead.start}")
    if document.origin.sha256 != citation.sha256:
        found.append(f"[{citation.n}] is of another version of {citation.document}")
    return tuple(found)
