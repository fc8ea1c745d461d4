"""Words of questions and of texts: stems, and the senses in which the two say the same with different words."""

import re
import tomllib
from collections.abc import Iterable, Mapping
from functools import cache
from importlib import resources

_WORD = re.compile(r"[a-z0-9][a-z0-9.]*[a-z0-9]|[a-z0-9]")
_STOP = frozenset(
    "the a an of to in is are we i you it our my your can may must do does did what which who how if for on and or with under that this be "
    "not have has had from by at as about when where would could should will shall any some such there their them they its into out up so "
    "than then also only just us me he she his her was were been being but no yes all more most other these those say says".split()
)


def words(text: str) -> tuple[str, ...]:
    """Return the content words of a text, lower case, with the commonest endings cut so that `training` meets `train`."""
    return tuple(_stem(w) for w in _WORD.findall(text.lower()) if w not in _STOP)


def _stem(word: str) -> str:
    if word.isdigit() or len(word) < 5:
        return word
    for ending in ("ations", "ation", "ings", "ing", "ies", "ed", "es", "s", "ly", "e"):
        if word.endswith(ending) and len(word) - len(ending) >= 4:
            return word[: -len(ending)]
    return word


@cache
def _groups() -> Mapping[str, frozenset[int]]:
    """Return the senses of each stem."""
    data = tomllib.loads(resources.files("rag").joinpath("data/senses.toml").read_text(encoding="utf-8"))
    found: dict[str, set[int]] = {}
    for number, group in enumerate(data["groups"]):
        for word in words(group):
            found.setdefault(word, set()).add(number)
    return {word: frozenset(numbers) for word, numbers in found.items()}


def senses(stems: Iterable[str]) -> frozenset[int]:
    """Return the senses of stems, as numbers of the groups of `senses.toml`."""
    table = _groups()
    return frozenset(number for stem in stems for number in table.get(stem, ()))
