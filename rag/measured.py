"""A figure of the question against the limit that the line it asks for sets: 45 days where fewer than 32 are allowed, 3 % where more than 5 % count."""

import re
import tomllib
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cache
from importlib import resources
from typing import Literal

from corpus.terms import pattern
from rag import figures, polarity
from rag.case import Case, Evidence, Reason
from rag.language import words

# How many of the likeliest lines are read for a limit, and the log odds that such a line needs.
_READ, _SURE = 3, 1.0
_AHEAD, _BEHIND = 130, 90


@dataclass(frozen=True, slots=True)
class Limit:
    """A limit that a text sets: `most` is the most that is allowed, `above` the figure above which something follows."""

    side: Literal["most", "above"]
    unit: str
    value: float
    # Whether the figure itself is still on the lower side.
    counted: bool


@dataclass(frozen=True, slots=True)
class _Language:
    most: re.Pattern[str]
    above: re.Pattern[str]
    strict: re.Pattern[str]
    summed: re.Pattern[str]
    licensed: re.Pattern[str]
    notify: re.Pattern[str]
    ordinal: re.Pattern[str]


@cache
def _language() -> _Language:
    data = tomllib.loads(resources.files("rag").joinpath("data/measured.toml").read_text(encoding="utf-8"))
    return _Language(**{name: pattern("|".join(sources)) for name, sources in data.items()})


def limits(text: str) -> Iterator[Limit]:
    """Yield the limits that a sentence sets, with what they count."""
    language = _language()
    taken: list[tuple[int, int]] = []
    for side, what in (("most", language.most), ("above", language.above)):
        for found in what.finditer(text):
            if any(a < found.end() and found.start() < b for a, b in taken):
                continue
            taken.append(found.span())
            behind = re.split(r"[;]|\.\s", text[found.end() : found.end() + _AHEAD])[0]
            amount = _amount(behind, text[max(0, found.start() - _BEHIND) : found.start()])
            if amount is not None:
                strict = language.strict.search(found.group()) is not None
                yield Limit("most" if side == "most" else "above", *amount, counted=not strict)


def _amount(behind: str, before: str) -> tuple[str, float] | None:
    """Return what a limit counts and its figure: the first amount behind its words, counted in what stands before them if it does not say."""
    known = figures.tables().unit
    for unit, values in figures.amounts(behind).items():
        if (unit in known or unit == "time") and values:
            return unit, max(values)
    bare = next(iter(figures.bare(behind)), None)
    if bare is None:
        return None
    unit = next(
        (u for w in reversed(re.findall(r"[a-z]+", before.lower())) for u in known if known[u].fullmatch(w)), ""
    )
    return (unit, bare) if unit else None


def stated(question: str, limit: Limit, text: str) -> float | None:
    """Return the figure that a question states for a limit of a line; those of one kind are summed where the line counts their total.

    None if there is none, or if there are several on different sides of the limit.
    """
    asked = _language().ordinal.sub(r"\2 \1s", question)
    values = figures.amounts(asked).get(limit.unit, frozenset()) if limit.unit else frozenset()
    if not values:
        return None
    if _language().summed.search(text) and limit.unit == "people":
        return sum(values)
    sides = {_beyond(limit, value) for value in values}
    return max(values) if len(sides) == 1 else None


def _beyond(limit: Limit, value: float) -> bool:
    return value > limit.value if limit.counted else value >= limit.value


def _fires(case: Case) -> Iterator[tuple[Evidence, Limit, bool]]:
    """Yield the lines asked for that set a limit on something of which the question states a figure, and whether that is beyond it."""
    asked = frozenset(words(case.question.text))
    for e in case.likely(_READ):
        if case.odds(e) < _SURE:
            return
        if any(t.trigger is not None and t.trigger.moment == "release-date" for t in e.line.terms):
            continue  # what counts is the figure of that day, which has a check of its own
        for limit in limits(e.text):
            value = stated(case.question.text, limit, e.text)
            if value is not None and asked & frozenset(e.line.bag):
                yield e, limit, _beyond(limit, value)


def weighed(case: Case) -> Reason | None:
    """Return a reason if the question states a figure that a line it asks for sets a limit to, and that decides."""
    if not case.ranks:
        return None
    for e, limit, beyond in _fires(case):
        if limit.side == "most" and beyond:
            return _past(case, e)
        if limit.side == "above" and beyond and _language().licensed.search(e.text):
            headline = "the figure in the question is above the one from which a license has to be asked for"
            return Reason("no", "separate-license", headline, (e,), "commercial-use", ("consent", "facts"))
        if limit.side == "above" and beyond and polarity.way(e, case.question.text) == "forbids":
            headline = "the figure in the question is above the one that the clause allows"
            return Reason("no", "outside-grant", headline, (e,), "use", ("facts",))
    return None


def _past(case: Case, line: Evidence) -> Reason:
    """Return the reason for a figure past what a line allows: refused, unless the section says what has to be done then."""
    section = line.line.unit.clause.path.split(".")[0]
    for e in case.likely(2 * _READ):
        near = e.sheet is line.sheet and e.line.unit.clause.path.split(".")[0] == section
        if near and e.key != line.key and _language().notify.search(e.text):
            headline = "the figure in the question is past the limit, and the text says what has to be done then"
            return Reason("conditional", "express-grant", headline, (line, e), "use", ("duties", "facts"))
    headline = "the figure in the question is past the limit that the clause sets"
    return Reason("no", "outside-grant", headline, (line,), "use", ("facts",))


def spared(case: Case) -> Evidence | None:
    """Return the line whose duty the question is about and does not set off, because the figure stated stays below the one it names."""
    if not case.ranks:
        return None
    below: dict[int, list[bool]] = {}
    lines = {}
    for e, limit, beyond in _fires(case):
        below.setdefault(e.line.order, []).append(limit.side == "above" and not beyond)
        lines[e.line.order] = e
    # A line with several limits is out of reach only below all of them.
    return next((e for at, e in lines.items() if all(below[at]) and len(below[at]) == len([*limits(e.text)])), None)
