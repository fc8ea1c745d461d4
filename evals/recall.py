"""How much of the evidence that a question needs stands in the passages found. Pure functions.

Folding and touching are those of the gold set's own scorer, so that both speak of the same thing.
"""

import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Protocol

_SHORTEST = 25  # a quote below it lies in too many sentences to prove anything
_SHARE = 0.6


class Quoted(Protocol):
    """A short quote of a document."""

    @property
    def document(self) -> str:
        """Return the id of the document."""

    @property
    def quote(self) -> str:
        """Return the words."""


@dataclass(frozen=True, slots=True)
class Found:
    """One passage as a retriever gave it: its document and its text."""

    document: str
    text: str


def fold(text: str) -> str:
    """Return the text as quotes are compared: white space and table bars folded, case ignored."""
    return re.sub(r"[\s|]+", " ", text).strip().lower()


def touches(found: Found, evidence: Quoted) -> bool:
    """Return True if the passage holds the quote, lies in it, or shares a run of 60 % of the quote's words."""
    if found.document != evidence.document:
        return False
    text, quote = fold(found.text), fold(evidence.quote)
    if quote in text or (len(text) >= _SHORTEST and text in quote):
        return True
    words = quote.split()
    need = max(4, round(len(words) * _SHARE))
    return any(" ".join(words[at : at + need]) in text for at in range(len(words) - need + 1))


def recall(found: Sequence[Found], evidence: Iterable[Quoted], k: int) -> float:
    """Return the share of the evidence that the first `k` passages touch. Raise ValueError without evidence."""
    required = tuple(evidence)
    if not required:
        raise ValueError("recall of nothing")
    return sum(any(touches(one, each) for one in found[:k]) for each in required) / len(required)


def reciprocal_rank(found: Sequence[Found], evidence: Iterable[Quoted]) -> float:
    """Return one divided by the place, from 1, of the first passage that touches any of the evidence; 0 if none does."""
    required = tuple(evidence)
    places = (n for n, one in enumerate(found, start=1) if any(touches(one, each) for each in required))
    return 1 / next(places, float("inf"))
