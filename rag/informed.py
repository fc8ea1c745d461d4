"""The outcome of a question about what a text says: the lines that say it, words that it lacks, duties that do not reach the case."""

from rag import events, lookup, plain, telling
from rag.case import Case, Outcome, unique
from rag.types import Basis


def inform(case: Case, limit: int) -> Outcome:
    """Return the outcome of a question about what a text says."""
    words = lookup.missing_words(case)
    if words is not None:
        related = lookup.look_up(case, 2).evidence
        return Outcome(
            case,
            "informational",
            "premise-false",
            f"the text contains no such words as “{words}” and does not require them",
            related,
        )
    found = lookup.look_up(case, limit)
    for told in (events.answered(case), events.kept(case)):
        if told is not None and told.verdict == "no":
            lines = unique((*told.evidence, *found.evidence))[:limit]
            return Outcome(case, "no", told.basis, told.headline, lines, (), found.silent)
    freed = telling.freed(case)
    if freed is not None:
        headline = "no such duty: the clause quoted does not reach this case"
        lines = unique((freed, *found.evidence))[:limit]
        return Outcome(case, "no", "express-grant", headline, lines, (), found.silent)
    basis: Basis = "express-grant" if found.evidence else "silent"
    evidence = (
        found.evidence if case.entry is not None else unique((*plain.told(case, limit - 1), *found.evidence))[:limit]
    )
    return Outcome(case, "informational", basis, "", evidence, (), found.silent)
