"""The documents of one conversation, or of one user: a store of their own below the home folder, read by nobody else.

A conversation's stands in `conversations/THREAD`, and goes when the conversation is deleted. Its ids end in a number made of
the conversation's, so that a link to one of them leads to the right shelf, and no id of the common texts is ever taken.
"""

import json
import re
import uuid
from collections.abc import Callable, Mapping
from contextlib import suppress
from dataclasses import dataclass, field, replace
from hashlib import sha256 as hashed
from pathlib import Path
from types import MappingProxyType

from corpus import atomic, library
from corpus.catalog import Catalog
from corpus.errors import DataError, InputError, StoreError
from corpus.extracted import Extracted
from corpus.ingest import Progress
from corpus.manifest import CURRENT
from corpus.records import sha256
from corpus.store import Store, stale
from rag.builder import Parts, make
from rag.embed import Encoder
from rag.retrieve import mismatch

CONVERSATIONS, LIBRARIES = "conversations", "libraries"
MOST = 10  # documents of a conversation: each is read with every question
_STATE = "shelf.json"
_LONGEST = 150
_ID = re.compile(r".+-(\d{10})(?:-\d+)?")
_NO_TEXTS = Catalog({}, {})
_UNKNOWN = "no such conversation is kept here, or it was deleted; start a new one"


@dataclass(frozen=True, slots=True)
class Shelf:
    """Where the documents of a conversation or a user are: the folder, whose they are, and the number that ends their ids."""

    folder: Path
    owner: str
    number: str
    most: int = MOST


@dataclass(frozen=True, slots=True)
class State:
    """What is known of a shelf beside its documents: `alone` if questions read nothing else, and which of them are, word for
    word, texts that everybody has (`same`)."""

    alone: bool = False
    same: Mapping[str, str] = field(default_factory=lambda: MappingProxyType({}))


@dataclass(frozen=True, slots=True)
class Upload:
    """A file that was read: its former name, its bytes, and what it says."""

    name: str
    data: bytes
    extracted: Extracted


def of_conversation(home: Path, thread: str, owner: str) -> Shelf:
    """Return the shelf of a conversation.

    Raise InputError if its name is no UUID, or if it is somebody else's (the same words: nobody learns of another's).
    """
    shelf = Shelf(home / CONVERSATIONS / _uuid(thread), owner, f"{int(thread[:8], 16):010d}")
    state(shelf)
    return shelf


def of_user(home: Path, owner: str) -> Shelf:
    """Return the shelf of a user's library. Raise InputError if it is somebody else's."""
    digest = hashed(owner.encode()).hexdigest()
    shelf = Shelf(home / LIBRARIES / digest[:32], owner, f"{int(digest[:8], 16):010d}", most=100 * MOST)
    state(shelf)
    return shelf


def holding(home: Path, id: str, owner: str) -> Shelf | None:
    """Return the shelf on which a user's document of that id is, None if the user has none."""
    found = _ID.fullmatch(id)
    if found is None or int(found[1]) >= 2**32:
        return None
    threads = sorted((home / CONVERSATIONS).glob(f"{int(found[1]):08x}-*"))
    shelves = [of_user(home, owner)]
    for folder in threads:
        with suppress(InputError):  # somebody else's
            shelves.append(of_conversation(home, folder.name, owner))
    return next((each for each in shelves if id in ids(each)), None)


def store(shelf: Shelf, model: Callable[[], Encoder]) -> Store | None:
    """Return the documents of a shelf, read anew if other rules or another model read them before; None without any.

    Raise StoreError if that cannot be written.
    """
    if not (shelf.folder / "store" / CURRENT).exists():
        return None
    encoder = model()
    try:
        found = Store.peek(shelf.folder)
        why = stale(found.manifest) or mismatch(found, encoder)
    except StoreError:
        why = "it is damaged"
    if why:
        with atomic.lock(shelf.folder / "store"):
            make(shelf.folder, False, _parts(encoder))
        found = Store.peek(shelf.folder)
    return found


def put(shelf: Shelf, upload: Upload, encoder: Encoder, progress: Progress) -> str:
    """Add a file to a shelf, whole or not at all, and return the id of its document; a file that is there keeps its id.

    Raise InputError if the shelf is full or somebody else's, StoreBusy or StoreError if it cannot be written.
    """
    digest = sha256(upload.data)
    now = state(shelf)
    with atomic.lock(shelf.folder / "store"):
        for folder in (shelf.folder / "store", library.folder(shelf.folder)):
            atomic.sweep(folder)
        there = library.originals(shelf.folder)
        for original in there:
            if original.sha256 == digest:
                return original.id
        if len(there) >= shelf.most:
            raise InputError(f"there are {len(there)} documents already: remove one, or begin a new conversation")
        keep_state(shelf, now)
        path = Path(upload.name)
        plain = library.new_id(path, ())[:_LONGEST].rstrip("-.")
        id = library.free_id(f"{plain}-{shelf.number}", {original.id for original in there})
        library.keep(shelf.folder, id, path, upload.data)
        whole = False
        try:
            make(shelf.folder, False, replace(_parts(encoder, progress), read={digest: upload.extracted}))
            whole = True
        finally:
            if not whole:
                library.set_aside(shelf.folder, id)
                atomic.sweep(library.folder(shelf.folder))
    # Another name of a text that is there leads to that.
    return Store.peek(shelf.folder).resolve(id)


def take(shelf: Shelf, id: str, encoder: Encoder) -> None:
    """Remove a document from a shelf for good. Raise InputError if it is not there, StoreBusy or StoreError as `put` does."""
    with atomic.lock(shelf.folder / "store"):
        there = [original.id for original in library.originals(shelf.folder)]
        if id not in there:
            raise InputError("that document is not in this conversation any more")
        if there == [id]:
            # Without a document there is no store.
            atomic.remove(shelf.folder / "store" / CURRENT)
            library.set_aside(shelf.folder, id)
        else:
            library.set_aside(shelf.folder, id)
            make(shelf.folder, False, _parts(encoder))
        for folder in (shelf.folder / "store", library.folder(shelf.folder)):
            atomic.sweep(folder)
        _drop_builds(shelf.folder / "store")


def ids(shelf: Shelf) -> frozenset[str]:
    """Return the ids of the documents of a shelf."""
    return frozenset(original.id for original in library.originals(shelf.folder))


def upload_of(shelf: Shelf, id: str, found: Store) -> Upload:
    """Return a document of a shelf as it was put there. Raise InputError if it is not there."""
    for original in library.originals(shelf.folder):
        if original.id == id:
            document = found.documents[id]
            path = library.path_of(shelf.folder, original)
            with atomic.guarded(path):
                data = path.read_bytes()
            return Upload(original.name, data, Extracted(document.text, document.title, document.pages, ""))
    raise InputError("that document is not in this conversation any more")


def state(shelf: Shelf) -> State:
    """Return what is known of a shelf.

    Raise InputError if it is somebody else's, DataError if what is known is damaged.
    """
    path = shelf.folder / _STATE
    try:
        row = json.loads(path.read_bytes())
        if row["owner"] != shelf.owner:
            raise InputError(_UNKNOWN)
        return State(bool(row["alone"]), {str(id): str(known) for id, known in dict(row["same"]).items()})
    except FileNotFoundError:
        return State()
    except (OSError, ValueError, KeyError, TypeError):
        raise DataError(f"{path} is damaged: begin a new conversation and attach the documents again") from None


def keep_state(shelf: Shelf, now: State) -> None:
    """Keep what is known of a shelf. Raise StoreError if it cannot be written."""
    atomic.make_folder(shelf.folder)
    row = {"owner": shelf.owner, "alone": now.alone, "same": dict(now.same)}
    atomic.replace(shelf.folder / _STATE, json.dumps(row, ensure_ascii=False).encode())


def forget(home: Path, thread: str) -> None:
    """Remove all documents of a conversation. Raise InputError if its name is no UUID, StoreError if one stays."""
    atomic.delete(home / CONVERSATIONS / _uuid(thread))


def forget_user(home: Path, owner: str) -> None:
    """Remove the documents of a user: the library, and what stands in conversations that no database knows any more.

    Raise StoreError if one stays.
    """
    atomic.delete(of_user(home, owner).folder)
    for folder in (home / CONVERSATIONS).glob("*"):
        if _owner(folder) == owner:
            atomic.delete(folder)


def _owner(folder: Path) -> str | None:
    """Return whose a shelf is, None where nothing says so."""
    try:
        return str(json.loads((folder / _STATE).read_bytes())["owner"])
    except (OSError, ValueError, KeyError, TypeError):
        return None


def _uuid(thread: str) -> str:
    try:
        if str(uuid.UUID(thread)) == thread:
            return thread
    except ValueError:
        pass
    raise InputError(_UNKNOWN)


def _parts(encoder: Encoder, progress: Progress = lambda stage, done, total: None) -> Parts:
    return Parts(_NO_TEXTS, encoder, progress, own_catalog=True)


def _drop_builds(folder: Path) -> None:
    """Remove all builds but the one that serves: the one before still holds the words of what was taken away."""
    try:
        serving = (folder / CURRENT).read_text(encoding="utf-8").strip()
    except OSError:
        serving = ""
    for path in folder.iterdir():
        if path.is_dir() and path.name != serving:
            atomic.remove(path)
