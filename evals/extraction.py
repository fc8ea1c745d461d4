"""How well the rules alone find what reviewers found (`python -m evals.extraction`): precision and recall by act and license.

No rule was learned from one license, so that leaving a license out changes no rule: the figure of each license is that of the rules on
it. The facts were drafted by the rules and then corrected, which flatters both figures; what the reviewer missed too does not show.
"""

import statistics
import sys
from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass

from corpus import catalog, curated, scancode
from corpus.segment import segment
from corpus.terms import extract
from corpus.types import Term

Finding = tuple[str, str, str]


@dataclass(frozen=True, slots=True)
class Score:
    """Findings of the rules against those of the reviewers: right ones, those of the rules, those of the reviewers."""

    right: int
    found: int
    wanted: int

    @property
    def precision(self) -> float:
        """Return the share of the rules' findings that the reviewers have too; 1 if there are none."""
        return self.right / self.found if self.found else 1.0

    @property
    def recall(self) -> float:
        """Return the share of the reviewers' findings that the rules have too; 1 if there are none."""
        return self.right / self.wanted if self.wanted else 1.0


def findings(terms: Iterable[Term], acts: frozenset[str]) -> Counter[Finding]:
    """Return act, modality and clause of the terms on `acts`, each once."""
    kept = {(t.act, t.modality, t.clause_id) for t in terms if t.act in acts and t.modality != curated.ABSENT}
    return Counter(kept)


def score(id: str) -> Score:
    """Return the score of the rules on one license that has facts.

    Raise LookupError if it has none.
    """
    facts = curated.load(id)
    if facts is None:
        raise LookupError(id)
    document = catalog.load().describe(scancode.read(id))
    clauses = segment(document)
    acts = facts.acts
    by_rules = findings(extract(document, clauses), acts)
    by_hand = findings(curated.terms(document, clauses, facts), acts)
    return Score((by_rules & by_hand).total(), by_rules.total(), by_hand.total())


def main() -> int:
    """Print the score of each license that ScanCode has and their means; return 0."""
    known = frozenset(scancode.keys())
    scores = {id: score(id) for id in curated.ids() if id in known}
    lines = [f"{id}: precision {s.precision:.2f}, recall {s.recall:.2f}" for id, s in scores.items()]
    precision = statistics.fmean(s.precision for s in scores.values())
    recall = statistics.fmean(s.recall for s in scores.values())
    lines.append(f"mean of {len(scores)} texts: precision {precision:.2f}, recall {recall:.2f}")
    sys.stdout.write("\n".join(lines) + "\n")
    return 0


if __name__ == "__main__":
    sys.exit(main())
