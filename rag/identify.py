"""Which known license is this text: exact, changed, or contained in it, and where it differs, clause by clause."""

from collections.abc import Callable
from dataclasses import dataclass, replace
from typing import Literal

import numpy as np
import numpy.typing as npt
from rapidfuzz.distance import Indel

from rag.prints import SHORT, Hashes, Prints, counted, digest, runs, sampled, words

How = Literal["exact", "changed", "contained"]
# Texts whose words agree to this share are one license that was changed; below it they only have passages in common.
_CHANGED = 0.72
_CONTAINED = 0.85
_NEAREST = 8
_FAR, _NEAR, _CLOSE = 0.6, 0.8, 0.85
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
    hashes, times = counted(tokens)
    found = _whole(tokens, hashes, prints.shared(hashes), prints, read)
    if found is None:
        return _contained(hashes, times, prints)
    whole, own = found
    more = _contained(hashes, times - np.isin(hashes, runs(own)), prints)
    if more and whole.coverage >= _CONTAINED:
        # With another license beside it the text is not the whole: both stand in the file.
        whole = replace(whole, how="contained", likeness=0.0)
    return (whole, *more)[:_MOST]


def _whole(
    tokens: list[str], hashes: Hashes, shared: npt.NDArray[np.int64], prints: Prints, read: Callable[[str], str]
) -> tuple[Match, list[str]] | None:
    """Return the known text that the words are a changed form of, with its words, or None."""
    # A long known text keeps a sample of its runs: it is compared with the same sample of the file's.
    own = np.where(prints.lengths < SHORT, len(hashes), len(sampled(hashes)))
    union = np.maximum(prints.sizes + own - shared, 1)
    share = shared / union
    best = float(share.max())
    least = best * (_CLOSE if best >= _NEAR else _FAR)
    found = []
    for i in np.argsort(-share, kind="stable")[:_NEAREST].tolist():
        # What shares far less than the best does not come before it when compared word by word.
        if shared[i] and share[i] >= least:
            other = words(read(prints.keys[i]))
            likeness = Indel.normalized_similarity(tokens, other)
            # What was cut off a text, or added to it, leaves the rest as it was: of two alike the one that explains it wholly.
            common = likeness * (len(tokens) + len(other)) / 2
            kept = max(common / len(tokens), common / max(len(other), 1))
            covered = float(shared[i]) / max(int(prints.sizes[i]), 1)
            match = Match(prints.keys[i], "changed", round(likeness, 4), round(covered, 4))
            found.append((-(likeness + kept), match, other))
    found.sort(key=lambda row: (row[0], row[1].key))
    return found[0][1:] if found and found[0][1].likeness >= _CHANGED else None


def _contained(hashes: Hashes, times: npt.NDArray[np.int64], prints: Prints) -> tuple[Match, ...]:
    """Return the known texts that stand whole in what is left of the runs, those that explain most first.

    `times` says how often each run is left: what two texts have in common stands in a file of both twice.
    """
    found: dict[str, Match] = {}
    for _ in range(_MOST):
        part = prints.shared(hashes[times > 0]) / np.maximum(prints.sizes, 1)
        fits = (part >= _CONTAINED) & (prints.sizes >= _LEAST)
        if not fits.any():
            break
        # In words, as long texts keep a sample; what a text has and the file lacks speaks against it.
        weight = np.where(fits, (3 * part - 2) * prints.lengths, -np.inf)
        best = int(np.argmax(weight))
        key = prints.keys[best]
        found.setdefault(key, Match(key, "contained", 0.0, round(float(part[best]), 4)))
        times = times - np.isin(hashes, prints.hashes[prints.texts == best])
    return tuple(found.values())
