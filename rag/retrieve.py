"""Passages for a question: dense and lexical rankings fused by reciprocal ranks, in the routed documents or in all."""

from bisect import bisect_right
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from types import MappingProxyType

import numpy as np
import numpy.typing as npt

from corpus import fingerprint
from corpus.errors import StoreError
from corpus.records import MEND
from corpus.store import Store
from rag import lexical
from rag.dense import DenseIndex
from rag.embed import Encoder, MiniLM, Vectors
from rag.lexical import LexicalIndex
from rag.passages import parse_passage
from rag.types import Hit, Passage

PASSAGES, VECTORS = "passages.jsonl", "vectors.faiss"
# The usual constant: high enough that no single first place decides alone.
RRF = 60
# Within routed documents the words of the question have done half their work: they chose the document. On the gold set's
# development part full weight finds 0.56 of the evidence in the first five passages, this one 0.61.
WITHIN: Mapping[str, float] = MappingProxyType({"lexical": 0.4})
EVERYWHERE: Mapping[str, float] = MappingProxyType({})
_POOL = 100
# A name that stands in more documents than this tells none of them.
_COMMON = 2
Rows = npt.NDArray[np.int64]
Pool = tuple[Rows, npt.NDArray[np.float32]]

WAYS = ("dense", "lexical")


@dataclass(frozen=True, slots=True)
class Scored:
    """One passage with its cosine to the query (`dense`) and its BM25 score (`lexical`, 0 without a shared word)."""

    passage: Passage
    dense: float
    lexical: float


def rules() -> str:
    """Return the hash of the code that makes passages, vectors and words; a store made by other code is not searched."""
    here = Path(__file__).parent
    return fingerprint.of_files([here / f"{name}.py" for name in ("passages", "lexical", "vectors")])


def fuse(
    rankings: Mapping[str, Sequence[int]], k: int, weights: Mapping[str, float] = EVERYWHERE
) -> list[tuple[int, float, dict[str, int]]]:
    """Return the `k` best rows of rankings (best first) with their fused score and their rank in each.

    A row's score is the sum of weight / (60 + rank), the weight being 1 unless given; of equal rows the one with the
    better single rank wins, then the lower.
    """
    ranks: dict[int, dict[str, int]] = {}
    for name, rows in rankings.items():
        for rank, row in enumerate(rows, start=1):
            ranks.setdefault(row, {}).setdefault(name, rank)
    scored = [
        (row, sum(weights.get(name, 1.0) / (RRF + rank) for name, rank in found.items()), found)
        for row, found in ranks.items()
    ]
    scored.sort(key=lambda item: (-item[1], min(item[2].values()), item[0]))
    return scored[: max(k, 0)]


class Retriever:
    """Searches one store. What it needs is loaded with the first search.

    Raise StoreError if the store was made with another embedder or other rules for passages.
    """

    def __init__(self, store: Store, encoder: Encoder | None = None) -> None:
        self.store = store
        self.encoder = encoder or MiniLM()
        self._read: dict[str, tuple[Passage, ...]] = {}
        self._common: dict[str, bool] = {}
        # An answer asks for the same question's vector several times, one after the other.
        self._latest: tuple[str, Vectors] | None = None
        why = mismatch(store, self.encoder)
        if why:
            raise StoreError(f"the store is out of date: {why}; bring it up to date with: {MEND}")

    @cached_property
    def _dense(self) -> DenseIndex:
        found = DenseIndex(self.store.path / VECTORS)
        if (len(found), found.dimension) != (len(self), self.store.manifest.embedder.dimension):
            raise StoreError(f"{self.store.path / VECTORS} does not fit the passages; mend the store with: {MEND}")
        return found

    @cached_property
    def _lexical(self) -> LexicalIndex:
        found = LexicalIndex(self.store.path / lexical.FOLDER)
        if len(found) != len(self):
            raise StoreError(f"{self.store.path}/{lexical.FOLDER} does not fit the passages; mend it with: {MEND}")
        return found

    @cached_property
    def _starts(self) -> tuple[list[str], list[int]]:
        """Return the documents and the row at which each one's passages begin."""
        table = self.store.manifest.tables[PASSAGES]
        return list(table), [part.first - 1 for part in table.values()]

    def __len__(self) -> int:
        return self.store.manifest.counts["passages"]

    def warm(self) -> None:
        """Load everything that a search needs, so that the first user of a server does not wait."""
        self.search("warm", 1)

    def passage(self, row: int) -> Passage:
        """Return the passage of a row.

        Raise IndexError if there is none.
        """
        if not 0 <= row < len(self):
            raise IndexError(row)
        ids, starts = self._starts
        at = bisect_right(starts, row) - 1
        return self.passages(ids[at])[row - starts[at]]

    def passages(self, document: str) -> tuple[Passage, ...]:
        """Return the passages of a document in text order.

        Raise UnknownDocument if it is not on file.
        """
        if document not in self._read:
            self._read[document] = self.store.lines(PASSAGES, document, parse_passage)
        return self._read[document]

    def search(
        self, query: str, k: int, documents: Sequence[str] | None = None, ways: Sequence[str] = WAYS
    ) -> tuple[Hit, ...]:
        """Return the `k` best passages of all documents, or of those given, best first; `ways` are the rankings that count.

        Raise UnknownDocument if one of them is not on file. A query without a word or number finds nothing.
        """
        if k <= 0 or not any(map(str.isalnum, query)):
            return ()
        pools = self.pools(query, self.vector(query), max(_POOL, 4 * k), documents)
        rankings = {name: pools[name][0].tolist() for name in ways}
        weights = EVERYWHERE if documents is None else WITHIN
        return tuple(Hit(self.passage(row), score, ranks) for row, score, ranks in fuse(rankings, k, weights))

    def pools(self, query: str, vector: Vectors, size: int, documents: Sequence[str] | None) -> dict[str, Pool]:
        """Return for each way of searching the rows of the best `size` passages, best first, and their scores."""
        words = self._lexical.scores(query)
        if documents is None:
            near, cosines = self._dense.search(vector, size)
            shared = np.flatnonzero(words)
        else:
            rows = self._rows(documents)
            scores = self._dense.scores(vector, rows)
            order = np.lexsort((rows, -scores))[:size]
            near, cosines = rows[order], scores[order]
            shared = rows[words[rows] > 0]
        found = _best(shared, words[shared], size)
        return {"dense": (near, cosines), "lexical": (found, words[found])}

    def common(self, word: str) -> bool:
        """Return True if more documents than a few hold a word, or if it is one that is not looked for at all."""
        if word not in self._common:
            held = np.flatnonzero(self._lexical.scores(word))
            self._common[word] = len(
                set(np.searchsorted(self._starts[1], held, side="right").tolist())
            ) > _COMMON or not lexical.tokens(word)
        return self._common[word]

    def scores(self, query: str, documents: Sequence[str]) -> tuple[Scored, ...]:
        """Return every passage of the documents, in text order, with its dense and lexical score.

        Raise UnknownDocument if one of them is not on file.
        """
        return self.scored(query, self.vector(query), documents)

    def scored(self, query: str, vector: Vectors, documents: Sequence[str]) -> tuple[Scored, ...]:
        """Return what `scores` does, for a query whose vector is known. Raise as it does."""
        rows = self._rows(documents)
        dense = self._dense.scores(vector, rows)
        words = self._lexical.scores(query)[rows]
        return tuple(
            Scored(self.passage(row), float(near), float(shared))
            for row, near, shared in zip(rows.tolist(), dense, words, strict=True)
        )

    def vector(self, query: str) -> Vectors:
        """Return the vector of a query."""
        latest = self._latest
        if latest is None or latest[0] != query:
            self._latest = latest = (query, self.encoder.encode(query))
        return latest[1]

    def _rows(self, documents: Sequence[str]) -> Rows:
        table = self.store.manifest.tables[PASSAGES]
        ids = sorted({self.store.resolve(id) for id in documents})
        parts = [table[id] for id in ids]
        return np.concatenate(
            [np.zeros(0, np.int64), *(np.arange(part.first - 1, part.first - 1 + part.lines) for part in parts)]
        )


def _best(rows: Rows, scores: npt.NDArray[np.float32], count: int) -> Rows:
    """Return the `count` rows of the highest scores, best first; equal ones in row order."""
    found: Rows = rows[np.lexsort((rows, -scores))][:count]
    return found


def mismatch(store: Store, encoder: Encoder) -> str:
    """Return why the store cannot be searched with the encoder and this program; empty if it can."""
    made, now = store.manifest.embedder, encoder.identity
    if made != now:
        return (
            f"it was made with the embedder {made.name} ({made.dimension} dimensions, {made.sha256[:8]}), this program "
            f"has {now.name} ({now.dimension}, {now.sha256[:8]})"
        )
    if store.manifest.passages != rules():
        return "passages are made differently now"
    return ""
