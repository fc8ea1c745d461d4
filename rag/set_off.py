"""Which duties of a license a plan sets off: who only runs something at home owes no source, who hosts it unchanged may owe none either."""

from collections.abc import Collection, Iterator

from corpus.curated import RULE
from corpus.types import Condition
from rag.case import Case, Evidence, is_frame
from rag.signs import sign

# The trigger of a duty that turns on a figure, which the line itself names.
_BY_FIGURE = "users-or-revenue-above-amount"
_MONTHS = 12
# What goes out into the world, in one way or another.
_GIVEN = frozenset(("distribution", "publication"))
_MADE = frozenset(("modification", "outputs-training"))


def duties(case: Case, kinds: Collection[str], given: Collection[str]) -> Iterator[tuple[Evidence, bool | None]]:
    """Yield the lines with a duty of one of the kinds, those that reviewers read first, and whether the plan of a case sets it off.

    `given` are the triggers of acts that set off what a text ties to distribution. None tells that it turns on a figure
    that is not said. A plan without acts sets off all.
    """
    found = [
        (Evidence(sheet, line, term.act), condition)
        for sheet in case.sheets
        for line in sheet.lines
        for term in line.terms
        for condition in term.conditions
        if term.modality == "must" and condition.kind in kinds and not is_frame(line.unit.clause.path)
    ]
    found.sort(key=lambda each: (not is_reviewed(each[0]), -case.score(each[0].sheet, each[0].line)))
    for line, condition in found:
        yield line, _sets_off(case, line, condition, given)


def done(case: Case) -> frozenset[str]:
    """Return what the plan of a case does that duties are tied to."""
    return frozenset(trigger for act in case.question.acts for trigger in act.triggers)


def is_reviewed(line: Evidence) -> bool:
    """Return True if reviewers found what a line is cited for, not rules alone."""
    terms = [term for term in line.line.terms if term.act == line.act] or line.line.terms
    return any(term.rule == RULE for term in terms)


def _sets_off(case: Case, line: Evidence, condition: Condition, given: Collection[str]) -> bool | None:
    if condition.trigger == _BY_FIGURE:
        return _above(case, line)
    does = done(case)
    if not does or condition.trigger == "use":
        return True
    if condition.trigger == "network-service" and not is_reviewed(line) and not sign("over_network").search(line.text):
        return False
    if sign("on_what_is_made").search(line.text) and not does & _MADE:
        return False
    return condition.trigger in does or (condition.trigger in _GIVEN and not does.isdisjoint(given))


def _above(case: Case, line: Evidence) -> bool | None:
    """Return whether a plan is above a figure that a line names; None where that is not said."""
    known = []
    for term in line.line.terms:
        if term.trigger and term.trigger.amount is not None:
            value = case.question.facts.get(term.trigger.measure or "")
            # Revenue is said by the year.
            monthly = term.trigger.measure == "revenue" and "monthly" in (term.trigger.scope or "")
            most = term.trigger.amount * (_MONTHS if monthly else 1)
            known.append(value > most if isinstance(value, int | float) else None)
    return True if True in known else None if None in known else False
