"""The manifest of a store: what it was made of and by which rules, and the hash of every file in it."""

import json
from collections.abc import Mapping
from dataclasses import asdict, dataclass, field
from pathlib import Path
from typing import Any

from corpus.errors import StoreError
from corpus.records import MEND, Part, sha256

SCHEMA = 1
NAME = "manifest.json"
CURRENT = "current"


@dataclass(frozen=True, slots=True)
class Mark:
    """Hash and size of one file of the store."""

    sha256: str
    size: int


@dataclass(frozen=True, slots=True)
class Embedder:
    """The model that made the vectors; a store of another one cannot be searched."""

    name: str
    dimension: int
    sha256: str


@dataclass(frozen=True, slots=True)
class Manifest:
    """Everything that decides whether a store can be used, and where each document's lines stand.

    `rules` is the hash of the code and data that read and cut the texts, `passages` of the code that makes passages
    and words of them, `catalog` of the catalog's entries (None for a catalog that is not the product's), `inputs` of
    all that and every text. `tables` maps a JSONL file's name to the lines of each document, `aliases` a second name
    of a text to its document. `problems` are the remarks of the build.
    """

    build: str
    created: str
    product: str
    scancode: str
    only_scancode: bool
    rules: str
    passages: str
    catalog: str | None
    inputs: str
    embedder: Embedder
    counts: Mapping[str, int]
    files: Mapping[str, Mark]
    tables: Mapping[str, Mapping[str, Part]]
    aliases: Mapping[str, str] = field(default_factory=dict)
    problems: tuple[str, ...] = ()
    schema: int = SCHEMA


def to_json(manifest: Manifest) -> bytes:
    """Return the manifest as JSON."""
    rows = asdict(manifest)
    rows["tables"] = {
        name: {id: [part.offset, part.length, part.lines, part.first] for id, part in table.items()}
        for name, table in manifest.tables.items()
    }
    return json.dumps(rows, ensure_ascii=False, separators=(",", ":")).encode("utf-8")


def from_json(data: bytes, path: Path) -> Manifest:
    """Return the manifest that the JSON text holds.

    Raise StoreError if it is damaged or of another schema.
    """
    try:
        rows: dict[str, Any] = json.loads(data)
        schema = rows["schema"]
        if schema == SCHEMA:
            rows["embedder"] = Embedder(**rows["embedder"])
            rows["files"] = {name: Mark(**mark) for name, mark in rows["files"].items()}
            rows["tables"] = {
                name: {id: Part(*part) for id, part in table.items()} for name, table in rows["tables"].items()
            }
            rows["problems"] = tuple(rows["problems"])
            return Manifest(**rows)
    except (ValueError, KeyError, TypeError, AttributeError) as error:
        raise StoreError(f"{path} is damaged; mend it with: {MEND}") from error
    raise StoreError(f"the store has schema {schema}, this version reads schema {SCHEMA}; make it again with: {MEND}")


def marks(folder: Path) -> dict[str, Mark]:
    """Return hash and size of all files below `folder`, by their path relative to it; the manifest's own left out."""
    found = {}
    for path in sorted(folder.rglob("*")):
        name = path.relative_to(folder).as_posix()
        if path.is_file() and name != NAME:
            data = path.read_bytes()
            found[name] = Mark(sha256(data), len(data))
    return found


def current(home: Path) -> Path:
    """Return the folder of the build that serves.

    Raise StoreError if there is none.
    """
    folder = home / "store"
    try:
        name = (folder / CURRENT).read_text(encoding="utf-8").strip()
    except FileNotFoundError:
        raise StoreError(f"there is no store in {home}; make one with: {MEND}") from None
    except (OSError, UnicodeDecodeError) as error:
        raise StoreError(f"{folder / CURRENT} cannot be read ({error}); mend it with: {MEND}") from error
    if not name or "/" in name or "\\" in name or name.startswith("."):
        raise StoreError(f"{folder / CURRENT} is damaged; mend it with: {MEND}")
    return folder / name


def read(folder: Path) -> Manifest:
    """Return the manifest of a build.

    Raise StoreError if it is missing, damaged or of another schema.
    """
    path = folder / NAME
    try:
        data = path.read_bytes()
    except OSError as error:
        raise StoreError(f"{path} cannot be read ({error.strerror}); mend it with: {MEND}") from error
    return from_json(data, path)
