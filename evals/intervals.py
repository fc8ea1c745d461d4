"""How sure a figure is: Wilson intervals for rates, a bootstrap by groups for means, McNemar's exact test for pairs.

scipy computes what it has; the bootstrap resamples whole groups (all questions on one family of licenses), because questions
on the same text fail together.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np

_LEVEL = 0.95
_SEED = 20261121
_TIMES = 10_000


@dataclass(frozen=True, slots=True)
class Interval:
    """A figure, 0 to 1, with the ends of its 95 % interval, and over how many rows it was taken."""

    value: float
    low: float
    high: float
    n: int


@dataclass(frozen=True, slots=True)
class Pairs:
    """Two versions over the same items: rows that only the new one has right, only the old one, both alike; `p` by McNemar."""

    wins: int
    losses: int
    ties: int
    p: float


def wilson(hits: int, n: int) -> Interval:
    """Return a rate with its Wilson interval. Raise ValueError without rows."""
    from scipy.stats import binomtest

    if not n:
        raise ValueError("a rate of nothing")
    ends = binomtest(hits, n).proportion_ci(_LEVEL, method="wilson")
    return Interval(hits / n, float(ends.low), float(ends.high), n)


def bootstrap(values: Sequence[float], groups: Sequence[str]) -> Interval:
    """Return a mean with its interval: 10,000 draws of whole groups with a fixed seed. Raise ValueError without rows."""
    if not values:
        raise ValueError("a mean of nothing")
    sums: dict[str, list[float]] = {}
    for value, group in zip(values, groups, strict=True):
        whole = sums.setdefault(group, [0.0, 0.0])
        whole[0] += value
        whole[1] += 1
    table = np.array([sums[name] for name in sorted(sums)])
    drawn = np.random.default_rng(_SEED).integers(0, len(table), (_TIMES, len(table)))
    totals = table[drawn].sum(axis=1)
    low, high = np.quantile(totals[:, 0] / totals[:, 1], [(1 - _LEVEL) / 2, (1 + _LEVEL) / 2])
    return Interval(float(np.mean(values)), float(low), float(high), len(values))


def paired(new: Mapping[str, bool], old: Mapping[str, bool]) -> Pairs:
    """Return the comparison over the ids that both have; `p` is two-sided."""
    from scipy.stats import binomtest

    both = sorted(new.keys() & old.keys())
    wins = sum(new[id] and not old[id] for id in both)
    losses = sum(old[id] and not new[id] for id in both)
    changed = wins + losses
    p = float(binomtest(wins, changed).pvalue) if changed else 1.0
    return Pairs(wins, losses, len(both) - changed, p)


def difference(new: Mapping[str, float], old: Mapping[str, float], groups: Mapping[str, str]) -> Interval:
    """Return the mean of new - old over the ids that both have, with its interval. Raise ValueError if there are none."""
    both = sorted(new.keys() & old.keys())
    return bootstrap([new[id] - old[id] for id in both], [groups[id] for id in both])
