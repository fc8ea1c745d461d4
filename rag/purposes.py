"""The purpose that a license is limited to: non-commercial, research, evaluation, as the text itself defines it."""

import re

from corpus.curated import RULE
from rag.case import Case, Evidence, Reason, unique
from rag.types import MissingFact

# The rule of terms.toml for a commercial use that is forbidden in so many words.
_EXPRESS = "noncommercial-express"
_COUNTED = 0.2


def limited_to_noncommercial(case: Case) -> bool:
    """Return True if the license grants for non-commercial purposes only: it says so and nowhere grants commercial use."""
    lines = case.all("noncommercial")
    if any(t.rule in (_EXPRESS, RULE) and t.act == "noncommercial" for e in lines for t in e.line.terms):
        return True
    return bool(lines) and not case.all("commercial-use", "permitted")


def noncommercial(case: Case) -> Reason | None:
    """Return a reason if the license is limited to non-commercial purposes."""
    commercial = case.question.facts.get("commercial")
    if commercial is None and any(a.commercial for a in case.question.acts):
        commercial = True
    counted = [e for e in case.all("purpose-permitted") if e.score >= _COUNTED]
    if counted and commercial is not True:
        headline = "the text counts such a purpose among those that it permits"
        lines = case.all("noncommercial")
        return Reason("yes", "express-grant", headline, unique((*counted[:1], *lines[:1])), "use", ("facts",))
    if not limited_to_noncommercial(case):
        return None
    lines = case.all("noncommercial")
    strongest = sorted(lines, key=lambda e: -_fit(case, e))
    definition = sorted(case.all("noncommercial-definition"), key=lambda e: re.search(r"\bmeans?\b", e.text) is None)[
        :1
    ]
    if commercial:
        separate = any(t.modality == "requires-separate-license" for e in lines for t in e.line.terms)
        return Reason(
            "no",
            "separate-license" if separate else "outside-grant",
            "the grant covers non-commercial purposes only, and the use described is commercial",
            unique((*strongest[:2], *definition)),
            "commercial-use",
            ("consent",) if separate else (),
        )
    asked = MissingFact(
        "commercial",
        "Is the purpose commercial in the sense of this text?",
        "a commercial purpose is outside the grant",
    )
    if commercial is None:
        return Reason(
            "conditional",
            "outside-grant",
            "it turns on whether the purpose is primarily non-commercial as this text defines it",
            unique((*definition, *strongest[:2])),
            "use",
            ("facts", "interpretation"),
            (asked,),
        )
    return Reason(
        "conditional",
        "express-grant",
        "for non-commercial purposes as this text defines them",
        unique((*strongest[:1], *definition)),
        "use",
        ("facts",),
    )


def _fit(case: Case, evidence: Evidence) -> float:
    """Return how well a non-commercial line fits the acts: changing asks for the line on adapted works, sharing for the one on copies."""
    changes = any(a.name == "fine-tune" for a in case.question.acts)
    adapted = re.search(r"adapted|derivative|modif", evidence.text, re.IGNORECASE) is not None
    grant = re.search(r"\b(reproduce|share|use|distribute|grant)", evidence.text, re.IGNORECASE) is not None
    limit = (
        re.search(r"\b(may only|solely|expressly prohibited|only for|purposes only)\b", evidence.text, re.IGNORECASE)
        is not None
    )
    return evidence.score + 0.5 * (changes == adapted) + 0.3 * grant + 0.4 * limit
