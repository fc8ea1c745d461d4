"""Which known license is this text: exact, changed, or contained in it, and where it differs, clause by clause."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Literal

import numpy as np
import numpy.typing as npt
from rapidfuzz.distance import Indel

from rag.prints import SHORT, Hashes, Prints, digest, runs, sampled, words

How = Literal["exact", "changed", "contained"]
# Texts whose words agree to this share are one license that was changed; below it they only have passages in common.
_CHANGED = 0.72
_CONTAINED, _ALL = 0.85, 0.97
_NEAREST = 8
_MOST = 5
# A known text of fewer runs is a phrase that any file may hold.
_LEAST = 40


@dataclass(frozen=True, slots=True)
class Match:
    """A known text: `likeness` is the share of equal words of both (0 to 1), `coverage` the share of the known text found in the file."""

    key: str
    how: How
    likeness: float
    coverage: float


def identify(text: str, prints: Prints, read: Callable[[str], str]) -> tuple[Match, ...]:
    """Return the known licenses that a text is or holds, the best first; empty if it is none of them.

    `read` gives the text of a key. The first match is the text as a whole where it is one; others are contained in what it leaves.
    """
    tokens = words(text)
    if not tokens:
        return ()
    same = np.flatnonzero(prints.whole == digest(tokens))
    if len(same):
        return tuple(Match(prints.keys[int(i)], "exact", 1.0, 1.0) for i in same[:_MOST])
    hashes = runs(tokens)
    shared = prints.shared(hashes)
    whole = _whole(tokens, hashes, shared, prints, read)
    if whole is None:
        return _contained(hashes, shared, prints)
    left = np.setdiff1d(hashes, runs(words(read(whole.key))), assume_unique=True)
    more = _contained(left, prints.shared(left), prints)
    return (whole, *more)[:_MOST]


def _whole(
    tokens: list[str], hashes: Hashes, shared: npt.NDArray[np.int64], prints: Prints, read: Callable[[str], str]
) -> Match | None:
    """Return the known text that the words are a changed form of, or None."""
    # A long known text keeps a sample of its runs: it is compared with the same sample of the file's.
    own = np.where(prints.lengths < SHORT, len(hashes), len(sampled(hashes)))
    union = np.maximum(prints.sizes + own - shared, 1)
    found = []
    for i in np.argsort(-(shared / union), kind="stable")[:_NEAREST].tolist():
        if shared[i]:
            other = words(read(prints.keys[i]))
            likeness = Indel.normalized_similarity(tokens, other)
            covered = float(shared[i]) / max(int(prints.sizes[i]), 1)
            found.append(Match(prints.keys[i], "changed", round(likeness, 4), round(covered, 4)))
    found.sort(key=lambda match: (-match.likeness, match.key))
    return found[0] if found and found[0].likeness >= _CHANGED else None


def _contained(hashes: Hashes, shared: npt.NDArray[np.int64], prints: Prints) -> tuple[Match, ...]:
    """Return the known texts that stand whole among the runs, the longest first, none inside another."""
    part = shared / np.maximum(prints.sizes, 1)
    candidates = [int(i) for i in np.flatnonzero((part >= _CONTAINED) & (prints.sizes >= _LEAST))]
    candidates.sort(key=lambda i: (part[i] < _ALL, -int(prints.lengths[i]), -float(part[i]), prints.keys[i]))
    left = set(hashes.tolist())
    found = []
    for i in candidates:
        mine = prints.hashes[prints.texts == i].tolist()
        free = [run for run in mine if run in left]
        if len(free) < _CONTAINED * len(mine):
            continue
        left.difference_update(free)
        found.append(Match(prints.keys[i], "contained", 0.0, round(float(part[i]), 4)))
    return tuple(found[:_MOST])
