"""A memo as plain values: what the three writers and the page set, all text free of signs that steer a reader.

The numbers of its notes follow the order in which they are first met, so that a word processor that counts footnotes
itself comes to the same numbers.
"""

import re
from collections.abc import Iterator
from dataclasses import dataclass

from ui.render import FOOTER, clean

TITLE = "License memo"
DISCLAIMER = f"{FOOTER} Quotations stand to the letter, line breaks of the source set as spaces."
# What a reviewer fills in by hand.
BOX = "\N{BALLOT BOX}"
SIGN = (
    ("Decision", f"{BOX} agreed   {BOX} agreed with changes   {BOX} not agreed"),
    ("Reviewer", ""),
    ("Date", ""),
    ("Signature", ""),
    ("Remarks", ""),
)
# XML knows no such characters, and no other form needs them.
_NO_CHARACTER = re.compile("[\ufffe\uffff]")


def shown(text: str) -> str:
    """Return text on one line (white space folded) without signs that no page can show."""
    return " ".join(_NO_CHARACTER.sub("\N{REPLACEMENT CHARACTER}", clean(text)).split())


@dataclass(frozen=True, slots=True)
class Note:
    """A quotation with its source. `place` is the clause in words, `url` where it stands highlighted."""

    n: int
    title: str
    version: str
    place: str
    lead_in: str
    quote: str
    url: str

    @property
    def source(self) -> str:
        """Return title, version and place as one line."""
        version = f" ({self.version})" if self.version and self.version not in self.title else ""
        return f"{self.title}{version}, {self.place}" if self.place else f"{self.title}{version}"


@dataclass(frozen=True, slots=True)
class Line:
    """A sentence: runs of words, and numbers of notes where they are referred to."""

    runs: tuple[str | int, ...]


@dataclass(frozen=True, slots=True)
class Reason:
    """A sentence of the answer with what it stands on: text, inference or registry."""

    line: Line
    source: str


@dataclass(frozen=True, slots=True)
class Verdict:
    """A verdict: its name in the published schema, and the word for it."""

    name: str
    word: str


@dataclass(frozen=True, slots=True)
class Row:
    """A finding: one act under one document."""

    document: str
    act: str
    verdict: Verdict
    basis: str
    notes: tuple[int, ...]


@dataclass(frozen=True, slots=True)
class Condition:
    """A box to tick; `exact` are words to copy, empty if the line holds them, `details` who and when."""

    line: Line
    exact: str
    details: str


@dataclass(frozen=True, slots=True)
class Beside:
    """A position named beside the answer; `url` is where it stands among the others."""

    words: str
    url: str


@dataclass(frozen=True, slots=True)
class SignOff:
    """Who has reviewed the answer, when, and what they remarked."""

    name: str
    date: str
    note: str

    @property
    def words(self) -> str:
        """Return it as a sentence."""
        return f"Signed off by {self.name} on {self.date}.{f' {self.note}' if self.note else ''}"


@dataclass(frozen=True, slots=True)
class Part:
    """One question with its answer.

    `read_as` is a follow-up as it was read, `facts` are pairs of (kind, words), `also` notes that nothing else refers to.
    """

    question: str
    read_as: str
    time: str
    verdict: Verdict
    basis: str
    answer: Line
    facts: tuple[tuple[str, str], ...]
    rows: tuple[Row, ...]
    reasons: tuple[Reason, ...]
    conditions: tuple[Condition, ...]
    also: tuple[int, ...]
    coverage: str
    engine: str
    remarks: tuple[str, ...]
    positions: tuple[Beside, ...]
    signed: tuple[SignOff, ...]


@dataclass(frozen=True, slots=True)
class Text:
    """A text that the memo rests on, as it was when it was quoted; `source` is where this copy comes from, empty if it is not on file now."""

    title: str
    id: str
    version: str
    source: str
    sha256: str
    url: str


@dataclass(frozen=True, slots=True)
class Memo:
    """The whole memo. `warnings` stand on top: texts that are no longer those that were quoted."""

    made: str
    warnings: tuple[str, ...]
    parts: tuple[Part, ...]
    assumptions: tuple[str, ...]
    counsel: tuple[str, ...]
    notes: tuple[Note, ...]
    texts: tuple[Text, ...]
    origin: tuple[str, ...]

    @property
    def questions(self) -> tuple[str, ...]:
        """Return the questions for counsel, or a line that there are none."""
        return self.counsel or ("None arose from the texts.",)

    def note(self, n: int) -> Note:
        """Return the note of that number."""
        return self.notes[n - 1]

    def headed(self) -> Iterator[tuple[str, Part]]:
        """Yield each part with its heading, numbered where there are several."""
        several = len(self.parts) > 1
        for number, part in enumerate(self.parts, start=1):
            yield (f"Question {number}" if several else "Question"), part
