"""Who the user is to the text: its licensor, somebody for whom others work, a reader of a page that says something else.

Each check takes a `Case` and returns a `Reason`, or None where the texts say nothing to the point.
"""

from rag.case import Case, Reason
from rag.signs import sign

# How well a line has to match to be about the work that the question tells of.
_ALIKE = 0.1


def contractor(case: Case) -> Reason | None:
    """Return a reason if somebody works with the material for the user and the text has a clause on that."""
    if not any(t.name == "contractor" for t in case.question.topics):
        return None
    lines = case.all("contractor")
    if not lines or lines[0].score < _ALIKE:
        return None
    headline = "work done for you is allowed in the way that the clause on it says"
    return Reason("conditional", "express-grant", headline, lines[:1], "contractor", ("facts",))


def label(case: Case) -> Reason | None:
    """Return a reason if a page beside the license limits the use and the license itself does not."""
    if not sign("page_label").search(case.question.text) or case.all("noncommercial"):
        return None
    grant = case.any(("use", "commercial-use", "redistribute"), "permitted", "permitted-if")
    headline = "the license grants more than the page beside it says, and no text on file settles which of the two counts: ask the owner"
    return Reason("unclear", "ambiguous", headline, grant[:1], "use", ("interpretation", "consent"))


_OTHER_TERMS = frozenset(("relicense", "sell"))


def licensor(case: Case) -> Reason | None:
    """Return a reason if the plan is the licensor's own: a license binds those who take it, and its licensor may offer other terms too."""
    if not sign("own_work").search(case.question.text) or not any(a.name in _OTHER_TERMS for a in case.question.acts):
        return None
    lines = [e for e in case.ranked(_READ) if sign("also_offered").search(e.text)]
    grant = case.any(("redistribute", "use", "modify"), "permitted", "permitted-if")
    if not lines and not grant:
        return None
    headline = "the license binds those who take it; whoever holds all rights may offer other terms as well, which copies given out already keep"
    return Reason("conditional", "express-grant", headline, tuple(lines[:1]) or grant[:1], "relicense", ("facts",))


# How many lines are read for what a licensor may do beside the license.
_READ = 40
