"""Definitions and regulations: answers may quote them, and never apply them to a case. What they mean for one is a question of law."""

from rag.case import Case, Outcome
from rag.types import Basis

KINDS = frozenset(("definition", "regulation"))
_LEAST = 0.15


def only(case: Case) -> bool:
    """Return True if the text of a case may be quoted only."""
    return case.sheets[0].document.kind in KINDS


def outcome(case: Case, limit: int) -> Outcome:
    """Return the lines that speak of what is asked, with no conclusion for the case described."""
    lines = tuple(e for e in case.ranked(limit) if e.score >= _LEAST)
    asked = case.question.kind == "permission" or case.question.outside is not None
    basis: Basis = "out-of-scope" if asked else "express-grant" if lines else "silent"
    what = "what it says is quoted" if lines else "no passage of it speaks of this"
    law = "; whether it applies to what is described, and what follows, is a question of law that is not answered here"
    return Outcome(case, "informational", basis, f"{what}{law if asked else ''}", lines)
