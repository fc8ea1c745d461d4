"""The purpose that a license is limited to: non-commercial, research, evaluation, as the text itself defines it."""

import re

from corpus.curated import RULE
from rag.case import Case, Evidence, Reason, unique
from rag.signs import sign
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
    counted = _counted(case)
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
    tried = _tried(case)
    if commercial and tried is not None:
        headline = "trying it out before production is a purpose that the text allows companies too; production and customers are outside"
        return Reason("conditional", "express-grant", headline, unique((tried, *strongest[:1])), "use", ("facts",))
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
    produced = [e for e in (*definition, *lines) if sign("no_production").search(e.text)]
    if produced and any(a.name == "production-use" for a in case.question.acts):
        headline = "use in production is taken out of what the text calls non-commercial"
        return Reason("no", "outside-grant", headline, unique((*produced[:1], *strongest[:1])), "production-use")
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


def _counted(case: Case) -> list[Evidence]:
    """Return the lines on permitted purposes that come near the question, those on institutions first where one asks."""
    asks = sign("institution").search(case.question.text) is not None
    found = [
        e for e in case.all("purpose-permitted") if e.score >= _COUNTED or (asks and sign("institution").search(e.text))
    ]
    return sorted(found, key=lambda e: asks and sign("institution").search(e.text) is None)


def _tried(case: Case) -> Evidence | None:
    """Return the line that allows companies to evaluate the material, if that is all that the plan does."""
    outward = any(a.name in ("sell", "embed-in-product", "redistribute") for a in case.question.acts)
    if outward or not sign("evaluating").search(case.question.text):
        return None
    lines = (*case.all("noncommercial-definition"), *case.all("purpose-permitted"), *case.all("noncommercial"))
    return next((e for e in lines if sign("evaluation_allowed").search(e.text)), None)


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


_OUTWARD = frozenset(("sell", "host-as-service", "embed-in-product", "redistribute"))


def internal(case: Case) -> Reason | None:
    """Return a reason if the grant is for the user's own inner use and the plan gives the material, or its use, to others for money."""
    lines = [
        e
        for act in ("use", "modify", "noncommercial", "commercial-use")
        for e in case.all(act, "permitted", "permitted-if", "prohibited")
        if sign("own_use").search(e.text)
    ]
    outward = {a.name for a in case.question.acts} & _OUTWARD
    if not lines or not outward or case.question.facts.get("commercial") is not True:
        return None
    if case.question.facts.get("distribution") == "internal":
        return None
    headline = "the grant is for internal purposes of one's own, and the plan gives it to others"
    return Reason("no", "outside-grant", headline, unique(lines)[:2], "commercial-use", ("consent",))


def charged(case: Case) -> Reason | None:
    """Return a reason if money is taken for what may be passed on only if none is."""
    if not any(a.name == "sell" for a in case.question.acts):
        return None
    for act in ("sell", "redistribute"):
        lines = [
            e for e in case.all(act, "permitted-if", "prohibited", "permitted") if sign("no_charge").search(e.text)
        ]
        fee = re.search(r"\blicen[sc](e|ing) fee", case.question.text, re.IGNORECASE)
        reached = [
            e
            for e in lines
            if sign("any_fee").search(e.text) or (fee and re.search(r"\blicen[sc](e|ing) fee", e.text, re.IGNORECASE))
        ]
        if reached:
            headline = "it may be passed on only if nothing is charged in the way that the clause names"
            return Reason("no", "noncompliant-as-described", headline, tuple(reached[:1]), "sell", ("duties",))
    return None
