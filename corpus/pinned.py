"""Texts that the ScanCode package lacks: where each is fetched from, which hash it must have, and what the catalog says of it.

A text for which no address is known that always gives the same bytes is fetched by hand: its page is named, and the user adds it.
"""

import tomllib
from collections.abc import Mapping
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
    for row in _data(source).get("text", ()):
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


def parse_by_hand(source: str) -> Mapping[str, ByHand]:
    """Return the texts of a TOML text that are added by hand by id.

    Raise DataError, naming entry and field, if it does not hold what it must.
    """
    found: dict[str, ByHand] = {}
    for row in _data(source).get("by_hand", ()):
        id = str(row.get("id", "?"))
        check(set(row) <= _BY_HAND, id, "fields", f"unknown: {sorted(set(row) - _BY_HAND)}")
        check(
            {"id", "title", "kind", "class", "page"} <= set(row), id, "fields", "needs id, title, kind, class and page"
        )
        check(str(row["page"]).startswith("https://"), id, "page", "must be an https address")
        check(id not in found, id, "id", "stands twice")
        found[id] = ByHand(read_license({k: v for k, v in row.items() if k != "page"}, {}, {}), row["page"])
    return MappingProxyType(found)


def _data(source: str) -> dict[str, Any]:
    try:
        return tomllib.loads(source)
    except tomllib.TOMLDecodeError as error:
        raise DataError(f"sync.toml is not TOML: {error}") from error
