"""A text for which no rule was written, a user's own: the line that the question most likely asks for, and how it is put."""

import re
from collections.abc import Mapping

from rag import companions, measured, polarity, telling
from rag.case import Case, Evidence, Outcome, Reason, is_frame, is_referred, unique
from rag.types import SEVERITY, Verdict

# In log odds: how far a rule may stay behind the likeliest and count, and how likely one must be that shares few words.
_NEAR = 0.5
_NEARBY = 0.2
# How many lines answer a question on what a text says, how many of them in any case, and the log odds that the others need.
_TOLD, _ALWAYS, _HARDLY = 4, 2, 0.0
# How many lines are read, the log odds of a line that decides, how far it may stand behind the likeliest, and a general grant's acts.
_READ, _SURE, _BEHIND, _SEVERAL = 6, 1.0, 2.5, 3
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
        return Outcome(case, "informational", "express-grant", "", told(case, _TOLD))
    if not ruled:
        return Outcome(case, "unclear", "silent", "no rule of the document decides this", tuple(lines[:2]))
    figure = measured.weighed(case)
    if figure is not None:
        return because(case, figure)
    best = ruled[0]
    near = [e for e in ruled if case.odds(e) >= case.odds(best) - _NEAR][:3]
    # Of rules that are about as likely the strictest decides: a permission never hides a prohibition beside it.
    near.sort(key=lambda e: SEVERITY[_put(e, case.question.text)])
    return _outcome(case, _put(near[0], case.question.text), tuple(near))


def told(case: Case, limit: int) -> tuple[Evidence, ...]:
    """Return the lines that a question most likely asks for, best first, without those that are hardly asked for."""
    lines = case.likely(limit)
    return tuple(e for at, e in enumerate(lines) if at < _ALWAYS or case.odds(e) >= _HARDLY)


def decided(case: Case) -> Outcome | None:
    """Return the outcome under a user's text by the line that a question for permission most likely asks for, None if none is sure."""
    lines = tuple(e for e in case.likely(_READ) if not is_frame(e.line.unit.clause.path, e.text))
    if not case.ranks or not lines or case.odds(lines[0]) < _SURE:
        return None
    ways = {e.key: polarity.way(e, case.question.text) for e in lines}
    ruled = [e for e in lines if ways[e.key] != "tells" and not _general(e)]
    if not ruled or case.odds(ruled[0]) < case.odds(lines[0]) - _BEHIND:
        return None
    first = next((e for e in ruled if _on_reference(case, e)), ruled[0])
    near = [e for e in ruled if case.odds(e) >= case.odds(first) - _NEAR][:3]
    verdict = _PUT[ways[first.key]]
    strictest = min(near, key=lambda e: SEVERITY[_PUT[ways[e.key]]])
    if _PUT[ways[strictest.key]] == "no" and verdict == "yes":
        # What is allowed, and a limit beside it that is about as likely asked for: both count.
        return _outcome(case, "conditional", unique((first, strictest, *near)))
    beside = _turning(case, first, verdict)
    if beside is not None:
        turned, e = beside
        return _outcome(case, turned, unique((first, e, *near)))
    near.sort(key=lambda e: SEVERITY[_PUT[ways[e.key]]])
    return _outcome(case, _PUT[ways[near[0].key]], tuple(near))


def _on_reference(case: Case, line: Evidence) -> bool:
    """Return True if a line says something of a clause that the question names by its number, and stands outside of it."""
    path = line.line.unit.clause.path
    return not is_referred(path, case.question) and any(
        re.search(rf"(?<![\w.]){re.escape(r)}(?!\w|\.\d)", line.text) for r in case.question.references if "." in r
    )


def _turning(case: Case, first: Evidence, verdict: Verdict) -> tuple[Verdict, Evidence] | None:
    """Return the sentence that carries a rule on and turns it, with the verdict that both give together.

    It closes a way out of the rule, takes a case out of a prohibition, or limits what is allowed.
    """
    if verdict == "no":
        spared = telling.carried(case, first, ("frees", "allows"))
        return ("conditional", spared) if spared is not None and case.odds(spared) >= _SURE else None
    for e in companions.carried_on(case, first):
        asked, way = case.odds(e), polarity.way(e, case.question.text)
        if asked >= _SURE and polarity.denies(e.text):
            return "no", e
        if asked >= 0 and verdict == "yes" and way in ("forbids", "consent", "asks", "conditions"):
            return "conditional", e
    return None


def _general(evidence: Evidence) -> bool:
    """Return True for the grant that a text begins with: of several acts, so that a line on one of them says more."""
    return len({t.act for t in evidence.line.terms if t.modality == "permitted"}) >= _SEVERAL


def _outcome(case: Case, verdict: Verdict, near: tuple[Evidence, ...]) -> Outcome:
    beside = told(case, len(near) + 3)
    if verdict == "no":
        return Outcome(case, "no", "express-prohibition", "a rule of the document forbids it", near, beside=beside)
    if verdict == "yes":
        return Outcome(case, "yes", "express-grant", "a rule of the document allows it", near, beside=beside)
    headline, depends = "the document allows it on a condition", ("consent", "duties")
    return Outcome(case, "conditional", "express-grant", headline, near, depends_on=depends, beside=beside)


def _speaks(case: Case, line: Evidence) -> bool:
    """Return True if the likeliest line comes near enough to the question: by its words, or as a rule that is likely asked for."""
    rule = bool(line.line.terms) and polarity.way(line, case.question.text) != "tells"
    return line.score >= _NEARBY or (rule and bool(case.ranks) and case.odds(line) >= _NEAR)


def because(case: Case, reason: Reason) -> Outcome:
    """Return the outcome that a reason of its own gives under a text that is no license."""
    beside = told(case, len(reason.evidence) + 3)
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
