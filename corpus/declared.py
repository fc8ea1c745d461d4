"""What a user's file says of itself in front matter: its kind of document and its title. The text itself stays as it is."""

import re
from dataclasses import dataclass
from typing import get_args

from corpus.errors import InputError
from corpus.types import Kind

_FRONT = re.compile(r"\A---[ \t]*\r?\n(?P<front>.{0,4000}?)^---[ \t]*(?:\r?\n|\Z)", re.DOTALL | re.MULTILINE)
_FIELD = re.compile(r"^(kind|title):[ \t]*(\S.*?)[ \t\r]*$", re.MULTILINE)
_KINDS: dict[str, Kind] = {kind: kind for kind in get_args(Kind)}


@dataclass(frozen=True, slots=True)
class Declared:
    """Kind and title as the front matter states them, None for what it does not state; `rest` is the text behind it."""

    kind: Kind | None
    title: str | None
    rest: str


def declared(text: str, shown: str) -> Declared | None:
    """Return what the front matter of a text declares, None without front matter; `shown` is how messages call the file.

    Raise InputError for a kind that there is not.
    """
    front = _FRONT.match(text)
    if front is None:
        return None
    fields = {name: value.strip("\"'") for name, value in _FIELD.findall(front["front"])}
    kind = fields.get("kind")
    if kind is not None and kind not in _KINDS:
        raise InputError(f"{shown} says it is of kind {kind[:40]!r}; the kinds are {', '.join(_KINDS)}")
    return Declared(_KINDS[kind] if kind else None, fields.get("title"), text[front.end() :])
