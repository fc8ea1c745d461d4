"""How much of the evidence that a question needs stands in the passages found. Pure functions.

Folding and touching are those of the gold set's own scorer, so that both speak of the same thing.
"""

import json
import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from pathlib import Path

from corpus.errors import InputError
from rag.types import Turn

_SHORTEST = 25  # a quote below it lies in too many sentences to prove anything
_SHARE = 0.6


@dataclass(frozen=True, slots=True)
class Evidence:
    """A short quote of a document that a right answer must cite."""

    document: str
    quote: str


@dataclass(frozen=True, slots=True)
class Item:
    """One gold question with the evidence it requires, and what is welcome beside it."""

    id: str
    question: str
    evidence: tuple[Evidence, ...]
    history: tuple[Turn, ...] = ()
    optional: tuple[Evidence, ...] = ()


@dataclass(frozen=True, slots=True)
class Found:
    """One passage as a retriever gave it: its document and its text."""

    document: str
    text: str


def load(path: Path) -> tuple[Item, ...]:
    """Return the items of a gold file.

    Raise InputError, naming the line, if one has not the form of a gold item.
    """
    try:
        lines = path.read_text(encoding="utf-8").splitlines()
    except (OSError, UnicodeDecodeError) as error:
        raise InputError(f"{path} cannot be read ({error}); name the gold folder in CLAUSEWISE_TEST_GOLD") from error
    return tuple(_item(path, number, line) for number, line in enumerate(lines, start=1) if line.strip())


def fold(text: str) -> str:
    """Return the text as quotes are compared: white space and table bars folded, case ignored."""
    return re.sub(r"[\s|]+", " ", text).strip().lower()


def touches(found: Found, evidence: Evidence) -> bool:
    """Return True if the passage holds the quote, lies in it, or shares a run of 60 % of the quote's words."""
    if found.document != evidence.document:
        return False
    text, quote = fold(found.text), fold(evidence.quote)
    if quote in text or (len(text) >= _SHORTEST and text in quote):
        return True
    words = quote.split()
    need = max(4, round(len(words) * _SHARE))
    return any(" ".join(words[at : at + need]) in text for at in range(len(words) - need + 1))


def recall(found: Sequence[Found], evidence: Iterable[Evidence], k: int) -> float:
    """Return the share of the evidence that the first `k` passages touch. Raise ValueError without evidence."""
    required = tuple(evidence)
    if not required:
        raise ValueError("recall of nothing")
    return sum(any(touches(one, each) for one in found[:k]) for each in required) / len(required)


def _item(path: Path, number: int, line: str) -> Item:
    try:
        row = json.loads(line)
        evidence = tuple(Evidence(each["license"], each["quote"]) for each in row.get("evidence") or ())
        optional = tuple(Evidence(each["license"], each["quote"]) for each in row.get("optional_evidence") or ())
        history = tuple(Turn(turn["role"], turn["content"]) for turn in row.get("history") or ())
        return Item(row["id"], row["question"], evidence, history, optional)
    except (ValueError, KeyError, TypeError, AttributeError) as error:
        raise InputError(f"{path}, line {number} is not a gold item ({error!r}); mend the line") from error
