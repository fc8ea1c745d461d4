"""The signs of language that checks look for in questions and lines, by name: how one says that a license has ended, or that nobody qualified takes part."""

import re
import tomllib
from collections.abc import Mapping
from functools import cache
from importlib import resources

from corpus.terms import pattern


@cache
def _signs() -> Mapping[str, re.Pattern[str]]:
    data = tomllib.loads(resources.files("rag").joinpath("data/signs.toml").read_text(encoding="utf-8"))
    return {name: pattern("|".join(sources)) for name, sources in data.items()}


def sign(name: str) -> re.Pattern[str]:
    """Return a sign of `signs.toml`. Raise KeyError for another name."""
    return _signs()[name]
