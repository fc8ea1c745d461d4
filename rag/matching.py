"""How well each line of some documents matches the words of a question: shared rare words, and nearness of meaning."""

from collections.abc import Collection, Iterable, Iterator, Mapping
from dataclasses import dataclass

from rag.language import words
from rag.question import Question
from rag.retrieve import Retriever
from rag.sheet import Sheet

Key = tuple[str, int]


@dataclass(frozen=True, slots=True)
class Match:
    """What a line has in common with a question: `shared` of its rare words, 0 to 1, and the cosine of what both mean."""

    shared: float = 0.0
    meaning: float = 0.0

    @property
    def score(self) -> float:
        """Return half of each."""
        return 0.5 * self.shared + 0.5 * self.meaning


NONE = Match()


def _asked(
    question: Question, sheets: tuple[Sheet, ...], whole: Collection[str]
) -> Iterator[tuple[str, tuple[str, ...]]]:
    """Yield each form of the question with the documents that are asked it."""
    named = tuple(s.document.id for s in sheets if s.document.id in whole and question.mentions)
    others = tuple(s.document.id for s in sheets if s.document.id not in named)
    if named:
        yield question.text, named
    if others:
        yield question.rest, others


def telling(question: Question, sheet: Sheet, whole: bool = False) -> tuple[str, ...]:
    """Return the words of a question that tell one rule of a document from another; those of its title have picked it already.

    `whole` keeps the names of licenses and models.
    """
    query = words(question.text if whole else question.rest)
    title = set(words(sheet.document.title))
    return tuple(w for w in query if w not in title) or query


def matches(
    question: Question, sheets: Iterable[Sheet], retriever: Retriever, whole: Collection[str] = ()
) -> Mapping[Key, Match]:
    """Return the match of every line of the sheets, by document and order.

    The documents of `whole` are matched with the names in the question: a policy of one's own speaks of licenses by name.
    """
    read = tuple(sheets)
    dense: dict[str, list[tuple[int, int, float]]] = {}
    for text, ids in _asked(question, read, whole):
        for scored in retriever.scores(text, ids):
            span = scored.passage.span
            dense.setdefault(scored.passage.clause_id, []).append((span.start, span.end, scored.dense))
    found = {}
    for sheet in read:
        shares = sheet.overlap(telling(question, sheet, sheet.document.id in whole))
        for line, shared in zip(sheet.lines, shares, strict=True):
            span = line.unit.span
            near = [s for a, b, s in dense.get(line.unit.clause.id, ()) if a < span.end and span.start < b]
            found[sheet.document.id, line.order] = Match(shared, max(near, default=0.0))
    return found
