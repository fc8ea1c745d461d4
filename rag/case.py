"""One license with its bundle under one question: the evidence that its lines offer, ranked."""

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field

from corpus.catalog import ExternalPolicy, License
from corpus.types import Modality, Span, Term
from rag.lexicon import Topic
from rag.matching import NONE, Key, Match
from rag.question import Question
from rag.sheet import Line, Sheet
from rag.signs import sign
from rag.types import Basis, MissingFact, Value, Verdict

_DEFINING = frozenset(("definition", "derivative-definition", "distribution-definition", "noncommercial-definition"))
# Preambles tell motives and appendices how to use the text: neither says what may be done.
_FRAME = ("preamble", "how-to-apply", "appendix", "introductory", "using-creative-commons", "why-we-have", "background")
_BESIDE = 0.3
_AN_EXAMPLE = 0.1
_EXAMPLE = re.compile(r"\W*(for (example|instance)|e\.g\.)", re.IGNORECASE)
_REFERRED = 0.5
_DEFINED = 0.25
_TERM = re.compile(r"^\W*(?:\(?\w{1,4}[.)]\s*)?[“\"‘']([^”\"’']{3,60})[”\"’']")


def is_frame(path: str, text: str = "") -> bool:
    """Return True if a clause stands around the terms: a preamble, or how to apply them or change their text."""
    return path.startswith(_FRAME) or sign("license_text").search(text) is not None


def is_example(text: str) -> bool:
    """Return True if a line gives an example."""
    return _EXAMPLE.match(text) is not None


def is_referred(path: str, question: Question) -> bool:
    """Return True if a question refers to a clause, or to one above it, by its number."""
    return any(path == r or path.startswith((f"{r}.", f"{r}~")) for r in question.references)


def defines_word(text: str, question: Question) -> bool:
    """Return True if a line begins with a term in quotation marks that the question uses."""
    term = _TERM.search(text)
    return term is not None and term.group(1) in question.text


@dataclass(frozen=True, slots=True)
class Evidence:
    """A line that says something that matters; `act` is what it is cited for, `at` the words in it that a quotation must keep."""

    sheet: Sheet
    line: Line
    act: str
    score: float = 0.0
    at: Span | None = None

    @property
    def key(self) -> Key:
        """Return the document and the place in it: two pieces of evidence with one key are the same line."""
        return self.sheet.document.id, self.line.order

    @property
    def text(self) -> str:
        """Return the words of the line."""
        return self.line.unit.span.of(self.sheet.document.text)

    @property
    def term(self) -> Term | None:
        """Return the line's term for the act it is cited for, if it has one."""
        return next((t for t in self.line.terms if t.act == self.act), None)


@dataclass(frozen=True, slots=True)
class Reason:
    """What one check found: a verdict with its ground, in words, and the lines that say so.

    `exact` is False where a wider grant covers the act, not a clause on the act itself.
    """

    verdict: Verdict
    basis: Basis
    headline: str
    evidence: tuple[Evidence, ...] = ()
    act: str = ""
    depends_on: tuple[str, ...] = ()
    missing: tuple[MissingFact, ...] = ()
    assumed: Mapping[str, Value] = field(default_factory=dict)
    exact: bool = True


@dataclass(frozen=True, slots=True)
class Case:
    """A question put to one license: the license's sheet first, then those of its bundle. `matches` tell how well lines match, by document and order;
    `ranks` how likely they are asked for.

    `entry` is what the catalog knows of the license; None for a file of the user.
    """

    question: Question
    license: str
    sheets: tuple[Sheet, ...]
    matches: Mapping[Key, Match]
    entry: License | None = None
    ranks: Mapping[Key, float] = field(default_factory=dict)

    @property
    def title(self) -> str:
        """Return the title of the license."""
        return self.sheets[0].document.title

    @property
    def external(self) -> tuple[ExternalPolicy, ...]:
        """Return the policies that the license takes in by reference and whose text is not on file."""
        fetched = any(sheet.document.kind == "policy" for sheet in self.sheets[1:])
        return self.entry.external if self.entry and not fetched else ()

    def score(self, sheet: Sheet, line: Line) -> float:
        """Return how well a line matches the question, 0 to about 1.

        A preamble or a page on how to apply the text counts less; a clause that the question refers to by number, and the
        definition of a term that it uses, count more.
        """
        found = self.matches.get((sheet.document.id, line.order), NONE).score
        path, text = line.unit.clause.path, line.unit.span.of(sheet.document.text)
        if is_example(text):
            found -= _AN_EXAMPLE
        if is_frame(path, text):
            found -= _BESIDE
        if is_referred(path, self.question):
            found += _REFERRED
        return found + (_DEFINED if line.acts & _DEFINING and defines_word(text, self.question) else 0.0)

    def all(self, act: str, *modalities: Modality) -> tuple[Evidence, ...]:
        """Return the lines that speak of an act (in one of the modalities if any is named), best match first."""
        found = [
            Evidence(sheet, line, act, self.score(sheet, line))
            for sheet in self.sheets
            for line in sheet.with_act(act, *modalities)
        ]
        return tuple(sorted(found, key=lambda e: (-e.score, e.sheet is not self.sheets[0], e.line.order)))

    def first(self, act: str, *modalities: Modality) -> Evidence | None:
        """Return the best line that speaks of an act, or None."""
        return next(iter(self.all(act, *modalities)), None)

    def any(self, acts: Iterable[str], *modalities: Modality) -> tuple[Evidence, ...]:
        """Return the best line of each act in turn, one line once."""
        return unique(e for act in acts if (e := self.first(act, *modalities)))

    def odds(self, evidence: Evidence) -> float:
        """Return the log odds that a line is asked for; where lines are not ranked, how well it matches, which is never much."""
        return self.ranks.get(evidence.key, evidence.score)

    def likely(self, limit: int) -> tuple[Evidence, ...]:
        """Return the lines that the question most likely asks for, best first, as the model of `rerank` orders them.

        Where lines are not ranked, those that match its words best.
        """
        if not self.ranks:
            return self.ranked(limit)
        lines = [(self.ranks[s.document.id, line.order], s, line) for s in self.sheets for line in s.lines]
        lines.sort(key=lambda row: (-row[0], row[2].order))
        return tuple(Evidence(s, line, "", self.score(s, line)) for _, s, line in lines[:limit])

    def ranked(self, limit: int) -> tuple[Evidence, ...]:
        """Return the lines that match the question's words best, whatever they speak of."""
        lines = [(self.score(s, line), s, line) for s in self.sheets for line in s.lines]
        lines.sort(key=lambda row: (-row[0], row[2].order))
        return tuple(Evidence(s, line, "", score) for score, s, line in lines[:limit] if score > 0)


@dataclass(frozen=True, slots=True)
class Outcome:
    """What one license or document says to the question.

    `evidence` decides, `duty_lines` are what must be done, `silent` is what is not there; `beside` are lines that match the
    words of the question best, whatever they speak of: the reader should see them too. `also_due` are duties that stand in
    lines which decide.
    """

    case: Case
    verdict: Verdict
    basis: Basis
    headline: str
    evidence: tuple[Evidence, ...] = ()
    duty_lines: tuple[Evidence, ...] = ()
    silent: tuple[Topic, ...] = ()
    depends_on: tuple[str, ...] = ()
    missing: tuple[MissingFact, ...] = ()
    assumed: Mapping[str, Value] = field(default_factory=dict)
    reasons: tuple[Reason, ...] = ()
    beside: tuple[Evidence, ...] = ()
    also_due: tuple[Evidence, ...] = ()


def unique(evidence: Iterable[Evidence]) -> tuple[Evidence, ...]:
    """Return the evidence without repeated lines, the first of each kept."""
    seen: dict[Key, Evidence] = {}
    for e in evidence:
        seen.setdefault(e.key, e)
    return tuple(seen.values())
