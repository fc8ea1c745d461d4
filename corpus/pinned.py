"""Texts that the ScanCode package lacks: where each is fetched from, which hash it must have, and what the catalog says of it."""

import tomllib
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from types import MappingProxyType

from corpus.catalog_rows import License, check, read_license
from corpus.errors import DataError

_PATH = Path(__file__).parent / "data" / "sync.toml"
_FIELDS = frozenset("id title kind class licensor version_date belongs_to sha256 url missing aliases family".split())


@dataclass(frozen=True, slots=True)
class Pinned:
    """One text: its catalog entry, its address, and what the registry calls it at models whose license it is (None: nothing)."""

    entry: License
    url: str
    sha256: str
    missing: str | None = None


@cache
def load() -> Mapping[str, Pinned]:
    """Return the pinned texts by id. Raise DataError if the file does not hold what it must."""
    return parse(_PATH.read_text(encoding="utf-8"))


def parse(source: str) -> Mapping[str, Pinned]:
    """Return the pinned texts of a TOML text by id.

    Raise DataError, naming entry and field, if it does not hold what it must.
    """
    try:
        data = tomllib.loads(source)
    except tomllib.TOMLDecodeError as error:
        raise DataError(f"sync.toml is not TOML: {error}") from error
    found: dict[str, Pinned] = {}
    for row in data.get("text", ()):
        id = str(row.get("id", "?"))
        check(set(row) <= _FIELDS, id, "fields", f"unknown: {sorted(set(row) - _FIELDS)}")
        check(
            {"id", "title", "class", "sha256", "url"} <= set(row),
            id,
            "fields",
            "needs id, title, class, sha256 and url",
        )
        check(str(row["url"]).startswith("https://"), id, "url", "must be an https address")
        check(id not in found, id, "id", "stands twice")
        kept = {key: value for key, value in row.items() if key not in ("url", "missing", "family")}
        home = {id: str(row["family"])} if "family" in row else {}
        found[id] = Pinned(read_license(kept, home, {}), row["url"], row["sha256"], row.get("missing"))
    return MappingProxyType(found)
