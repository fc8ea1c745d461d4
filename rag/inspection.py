"""A look at the store: what is in it, and whether every part of it is what it should be."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path

from corpus import catalog, library, manifest
from corpus.catalog import Catalog
from corpus.errors import StoreError
from corpus.manifest import Embedder
from corpus.records import Record, sha256
from corpus.store import Store, stale
from corpus.types import Clause
from rag import lexical, retrieve
from rag.dense import DenseIndex
from rag.embed import Encoder, MiniLM
from rag.lexical import LexicalIndex
from rag.passages import parse_passage
from rag.retrieve import PASSAGES, VECTORS


@dataclass(frozen=True, slots=True)
class Status:
    """What stands in the store. `stale` says why it must be built again (empty if it need not).

    `user` are the documents that the user added; `pending` the names of added files that are not in the store.
    """

    path: Path
    build: str
    created: str
    product: str
    scancode: str
    only_scancode: bool
    schema: int
    embedder: Embedder
    counts: Mapping[str, int]
    bytes: int
    sizes: Mapping[str, int]
    aliases: Mapping[str, str]
    user: tuple[Record, ...]
    pending: tuple[str, ...]
    stale: str
    problems: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Verification:
    """What was checked, and one line for each thing that is not as it should be."""

    checked: Mapping[str, int]
    problems: tuple[str, ...]


def status(home: Path, encoder: Encoder | None = None) -> Status:
    """Return what stands in the store of a data folder, also if it is out of date.

    Raise StoreError if there is none or it is damaged.
    """
    store = Store.peek(home)
    content = store.manifest
    sizes: dict[str, int] = {}
    for name, mark in content.files.items():
        part = name.partition("/")[0]
        sizes[part] = sizes.get(part, 0) + mark.size
    return Status(
        path=store.path,
        build=content.build,
        created=content.created,
        product=content.product,
        scancode=content.scancode,
        only_scancode=content.only_scancode,
        schema=content.schema,
        embedder=content.embedder,
        counts=content.counts,
        bytes=sum(sizes.values()),
        sizes=sizes,
        aliases=content.aliases,
        user=tuple(record for record in store.records.values() if record.file),
        pending=_pending(home, store),
        stale=stale(content) or retrieve.mismatch(store, encoder or MiniLM()),
        problems=content.problems,
    )


def verify(home: Path, encoder: Encoder | None = None, listed: Catalog | None = None) -> Verification:
    """Check hashes, offsets and counts of the whole store, the user's originals, and the catalog against the texts.

    Raise StoreError if there is no store that could be checked.
    """
    listed = listed or catalog.load()
    problems = [*_originals(home), *catalog.drift(listed)]
    store = Store.peek(home)
    content = store.manifest
    why = stale(content) or retrieve.mismatch(store, encoder or MiniLM())
    if why:
        problems.append(f"the store is out of date: {why}")
    problems += [f"{name} was added, but is not in the store" for name in _pending(home, store)]
    problems += _files(store)
    for id in store.records:
        try:
            problems += _document(store, id)
        except StoreError as error:
            problems.append(str(error))
    try:
        problems += _indexes(store)
    except StoreError as error:
        problems.append(str(error))
    checked = {**content.counts, "files": len(content.files), "catalog": len(listed.licenses)}
    return Verification(checked, tuple(dict.fromkeys(problems)))


def _pending(home: Path, store: Store) -> tuple[str, ...]:
    """Return the names of the user's files that are in no document; an alias is in one."""
    known = {record.file for record in store.records.values()}
    kept = library.originals(home)
    return tuple(item.name for item in kept if item.sha256 not in known and item.id not in store.manifest.aliases)


def _originals(home: Path) -> Iterator[str]:
    for original in library.originals(home):
        path = library.path_of(home, original)
        try:
            whole = sha256(path.read_bytes()) == original.sha256
        except OSError as error:
            yield f"{path} cannot be read ({error.strerror}): remove {original.id} and add the file again"
            continue
        if not whole:
            yield f"{path} has been changed: remove {original.id} and add the file again"


def _files(store: Store) -> Iterator[str]:
    found = manifest.marks(store.path)
    for name, mark in store.manifest.files.items():
        if name not in found:
            yield f"{store.path / name} is missing"
        elif found[name] != mark:
            yield f"{store.path / name} is not what was written"
    for name in sorted(found.keys() - store.manifest.files.keys()):
        yield f"{store.path / name} does not belong to the store"


def _document(store: Store, id: str) -> Iterator[str]:
    """Yield what is wrong with the offsets of one document."""
    text = store.documents[id].text
    clauses = {clause.id: clause for clause in store.clauses(id)}
    yield from _partition(id, tuple(clauses.values()), len(text))
    if len(clauses) != len(store.clauses(id)):
        yield f"{id}: two clauses have the same id"
    for term in store.terms(id):
        clause = clauses.get(term.clause_id)
        if clause is None or not clause.span.contains(term.span):
            yield f"{id}: a term of rule {term.rule} lies outside its clause {term.clause_id}"
    for passage in store.lines(PASSAGES, id, parse_passage):
        clause = clauses.get(passage.clause_id)
        if clause is None or not clause.span.contains(passage.span):
            yield f"{id}: a passage lies outside its clause {passage.clause_id}"


def _partition(id: str, clauses: tuple[Clause, ...], length: int) -> Iterator[str]:
    at = 0
    for clause in clauses:
        if clause.span.start != at:
            yield f"{id}: clause {clause.id} starts at {clause.span.start}, the one before ends at {at}"
        at = clause.span.end
    if at != length:
        yield f"{id}: the clauses end at {at}, the text at {length}"


def _indexes(store: Store) -> Iterator[str]:
    wanted = store.manifest.counts["passages"]
    rows = sum(part.lines for part in store.manifest.tables[PASSAGES].values())
    vectors = len(DenseIndex(store.path / VECTORS, gpu=False))
    words = len(LexicalIndex(store.path / lexical.FOLDER))
    for name, found in ((PASSAGES, rows), (VECTORS, vectors), (lexical.FOLDER, words)):
        if found != wanted:
            yield f"{store.path / name} holds {found} passages, not {wanted}"
