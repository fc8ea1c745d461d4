"""From sources to the corpus part of a store: which documents there are, their texts, clauses and terms."""

import dataclasses
import hashlib
import importlib.metadata
import json
import re
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field
from functools import partial
from pathlib import Path
from types import MappingProxyType

from corpus import atomic, fingerprint, library, scancode
from corpus.catalog import Catalog
from corpus.cutting import cut_many
from corpus.declared import declared
from corpus.errors import InputError
from corpus.extracted import Extracted, titled
from corpus.files import read_file, stem
from corpus.library import COPY, Original
from corpus.manifest import SCHEMA
from corpus.records import Part, Record, decode, encode, join, parse_clause, record_row, sha256
from corpus.store import CLAUSES, DOCUMENTS, TERMS, Store
from corpus.types import Clause, Document, Kind, Origin

Progress = Callable[[str, int, int], None]
# What a file of the user calls itself; only the first words count, a policy may well speak of licenses.
_KINDS: tuple[tuple[str, Kind], ...] = (
    (r"\b(?:polic(?:y|ies)|guidelines?|standard|procedure|handbook|rules)\b", "policy"),
    (r"\b(?:licen[cs]es?|eula|copying|terms)\b", "license"),
    (r"\b(?:agreement|contract|addendum|statement of work|nda)\b", "contract"),
    (r"\b(?:regulation|directive|act|law|gesetz|verordnung)\b", "regulation"),
)


@dataclass(frozen=True, slots=True)
class Collected:
    """All documents of a store, sorted by id. `files` holds the hash of the original of each document of the user.

    `aliases` maps a second name of the same text to its document; `problems` are remarks of one line.
    """

    documents: tuple[Document, ...]
    files: Mapping[str, str] = field(default_factory=dict)
    aliases: Mapping[str, str] = field(default_factory=dict)
    problems: tuple[str, ...] = ()


def product_version() -> str:
    """Return the version of this program; `0` where it runs without being installed."""
    try:
        return importlib.metadata.version("clausewise")
    except importlib.metadata.PackageNotFoundError:
        return "0"


def collect(
    catalog: Catalog, own: Iterable[tuple[Original, Document]] = (), fetched: Iterable[Document] = ()
) -> Collected:
    """Return the texts that the catalog names, those that were fetched and those of the user's files, each text once."""
    problems: list[str] = []
    documents: dict[str, Document] = {}
    by_text: dict[str, str] = {}
    aliases: dict[str, str] = {}
    files: dict[str, str] = {}
    for item, file in [
        *_licenses(catalog, problems),
        *((item, "") for item in fetched),
        *_own(catalog, own, problems),
    ]:
        same = by_text.setdefault(item.origin.sha256, item.id)
        # Two states of one text that were fetched stay apart even where they are equal: each stands for its own time.
        if same != item.id and not {same, item.id} <= set(catalog.pinned):
            aliases[item.id] = same
            continue
        documents[item.id] = item
        if file:
            files[item.id] = file
    ordered = tuple(documents[id] for id in sorted(documents))
    return Collected(ordered, files, aliases, tuple(problems))


def _licenses(catalog: Catalog, problems: list[str]) -> Iterable[tuple[Document, str]]:
    known = frozenset(scancode.keys())
    for id in catalog.licenses:
        if id not in known:
            problems.append(f"{id}: ScanCode {scancode.version()} has no such text; see: clausewise index verify")
            continue
        item = catalog.describe(scancode.read(id))
        if item.text.strip():
            yield item, ""
        else:
            problems.append(f"{id}: the text in ScanCode {scancode.version()} is empty")


def _own(
    catalog: Catalog, own: Iterable[tuple[Original, Document]], problems: list[str]
) -> Iterable[tuple[Document, str]]:
    kept = tuple(own)
    reserved = {*catalog.licenses, *catalog.renamed, *catalog.pinned}
    taken = reserved | {original.id for original, _ in kept}
    for original, item in kept:
        id = original.id
        if id in reserved:
            # A later catalog may describe a license under an id that a file of the user already has.
            id = library.free_id(id, taken)
            taken.add(id)
            problems.append(f"{original.name} is now {id}: the catalog has a text of its own called {original.id}")
        named = dataclasses.replace(item, id=id)
        # A text that the catalog asks for by this name is what the catalog says it is.
        yield catalog.describe(named) if id in catalog.by_hand else named, original.sha256


def own_documents(
    home: Path, previous: Store | None, read: Mapping[str, Extracted] = MappingProxyType({})
) -> Iterable[tuple[Original, Document]]:
    """Yield the user's originals with their documents.

    What `previous` read from the same file is not read again, nor what `read` holds by the hash of the file.

    Raise InputError if a file cannot be read.
    """
    known = {}
    if previous is not None and previous.manifest.rules == fingerprint.rules():
        known = {record.file: record.id for record in previous.records.values()}
    for original in library.originals(home):
        id = known.get(original.sha256)
        if previous is not None and id is not None:
            yield original, previous.documents[id]
        else:
            extracted = read.get(original.sha256) or read_file(library.path_of(home, original))
            yield original, own_document(original, extracted)


def own_document(original: Original, extracted: Extracted) -> Document:
    """Return the document of a file of the user.

    Raise InputError if its text has characters that no file can hold, or declares a kind that there is not.
    """
    try:
        digest = sha256(extracted.text.encode("utf-8"))
    except UnicodeEncodeError:
        raise InputError(f"{original.name} holds characters that are no text (surrogates); save it as UTF-8") from None
    # A text without a title of its own is called after its file; the name of our copy says nothing.
    title = stem(Path(original.name)) if extracted.title == COPY else extracted.title
    own = declared(extracted.text, original.name)
    if own is not None:
        title = own.title or titled(own.rest, extracted.media) or stem(Path(original.name))
    origin = Origin(f"file:{original.name}", digest, original.added)
    kind = (own.kind if own else None) or kind_of(f"{title} {original.name}")
    return Document(original.id, title, kind, extracted.text, None, None, origin, extracted.pages)


def kind_of(name: str) -> Kind:
    """Return the kind of document that a title or file name speaks of; `other` if it does not say."""
    spaced = re.sub(r"[-_.]+", " ", name)
    return next((kind for words, kind in _KINDS if re.search(words, spaced, re.IGNORECASE)), "other")


def inputs(collected: Collected, *more: object) -> str:
    """Return the hash of everything that a build is made of; the same hash gives the same store."""
    rows = [[item.id, item.title, item.kind, item.version, item.license, item.pages] for item in collected.documents]
    texts = [dataclasses.astuple(item.origin) for item in collected.documents]
    whole = [SCHEMA, product_version(), scancode.version(), fingerprint.rules(), rows, texts]
    named = [sorted(collected.files.items()), sorted(collected.aliases.items()), collected.problems]
    return hashlib.sha256(json.dumps([whole, named, more]).encode("utf-8")).hexdigest()


@dataclass(frozen=True, slots=True)
class Written:
    """Clauses of each document cut anew, where the lines of all stand, and which documents were taken over."""

    clauses: Mapping[str, tuple[Clause, ...]]
    tables: Mapping[str, Mapping[str, Part]]
    same: frozenset[str]


def write(folder: Path, collected: Collected, previous: Store | None, progress: Progress) -> Written:
    """Write texts, documents, clauses and terms into `folder`.

    Lines of documents that `previous` has in the same form are taken over. Raise StoreError if the disk is full or the
    folder cannot be written.
    """
    atomic.make_folder(folder / "texts")
    records = [_record(item, collected.files.get(item.id)) for item in collected.documents]
    same = {record.id for record in records if previous is not None and _unchanged(record, previous)}
    new = [item for item in collected.documents if item.id not in same]
    cut = cut_many(new, partial(progress, "reading"))
    lines: dict[str, dict[str, bytes]] = {CLAUSES: {}, TERMS: {}}
    for item in collected.documents:
        path = folder / "texts" / f"{item.id}.txt"
        if previous is not None and item.id in same:
            for name, parts in lines.items():
                parts[item.id] = previous.raw(name, item.id)
            if atomic.link(previous.path / "texts" / path.name, path):
                continue
        else:
            lines[CLAUSES][item.id], lines[TERMS][item.id] = cut[item.id].clauses, cut[item.id].terms
        atomic.write(path, item.text.encode("utf-8"))
    atomic.write(folder / DOCUMENTS, encode(map(record_row, records)))
    tables = {}
    for name, parts in lines.items():
        data, tables[name] = join(parts)
        atomic.write(folder / name, data)
    clauses = {id: decode(found.clauses, parse_clause, CLAUSES) for id, found in cut.items()}
    return Written(clauses, tables, frozenset(same))


def _record(item: Document, file: str | None) -> Record:
    return Record(
        item.id, item.title, item.kind, item.version, item.license, item.origin, item.pages, len(item.text), file
    )


def _unchanged(record: Record, previous: Store) -> bool:
    before = previous.records.get(record.id)
    return (
        before is not None
        and previous.manifest.rules == fingerprint.rules()
        and (before.title, before.kind, before.origin.sha256) == (record.title, record.kind, record.origin.sha256)
    )
