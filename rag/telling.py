"""What the line that a question most likely asks for says by itself: an exception beside a prohibition, a duty that does not apply."""

import re
from collections.abc import Mapping
from dataclasses import replace

from rag import polarity
from rag.case import Case, Evidence, Reason
from rag.types import Basis, Verdict

# How many of the likeliest lines may hold an exception, and the log odds from which a line is taken to be asked for.
_NEXT, _SURE, _LIKELIER = 3, 1.5, 1.0
_POINTS: Mapping[polarity.Way, Verdict] = {
    "forbids": "no",
    "consent": "no",
    "frees": "yes",
    "allows": "yes",
    "conditions": "conditional",
    "asks": "conditional",
}


def excepted(case: Case, reason: Reason) -> Reason:
    """Return a refusal as conditional if a line of the same section that the question asks for takes a case out of the prohibition."""
    if not case.ranks or reason.verdict != "no" or reason.basis != "express-prohibition" or not reason.evidence:
        return reason
    first = reason.evidence[0]
    section = first.line.unit.clause.path.split(".")[0]
    for e in case.likely(_NEXT):
        near = e.line.unit.clause.path.split(".")[0] == section and e.sheet is first.sheet
        frees = near and case.odds(e) >= _SURE and polarity.way(e) == "frees"
        likelier = e.sheet is first.sheet and case.odds(e) >= case.odds(first) + _LIKELIER
        if e.key != first.key and (frees or (likelier and polarity.way(e) in ("frees", "allows"))):
            headline = f"{reason.headline}, but the text takes a case out of that"
            return replace(reason, verdict="conditional", headline=headline, evidence=(first, e), depends_on=("facts",))
    return reason


def pointed(case: Case) -> Reason | None:
    """Return the reason that the line which the question most likely asks for gives by itself, or None if none is likely enough."""
    for e in case.likely(1):
        if case.odds(e) < _SURE:
            return None
        verdict = _POINTS.get(polarity.way(e))
        if verdict is not None:
            basis: Basis = "express-prohibition" if verdict == "no" else "express-grant"
            return Reason(verdict, basis, "the clause quoted says so", (e,), "use")
    return None


_MUST_WE = re.compile(
    r"(^|[.?!;,] )(and |so |but )?(do|must|does|are|is|will) (we|i|our|the|they|it|every|all|each|any)\b"
    r"[^.?]*\b(must|have to|need to|required|oblig\w+|owe|pay|carry|retrain)\b|"
    r"(^|[.?!;,] )(and |so |but )?must (we|i|our|the|they|it|every|all|each|any)\b",
    re.IGNORECASE,
)
_NOT_HOSTED = re.compile(
    r"\b(other than|except|excluding|unless)\b[^.;)]{0,60}\b(hosted|remote|network|api|service)\b", re.IGNORECASE
)


def freed(case: Case) -> Evidence | None:
    """Return the line that frees from a duty, if the question is whether there is one and that line is what it most likely asks for."""
    if not _MUST_WE.search(case.question.text):
        return None
    first = next(iter(case.likely(1)), None)
    if first is None or case.odds(first) < _SURE:
        return None
    hosted = any(a.name == "host-as-service" for a in case.question.acts)
    return first if polarity.way(first) == "frees" or (hosted and _NOT_HOSTED.search(first.text)) else None
