"""Copyleft and other terms: what must stay under the license, what may be under other terms, and what may stay closed."""

import re

from rag.case import Case, Evidence, Reason, unique
from rag.lexicon import Act
from rag.signs import sign


def _target(case: Case) -> tuple[str, ...] | None:
    """Return the licenses that the question wants to put the result under (`release it under X`), or None."""
    for mention in case.question.mentions:
        before = case.question.text[max(0, mention.start - 100) : mention.start]
        if sign("puts_under").search(before) and mention.licenses:
            return mention.licenses
    return None


def _first_choice(lines: tuple[Evidence, ...]) -> list[Evidence]:
    """Return the lines with those first that grant, not define: `terms of Your choice` before the definition of a larger work."""
    return sorted(
        lines,
        key=lambda e: (
            re.search(r"terms of your choice|additionally distribute|under the terms of", e.text, re.IGNORECASE)
            is None,
            -e.score,
        ),
    )


def _kept(case: Case) -> bool:
    """Return True if the plan hands no copy to anybody."""
    return (
        case.question.facts.get("distribution") == "internal" or sign("no_copy").search(case.question.text) is not None
    )


def other_terms(case: Case, act: Act) -> Reason | None:
    """Return a reason for passing the material on under other terms, or keeping changes closed."""
    if act.name != "relicense":
        return None
    target = _target(case)
    if target is not None and case.license in target:
        lines = unique(
            (*case.all("same-license", "must")[:1], *case.all("redistribute", "permitted", "permitted-if")[:1])
        )
        return (
            Reason(
                "conditional",
                "express-grant",
                "it stays under this license, as its conditions ask",
                lines[:1],
                act.name,
                ("duties",),
            )
            if lines
            else None
        )
    same = case.all("same-license", "must")
    scope = case.all("copyleft-scope", "permitted-if", "permitted")
    own = case.all("relicense", "permitted-if")
    combined = [
        e
        for e in _first_choice(scope)
        if re.search(r"larger work|combined work|secondary licen", e.text, re.IGNORECASE)
    ]
    if combined:
        headline = "the part under this license stays under it; the larger or combined work may be under other terms if the conditions are met"
        evidence = unique((*combined[:1], *case.all("relink", "must")[:1]))
        return Reason("conditional", "express-grant", headline, evidence, act.name, ("duties",))
    freed = [e for e in own if sign("other_terms_freed").search(e.text)]
    if freed:
        headline = "the text allows other terms for it on the conditions quoted"
        evidence = unique((*freed[:1], *case.all("disclose-source", "must")[:1]))
        return Reason("conditional", "express-grant", headline, evidence, act.name, ("duties",))
    quiet = [e for e in case.all("distribution-definition") if re.search(r"\bnot\b", e.text)]
    inside = [*quiet, *case.all("private-use")]
    if same and inside and _kept(case) and not case.all("network-source", "must"):
        headline = "no copy is handed over, and the license asks for its terms only where one is"
        return Reason("yes", "express-grant", headline, tuple(inside[:1]), act.name)
    if same:
        return Reason(
            "no", "express-prohibition", "works based on it must be passed on under this license", same[:2], act.name
        )
    flow = case.all("flow-down", "must")
    if own:
        return Reason(
            "conditional",
            "express-grant",
            "changes may be under other terms if the conditions of this license are met",
            unique((*own[:1], *flow[:1])),
            act.name,
            ("duties",),
        )
    return None


def closed_source(case: Case, act: Act) -> Reason | None:
    """Return a reason for shipping copyleft material in a closed product."""
    if act.name not in ("embed-in-product", "sell", "redistribute"):
        return None
    combined = [
        e
        for e in _first_choice(case.all("copyleft-scope", "permitted-if"))
        if re.search(r"larger work|combined work", e.text, re.IGNORECASE)
    ]
    source = case.all("disclose-source", "must")
    relink = case.all("relink", "must")
    if combined:
        evidence = unique((*combined[:1], *relink[:1], *source[:1]))
        return Reason(
            "conditional",
            "express-grant",
            "the product may be under other terms if the conditions for the part under this license are met",
            evidence,
            act.name,
            ("duties",),
        )
    if case.all("same-license", "must") and sign("kept_closed").search(case.question.text):
        lines = unique((*case.all("same-license", "must")[:1], *source[:1]))
        return Reason(
            "no",
            "noncompliant-as-described",
            "a work based on it must be passed on under this license, with its source",
            lines,
            act.name,
            ("duties",),
        )
    return None
