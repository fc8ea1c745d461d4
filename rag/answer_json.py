"""The published form of an answer, `clausewise.answer/1`: plain dictionaries and lists in a fixed order."""

from typing import Any

from rag.checked import Checked
from rag.types import Answer, Citation, Duty, Finding, Statement

SCHEMA = "clausewise.answer/1"


def citation_json(citation: Citation) -> dict[str, Any]:
    """Return a citation with the names of the published schema."""
    lead = citation.lead_in
    return {
        "n": citation.n,
        "document": citation.document,
        "title": citation.title,
        "version": citation.version,
        "clause": citation.clause,
        "heading": citation.heading,
        "quote": citation.quote,
        "start": citation.start,
        "end": citation.end,
        "lead_in": {"start": lead.start, "end": lead.end, "quote": lead.quote} if lead else None,
        "page": citation.page,
        "sha256": citation.sha256,
        "url": citation.url,
        "state": citation.state,
    }


def statement_json(statement: Statement) -> dict[str, Any]:
    """Return a statement with the names of the published schema."""
    return {"text": statement.text, "source": statement.source, "citations": list(statement.citations)}


def _finding(f: Finding) -> dict[str, Any]:
    return {
        "act": f.act,
        "asset": f.asset,
        "license": f.license,
        "verdict": f.verdict,
        "basis": f.basis,
        "citations": list(f.citations),
    }


def _duty(d: Duty) -> dict[str, Any]:
    return {
        "kind": d.kind,
        "exact": d.exact,
        "who": d.who,
        "trigger": d.trigger,
        "strength": d.strength,
        "text": d.text,
        "citations": list(d.citations),
    }


def to_json(answer: Answer) -> dict[str, Any]:
    """Return the answer in the published form. Everything but `timings_ms` depends on corpus, question and engine alone."""
    return {
        "schema": SCHEMA,
        "id": answer.id,
        "question": answer.question,
        "verdict": answer.verdict,
        "basis": answer.basis,
        "depends_on": list(answer.depends_on),
        "text": answer.text,
        "statements": [statement_json(s) for s in answer.statements],
        "findings": [_finding(f) for f in answer.findings],
        "conditions": [_duty(d) for d in answer.conditions],
        "facts": {
            "given": dict(answer.facts.given),
            "assumed": dict(answer.facts.assumed),
            "missing": [{"key": m.key, "ask": m.ask, "changes": m.changes} for m in answer.facts.missing],
        },
        "coverage": [
            {"document": c.document, "clauses_considered": c.clauses_considered, "of": c.of} for c in answer.coverage
        ],
        "citations": [citation_json(c) for c in answer.citations],
        "documents": list(answer.documents),
        "engine": answer.engine,
        "model": answer.model,
        "rewritten": answer.rewritten,
        "problems": list(answer.problems),
        "timings_ms": dict(answer.timings_ms),
    }


def claim_json(checked: Checked) -> dict[str, Any]:
    """Return a checked claim with the names of the published interface."""
    return {
        "id": checked.id,
        "claim": checked.claim,
        "label": checked.label,
        "text": checked.text,
        "source": checked.source,
        "citations": [citation_json(c) for c in checked.citations],
        "problems": list(checked.problems),
    }
