"""Whether a model's statement stands on its clauses: quotations to the letter, and nothing in the words that they do not hold.

A statement passes or it is dropped. Nothing is mended but white space and quotation marks, and what is shown is the text's
own sentence. What it cannot see: whether a sentence made of the right words says the right thing.
"""

import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass

from corpus.registry import Registry
from corpus.types import Span
from rag import parlance, wording
from rag.case import Evidence
from rag.prompts import LONGEST_STATEMENT, Piece
from rag.question import Question
from rag.reply import Said
from rag.sheet import Line
from rag.types import Answer, State, Value, Verdict

_LEAST_QUOTE = 12  # characters that a model must copy before a place counts as found
_MOST_LINES = 3
_MARKER = re.compile(r"\s*[\[(]\d{1,2}[\])]")
# One class for each kind of mark that typists and models interchange.
_SAME = ('"“”„«»', "'’‘‚´`", "-‐‑–—−")
_FORBIDDING = frozenset(("prohibited", "requires-separate-license"))
_ALLOWING = frozenset(("permitted", "permitted-if"))


class Refused(Exception):
    """A statement does not stand on its clauses. The message tells the model why; `shown` tells the reader, in no words of the model."""

    def __init__(self, message: str, shown: str = "") -> None:
        super().__init__(message)
        self.shown = shown or message


@dataclass(frozen=True, slots=True)
class Grounded:
    """A statement that passed: its words, its source, the lines it cites, and whether a quotation had to be mended."""

    text: str
    source: str
    evidence: tuple[Evidence, ...]
    state: State


class Grounds:
    """What the statements of one reply are held to."""

    def __init__(
        self, question: Question, asked: str, chosen: Sequence[Piece], draft: Answer, registry: Registry
    ) -> None:
        self._by_key = {p.key: p for p in chosen}
        self._question, self._registry = question, registry
        titles = {p.sheet.document.id: p.sheet.document for p in chosen}
        self._asked = f"{asked}\n{question.text}"
        self._given = "\n".join(
            (
                asked,
                question.text,
                *(f"{d.title} {d.version or ''}" for d in titles.values()),
                *(s.text for s in draft.statements if s.source == "inference"),
                *(f"{d.text} {d.exact or ''}" for d in draft.conditions),
                *_spelled(draft.facts.given),
                *_spelled(draft.facts.assumed),
                *(f"{m.ask} {m.changes}" for m in draft.facts.missing),
            )
        )

    def check(self, said: Said, verdict: str, first: bool) -> Grounded:
        """Return the statement as it may be shown; `first` is the one that answers.

        Raise Refused if it does not stand on its clauses.
        """
        text = " ".join(_MARKER.sub("", said.text).split())
        if len(text) > LONGEST_STATEMENT or not any(map(str.isalpha, text)):
            raise Refused("a statement is no sentence, or too long")
        if not said.citations:
            raise Refused("a statement names no clause that it follows from")
        found: list[Evidence] = []
        mended = False
        for cited in said.citations:
            lines, exact = self._located(cited.key, cited.quote)
            found += lines
            mended = mended or not exact
        evidence = tuple({e.key: e for e in found}.values())
        for key in self._by_key:
            text = text.replace(f"[{key}]", "").replace(f"({key})", "").replace(key, "")
        text = " ".join(text.split())
        self._words(text, evidence)
        self._verdict(text, evidence, verdict, first)
        return Grounded(text, said.source, evidence, "repaired" if mended else "verified")

    def _located(self, key: str, quote: str) -> tuple[list[Evidence], bool]:
        """Return the lines of a clause in which a quotation stands, and whether it stands there to the letter."""
        piece = self._by_key.get(key)
        if piece is None:
            raise Refused(f"the key {key[:20]!r} is none of the clauses", "a citation of no clause that was given")
        place = piece.clause.id
        if len(" ".join(quote.split())) < min(_LEAST_QUOTE, len(piece.text.strip())):
            raise Refused(
                f"the quotation from {key} is too short; copy the sentence", f"a quotation too short, {place}"
            )
        document = piece.sheet.document.text
        found = folded(quote).search(document, piece.clause.span.start, piece.clause.span.end)
        if found is None:
            raise Refused(
                f"the quotation from {key} does not stand in that clause: {quote.strip()[:60]!r}",
                f"a quotation that does not stand in {place}",
            )
        at = Span(found.start(), found.end())
        lines = [line for line in piece.lines if line.unit.span.overlaps(at)][:_MOST_LINES]
        if not lines:
            raise Refused(
                f"the quotation from {key} is a heading or a number; copy the sentence",
                f"a quotation of no sentence, {place}",
            )
        evidence = [Evidence(piece.sheet, line, _act(line), at=_common(at, line.unit.span)) for line in lines]
        if any(wording.planted(e.text) for e in evidence):
            raise Refused(
                f"the quotation from {key} speaks to a reader; it is no provision",
                f"a sentence in {place} that speaks to a machine, and is no provision",
            )
        return evidence, found[0] == quote.strip()

    def _words(self, text: str, evidence: tuple[Evidence, ...]) -> None:
        """Raise Refused if the words hold what the quotations, the question and the facts do not."""
        if wording.marked_up(text):
            raise Refused("a statement holds markup or an address; write plain sentences")
        allowed = "\n".join((self._given, *map(_whole, evidence)))
        places = (self._asked, *(e.text for e in evidence), *map(_clause, evidence))
        if any(not any(folded(span).search(place) for place in places) for span in wording.quoted(text)):
            raise Refused(
                "words in quotation marks stand in no clause of their statement; copy them, or take the marks away",
                "words in quotation marks that stand in no clause of their statement",
            )
        numbers = wording.foreign_numbers(text, allowed)
        if numbers:
            raise Refused(
                f"the number {numbers[0]} stands in no quotation of its statement",
                "a number that stands in no quotation of its statement",
            )
        names = wording.foreign_names(text, allowed, self._registry.makers)
        low = allowed.lower()
        names += [
            m.text for m in self._registry.mentions(text) if m.text.lower() not in low and m.name.lower() not in low
        ]
        if names:
            raise Refused(
                f"the name {names[0]!r} stands in no quotation of its statement",
                "a name that stands in no quotation of its statement",
            )
        if parlance.beyond_texts(text):
            raise Refused("a statement speaks of what no text can tell (courts, practice, prices)")
        turned = wording.turned(text, (e.text for e in evidence))
        if turned:
            raise Refused(f"a statement says the opposite of its quotation: {turned}")

    def _verdict(self, text: str, evidence: tuple[Evidence, ...], verdict: str, first: bool) -> None:
        """Raise Refused if the statement, or what it cites, is against the verdict."""
        word = wording.answered(text)
        if first and ((word == "yes" and verdict in ("no", "unclear")) or (word == "no" and verdict == "yes")):
            raise Refused(f"the first statement says {word}, the verdict {verdict}")
        if verdict == "yes" and any(self.modalities((e,)) and self.modalities((e,)) <= _FORBIDDING for e in evidence):
            raise Refused("the verdict is yes, and a clause that is cited forbids it")

    def modalities(self, evidence: Iterable[Evidence]) -> frozenset[str]:
        """Return how the lines deal with the acts that the question asks about."""
        asked = {cover for act in self._question.acts for cover in act.covers} | {a.name for a in self._question.acts}
        if self._question.uses:
            asked.add("prohibited-use")
        return frozenset(t.modality for e in evidence for t in e.line.terms if t.act in asked)

    def against(self, verdict: Verdict, evidence: Iterable[Evidence]) -> str:
        """Return why the verdict of a whole reply is against the clauses it cites, empty if it is not."""
        lines = tuple(evidence)
        found = self.modalities(lines)
        if verdict in ("yes", "conditional") and found and found <= _FORBIDDING:
            return f"the verdict is {verdict}, and every clause cited on the act forbids it"
        others = {t.modality for e in lines for t in e.line.terms}
        if verdict == "no" and found and found <= _ALLOWING and not others - _ALLOWING - {"defines"}:
            return "the verdict is no, and every clause cited allows it"
        return ""


def folded(quote: str) -> re.Pattern[str]:
    """Return a pattern that finds the words of a quotation whatever the white space, the quotation marks and the dashes."""
    return re.compile(r"\s+".join("".join(_sign(c) for c in word) for word in quote.split()) or r"(?!)")


def _sign(character: str) -> str:
    same = next((marks for marks in _SAME if character in marks), None)
    return f"[{re.escape(same)}]" if same else re.escape(character)


def _common(a: Span, b: Span) -> Span:
    return Span(max(a.start, b.start), min(a.end, b.end))


def _act(line: Line) -> str:
    return next((t.act for t in line.terms), "")


def _whole(evidence: Evidence) -> str:
    """Return all that a reader of a citation sees of it: place, heading, lead-in and sentence."""
    clause = evidence.line.unit.clause
    lead = clause.lead_in.of(evidence.sheet.document.text) if clause.lead_in else ""
    return f"{clause.path} {clause.path.replace('-', ' ')} {clause.heading} {lead} {evidence.text}"


def _clause(evidence: Evidence) -> str:
    """Return the whole clause in which a sentence stands, with its heading and lead-in."""
    clause, document = evidence.line.unit.clause, evidence.sheet.document.text
    lead = clause.lead_in.of(document) if clause.lead_in else ""
    return f"{clause.heading}\n{lead}\n{clause.span.of(document)}"


def _spelled(facts: Mapping[str, Value]) -> Iterable[str]:
    return (f"{key} {value}" for key, value in facts.items())
