"""Questions over somebody's own documents beside the licenses: a pipeline on an overlay of stores, and its retriever."""

from collections.abc import Sequence
from dataclasses import replace

import numpy as np

from corpus.errors import UnknownDocument
from corpus.overlay import Overlay
from corpus.store import Store
from rag.embed import Vectors
from rag.pipeline import Pipeline
from rag.question import Question
from rag.retrieve import Pool, Retriever, Scored
from rag.route import Route
from rag.types import Passage, Request


class LayeredRetriever(Retriever):
    """Searches several stores as one. Cosines compare as they are; BM25 weighs words by each store's own passages."""

    def __init__(self, base: Retriever, layers: Sequence[Store]) -> None:
        super().__init__(base.store, base.encoder)
        self._parts = (base, *(Retriever(store, base.encoder) for store in layers))
        self._over = Overlay(base.store, layers)
        self._firsts = np.cumsum([0, *map(len, self._parts)]).tolist()

    def __len__(self) -> int:
        return int(self._firsts[-1])

    def passage(self, row: int) -> Passage:
        """Return the passage of a row. Raise IndexError if there is none."""
        if not 0 <= row < len(self):
            raise IndexError(row)
        at = int(np.searchsorted(self._firsts, row, side="right")) - 1
        return self._parts[at].passage(row - self._firsts[at])

    def passages(self, document: str) -> tuple[Passage, ...]:
        """Return the passages of a document in text order. Raise UnknownDocument if it is not on file."""
        return self._parts[self._over.holder(document)].passages(document)

    def vector(self, query: str) -> Vectors:
        """Return the vector of a query."""
        return self._parts[0].vector(query)

    def pools(self, query: str, vector: Vectors, size: int, documents: Sequence[str] | None) -> dict[str, Pool]:
        """Return for each way of searching the rows of the best `size` passages of all stores, and their scores."""
        found: dict[str, list[Pool]] = {}
        for part, first, ids in zip(self._parts, self._firsts, self._shared_out(documents), strict=False):
            if ids is None or ids:
                for way, (rows, scores) in part.pools(query, vector, size, ids).items():
                    found.setdefault(way, []).append((rows + first, scores))
        return {way: _merged(pools, size) for way, pools in found.items()}

    def scored(self, query: str, vector: Vectors, documents: Sequence[str]) -> tuple[Scored, ...]:
        """Return every passage of the documents, store by store in text order. Raise UnknownDocument as `scores` does."""
        shares = zip(self._parts, self._shared_out(documents), strict=True)
        return tuple(one for part, ids in shares if ids for one in part.scored(query, vector, ids))

    def common(self, word: str) -> bool:
        """Return True if more of the texts that everybody has than a few hold a word."""
        return self._parts[0].common(word)

    def _shared_out(self, documents: Sequence[str] | None) -> list[list[str] | None]:
        if documents is None:
            return [None] * len(self._parts)
        shares: list[list[str] | None] = [[] for _ in self._parts]
        for id in map(self._over.resolve, documents):
            share = shares[self._over.holder(id)]
            if share is not None:
                share.append(id)
        return shares


def _merged(pools: Sequence[Pool], size: int) -> Pool:
    rows, scores = (np.concatenate(part) for part in zip(*pools, strict=True))
    order = np.lexsort((rows, -scores))[:size]
    return rows[order], scores[order]


class LayeredPipeline(Pipeline):
    """Answers questions over `base` with the documents of `layers` beside its texts.

    The documents `read` are read with every question that fixes none itself; `alone`, nothing else is.
    """

    def __init__(self, base: Pipeline, layers: Sequence[Store], read: Sequence[str] = (), alone: bool = False) -> None:
        store = Overlay(base.store, layers)
        for id in read:
            if id not in store.records:
                raise UnknownDocument(f"no document {id!r} is on file")
        super().__init__(store, base.catalog, base.registry, LayeredRetriever(base.retriever, layers))
        self.writer, self.metrics, self.routed = base.writer, base.metrics, base.routed
        self._read, self._alone = tuple(read), alone
        own, shared, known = self._sheet, base._sheet, base.store.records
        self._sheet = lambda document: shared(document) if document in known else own(document)  # type: ignore[assignment]

    def _route(self, request: Request, question: Question) -> Route:
        if request.documents or not self._read:
            return super()._route(request, question)
        if self._alone and not request.licenses:
            return Route((), {}, own=self._read)
        way = super()._route(request, question)
        read = [id for id in self._read if id not in way.documents]
        return replace(way, own=(*way.own, *read))
