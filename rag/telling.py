"""What the line that a question most likely asks for says by itself: an exception beside a prohibition, a duty that does not apply."""

from collections.abc import Mapping
from dataclasses import replace

from rag import companions, measured, polarity
from rag.case import Case, Evidence, Reason
from rag.lexicon import asks_outright
from rag.matching import telling as telling_words
from rag.signs import sign
from rag.types import Basis, Verdict

# How many of the likeliest lines may hold an exception, and the log odds from which a line is taken to be asked for.
_NEXT, _SURE, _LIKELIER = 3, 1.5, 1.0
# How far a line that frees may stand behind the likeliest of a user's text, in log odds.
_NEARLY = 0.5
# How many words of the question the next sentence adds to those of a line before it counts.
_NEW = 1
_POINTS: Mapping[polarity.Way, Verdict] = {
    "forbids": "no",
    "consent": "no",
    "frees": "yes",
    "allows": "yes",
    "conditions": "conditional",
    "asks": "conditional",
}


# The question hopes that something is not done: where the text allows it, the answer is no.
_TURNED: Mapping[str, Verdict] = {"no": "yes", "yes": "no", "conditional": "conditional"}


def excepted(case: Case, reason: Reason) -> Reason:
    """Return a refusal as conditional if a line of the same section that the question asks for takes a case out of the prohibition."""
    if not case.ranks or reason.verdict != "no" or reason.basis != "express-prohibition" or not reason.evidence:
        return reason
    first = reason.evidence[0]
    section = first.line.unit.clause.path.split(".")[0]
    for e in case.likely(_NEXT):
        near = e.line.unit.clause.path.split(".")[0] == section and e.sheet is first.sheet
        frees = near and case.odds(e) >= _SURE and polarity.way(e, case.question.text) == "frees"
        likelier = e.sheet is first.sheet and case.odds(e) >= case.odds(first) + _margin(case)
        if e.key != first.key and (frees or (likelier and polarity.way(e, case.question.text) in ("frees", "allows"))):
            headline = f"{reason.headline}, but the text takes a case out of that"
            return replace(reason, verdict="conditional", headline=headline, evidence=(first, e), depends_on=("facts",))
    beside = carried(case, first, ("frees", "allows")) if case.entry is None else None
    if beside is not None:
        headline = f"{reason.headline}, and the same clause allows what is near it"
        return replace(
            reason, verdict="conditional", headline=headline, evidence=(first, beside), depends_on=("facts",)
        )
    return reason


def _margin(case: Case) -> float:
    """Return by how much a line must be likelier than a prohibition to take a case out of it: in a file of the user, not at all.

    The rules were made from licenses on file; what they take for the prohibition asked about is less sure in other texts.
    """
    return _LIKELIER if case.entry is not None else 0.0


def carried(case: Case, first: Evidence, wanted: tuple[polarity.Way, ...]) -> Evidence | None:
    """Return the sentence that carries a line on, points one of the ways `wanted` and holds words of the question that the line lacks."""
    asked = frozenset(telling_words(case.question, first.sheet, case.entry is None))
    for e in companions.carried_on(case, first):
        new = asked & frozenset(e.line.bag) - frozenset(first.line.bag)
        if len(new) >= _NEW and polarity.way(e, case.question.text) in wanted:
            return e
    return None


def pointed(case: Case) -> Reason | None:
    """Return the reason that the line which the question most likely asks for gives by itself, or None if none is likely enough."""
    for e in case.likely(1):
        if case.odds(e) < _SURE:
            return None
        verdict = _POINTS.get(polarity.way(e, case.question.text))
        if sign("relied").search(case.question.text):
            verdict = _TURNED.get(verdict or "")
        if verdict is not None:
            basis: Basis = "express-prohibition" if verdict == "no" else "express-grant"
            return Reason(verdict, basis, "the clause quoted says so", (e,), "use")
    return None


def freed(case: Case) -> Evidence | None:
    """Return the line that frees from a duty, if the question is whether there is one and that line is what it most likely asks for."""
    if not sign("must_we").search(case.question.text) or asks_outright(case.question.text):
        return None
    below = measured.spared(case)
    if below is not None:
        return below
    first = next(iter(case.likely(1)), None)
    if first is None or case.odds(first) < _SURE:
        return None
    beside = carried(case, first, ("frees",))
    if beside is not None:
        return beside
    if case.entry is None:
        near = (e for e in case.likely(_NEXT) if case.odds(e) >= case.odds(first) - _NEARLY)
        return next((e for e in near if polarity.way(e, case.question.text) == "frees"), None)
    hosted = any(a.name == "host-as-service" for a in case.question.acts)
    return (
        first
        if polarity.way(first, case.question.text) == "frees" or (hosted and sign("not_hosted").search(first.text))
        else None
    )
