"""A text that is no license, a company's policy for example: the rule that the question most likely asks for, and how it is put."""

from collections.abc import Mapping

from rag import measured, polarity
from rag.case import Case, Evidence, Outcome, Reason
from rag.types import SEVERITY, Verdict

# In log odds: how far a rule may stay behind the likeliest and count, and how likely one must be that shares few words.
_NEAR = 0.5
_NEARBY = 0.2
_PUT: Mapping[polarity.Way, Verdict] = {
    "forbids": "no",
    "consent": "conditional",
    "frees": "yes",
    "allows": "yes",
    "conditions": "conditional",
    "asks": "conditional",
    "tells": "unclear",
}


def outcome(case: Case) -> Outcome:
    """Return the outcome under a text that is no license: the rules that match the question's words best, and how they are put."""
    lines = [
        e for e in case.likely(8) if e.line.terms or polarity.way(e, case.question.text) in ("forbids", "frees")
    ] or list(case.likely(3))
    ruled = [e for e in lines if polarity.way(e, case.question.text) != "tells"]
    if not lines or not _speaks(case, lines[0]):
        return Outcome(case, "unclear", "silent", "no rule of the document speaks of this", tuple(lines[:1]))
    if case.question.kind != "permission":
        return Outcome(case, "informational", "express-grant", "", case.likely(3))
    if not ruled:
        return Outcome(case, "unclear", "silent", "no rule of the document decides this", tuple(lines[:2]))
    figure = measured.weighed(case)
    if figure is not None:
        return _ruled(case, figure)
    best = ruled[0]
    near = [e for e in ruled if case.odds(e) >= case.odds(best) - _NEAR][:3]
    # Of rules that are about as likely the strictest decides: a permission never hides a prohibition beside it.
    near.sort(key=lambda e: SEVERITY[_put(e, case.question.text)])
    verdict, beside = _put(near[0], case.question.text), case.likely(len(near) + 2)
    if verdict == "no":
        return Outcome(
            case, "no", "express-prohibition", "a rule of the document forbids it", tuple(near), beside=beside
        )
    if verdict == "yes":
        return Outcome(case, "yes", "express-grant", "a rule of the document allows it", tuple(near), beside=beside)
    headline = "the document allows it on a condition"
    return Outcome(
        case, "conditional", "express-grant", headline, tuple(near), depends_on=("consent", "duties"), beside=beside
    )


def _speaks(case: Case, line: Evidence) -> bool:
    """Return True if the likeliest line comes near enough to the question: by its words, or as a rule that is likely asked for."""
    rule = bool(line.line.terms) and polarity.way(line, case.question.text) != "tells"
    return line.score >= _NEARBY or (rule and bool(case.ranks) and case.odds(line) >= _NEAR)


def _ruled(case: Case, reason: Reason) -> Outcome:
    """Return the outcome that a reason of its own gives under a text that is no license."""
    beside = case.likely(len(reason.evidence) + 2)
    return Outcome(
        case,
        reason.verdict,
        reason.basis,
        reason.headline,
        reason.evidence,
        depends_on=reason.depends_on,
        beside=beside,
    )


def _put(evidence: Evidence, asked: str) -> Verdict:
    """Return how a rule is put: as a prohibition, as something allowed on a condition, or as something allowed."""
    return _PUT[polarity.way(evidence, asked)]
