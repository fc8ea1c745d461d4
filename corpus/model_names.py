"""Finds model names: a stem ('Qwen'), then versions, sizes and words in any order, matched with the rows of the file of models."""

import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from itertools import chain

from corpus.model_rows import Model, Rows, Series
from corpus.names import Token, Words, forms, tokens

_YEAR = 1900
_MOST = 100  # a number as large as this after a stem is a date, a count or a context length, never a new version
_CONTEXT_SIZE = re.compile(r"[0-9]+[ke]")  # '128k' tokens of context, '16e' experts


@dataclass(frozen=True, slots=True)
class Qualifiers:
    """What stands after a stem: versions, sizes, words; `end` is the number of tokens read."""

    versions: tuple[str, ...] = ()
    sizes: tuple[str, ...] = ()
    words: frozenset[str] = frozenset()
    end: int = 0

    @property
    def empty(self) -> bool:
        """Return True if nothing was read."""
        return not (self.versions or self.sizes or self.words)


@dataclass(frozen=True, slots=True)
class Resolved:
    """What a name leads to: `models` (one, or several between which it does not decide), or none: `near` are the closest then."""

    models: tuple[Model, ...]
    near: tuple[Model, ...] = ()
    score: float = 1.0


@dataclass(frozen=True, slots=True)
class _Group:
    """A series with its rows, and what may stand in their names."""

    series: Series
    rows: tuple[Model, ...]
    words: frozenset[str]
    versions: frozenset[str]
    sizes: frozenset[str]
    marks: frozenset[str]


@dataclass(frozen=True, slots=True)
class Start:
    """A way to start a model name: a stem with the words it stands for, or an alias of one row."""

    forms: tuple[str, ...]
    group: _Group
    implied: Qualifiers
    row: Model | None = None
    weak: bool = False


@dataclass(frozen=True, slots=True)
class Found:
    """A model name in a run of tokens: tokens `start` to `end`."""

    start: int
    end: int
    begin: Start
    qualifiers: Qualifiers
    resolved: Resolved


class ModelNames:
    """The names of all models, ready to be looked for."""

    def __init__(self, rows: Rows, words: Words) -> None:
        self._words = words
        self._groups = {name: _group(series, rows.models.values(), words) for name, series in rows.series.items()}
        starts = list(chain.from_iterable(_starts(group, words) for group in self._groups.values()))
        starts.sort(key=lambda start: (-len(start.forms), start.row is None))
        self._by_first: dict[str, list[Start]] = {}
        for start in starts:
            self._by_first.setdefault(start.forms[0], []).append(start)
        self.starts = tuple(starts)

    def at(self, found: Sequence[Token], i: int) -> Found | None:
        """Return the longest model name that starts at token `i`, or None."""
        best: Found | None = None
        for start in self._by_first.get(found[i].text, ()):
            if not begins(found, i, start.forms):
                continue
            candidate = self._read(found, i, start)
            if candidate and (best is None or candidate.end > best.end):
                best = candidate
        return best

    def version_of(self, series: str, version: str) -> Resolved | None:
        """Return what `version` of a series leads to, or None if the series has no such version."""
        group = self._groups[series]
        if version not in group.versions:
            return None
        resolved = _resolve(group, Qualifiers(versions=(version,)))
        return resolved if resolved.models else None

    def _read(self, found: Sequence[Token], i: int, start: Start) -> Found | None:
        after = i + len(start.forms)
        steps = list(_steps(found, after, start.group, self._words))
        if start.row is not None:
            fitting = [step for step in steps if _fits(start.row, step, start.group)]
            last = fitting[-1] if fitting else Qualifiers()
            return Found(i, after + last.end, start, _merge(start.implied, last), Resolved((start.row,)))
        first_version = next((step for step in steps if step.versions), None)
        for step in reversed(steps):
            if first_version and step.end < first_version.end:
                break
            resolved = _resolve(start.group, _merge(start.implied, step))
            if resolved.models:
                return Found(i, after + step.end, start, _merge(start.implied, step), resolved)
        if first_version:
            if start.weak:
                return None
            read = _merge(start.implied, first_version)
            return Found(i, after + first_version.end, start, read, _resolve(start.group, read))
        if steps and steps[0].sizes and not start.weak:
            read = _merge(start.implied, steps[0])
            return Found(i, after + steps[0].end, start, read, _resolve(start.group, read))
        if start.weak:
            return None
        return Found(i, after, start, start.implied, _resolve(start.group, start.implied))

    def with_size(self, name: Found, size: str) -> Found | None:
        """Return the name read with a size that stands before it ('the 7B Llama 2'), or None if that leads nowhere."""
        group = name.begin.group
        if name.qualifiers.sizes or size not in group.sizes or name.begin.row is not None:
            return None
        read = replace(name.qualifiers, sizes=(size,))
        resolved = _resolve(group, read)
        return replace(name, qualifiers=read, resolved=resolved) if resolved.models and resolved.score == 1 else None


def begins(found: Sequence[Token], i: int, sequence: tuple[str, ...]) -> bool:
    """Return True if the tokens from `i` on are `sequence`, without a break between them."""
    if i + len(sequence) > len(found):
        return False
    return all(
        found[i + offset].text == text and (offset == 0 or found[i + offset].joined)
        for offset, text in enumerate(sequence)
    )


def _group(series: Series, models: Iterable[Model], words: Words) -> _Group:
    rows = tuple(model for model in models if model.series == series.name)
    texts = frozenset(chain.from_iterable((*row.words, *row.may) for row in rows))
    marks = frozenset(text[0] for text in texts if text[:1].isalpha() and text[1:2].isdigit())
    versions = frozenset(chain.from_iterable(row.versions for row in rows))
    sizes = frozenset(chain.from_iterable(row.sizes for row in rows))
    return _Group(series, rows, texts, versions, sizes, marks)


def _starts(group: _Group, words: Words) -> Iterable[Start]:
    series = group.series
    for stem in series.stems:
        yield Start(forms(stem, words), group, Qualifiers())
    for stem in series.weak:
        yield Start(forms(stem, words), group, Qualifiers(), weak=True)
    for short, full in series.shorthand.items():
        stem = next(forms(stem, words) for stem in series.stems if begins_with(forms(full, words), forms(stem, words)))
        read = list(tokens(full, words))[len(stem) :]
        yield Start(forms(short, words), group, _read_all(read, group))
    for row in group.rows:
        for alias in row.aliases:
            yield Start(
                forms(alias.partition("/")[2] or alias, words), group, Qualifiers(words=frozenset(row.words)), row=row
            )


def begins_with(sequence: tuple[str, ...], start: tuple[str, ...]) -> bool:
    """Return True if `sequence` starts with `start`."""
    return sequence[: len(start)] == start


def _read_all(read: Sequence[Token], group: _Group) -> Qualifiers:
    versions = tuple(token.text for token in read if token.kind == "number")
    return Qualifiers(versions=versions, words=frozenset(token.text for token in read if token.kind != "number"))


def _merge(first: Qualifiers, second: Qualifiers) -> Qualifiers:
    return Qualifiers(
        first.versions + tuple(version for version in second.versions if version not in first.versions),
        first.sizes + second.sizes,
        first.words | second.words,
        second.end,
    )


def _steps(found: Sequence[Token], i: int, group: _Group, words: Words) -> Iterable[Qualifiers]:
    """Yield what has been read after each token that says something; stop at the first that is no part of a name."""
    read = Qualifiers()
    for j in range(i, len(found)):
        token = found[j]
        if not token.joined:
            return
        following = found[j + 1].text if j + 1 < len(found) and found[j + 1].joined else ""
        if token.text in group.words:
            read = replace(read, words=read.words | {token.text}, end=j - i + 1)
        elif token.kind == "noise" or token.text in words.variants or _CONTEXT_SIZE.fullmatch(token.text):
            continue
        elif token.kind == "size" and (token.text in group.sizes or token.text.endswith("b")):
            if read.sizes:
                return
            read = replace(read, sizes=(token.text,), end=j - i + 1)
        elif token.kind == "number" and following in ("billion", "b") and not read.sizes:
            read = replace(read, sizes=(token.text + "b",), end=j - i + 1)
        elif _is_version(token, following, group, words):
            read = replace(read, versions=(*read.versions, token.text), end=j - i + 1)
        else:
            return
        yield read


def _is_version(token: Token, following: str, group: _Group, words: Words) -> bool:
    if token.kind == "mark":
        return token.text[0] in group.marks
    if token.kind != "number":
        return False
    if token.text in group.versions:
        return "." in token.text or following not in words.counted
    return int(token.text.partition(".")[0]) < _MOST and following not in words.counted


def _fits(row: Model, read: Qualifiers, group: _Group, *, words: bool = True, sizes: bool = True) -> bool:
    """Return True if nothing in `read` speaks against the row."""
    return (
        set(read.versions) <= set(row.versions)
        and (not words or read.words <= {*row.words, *row.may})
        and (not sizes or not read.sizes or not row.sizes or set(read.sizes) <= set(row.sizes))
    )


def _resolve(group: _Group, read: Qualifiers) -> Resolved:
    if read.empty:
        return Resolved(group.rows)
    fitting = [row for row in group.rows if _fits(row, read, group)]
    strict = [row for row in fitting if set(row.words) <= read.words]
    if not read.versions:
        strict = [row for row in strict if row.first or not row.versions] or strict
    most = max((len(row.words) for row in strict), default=0)
    strict = [row for row in strict if len(row.words) == most]
    if strict or fitting:
        return Resolved(tuple(strict or fitting))
    other_size = [row for row in group.rows if _fits(row, read, group, sizes=False) and set(row.words) <= read.words]
    if len(other_size) == 1 and read.versions:
        return Resolved(tuple(other_size), score=0.8)
    same_words = [row for row in group.rows if read.words and set(row.words) == read.words]
    return Resolved((), near=tuple(other_size or same_words or group.rows))


def stems(names: ModelNames) -> Mapping[str, tuple[str, ...]]:
    """Return for each series the first words of its names, for the search for typing errors."""
    found: dict[str, set[str]] = {}
    for start in names.starts:
        found.setdefault(start.group.series.name, set()).update(start.forms)
    return {name: tuple(sorted(texts)) for name, texts in found.items()}
