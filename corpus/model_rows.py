"""The models file, read and checked: which license a model has, what that rests on, how its name is put together."""

import re
import tomllib
from collections.abc import Collection, Mapping
from dataclasses import dataclass
from datetime import date
from types import MappingProxyType
from typing import Any, Literal, get_args

from corpus.errors import DataError

Basis = Literal["page", "license-text", "unverified"]

_TABLES = ("decoys", "series", "model")
_SERIES = {"name": str, "family": str, "title": str, "stems": list, "weak": list, "orgs": list}
_MODEL = {
    "id": str,
    "name": str,
    "series": str,
    "versions": list,
    "sizes": list,
    "words": list,
    "may": list,
    "first": bool,
    "aliases": list,
    "licenses": list,
    "license_name": str,
    "missing": str,
    "assets": dict,
    "basis": str,
    "source": str,
    "checked": str,
    "conflicts": list,
    "near": list,
    "note": str,
}
_ID = re.compile(r"[a-z0-9][a-z0-9._+-]*")


@dataclass(frozen=True, slots=True)
class Conflict:
    """Another source says another license: its words, and its address."""

    license: str
    source: str


@dataclass(frozen=True, slots=True)
class Model:
    """A model, or all sizes of one release that share a license.

    `licenses` are catalog ids, empty where the text is not on file: then `missing` names it. `license_name` is the name by
    which the source calls the license. `assets` says where code, weights or data have licenses of their own. `basis` says
    what the row rests on: the maker's page (`source`, looked up on the date `checked`), the text of the license itself
    (`source` may say where ScanCode took it from), or nothing that was looked up. `near` holds ids of the models that are
    easily meant instead.

    A name leads to the row by `series`, `versions`, `sizes` (none listed: any), `words` that must stand in it and others
    that `may`; a row that is `first` is meant where no version is named.
    """

    id: str
    name: str
    family: str
    licenses: tuple[str, ...]
    assets: Mapping[str, str]
    basis: Basis
    source: str | None = None
    checked: str | None = None
    aliases: tuple[str, ...] = ()
    conflicts: tuple[Conflict, ...] = ()
    note: str | None = None
    license_name: str | None = None
    missing: str | None = None
    near: tuple[str, ...] = ()
    series: str = ""
    versions: tuple[str, ...] = ()
    sizes: tuple[str, ...] = ()
    words: tuple[str, ...] = ()
    may: tuple[str, ...] = ()
    first: bool = False


@dataclass(frozen=True, slots=True)
class Series:
    """The names that start the name of a model.

    `stems` start it; `weak` ones count only with a version or size that exists. `orgs` are account names of the makers.
    """

    name: str
    family: str
    title: str
    stems: tuple[str, ...]
    weak: tuple[str, ...] = ()
    orgs: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Rows:
    """All rows of the file, in its order. `decoys` are names of other things that start like the name of a model or license."""

    series: Mapping[str, Series]
    models: Mapping[str, Model]
    decoys: tuple[str, ...] = ()


def parse(text: str, licenses: Collection[str]) -> Rows:
    """Return the rows that a TOML text holds; `licenses` are the ids of the catalog.

    Raise DataError, naming row and field, if it does not hold what it must.
    """
    try:
        data = tomllib.loads(text)
    except tomllib.TOMLDecodeError as error:
        raise DataError(f"models.toml is not TOML: {error}") from error
    for table in data:
        _check(table in _TABLES, table, table, "is not a table of the file of models")
    series = {row["name"]: _series(row) for row in _rows(data, "series", _SERIES, ("name", "stems"))}
    models: dict[str, Model] = {}
    for row in _rows(data, "model", _MODEL, ("id", "name", "series", "basis")):
        _check(row["id"] not in models, row["id"], "id", "stands twice")
        _check(row["series"] in series, row["id"], "series", f"{row['series']!r} is not a series")
        models[row["id"]] = _model(row, series[row["series"]], licenses)
    for model in models.values():
        for other in model.near:
            _check(other in models, model.id, "near", f"{other!r} is not a model")
    decoys = data.get("decoys", [])
    _check(isinstance(decoys, list) and all(isinstance(name, str) for name in decoys), "decoys", "decoys", "is no list")
    return Rows(MappingProxyType(series), MappingProxyType(models), tuple(decoys))


def _check(holds: bool, row: str, field: str, problem: str) -> None:
    if not holds:
        raise DataError(f"models.toml: {row}: {field}: {problem}")


def _rows(
    data: Mapping[str, Any], table: str, fields: Mapping[str, type], needed: tuple[str, ...]
) -> list[dict[str, Any]]:
    found: list[dict[str, Any]] = data.get(table, [])
    _check(isinstance(found, list), table, table, f"write each as [[{table}]]")
    for count, row in enumerate(found, start=1):
        name = str(row.get(needed[0], f"{table} {count}"))
        for key in needed:
            _check(key in row, name, key, "is missing")
        for key, value in row.items():
            _check(key in fields, name, key, "is not a field of this table")
            _check(isinstance(value, fields[key]), name, key, f"must be a {fields[key].__name__}")
            if isinstance(value, list) and key != "conflicts":
                _check(all(isinstance(item, str) and item for item in value), name, key, "must hold strings")
                _check(len(set(value)) == len(value), name, key, "names something twice")
    return found


def _series(row: Mapping[str, Any]) -> Series:
    name = row["name"]
    stems = tuple(row["stems"])
    return Series(
        name=name,
        family=row.get("family", name),
        title=row.get("title", stems[0]),
        stems=stems,
        weak=tuple(row.get("weak", ())),
        orgs=tuple(row.get("orgs", ())),
    )


def _licenses(row: Mapping[str, Any], known: Collection[str]) -> tuple[str, ...]:
    name = row.get("id", row["name"])
    for license in (*row.get("licenses", ()), *row.get("assets", {}).values()):
        _check(license in known, name, "licenses", f"{license!r} is not an id of the catalog")
    return tuple(row.get("licenses", ()))


def _model(row: Mapping[str, Any], series: Series, known: Collection[str]) -> Model:
    id = row["id"]
    _check(_ID.fullmatch(id) is not None, id, "id", "must be lower case letters, digits and . _ + -")
    _check(row["basis"] in get_args(Basis), id, "basis", f"{row['basis']!r} is none of {', '.join(get_args(Basis))}")
    licenses = _licenses(row, known)
    _check(bool(licenses) or "missing" in row, id, "missing", "must name the license whose text is not on file")
    if row["basis"] == "page":
        _check(str(row.get("source", "")).startswith("https://"), id, "source", "must be the https address of the page")
        _check(_is_date(row.get("checked", "")), id, "checked", "must be the date of the page, as 2024-07-23")
    else:
        _check("checked" not in row, id, "checked", "is only for a row whose basis is a page")
    conflicts = row.get("conflicts", [])
    for item in conflicts:
        fine = isinstance(item, dict) and set(item) == {"license", "source"}
        _check(fine and item["source"].startswith("https://"), id, "conflicts", "needs license and https source")
    plain: dict[str, Any] = {key: tuple(value) if isinstance(value, list) else value for key, value in row.items()}
    plain |= {
        "family": series.family,
        "licenses": licenses,
        "assets": MappingProxyType(dict(row.get("assets", {}))),
        "conflicts": tuple(Conflict(**item) for item in conflicts),
    }
    return Model(**plain)


def _is_date(value: str) -> bool:
    try:
        return date.fromisoformat(value).isoformat() == value
    except ValueError:
        return False
