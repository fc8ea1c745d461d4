"""Names as people write them: a text becomes normal tokens; "Llama-3.1-8B" and "llama3.1 8b" are the same.

Case, hyphens, spaces, "v" before a number and a trailing ".0" do not count. Digits do: no number matches another.
"""

import re
import tomllib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from functools import cache
from pathlib import Path
from types import MappingProxyType
from typing import Literal

from corpus.errors import DataError

TokenKind = Literal["word", "mark", "size", "number", "noise", "plus"]
_PATH = Path(__file__).parent / "data" / "names.toml"

# word: letters of one script. mark: a letter with a number (K2, R1). size: a number with a unit (8B, 8x22B, 3D).
# noise: how numbers are stored and how many parameters are active at a time (fp8, Q4_K_M, A22B).
_TOKEN = re.compile(
    r"""
      (?P<noise> (?<![a-z0-9]) (?: (?:fp|int|bf|iq|q|w)[0-9]+ (?:_[a-z0-9_]+)? | a[0-9]+(?:\.[0-9]+)?b ) (?![a-z0-9]) )
    | (?P<mark>  (?<![a-z0-9]) [a-uw-z][0-9]+(?:\.[0-9]+)* (?![a-z0-9]) )
    | (?P<size>  [0-9]+(?:\.[0-9]+)*(?:x[0-9]+(?:\.[0-9]+)?)?[a-z] (?![a-z0-9]) )
    | (?P<number>[0-9]+(?:\.[0-9]+)* )
    | (?P<word>  [a-z\u00c0-\u024f]+?(?=v[0-9]) | [a-z\u00c0-\u024f]+ | [^\W\d_a-z\u00c0-\u024f]+ )
    | (?P<plus>  (?<=[a-z0-9+])\+ )
    """,
    re.IGNORECASE | re.VERBOSE,
)
# What may stand between the parts of a name: "Llama-3.1", "FLUX.1 [dev]", "CC BY-NC (4.0)"; no end of a sentence.
_GAP = re.compile(r"[ \t\u00a0]?[-‐‑–_/:.&]?[ \t\u00a0\n]?[\[({]?|[\])}][ \t]?[-–]?")
_SENTENCE_END = re.compile(r"[.:][ \t\n]")
_COMMA_GAP = re.compile(r",?[ \t\n]?\(?")
_LONGEST_GAP = 4
_SENTENCE_START = re.compile(r"(?:^|[.!?:;\n])[\s\"'“‘(\[*#>-]*$")


@dataclass(frozen=True, slots=True)
class Token:
    """One token: its normal form, its place in the text, what it is, and whether it goes on from the token before."""

    text: str
    start: int
    end: int
    kind: TokenKind
    joined: bool


@dataclass(frozen=True, slots=True)
class Words:
    """The words that matter to names: see `names.toml` for what each list means."""

    same: Mapping[str, str]
    join: frozenset[tuple[str, str]]
    skip: frozenset[str]
    suffixes: frozenset[str]
    variants: frozenset[str]
    ordinary: frozenset[str]
    any_case: frozenset[str]
    small: frozenset[str]
    introduces: frozenset[str]
    with_license: frozenset[str]
    kinds: frozenset[str]
    context: frozenset[str]
    generic: frozenset[str]
    counted: frozenset[str]
    not_typos: frozenset[str]


def words_from(text: str) -> Words:
    """Return the word lists that a TOML text holds. Raise DataError if one is missing or not a list."""
    try:
        data = tomllib.loads(text)
        lists = {name: frozenset(data[name]) for name in Words.__dataclass_fields__ if name not in ("same", "join")}
        join = frozenset((first, second) for first, second in (pair.split() for pair in data["join"]))
        return Words(same=MappingProxyType(dict(data["same"])), join=join, **lists)
    except (tomllib.TOMLDecodeError, KeyError, TypeError, ValueError) as error:
        raise DataError(f"names.toml does not hold what it must: {error!r}") from error


@cache
def load() -> Words:
    """Return the word lists that come with the package. Raise DataError if they cannot be read."""
    try:
        return words_from(_PATH.read_text(encoding="utf-8"))
    except (OSError, UnicodeDecodeError) as error:
        raise DataError(f"names.toml cannot be read: {error}; install the package again") from error


def number(text: str) -> str:
    """Return a version number without leading 'v' and trailing '.0'."""
    text = text.lower().removeprefix("v")
    while text.endswith(".0"):
        text = text[:-2]
    return text


def major(version: str) -> int:
    """Return the part of a version before its first dot, cut to five digits."""
    return int(version.partition(".")[0][:5])


def tokens(text: str, words: Words) -> tuple[Token, ...]:
    """Return the tokens of a text in normal form, in order. The 's' of a genitive is left out."""
    found: list[Token] = []
    skipped: Token | None = None
    reach: int | None = None  # where the token before ends, its genitive included
    for match in _TOKEN.finditer(text):
        token = _token(match, text, reach, words)
        if token.text == "s" and reach is not None and text[reach : token.start] in ("'", "’"):
            reach = token.end
            continue
        if skipped is not None:
            if token.kind == "number":
                token = replace(token, joined=token.joined and skipped.joined)
            else:
                found.append(skipped)
            skipped = None
        if token.text in words.skip:
            skipped = replace(token, joined=bool(found) and _near_version(text[found[-1].end : token.start]))
        elif found and token.joined and (found[-1].text, token.text) in words.join:
            last = found.pop()
            found.append(Token(_same(last.text + token.text, words), last.start, token.end, "word", last.joined))
        else:
            found.append(token)
        reach = token.end
    return tuple(found) if skipped is None else (*found, skipped)


def forms(name: str, words: Words) -> tuple[str, ...]:
    """Return the normal form of one name as a sequence of token texts."""
    return tuple(token.text for token in tokens(name, words))


def begins(read: Sequence[Token], i: int, sequence: tuple[str, ...]) -> bool:
    """Return True if the tokens from `i` on are `sequence`, without a break between them."""
    if i + len(sequence) > len(read):
        return False
    return all(
        read[i + offset].text == text and (offset == 0 or read[i + offset].joined)
        for offset, text in enumerate(sequence)
    )


def starts_sentence(text: str, start: int) -> bool:
    """Return True if a sentence or line starts at `start`, where a capital letter says nothing."""
    return _SENTENCE_START.search(text[max(0, start - 8) : start]) is not None


def _token(match: re.Match[str], text: str, reach: int | None, words: Words) -> Token:
    kind: TokenKind = match.lastgroup  # type: ignore[assignment]
    raw = match.group().lower()
    if kind == "number":
        raw = number(raw)
    elif kind == "word":
        raw = _same(raw, words)
    joined = reach is not None and _near(text[reach : match.start()])
    return Token(raw, match.start(), match.end(), kind, joined)


def _same(word: str, words: Words) -> str:
    return words.same.get(word, word)


def _near(gap: str) -> bool:
    if not gap:
        return True
    return len(gap) <= _LONGEST_GAP and not _SENTENCE_END.search(gap) and _GAP.fullmatch(gap) is not None


def _near_version(gap: str) -> bool:
    return _near(gap) or (len(gap) <= _LONGEST_GAP and _COMMA_GAP.fullmatch(gap) is not None)
