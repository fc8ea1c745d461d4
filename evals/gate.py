"""The gate before a merge: what no run may have, and how far it may fall behind the committed baseline.

The baseline holds the score of every item, so that a new run is compared item by item; it is written only with a reason.
"""

import json
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from corpus import atomic
from corpus.errors import InputError
from corpus.store import Store
from evals import claim_scores, compare, measures, scoring
from evals.claim_scores import Judged
from evals.items import Item
from evals.measures import Row
from evals.running import Head, Results
from evals.scoring import Score

BASELINE = Path(__file__).parent / "baseline.json"
MAIN = ("right", "verdict", "evidence", "complete", "precision", "mention", "abstain_f1")
WORDS = 3  # of a reason, at least
_FALL = 0.02  # of a main figure


@dataclass(frozen=True, slots=True)
class Baseline:
    """What was reached when it was written, by store: heads, figures, and the score of every item; with the reason."""

    written: str
    reason: str
    heads: Mapping[str, Head]
    figures: Mapping[str, Mapping[str, float]]
    scores: Mapping[str, Score]
    claims: Mapping[str, Judged]


def faults(results: Results, items: Sequence[Item], store: Store) -> list[str]:
    """Return what is never let through: a crash, a missing row, a quotation that is not at its span, a document not looked into,
    a text that begins with another verdict than the answer's.
    """
    found = []
    for item in items:
        given = results.given.get(item.id)
        if given is None:
            found.append(f"{item.id}: no result")
            continue
        if given.error:
            found.append(f"{item.id}: failed with {given.error}")
        wrong = scoring.inexact(given.answer, lambda id: store.documents[id].text if id in store.documents else None)
        found += [f"{item.id}: the quotation of {each} is not what stands there" for each in wrong]
        said = scoring.contradicts(given.answer)
        found += [f"{item.id}: the text begins with {said}, the verdict is {given.answer['verdict']}"] if said else []
        cited = {str(c.get("document")) for c in given.answer.get("citations") or ()}
        found += [
            f"{item.id}: {each} is cited but was not looked into" for each in sorted(cited - set(given.documents))
        ]
    return found


def fallen(rows: Sequence[Row], baseline: Baseline) -> list[str]:
    """Return in what a run falls behind the baseline: surely worse item by item, or a main figure down by over 2 points."""
    known = [r for r in rows if r.item.id in baseline.scores]
    before = [Row(r.item, baseline.scores[r.item.id], (), 0.0, "", r.group) for r in known]
    found = []
    for name, change in compare.compare(known, before).differences.items():
        if change.high < 0:
            found.append(
                f"{name} is down by {-change.value:.3f} item by item (95 %: {change.low:+.3f} to {change.high:+.3f})"
            )
    now, then = measures.table(known).figures, measures.table(before).figures
    for name in MAIN:
        if name in then and now.get(name, 0.0) < then[name] - _FALL:
            found.append(f"{name} fell from {then[name]:.3f} to {now.get(name, 0.0):.3f}")
    gone = sorted(baseline.scores.keys() - {r.item.id for r in rows})
    if gone:
        found.append(f"items of the baseline that are gone: {', '.join(gone[:5])}{' …' if len(gone) > 5 else ''}")
    return found


def read(path: Path = BASELINE) -> Baseline:
    """Return the committed baseline. Raise InputError if there is none, or it is not one."""
    try:
        row = json.loads(path.read_text(encoding="utf-8"))
        heads = {name: Head(**head) for name, head in row["heads"].items()}
        scores = {each["id"]: Score(**each) for each in row["scores"]}
        claims = {each["id"]: Judged(**each) for each in row["claims"]}
        return Baseline(str(row["written"]), str(row["reason"]), heads, row["figures"], scores, claims)
    except OSError as error:
        raise InputError(f"{path} cannot be read ({error}); write one with clausewise eval baseline") from None
    except (ValueError, KeyError, TypeError, AttributeError) as error:
        raise InputError(f"{path} is no baseline ({error!r}); write it again with clausewise eval baseline") from None


def fallen_claims(judged: Sequence[Judged], baseline: Baseline) -> list[str]:
    """Return in what checked claims fall behind the baseline; more of them on the opposite side is always worse."""
    both = [j for j in judged if j.id in baseline.claims]
    if not both:
        return []
    before = [baseline.claims[j.id] for j in both]
    now, then = (claim_scores.figures(rows)[0] for rows in (both, before))
    found = []
    if now["accuracy"] < then["accuracy"] - _FALL:
        found.append(f"accuracy of claims fell from {then['accuracy']:.3f} to {now['accuracy']:.3f}")
    if now["wrong_side"] > then["wrong_side"]:
        found.append(f"claims on the opposite side: {now['wrong_side']:.0f}, before {then['wrong_side']:.0f}")
    return found


def write(
    heads: Mapping[str, Head],
    rows: Mapping[str, Sequence[Row]],
    claims: Sequence[Judged],
    reason: str,
    path: Path = BASELINE,
) -> None:
    """Write a baseline, in one step. Raise InputError without a reason."""
    if len(reason.split()) < WORDS:
        raise InputError('a baseline needs a reason of some words: --reason "what changed, and why that is right"')
    scores = sorted((asdict(r.score) for held in rows.values() for r in held if r.score), key=lambda s: str(s["id"]))
    whole: dict[str, Any] = {
        "written": datetime.now(UTC).isoformat(timespec="seconds"),
        "reason": reason,
        "heads": {name: asdict(head) for name, head in heads.items()},
        "figures": {name: _plain(measures.table(held).figures) for name, held in rows.items()},
        "scores": scores,
        "claims": [asdict(each) for each in sorted(claims, key=lambda c: c.id)],
    }
    atomic.replace(path, (json.dumps(whole, indent=1) + "\n").encode())


def _plain(figures: Mapping[str, float]) -> dict[str, float]:
    """Return the figures that do not depend on the machine."""
    return {name: round(value, 4) for name, value in figures.items() if not name.endswith("_ms")}
