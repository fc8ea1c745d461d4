"""The answer to a question over the whole catalog: each license with its clause, and how many texts were searched."""

from collections.abc import Callable

from corpus.types import Term
from rag.case import Evidence
from rag.compose import phrases, render
from rag.quotes import cite
from rag.sheet import Sheet
from rag.survey import Survey
from rag.types import Answer, Citation, Coverage, Request, Statement

_QUOTED = 12


def listed(request: Request, survey: Survey, sheet: Callable[[str], Sheet]) -> Answer:
    """Return the answer that lists what a survey found; the first clauses are quoted, the rest named with their place."""
    what = ", ".join(phrases()["acts"].get(act, act.replace("-", " ")).lower() for act in survey.acts)
    of = f"{survey.searched} texts on file" + (f" for {survey.tag.replace('-', ' ')}" if survey.tag else "")
    count = len(survey.found)
    statements = [
        Statement(
            f"{count} of {of} {'has' if count == 1 else 'have'} a clause on this ({what})."
            if count
            else f"None of {of} has a clause on this ({what}).",
            "inference",
        )
    ]
    if survey.without:
        names = "; ".join(entry.title for entry in survey.without)
        rest = len(survey.without)
        first = f"{rest} of {of} {'has' if rest == 1 else 'have'} no clause on this ({what}): {names}."
        statements = [Statement(first, "inference"), Statement("Ruled out by the clause quoted or named:", "inference")]
    citations: list[Citation] = []
    coverage = []
    for entry, term in survey.found:
        evidence = _evidence(sheet(entry.id), term) if len(citations) < _QUOTED else None
        if evidence is None:
            statements.append(Statement(f"{entry.title}, {term.clause_id.partition('#')[2]}.", "inference"))
            continue
        citations.append(cite(evidence, len(citations) + 1))
        quoted = " ".join(citations[-1].quote.split())
        statements.append(Statement(f"{entry.title}: “{quoted}”", "text", (citations[-1].n,)))
        coverage.append(Coverage(entry.id, len(evidence.sheet.clauses), len(evidence.sheet.clauses)))
    return Answer(
        id=request.id,
        question=request.question,
        verdict="informational",
        basis="express-grant" if count else "silent",
        text=render(statements),
        statements=tuple(statements),
        citations=tuple(citations),
        documents=tuple(entry.id for entry, _ in survey.found),
        coverage=tuple(coverage),
    )


def _evidence(of: Sheet, term: Term) -> Evidence | None:
    line = next((line for line in of.lines if line.unit.span == term.span), None)
    return Evidence(of, line, term.act, at=term.at) if line else None
