"""The figures and places that a claim and a clause state: amounts by what they count, periods, jurisdictions."""

import re
import tomllib
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from functools import cache, lru_cache
from importlib import resources

from corpus.terms import pattern
from rag.language import words

Amounts = Mapping[str, frozenset[float]]
_NEAR = 4
_TOKEN = re.compile(r"[a-z]+|\d[\d,]*(?:\.\d+)?|[$€£%]")
_SIGNS = {
    "$": "money",
    "€": "money",
    "£": "money",
    "eur": "money",
    "usd": "money",
    "gbp": "money",
    "rmb": "money",
    "cny": "money",
    "chf": "money",
}
_ONE, _FULL, _LEAST = ("a", "an"), ("full", "whole", "single"), 4
# Years of a date and numbers of versions count nothing.
_DATES = range(1990, 2101)


@dataclass(frozen=True, slots=True)
class Figures:
    """The tables of `wordings.toml` on numbers and places."""

    words: Mapping[str, float]
    scales: Mapping[str, float]
    days: Mapping[str, float]
    unit: Mapping[str, re.Pattern[str]]
    period: Mapping[str, re.Pattern[str]]
    above: re.Pattern[str]
    bound: re.Pattern[str]
    place: Mapping[str, str]
    finder: re.Pattern[str]


@cache
def tables() -> Figures:
    """Return the product's tables of numbers and places."""
    data = tomllib.loads(resources.files("rag").joinpath("data/wordings.toml").read_text(encoding="utf-8"))
    number = data["number"]
    place = {name: code for code, names in data["place"].items() for name in names.split(", ")}
    names = "|".join(re.escape(name).replace(r"\ ", r"\s+") for name in sorted(place, key=len, reverse=True))
    return Figures(
        {word: float(value) for word, value in number["words"].items()},
        {word: float(value) for word, value in number["scales"].items()},
        {word: float(value) for word, value in number["days"].items()},
        {name: re.compile(source) for name, source in number["unit"].items()},
        {name: pattern(source) for name, source in number["period"].items()},
        pattern(number["above"]),
        pattern(number["bound"]),
        place,
        re.compile(rf"(?<!\w)({names})(?!\w)", re.IGNORECASE),
    )


@lru_cache(maxsize=4096)
def amounts(text: str) -> Amounts:
    """Return the numbers of a text by what they count: `time` in days, `money`, `users` and so on."""
    tokens = _TOKEN.findall(text.lower().replace("\u2024", "."))
    found: dict[str, set[float]] = {}
    at = 0
    while at < len(tokens):
        value, after = _value(tokens, at)
        if value is None:
            at += 1
            continue
        unit, value = _unit(tokens, at, after, value)
        if unit:
            found.setdefault(unit, set()).add(value)
        at = after
    return {unit: frozenset(values) for unit, values in found.items()}


def bare(text: str) -> tuple[float, ...]:
    """Return the numbers of a text whatever they count, in order; years of a date are left out."""
    tokens = _TOKEN.findall(text.lower())
    found, at = [], 0
    while at < len(tokens):
        value, after = _value(tokens, at)
        if value is not None and value not in _DATES and tokens[at][0].isdigit():
            found.append(value)
        at = after
    return tuple(found)


def _value(tokens: list[str], at: int) -> tuple[float | None, int]:
    """Return the number that begins at a token, and where it ends."""
    table, token = tables(), tokens[at]
    if token[0].isdigit():
        value: float | None = float(token.replace(",", ""))
    elif token in _ONE and tokens[at + 1 : at + 2] and tokens[at + 1] in (*table.scales, *_FULL):
        value = 1.0
    else:
        value = table.words.get(token)
    if value is None:
        return None, at + 1
    end = at + 1
    while end < len(tokens) and tokens[end] in table.scales:
        value *= table.scales[tokens[end]]
        end += 1
    return value, end


def _unit(tokens: list[str], at: int, after: int, value: float) -> tuple[str, float]:
    """Return what a number counts, by the sign before it or the words behind it, and the number in that unit."""
    table = tables()
    if value in _DATES:
        return "", value
    if at and tokens[at - 1] in _SIGNS:
        return _SIGNS[tokens[at - 1]], value
    for token in tokens[after : after + _NEAR]:
        if token[0].isdigit() or token in _SIGNS:
            continue
        time = next((days for word, days in table.days.items() if token in (word, f"{word}s")), None)
        if time is not None:
            return "time", value * time
        for unit, source in table.unit.items():
            if source.fullmatch(token):
                return unit, value
    behind = tokens[after] if after < len(tokens) else ""
    return (f"of {_stemmed(behind)}" if behind.isalpha() and len(behind) > _LEAST else ""), value


def _stemmed(word: str) -> str:
    return next(iter(words(word)), "")


def periods(text: str) -> frozenset[str]:
    """Return the periods over which a text counts something."""
    return frozenset(name for name, source in tables().period.items() if source.search(text))


def places(text: str) -> frozenset[str]:
    """Return the jurisdictions that a text names."""
    table = tables()
    return frozenset(
        table.place[" ".join(m.group(1).lower().split())]
        for m in table.finder.finditer(text)
        if m.group(1) not in ("us", "eu", "uk")
    )


def named(stated: Iterable[str], claimed: Iterable[str]) -> bool:
    """Return True if a place stated is one of those claimed or lies inside it."""
    return any(s == c or s.startswith(f"{c}-") for s in stated for c in claimed)


def touched(stated: Iterable[str], claimed: Iterable[str]) -> bool:
    """Return True if a place stated is one of those claimed, lies inside it or holds it."""
    return named(stated, claimed) or named(claimed, stated)
