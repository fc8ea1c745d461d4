"""Tags of choosealicense.com for a license, from its terms by the table `data/tags.toml`."""

import tomllib
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from functools import cache
from importlib import resources
from typing import Any, get_args

from corpus.errors import DataError
from corpus.types import Modality, Term

WORDS: Mapping[str, tuple[str, ...]] = {
    "permissions": ("commercial-use", "modifications", "distribution", "private-use", "patent-use"),
    "conditions": (
        "include-copyright",
        "include-copyright--source",
        "document-changes",
        "disclose-source",
        "network-use-disclose",
        "same-license",
        "same-license--file",
        "same-license--library",
    ),
    "limitations": ("trademark-use", "liability", "patent-use", "warranty"),
}
_SETS = ("acts", "modalities", "conditions", "triggers", "unless_acts")
_DENIED = ("prohibited", "requires-separate-license")


@dataclass(frozen=True, slots=True)
class Row:
    """One row of the table; an empty set asks for nothing.

    It gives no tag where a term denies one of `unless_acts`, or where the license has the tag `unless_tag`
    (`group/tag`) as well.
    """

    group: str
    tag: str
    acts: frozenset[str] = frozenset()
    modalities: frozenset[str] = frozenset()
    conditions: frozenset[str] = frozenset()
    triggers: frozenset[str] = frozenset()
    unless_acts: frozenset[str] = frozenset()
    unless_tag: str | None = None

    def applies(self, term: Term) -> bool:
        """Return True if the term is what the row asks for."""
        if self.acts and term.act not in self.acts:
            return False
        if self.modalities and term.modality not in self.modalities:
            return False
        duties = [c for c in term.conditions if not self.conditions or c.kind in self.conditions]
        if self.triggers:
            duties = [c for c in duties if c.trigger in self.triggers]
        return bool(duties) or not (self.conditions or self.triggers)


@cache
def load() -> tuple[Row, ...]:
    """Return the product's table. Raise DataError if it does not hold what it must."""
    return parse(resources.files("corpus").joinpath("data/tags.toml").read_text(encoding="utf-8"))


def parse(source: str) -> tuple[Row, ...]:
    """Return the rows of a TOML text.

    Raise DataError, naming the row, for a word that is not a tag, a modality or a field.
    """
    try:
        rows = tomllib.loads(source).get("tag", [])
    except tomllib.TOMLDecodeError as error:
        raise DataError(f"tags.toml does not parse: {error}") from error
    return tuple(_row(number, row) for number, row in enumerate(rows, start=1))


def tags(terms: Iterable[Term], rows: Iterable[Row] | None = None) -> dict[str, tuple[str, ...]]:
    """Return the tags of a license by group, in the order of `WORDS`."""
    found = tuple(terms)
    table = tuple(load() if rows is None else rows)
    denied = {term.act for term in found if term.modality in _DENIED}
    applied = [row for row in table if not row.unless_acts & denied and any(map(row.applies, found))]
    given = {f"{row.group}/{row.tag}" for row in applied}
    given -= {f"{row.group}/{row.tag}" for row in applied if row.unless_tag in given}
    return {group: tuple(word for word in words if f"{group}/{word}" in given) for group, words in WORDS.items()}


def _row(number: int, row: Mapping[str, Any]) -> Row:
    where = f"tags.toml: row {number}"
    group, tag = row.get("group", ""), row.get("tag", "")
    if tag not in WORDS.get(group, ()):
        raise DataError(f"{where}: {group}/{tag} is not a tag of choosealicense")
    unknown = set(row) - {"group", "tag", "unless_tag", *_SETS}
    if unknown:
        raise DataError(f"{where}: unknown field {min(unknown)}")
    if wrong := set(row.get("modalities", ())) - set(get_args(Modality)):
        raise DataError(f"{where}: {min(wrong)} is not a modality")
    if not (row.get("acts") or row.get("conditions")):
        raise DataError(f"{where}: names neither acts nor conditions")
    return Row(group, tag, **{name: frozenset(row.get(name, ())) for name in _SETS}, unless_tag=row.get("unless_tag"))
