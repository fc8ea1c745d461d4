"""What a reader says of an answer: the answer as it was published, a rating, a reason, perhaps a correction.

`entry` is the one place that checks it, before it is written and after it is read.
"""

import re
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from urllib.parse import unquote

from evals.items import VERDICTS
from rag.types import Turn

RATINGS = ("up", "down")
LONGEST_REASON, LONGEST_CITATION = 2_000, 8_000
_LONGEST_QUESTION, _LONGEST_TEXT, _LONGEST_NAME = 8_000, 100_000, 300
_MOST_TURNS, _MOST_CITATIONS = 50, 300
_SAID = re.compile(rf"\bverdict\W{{1,3}}(?:(?:is|should be)\W{{1,3}})?({'|'.join(sorted(VERDICTS))})\b", re.IGNORECASE)
_COPIED = re.compile(r"“(?P<quote>.+?)” https?://\S+?/source/(?P<document>[^/?#\s]+)[^#\s]*#(?P<clause>\S+)", re.DOTALL)


@dataclass(frozen=True, slots=True)
class Cited:
    """A citation of the answer: which words of which text, and the text's hash."""

    document: str
    clause: str
    quote: str
    sha256: str


@dataclass(frozen=True, slots=True)
class Published:
    """The answer as its reader saw it."""

    verdict: str
    text: str
    citations: tuple[Cited, ...] = ()


@dataclass(frozen=True, slots=True)
class Correction:
    """What a reader says would be right: a verdict, a clause that decides with its words, or both; empty where not said."""

    verdict: str = ""
    document: str = ""
    clause: str = ""
    quote: str = ""


@dataclass(frozen=True, slots=True)
class Entry:
    """One answer with what its reader said of it. The queue gives the id and the time (UTC)."""

    rating: str
    question: str
    answer: Published
    history: tuple[Turn, ...] = ()
    reason: str = ""
    correction: Correction | None = None
    id: str = ""
    time: str = ""


def correction(reason: str) -> Correction | None:
    """Return the correction that a reason holds: a citation as the viewer copies it, and a verdict after the word."""
    verdict, cited = _SAID.search(reason), _COPIED.search(reason)
    if verdict is None and cited is None:
        return None
    place = (unquote(cited["document"]), unquote(cited["clause"]), cited["quote"]) if cited else ("", "", "")
    return Correction(verdict[1].lower() if verdict else "", *place)


def published(answer: Mapping[str, Any]) -> Published:
    """Return what of an answer, in its published form, is kept."""
    cited = tuple(Cited(c["document"], c["clause"], c["quote"], c["sha256"]) for c in answer["citations"])
    return Published(answer["verdict"], answer["text"], cited)


def entry(row: Mapping[str, Any]) -> Entry:
    """Return the entry that a JSON object holds.

    Raise KeyError, TypeError or ValueError, which says what is wrong, for another object.
    """
    rating, answer = row["rating"], row["answer"]
    if rating not in RATINGS:
        raise ValueError(f"the rating is none of {', '.join(RATINGS)}")
    datetime.fromisoformat(row["time"])
    turns = _list(row, "history", _MOST_TURNS)
    return Entry(
        rating,
        _text(row, "question", _LONGEST_QUESTION, least=1),
        Published(
            _verdict(answer),
            _text(answer, "text", _LONGEST_TEXT),
            tuple(_cited(cited) for cited in _list(answer, "citations", _MOST_CITATIONS)),
        ),
        tuple(Turn(_text(t, "role", _LONGEST_NAME, 1), _text(t, "content", _LONGEST_TEXT)) for t in turns),
        _text(row, "reason", LONGEST_REASON),
        _correction(row["correction"]),
        _text(row, "id", _LONGEST_NAME, least=1),
        row["time"],
    )


def _cited(row: Mapping[str, Any]) -> Cited:
    names = [_text(row, name, _LONGEST_NAME) for name in ("document", "clause", "sha256")]
    return Cited(names[0], names[1], _text(row, "quote", _LONGEST_TEXT), names[2])


def _correction(row: Mapping[str, Any] | None) -> Correction | None:
    if row is None:
        return None
    document, clause = (_text(row, name, _LONGEST_NAME) for name in ("document", "clause"))
    verdict = _verdict(row) if row["verdict"] else ""
    return Correction(verdict, document, clause, _text(row, "quote", _LONGEST_TEXT))


def _verdict(row: Mapping[str, Any]) -> str:
    verdict = _text(row, "verdict", _LONGEST_NAME)
    if verdict not in VERDICTS:
        raise ValueError(f"{verdict!r} is no verdict")
    return verdict


def _list(row: Mapping[str, Any], name: str, most: int) -> list[Any] | tuple[Any, ...]:
    value = row[name]
    if not isinstance(value, list | tuple) or len(value) > most:
        raise ValueError(f"{name} is no list of at most {most}")
    return value


def _text(row: Mapping[str, Any], name: str, most: int, least: int = 0) -> str:
    value = row[name]
    if not isinstance(value, str) or not least <= len(value) <= most:
        size = f"{len(value):,} characters" if isinstance(value, str) else "no text"
        raise ValueError(f"{name} has {size}; {least} to {most:,} characters are right")
    if any("\ud800" <= sign <= "\udfff" for sign in value):
        raise ValueError(f"{name} holds half a sign, which no file can keep")
    return value
