"""The words with which the chat and memos put an answer's terms to a reader, from `templates/words.toml`."""

import re
import tomllib
from collections.abc import Mapping
from functools import cache
from pathlib import Path
from typing import Any


@cache
def words() -> Mapping[str, Any]:
    """Return the tables of words."""
    return tomllib.loads((Path(__file__).parent / "templates" / "words.toml").read_text(encoding="utf-8"))


def said(table: str, name: str) -> str:
    """Return the words for a name of a table, or the name itself in plain form if the table has none."""
    found: str = words()[table].get(name, plain(name))
    return found


def basis(verdict: str, name: str) -> str:
    """Return what a verdict rests on: of one that permits nothing and forbids nothing, the clauses that speak of it."""
    return said("told", name) if verdict == "informational" and name == "express-grant" else said("basis", name)


def bare_duty(text: str) -> str:
    """Return what a duty says without how strong it is, which stands in brackets at its end."""
    return re.sub(r" \([^()]*\)\.$", "", text)


def plain(name: str | None) -> str:
    """Return a name of the taxonomy as words."""
    return (name or "").replace("-", " ").replace("_", " ")


def sentence(line: str) -> str:
    """Return what an error or a note says as a sentence; a command at its end is left as it is to be typed."""
    whole = line.endswith(".") or re.search(r": clausewise [\w ]+$", line)
    return f"{line[:1].upper()}{line[1:]}{'' if whole else '.'}"
