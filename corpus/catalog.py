"""The catalog: what each license is, which documents are read with it, how people write its name, what came before.

The texts themselves come from ScanCode; the catalog pins the hash of each, so that a changed text is noticed.
"""

import dataclasses
import itertools
import tomllib
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from functools import cache
from pathlib import Path
from types import MappingProxyType

from corpus import pinned, scancode
from corpus.catalog_rows import (
    CLASSES,
    FAMILY_FIELDS,
    LICENSE_FIELDS,
    ExternalPolicy,
    Family,
    License,
    check,
    read_families,
    read_license,
    rows,
    unique,
    words,
)
from corpus.errors import DataError
from corpus.pinned import ByHand, Pinned
from corpus.types import Document

__all__ = ["CLASSES", "Catalog", "ExternalPolicy", "Family", "License", "drift", "fold", "load", "parse"]

_PATH = Path(__file__).parent / "data" / "catalog.toml"


@dataclass(frozen=True, slots=True)
class Catalog:
    """All licenses and families. `renamed` maps an older ScanCode release's key to today's id; `tags` explains tags.

    `pinned` are texts that ScanCode lacks and that are on file only where they were fetched, `by_hand` those that a user adds.
    """

    licenses: Mapping[str, License]
    families: Mapping[str, Family]
    renamed: Mapping[str, str] = field(default_factory=dict)
    tags: Mapping[str, str] = field(default_factory=dict)
    pinned: Mapping[str, Pinned] = field(default_factory=dict)
    by_hand: Mapping[str, ByHand] = field(default_factory=dict)

    def get(self, id: str) -> License | None:
        """Return the license of that id, also by a former key, or None."""
        found = self.licenses.get(self.renamed.get(id, id))
        more = self.pinned.get(id) or self.by_hand.get(id)
        return found or (more.entry if more else None)

    def every(self) -> tuple[License, ...]:
        """Return all entries: of the catalog, the pinned texts, and those added by hand."""
        more = {id: text.entry for texts in (self.pinned, self.by_hand) for id, text in texts.items()}
        return tuple({**more, **self.licenses}.values())

    def policies(self, id: str) -> tuple[str, ...]:
        """Return the ids of pinned policies that are read with a license."""
        return tuple(other for other, text in self.pinned.items() if text.entry.belongs_to == id)

    def read_with(self, id: str) -> tuple[str, ...]:
        """Return the ids of all documents that count where a license is read, `id` first: its bundle and its pinned policies."""
        return tuple(dict.fromkeys((*self.bundle(id), *self.policies(id))))

    def bundle(self, id: str) -> tuple[str, ...]:
        """Return the ids of all documents that are read together, `id` first: license, use policy, notice.

        Return just `id` if the catalog does not know it.
        """
        entry = self.get(id)
        if entry is None:
            return (id,)
        head = self.get(entry.belongs_to) or entry if entry.belongs_to else entry
        return tuple(dict.fromkeys((entry.id, head.id, *entry.bundle, *head.bundle)))

    def describe(self, document: Document) -> Document:
        """Return the document with title, kind, version and license from the catalog; unchanged if it is not listed."""
        entry = self.get(document.id)
        if entry is None:
            return document
        return dataclasses.replace(
            document,
            title=entry.title,
            kind=entry.kind,
            version=entry.version_date or entry.version,
            license=entry.belongs_to or entry.id,
        )


def drift(catalog: Catalog) -> Iterator[str]:
    """Yield a line for each license whose text ScanCode lacks or has with another hash than the pinned one."""
    known = frozenset(scancode.keys())
    for entry in catalog.licenses.values():
        if entry.id not in known:
            yield f"{entry.id}: not in ScanCode {scancode.version()}; a new name belongs into [renamed] of the catalog"
        elif entry.sha256 != scancode.read(entry.id).origin.sha256:
            yield f"{entry.id}: the text in ScanCode {scancode.version()} is not the one that the catalog describes"


@cache
def load() -> Catalog:
    """Return the catalog that comes with the package.

    Raise DataError, naming entry and field, if it does not hold what it must.
    """
    try:
        known = parse(_PATH.read_text(encoding="utf-8"))
        return dataclasses.replace(known, pinned=pinned.load(), by_hand=pinned.by_hand())
    except (OSError, UnicodeDecodeError) as error:
        raise DataError(f"the catalog cannot be read: {error}; install the package again") from error


def parse(text: str) -> Catalog:
    """Return the catalog that a TOML text holds.

    Raise DataError, naming entry and field, if it does not hold what it must.
    """
    try:
        data = tomllib.loads(text)
    except tomllib.TOMLDecodeError as error:
        raise DataError(f"catalog.toml is not TOML: {error}") from error
    for table in data:
        check(table in ("license", "family", "renamed", "tags"), table, table, "is not a table of the catalog")
    entries = rows(data, "license", LICENSE_FIELDS)
    ids = unique(entries, "id")
    families = read_families(rows(data, "family", FAMILY_FIELDS), entries, ids)
    home = {member: family.name for family in families.values() if not family.umbrella for member in family.members}
    tags = words(data, "tags")
    licenses = {entry["id"]: read_license(entry, home, tags) for entry in entries}
    renamed = words(data, "renamed")
    for old, new in renamed.items():
        check(new in ids, "renamed", old, f"{new!r} is not an id of the catalog")
        check(old not in ids, "renamed", old, "is still an id of the catalog")
    _check_references(licenses)
    _check_dates(licenses, families)
    _check_aliases(licenses, families)
    return Catalog(
        MappingProxyType(licenses), MappingProxyType(families), MappingProxyType(renamed), MappingProxyType(tags)
    )


def _check_references(licenses: Mapping[str, License]) -> None:
    for entry in licenses.values():
        named = {"bundle": entry.bundle, "belongs_to": (entry.belongs_to,), "predecessor": (entry.predecessor,)}
        for name, others in (named | {"same_text_as": (entry.same_text_as,)}).items():
            for other in filter(None, others):
                check(other in licenses, entry.id, name, f"{other!r} is not an id of the catalog")
                check(other != entry.id, entry.id, name, "names the entry itself")
        for other in entry.bundle:
            check(licenses[other].belongs_to is not None, entry.id, "bundle", f"{other!r} has no belongs_to")
        if entry.belongs_to:
            head = licenses[entry.belongs_to]
            check(entry.id in head.bundle, entry.id, "belongs_to", f"{head.id!r} does not have it in its bundle")
            check(head.belongs_to is None, entry.id, "belongs_to", f"{head.id!r} belongs to another license itself")
        seen = {entry.id}
        before = entry.predecessor
        while before:
            check(before not in seen, entry.id, "predecessor", "leads back to an entry already passed")
            seen.add(before)
            before = licenses[before].predecessor


def _later(first: str | None, second: str | None) -> bool:
    """Return True if `first` is surely later than `second`; dates are compared as far as both are stated."""
    if first is None or second is None:
        return False
    known = min(len(first), len(second))
    return first[:known] > second[:known]


def _check_dates(licenses: Mapping[str, License], families: Mapping[str, Family]) -> None:
    for entry in licenses.values():
        if entry.predecessor:
            before = licenses[entry.predecessor]
            late = _later(before.version_date, entry.version_date)
            check(not late, entry.id, "predecessor", f"{before.id!r} is of a later date")
    for family in families.values():
        dated = [licenses[member] for member in family.members if licenses[member].version_date]
        for first, second in itertools.pairwise(dated):
            late = _later(first.version_date, second.version_date) and not family.umbrella
            check(not late, family.name, "members", f"{first.id!r} is later than {second.id!r}; oldest first")


def fold(name: str) -> str:
    """Return a name as it is compared: case and white space do not count."""
    return " ".join(name.casefold().split())


def _check_aliases(licenses: Mapping[str, License], families: Mapping[str, Family]) -> None:
    """Raise DataError if a name that is not marked as shared leads to two entries."""
    owner: dict[str, str] = {}
    shared: dict[str, str] = {}
    for entry in licenses.values():
        marked = set(entry.shared_aliases)
        own = {fold(name) for name in (entry.id, entry.spdx, *entry.aliases) if name and name not in marked}
        for name in own:
            check(name not in owner, entry.id, "aliases", f"{name!r} already names {owner.get(name)!r}")
            owner[name] = entry.id
        shared |= {fold(name): entry.id for name in marked}
    for family in families.values():
        for name in {fold(name) for name in family.aliases}:
            check(name not in owner, family.name, "aliases", f"{name!r} already names {owner.get(name)!r}")
            owner[name] = family.name
    for name, id in shared.items():
        check(name not in owner, id, "shared_aliases", f"{name!r} is not marked as shared in {owner.get(name)!r}")
