"""One build of the store: read, cut, embed, index, and put in the place of the one before when all is on the disk."""

import time
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass, field
from datetime import UTC, datetime
from functools import partial
from pathlib import Path

import numpy as np

from corpus import atomic, fingerprint, ingest, library, manifest, scancode, sync
from corpus.catalog import Catalog
from corpus.errors import StoreError
from corpus.extracted import Extracted
from corpus.ingest import Collected, Progress, Written
from corpus.manifest import Manifest
from corpus.records import Part, encode, join
from corpus.store import CLAUSES, TERMS, Store
from corpus.types import Document
from rag import dense, lexical, retrieve, vectors
from rag.embed import Encoder, Vectors
from rag.passages import parse_passage, passage_row, passages
from rag.retrieve import PASSAGES, VECTORS
from rag.types import Passage

Reused = tuple[Vectors, int]
# Less is embedded before what many texts need is loaded.
MUCH = 60_000


@dataclass(frozen=True, slots=True)
class Report:
    """What a build did: `reused` of `passages` vectors were taken over; `unchanged` if there was nothing to do."""

    build: str
    unchanged: bool
    documents: int
    clauses: int
    terms: int
    passages: int
    reused: int
    bytes: int
    seconds: float
    aliases: Mapping[str, str]
    problems: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Parts:
    """What a build is made with; `read` holds what files say that were read already, by the hash of the file."""

    catalog: Catalog
    encoder: Encoder
    progress: Progress
    own_catalog: bool
    read: Mapping[str, Extracted] = field(default_factory=dict)


def make(home: Path, only_scancode: bool, parts: Parts) -> Report:
    """Build the store if anything has changed. The caller holds the lock.

    Raise StoreError if the folder cannot be written, InputError if a file of the user cannot be read.
    """
    started = time.monotonic()
    previous = usable(home)
    own = () if only_scancode else ingest.own_documents(home, previous, parts.read)
    fetched = () if only_scancode else sync.documents(parts.catalog.pinned, home)
    collected = ingest.collect(parts.catalog, own, fetched)
    if not collected.documents:
        raise StoreError("there is no text to make a store of; install the requirements again (make setup)")
    digest = ingest.inputs(collected, asdict(parts.encoder.identity), retrieve.rules(), only_scancode)
    if previous is not None and previous.manifest.inputs == digest:
        return _report(previous.manifest, started, previous.manifest.counts["passages"], unchanged=True)
    much = sum(len(item.text) for item in collected.documents) > MUCH
    if much and (previous is None or previous.manifest.embedder != parts.encoder.identity):
        parts.encoder.prepare()
    now = datetime.now(UTC)
    target = _free(home / "store" / f"{now:%Y%m%dT%H%M%S}-{digest[:8]}")
    with atomic.staged(target) as folder:
        written = ingest.write(folder, collected, previous, parts.progress)
        tables, counts, reused = _index(folder, collected, written, previous, parts)
        content = Manifest(
            build=target.name,
            created=now.isoformat(timespec="seconds"),
            product=ingest.product_version(),
            scancode=scancode.version(),
            only_scancode=only_scancode,
            rules=fingerprint.rules(),
            passages=retrieve.rules(),
            catalog=None if parts.own_catalog else fingerprint.of_catalog(parts.catalog),
            inputs=digest,
            embedder=parts.encoder.identity,
            counts=counts,
            files=manifest.marks(folder),
            tables=tables,
            aliases=collected.aliases,
            problems=collected.problems,
        )
        atomic.write(folder / manifest.NAME, manifest.to_json(content))
    atomic.replace(home / "store" / manifest.CURRENT, target.name.encode())
    _retire(home, {target.name, previous.path.name if previous else ""})
    return _report(content, started, reused, unchanged=False)


def _index(
    folder: Path, collected: Collected, written: Written, previous: Store | None, parts: Parts
) -> tuple[dict[str, Mapping[str, Part]], dict[str, int], int]:
    """Write passages, vectors and words; return where the lines stand, all counts, and how many vectors were known."""
    before = previous if previous is not None and _same_passages(previous, parts.encoder) else None
    found = {
        item.id: before.lines(PASSAGES, item.id, parse_passage)
        if before is not None and item.id in written.same
        else _passages(item, written, previous, parts.encoder)
        for item in collected.documents
    }
    data, table = join({id: encode(map(passage_row, part)) for id, part in found.items()})
    atomic.write(folder / PASSAGES, data)
    rows = [passage for part in found.values() for passage in part]
    made, reused = _vectors(rows, {item.id: item.title for item in collected.documents}, previous, parts)
    parts.progress("indexing", 0, 1)
    atomic.write(folder / VECTORS, dense.build(made))
    atomic.make_folder(folder / lexical.FOLDER)
    for name, content in lexical.build([passage.text for passage in rows]).items():
        atomic.write(folder / lexical.FOLDER / name, content)
    parts.progress("indexing", 1, 1)
    tables = {**written.tables, PASSAGES: table}
    counts = {"documents": len(collected.documents), "user": len(collected.files), "passages": len(rows)}
    for name, key in ((CLAUSES, "clauses"), (TERMS, "terms")):
        counts[key] = sum(part.lines for part in written.tables[name].values())
    return tables, counts, reused


def _passages(item: Document, written: Written, previous: Store | None, encoder: Encoder) -> tuple[Passage, ...]:
    clauses = written.clauses.get(item.id)
    if clauses is None and previous is not None:
        clauses = previous.clauses(item.id)
    return passages(item, clauses or (), encoder.count)


def _same_passages(previous: Store, encoder: Encoder) -> bool:
    made = previous.manifest
    return made.passages == retrieve.rules() and made.embedder == encoder.identity


def _vectors(passages: Sequence[Passage], titles: Mapping[str, str], previous: Store | None, parts: Parts) -> Reused:
    """Return one vector for each passage, and how many of them the same model had made for the previous store."""
    result = np.zeros((len(passages), parts.encoder.identity.dimension), dtype=np.float32)
    known: dict[str, int] = {}
    if previous is not None and previous.manifest.embedder == parts.encoder.identity:
        known = _known(previous)
        old = dense.DenseIndex(previous.path / VECTORS, gpu=False)
    keys = [vectors.key(titles[passage.document_id], passage) for passage in passages]
    same = [row for row, key in enumerate(keys) if key in known]
    if same:
        result[same] = old.vectors(np.array([known[keys[row]] for row in same], dtype=np.int64))
    new = [row for row, key in enumerate(keys) if key not in known]
    if new:
        tell = partial(parts.progress, "embedding")
        result[new] = vectors.embed([passages[row] for row in new], titles, parts.encoder, tell)
    return result, len(same)


def _known(previous: Store) -> dict[str, int]:
    """Return the row of each vector of the previous store by what it was made of."""
    table = previous.manifest.tables[PASSAGES]
    rows = ((id, passage) for id in table for passage in previous.lines(PASSAGES, id, parse_passage))
    return {vectors.key(previous.records[id].title, passage): row for row, (id, passage) in enumerate(rows)}


def usable(home: Path) -> Store | None:
    """Return the store that serves, or None if there is none or a single bit of it is wrong: nothing is reused then."""
    try:
        store = Store.peek(home)
        return store if manifest.marks(store.path) == store.manifest.files else None
    except (StoreError, OSError):
        return None


def _free(path: Path) -> Path:
    return path.with_name(library.free_id(path.name, {found.name for found in path.parent.iterdir()}))


def _retire(home: Path, keep: set[str]) -> None:
    """Remove older builds. The one before stays: a server may still be reading it."""
    for path in (home / "store").iterdir():
        if path.is_dir() and path.name not in keep:
            atomic.remove(path)


def _report(content: Manifest, started: float, reused: int, unchanged: bool) -> Report:
    return Report(
        build=content.build,
        unchanged=unchanged,
        documents=content.counts["documents"],
        clauses=content.counts["clauses"],
        terms=content.counts["terms"],
        passages=content.counts["passages"],
        reused=reused,
        bytes=sum(mark.size for mark in content.files.values()),
        seconds=time.monotonic() - started,
        aliases=content.aliases,
        problems=content.problems,
    )
