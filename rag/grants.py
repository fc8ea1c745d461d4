"""What a license says about the acts of a question: prohibited, permitted on conditions, permitted, or nothing at all."""

import re

from rag import copyleft, outputs
from rag.case import Case, Evidence, Reason, unique
from rag.lexicon import Act
from rag.signs import sign


def _grants(case: Case, act: Act) -> tuple[Evidence, ...]:
    """Return the lines that grant the act, the most exact first: its own term, then the wider acts it is covered by."""
    lines = [e for cover in act.covers for e in case.all(cover, "permitted", "permitted-if")]
    return unique(lines)


def spared(case: Case, act: Act) -> Reason | None:
    """Return a reason if the limit on hosted services does not reach the plan."""
    line = case.first("host-as-service", "prohibited") if act.name == "host-as-service" else None
    if line is None:
        return None
    if sign("paid_only").search(line.text) and case.question.facts.get("commercial") is False:
        why = "the limit reaches paid services only, and this one is offered without charge"
    elif sign("third_parties").search(line.text) and case.question.facts.get("distribution") == "internal":
        why = "the limit on hosted services reaches third parties only, and this one stays in the house"
    elif sign("substantial").search(line.text) and sign("no_access").search(case.question.text):
        why = "the limit on hosted services reaches only access to the features of the software, which customers do not get here"
    else:
        return None
    return Reason("conditional", "express-grant", why, (line,), act.name, ("facts", "interpretation"))


def hosting(case: Case, act: Act) -> Reason | None:
    """Return a reason for offering the material as a service."""
    if act.name != "host-as-service":
        return None
    against = case.all("host-as-service", "prohibited")
    if against:
        headline = "the license does not allow offering it to third parties as a service"
        return spared(case, act) or Reason("no", "express-prohibition", headline, against[:1], act.name)
    # The sentence that orders it before those that say what its words mean.
    network = tuple(
        sorted(case.all("network-source", "must"), key=lambda e: not re.search(r"\b(must|shall)\b", e.text))
    )
    if network and sign("kept_closed").search(case.question.text):
        return Reason(
            "no",
            "noncompliant-as-described",
            "users who reach a changed version over a network must be offered its source, which the plan keeps back",
            network[:1],
            act.name,
            ("duties",),
        )
    if network:
        return Reason(
            "conditional",
            "express-grant",
            "users who reach it over a network must be offered the source",
            network[:1],
            act.name,
            ("duties",),
        )
    if case.all("same-license", "must"):
        quiet = [e for e in case.all("distribution-definition") if "not" in e.text]
        if quiet:
            return Reason(
                "yes",
                "express-grant",
                "use over a network without handing over a copy is not distribution under this license",
                tuple(quiet[:1]),
                act.name,
            )
    return None


# Acts that texts only ever speak of to limit them.
_FORBIDDEN = frozenset(("compete", "publish-benchmarks", "reverse-engineer", "transfer", "sell", "circumvent"))
# Acts whose prohibitions are read with their surroundings by checks of their own.
_ELSEWHERE = frozenset(
    (
        "host-as-service",
        "train-on-outputs",
        "use-outputs",
        "relicense",
        "commercial-use",
        "use-name-or-logo",
        "patent-use",
    )
)


def prohibited(case: Case, act: Act) -> Reason | None:
    """Return a reason if a clause forbids the act itself."""
    lines = () if act.name in _ELSEWHERE else case.all(act.name, "prohibited")
    granted = case.all("sell", "permitted", "permitted-if") if act.name == "sell" else ()
    if lines and granted:
        both = unique((granted[0], lines[0]))
        headline = "selling is granted, within the limit that the other clause sets"
        return Reason("conditional", "express-grant", headline, both, act.name, ("duties", "interpretation"))
    # A prohibition with a grant beside it limits the grant; alone, or for acts that texts only ever forbid, it decides.
    if lines and (act.name in _FORBIDDEN or not case.all(act.name, "permitted", "permitted-if")):
        return Reason("no", "express-prohibition", f"a clause limits {act.label}", lines[:1], act.name)
    separate = case.all(act.name, "requires-separate-license")
    if separate and act.name not in _ELSEWHERE:
        headline = f"{act.label} takes a separate license from the licensor"
        return Reason("no", "separate-license", headline, separate[:1], act.name, ("consent",))
    if act.name == "fine-tune" and any(
        a.name in ("redistribute", "sell", "embed-in-product") for a in case.question.acts
    ):
        lines = case.all("share-derivatives", "prohibited")
        if lines:
            return Reason("no", "outside-grant", "adapted material may not be shared", lines[:2], act.name)
    if act.name == "patent-use":
        lines = case.all("patent-use", "prohibited")
        # "No other patent license is granted" beside a grant limits it, and does not take it back.
        if lines and not case.all("patent-use", "permitted", "permitted-if"):
            return Reason("no", "outside-grant", "patent rights are not licensed", lines[:1], act.name)
    if act.name == "relicense" and re.search(r"sub-?licen", case.question.text, re.IGNORECASE):
        lines = case.all("sublicense", "prohibited")
        if lines:
            return Reason("no", "express-prohibition", "sublicensing is excluded", lines[:1], act.name)
    return None


def permission(case: Case, act: Act) -> Reason | None:
    """Return a reason if the license grants the act, in its own words or through a wider act."""
    lines = _grants(case, act)
    if not lines:
        return None
    strong = [e for e in lines if any(t.act == e.act and t.modality == "permitted" for t in e.line.terms)]
    exact = list(case.all(act.covers[0], "permitted", "permitted-if"))
    best = (exact or strong or list(lines))[0]
    conditional = not any(t.act == best.act and t.modality == "permitted" for t in best.line.terms)
    return Reason(
        "conditional" if conditional else "yes",
        "express-grant",
        f"the license grants {act.label}" if exact else f"{act.label} falls under what the clause quoted grants",
        (best,),
        act.name,
        ("duties",) if conditional else (),
        exact=bool(exact),
    )


CHECKS = (
    prohibited,
    hosting,
    outputs.training,
    outputs.data_results,
    outputs.using,
    copyleft.other_terms,
    copyleft.closed_source,
    permission,
)


def decide(case: Case, act: Act) -> Reason:
    """Return the reason of the first check that speaks, or silence."""
    for check in CHECKS:
        reason = check(case, act)
        if reason is not None:
            return reason
    return Reason("unclear", "silent", f"no clause speaks of {act.label}", (), act.name, ("interpretation",))
