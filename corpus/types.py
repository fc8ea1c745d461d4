"""The central values of the corpus. All are frozen; every position is a code point offset into `Document.text`."""

from dataclasses import dataclass
from typing import Literal

Kind = Literal["license", "policy", "regulation", "definition", "contract", "other"]

Modality = Literal[
    "permitted",
    "permitted-if",
    "prohibited",
    "requires-separate-license",
    "must",
    "encouraged",
    "not-addressed",
    "unclear",
    "not-applicable",
    "defines",
]


@dataclass(frozen=True, slots=True, order=True)
class Span:
    """A half-open range of code points, `text[start:end]`.

    Raise ValueError if the range is negative or reversed.
    """

    start: int
    end: int

    def __post_init__(self) -> None:
        if not 0 <= self.start <= self.end:
            raise ValueError(f"not a span: {self.start}..{self.end}")

    def __len__(self) -> int:
        return self.end - self.start

    def of(self, text: str) -> str:
        """Return the characters of `text` that the span covers."""
        return text[self.start : self.end]

    def contains(self, other: "Span") -> bool:
        """Return True if `other` lies inside this span."""
        return self.start <= other.start and other.end <= self.end

    def overlaps(self, other: "Span") -> bool:
        """Return True if the spans share at least one character."""
        return self.start < other.end and other.start < self.end


@dataclass(frozen=True, slots=True)
class Origin:
    """Where a text came from: `source` (for example `scancode:32.5.0`, a URL, a file name), its hash, and the ISO date it was read."""

    source: str
    sha256: str
    retrieved: str | None = None


@dataclass(frozen=True, slots=True)
class Document:
    """One text. `text` never changes after loading; `pages` holds the offset at which each page starts (empty without pages).

    `license` is the catalog id of the license that the text belongs to (its own id for a license, the license's for a policy of its bundle).
    """

    id: str
    title: str
    kind: Kind
    text: str
    version: str | None
    license: str | None
    origin: Origin
    pages: tuple[int, ...] = ()


@dataclass(frozen=True, slots=True)
class Clause:
    """One numbered or lettered provision, heading or paragraph.

    `span` is its own text up to its first child (the spans of a document partition it); `extent` includes its children. `number` is
    the path as a lawyer cites it (`1.b.i`), empty for an unnumbered paragraph. `parent` is a clause id. `lead_in` is the span of the
    words that introduce the list the clause is an item of.
    """

    id: str
    document_id: str
    number: str
    heading: str
    span: Span
    extent: Span
    parent: str | None = None
    lead_in: Span | None = None

    @property
    def path(self) -> str:
        """Return the part of the id after `#`."""
        return self.id.partition("#")[2]


@dataclass(frozen=True, slots=True)
class Trigger:
    """When something applies: whose figure (`subject`), of what (`measure`), above which `amount`, in which `scope`, at which `moment`."""

    subject: str | None = None
    measure: str | None = None
    amount: float | None = None
    scope: str | None = None
    moment: str | None = None


@dataclass(frozen=True, slots=True)
class Condition:
    """A duty that comes with a right: TAXONOMY's `kind`, the `exact` string to display (if any), who owes it, when, and how strong it is."""

    kind: str
    exact: str | None = None
    who: str | None = None
    trigger: str | None = None
    strength: str = "condition"


@dataclass(frozen=True, slots=True)
class Term:
    """What one sentence or list item of a clause says about one act or topic.

    `rule` names the rule of `terms.toml` that found it, or is `curated`; `at` are the words that a curated fact is anchored by. A
    curated term of the modality `not-addressed` has an empty span: reviewers found the text silent.
    """

    clause_id: str
    span: Span
    asset: str
    act: str
    modality: Modality
    conditions: tuple[Condition, ...] = ()
    trigger: Trigger | None = None
    rule: str = ""
    at: Span | None = None

    @property
    def document_id(self) -> str:
        """Return the id of the term's document."""
        return self.clause_id.partition("#")[0]
