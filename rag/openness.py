"""How open a license is: the four freedoms with the clause that limits each, OSI approval, and one label with its reason.

What a license text cannot tell stays unknown: whether data information and training code are published is a fact about a release,
which the Open Source AI Definition asks for and no license states.
"""

from dataclasses import dataclass

from rag import freedoms
from rag.case import Case, Evidence

# The elements that the Open Source AI Definition 1.0 asks of a release, beside the terms.
ELEMENTS = ("data information", "code", "parameters")


@dataclass(frozen=True, slots=True)
class Openness:
    """The label, why, whether the OSI approved the license (None: not known), and for each freedom the line that limits it, or None."""

    label: str
    reason: str
    osi_approved: bool | None
    freedoms: tuple[tuple[str, Evidence | None], ...]


def openness(case: Case) -> Openness:
    """Return how open the license of a case is."""
    limited = freedoms.limited(case)
    approved = case.entry.osi_approved if case.entry else None
    kind = case.entry.class_ if case.entry else None
    purpose = next((line for _, line in limited if line is not None and line.act == "noncommercial"), None)
    if approved:
        label, reason = "AI-Open-Source", "the OSI approved the license"
    elif purpose is not None:
        label, reason = "AI-Research-Only", "a clause limits it to non-commercial or research purposes"
    elif kind == "proprietary":
        label, reason = "AI-Proprietary", "terms of a service or a proprietary agreement"
    elif any(line is not None for _, line in limited):
        first = next(name for name, line in limited if line is not None)
        label, reason = "AI-Open-Weight", f"the freedom {first} is limited by a clause"
    else:
        label, reason = "AI-Open-Weight", "no clause limits a freedom, but the OSI has not approved the license"
    return Openness(label, reason, approved, limited)
