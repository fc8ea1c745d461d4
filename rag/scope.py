"""Who and where a license covers: its territory, the places a plan names, and its thresholds of users or revenue."""

import re

from rag import measured
from rag.case import Case, Evidence, Reason, unique
from rag.facts import places
from rag.signs import sign
from rag.types import MissingFact

# A text of this kind limits where the material is used, not only who may be licensed.


_RECEIVES = frozenset(("integrated-product",))


def territory(case: Case) -> Reason | None:
    """Return a reason if a territorial limit meets the place where the user is at home, or would if it were known."""
    lines = case.all("territory", "prohibited")
    if not lines:
        return None
    outside = _activity(case, lines)
    if outside is not None:
        return outside
    spared = case.all("territory", "permitted")
    if spared and any(t.name in _RECEIVES for t in case.question.topics):
        headline = "the territorial limit does not reach end users of a product that contains it"
        return Reason("conditional", "express-grant", headline, unique((spared[0], lines[0])), "use", ("facts",))
    home = case.question.facts.get("principal_place")
    topical = any(t.name == "territory" for t in case.question.topics)
    if home is None:
        if not topical:
            return None
        ask = MissingFact(
            "principal_place",
            "Where is your principal place of business?",
            "a place in the excluded territory ends the grant",
        )
        return Reason(
            "conditional",
            "express-prohibition",
            "it depends on where you are at home",
            lines[:1],
            "use",
            ("facts",),
            (ask,),
        )
    names = places().names.get(str(home), ())
    hit = _naming(lines, names)
    if hit:
        return Reason(
            "no",
            "outside-grant",
            f"the grant excludes you: your principal place of business is in {names[0]}",
            tuple(hit[:1]),
            "use",
        )
    if topical or (case.question.kind == "permission" and _mentions_places(case)):
        return Reason(
            "conditional",
            "express-grant",
            "the territorial limit turns on the principal place of business or domicile, which is not in the excluded territory",
            lines[:1],
            "use",
            ("facts",),
            exact=False,
        )
    return None


def _naming(lines: tuple[Evidence, ...], names: tuple[str, ...]) -> list[Evidence]:
    """Return the lines that name a region."""
    return [e for e in lines if any(re.search(rf"(?<!\w){re.escape(n)}(?!\w)", e.text, re.IGNORECASE) for n in names)]


def _activity(case: Case, lines: tuple[Evidence, ...]) -> Reason | None:
    """Return a reason if the license ends at its territory and the plan works with the material in a place outside it."""
    limits = [e for e in lines if sign("use_limited").search(e.text)]
    table = places()
    for region in str(case.question.facts.get("places", "")).split():
        excluded = _naming(lines, table.names.get(region, ()))
        if limits and excluded:
            name = table.names[region][0]
            strict = sorted(limits, key=lambda e: (re.search(r"\bnot\b", e.text) is None, -len(e.text)))
            headline = f"use outside the territory of the license is not granted, and {name} is outside it"
            return Reason("no", "outside-grant", headline, unique((strict[0], excluded[0])), "use")
    return None


def _mentions_places(case: Case) -> bool:
    return places().finder.search(case.question.text) is not None


def threshold(case: Case) -> Reason | None:
    """Return a reason if a user or revenue threshold decides, at the moment that the text names."""
    integrated = case.all("integrated-product")
    lines = case.all("threshold")
    if integrated and lines and any(t.name == "integrated-product" for t in case.question.topics):
        evidence = unique((integrated[0], lines[0]))
        return Reason(
            "conditional",
            "express-grant",
            "who receives it from a licensee as part of an integrated end user product is not held to that section",
            evidence,
            "use",
            ("facts",),
        )
    for line in lines:
        term = line.term
        trigger = term.trigger if term else None
        if trigger is None or trigger.amount is None:
            continue
        fixed = trigger.moment == "release-date"
        value = _figure(case, trigger.measure or "", fixed)
        if value is None:
            continue
        over = value > trigger.amount
        amount = f"{trigger.amount:,.0f}"
        if fixed and value <= trigger.amount and "users_at_release" in case.question.facts:
            return Reason(
                "conditional",
                "express-grant",
                f"the figure is tested once, on the release date of the version, and was not above {amount} then",
                (line,),
                "commercial-use",
                ("facts",),
            )
        if fixed and case.question.facts.get("growth"):
            return Reason(
                "conditional",
                "express-grant",
                f"the figure of {amount} is tested once, on the release date of the version; later growth does not trigger it",
                (line,),
                "commercial-use",
                ("facts",),
                (),
                {trigger.measure or "users": f"at most {amount} at the release date"},
            )
        grace = measured.weighed(case) if over else None
        if grace is not None and grace.verdict == "conditional":
            return grace
        if over:
            return Reason(
                "no",
                "separate-license",
                f"above {amount} {trigger.measure} the licensor must first grant a license",
                (line,),
                "commercial-use",
                ("consent", "facts"),
            )
    return None


def _figure(case: Case, measure: str, fixed: bool) -> float | None:
    """Return the figure that the question states for a threshold; the one of the release date where that is what counts."""
    facts = case.question.facts
    value = facts.get("users_at_release") if fixed and measure == "users" else None
    value = facts.get(measure) if value is None else value
    return float(value) if isinstance(value, int | float) and not isinstance(value, bool) else None


_COUNTED = {"users": "monthly active users", "revenue": "revenue"}
_WHEN = {"release-date": " on the release date of the version", "yearly": " in a year"}


def open_facts(case: Case) -> tuple[MissingFact, ...]:
    """Return what the question leaves open that would change the answer, each with the point at which it flips."""
    asks = {}
    for line in case.all("threshold"):
        trigger = line.term.trigger if line.term else None
        measure = (trigger.measure if trigger else None) or ""
        if trigger is None or not trigger.amount or measure in asks or measure in case.question.facts:
            continue
        what = _COUNTED.get(measure, measure) + _WHEN.get(trigger.moment or "", "")
        whose = f" ({trigger.subject})" if trigger.subject else ""
        change = f"above {trigger.amount:,.0f}: no, a license has to be asked for first; up to {trigger.amount:,.0f}: as answered"
        asks[measure] = MissingFact(
            measure, f"How many {what}{whose}?" if measure == "users" else f"How much {what}{whose}?", change
        )
    excluded = case.all("territory", "prohibited")
    if excluded and "principal_place" not in case.question.facts:
        named = [names[0] for names in places().names.values() if _naming(excluded, names)]
        change = f"in the excluded territory ({', '.join(named) or 'see the clause'}): no, outside the grant; elsewhere: as answered"
        asks["principal_place"] = MissingFact("principal_place", "Where is your principal place of business?", change)
    return tuple(asks.values())


def turned(case: Case) -> Reason | None:
    """Return a reason if the question is about the time when the terms turn into others and the text says when that is."""
    lines = case.all("future-license")
    if not lines or not any(t.name == "future-license" for t in case.question.topics):
        return None
    dated = sorted(lines, key=lambda e: re.search(r"anniversary|years?|effective", e.text, re.IGNORECASE) is None)
    headline = "from the date that the clause names each version is under other terms; before it these terms hold"
    return Reason("conditional", "express-grant", headline, tuple(dated[:2]), "use", ("facts",))
