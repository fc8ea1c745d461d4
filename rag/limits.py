"""Checks that stop an act: a prohibited use, a lawsuit, an omitted duty, a wrong name, the reach of share-alike.

Each check takes a `Case` and returns a `Reason`, or None where the texts say nothing to the point.
"""

import re

from corpus.types import Span
from rag import duties
from rag.case import Case, Evidence, Reason, unique
from rag.language import senses, words
from rag.reading import concepts, telling
from rag.signs import sign

_WORDED = frozenset({"threshold-display", "naming", "attribution", "notice-file"})
_HANDED_ON = frozenset(("relicense", "redistribute", "sell", "fine-tune", "train-on-outputs"))
# An item that speaks of nothing but a use; one on a place or a duty has checks of its own.
_ITEM = frozenset(("prohibited-use",))
_ABOUT_USES = frozenset(("use-policy",))
_FEW, _ALIKE, _VERY = 2, 0.42, 0.5
_BEFORE = 40  # characters before words that may be denied
_DUTIES = (
    "threshold-display",
    "naming",
    "attribution",
    "notice-file",
    "license-copy",
    "retain-notices",
    "flow-down",
    "documentation",
)


def _names(case: Case) -> str:
    return ", ".join(dict.fromkeys(a.label for a in case.question.acts[:2])) or "this"


def prohibited_use(case: Case) -> Reason | None:
    """Return a reason if the question describes a use that an item of the license or its use policy names."""
    for use in case.question.uses:
        lines = [
            Evidence(e.sheet, e.line, e.act, e.score, _span(e, use.clause))
            for e in case.all("prohibited-use")
            if use.clause.search(e.text)
        ]
        if not lines:
            continue
        lines.sort(key=lambda e: -case.odds(e))
        return _restricted(case, lines, f"restricts {use.name}")
    # No use of the lexicon: an item that matches the plan's own words better than nearly all other lines still speaks of it.
    near = [e for e in case.ranked(_FEW) if e.line.acts == _ITEM and e.score >= _ALIKE and _at_heart(case, e.text)]
    if {a.name for a in case.question.acts} & _HANDED_ON:
        near = []  # what is asked is how copies go on, not what they are used for
    if near and case.question.kind == "permission" and {t.name for t in case.question.topics} <= _ABOUT_USES:
        lines = [Evidence(e.sheet, e.line, "prohibited-use", e.score) for e in near]
        return _restricted(case, lines, "restricts uses such as the one described")
    return _elsewhere(case)


_NO_TERM = frozenset(
    (
        "warranty",
        "liability",
        "use-name-or-logo",
        "patent-use",
        "definition",
        "derivative-definition",
        "noncommercial-definition",
    )
)


def left_out(case: Case) -> Reason | None:
    """Return a reason if the line that matches the plan best takes just that out of the grant."""
    for e in case.ranked(_FEW):
        found = sign("not_granted").search(e.text)
        if found is None or e.score < _VERY or e.line.acts & _NO_TERM or not _at_heart(case, e.text):
            continue
        spared = sign("excepting").search(e.text)
        if spared is not None and _shares(case, e.text[spared.end() :]):
            headline = "the clause quoted takes such a case out of what it limits"
            return Reason("conditional", "express-grant", headline, (e,), "use", ("facts", "interpretation"))
        return Reason("no", "outside-grant", "the clause quoted takes what is described out of the grant", (e,), "use")
    return None


def _shares(case: Case, exception: str) -> bool:
    """Return True if an exception speaks of what the question tells: two of its words, or what means the same."""
    mine, asked = frozenset(words(exception)), frozenset(words(case.question.rest))
    return len(mine & asked) + len(senses(mine - asked) & senses(asked - mine)) >= _FEW


def _at_heart(case: Case, item: str) -> bool:
    """Return True if a line itself, without the examples that it gives in brackets, speaks of what the question tells.

    It takes two things of which both speak; products, software and people are none: every license speaks of them.
    """
    own = sign("in_brackets").sub(" ", item)
    mine, asked = (frozenset(words(text)) for text in (own, case.question.rest))
    faint = {word for word in mine & asked if not telling(concepts(word))}
    shared = (mine & asked) - faint
    return len(shared) + len(senses(mine - faint - shared) & senses(asked - faint - shared)) >= _FEW


def _elsewhere(case: Case) -> Reason | None:
    """Return a reason if the use described is one for a policy that the license takes in and that is not on file."""
    binding = case.all("use-policy", "must")
    if not (case.question.uses and case.external and binding):
        return None
    policy = case.external[0]
    headline = f"whether this use is allowed is for the {policy.title} to say, which is not on file ({policy.address})"
    return Reason("conditional", "not-on-file", headline, binding[:1], "use", ("facts", "interpretation"))


def _restricted(case: Case, lines: list[Evidence], what: str) -> Reason:
    lacking = (
        [e for e in lines if sign("unqualified").search(e.text)]
        if sign("lacks_expert").search(case.question.text)
        else []
    )
    lines = [*lacking, *(e for e in lines if e not in lacking)]
    best = lines[0]
    if sign("undisclosed").search(best.text) and _discloses(case.question.text):
        headline = f"{best.sheet.document.title} {what}, but only where it is not disclosed, which the plan does"
        return Reason("conditional", "express-grant", headline, (best,), "use", ("duties",))
    soft = not lacking and all(sign("soft_wording").search(e.text) for e in lines[:2])
    headline = f"{best.sheet.document.title} {what}"
    if soft:
        headline += ", in the words quoted: whether they cover this case decides"
    return Reason(
        "conditional" if soft else "no",
        "express-prohibition",
        headline,
        tuple(lines[:2]),
        act="use",
        depends_on=("interpretation",) if soft else (),
    )


def _discloses(text: str) -> bool:
    """Return True if a plan says that a machine is at work, and not that nothing says so."""
    found = sign("discloses").search(text)
    return found is not None and not sign("denial").search(text[max(0, found.start() - _BEFORE) : found.start()])


def _span(evidence: Evidence, clause: re.Pattern[str]) -> Span | None:
    span = evidence.line.unit.span
    found = clause.search(evidence.sheet.document.text, span.start, span.end)
    return Span(found.start(), found.end()) if found else None


def _left_out(case: Case) -> tuple[str, ...]:
    """Return the kinds of duty that the question leaves out or replaces, among those that its acts set off."""
    question = case.question
    wanted = [act for topic in question.topics for act in topic.terms if act in _DUTIES]
    if question.substitution and not question.omission:
        # Other words in place of the prescribed ones: that is about names and notices only.
        return tuple(act for act in wanted if act in _WORDED) if question.quoted or not question.acts else ()
    if any(a.name == "relicense" for a in question.acts):
        wanted = ["flow-down", "same-license", "license-copy", *wanted]
    due = duties.triggered(case)
    if not wanted and question.omission:
        # What is left out is not said: a name, a notice, any sign of the material.
        wanted = [act for act in due if act in _DUTIES]
    return tuple(act for act in dict.fromkeys(wanted) if not due or act in due or act == "threshold-display")


def locked(case: Case) -> Reason | None:
    """Return a reason if the plan locks the material and the text forbids measures that take away what it grants."""
    if sign("binds_recipients").search(case.question.text):
        kept = case.all("further-restrictions", "prohibited", "must")
        headline = "recipients may not be kept from what the license lets them do"
        return Reason("no", "express-prohibition", headline, kept[:1], "redistribute", ("duties",)) if kept else None
    if not sign("locking").search(case.question.text):
        return None
    lines = [
        e
        for e in case.all("further-restrictions", "prohibited")
        if re.search(r"technolog|technical", e.text, re.IGNORECASE)
    ]
    if not lines:
        return None
    changed = any(a.name == "fine-tune" for a in case.question.acts) or re.search(
        r"adapt", case.question.text, re.IGNORECASE
    )
    lines.sort(key=lambda e: ("adapt" in e.text.lower()) != bool(changed))
    headline = "no technical measures may take away from recipients what the license grants"
    return Reason("no", "express-prohibition", headline, tuple(lines[:1]), "redistribute", ("duties",))


def omitted_duty(case: Case) -> Reason | None:
    """Return a reason if the question leaves out or replaces what a duty of the license asks for."""
    question = case.question
    if not (question.omission or question.substitution):
        return None
    for act in _left_out(case):
        lines = case.all(act, "must")
        if not lines:
            continue
        term = lines[0].term
        trigger = term.trigger if term else None
        if trigger is not None and trigger.amount is not None and not any(_exceeds(case, e) for e in lines):
            continue
        headline = "the license asks for what the question leaves out or replaces"
        return Reason("no", "noncompliant-as-described", headline, lines[:2], "naming", ("duties",))
    return None


def _exceeds(case: Case, evidence: Evidence) -> bool:
    for term in evidence.line.terms:
        if term.trigger and term.trigger.amount is not None:
            value = case.question.facts.get(term.trigger.measure or "")
            if isinstance(value, int | float) and value > term.trigger.amount:
                return True
    return False


def wrong_name(case: Case) -> Reason | None:
    """Return a reason if the question names a model or product otherwise than the license prescribes, or claims an endorsement."""
    question = case.question
    if not any(a.name == "use-name-or-logo" for a in question.acts):
        return None
    if sign("claimed_endorsement").search(question.text):
        lines = case.all("endorsement", "prohibited")
        if lines:
            return Reason(
                "no",
                "express-prohibition",
                "an endorsement may not be claimed without permission",
                lines[:1],
                "use-name-or-logo",
                ("consent",),
            )
    if sign("mark_itself").search(question.text) and not case.all("naming", "must"):
        lines = case.all("use-name-or-logo", "prohibited")
        if lines:
            headline = "no right to use the licensor's names or marks is granted"
            return Reason("no", "outside-grant", headline, lines[:1], "use-name-or-logo", ("consent",))
    for line in case.all("naming", "must"):
        prefix = next(
            (c.exact for t in line.line.terms for c in t.conditions if c.kind == "name-prefix" and c.exact), None
        )
        names_model = {a.name for a in question.acts} & {"fine-tune", "train-on-outputs", "redistribute"}
        if (
            prefix is None
            or not question.quoted
            or not (names_model or re.search(r"\bmodel\b", question.text, re.IGNORECASE))
        ):
            continue
        if all(name.lower().startswith(prefix.lower()) for name in question.quoted):
            return Reason(
                "conditional",
                "express-grant",
                f"the name begins with “{prefix}” as required",
                (line,),
                "use-name-or-logo",
                ("duties",),
            )
        return Reason(
            "no",
            "noncompliant-as-described",
            f"the name must have “{prefix}” at its beginning",
            (line,),
            "use-name-or-logo",
            ("duties",),
        )
    return None


def share_alike_reach(case: Case) -> Reason | None:
    """Return a reason if the question is whether something counts as a derivative under a license that asks for the same license."""
    if not any(t.name == "derivative-definition" for t in case.question.topics):
        return None
    if any(a.name == "host-as-service" for a in case.question.acts) and case.all("network-source", "must"):
        return None  # what is served over a network has a clause of its own
    same, found = case.all("same-license", "must"), case.all("derivative-definition", "defines")
    if not (same and found):
        return None
    # The definition itself before what the text adds to it for one kind of material.
    defined = sorted(found, key=lambda e: re.search(r"\bmeans?\b", e.text) is None)
    headline = "it turns on whether the result is a derivative as the text defines it, which the text does not settle for this case"
    return Reason("unclear", "ambiguous", headline, unique((defined[0], same[0])), "fine-tune", ("interpretation",))
