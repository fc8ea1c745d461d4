"""The bounds of a claim and of a clause: figures that differ, limits that one of them has and the other has not."""

import re
from collections.abc import Iterable, Sequence

from rag import figures
from rag.asserted import Claim
from rag.case import Evidence
from rag.entail import DENIES, SUPPORTS, Match
from rag.reading import concepts, near, opposites, passages, scoped, telling, wordings

# What texts count over a month or a year.
_COUNTED = frozenset(("revenue", "active_users", "sell", "royalty", "notify", "year", "people"))
_RUNNING = frozenset(("users", "money", "requests"))
# Of a time, and so many times.
_LENGTHS = ("time", "of time")
_BEHIND = 2
_NEARLY, _CLEAR, _FULLER = 0.58, 0.9, 0.8
_OPENING = ("allowed", "yes", "free")
_WITHOUT = re.compile(r"\bwithout (?:any |a |an |the |further |prior )*(?P<what>[\w-]+)", re.IGNORECASE)


def figures_differ(claim: Claim, text: str) -> bool | None:
    """Return True if a line states other figures for what the claim counts, False if the same, None if none are comparable."""
    claimed, stated = figures.amounts(claim.text), figures.amounts(text)
    both = [unit for unit in claimed if unit in stated]
    mine, theirs = figures.periods(claim.text), figures.periods(text)
    # Only what is counted over a period can be counted over another one.
    counted = _RUNNING & set(both) or _COUNTED & concepts(claim.text) & concepts(text)
    periods = not mine & theirs if mine and theirs and counted else None
    if both and _beyond(claim, text, both):
        return None
    if both:
        return any(not claimed[unit] & stated[unit] for unit in both) or periods is True
    return periods if not claimed else None


def _beyond(claim: Claim, text: str, units: Iterable[str]) -> bool:
    """Return True if a claim gives the figures of somebody where the line sets the bound that they pass."""
    table = figures.tables()
    if table.bound.search(claim.text) or not table.above.search(text):
        return False
    mine, theirs = figures.amounts(claim.text), figures.amounts(text)
    return any(
        not mine[unit] & theirs[unit] and min(mine[unit]) > min(theirs[unit]) for unit in units if unit != "time"
    )


def too_wide(claim: Claim, match: Match) -> bool:
    """Return True if a claim is put without limits where the line limits it, or limited where the line is open."""
    text, said = match.evidence.text, match.stance
    if scoped("wide", claim.text) and _threshold(claim, text):
        return True
    if claim.stance == "required":
        bare = scoped("anyway", claim.text) and scoped("conditional", text)
        return bare or (scoped("wide", claim.text) and scoped("except", text))
    if claim.stance not in ("allowed", "yes"):
        return False
    if scoped("only", claim.text):
        both = any(c in told and opposites(c) & told for told in (concepts(text),) for c in claim.weights)
        return (both or (said in _OPENING and scoped("wide", text))) and not scoped("only", text)
    return scoped("wide", claim.text) and scoped("limited", text)


def _threshold(claim: Claim, text: str) -> bool:
    """Return True if a line turns on a number of users, people or money of which the claim does not speak."""
    told = {"users", "people", "money"}
    return scoped("conditional", text) and bool(told & figures.amounts(text).keys()) and not figures.amounts(claim.text)


def asks_for(claim: Claim, text: str) -> bool:
    """Return True if a line asks for what the claim says it does without."""
    spared = _WITHOUT.search(claim.text)
    if spared is None or claim.stance not in ("allowed", "yes", "required") or scoped("without", text):
        return False
    named = telling(concepts(spared.group("what")))
    left_out = named.union(*map(near, named))
    return any(left_out & p.concepts and p.stance not in ("free", "no") for p in passages(" ".join(text.split())))


def waved(claim: Claim, match: Match) -> bool:
    """Return True if a claim of a duty or limit meets a line that rules all of them out."""
    return (
        claim.stance in ("required", "forbidden")
        and match.stance == "free"
        and scoped("universal", match.evidence.text)
    )


def denied_beside(claim: Claim, match: Match) -> Evidence | None:
    """Return the line of the same clause behind a match that takes out what the claim asks for and the match does not name."""
    evidence = match.evidence
    lines, place = evidence.sheet.lines, evidence.line.order
    spared = telling(concepts(" ".join(m.group() for m in wordings().scope["aside"].finditer(claim.text))))
    asked = claim.weights.keys() - concepts(evidence.text)
    for line in lines[place + 1 : place + 1 + _BEHIND]:
        text = line.unit.span.of(evidence.sheet.document.text)
        if line.unit.clause.id != evidence.line.unit.clause.id or not scoped("takes_out", text):
            continue
        if spared & concepts(text):
            continue  # the claim takes it out itself
        if any(
            asked & p.concepts and p.stance in ("no", "forbidden", "free") for p in passages(" ".join(text.split()))
        ):
            return Evidence(evidence.sheet, line, "", evidence.score)
    return None


def excepted(claim: Claim, text: str) -> bool:
    """Return True if a claim says that something holds even for what a line excepts."""
    even = wordings().scope["even"].search(claim.text)
    found = passages(" ".join(text.split()))
    first = next((n for n, p in enumerate(found) if p.excepts), None)
    if even is None or first is None:
        return False
    asked = telling(concepts(even.group("what")))
    return bool(asked) and asked <= frozenset().union(*(p.concepts for p in found[first:]))


def either(claim: Claim, text: str) -> bool:
    """Return True if a claim wants two figures together of which a line takes either."""
    if not scoped("joined", claim.text) or scoped("joined", text):
        return False
    claimed, stated = figures.amounts(claim.text), figures.amounts(text)
    both = [unit for unit in claimed if claimed[unit] & stated.get(unit, frozenset())]
    return len(both) > 1 and scoped("either", text)


def part_only(claim: Claim, text: str) -> bool:
    """Return True if a claim speaks of the whole license where a line speaks of a part of it."""
    return scoped("whole", claim.text) and scoped("part", text) and not scoped("whole", text)


def counts_more(claim: Claim, match: Match) -> bool:
    """Return True if a claim counts something that neither a line nor the lines beside it in its clause count."""
    evidence = match.evidence
    stated: set[str] = set()
    for line in evidence.sheet.lines[max(0, evidence.line.order - _BEHIND) : evidence.line.order + _BEHIND + 1]:
        if line.unit.clause.id == evidence.line.unit.clause.id:
            stated |= figures.amounts(line.unit.span.of(evidence.sheet.document.text)).keys()
    claimed = {unit for unit in figures.amounts(claim.text) if unit in figures.tables().unit or unit in _LENGTHS}
    return bool(claimed - stated)


def fuller(best: Match, found: Sequence[Match]) -> Match:
    """Return a line that says the contrary of the best one and speaks of all of the claim that it does and of more; the best one if none does."""
    against = (m for m in found if m.relation == -best.relation and m.clarity >= _CLEAR and m.fit >= _NEARLY)
    return next((m for m in against if m.held > best.held and m.weight >= _FULLER * best.weight), best)


def share(claim: Claim, text: str, apart: frozenset[str] = frozenset()) -> float:
    """Return the share of a claim's concepts, by weight, of which a line itself speaks or speaks nearly; those set apart count for nothing."""
    own = concepts(text)
    weights = {c: w for c, w in claim.weights.items() if c not in apart}
    held = sum(w for c, w in weights.items() if (opposites(c) | near(c) | {c}) & own)
    return held / sum(weights.values()) if weights else 1.0


def torn(said: Sequence[Match]) -> bool:
    """Return True if the lines on the one thing that a claim names, clearest first, say opposite things of it."""
    nearest = max(said, key=lambda m: m.fit)
    if said[0].relation == DENIES:
        return nearest.relation == SUPPORTS
    return any(m.relation == DENIES and m.fit >= _NEARLY and m.clarity >= _CLEAR for m in said)
