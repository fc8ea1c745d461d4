"""How far two raters agree, and what a judge's figure is worth once its errors are known: arithmetic on plain data."""

from collections import Counter
from collections.abc import Hashable, Sequence
from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Confusion:
    """A judge's yes and no against the truth, counted."""

    true_positive: int
    false_negative: int
    true_negative: int
    false_positive: int

    @property
    def sensitivity(self) -> float | None:
        """Return the share of the truly good that the judge calls good, None where nothing is good."""
        return _share(self.true_positive, self.false_negative)

    @property
    def specificity(self) -> float | None:
        """Return the share of the truly bad that the judge calls bad, None where nothing is bad."""
        return _share(self.true_negative, self.false_positive)


def confusion(truth: Sequence[bool], judged: Sequence[bool]) -> Confusion:
    """Return the four counts. Raise ValueError if the two are not of one length."""
    counts = Counter(zip(truth, judged, strict=True))
    return Confusion(counts[True, True], counts[True, False], counts[False, False], counts[False, True])


def cohen_kappa(first: Sequence[Hashable], second: Sequence[Hashable]) -> float | None:
    """Return how far two raters agree beyond chance: 1 always, 0 as often as chance, below 0 less.

    None where that cannot be told: there are no items, or both gave one and the same label to all, so that chance alone
    would make them agree. Raise ValueError if the two are not of one length.
    """
    n = len(first)
    agreed = sum(a == b for a, b in zip(first, second, strict=True))
    ones, others = Counter(first), Counter(second)
    # In whole numbers, so that "always by chance" is told exactly.
    chance = sum(ones[label] * others[label] for label in ones)
    return None if chance == n * n else (agreed * n - chance) / (n * n - chance)


def corrected(observed: float, sensitivity: float | None, specificity: float | None) -> float | None:
    """Return the true rate behind the rate that a judge of that sensitivity and specificity reports (Rogan and Gladen 1978).

    None where nothing can be corrected: one of the two is unknown, or they sum to 1 or less, which is a judge no better
    than chance. What falls outside of 0 to 1, as it may by sampling, is cut to it.
    """
    if sensitivity is None or specificity is None or sensitivity + specificity <= 1:
        return None
    return min(1.0, max(0.0, (observed + specificity - 1) / (sensitivity + specificity - 1)))


def flip_rate(outcomes: Sequence[Sequence[Hashable]]) -> float | None:
    """Return the share of items whose repeated runs do not all come out the same, None without an item that ran twice."""
    repeated = [runs for runs in outcomes if len(runs) > 1]
    return sum(len(set(runs)) > 1 for runs in repeated) / len(repeated) if repeated else None


def majority(outcomes: Sequence[bool]) -> bool:
    """Return what more than half of the runs say; a tie is a no."""
    return 2 * sum(outcomes) > len(outcomes)


def _share(hits: int, misses: int) -> float | None:
    return hits / (hits + misses) if hits + misses else None
