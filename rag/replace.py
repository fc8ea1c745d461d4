"""What to swap in a stack: the smallest set of components without which no error is left, and models that fit in their place.

A candidate does what the component does, and its license allows every use that is made of it in the stack, also in what was made from it;
duties that it brings are no obstacle, open questions are.
"""

import tomllib
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, replace
from functools import cache
from importlib import resources

from corpus.model_rows import Model
from corpus.registry import Registry
from rag import clashes, lineage
from rag.case import Case, Outcome
from rag.lineage import Bond
from rag.stack import Component, Stack
from rag.types import SEVERITY

_MOST = 5
_LOOKED_UP, _WOVEN = 5, 2_000
# Sets of components up to this size are searched whole: each step tries the few causes of one error.
_EXACT = 12
_TEXT = "text"
_NO_WEIGHTS = frozenset(("proprietary", "other", "data"))
# Ways of making that only models know.
_OF_MODELS = frozenset(("fine-tune", "lora", "merge", "quantize", "distill", "train-on-outputs", "generate"))


@dataclass(frozen=True, slots=True)
class Replacement:
    """A component to swap, and the ids of models that fit in its place, best first; none if it is no model, or none is known."""

    component: str
    candidates: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Ground:
    """What a search for candidates stands on: the stack, the licenses of each component, and how licenses are read and weighed."""

    stack: Stack
    own: Mapping[str, tuple[str, ...]]
    has: Callable[[str], bool]
    case: Callable[[str], Case]
    weigh: Callable[[Bond], Outcome]


@dataclass(frozen=True, slots=True)
class _Does:
    kind: str
    series: frozenset[str]
    models: frozenset[str]
    words: tuple[str, ...]


@cache
def _table() -> tuple[_Does, ...]:
    data = tomllib.loads(resources.files("rag").joinpath("data/does.toml").read_text(encoding="utf-8"))
    return tuple(
        _Does(
            row["kind"],
            frozenset(row.get("series", ())),
            frozenset(row.get("models", ())),
            tuple(row.get("words", ())),
        )
        for row in data["does"]
    )


def does(row: Model) -> str:
    """Return what a model of the registry does."""
    by_model = next((d.kind for d in _table() if row.id in d.models), None)
    return by_model or next((d.kind for d in _table() if row.series in d.series), _TEXT)


def smallest(errors: Iterable[frozenset[str]]) -> tuple[str, ...]:
    """Return the smallest set of names that holds one of each error's causes; of two of one size the first by name.

    Of more than a dozen the smallest is not searched for: names in most errors come first.
    """
    left = sorted({causes for causes in errors if causes}, key=lambda causes: (len(causes), sorted(causes)))
    for size in range(_EXACT + 1):
        found = _within(left, size)
        if found is not None:
            return tuple(sorted(found))
    chosen: set[str] = set()
    while left:
        counts = {name: sum(name in causes for causes in left) for causes in left for name in causes}
        best = min(counts, key=lambda name: (-counts[name], name))
        chosen.add(best)
        left = [causes for causes in left if best not in causes]
    return tuple(sorted(chosen))


def _within(left: list[frozenset[str]], size: int) -> frozenset[str] | None:
    """Return a set of at most `size` names that holds one of each, or None."""
    if not left:
        return frozenset()
    if not size:
        return None
    for name in sorted(left[0]):
        more = _within([causes for causes in left if name not in causes], size - 1)
        if more is not None:
            return more | {name}
    return None


def replacements(names: tuple[str, ...], ground: Ground, registry: Registry) -> tuple[Replacement, ...]:
    """Return the components to swap, the first five with candidates; none in a stack with thousands of bonds."""
    by_name = {component.name: component for component in ground.stack.components}
    fitting: dict[tuple[str, tuple[str, ...]], int | None] = {}

    def rank(name: str, ids: tuple[str, ...]) -> int | None:
        if (name, ids) not in fitting:
            fitting[name, ids] = _rank(name, ids, names, ground)
        return fitting[name, ids]

    # Each candidate is weighed with the whole stack: in one that is interwoven a hundredfold none is looked up.
    woven = sum(map(len, lineage.bonds(ground.stack.components, ground.own, ground.case).values())) if names else 0
    asked = names[:_LOOKED_UP] if woven <= _WOVEN else ()
    near = {name: _candidates(by_name[name], ground, registry, rank) for name in asked}
    return tuple(Replacement(name, near.get(name, ())) for name in names)


def _candidates(
    component: Component, ground: Ground, registry: Registry, rank: Callable[[str, tuple[str, ...]], int | None]
) -> tuple[str, ...]:
    """Return the models that fit, those whose license asks for least and that have a source first; one of each series."""
    row, wanted = _wanted(component, ground, registry)
    if wanted is None:
        return ()
    found = []
    for model in registry.models:
        if does(model) != wanted or model is row or not _has_weights(model, ground):
            continue
        worst = rank(component.name, model.licenses)
        if worst is not None:
            found.append((-worst, model.basis == "unverified", model.id, model.series))
    best: dict[str, str] = {}
    for _, _, id, series in sorted(found):
        best.setdefault(series, id)
    return tuple(best.values())[:_MOST]


def _wanted(component: Component, ground: Ground, registry: Registry) -> tuple[Model | None, str | None]:
    """Return the model that a component is, if it is a known one, and what it does; None if it is no model."""
    mentions = registry.mentions(component.model) if component.model else ()
    row = next((registry.model(m.model) for m in mentions if m.model), None)
    if row is not None:
        return row, does(row)
    name = (component.model or component.name).lower()
    said = next((d.kind for d in _table() if any(word in name for word in d.words)), None)
    own = ground.own.get(component.name, ())
    # A license that only models of one kind are under says what the component does.
    under = {does(model) for model in registry.models if own and set(own) <= set(model.licenses)}
    entries = [ground.case(id).entry for id in own]
    of_ai = any(entry is not None and "ai" in entry.tags and "software" not in entry.tags for entry in entries)
    if said or (of_ai and len(under) == 1):
        return None, said or under.pop()
    made = any(c.how in _OF_MODELS for c in ground.stack.components if component.name in c.derived_from)
    return None, _TEXT if made or of_ai or component.model is not None else None


def _has_weights(model: Model, ground: Ground) -> bool:
    """Return True if a model's licenses are on file and give weights that can take the place of a component."""
    entries = [ground.case(id).entry if ground.has(id) else None for id in model.licenses]
    return bool(entries) and all(entry is not None and entry.class_ not in _NO_WEIGHTS for entry in entries)


def _rank(name: str, ids: tuple[str, ...], gone: tuple[str, ...], ground: Ground) -> int | None:
    """Return how little the licenses ask for in a component's place (the severity of the worst verdict), None if they do not fit.

    The other components that have to go are taken out: what takes their place is not known yet.
    """
    own = {**ground.own, **dict.fromkeys(gone, ()), name: ids}
    parts = tuple(replace(c, model=None, license=None) if c.name == name else c for c in ground.stack.components)
    worst = SEVERITY["yes"]
    for bonds in lineage.bonds(parts, own, ground.case).values():
        mine = [bond for bond in bonds if bond.root == name]
        if not mine:
            continue
        for bond in mine:
            outcome = ground.weigh(bond)
            settled = outcome.verdict in ("yes", "conditional") and set(outcome.depends_on) <= {"duties"}
            if not settled or outcome.missing or outcome.assumed:
                return None
            worst = min(worst, SEVERITY[outcome.verdict])
        found = clashes.clashes(bonds, ground.stack.use, ground.case)
        if any(name in {bond.root for bond in clash.bonds} for clash in found):
            return None
    return worst
