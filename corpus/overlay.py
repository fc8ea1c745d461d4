"""Some stores read as one: the texts that everybody has, and over them the documents of one reader.

The store below is never changed, and an id of its texts is never taken by another text.
"""

from collections import ChainMap
from collections.abc import Callable, Mapping, Sequence
from functools import cached_property
from typing import TypeVar, cast

from corpus.errors import UnknownDocument
from corpus.records import Record
from corpus.store import Store
from corpus.types import Clause, Document, Term

T = TypeVar("T")


class Overlay(Store):
    """A store with the documents of others over it. All methods raise as a store's do."""

    def __init__(self, base: Store, layers: Sequence[Store]) -> None:
        super().__init__(base.path, base.manifest)
        self.stores = (base, *layers)
        merged = ChainMap(*(cast(dict[str, Document], store.documents) for store in self.stores))
        self.documents: Mapping[str, Document] = merged

    @cached_property
    def records(self) -> Mapping[str, Record]:
        """Return what is known of each document by id."""
        return {id: record for store in reversed(self.stores) for id, record in store.records.items()}

    def holder(self, id: str) -> int:
        """Return the place, among `stores`, of the one that holds a document.

        Raise UnknownDocument if none does.
        """
        for number, store in enumerate(self.stores):
            if id in store.records:
                return number
        raise UnknownDocument(f"no document {id!r} is on file; list them with: clausewise index status")

    def resolve(self, id: str) -> str:
        """Return the id of the document that `id` or its alias names."""
        for store in self.stores:
            if store.manifest.aliases.get(id, id) in store.records:
                return store.resolve(id)
        return super().resolve(id)

    def clauses(self, id: str) -> tuple[Clause, ...]:
        """Return the clauses of a document in text order."""
        return self.stores[self.holder(id)].clauses(id)

    def terms(self, id: str) -> tuple[Term, ...]:
        """Return the terms of a document in text order."""
        return self.stores[self.holder(id)].terms(id)

    def lines(self, name: str, id: str, parse: Callable[[dict[str, object]], T]) -> tuple[T, ...]:
        """Return what `parse` makes of the lines of a document in the JSONL file `name`."""
        return self.stores[self.holder(id)].lines(name, id, parse)

    def raw(self, name: str, id: str) -> bytes:
        """Return the lines of a document in a JSONL file as they are."""
        return self.stores[self.holder(id)].raw(name, id)

    def text(self, id: str) -> str:
        """Return the text of a document, checked against its hash."""
        found = self.resolve(id)
        return self.stores[self.holder(found)].text(found)
