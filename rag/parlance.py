"""How claims are put: the patterns of `claims.toml`, what no text tells, and a claim in the words in which clauses are written."""

import re
import tomllib
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from importlib import resources

from corpus.terms import pattern
from rag.question import Question

Patterns = tuple[re.Pattern[str], ...]
# "Heron limits … under its Open Weights License": the maker and the license apart.
_LICENSE = re.compile(
    r"\b(?:its |their |the )?((?:[A-Z][\w.-]+ )+(?:Licen[sc]e|Agreement|Terms)(?: of (?:Use|Service))?)\b"
)
_MAKER = re.compile(r"\b(?!(?:The|Under|A|An|Who|Whoever|If|When|It|Its|Only)\b)[A-Z]\w+(?:[A-Z]\w*)?\b(?![’']s)")
_UNDER = re.compile(r"\b(under|by|with|to)( the| its)?\s*$", re.IGNORECASE)


@dataclass(frozen=True, slots=True)
class Language:
    """The patterns of `claims.toml`."""

    world: Patterns
    subordinate: re.Pattern[str]
    legal: re.Pattern[str]
    past: Patterns
    owner: Mapping[str, re.Pattern[str]]
    contrast: tuple[tuple[re.Pattern[str], re.Pattern[str]], ...]
    verbs: tuple[tuple[re.Pattern[str], str], ...]


@cache
def language() -> Language:
    """Return the language of claims."""
    data = tomllib.loads(resources.files("rag").joinpath("data/claims.toml").read_text(encoding="utf-8"))
    world = data["world"]
    return Language(
        tuple(map(pattern, world["matters"])),
        pattern(world["subordinate"]),
        pattern(world["legal"]),
        tuple(map(pattern, world["past"])),
        {name: pattern(source) for name, source in data["owner"].items()},
        tuple((pattern(claim), pattern(text)) for claim, text in data["contrast"]["pairs"]),
        tuple((pattern(apart), joined) for apart, joined in data["rewrite"]["verbs"]),
    )


def beyond_texts(text: str) -> bool:
    """Return True if a claim is about the world: history, courts, prices, quality, what somebody did. No license text tells."""
    words = language()
    if any(p.search(text) for p in words.world):
        return True
    main = words.subordinate.sub(" ", text)
    return not words.legal.search(main) and any(p.search(main) for p in words.past)


def words(question: Question) -> str:
    """Return a claim without the names in it; a license that is named again as that under which things go is `this license`."""
    text, end = "", 0
    seen: set[str] = set()
    for m in sorted(question.mentions, key=lambda m: m.start):
        if question.text[m.start : m.end] != m.text or m.start < end:
            continue
        again = bool(seen & set(m.licenses)) and _UNDER.search(question.text[: m.start])
        text += question.text[end : m.start] + (" this license " if again else " ")
        seen |= set(m.licenses)
        end = m.end
    text += question.text[end:]
    text = text if any(map(str.isalnum, text)) else question.text
    for apart, joined in language().verbs:
        text = apart.sub(joined, text)
    return text


def in_full(text: str) -> tuple[str, ...]:
    """Return ways to put a claim with its license named in full: the maker's name put before it, or what the claim begins with called a license."""
    license, maker = _LICENSE.search(text), _MAKER.search(text)
    if maker is None:
        return ()
    if license is not None and maker.end() <= license.start():
        named = f"the {maker.group()} {license.group(1)}"
        return (f"{text[: license.start()]}{named}{text[license.end() :]}",)
    called = f"The {maker.group()} License" if maker.start() == 0 else f"{maker.group()} License"
    return (f"{text[: maker.start()]}{called}{text[maker.end() :]}",) if license is None else ()
