"""The duties that come with the acts of a question, from the terms of the clauses."""

import re

from rag.case import Case, Evidence, unique
from rag.types import Duty

# Duties by what sets them off, the most telling first: what a user is least likely to guess stands in front.
_BY_TRIGGER = {
    "distribution": (
        "naming",
        "flow-down",
        "same-license",
        "disclose-source",
        "relink",
        "license-copy",
        "documentation",
        "notice-file",
        "state-changes",
        "attribution",
        "bind-users",
        "retain-notices",
    ),
    "modification": ("state-changes",),
    "hosting": ("flow-down", "naming", "bind-users"),
    "network-service": ("network-source",),
    "outputs-training": ("naming",),
    "naming": ("naming",),
    "commercial-use": ("registration", "threshold-display"),
    "use": ("use-policy",),
    "warranty": ("indemnity",),
    "outputs": ("output-rights",),
}
_ASKED = frozenset({"naming", "attribution", "notice-file", "license-copy", "state-changes"})
# A clause on a notice file says what credit and which notices it holds: one duty, not four.
_SAID_BY_NOTICE = frozenset({"give-credit", "retain-notice", "provide-license-copy"})
_LIGHT = frozenset({"license-copy", "retain-notices", "attribution", "use-policy", "export"})
_CONSEQUENCE = {
    "condition": "a condition of the grant",
    "encouraged": "encouraged, not required",
    "covenant": "a promise; breaking it is a breach",
}
_KIND = {
    "provide-license-copy": "Give recipients a copy of the license",
    "retain-notice": "Keep the copyright and other notices",
    "notice-file": "Ship the notice text",
    "state-changes": "Say that you changed the files",
    "give-credit": "Give credit",
    "display-mark": "Display the words",
    "name-prefix": "Begin the name of the model with",
    "flow-down-use-restrictions": "Pass the use restrictions on as enforceable terms",
    "pass-on-terms": "Tell recipients about the terms",
    "disclose-source": "Make the source available",
    "same-license": "Keep it under the same license",
    "register-or-apply": "Register or ask for a license first",
    "indemnify": "Indemnify the licensor",
    "use-policy": "Comply with the use policy",
    "documentation": "Add the documentation asked for",
    "allow-relinking": "Let users relink with a modified version",
    "mark-generated": "Mark generated content",
    "non-commercial-only": "Stay within non-commercial purposes",
}


def triggered(case: Case) -> tuple[str, ...]:
    """Return the kinds of duty that the acts of the question set off, the most telling first."""
    acts = case.question.acts
    outputs = [a for a in acts if a.asset == "outputs"]
    if outputs and not case.all("train-on-outputs", "defines"):
        # Outputs are not the material: what goes with copies of it does not follow them, unless the text counts them as derivatives.
        acts = tuple(outputs)
    triggers = dict.fromkeys(t for act in acts for t in act.triggers)
    if "distribution" not in triggers and "modification" in triggers:
        triggers = {"modification": None, **triggers}
    kinds = [kind for trigger in triggers for kind in _BY_TRIGGER.get(trigger, ())]
    changes = any(a.name in ("fine-tune", "train-on-outputs") for a in case.question.acts)
    if not changes:
        kinds = [k for k in kinds if k != "state-changes"]
    # A question that asks for a kind of duty outright is answered on it, whatever its acts set off.
    asked = [
        act
        for t in case.question.topics
        if t.name in ("naming", "attribution") and case.question.duty
        for act in t.terms
    ]
    return tuple(dict.fromkeys([*(k for k in asked if k in _ASKED), *kinds]))


def _meets(case: Case, evidence: Evidence) -> bool:
    """Return False for a duty with a threshold that the facts stay below."""
    for term in evidence.line.terms:
        if term.act == evidence.act and term.trigger and term.trigger.amount is not None:
            value = case.question.facts.get(term.trigger.measure or "")
            if isinstance(value, int | float) and value > term.trigger.amount:
                return True
            if any(isinstance(case.question.facts.get(k), int) for k in ("users", "revenue")):
                return False
    return True


def evidence(case: Case) -> tuple[Evidence, ...]:
    """Return the best line for each duty that applies, in the order of `triggered`; one line carries several duties at most once."""
    found = []
    for kind in triggered(case):
        lines = [e for e in case.all(kind, "must", "encouraged") if _meets(case, e)]
        if kind == "naming":
            found.extend(sorted(lines, key=lambda e: (-_naming_fit(case, e), e.line.order))[:2])
        else:
            found.extend(lines[:1])
    return unique(found)


def _naming_fit(case: Case, line: Evidence) -> float:
    """Return how well a naming duty fits: one on models trained further comes first where the question changes the model."""
    changes = any(a.name in ("fine-tune", "train-on-outputs") for a in case.question.acts)
    on_models = re.search(r"\b(train|fine-?tune|improve)", line.text, re.IGNORECASE) is not None
    return line.score + (0.5 if changes and on_models else 0.0)


def heavy(lines: tuple[Evidence, ...]) -> bool:
    """Return True if any duty goes beyond keeping notices."""
    return any(e.act not in _LIGHT and e.act != "output-rights" for e in lines)


def describe(line: Evidence, number: int) -> tuple[Duty, ...]:
    """Return the conditions of a duty's line as the answer lists them, cited with `number`."""
    duties = []
    kinds = {c.kind for t in line.line.terms for c in t.conditions}
    for term in line.line.terms:
        for condition in term.conditions:
            if "notice-file" in kinds and condition.kind in _SAID_BY_NOTICE:
                continue
            text = _KIND.get(condition.kind, condition.kind.replace("-", " ").capitalize())
            if condition.exact:
                text += f" “{condition.exact}”"
            strength = _CONSEQUENCE.get(condition.strength, condition.strength)
            duties.append(
                Duty(
                    condition.kind,
                    condition.exact,
                    condition.who,
                    condition.trigger,
                    condition.strength,
                    f"{text} ({strength}).",
                    (number,),
                )
            )
    return tuple(duties)
