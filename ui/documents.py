"""Documents that readers bring along: put on the shelf of a conversation or into a library, and read beside the common texts.

A pipeline over somebody's documents is opened when it is first asked for and kept for as long as nothing of it changes.
"""

import re
import tempfile
import threading
from collections import OrderedDict
from collections.abc import Mapping
from dataclasses import dataclass, replace
from pathlib import Path
from typing import TYPE_CHECKING, Any

from corpus.errors import ClausewiseError, InputError
from corpus.extracted import Extracted
from corpus.ingest import Progress
from corpus.records import Record
from corpus.store import Store
from rag import index, known, shelf
from rag.builder import MUCH
from rag.layered import LayeredPipeline
from rag.shelf import Shelf, State, Upload
from ui.identification import identified
from ui.opened import Opened

if TYPE_CHECKING:
    from rag.pipeline import Pipeline

# A license says so near its beginning; what is shorter or longer than any license is not held against all of them.
_LICENSE_LIKE = re.compile(r"\blicen[cs]e|\bcopyright\b|\bpermission\b", re.IGNORECASE)
_BEGINNING, _LONGEST_LICENSE = 4_000, 150_000
_KEPT = 16  # pipelines that are ready
Place = tuple[str, str]  # a conversation, and whose it is


@dataclass(frozen=True, slots=True)
class Taken:
    """A document that was put on a shelf: what the store knows of it, its clauses, and which license it is, if it is one.

    `identified` is what `clausewise identify --json` says, None where nothing asks for it; `remarks` tell what was left out.
    """

    record: Record
    clauses: int
    identified: Mapping[str, Any] | None
    remarks: tuple[str, ...]


class Documents:
    """The documents of all readers of a server, over its common texts."""

    def __init__(self, opened: Opened) -> None:
        self.home = opened.home
        self._opened = opened
        self._ready: OrderedDict[tuple[object, ...], Pipeline] = OrderedDict()
        self._lock = threading.Lock()

    def pipeline(self, place: Place) -> "Pipeline":
        """Return the pipeline of a conversation: the common texts, its owner's library, and the documents of its own.

        Raise InputError if the conversation is somebody else's, StoreError if a store cannot be used.
        """
        return self._over([_library(self.home, place[1]), shelf.of_conversation(self.home, *place)])

    def reading(self, id: str, owner: str) -> "Pipeline":
        """Return a pipeline over the common texts and the shelf on which its owner's document of that id is, for the viewer.

        Raise StoreError if a store cannot be used.
        """
        found = shelf.holding(self.home, id, owner)
        return self._over([found] if found else [])

    def folder(self, id: str, owner: str) -> Path:
        """Return the home folder, or the shelf of its owner's on which the document of that id is: its original is below it."""
        found = shelf.holding(self.home, id, owner)
        return found.folder if found else self.home

    def expect(self, upload: Extracted) -> None:
        """Begin to load what a long document will need, before it is sent. Raise StoreError without a store."""
        if len(upload.text) > MUCH:
            self._opened.pipeline().retriever.encoder.prepare()

    def put(self, place: Place, upload: Upload, progress: Progress) -> Taken:
        """Put a file on the shelf of a conversation, and say what it is.

        Raise InputError if the conversation is full or somebody else's, StoreBusy or StoreError if it cannot be kept.
        """
        base = self._opened.pipeline()
        at = shelf.of_conversation(self.home, *place)
        id = shelf.put(at, upload, base.retriever.encoder, progress)
        on_shelf = self._store(at)
        record = on_shelf.records[id]
        progress("comparing", 0, 1)
        found = self._identified(upload)
        if found and found["matches"][0]["how"] == "exact":
            now = shelf.state(at)
            shelf.keep_state(at, replace(now, same={**now.same, id: found["matches"][0]["id"]}))
        return Taken(record, len(on_shelf.clauses(id)), found, upload.extracted.problems)

    def adopt(self, place: Place, id: str, progress: Progress) -> str:
        """Add a document of a conversation to its owner's library and return its id there.

        Raise InputError if it is not there, StoreBusy or StoreError if it cannot be kept.
        """
        owner = place[1]
        at = shelf.of_conversation(self.home, *place)
        encoder = self._opened.pipeline().retriever.encoder
        upload = shelf.upload_of(at, id, self._store(at))
        if owner:
            return shelf.put(shelf.of_user(self.home, owner), upload, encoder, progress)
        # Whose machine it is has the common store for a library: the command line answers from it as well.
        with tempfile.TemporaryDirectory() as folder:
            path = Path(folder, upload.name)
            path.write_bytes(upload.data)
            return index.add(self.home, [path], progress=progress, encoder=encoder).added[0].id

    def remove(self, place: Place, id: str) -> None:
        """Remove a document from a conversation for good. Raise InputError if it is not there, StoreError if that fails."""
        at = shelf.of_conversation(self.home, *place)
        shelf.take(at, id, self._opened.pipeline().retriever.encoder)

    def ids(self, place: Place) -> frozenset[str]:
        """Return the ids of a conversation's documents. Raise InputError if it is somebody else's."""
        return shelf.ids(shelf.of_conversation(self.home, *place))

    def alone(self, place: Place, alone: bool) -> None:
        """Let questions read the conversation's documents alone, or beside the licenses that they name. Raise as `put` does."""
        at = shelf.of_conversation(self.home, *place)
        shelf.keep_state(at, replace(shelf.state(at), alone=alone))

    def _over(self, shelves: "list[Shelf | None]") -> "Pipeline":
        base = self._opened.pipeline()
        layers: list[Store] = []
        read: list[str] = []
        alone = False
        for each in shelves:
            found = shelf.store(each, lambda: base.retriever.encoder) if each else None
            if each is None or found is None:
                continue
            layers.append(found)
            if each.folder.parent.name == shelf.CONVERSATIONS:
                now = shelf.state(each)
                read += [_on_file(now, record, base) for record in found.records.values()]
                alone = now.alone
        if not layers:
            return base
        key = (base.store.path, *(layer.path for layer in layers), *read, alone)
        with self._lock:
            for old in [each for each in self._ready if each[0] != key[0]]:
                del self._ready[old]  # the common texts are others now
            if key not in self._ready:
                self._ready[key] = LayeredPipeline(base, layers, tuple(dict.fromkeys(read)), alone)
            self._ready.move_to_end(key)
            while len(self._ready) > _KEPT:
                self._ready.popitem(last=False)
            return self._ready[key]

    def _store(self, at: Shelf) -> Store:
        found = shelf.store(at, lambda: self._opened.pipeline().retriever.encoder)
        if found is None:
            raise InputError("that document is not in this conversation any more")
        return found

    def _identified(self, upload: Upload) -> Mapping[str, Any] | None:
        """Return which known license a text is, None if it does not look like one, or none at all is near it."""
        text = upload.extracted.text
        if len(text) > _LONGEST_LICENSE or not _LICENSE_LIKE.search(text[:_BEGINNING]):
            return None
        try:
            found = identified(upload.name, text, known.load(self.home))
        except ClausewiseError:
            return None  # the document is taken in all the same
        return found if found["result"] == "known" else None


def _library(home: Path, owner: str) -> Shelf | None:
    return shelf.of_user(home, owner) if owner else None


def _on_file(now: State, record: Record, base: "Pipeline") -> str:
    """Return what is read for a document of a conversation: itself, or the common text that it is word for word."""
    known = now.same.get(record.id, "")
    if known in base.store.records:
        return known
    same = (id for id, other in base.store.records.items() if other.origin.sha256 == record.origin.sha256)
    return next(same, record.id)
