"""The citations of one answer as a way through the texts: which one the reader stands at, and where the one before and after stand.

The answer is kept as it was given, the texts may have changed since: a citation's words are looked for where they stood,
and what became of them is said in one line.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any
from urllib.parse import quote

from corpus.errors import DataError, InputError
from corpus.types import Document, Span
from ui.kept import Kept


@dataclass(frozen=True, slots=True)
class Stop:
    """One citation of a kept answer: its number in the answer, its document, the path of its clause, and its words."""

    n: int
    document: str
    clause: str
    quote: str
    span: Span
    sha256: str


@dataclass(frozen=True, slots=True)
class Trail:
    """The citations of the answer `id`; the reader stands at the one at `at`."""

    id: str
    question: str
    stops: tuple[Stop, ...]
    at: int

    @property
    def here(self) -> Stop:
        """Return the citation that the reader stands at."""
        return self.stops[self.at]

    @property
    def previous(self) -> str:
        """Return the address of the citation before, empty at the first."""
        return self._address(self.at - 1) if self.at else ""

    @property
    def next(self) -> str:
        """Return the address of the citation after, empty at the last."""
        return self._address(self.at + 1) if self.at + 1 < len(self.stops) else ""

    @property
    def query(self) -> str:
        """Return what an address says to stand here."""
        return f"answer={quote(self.id)}&n={self.here.n}"

    def address(self) -> str:
        """Return the address of the citation that the reader stands at."""
        return self._address(self.at)

    def _address(self, at: int) -> str:
        stop = self.stops[at]
        return f"/source/{quote(stop.document, safe='~')}?answer={quote(self.id)}&n={stop.n}#{quote(stop.clause, safe='~')}"


def trail(kept: Kept, n: str) -> Trail:
    """Return the citations of a kept answer, with the reader at number `n` (empty: at the first).

    Raise InputError if the answer has no citation of that number, DataError if it is damaged.
    """
    try:
        stops = tuple(_stop(row) for row in kept.answer.get("citations", ()))
    except (KeyError, TypeError, ValueError, AttributeError):
        raise DataError("the answer that the link names is damaged; ask the question again") from None
    if not stops:
        raise InputError("the answer that the link names cites nothing")
    numbers = [str(stop.n) for stop in stops]
    if n and n not in numbers:
        raise InputError(
            f"the answer that the link names has {len(stops)} citation{'s' * (len(stops) > 1)}; there is no number {n[:20]}"
        )
    return Trail(kept.id, str(kept.answer.get("question", "")), stops, numbers.index(n) if n else 0)


def stands(stop: Stop, document: Document) -> tuple[Span | None, str]:
    """Return where a citation's words stand in the text as it is now, None if nowhere, and what to tell the reader of it."""
    if stop.span.of(document.text) == stop.quote:
        same = stop.sha256 == document.origin.sha256
        return (
            stop.span,
            "" if same else "This text has changed since the answer; the words that it quotes are as they were.",
        )
    first = document.text.find(stop.quote)
    if stop.quote and first >= 0:
        return Span(
            first, first + len(stop.quote)
        ), "This text has changed since the answer; the words that it quotes now stand here."
    return (
        None,
        "This text has changed since the answer, and the words that it quotes no longer stand in it; ask the question again.",
    )


def _stop(row: Mapping[str, Any]) -> Stop:
    return Stop(
        n=int(row["n"]),
        document=str(row["document"]),
        clause=str(row["clause"]),
        quote=str(row["quote"]),
        span=Span(int(row["start"]), int(row["end"])),
        sha256=str(row["sha256"]),
    )
