"""One row of the catalog file, read and checked by itself: a license, a policy, a family."""

import re
from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from types import MappingProxyType
from typing import Any, get_args

from corpus.errors import DataError
from corpus.types import Kind

CLASSES = ("open-source", "open-weight", "research-only", "source-available", "proprietary", "data", "other")
_ID = re.compile(r"[a-z0-9][a-z0-9._+-]*")
_SHA256 = re.compile(r"[0-9a-f]{64}")
_DATE = re.compile(r"(\d{4})(?:-(\d\d)(?:-(\d\d))?)?")  # a year or a month where the text states no day

# TOML field -> its type; a list holds strings. `external` is checked on its own; `family` follows
# from the families.
LICENSE_FIELDS: Mapping[str, type] = MappingProxyType(
    {
        "id": str,
        "title": str,
        "kind": str,
        "class": str,
        "spdx": str,
        "version": str,
        "version_date": str,
        "licensor": str,
        "osi_approved": bool,
        "tags": list,
        "bundle": list,
        "belongs_to": str,
        "predecessor": str,
        "aliases": list,
        "shared_aliases": list,
        "same_text_as": str,
        "sha256": str,
        "note": str,
    }
)
FAMILY_FIELDS: Mapping[str, type] = MappingProxyType(
    {
        "name": str,
        "title": str,
        "licensor": str,
        "aliases": list,
        "members": list,
        "umbrella": bool,
        "not_on_file": list,
    }
)
_REQUIRED = {"license": ("id", "title", "class"), "family": ("name", "title", "members")}


@dataclass(frozen=True, slots=True)
class ExternalPolicy:
    """A policy not on file that a license takes in by reference; `address` as the license text states it."""

    title: str
    address: str


@dataclass(frozen=True, slots=True)
class License:
    """One entry of the catalog: a license, or a policy that is read with one.

    `version_date` is an ISO date, cut to month or year where the text states no more. `bundle` holds the other
    documents on file that are read with it; `belongs_to` is a policy's license. `aliases` are the ways people write
    its name; those in `shared_aliases` name other licenses as well. `same_text_as` is an entry whose text this one
    carries whole. `osi_approved` is None where it is not known.
    """

    id: str
    title: str
    kind: Kind
    class_: str
    family: str
    spdx: str | None = None
    version: str | None = None
    version_date: str | None = None
    licensor: str | None = None
    osi_approved: bool | None = None
    tags: tuple[str, ...] = ()
    bundle: tuple[str, ...] = ()
    belongs_to: str | None = None
    predecessor: str | None = None
    aliases: tuple[str, ...] = ()
    shared_aliases: tuple[str, ...] = ()
    same_text_as: str | None = None
    sha256: str | None = None
    note: str | None = None
    external: tuple[ExternalPolicy, ...] = ()


@dataclass(frozen=True, slots=True)
class Family:
    """Licenses that share a name, oldest first. An umbrella gathers licenses that have closer families of their own.

    `not_on_file` names versions that exist but whose text the product does not have.
    """

    name: str
    title: str
    licensor: str | None
    aliases: tuple[str, ...]
    members: tuple[str, ...]
    umbrella: bool = False
    not_on_file: tuple[str, ...] = ()


def check(holds: bool, entry: str, field: str, problem: str) -> None:
    """Raise DataError with entry, field and problem unless `holds`."""
    if not holds:
        raise DataError(f"catalog.toml: {entry}: {field}: {problem}")


def rows(data: Mapping[str, Any], table: str, fields: Mapping[str, type]) -> list[dict[str, Any]]:
    """Return the rows of a table, each with all required fields, none unknown, all of the right type.

    Raise DataError otherwise.
    """
    found = data.get(table, [])
    check(isinstance(found, list), table, table, f"write each as [[{table}]]")
    for number, row in enumerate(found, start=1):
        check(isinstance(row, dict), f"{table} {number}", table, f"write each as [[{table}]]")
        name = str(row.get(_REQUIRED[table][0], f"{table} {number}"))
        for field in _REQUIRED[table]:
            check(field in row, name, field, "is missing")
        for field, value in row.items():
            if field == "external" and table == "license":
                continue
            check(field in fields, name, field, "is not a field of the catalog")
            check(isinstance(value, fields[field]), name, field, f"must be a {fields[field].__name__}")
            check(value not in ("", []), name, field, "is empty; leave it out")
            if isinstance(value, list):
                check(all(isinstance(item, str) for item in value), name, field, "must hold strings")
                check(len(set(value)) == len(value), name, field, "names something twice")
    return list(found)


def words(data: Mapping[str, Any], table: str) -> dict[str, str]:
    """Return a table that maps words to words. Raise DataError if it does not."""
    found = data.get(table, {})
    check(isinstance(found, dict), table, table, f"write [{table}]")
    for key, value in found.items():
        check(isinstance(value, str) and bool(value), table, key, "must be a text")
    return dict(found)


def unique(rows: list[dict[str, Any]], field: str) -> set[str]:
    """Return the values of a field. Raise DataError if one stands twice."""
    for value, count in Counter(row[field] for row in rows).items():
        check(count == 1, value, field, "stands twice in the catalog")
    return {row[field] for row in rows}


def read_families(rows: list[dict[str, Any]], licenses: list[dict[str, Any]], ids: set[str]) -> dict[str, Family]:
    """Return the families of the file, and a family of one for each license that is in none.

    Raise DataError if a member is unknown or in two families.
    """
    unique(rows, "name")
    families: dict[str, Family] = {}
    placed: dict[str, str] = {}
    for row in rows:
        name = row["name"]
        umbrella = row.get("umbrella", False)
        for member in row["members"]:
            check(member in ids, name, "members", f"{member!r} is not an id of the catalog")
            if not umbrella:
                check(member not in placed, name, "members", f"{member!r} is already in {placed.get(member)!r}")
                placed[member] = name
        lists = {key: tuple(row.get(key, ())) for key in ("aliases", "members", "not_on_file")}
        families[name] = Family(name, row["title"], row.get("licensor"), umbrella=umbrella, **lists)
    for entry in licenses:
        if entry["id"] not in placed and "belongs_to" not in entry and "same_text_as" not in entry:
            check(entry["id"] not in families, entry["id"], "id", "is also the name of a family it is not in")
            families[entry["id"]] = Family(entry["id"], entry["title"], entry.get("licensor"), (), (entry["id"],))
    return families


def read_license(row: Mapping[str, Any], home: Mapping[str, str], tags: Mapping[str, str]) -> License:
    """Return one license; `home` names the family of each id, `tags` are the known ones.

    Raise DataError if a value is not allowed.
    """
    id = row["id"]
    kind = row.get("kind", "license")
    check(_ID.fullmatch(id) is not None, id, "id", "must be lower case letters, digits and . _ + -")
    check(kind in get_args(Kind), id, "kind", f"{kind!r} is none of {', '.join(get_args(Kind))}")
    check(row["class"] in CLASSES, id, "class", f"{row['class']!r} is none of {', '.join(CLASSES)}")
    check(_SHA256.fullmatch(row.get("sha256", "0" * 64)) is not None, id, "sha256", "must be 64 hexadecimal digits")
    check(_is_date(row.get("version_date", "2000")), id, "version_date", "is not a date (2024-07-23, 2024-07 or 2024)")
    for tag in row.get("tags", ()):
        check(tag in tags, id, "tags", f"{tag!r} is not in [tags] of the catalog")
    shared = tuple(row.get("shared_aliases", ()))
    head = str(row.get("belongs_to") or row.get("same_text_as") or id)
    plain: dict[str, Any] = {key: tuple(value) if isinstance(value, list) else value for key, value in row.items()}
    plain |= {
        "kind": kind,
        "class_": plain.pop("class"),
        "family": home.get(id) or home.get(head, head),
        "aliases": (*row.get("aliases", ()), *shared),
        "external": _externals(id, row.get("external", [])),
    }
    return License(**plain)


def _externals(id: str, rows: Any) -> tuple[ExternalPolicy, ...]:
    check(isinstance(rows, list), id, "external", "write each as { title = ..., address = ... }")
    for row in rows:
        check(isinstance(row, dict) and set(row) == {"title", "address"}, id, "external", "needs title and address")
        check(all(isinstance(value, str) and value for value in row.values()), id, "external", "must hold strings")
    return tuple(ExternalPolicy(**row) for row in rows)


def _is_date(value: str) -> bool:
    match = _DATE.fullmatch(value)
    if match is None:
        return False
    year, month, day = (int(part or 1) for part in match.groups())
    try:
        date(year, month, day)
    except ValueError:
        return False
    return True
