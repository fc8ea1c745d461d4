"""Checks that stop an act: a prohibited use, a territory, a threshold, a lawsuit, a non-commercial limit, an omitted duty.

Each check takes a `Case` and returns a `Reason`, or None where the texts say nothing to the point.
"""

import re

from corpus.types import Span
from rag import duties
from rag.case import Case, Evidence, Reason, unique
from rag.facts import places
from rag.types import MissingFact

_SOFT = re.compile(
    r"\b(unauthori[sz]ed|unlicensed|illegal|unlawful|without (the )?(consent|authori|permission|disclos)|intended to be a substitute|with the purpose|"
    r"high-stakes|except|unless|where required)\b",
    re.IGNORECASE,
)
# The rule of terms.toml for a commercial use that is forbidden in so many words.
_EXPRESS = "noncommercial-express"
_WORDED = frozenset({"threshold-display", "naming", "attribution", "notice-file"})
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
        best = lines[0]
        soft = _SOFT.search(best.text) is not None
        headline = f"{best.sheet.document.title} restricts {use.name}"
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
    return None


def _span(evidence: Evidence, clause: re.Pattern[str]) -> Span | None:
    span = evidence.line.unit.span
    found = clause.search(evidence.sheet.document.text, span.start, span.end)
    return Span(found.start(), found.end()) if found else None


def territory(case: Case) -> Reason | None:
    """Return a reason if a territorial limit meets the place where the user is at home, or would if it were known."""
    lines = case.all("territory", "prohibited")
    if not lines:
        return None
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
    hit = [e for e in lines if any(re.search(rf"(?<!\w){re.escape(n)}(?!\w)", e.text) for n in names)]
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
        )
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
        value = case.question.facts.get(trigger.measure or "")
        if not isinstance(value, int | float) or isinstance(value, bool):
            continue
        fixed = trigger.moment == "release-date"
        over = value > trigger.amount
        amount = f"{trigger.amount:,.0f}"
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


def lawsuit(case: Case) -> Reason | None:
    """Return a reason if the question is about going on after filing a lawsuit and the license reacts to one."""
    if not any(t.name == "litigation" for t in case.question.topics):
        return None
    everything = case.all("patent-retaliation", "prohibited")
    if everything:
        return Reason(
            "no", "express-prohibition", "such a lawsuit ends the license on the day it is filed", everything[:1], "use"
        )
    patents = case.all("patent-retaliation")
    if patents:
        return Reason(
            "conditional",
            "express-grant",
            "such a lawsuit ends the patent license, not the rest",
            patents[:1],
            "patent-use",
            ("facts",),
        )
    return None


def limited_to_noncommercial(case: Case) -> bool:
    """Return True if the license grants for non-commercial purposes only: it says so and nowhere grants commercial use."""
    lines = case.all("noncommercial")
    if any(t.rule == _EXPRESS for e in lines for t in e.line.terms):
        return True
    return bool(lines) and not case.all("commercial-use", "permitted")


def noncommercial(case: Case) -> Reason | None:
    """Return a reason if the license is limited to non-commercial purposes."""
    if not limited_to_noncommercial(case):
        return None
    commercial = case.question.facts.get("commercial")
    if commercial is None and any(a.commercial for a in case.question.acts):
        commercial = True
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
    return tuple(act for act in dict.fromkeys(wanted) if not due or act in due or act == "threshold-display")


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
    if re.search(r"\bendors|\bsponsor|\bofficial|\bpartner", question.text, re.IGNORECASE):
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
    same, defined = case.all("same-license", "must"), case.all("derivative-definition", "defines")
    if not (same and defined):
        return None
    headline = "it turns on whether the result is a derivative as the text defines it, which the text does not settle for this case"
    return Reason("unclear", "ambiguous", headline, unique((defined[0], same[0])), "fine-tune", ("interpretation",))
