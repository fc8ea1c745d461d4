"""Hashes of the code and data that decide what stands in a store, so that a store made by other rules is noticed."""

import hashlib
import json
from collections.abc import Iterable
from functools import cache
from pathlib import Path

from corpus.catalog import Catalog

_PACKAGE = Path(__file__).parent
# These keep texts or describe names, but turn no file into other characters, clauses or terms.
_NEUTRAL = (
    *(
        "__init__",
        "apart",
        "atomic",
        "catalog",
        "errors",
        "fingerprint",
        "library",
        "manifest",
        "models",
        "names",
        "overlay",
    ),
    *("records", "registry", "store", "tags"),
)


@cache
def rules() -> str:
    """Return the hash of the code and data that read files, cut clauses and find terms."""
    files = [*_PACKAGE.glob("*.py"), *(_PACKAGE / "data").glob("*.toml"), *(_PACKAGE / "data" / "facts").glob("*.toml")]
    return of_files(path for path in files if not path.stem.startswith(_NEUTRAL))


def of_files(paths: Iterable[Path]) -> str:
    """Return the hash of files by name and content; line ends do not count."""
    digest = hashlib.sha256()
    for path in sorted(paths, key=lambda path: path.name):
        content = path.read_bytes().replace(b"\r\n", b"\n")
        digest.update(path.name.encode() + b"\0" + hashlib.sha256(content).digest())
    return digest.hexdigest()


def of_catalog(catalog: Catalog) -> str:
    """Return the hash of what the store takes from the catalog; other names for a license do not count."""
    rows = [
        [entry.id, entry.title, entry.kind, entry.version_date or entry.version, entry.belongs_to]
        for entry in (*catalog.licenses.values(), *(text.entry for text in catalog.by_hand.values()))
    ]
    return hashlib.sha256(json.dumps(rows).encode()).hexdigest()
