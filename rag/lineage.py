"""Lineage: which licenses bind a component of a stack, its own and those that pass along from what it was made of.

What passes is decided by each parent's own text: whether it counts models trained on outputs as derivatives, whether its copyleft
reaches what is linked with it. A way of combining that is not known passes nothing and is reported.
"""

import re
import tomllib
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from functools import cache
from importlib import resources
from typing import Literal, NamedTuple

from corpus.terms import pattern
from rag.case import Case, Evidence
from rag.stack import HOWS, Component

Kind = Literal["own", "derivative", "part", "taught", "generated"]
# Ways in which the result is a changed or unchanged form of the parent.
CHANGED = frozenset(("fine-tune", "lora", "merge", "quantize"))
SAME_WORK = CHANGED | {"copy"}
TAUGHT = frozenset(("distill", "train-on-outputs"))
COMBINED = frozenset(("link", "embed"))
# Side by side: each part stays under its own license and is looked at by itself.
BESIDE = frozenset(("aggregate", "load-as-data", "separate-process"))


@dataclass(frozen=True, slots=True)
class Bond:
    """A license that binds a component: through which component it came in (`root`), along which edges, and as what."""

    license: str
    root: str
    kind: Kind
    via: tuple[str, ...] = ()


def bonds(
    components: tuple[Component, ...], own: Mapping[str, tuple[str, ...]], case: Callable[[str], Case]
) -> dict[str, tuple[Bond, ...]]:
    """Return the bonds of each component. `components` stand behind their parents; `own` are the licenses of each by name."""
    found: dict[str, tuple[Bond, ...]] = {}
    for component in components:
        mine = [Bond(license, component.name, "own") for license in own.get(component.name, ())]
        for parent in component.derived_from:
            mine += [passed for bond in found[parent] if (passed := _passed(bond, component.how, case)) is not None]
        found[component.name] = _shortest(mine)
    return found


def _shortest(bonds: list[Bond]) -> tuple[Bond, ...]:
    """Return the bonds, of several ways along which a license came in as the same thing the shortest; the number of ways may be vast."""
    kept: dict[tuple[str, str, Kind, bool], Bond] = {}
    for bond in bonds:
        key = (bond.license, bond.root, bond.kind, bool(CHANGED & set(bond.via)))
        if key not in kept or len(bond.via) < len(kept[key].via):
            kept[key] = bond
    return tuple(kept.values())


def says(bond: Bond, case: Callable[[str], Case]) -> Evidence | None:
    """Return the line by which a parent's text makes what was made from it, on the last edge of a bond, its derivative, if there is one."""
    text, how = case(bond.license), bond.via[-1] if bond.via else ""
    if how in TAUGHT:
        return text.first("train-on-outputs", "defines")
    if how in COMBINED:
        return text.first("same-license", "must")
    if how not in CHANGED:
        return None
    # A line on what is no derivative is not the one by which something is.
    denies = _words().denies
    return min(text.all("derivative-definition"), key=lambda e: denies.search(e.text) is not None, default=None)


def unknown(component: Component) -> bool:
    """Return True if it is not said, or not known, how a component was made from its parents."""
    return bool(component.derived_from) and component.how not in HOWS


def apart(component: Component) -> bool:
    """Return True for own work that only stands beside its parents: no license of theirs binds it."""
    return component.how in BESIDE and component.model is None and component.license is None


def _passed(bond: Bond, how: str | None, case: Callable[[str], Case]) -> Bond | None:
    """Return what of a parent's bond binds the component made from it in that way, or None."""
    via = (*bond.via, how or "")
    if how in SAME_WORK:
        kind: Kind = bond.kind if bond.kind in ("taught", "generated") else "derivative"
        return Bond(bond.license, bond.root, kind, via)
    if bond.kind in ("taught", "generated"):
        return None
    text = case(bond.license)
    if how in TAUGHT:
        # Some texts count a model that learned from outputs as a derivative, with all that follows.
        return Bond(bond.license, bond.root, "derivative" if text.all("train-on-outputs", "defines") else "taught", via)
    if how == "generate":
        return Bond(bond.license, bond.root, "generated", via)
    if how in COMBINED:
        reaches = bool(text.all("same-license", "must")) and not _stays_apart(text)
        return Bond(bond.license, bond.root, "derivative" if reaches else "part", via)
    return None


def _stays_apart(text: Case) -> bool:
    """Return True if a copyleft says that works which are linked or combined with its own may stay under other terms."""
    words = _words()
    return any(words.apart.search(e.text) and not words.aggregate.search(e.text) for e in text.all("copyleft-scope"))


class _Words(NamedTuple):
    apart: re.Pattern[str]
    aggregate: re.Pattern[str]
    denies: re.Pattern[str]


@cache
def _words() -> _Words:
    data = tomllib.loads(resources.files("rag").joinpath("data/relations.toml").read_text(encoding="utf-8"))
    return _Words(*(pattern(data[name]) for name in _Words._fields))
