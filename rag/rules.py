"""The rules engine: from a case to an outcome. Deterministic, no server: terms of clauses give verdict, ground, duties and evidence."""

from dataclasses import replace

from rag import (
    duties,
    events,
    freedoms,
    grants,
    informed,
    limits,
    lookup,
    measured,
    outputs,
    parties,
    plain,
    purposes,
    scope,
    telling,
)
from rag.case import Case, Evidence, Outcome, Reason, unique
from rag.grants import decide
from rag.lexicon import Act, Topic
from rag.types import SEVERITY, MissingFact, Value, Verdict

# The headline of several findings is the worst of them.
_LIMITS = (
    scope.territory,
    limits.prohibited_use,
    limits.left_out,
    limits.omitted_duty,
    limits.wrong_name,
    events.lawsuit,
    scope.threshold,
    measured.weighed,
    purposes.noncommercial,
    purposes.internal,
    purposes.charged,
    limits.share_alike_reach,
    events.supplier,
    parties.contractor,
    parties.label,
    events.trial,
    limits.locked,
)
# What settles a question by itself.
_ALONE = (parties.licensor, scope.turned, events.ended, events.cured, outputs.results_free)
# Those that read a fact of the question against a line. In a user's text they count if that line is about as likely asked for,
# in log odds, as the likeliest that rules.
_ON_FACTS = (
    limits.prohibited_use,
    limits.omitted_duty,
    limits.wrong_name,
    events.lawsuit,
    scope.territory,
    scope.threshold,
    measured.weighed,
    purposes.internal,
    purposes.charged,
    events.supplier,
    events.trial,
    limits.locked,
)
_AS_LIKELY = 3.0
# Acts that a license restricts by a clause of its own or not at all: silence on them is no gap in the grant.
_UNRESTRICTED = frozenset(
    {
        "compete",
        "publish-benchmarks",
        "circumvent",
        "reverse-engineer",
        "transfer",
        "use-name-or-logo",
        "offer-warranty",
        "patent-use",
        "downstream",
        "contractor",
        "use-data-results",
        "production-use",
    }
)
# Acts that the grant of use covers unless a clause takes them out.
_FREE_IF_SILENT = frozenset(("compete", "publish-benchmarks"))
# Acts that go with another one: what is done to the material before it is sold or shared.
_WEAK = frozenset({"fine-tune", "use", "commercial-use"})
_GENERIC = frozenset({"use", "commercial-use"})
# The log odds from which a line is shown beside the clauses that decide.
_TELLING_ODDS = 0.0
# What a name stands for is seldom what is asked.
_DEFINITION = frozenset(("definition",))


def _acts(case: Case) -> tuple[Act, ...]:
    """Return the acts that decide: the exact ones where there are any, else use."""
    acts = case.question.acts
    if any(a.name == "use-data-results" for a in acts) and case.all("data-results", "permitted", "permitted-if"):
        # The text treats what is made from the data apart from the data: acts on it are not acts on the data.
        return tuple(a for a in acts if a.name == "use-data-results")
    exact = tuple(a for a in acts if a.name not in _GENERIC)
    return exact or acts


def _only_outputs(case: Case) -> bool:
    """Return True if the question is about outputs alone and the text speaks of them."""
    acts = [a for a in _acts(case) if a.name != "sell"]
    return (
        bool(acts)
        and all(a.asset == "outputs" for a in acts)
        and bool(case.all("output-rights") or case.all("train-on-outputs"))
    )


def _reasons(case: Case) -> tuple[Reason, ...]:
    """Return the reasons of all checks that speak."""
    for alone in _ALONE:
        reason = alone(case)
        if reason is not None:
            return (reason,)
    found = []
    for check in _LIMITS:
        if check is purposes.noncommercial and _only_outputs(case):
            continue
        reason = check(case)
        if reason is not None:
            found.append(reason)
    # A clause that counts the purpose among those permitted settles use, which the wider grant leaves to its conditions.
    settled = _GENERIC if any(r.verdict == "yes" and r.act == "use" for r in found) else frozenset()
    for act in _acts(case):
        if act.name in settled:
            continue
        reason = decide(case, act)
        if reason.basis == "silent" and act.name in _UNRESTRICTED:
            if act.name in _FREE_IF_SILENT:
                found.append(_no_clause(case, act))
            continue
        found.append(reason)
    pointed = telling.pointed(case) if not _acts(case) and not found else None
    if pointed is not None:
        found.append(pointed)
    elif not _acts(case) and not found:
        grant = case.any(("use", "redistribute", "commercial-use", "modify"), "permitted", "permitted-if")
        if grant:
            found.append(Reason("yes", "express-grant", "the license grants use", grant[:1], "use"))
    speaking = [r for r in found if r.basis != "silent"]
    return tuple(speaking or found)


def _no_clause(case: Case, act: Act) -> Reason:
    """Return the reason where no clause limits an act that using the material brings with it."""
    searched = sum(len(s.clauses) for s in case.sheets)
    grant = case.any(("use", "commercial-use", "redistribute"), "permitted", "permitted-if")
    headline = f"no clause limits {act.label} ({searched} of {searched} clauses read), and the grant stands"
    return Reason(
        "yes" if grant else "unclear", "no-restriction-found" if grant else "silent", headline, grant[:1], act.name
    )


def permission(case: Case) -> Outcome:
    """Return the outcome of a question whether something is allowed."""
    reasons = _reasons(case)
    if not reasons:
        nothing = "no clause speaks of what is asked"
        return Outcome(case, "unclear", "silent", nothing, case.ranked(2), silent=case.question.topics)
    worst = min(reasons, key=lambda r: (SEVERITY[r.verdict], r.act in _WEAK, r.act not in _UNRESTRICTED, not r.exact))
    worst = telling.excepted(case, worst)
    evidence = [e for r in reasons if r.verdict == worst.verdict for e in r.evidence]
    evidence = [*worst.evidence, *evidence]
    if worst.basis == "noncompliant-as-described":
        # Why the duty reaches a model that was only taught with outputs.
        evidence += [
            e for r in reasons if r.act == "train-on-outputs" and r.verdict != worst.verdict for e in r.evidence
        ]
    duty_lines: tuple[Evidence, ...] = ()
    verdict, depends = worst.verdict, list(worst.depends_on)
    # What is made from data and left free carries none of the duties of the data.
    if verdict in ("yes", "conditional") and worst.act != "use-data-results":
        duty_lines = duties.evidence(case)
        if verdict == "yes" and duties.heavy(duty_lines):
            verdict = "conditional"
        if duty_lines and verdict == "conditional":
            depends.append("duties")
    assumed = {k: v for r in reasons for k, v in r.assumed.items()}
    if verdict != "no":
        assumed = {**_assumptions(case), **assumed}
    return Outcome(
        case,
        verdict,
        worst.basis,
        worst.headline,
        unique(evidence),
        tuple(d for d in duty_lines if d.key not in {e.key for e in evidence}),
        _silent(case),
        tuple(dict.fromkeys(depends)),
        _missing(case, reasons, verdict),
        assumed,
        reasons,
        tuple(
            e for e in case.likely(3 + len(evidence)) if case.odds(e) >= _TELLING_ODDS and e.line.acts != _DEFINITION
        ),
        tuple(d for d in duty_lines if d.key in {e.key for e in evidence}),
    )


def _missing(case: Case, reasons: tuple[Reason, ...], verdict: Verdict) -> tuple[MissingFact, ...]:
    """Return the facts to ask for, each once; a refusal does not turn on what is left open."""
    asked = [m for r in reasons for m in r.missing]
    if verdict != "no":
        asked += scope.open_facts(case)
    return tuple({m.key: m for m in reversed(asked)}.values())[::-1]


def _assumptions(case: Case) -> dict[str, Value]:
    """Return what the engine takes for granted about thresholds that the question does not speak of."""
    assumed: dict[str, Value] = {}
    for line in case.all("threshold"):
        trigger = line.term.trigger if line.term else None
        if trigger and trigger.amount and trigger.measure and trigger.measure not in case.question.facts:
            when = " on the version's release date" if trigger.moment == "release-date" else ""
            assumed.setdefault(trigger.measure, f"at most {trigger.amount:,.0f}{when}")
    return assumed


# What a name has to say is one thing; that names may not be used is another.
_NAMED_BY = {"naming": ("naming", "threshold-display")}
# Topics whose absence is part of the answer to a question for permission.
_TELLING = frozenset(
    {"threshold", "naming", "attribution", "territory", "registration", "fees", "further-restrictions", "copyleft"}
)


def _silent(case: Case) -> tuple[Topic, ...]:
    """Return the topics of the question of which no line of the texts speaks, as far as their absence answers."""
    telling = [t for t in case.question.topics if t.name in _TELLING]
    return tuple(t for t in telling if not any(case.all(a) for a in _NAMED_BY.get(t.name, t.terms)))[:2]


def _about_text(case: Case) -> bool:
    """Return True if a question put as one for permission is about what the text says of law, courts or words, not about an act."""
    topics = {t.name for t in case.question.topics}
    exact = [a for a in case.question.acts if a.name not in _GENERIC]
    return (
        bool(topics & {"governing-law", "definition", "language", "warranty", "fees"})
        and not exact
        and not case.question.uses
    )


def is_license(case: Case) -> bool:
    """Return True if the text grants rights: then it is read as a license, else as the rules of a house."""
    granting = case.sheets[0].document.kind == "license" or any(
        case.all(act, "permitted") for act in ("redistribute", "modify", "sublicense", "patent-use")
    )
    return granting


def _by_line(case: Case) -> Outcome | None:
    """Return the outcome under a user's text by the facts of the question, or else by the line that it most likely asks for."""
    decided = plain.decided(case)
    if decided is None:
        return None
    alone = next((r for check in _ALONE if (r := check(case)) is not None), None)
    if alone is not None:
        return plain.because(case, alone)
    hosted = (grants.spared(case, act) for act in case.question.acts)
    for reason in (*(check(case) for check in _ON_FACTS), *hosted):
        if reason is not None and case.odds(reason.evidence[0]) >= case.odds(decided.evidence[0]) - _AS_LIKELY:
            decided = plain.because(case, reason)
            break
    if decided.verdict not in ("yes", "conditional"):
        return decided
    return replace(decided, missing=scope.open_facts(case), assumed=_assumptions(case))


def assess(case: Case, limit: int) -> Outcome:
    """Return the outcome of a case; `limit` is the number of lines that may be cited."""
    reference = lookup.missing_reference(case)
    if reference is not None and (case.question.kind != "permission" or len(case.question.mentions) == 1):
        headline = f"the text on file has no {reference.replace('-', ' ')}, so nothing can be said about it"
        return Outcome(case, "abstain", "premise-false", headline)
    kind = case.question.kind
    asked = kind == "permission" and not _about_text(case) and telling.freed(case) is None
    decided = _by_line(case) if asked and case.entry is None else None
    if decided is not None:
        return decided
    if not is_license(case) and (asked or case.entry is not None):
        return plain.outcome(case)
    if asked:
        return permission(case)
    if kind == "classify":
        return freedoms.classify(case, limit)
    return informed.inform(case, limit)
