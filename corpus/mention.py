"""A name found in a text, and what it leads to."""

from dataclasses import dataclass
from typing import Literal

MentionKind = Literal["model", "license", "family", "unknown"]


@dataclass(frozen=True, slots=True)
class Mention:
    """A name in a text, `text[start:end]`, and what it leads to.

    - `model`: one model, whose id is `model`; `licenses` are empty where the text of its license is not on file.
    - `license`: one license or policy of the catalog.
    - `family`: several licenses between which the name does not decide, in version order; `near` holds the models that may
      be meant, also those whose license is not on file.
    - `unknown`: it looks like a name, but nothing of that name and version is known.

    `missing` is what the registry calls the text of a model's license where it is not on file.

    `near` holds ids of models or licenses that may be meant. `score` is 1.0 for a name as listed, 0.9 for someone else's
    model made from a listed one, 0.8 for a size that is not listed, less for a typing error, 0.5 for a mere likeness.
    """

    start: int
    end: int
    text: str
    kind: MentionKind
    name: str
    licenses: tuple[str, ...] = ()
    model: str | None = None
    near: tuple[str, ...] = ()
    score: float = 1.0
    missing: str | None = None
