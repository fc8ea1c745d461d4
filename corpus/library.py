"""The originals that a user added, kept in the data folder: every build reads them, so a new model loses nothing."""

import json
from collections.abc import Collection
from dataclasses import asdict, dataclass
from datetime import UTC, datetime
from pathlib import Path

from corpus import atomic
from corpus.errors import StoreError
from corpus.files import slug, stem
from corpus.records import sha256

METADATA = "metadata.json"
COPY = "original"
# Room for a suffix and `-2`; a file name holds 255 bytes.
_LONGEST_ID = 200


@dataclass(frozen=True, slots=True)
class Original:
    """One file of the user: its document id, former name, hash, the date it was added, and the name of its copy."""

    id: str
    name: str
    sha256: str
    added: str
    copy: str


def folder(home: Path) -> Path:
    """Return the folder that holds the originals."""
    return home / "files"


def path_of(home: Path, original: Original) -> Path:
    """Return the path of the copy of an original."""
    return folder(home) / original.id / original.copy


def originals(home: Path) -> tuple[Original, ...]:
    """Return all originals, sorted by id.

    Raise StoreError if what is known of one is damaged.
    """
    found = []
    for path in sorted(folder(home).glob(f"*/{METADATA}")):
        if path.parent.name.startswith(atomic.TEMPORARY):
            continue
        try:
            original = Original(**json.loads(path.read_bytes()))
        except (OSError, ValueError, TypeError) as error:
            raise StoreError(f"{path} is damaged: remove the folder {path.parent} and add the file again") from error
        found.append(original)
    return tuple(found)


def new_id(path: Path, taken: Collection[str]) -> str:
    """Return the document id for a file: the slug of its name, with `-2` and so on if that is taken."""
    return free_id(slug(stem(path))[:_LONGEST_ID].rstrip("-."), taken)


def free_id(wanted: str, taken: Collection[str]) -> str:
    """Return `wanted`, or `wanted-2` and so on if it is taken."""
    if wanted not in taken:
        return wanted
    number = 2
    while f"{wanted}-{number}" in taken:
        number += 1
    return f"{wanted}-{number}"


def keep(home: Path, id: str, path: Path, data: bytes) -> Original:
    """Copy a file of the given bytes into the data folder, whole or not at all, and return what is known of it.

    Raise StoreError if it cannot be written.
    """
    suffix = path.suffix.lower() if path.suffix[1:].isalnum() and path.suffix.isascii() else ""
    added = datetime.now(UTC).date().isoformat()
    name = path.name.encode("utf-8", "replace").decode("utf-8")
    original = Original(id, name, sha256(data), added, f"{COPY}{suffix}")
    with atomic.staged(folder(home) / id) as aside:
        atomic.write(aside / original.copy, data)
        atomic.write(aside / METADATA, json.dumps(asdict(original), ensure_ascii=False).encode("utf-8"))
    return original


def _aside(home: Path, id: str) -> Path:
    return folder(home) / f"{atomic.TEMPORARY}{id}"


def set_aside(home: Path, id: str) -> None:
    """Take an original out; the next sweep of the folder removes it for good, `restore` brings it back before that.

    Raise StoreError if that is not possible.
    """
    path = folder(home) / id
    with atomic.guarded(path):
        path.rename(_aside(home, id))


def restore(home: Path, id: str) -> None:
    """Bring back an original that was set aside. Raise StoreError if that is not possible."""
    path = folder(home) / id
    with atomic.guarded(path):
        _aside(home, id).rename(path)
