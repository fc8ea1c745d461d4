"""Texts that the ScanCode package lacks: where each is fetched from, which hash it must have, and what the catalog says of it.

A text for which no address is known that always gives the same bytes is fetched by hand: its page is named, and the user adds it.
"""

import tomllib
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from types import MappingProxyType
from typing import Any

from corpus.catalog_rows import License, check, read_license
from corpus.errors import DataError

_PATH = Path(__file__).parent / "data" / "sync.toml"
_FIELDS = frozenset("id title kind class licensor version_date belongs_to sha256 url missing aliases family".split())
_BY_HAND = frozenset("id title kind class licensor version_date aliases page".split())


@dataclass(frozen=True, slots=True)
class Pinned:
    """One text: its catalog entry, its address, and what the registry calls it at models whose license it is (None: nothing)."""

    entry: License
    url: str
    sha256: str
    missing: str | None = None


@dataclass(frozen=True, slots=True)
class ByHand:
    """A text that the user adds: its catalog entry, and the page on which it is published."""

    entry: License
    page: str

    @property
    def advice(self) -> str:
        """Return how to get the text on file."""
        name = f"{self.entry.id}.txt"
        return f"save its text from {self.page} as {name}, then: clausewise index add {name}"


@cache
def load() -> Mapping[str, Pinned]:
    """Return the pinned texts by id. Raise DataError if the file does not hold what it must."""
    return parse(_PATH.read_text(encoding="utf-8"))


@cache
def by_hand() -> Mapping[str, ByHand]:
    """Return the texts that are added by hand by id. Raise DataError if the file does not hold what it must."""
    return parse_by_hand(_PATH.read_text(encoding="utf-8"))


def parse(source: str) -> Mapping[str, Pinned]:
    """Return the pinned texts of a TOML text by id.

    Raise DataError, naming entry and field, if it does not hold what it must.
    """
    found: dict[str, Pinned] = {}
    for id, row in _rows(source, "text", _FIELDS, ("id", "title", "class", "sha256", "url"), "url"):
        kept = {key: value for key, value in row.items() if key not in ("url", "missing", "family")}
        home = {id: str(row["family"])} if "family" in row else {}
        found[id] = Pinned(read_license(kept, home, {}), row["url"], row["sha256"], row.get("missing"))
    return MappingProxyType(found)


def parse_by_hand(source: str) -> Mapping[str, ByHand]:
    """Return the texts of a TOML text that are added by hand by id.

    Raise DataError, naming entry and field, if it does not hold what it must.
    """
    found: dict[str, ByHand] = {}
    for id, row in _rows(source, "by_hand", _BY_HAND, ("id", "title", "kind", "class", "page"), "page"):
        found[id] = ByHand(read_license({k: v for k, v in row.items() if k != "page"}, {}, {}), row["page"])
    return MappingProxyType(found)


def _rows(
    source: str, table: str, known: frozenset[str], needed: tuple[str, ...], address: str
) -> Iterator[tuple[str, dict[str, Any]]]:
    """Yield id and fields of each row of a table, its fields known, none of the needed missing, no id twice."""
    try:
        data = tomllib.loads(source)
    except tomllib.TOMLDecodeError as error:
        raise DataError(f"sync.toml is not TOML: {error}") from error
    seen: set[str] = set()
    for row in data.get(table, ()):
        id = str(row.get("id", "?"))
        check(set(row) <= known, id, "fields", f"unknown: {sorted(set(row) - known)}")
        check(set(needed) <= set(row), id, "fields", f"needs {', '.join(needed[:-1])} and {needed[-1]}")
        check(str(row[address]).startswith("https://"), id, address, "must be an https address")
        check(id not in seen, id, "id", "stands twice")
        seen.add(id)
        yield id, row
