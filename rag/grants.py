"""What a license says about the acts of a question: prohibited, permitted on conditions, permitted, or nothing at all."""

import re

from rag import copyleft
from rag.case import Case, Evidence, Reason, unique
from rag.copyleft import CLOSED
from rag.question import Act

_SUBSTANTIAL = re.compile(
    r"substantial (set|portion)|features or functionality|primary (value|purpose)|value derives|functionality of",
    re.IGNORECASE,
)
_PAID = re.compile(r"\bpaid\b|\bfor (a )?(fee|payment|remuneration)\b|\bin exchange for\b", re.IGNORECASE)
_NO_ACCESS = re.compile(
    r"\b(never|not|don.t|do not|no)\b[^.?]{0,60}\b(get|access|see|use|receive|expose\w*|reach)\b|\bonly( ever)? (see|use|get|reach)\b|\binternally\b",
    re.IGNORECASE,
)


def _grants(case: Case, act: Act) -> tuple[Evidence, ...]:
    """Return the lines that grant the act, the most exact first: its own term, then the wider acts it is covered by."""
    lines = [e for cover in act.covers for e in case.all(cover, "permitted", "permitted-if")]
    return unique(lines)


def spared(case: Case, act: Act) -> Reason | None:
    """Return a reason if the limit on hosted services does not reach the plan."""
    line = case.first("host-as-service", "prohibited") if act.name == "host-as-service" else None
    if line is None:
        return None
    if _PAID.search(line.text) and case.question.facts.get("commercial") is False:
        why = "the limit reaches paid services only, and this one is offered without charge"
    elif _SUBSTANTIAL.search(line.text) and _NO_ACCESS.search(case.question.text):
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
    network = case.all("network-source", "must")
    if network and CLOSED.search(case.question.text):
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


# As likely to be what is asked for, in log odds.
_AS_LIKELY = 1.0
_SPARED = re.compile(r"\b(any|an)?other\b[^.;]{0,80}\((excluding|other than|except)\b[^)]*\)", re.IGNORECASE)
_ITSELF = re.compile(
    r"\bitself\b|\bthe same (base |foundation )?model\b|\b(next|another|better|new) (lora|adapter|version|fine-?tune|checkpoint) (for|of|on)\b",
    re.IGNORECASE,
)


def outputs_training(case: Case, act: Act) -> Reason | None:
    """Return a reason for training other models on outputs."""
    if act.name != "train-on-outputs":
        return None
    against = case.all("train-on-outputs", "prohibited")
    spared = [e for e in against if _SPARED.search(e.text)] if _ITSELF.search(case.question.text) else []
    if spared:
        headline = "the ban on improving other models leaves out the model itself and its derivatives"
        return Reason("conditional", "express-grant", headline, tuple(spared[:1]), act.name, ("duties",))
    allowed = [e for e in case.all("train-on-outputs", "permitted", "permitted-if") if case.ranks]
    if against and allowed and case.odds(allowed[0]) >= case.odds(against[0]) - _AS_LIKELY:
        headline = "training on its outputs is allowed, within the limit that the other clause sets"
        return Reason("conditional", "express-grant", headline, (allowed[0], against[0]), act.name, ("facts",))
    if against:
        return Reason(
            "no",
            "express-prohibition",
            "its outputs may not be used to train or improve other models in the way the clause names",
            against[:1],
            act.name,
        )
    conditional = case.all("train-on-outputs", "permitted-if")
    if conditional:
        return Reason(
            "conditional",
            "express-grant",
            "training on its outputs is allowed, with a duty for the model that results",
            conditional[:2],
            act.name,
            ("duties",),
        )
    derived = case.all("train-on-outputs", "defines")
    if derived:
        return Reason(
            "conditional",
            "express-grant",
            "a model trained to perform similarly on its outputs counts as a derivative, with the duties of one",
            derived[:1],
            act.name,
            ("duties",),
        )
    free = case.all("train-on-outputs", "permitted")
    if free:
        return Reason("yes", "express-grant", "the license puts no limit on the use of its outputs", free[:1], act.name)
    wide = case.all("commercial-use", "permitted")
    if wide:
        return Reason(
            "yes",
            "no-restriction-found",
            "the grant is without restriction and no clause limits the use of outputs",
            wide[:1],
            act.name,
        )
    return None


def data_results(case: Case, act: Act) -> Reason | None:
    """Return a reason for using what was made from data: a trained model, a map, a report."""
    if act.name != "use-data-results":
        return None
    free = case.all("data-results", "permitted")
    if free:
        return Reason("yes", "express-grant", "the license leaves what is made from the data free", free[:1], act.name)
    duty = case.all("data-results", "permitted-if")
    if duty:
        headline = "what is made from the data may be used, with the duty that the clause names"
        return Reason("conditional", "express-grant", headline, duty[:1], act.name, ("duties",))
    return None


def results_free(case: Case) -> Reason | None:
    """Return a reason if the plan is about what was made from data and the text leaves that free: no duty of the data follows it."""
    act = next((a for a in case.question.acts if a.name == "use-data-results"), None)
    free = case.all("data-results", "permitted") if act else ()
    defined = [e for e in case.all("data-results", "defines") if re.search(r"trained|model", e.text, re.IGNORECASE)]
    if act is None or not free or case.all("noncommercial", "prohibited"):
        return None
    headline = "the license leaves what is made from the data free"
    return Reason("yes", "express-grant", headline, unique((free[0], *defined[:1])), act.name)


def outputs_use(case: Case, act: Act) -> Reason | None:
    """Return a reason for using or selling what the model generates."""
    if act.name != "use-outputs":
        return None
    free = case.all("train-on-outputs", "permitted")
    rights = case.all("output-rights")
    if free:
        return Reason(
            "yes",
            "express-grant",
            "the license allows the use of its outputs",
            unique((*free[:1], *rights[:1])),
            act.name,
        )
    forbidding = [
        e for e in rights if re.search(r"property of the licensor|solely for|shall not exploit", e.text, re.IGNORECASE)
    ]
    if forbidding:
        return Reason(
            "no",
            "express-prohibition",
            "the license keeps the outputs or limits their use",
            tuple(forbidding[:2]),
            act.name,
        )
    if rights:
        return Reason(
            "conditional",
            "express-grant",
            "the licensor claims no rights in the outputs; their use stays your responsibility",
            rights[:2],
            act.name,
            ("duties",),
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
    outputs_training,
    data_results,
    outputs_use,
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
