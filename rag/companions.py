"""What goes with a sentence that decides: the sentences of the same clause that carry it on, and those that refer to its clause by number."""

import re

from rag.case import Case, Evidence, unique
from rag.signs import sign

# How many sentences behind one that decides are read on, and from which log odds one counts that does not refer back.
_ON, _MOST, _ASKED = 3, 2, 0.0


def of(case: Case, decisive: tuple[Evidence, ...]) -> tuple[Evidence, ...]:
    """Return at most two lines that go with the first lines that decide, in text order behind each."""
    found: list[Evidence] = []
    for e in decisive[:2]:
        found += [*_referring(case, e), *carried_on(case, e)]
    known = {e.key for e in decisive}
    return tuple(e for e in unique(found) if e.key not in known)[:_MOST]


def carried_on(case: Case, first: Evidence) -> list[Evidence]:
    """Return the next sentences of the clause of a line that refer back to it or are asked for themselves."""
    lines, at = first.sheet.lines, first.line.order
    found = []
    for line in lines[at + 1 : at + 1 + _ON]:
        if line.unit.clause.id != first.line.unit.clause.id:
            break
        e = Evidence(first.sheet, line, "", case.score(first.sheet, line))
        if case.odds(e) >= _ASKED or sign("carries_on").match(e.text):
            found.append(e)
    return found


def _referring(case: Case, first: Evidence) -> list[Evidence]:
    """Return the lines elsewhere in the text that lift, limit or uphold the clause by its number."""
    number = first.line.unit.clause.number
    if "." not in number:
        return []
    what = re.compile(rf"(?<![\w.]){re.escape(number)}(?![\w]|\.\d)")
    found = []
    for line in first.sheet.lines:
        e = Evidence(first.sheet, line, "", case.score(first.sheet, line))
        if line.unit.clause.id != first.line.unit.clause.id and sign("upholds").search(e.text) and what.search(e.text):
            found.append(e)
    return found
