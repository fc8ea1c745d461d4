"""A stack: what a product is made of and what it is for, from a TOML or YAML file, checked where it enters."""

import re
import tomllib
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from datetime import date
from graphlib import CycleError, TopologicalSorter
from typing import Any

import yaml

from corpus.errors import InputError
from rag.types import Value

HOWS = (
    *("copy", "fine-tune", "lora", "merge", "quantize", "distill", "train-on-outputs", "embed", "generate"),
    *("link", "aggregate", "load-as-data", "separate-process"),
)
DISTRIBUTIONS = ("internal", "hosted", "on-premises", "weights")
PURPOSES = ("commercial", "research", "education", "evaluation", "personal")
MOST_COMPONENTS = 500
_USE = frozenset(("distribution", "purposes", "principal_place", "markets", "users", "revenue"))
_COMPONENT = frozenset(("name", "model", "license", "derived_from", "how"))
_NAME = re.compile(r"[^\s/][^\n/]{0,79}")
_AMOUNTS = {
    "users": frozenset(("value", "as_of", "scope", "kind")),
    "revenue": frozenset(("value", "currency", "period", "scope")),
}


@dataclass(frozen=True, slots=True)
class Use:
    """What the product is for. `facts` are given facts by the keys that questions use (`users`, `revenue`, `commercial`, `principal_place`)."""

    distribution: str | None = None
    purposes: tuple[str, ...] = ()
    facts: Mapping[str, Value] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Component:
    """A part: a model, something under a license (an SPDX expression or a key), or own work; and what it was made from, and how."""

    name: str
    model: str | None = None
    license: str | None = None
    derived_from: tuple[str, ...] = ()
    how: str | None = None


@dataclass(frozen=True, slots=True)
class Stack:
    """A use and the components, each behind those that it is made from."""

    use: Use
    components: tuple[Component, ...]


def parse(text: str, yaml_form: bool = False) -> Stack:
    """Return the stack of a TOML text, or of a YAML one.

    Raise InputError, naming the place, if it does not hold what it must.
    """
    try:
        data = yaml.safe_load(text) if yaml_form else tomllib.loads(text)
    except (tomllib.TOMLDecodeError, yaml.YAMLError, RecursionError, ValueError) as error:
        raise InputError(f"the stack file is not {'YAML' if yaml_form else 'TOML'}: {reason(error)}") from error
    return of(data)


def reason(error: Exception) -> str:
    """Return in one line why a text is no YAML or TOML, with the line where that shows."""
    if isinstance(error, yaml.MarkedYAMLError) and error.problem_mark is not None:
        return f"{error.problem or error.context} in line {error.problem_mark.line + 1}"
    return str(error).partition("\n")[0] or type(error).__name__


def of(data: Any) -> Stack:
    """Return the stack of what a TOML, YAML or JSON text holds.

    Raise InputError, naming the place, if it does not hold what it must.
    """
    _check(isinstance(data, dict), "the stack file", "must hold [use] and [[component]] tables")
    _only("the stack file", data, frozenset(("use", "component")))
    components = _components(data.get("component"))
    return Stack(_use(data.get("use", {})), components)


def _check(fine: bool, place: str, why: str) -> None:
    if not fine:
        raise InputError(f"{place}: {why}")


def _only(place: str, entry: Mapping[str, Any], known: frozenset[str]) -> None:
    unknown = sorted(str(key) for key in entry if key not in known)
    _check(not unknown, place, f"{unknown[0] if unknown else ''!r} is not known; fields are {', '.join(sorted(known))}")


def _use(entry: Any) -> Use:
    _check(isinstance(entry, dict), "[use]", "must be a table")
    _only("[use]", entry, _USE)
    distribution = entry.get("distribution")
    _check(distribution in (None, *DISTRIBUTIONS), "[use] distribution", f"must be one of {', '.join(DISTRIBUTIONS)}")
    purposes = _strings("[use] purposes", entry.get("purposes", []))
    for purpose in purposes:
        _check(purpose in PURPOSES, "[use] purposes", f"{purpose!r} is none of {', '.join(PURPOSES)}")
    facts: dict[str, Value] = {}
    if purposes:
        facts["commercial"] = "commercial" in purposes
    place = entry.get("principal_place")
    _check(place is None or _words(place), "[use] principal_place", 'must be a code as "DE" or "US"')
    if place:
        facts["principal_place"] = region(place)
    markets = _strings("[use] markets", entry.get("markets", []))
    if markets:
        facts["places"] = " ".join(dict.fromkeys(region(market) for market in markets))
    for name in _AMOUNTS:
        value = _largest(name, entry.get(name, []))
        if value is not None:
            facts[name] = value
    return Use(distribution, purposes, facts)


# The member states that texts mean by European Union, by the codes of ISO 3166.
_EU = frozenset("AT BE BG HR CY CZ DK EE FI FR DE GR HU IE IT LV LT LU MT NL PL PT RO SK SI ES SE".split())
_ALIKE = {"GB": "UK", "NO": "EEA", "IS": "EEA", "LI": "EEA"}


def region(code: str) -> str:
    """Return the region that license texts speak of for a country's code (`DE` is EU); other codes in capitals as they are."""
    upper = code.strip().upper()
    return "EU" if upper in _EU else _ALIKE.get(upper, upper)


def _strings(place: str, value: Any) -> tuple[str, ...]:
    _check(isinstance(value, list) and all(map(_words, value)), place, "must be a list of words")
    return tuple(value)


def shown(value: Any) -> str:
    """Return a value as messages show it; what holds others may be vast (YAML can name one list many times over)."""
    plain = isinstance(value, str | int | float | bool) or value is None
    return ascii(value)[:60] if plain else f"a {type(value).__name__}"


def _words(value: Any) -> bool:
    """Return True if a value is text; JSON can spell half of a character, which no reply can hold."""
    return isinstance(value, str) and not any("\ud800" <= sign <= "\udfff" for sign in value)


def _largest(name: str, rows: Any) -> int | None:
    """Return the largest amount of a list of figures; dates and currencies are checked."""
    place = f"[use] {name}"
    _check(isinstance(rows, list) and all(isinstance(row, dict) for row in rows), place, "must be a list of tables")
    currencies = set()
    for row in rows:
        _only(place, row, _AMOUNTS[name])
        value = row.get("value")
        fine = isinstance(value, int | float) and not isinstance(value, bool) and 0 <= value < 1e15
        _check(fine, place, f"{shown(value)} is no amount; write value = 40_000_000")
        currency = row.get("currency", "USD")
        _check(_words(currency), place, f"{shown(currency)} is no currency; write it as USD")
        currencies.add(currency)
        if "as_of" in row:
            _dated(place, row["as_of"])
    _check(
        len(currencies) <= 1,
        place,
        f"amounts in {' and '.join(sorted(map(str, currencies)))} are not converted; use one currency",
    )
    return max((int(row["value"]) for row in rows), default=None)


def _dated(place: str, value: Any) -> None:
    if isinstance(value, date):
        return
    fine = isinstance(value, str) and re.fullmatch(r"\d{4}(-(0[1-9]|1[0-2])(-(0[1-9]|[12]\d|3[01]))?)?", value)
    _check(bool(fine), place, f"as_of {shown(value)} is not a date; write it as 2025-03 or 2025-03-31")


def _components(rows: Any) -> tuple[Component, ...]:
    _check(isinstance(rows, list) and bool(rows), "the stack file", "has no [[component]]")
    _check(
        len(rows) <= MOST_COMPONENTS,
        "the stack file",
        f"has {len(rows)} components; at most {MOST_COMPONENTS} are read",
    )
    found = [_component(n, row) for n, row in enumerate(rows, start=1)]
    names = [component.name for component in found]
    for name in names:
        _check(names.count(name) == 1, f"component {name}", "is named twice; each name stands for one part")
    return _ordered(found)


def _component(number: int, row: Any) -> Component:
    place = f"component {number}"
    _check(isinstance(row, dict), place, "must be a table")
    name = row.get("name")
    _check(_words(name) and bool(_NAME.fullmatch(name)), place, "needs a name of at most 80 characters")
    place = f"component {name}"
    _only(place, row, _COMPONENT)
    for key in ("model", "license", "how"):
        value = row.get(key)
        _check(value is None or (_words(value) and 0 < len(value) <= 400), f"{place}, {key}", "must be words")
    parents = _strings(f"{place}, derived_from", row.get("derived_from", []))
    _check(
        not (row.get("model") and row.get("license")),
        place,
        "has a model and a license; give one, the model's license is looked up",
    )
    _check(bool(row.get("model") or row.get("license") or parents), place, "needs a model, a license, or derived_from")
    _check(not row.get("how") or bool(parents), place, "says how it was made, but not from what; add derived_from")
    return Component(str(name), row.get("model"), row.get("license"), parents, row.get("how"))


def _ordered(components: Iterable[Component]) -> tuple[Component, ...]:
    """Return the components, each behind those that it is made from. Raise InputError for a cycle or an unknown name."""
    by_name = {component.name: component for component in components}
    for component in by_name.values():
        for parent in component.derived_from:
            _check(
                parent in by_name,
                f"component {component.name}",
                f"derived_from names {parent!r}, which is no component",
            )
    try:
        order = TopologicalSorter({c.name: c.derived_from for c in by_name.values()}).static_order()
        return tuple(by_name[name] for name in order)
    except CycleError as error:
        raise InputError(
            f"the components are made from each other in a circle: {' -> '.join(error.args[1])}"
        ) from error
