"""The store that answers are read from: texts, clauses and terms of all documents, read when they are asked for.

`home/store/current` names the folder of the build that serves; a new build stands beside it until it is whole. What a
document needs is read when it is needed, so that opening costs milliseconds.
"""

from collections.abc import Callable, Iterator, Mapping
from functools import cached_property
from pathlib import Path
from typing import TypeVar

from corpus import fingerprint, manifest, scancode
from corpus.catalog import load
from corpus.errors import StoreError, UnknownDocument
from corpus.manifest import Manifest
from corpus.records import MEND, Record, decode, parse_clause, parse_record, parse_term, sha256
from corpus.types import Clause, Document, Term

T = TypeVar("T")
DOCUMENTS, CLAUSES, TERMS = "documents.jsonl", "clauses.jsonl", "terms.jsonl"


class Store:
    """One build, read only. All methods raise StoreError, naming file and line, where the store is damaged."""

    def __init__(self, path: Path, content: Manifest) -> None:
        self.path = path
        self.manifest = content
        self._clauses: dict[str, tuple[Clause, ...]] = {}
        self._terms: dict[str, tuple[Term, ...]] = {}
        self.documents: Mapping[str, Document] = _Documents(self)

    @classmethod
    def open(cls, home: Path) -> "Store":
        """Return the store of a data folder.

        Raise StoreError if there is none, if it is damaged, or if it was made by other rules, another ScanCode or
        another catalog than this program has.
        """
        store = cls.peek(home)
        why = stale(store.manifest)
        if why:
            raise StoreError(f"the store in {home} is out of date: {why}; bring it up to date with: {MEND}")
        return store

    @classmethod
    def peek(cls, home: Path) -> "Store":
        """Return the store even if it was made by other rules.

        Raise StoreError if there is none, or if a file is missing or cut off.
        """
        folder = manifest.current(home)
        content = manifest.read(folder)
        for name, mark in content.files.items():
            # The texts are many; each is checked against its hash when it is read.
            if not name.startswith("texts/"):
                _check_size(folder / name, mark.size)
        return cls(folder, content)

    @cached_property
    def records(self) -> Mapping[str, Record]:
        """Return title, kind, version and origin of each document by id, without reading its text."""
        rows = decode(_read(self.path / DOCUMENTS), parse_record, DOCUMENTS)
        return {record.id: record for record in rows}

    def resolve(self, id: str) -> str:
        """Return the id of the document that `id` or its alias names.

        Raise UnknownDocument if there is none.
        """
        found = self.manifest.aliases.get(id, id)
        if found not in self.records:
            raise UnknownDocument(f"no document {id!r} is on file; list them with: clausewise index status")
        return found

    def clauses(self, id: str) -> tuple[Clause, ...]:
        """Return the clauses of a document in text order.

        Raise UnknownDocument if it is not on file.
        """
        if id not in self._clauses:
            self._clauses[id] = self.lines(CLAUSES, id, parse_clause)
        return self._clauses[id]

    def clause(self, clause_id: str) -> Clause:
        """Return the clause of that id.

        Raise UnknownDocument if there is none.
        """
        for clause in self.clauses(clause_id.partition("#")[0]):
            if clause.id == clause_id:
                return clause
        raise UnknownDocument(f"no clause {clause_id!r} is on file")

    def terms(self, id: str) -> tuple[Term, ...]:
        """Return the terms of a document in text order.

        Raise UnknownDocument if it is not on file.
        """
        if id not in self._terms:
            self._terms[id] = self.lines(TERMS, id, parse_term)
        return self._terms[id]

    def lines(self, name: str, id: str, parse: Callable[[dict[str, object]], T]) -> tuple[T, ...]:
        """Return what `parse` makes of the lines of a document in the JSONL file `name`.

        Raise UnknownDocument if the document is not on file.
        """
        part = self.manifest.tables[name].get(id)
        if part is None:
            raise UnknownDocument(f"no document {id!r} is on file; list them with: clausewise index status")
        return decode(self.raw(name, id), parse, f"{self.path / name}", part.first)

    def raw(self, name: str, id: str) -> bytes:
        """Return the lines of a document in a JSONL file as they are; empty if it has none."""
        part = self.manifest.tables[name].get(id)
        if part is None or not part.length:
            return b""
        return _read(self.path / name, part.offset, part.length)

    def text(self, id: str) -> str:
        """Return the text of a document, checked against its hash.

        Raise UnknownDocument if it is not on file.
        """
        record = self.records[self.resolve(id)]
        data = _read(self.path / "texts" / f"{record.id}.txt")
        if sha256(data) != record.origin.sha256:
            raise StoreError(f"{self.path}/texts/{record.id}.txt is damaged; mend it with: {MEND}")
        return data.decode("utf-8")

    def outdated(self) -> bool:
        """Return True if a newer build has taken this one's place; a server then opens the store again."""
        try:
            return manifest.current(self.path.parent.parent) != self.path
        except StoreError:
            return True


class _Documents(Mapping[str, Document]):
    """The documents of a store by id; a text is read when its document is first asked for."""

    def __init__(self, store: Store) -> None:
        self._store = store
        self._read: dict[str, Document] = {}

    def __getitem__(self, id: str) -> Document:
        if id not in self._read:
            self._read[id] = document(self._store.records[id], self._store.text(id))
        return self._read[id]

    def __contains__(self, id: object) -> bool:
        return id in self._store.records

    def __iter__(self) -> Iterator[str]:
        return iter(self._store.records)

    def __len__(self) -> int:
        return len(self._store.records)


def document(record: Record, text: str) -> Document:
    """Return the document of a record and its text."""
    return Document(
        record.id, record.title, record.kind, text, record.version, record.license, record.origin, record.pages
    )


def stale(content: Manifest) -> str:
    """Return why a store does not match this program's rules, catalog and texts; empty if it does."""
    if content.rules != fingerprint.rules():
        return "the rules that read the texts have changed"
    if content.scancode != scancode.version():
        return f"it was made from ScanCode {content.scancode}, installed is {scancode.version()}"
    if content.catalog is not None and content.catalog != fingerprint.of_catalog(load()):
        return "the catalog has changed"
    return ""


def _read(path: Path, offset: int = 0, length: int = -1) -> bytes:
    try:
        with path.open("rb") as file:
            file.seek(offset)
            return file.read(length)
    except OSError as error:
        raise StoreError(f"{path} cannot be read ({error.strerror}); mend the store with: {MEND}") from error


def _check_size(path: Path, size: int) -> None:
    try:
        found = path.stat().st_size
    except OSError as error:
        raise StoreError(f"{path} cannot be read ({error.strerror}); mend the store with: {MEND}") from error
    if found != size:
        raise StoreError(f"{path} is damaged ({found} bytes, not {size}); mend the store with: {MEND}")
