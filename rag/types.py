"""The central values of answering: question, passage, hit, citation, statement, finding, answer and the events of a stream."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Literal

from corpus.types import Span

Verdict = Literal["yes", "conditional", "no", "unclear", "informational", "abstain"]
Basis = Literal[
    "express-grant",
    "no-restriction-found",
    "express-prohibition",
    "outside-grant",
    "separate-license",
    "noncompliant-as-described",
    "silent",
    "ambiguous",
    "premise-false",
    "not-on-file",
    "out-of-scope",
]
Source = Literal["text", "inference", "registry"]
# The stricter, the smaller.
SEVERITY: Mapping[str, int] = {"no": 0, "unclear": 1, "conditional": 2, "yes": 3, "informational": 4, "abstain": 5}
State = Literal["verified", "repaired", "dropped"]
Value = str | int | float | bool


@dataclass(frozen=True, slots=True)
class Turn:
    """One earlier turn of the conversation; `role` is `user` or `assistant`."""

    role: str
    content: str


@dataclass(frozen=True, slots=True)
class Request:
    """What a face hands to `Pipeline`: the question as typed, and what the user fixed beside it.

    `licenses` and `documents` are ids that the answer must be limited to; `facts` are given facts (`commercial=true`); `as_of` is an ISO date.
    """

    question: str
    id: str = ""
    history: tuple[Turn, ...] = ()
    licenses: tuple[str, ...] = ()
    documents: tuple[str, ...] = ()
    facts: Mapping[str, Value] = field(default_factory=dict)
    engine: str = "auto"
    as_of: str | None = None


@dataclass(frozen=True, slots=True)
class Passage:
    """A stretch of one clause, the unit of retrieval. `span` lies inside the clause's span; `text` is what is indexed (headings included)."""

    clause_id: str
    span: Span
    text: str

    @property
    def document_id(self) -> str:
        """Return the id of the passage's document."""
        return self.clause_id.partition("#")[0]


@dataclass(frozen=True, slots=True)
class Hit:
    """A retrieved passage with its fused score; `ranks` says why it is here (`{"dense": 3, "lexical": 1}`, 1 is best)."""

    passage: Passage
    score: float
    ranks: Mapping[str, int] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class LeadIn:
    """The words that introduce the list an item stands in, `document.text[start:end] == quote`."""

    start: int
    end: int
    quote: str


@dataclass(frozen=True, slots=True)
class Citation:
    """A quotation: `document.text[start:end] == quote`. `clause` is the part of the clause id after `#`; `page` counts from 1."""

    n: int
    document: str
    title: str
    version: str | None
    clause: str
    heading: str
    quote: str
    start: int
    end: int
    lead_in: LeadIn | None
    page: int | None
    sha256: str
    url: str
    state: State = "verified"


@dataclass(frozen=True, slots=True)
class Statement:
    """One sentence of the answer; `citations` are citation numbers."""

    text: str
    source: Source
    citations: tuple[int, ...] = ()


@dataclass(frozen=True, slots=True)
class Finding:
    """The verdict on one act under one document."""

    act: str
    asset: str
    license: str
    verdict: Verdict
    basis: Basis
    citations: tuple[int, ...] = ()


@dataclass(frozen=True, slots=True)
class Duty:
    """A condition of the answer, in words, with the clauses it stands in."""

    kind: str
    exact: str | None
    who: str | None
    trigger: str | None
    strength: str
    text: str
    citations: tuple[int, ...] = ()


@dataclass(frozen=True, slots=True)
class MissingFact:
    """A fact that would change the answer: its key, the question to ask, and what each value would change."""

    key: str
    ask: str
    changes: str


@dataclass(frozen=True, slots=True)
class Facts:
    """Facts given by the user, assumed by the engine, and missing."""

    given: Mapping[str, Value] = field(default_factory=dict)
    assumed: Mapping[str, Value] = field(default_factory=dict)
    missing: tuple[MissingFact, ...] = ()


@dataclass(frozen=True, slots=True)
class Coverage:
    """How much of a document was considered: `clauses_considered` of `of` clauses."""

    document: str
    clauses_considered: int
    of: int


@dataclass(frozen=True, slots=True)
class Answer:
    """The whole answer. `rewritten` is a follow-up question as it was read, None for a question that stands alone.

    `rag.answer_json.to_json` gives it the names and form of the published schema `clausewise.answer/1`.
    """

    id: str
    question: str
    verdict: Verdict
    basis: Basis
    text: str
    statements: tuple[Statement, ...]
    citations: tuple[Citation, ...]
    documents: tuple[str, ...]
    depends_on: tuple[str, ...] = ()
    findings: tuple[Finding, ...] = ()
    conditions: tuple[Duty, ...] = ()
    facts: Facts = field(default_factory=Facts)
    coverage: tuple[Coverage, ...] = ()
    engine: str = "rules"
    model: str | None = None
    rewritten: str | None = None
    problems: tuple[str, ...] = ()
    timings_ms: Mapping[str, float] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Retrieved:
    """Event: the passages that the answer will be based on."""

    hits: tuple[Hit, ...]
    documents: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Drafted:
    """Event: one verified statement with the citations it brings."""

    statement: Statement
    citations: tuple[Citation, ...]


@dataclass(frozen=True, slots=True)
class Done:
    """Event: the whole verified answer."""

    answer: Answer


Event = Retrieved | Drafted | Done
