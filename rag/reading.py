"""How claims and clauses are read: the concepts they speak of, their passages, and what a passage does with an act.

Words that say the same are one concept, words that say the opposite are known as opposites, and the stance of a passage is one
of six: it allows, forbids, requires or frees, or it says plainly that something is so, or is not so.
"""

import re
import tomllib
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from functools import cache, lru_cache
from importlib import resources

from corpus.terms import pattern
from rag.language import words

Patterns = tuple[re.Pattern[str], ...]
# In the order in which they are asked for, each by the words of `wordings.toml`.
_CUES = (
    ("open", "allowed"),
    ("firm", "required"),
    ("free", "free"),
    ("forbidden", "forbidden"),
    ("spared", "free"),
    ("required", "required"),
    ("allowed", "allowed"),
    ("no", "no"),
)
_WORD = re.compile(r"[a-z0-9][a-z0-9’'.-]*[a-z0-9]|[a-z0-9]")
_BREAK = re.compile(
    r"(?<!\d)[,;:()]|[,;:()](?!\d)|\s[—–-]\s"
    r"|\b(?=(?:but|however|except|unless|provided that|so long as|while|although|whereas|other than|excluding)\b)",
    re.IGNORECASE,
)
_NOT = "non-"
_LIMITING = frozenset(("limited", "narrow", "only", "except"))
# An exception in brackets is one passage, however many things it names.
_ASIDE = re.compile(r"\((?P<aside>(?:other than|excluding|except)[^)]*)\)", re.IGNORECASE)
_EXCEPTING = re.compile(r"\W*(except|unless|other than|excluding|but (never|not(?! limited)))\b", re.IGNORECASE)


@dataclass(frozen=True, slots=True)
class Wordings:
    """The tables of `wordings.toml`. `phrases` are concepts of several words by their first word, longest first."""

    single: Mapping[str, str]
    phrases: Mapping[str, tuple[tuple[str, str], ...]]
    faint: frozenset[str]
    listed: frozenset[str]
    opposite: Mapping[str, frozenset[str]]
    near: Mapping[str, frozenset[str]]
    neutral: re.Pattern[str]
    stance: Mapping[str, Patterns]
    scope: Mapping[str, re.Pattern[str]]


@dataclass(frozen=True, slots=True)
class Passage:
    """A piece of a sentence between its breaks; `excepts` tells an exception from what it is an exception to."""

    text: str
    concepts: frozenset[str]
    stance: str
    excepts: bool


def _stemmed(word: str) -> str:
    return next(iter(words(word)), word)


def _paired(pairs: Iterable[tuple[str, str]]) -> Mapping[str, frozenset[str]]:
    found: dict[str, set[str]] = {}
    for one, other in pairs:
        found.setdefault(one, set()).add(other)
        found.setdefault(other, set()).add(one)
    return {one: frozenset(others) for one, others in found.items()}


@cache
def wordings() -> Wordings:
    """Return the product's wordings."""
    data = tomllib.loads(resources.files("rag").joinpath("data/wordings.toml").read_text(encoding="utf-8"))
    single: dict[str, str] = {}
    phrases: dict[str, list[tuple[str, str]]] = {}
    for table in ("same", "faint"):
        for concept, listed in data[table].items():
            for entry in listed.split(", "):
                if " " in entry:
                    phrases.setdefault(entry.split()[0], []).append((entry, concept))
                else:
                    single.setdefault(entry, concept)
    # A stem stands for the concept of its word unless it is listed itself.
    for entry, concept in tuple(single.items()):
        if entry.isalnum():
            single.setdefault(_stemmed(entry), concept)
    return Wordings(
        single,
        {first: tuple(sorted(rows, key=lambda r: -len(r[0]))) for first, rows in phrases.items()},
        frozenset(data["faint"]),
        frozenset((*data["faint"], *data["same"])),
        _paired(data["opposite"]["pairs"]),
        _paired(data["near"]["pairs"]),
        pattern(data["stance"]["neutral"]),
        {name: tuple(map(pattern, data["stance"][name])) for name, _ in _CUES},
        {name: pattern(source) for name, source in data["scope"].items()},
    )


@lru_cache(maxsize=65_536)
def concepts(text: str) -> frozenset[str]:
    """Return what a text speaks of: concepts, and the stems of all words that belong to none."""
    table = wordings()
    said = " ".join(text.lower().replace("’", "'").split())
    found, end = set(), 0
    for m in _WORD.finditer(said):
        if m.start() < end:
            continue
        for phrase, concept in table.phrases.get(m.group(), ()):
            stop = m.start() + len(phrase)
            if said.startswith(phrase, m.start()) and not said[stop : stop + 1].isalnum():
                found.add(concept)
                end = stop
                break
        else:
            found.update(_of_word(m.group(), table))
    return frozenset(found)


def _of_word(word: str, table: Wordings) -> Iterator[str]:
    """Yield the concept of a word, or its stem; parts of a compound count as well."""
    if word in table.single:
        yield table.single[word]
        return
    if word.startswith(_NOT):
        # What is said of the one is not said of the other.
        yield from (f"{_NOT}{concept}" for concept in _of_word(word.removeprefix(_NOT), table))
        return
    for stem in words(word.replace("-", " ")):
        yield table.single.get(stem, stem)


@lru_cache(maxsize=4096)
def passages(text: str) -> tuple[Passage, ...]:
    """Return the passages of a sentence in order."""
    pieces: list[str] = []
    end = 0
    for aside in _ASIDE.finditer(text):
        pieces += [*_BREAK.split(text[end : aside.start()]), aside.group("aside")]
        end = aside.end()
    pieces += _BREAK.split(text[end:])
    said = [" ".join(p.split()) for p in pieces if p and any(map(str.isalnum, p))]
    return tuple(Passage(p, concepts(p), stance(p), _EXCEPTING.match(p) is not None) for p in said)


def stance(text: str) -> str:
    """Return what a passage does: free, forbidden, required or allowed; `no` if it only denies, `yes` if it only says."""
    table = wordings()
    said = table.neutral.sub(" ", text)
    return next((name for cue, name in _CUES if any(p.search(said) for p in table.stance[cue])), "yes")


def opposites(concept: str) -> frozenset[str]:
    """Return the concepts that deny a concept."""
    turned = concept.removeprefix(_NOT) if concept.startswith(_NOT) else f"{_NOT}{concept}"
    return wordings().opposite.get(concept, frozenset()) | {turned}


def known(concept: str) -> bool:
    """Return True if a concept is one of the product's, not a mere word."""
    return concept in wordings().listed


def near(concept: str) -> frozenset[str]:
    """Return the concepts that meet a concept in part."""
    return wordings().near.get(concept, frozenset())


def telling(found: Iterable[str]) -> frozenset[str]:
    """Return the concepts that tell one clause from another."""
    faint = wordings().faint
    return frozenset(c for c in found if c not in faint)


def scoped(name: str, text: str) -> bool:
    """Return True if a text is wide, narrow, only, limited or an exception (`except`), as `wordings.toml` puts it."""
    table = wordings()
    return table.scope[name].search(table.neutral.sub(" ", text) if name in _LIMITING else text) is not None
