"""Scores of checked claims: the label, the evidence behind it, and the worst of all, the opposite label."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from corpus.errors import ClausewiseError
from evals.intervals import Interval, wilson
from evals.items import Claim
from evals.recall import Found, touches
from rag.answer_json import claim_json
from rag.pipeline import Pipeline
from rag.types import Request

_SILENT = "not_enough_info"


@dataclass(frozen=True, slots=True)
class Judged:
    """One checked claim: its label, whether that is accepted, whether it is the opposite, the share of evidence cited or None."""

    id: str
    label: str
    right: bool
    opposite: bool
    evidence: float | None


def score(claim: Claim, checked: Mapping[str, Any]) -> Judged:
    """Return the score of a checked claim in its published form; an empty one counts as wrong."""
    label = str(checked.get("label", "missing"))
    right = label in (claim.label, *claim.also)
    cited = [Found(str(c["document"]), str(c["quote"])) for c in checked.get("citations") or ()]
    evidence = None
    if claim.evidence and claim.label != _SILENT:
        evidence = sum(any(touches(c, e) for c in cited) for e in claim.evidence) / len(claim.evidence)
    settled = {label, claim.label} == {"supported", "contradicted"}
    return Judged(claim.id, label, right, settled and not right, evidence)


def run(claims: Sequence[Claim], pipeline: Pipeline) -> tuple[Judged, ...]:
    """Return the scores of all claims as the pipeline checks them; one that cannot be read counts as wrong."""
    found = []
    for claim in claims:
        try:
            checked = claim_json(pipeline.claim(Request(claim.claim, claim.id)))
        except ClausewiseError:
            checked = {}
        found.append(score(claim, checked))
    return tuple(found)


def figures(judged: Sequence[Judged]) -> tuple[dict[str, float], Interval]:
    """Return accuracy, evidence and the number on the opposite side, and the interval of the accuracy. Raise ValueError of nothing."""
    known = [j.evidence for j in judged if j.evidence is not None]
    accuracy = wilson(sum(j.right for j in judged), len(judged))
    told = {"claims": len(judged), "accuracy": accuracy.value, "wrong_side": sum(j.opposite for j in judged)}
    return {**told, "evidence": sum(known) / len(known)} if known else told, accuracy
