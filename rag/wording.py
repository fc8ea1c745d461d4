"""What the words of a statement claim beyond grammar: numbers, dates, names, markup, and whether they allow or forbid."""

import re
import tomllib
from collections.abc import Collection, Iterable, Iterator, Mapping
from dataclasses import dataclass
from functools import cache
from importlib import resources

from corpus.terms import pattern

_DIGITS = re.compile(r"\d[\d,.]*\d|\d")
_NAME = re.compile(r"[A-Za-z][\w’'+]*(?:[.-]\w+)*")
_SENTENCE = re.compile(r"(?:^|[.!?:;]\s+|[“\"(]\s*)$")
_NEGATED = re.compile(r"\b(may|can|must|shall|will|does|do) not( \w+)?|\bcannot", re.IGNORECASE)
_NOT_ALLOWED = re.compile(
    r"(\bnot|n[’']t|\bnever|\bno longer|\bneither)( \w+)? (allow|permit|grant|let|entitle|license)", re.IGNORECASE
)
_SHALL = re.compile(r"\bshall\b", re.IGNORECASE)
# From one mark to the next, or to the end if none closes it; single marks only where they are no apostrophe.
_QUOTED = (
    re.compile(r"[\"“”„«»]([^\"“”„«»]+)(?:[\"“”„«»]|$)"),
    re.compile(r"(?<!\w)[‘'’‚`‹]([^‘‚`‹]+?)['’`›](?!\w)"),
)
_ENDINGS = ("s", "es", "d", "ed", "ing", "ly", "er", "or", "ion", "able", "ity", "ment", "ness")
_POSSESSIVE = re.compile(r"[’']s$|[’']$")


@dataclass(frozen=True, slots=True)
class Words:
    """The tables of `grounds.toml`."""

    planted: tuple[re.Pattern[str], ...]
    markup: tuple[re.Pattern[str], ...]
    qualified: re.Pattern[str]
    ordinary: frozenset[str]
    numbers: Mapping[str, float]
    fractions: Mapping[str, int]
    scales: Mapping[str, float]
    spelled: re.Pattern[str]
    parted: re.Pattern[str]
    scaled: re.Pattern[str]
    months: frozenset[str]
    assertion: Mapping[str, tuple[re.Pattern[str], ...]]


@cache
def tables() -> Words:
    """Return the tables."""
    data = tomllib.loads(resources.files("rag").joinpath("data/grounds.toml").read_text(encoding="utf-8"))
    units = "|".join(f"{unit}s?" for unit in data["units"])
    scales = "|".join(sorted(data["scales"], key=len, reverse=True))
    counted = "|".join(sorted((w for w in data["numbers"] if w != "one"), key=len, reverse=True))
    large = "|".join(f"{scale}s?" for scale in data["scales"] if len(scale) > 2)
    atom = rf"(?:{counted}|{large}|one(?=[ -]+(?:\(\d+\) )?(?:{units}|{large})\b)|(?<=-)one)"
    parts = "|".join(f"{part}s?" for part in data["fractions"])
    return Words(
        tuple(map(pattern, data["planted"])),
        tuple(map(pattern, data["markup"])),
        pattern(data["qualified"]),
        frozenset(data["ordinary"].split()),
        data["numbers"],
        data["fractions"],
        data["scales"],
        re.compile(rf"\b{atom}(?:(?:[ -]|(?<=hundred) and )(?:{atom})\b)*(?!\w)", re.IGNORECASE),
        re.compile(rf"\b(an?|one|two|three|four) *-?({parts})\b(?! part(?:y|ies))", re.IGNORECASE),
        re.compile(rf"\A[ -]?({scales})\b", re.IGNORECASE),
        frozenset(data["months"]),
        {kind: tuple(map(pattern, sources)) for kind, sources in data["assertion"].items()},
    )


def numbers(text: str) -> Iterator[tuple[str, frozenset[float]]]:
    """Yield each number as written with the values it may stand for: `700 million` is 700 and 700,000,000."""
    words = tables()
    rest = list(text)  # what has been read as digits with their scale, or as a fraction, is blotted out
    for found in _DIGITS.finditer(text):
        value, read = _value(found[0]), found.end()
        if value is None:
            yield found[0], frozenset()
            continue
        scale = words.scaled.match(text[read:])
        if scale:
            rest[read : read + scale.end()] = "#" * scale.end()
        yield found[0], frozenset({value, value * words.scales[scale[1].lower()]} if scale else {value})
    for found in words.parted.finditer(text):
        rest[found.start() : found.end()] = "#" * len(found[0])
        part = words.fractions[found[2].lower().removesuffix("s")]
        yield found[0], frozenset({words.numbers.get(found[1].lower(), 1) / part})
    for found in words.spelled.finditer("".join(rest)):
        yield found[0], frozenset({_spelled(found[0].lower())})


def _spelled(written: str) -> float:
    """Return what a number in words says: forty-five, two hundred and ten, seven hundred million."""
    whole = part = 0.0
    for word in re.split(r"[ -]+", written):
        scale = tables().scales.get(word) or tables().scales.get(word.removesuffix("s"))
        if scale is None:
            part += tables().numbers.get(word, 0)
        elif scale == 100:
            part = (part or 1) * scale
        else:
            whole, part = whole + (part or 1) * scale, 0.0
    return whole + part


def _value(written: str) -> float | None:
    if re.fullmatch(r"\d{1,3}(,\d{3})+(\.\d+)?|\d+(\.\d+)?", written):
        return float(written.replace(",", ""))
    return None


def foreign_numbers(text: str, allowed: str) -> list[str]:
    """Return the numbers of a text that the allowed text does not hold: as written, or with the same value."""
    low = allowed.lower()
    known = {float(n) for word, n in tables().numbers.items() if re.search(rf"\b{word}\b", low)}
    written: set[str] = set()
    for form, values in numbers(allowed):
        known |= values
        written.add(form)
    found = []
    for form, values in numbers(text):
        # With a scale the scaled value counts: "700 million" does not stand on "700 thousand".
        plain = len(values) < 2 and form in written
        if not plain and (not values or max(values) not in known):
            found.append(form)
    return found


@cache
def _english() -> frozenset[str]:
    return frozenset(
        tomllib.loads(resources.files("rag").joinpath("data/english.toml").read_text(encoding="utf-8"))["words"].split()
    )


def plain(word: str) -> bool:
    """Return True if a word is an ordinary one, with or without an ending; a compound is if its parts are."""
    words = _english()
    for part in re.split(r"[-’'.]", word.lower()):
        stems = [part.removesuffix(end) for end in _ENDINGS if part.endswith(end) and len(part) - len(end) > 2]
        tried = [part, *stems, *(f"{s}e" for s in stems), *(f"{s[:-1]}y" for s in stems if s.endswith("i"))]
        tried += [s[:-1] for s in stems if s[-1:] == s[-2:-1]]
        if len(part) > 2 and not words.intersection(tried):
            return False
    return True


def foreign_names(text: str, allowed: str, makers: Collection[str] = ()) -> list[str]:
    """Return the words of a text that look like names, or are those of makers, and that the allowed text does not hold."""
    known = {_fold(w) for w in _NAME.findall(allowed)} | {_fold(w) for w in re.findall(r"\w+", allowed)}
    ordinary, months = tables().ordinary, tables().months
    found = []
    for match in _NAME.finditer(text):
        word = _POSSESSIVE.sub("", match[0])
        inner = any(c.isupper() or c.isdigit() for c in word[1:])
        starts = bool(_SENTENCE.search(text[: match.start()]))
        month = word in months and not starts
        if word.lower() in makers and not plain(word):
            if _fold(word) not in known:
                found.append(word)
            continue
        looks = word[:1].isupper() and not (starts and plain(word))
        if not inner and not month and (not looks or word in ordinary):
            continue
        if word in ordinary and not month:
            continue
        parts = [p for p in re.split(r"[-.’'+]", word) if p]
        whole = len(parts) > 1 and all(_fold(p) in known or p in ordinary or p.islower() for p in parts)
        if _fold(word) not in known and not whole:
            found.append(word)
    return list(dict.fromkeys(found))


def quoted(text: str) -> list[str]:
    """Return what stands in quotation marks of any kind, two words or more, without the punctuation at its ends."""
    spans = (found[1].strip(" \t\n.,;:!?…'’‘") for marks in _QUOTED for found in marks.finditer(text))
    return [span for span in spans if len(span.split()) > 1]


def _fold(word: str) -> str:
    return _POSSESSIVE.sub("", word).lower()


def planted(text: str) -> bool:
    """Return True if a sentence of a document speaks to a machine that reads it."""
    return any(p.search(text) for p in tables().planted)


def marked_up(text: str) -> bool:
    """Return True if a statement holds markup or an address."""
    return any(p.search(text) for p in tables().markup)


def _assertion(text: str) -> str:
    """Return what a sentence asserts: forbids, frees, requires, allows or describes."""
    said = tables().assertion
    kinds = ("forbids", "frees", "requires", "allows")
    return next((kind for kind in kinds if any(p.search(text) for p in said[kind])), "describes")


def turned(text: str, quotes: Iterable[str]) -> str:
    """Return how a statement turns its quotations into their opposite, empty if it does not: allowed where all forbid, and so on."""
    bare = _bare(text)
    said = "forbids" if _NOT_ALLOWED.search(bare) else _assertion(bare)
    told = list(quotes)
    if not told or tables().qualified.search(text) or any(tables().qualified.search(q) for q in told):
        return ""
    kinds = {_put(q) for q in told}
    against = {("allows", "forbids"), ("forbids", "allows"), ("frees", "requires"), ("frees", "forbids")}
    if len(kinds) == 1 and (pair := (said, next(iter(kinds)))) in against:
        return f"it {pair[0]} what the clause {pair[1]}"
    return ""


def _put(clause: str) -> str:
    """Return what a clause asserts; in clauses, "shall" asks for something. One that both allows and forbids asserts neither."""
    kind = _assertion(clause)
    if kind == "forbids" and any(p.search(_NEGATED.sub("", clause)) for p in tables().assertion["allows"]):
        return "describes"
    return "requires" if kind == "describes" and _SHALL.search(clause) else kind


def answered(text: str) -> str | None:
    """Return `yes` or `no` if a statement begins so, else None."""
    found = re.match(r"\W*(yes|no)\b[\s,:.;—–-]", text, re.IGNORECASE)
    return found[1].lower() if found else None


def _bare(text: str) -> str:
    return re.sub(r"^\W*(yes|no)\b[\s,:.;—–-]*", "", text, flags=re.IGNORECASE)
