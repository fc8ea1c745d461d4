"""The bounds of a claim and of a clause: figures that differ, limits that one of them has and the other has not."""

import re

from rag import figures
from rag.entail import Claim, Match
from rag.reading import concepts, near, passages, scoped, telling

_WITHOUT = re.compile(r"\bwithout (?:any |a |an |the |further |prior )*(?P<what>[\w-]+)", re.IGNORECASE)


def figures_differ(claim: Claim, text: str) -> bool | None:
    """Return True if a line states other figures for what the claim counts, False if the same, None if none are comparable."""
    claimed, stated = figures.amounts(claim.text), figures.amounts(text)
    both = [unit for unit in claimed if unit in stated]
    if both:
        return any(not claimed[unit] & stated[unit] for unit in both)
    mine, theirs = figures.periods(claim.text), figures.periods(text)
    return not mine & theirs if mine and theirs and not claimed else None


def too_wide(claim: Claim, text: str) -> bool:
    """Return True if a claim is put without limits where the line limits it, or limited where the line is open."""
    if scoped("wide", claim.text) and _threshold(claim, text):
        return True
    if claim.stance == "required":
        bare = scoped("anyway", claim.text) and scoped("conditional", text)
        return bare or (scoped("wide", claim.text) and scoped("except", text))
    if claim.stance not in ("allowed", "yes"):
        return False
    if scoped("only", claim.text):
        return scoped("wide", text) and not scoped("only", text)
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
