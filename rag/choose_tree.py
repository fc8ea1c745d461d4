"""The questions of choosing, read from `data/choose.toml` and checked: what each option asks of a license."""

import tomllib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from functools import cache
from importlib import resources
from typing import Any, get_args

from corpus.errors import DataError
from corpus.types import Modality
from rag.lexicon import lexicon
from rag.types import Value

_STEP = frozenset(("id", "ask", "many", "when", "option"))
_OPTION = frozenset(
    (
        "id",
        "label",
        "tags",
        "models",
        "does",
        "acts",
        "free",
        "facts",
        "without",
        "due",
        "by",
        "borne",
        "says",
        "approved",
    )
)
_LISTS = ("tags", "acts", "free", "due", "by", "borne")


@dataclass(frozen=True, slots=True)
class Option:
    """One answer to choose, and what it asks of a license; the fields are told in the file."""

    id: str
    label: str
    tags: tuple[str, ...] = ()
    models: bool = False
    does: str = ""
    acts: tuple[str, ...] = ()
    free: tuple[str, ...] = ()
    facts: Mapping[str, Value] = field(default_factory=dict)
    without: tuple[tuple[str, Modality], ...] = ()
    due: tuple[str, ...] = ()
    by: tuple[str, ...] = ()
    borne: tuple[str, ...] = ()
    says: str = ""
    approved: bool = False


@dataclass(frozen=True, slots=True)
class Step:
    """One question; `when` names the answers to earlier questions that it needs, `many` allows several of its own."""

    id: str
    ask: str
    options: tuple[Option, ...]
    many: bool = False
    when: Mapping[str, tuple[str, ...]] = field(default_factory=dict)


@cache
def load() -> tuple[Step, ...]:
    """Return the product's questions. Raise DataError if the file does not hold what it must."""
    return parse(resources.files("rag").joinpath("data/choose.toml").read_text(encoding="utf-8"))


def parse(source: str) -> tuple[Step, ...]:
    """Return the questions of a TOML text, in its order.

    Raise DataError, naming the question, for a field, an act or a modality that there is not.
    """
    try:
        data = tomllib.loads(source)
    except tomllib.TOMLDecodeError as error:
        raise DataError(f"choose.toml is not TOML: {error}") from error
    steps: list[Step] = []
    for row in data.get("question", ()):
        where = f"choose.toml: question {row.get('id', '?')}"
        _check(set(row) <= _STEP and bool(row.get("id")) and bool(row.get("ask")), where, "needs id and ask")
        _check(bool(row.get("option")), where, "has no option")
        options = tuple(_option(f"{where}, option {each.get('id', '?')}", each) for each in row["option"])
        _check(len({option.id for option in options}) == len(options), where, "has an option twice")
        when = {id: tuple(ids) for id, ids in row.get("when", {}).items()}
        earlier = {step.id: {option.id for option in step.options} for step in steps}
        _check(row["id"] not in earlier, where, "stands twice")
        _check(all(set(ids) <= earlier.get(id, set()) for id, ids in when.items()), where, "when: no earlier answer")
        steps.append(Step(row["id"], row["ask"], options, row.get("many", False), when))
    return tuple(steps)


def applies(step: Step, chosen: Mapping[str, Sequence[str]]) -> bool:
    """Return True if a question is put after the answers (option ids by question) chosen so far."""
    return all(set(chosen.get(id, ())) & set(ids) for id, ids in step.when.items())


def _option(where: str, row: Mapping[str, Any]) -> Option:
    _check(set(row) <= _OPTION and bool(row.get("id")) and bool(row.get("label")), where, "needs id and label")
    known = {act.name for act in lexicon().acts}
    _check({*row.get("acts", ()), *row.get("free", ())} <= known, where, "names an act that questions do not know")
    without = tuple((act, modality) for act, modality in row.get("without", ()))
    _check(all(modality in get_args(Modality) for _, modality in without), where, "names no modality")
    rules_out = without or row.get("due") or row.get("approved")
    _check(not rules_out or bool(row.get("says")), where, "rules out, but does not say why")
    lists = {name: tuple(row.get(name, ())) for name in _LISTS}
    plain = {name: row[name] for name in ("id", "label", "models", "does", "facts", "says", "approved") if name in row}
    return Option(**{**plain, **lists, "without": without})


def _check(fine: bool, where: str, why: str) -> None:
    if not fine:
        raise DataError(f"{where}: {why}")
