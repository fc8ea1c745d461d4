"""The language of questions, from `questions.toml`: kinds, acts, topics, uses that policies restrict, what is left out, what texts cannot answer."""

import re
import tomllib
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from importlib import resources

from corpus.terms import pattern

Patterns = tuple[re.Pattern[str], ...]


@dataclass(frozen=True, slots=True)
class Act:
    """Something a user wants to do: `covers` are the term acts that allow or forbid it, `triggers` the duties that follow."""

    name: str
    label: str
    patterns: Patterns
    covers: tuple[str, ...]
    triggers: tuple[str, ...]
    commercial: bool = False
    asset: str = "weights"


@dataclass(frozen=True, slots=True)
class Topic:
    """Something a user asks about: `terms` are the term acts that speak of it, by weight."""

    name: str
    label: str
    patterns: Patterns
    terms: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Use:
    """A use that a policy may restrict: how questions and how clauses name it."""

    name: str
    question: re.Pattern[str]
    clause: re.Pattern[str]


@dataclass(frozen=True, slots=True)
class Lexicon:
    """The language of questions, from `questions.toml`."""

    kinds: Mapping[str, Patterns]
    acts: tuple[Act, ...]
    topics: tuple[Topic, ...]
    uses: tuple[Use, ...]
    omission: Patterns
    substitution: Patterns
    scopes: tuple[tuple[str, Patterns], ...]
    strip: Patterns


def _patterns(sources: list[str]) -> Patterns:
    return tuple(pattern(p) for p in sources)


@cache
def lexicon() -> Lexicon:
    """Return the product's lexicon."""
    data = tomllib.loads(resources.files("rag").joinpath("data/questions.toml").read_text(encoding="utf-8"))
    acts = tuple(
        Act(
            a["name"],
            a["label"],
            _patterns(a["patterns"]),
            tuple(a["covers"]),
            tuple(a["triggers"]),
            a.get("commercial", False),
            a.get("asset", "weights"),
        )
        for a in data["act"]
    )
    topics = tuple(Topic(t["name"], t["label"], _patterns(t["patterns"]), tuple(t["terms"])) for t in data["topic"])
    return Lexicon(
        kinds={name: _patterns(sources) for name, sources in data["kind"].items()},
        acts=acts,
        topics=topics,
        uses=tuple(Use(u["name"], pattern(u["question"]), pattern(u["clause"])) for u in data["use"]),
        omission=_patterns(data["omission"]["patterns"]),
        substitution=_patterns(data["omission"]["substitution"]),
        scopes=tuple((s["reason"], _patterns(s["patterns"])) for s in data["scope"]),
        strip=tuple(pattern(p) for s in data["scope"] for p in s.get("strip", ())),
    )


def stands(patterns: Patterns, text: str) -> bool:
    """Return True if any of the patterns stands in the text."""
    return any(p.search(text) for p in patterns)


def asks_outright(text: str) -> bool:
    """Return True if a text asks for permission in so many words, whatever else it asks."""
    return stands(lexicon().kinds["outright"], text)
