"""A document prepared for answering: its sentences and list items, the terms found in them, and how well each matches a question."""

import math
from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass

from corpus import curated
from corpus.store import Store
from corpus.terms import Unit, units
from corpus.types import Clause, Document, Modality, Span, Term
from rag.language import senses, words


@dataclass(frozen=True, slots=True)
class Line:
    """One unit with its terms and its words. `order` is its place in the document, `above` the words of its headings and lead-in."""

    unit: Unit
    order: int
    terms: tuple[Term, ...]
    bag: Mapping[str, int]
    above: frozenset[str] = frozenset()
    senses: frozenset[int] = frozenset()

    @property
    def acts(self) -> frozenset[str]:
        """Return the acts and topics that the line speaks of."""
        return frozenset(t.act for t in self.terms)


@dataclass(frozen=True, slots=True)
class Sheet:
    """One document with its lines; `rarity` weighs a word by how few lines hold it.

    `settled` are the acts and topics that reviewers went through the whole text for: of these the rules are not asked.
    """

    document: Document
    clauses: tuple[Clause, ...]
    lines: tuple[Line, ...]
    rarity: Mapping[str, float]
    settled: frozenset[str] = frozenset()

    def with_act(self, act: str, *modalities: Modality) -> tuple[Line, ...]:
        """Return the lines that speak of an act, in one of the modalities if any is named."""
        return tuple(
            line
            for line in self.lines
            if any(t.act == act and (not modalities or t.modality in modalities) for t in line.terms)
        )

    def has(self, act: str, *modalities: Modality) -> bool:
        """Return True if any line speaks of the act in one of the modalities."""
        return bool(self.with_act(act, *modalities))

    def overlap(self, query: Sequence[str]) -> tuple[float, ...]:
        """Return for each line the share (0 to 1) of the query's rare words that it holds; words the document lacks do not count."""
        weights = {w: self.rarity[w] for w in set(query) if w in self.rarity}
        total = sum(weights.values())
        if not total:
            return tuple(0.0 for _ in self.lines)
        return tuple(sum(v for w, v in weights.items() if w in line.bag) / total for line in self.lines)


def _line(document: Document, unit: Unit, order: int, terms: tuple[Term, ...]) -> Line:
    bag = Counter(words(unit.span.of(document.text)))
    return Line(unit, order, terms, bag, frozenset(words(unit.context)), senses(bag))


def make(document: Document, clauses: tuple[Clause, ...], terms: Iterable[Term], facts: bool = True) -> Sheet:
    """Return the sheet of a document from its clauses and terms.

    What reviewers settled replaces what the rules found of the same act; without `facts` the rules stand alone.
    """
    known = curated.settled(terms) if facts else tuple(t for t in terms if t.rule != curated.RULE)
    settled = frozenset(t.act for t in known if t.rule == curated.RULE)
    found: dict[Span, list[Term]] = {}
    for term in known:
        found.setdefault(term.span, []).append(term)
    lines = tuple(
        _line(document, unit, order, tuple(found.get(unit.span, ())))
        for order, unit in enumerate(units(document, clauses))
    )
    counts = Counter(w for line in lines for w in line.bag)
    rarity = {w: math.log(1 + len(lines) / n) for w, n in counts.items()}
    return Sheet(document, clauses, lines, rarity, settled)


def prepare(store: Store, document_id: str, facts: bool = True) -> Sheet:
    """Return the sheet of a stored document.

    Raise UnknownDocument if it is not on file, StoreError if the store is damaged there.
    """
    return make(store.documents[document_id], store.clauses(document_id), store.terms(document_id), facts)
