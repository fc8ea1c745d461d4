"""The store's life: build it, add and remove files. All of it under one lock, and whole or not at all."""

from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, replace
from pathlib import Path

from corpus import atomic, library
from corpus.catalog import Catalog, load
from corpus.errors import InputError, UnknownDocument
from corpus.extracted import Extracted
from corpus.files import expand, read_file
from corpus.ingest import Progress
from corpus.records import sha256
from corpus.store import Store
from rag.builder import Parts, Report, make, usable
from rag.embed import Encoder, MiniLM
from rag.inspection import Status, Verification, status, verify

__all__ = [
    "AddReport",
    "Added",
    "Report",
    "Status",
    "Verification",
    "add",
    "build",
    "remove",
    "status",
    "text",
    "verify",
]


@dataclass(frozen=True, slots=True)
class Added:
    """What became of one file: `state` is `added`, `renamed` (the id was taken), `same` (nothing to do) or `alias`.

    `id` is its document's id; `note` says in one line what the user did not expect, empty if there is nothing.
    """

    path: Path
    id: str
    state: str
    note: str = ""


@dataclass(frozen=True, slots=True)
class AddReport:
    """What became of each file, which files of a folder could not be read, and the build that followed."""

    added: tuple[Added, ...]
    problems: tuple[str, ...]
    report: Report


def build(
    home: Path,
    only_scancode: bool = False,
    progress: Progress | None = None,
    encoder: Encoder | None = None,
    catalog: Catalog | None = None,
) -> Report:
    """Bring the store up to date with the installed texts, the user's files and this program's rules.

    `progress` is told a stage, how much of it is done, and how much there is. Raise StoreBusy if another process is at
    it, StoreError if the folder cannot be written, InputError if a file of the user cannot be read.
    """
    with _locked(home):
        return make(home, only_scancode, _parts(progress, encoder, catalog))


def add(
    home: Path,
    paths: Sequence[Path],
    recursive: bool = False,
    progress: Progress | None = None,
    encoder: Encoder | None = None,
    catalog: Catalog | None = None,
) -> AddReport:
    """Take files into the store, or nothing if one that was named cannot be read.

    Files found in a folder that cannot be read are left out and reported. Raise InputError, StoreBusy or StoreError.
    """
    parts = _parts(progress, encoder, catalog)
    with _locked(home):
        kept: list[str] = []
        whole = False
        try:
            found = _read(paths, recursive)
            parts = replace(parts, read=found.read)
            added = _take(home, found, parts, kept)
            report = make(home, False, parts)
            whole = True
        finally:
            if not whole:
                for id in kept:
                    library.set_aside(home, id)
                atomic.sweep(library.folder(home))
    return AddReport(tuple(_final(item, report) for item in added), found.problems, report)


def remove(
    home: Path,
    ids: Sequence[str],
    progress: Progress | None = None,
    encoder: Encoder | None = None,
    catalog: Catalog | None = None,
) -> Report:
    """Remove documents that the user added, or none if one of them is not the user's.

    Raise UnknownDocument or InputError in that case, StoreBusy or StoreError as `build` does.
    """
    parts = _parts(progress, encoder, catalog)
    with _locked(home):
        names = list(dict.fromkeys(_original_of(home, id, parts.catalog) for id in ids))
        taken: list[str] = []
        whole = False
        try:
            for name in names:
                library.set_aside(home, name)
                taken.append(name)
            report = make(home, False, parts)
            whole = True
        finally:
            if not whole:
                for name in taken:
                    library.restore(home, name)
        atomic.sweep(library.folder(home))
    return report


def text(home: Path, id: str) -> str:
    """Return the text of a document to the letter.

    Raise UnknownDocument if it is not on file, StoreError if there is no store.
    """
    return Store.peek(home).text(id)


@contextmanager
def _locked(home: Path) -> Iterator[None]:
    with atomic.lock(home / "store"):
        for folder in (home / "store", library.folder(home)):
            atomic.sweep(folder)
        yield


def _parts(progress: Progress | None, encoder: Encoder | None, catalog: Catalog | None) -> Parts:
    silent: Progress = lambda stage, done, total: None  # noqa: E731
    return Parts(catalog or load(), encoder or MiniLM(), progress or silent, catalog is not None)


@dataclass(frozen=True, slots=True)
class _Found:
    """Files that were named or found, what they say by their hashes, and what could not be read."""

    files: tuple[Path, ...]
    read: Mapping[str, Extracted]
    problems: tuple[str, ...]


def _read(paths: Sequence[Path], recursive: bool) -> _Found:
    named = frozenset(paths)
    files: list[Path] = []
    read: dict[str, Extracted] = {}
    problems: list[str] = []
    for path in expand(paths, recursive):
        try:
            extracted = read_file(path)
            read[sha256(path.read_bytes())] = extracted
        except (InputError, OSError) as error:
            if path in named:
                raise
            problems.append(str(error))
            continue
        files.append(path)
    return _Found(tuple(files), read, tuple(problems))


def _take(home: Path, found: _Found, parts: Parts, kept: list[str]) -> list[Added]:
    """Copy the files into the data folder; `kept` gets the ids of the new ones as they come."""
    known = {original.sha256: original.id for original in library.originals(home)}
    taken = {*parts.catalog.licenses, *parts.catalog.renamed, *known.values()}
    added: list[Added] = []
    for path in found.files:
        data = path.read_bytes()
        digest = sha256(data)
        if digest in known:
            added.append(Added(path, known[digest], "same", f"{path.name} is on file already as {known[digest]}"))
            continue
        plain, id = library.new_id(path, ()), library.new_id(path, taken)
        original = library.keep(home, id, path, data)
        kept.append(id)
        taken.add(id)
        known[original.sha256] = id
        note = "" if id == plain else f"{path.name} became {id}: {plain} is another text"
        added.append(Added(path, id, "added" if id == plain else "renamed", note))
    return added


def _final(item: Added, report: Report) -> Added:
    same = report.aliases.get(item.id)
    if same is None:
        return item
    return Added(item.path, item.id, "alias", f"{item.path.name} has the same text as {same}; {item.id} is its alias")


def _original_of(home: Path, id: str, catalog: Catalog) -> str:
    """Return the name under which the original of a document is kept.

    Raise InputError if the document is none of the user's, UnknownDocument if there is none.
    """
    kept = {original.id: original for original in library.originals(home)}
    if id in kept and id not in catalog.licenses:
        return id
    previous = usable(home)
    record = previous.records.get(id) if previous else None
    for original in kept.values():
        if record is not None and record.file == original.sha256:
            return original.id
    if record is not None or id in catalog.licenses:
        raise InputError(f"{id} comes with the product and cannot be removed; only files that were added can")
    raise UnknownDocument(f"no document {id!r} was added; list what was with: clausewise index status")
