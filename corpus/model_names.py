"""Finds model names: a stem ('Qwen'), then versions, sizes and words in any order, compared with the models file."""

import re
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, replace
from itertools import chain

from corpus.model_rows import Model, Rows, Series
from corpus.names import Token, Words, begins, forms, major

_MOST = 100  # a number as large as this after a stem is a date, a count or a length of context, never a new version
_YEAR = re.compile(r"(?:19|20)[0-9]{2}")
_CONTEXT_SIZE = re.compile(r"[0-9]+[ke]")  # '128k' tokens of context, '16e' experts
_OTHER_SIZE = 0.8  # the score of a model whose release is listed, but not in this size


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
    """What a name leads to: one model, or several that it does not decide between, or none; `near` are the closest."""

    models: tuple[Model, ...]
    near: tuple[Model, ...] = ()
    score: float = 1.0


@dataclass(frozen=True, slots=True)
class Group:
    """A series with its rows, and what may stand in their names."""

    series: Series
    rows: tuple[Model, ...]
    words: frozenset[str]
    versions: frozenset[str]
    sizes: frozenset[str]
    marks: frozenset[str]


@dataclass(frozen=True, slots=True)
class Start:
    """A way to start a model name: a stem, or an alias of one row."""

    forms: tuple[str, ...]
    group: Group
    row: Model | None = None
    weak: bool = False


@dataclass(frozen=True, slots=True)
class ModelFound:
    """A model name in tokens `start` to `end`."""

    start: int
    end: int
    begin: Start
    qualifiers: Qualifiers
    resolved: Resolved


class ModelNames:
    """The names of all models, ready to be looked for."""

    def __init__(self, rows: Rows, words: Words) -> None:
        self._words = words
        self._groups = {name: _group(series, rows.models.values()) for name, series in rows.series.items()}
        self._by_first: dict[str, list[Start]] = {}
        for start in chain.from_iterable(_starts(group, words) for group in self._groups.values()):
            self._by_first.setdefault(start.forms[0], []).append(start)

    @property
    def starts(self) -> Iterator[Start]:
        """Return all ways to start a model name."""
        return chain.from_iterable(self._by_first.values())

    def at(self, read: Sequence[Token], i: int) -> ModelFound | None:
        """Return the longest model name at token `i`, or None; a name that exists goes before one that does not."""
        found = (self._read(read, i, start) for start in self._by_first.get(read[i].text, ()))
        return max((name for name in found if name), key=_rank, default=None)

    def version_of(self, series: str, version: str) -> Resolved | None:
        """Return what `version` of a series leads to, or None if the series has no such version."""
        group = self._groups[series]
        if version not in group.versions:
            return None
        resolved = _resolve(group, Qualifiers(versions=(version,)))
        return resolved if resolved.models else None

    def with_size(self, name: ModelFound, size: str) -> ModelFound | None:
        """Return the name read with a size that stands before it ('the 7B Llama 2'), or None if that leads nowhere."""
        group = name.begin.group
        if name.qualifiers.sizes or size not in group.sizes or name.begin.row is not None:
            return None
        read = replace(name.qualifiers, sizes=(size,))
        resolved = _resolve(group, read)
        return replace(name, qualifiers=read, resolved=resolved) if resolved.models and resolved.score == 1 else None

    def _read(self, read: Sequence[Token], i: int, start: Start) -> ModelFound | None:
        if not begins(read, i, start.forms):
            return None
        after = i + len(start.forms)
        steps = list(_steps(read, after, start.group, self._words))
        if start.row is not None:
            row = start.row
            last = max((step for step in steps if _fits(row, step)), key=lambda step: step.end, default=Qualifiers())
            return ModelFound(i, after + last.end, start, last, Resolved((row,)))
        decisive = _decisive(steps)
        for step in reversed(steps):
            if decisive and step.end < decisive.end:
                break
            resolved = _resolve(start.group, step)
            if resolved.models:
                return ModelFound(i, after + step.end, start, step, resolved)
        if start.weak:
            return None
        whole = decisive or Qualifiers()
        return ModelFound(i, after + whole.end, start, whole, _resolve(start.group, whole))


def _rank(found: ModelFound) -> tuple[int, bool, bool, int]:
    decided = len(found.resolved.models) == 1
    return (found.end, bool(found.resolved.models), decided, len(found.begin.forms))


def _group(series: Series, models: Iterable[Model]) -> Group:
    rows = tuple(model for model in models if model.series == series.name)
    words = frozenset(chain.from_iterable((*row.words, *row.may) for row in rows))
    return Group(
        series=series,
        rows=rows,
        words=words,
        versions=frozenset(chain.from_iterable(row.versions for row in rows)),
        sizes=frozenset(chain.from_iterable(row.sizes for row in rows)),
        marks=frozenset(word[0] for word in words if word[:1].isalpha() and word[1:2].isdigit()),
    )


def _starts(group: Group, words: Words) -> Iterator[Start]:
    series = group.series
    yield from (Start(forms(stem, words), group) for stem in series.stems)
    yield from (Start(forms(stem, words), group, weak=True) for stem in series.weak)
    for row in group.rows:
        for alias in row.aliases:
            name = alias.partition("/")[2] or alias
            yield Start(forms(name, words), group, row=row)


def _steps(read: Sequence[Token], i: int, group: Group, words: Words) -> Iterator[Qualifiers]:
    """Yield what has been read after each token that says something; stop at the first that is no part of a name."""
    seen = Qualifiers()
    for j in range(i, len(read)):
        token, end = read[j], j - i + 1
        if not token.joined:
            return
        following = read[j + 1].text if j + 1 < len(read) and read[j + 1].joined else ""
        if token.text in group.words:
            seen = replace(seen, words=seen.words | {token.text}, end=end)
        elif _says_nothing(token, following, words):
            continue
        elif token.kind == "size" and (token.text in group.sizes or token.text.endswith("b")) and not seen.sizes:
            seen = replace(seen, sizes=(token.text,), end=end)
        elif token.kind == "number" and following == "billion" and not seen.sizes:
            seen = replace(seen, sizes=(token.text + "b",), end=end + 1)
        elif _is_version(token, following, group, words):
            seen = replace(seen, versions=(*seen.versions, token.text), end=end)
        elif not (token.text == "billion" and seen.end == end):
            return
        yield seen


def _decisive(steps: Sequence[Qualifiers]) -> Qualifiers | None:
    """Return the step at which both the first version and the first size have been read: none of them may be left out."""
    firsts = [
        next((step for step in steps if step.versions), None),
        next((step for step in steps if step.sizes), None),
    ]
    return max((step for step in firsts if step), key=lambda step: step.end, default=None)


def _says_nothing(token: Token, following: str, words: Words) -> bool:
    """Return True for how numbers are stored, words for variants that share a license, lengths of context, and dates."""
    if token.kind == "number":
        return _YEAR.fullmatch(token.text if len(token.text) > 2 else following) is not None and len(token.text) != 1
    return token.kind == "noise" or token.text in words.variants or _CONTEXT_SIZE.fullmatch(token.text) is not None


def _is_version(token: Token, following: str, group: Group, words: Words) -> bool:
    if token.kind == "mark":
        return token.text[0] in group.marks
    if token.kind != "number" or ("." not in token.text and following in words.counted):
        return False
    return token.text in group.versions or major(token.text) < _MOST


def _fits(row: Model, read: Qualifiers, *, any_size: bool = False) -> bool:
    """Return True if nothing in `read` speaks against the row."""
    right_size = any_size or not read.sizes or not row.sizes or set(read.sizes) <= set(row.sizes)
    return right_size and set(read.versions) <= set(row.versions) and read.words <= {*row.words, *row.may}


def _resolve(group: Group, read: Qualifiers) -> Resolved:
    """Return the rows that the qualifiers lead to.

    These are the rows that demand the most of the words; failing that, those that allow all of them. Without a version, rows that are
    called so without one go first ('Falcon 40B' is the first Falcon).
    """
    if read.empty:
        return Resolved(group.rows)
    fitting = [row for row in group.rows if _fits(row, read)]
    strict = [row for row in fitting if set(row.words) <= read.words]
    if not read.versions:
        strict = [row for row in strict if row.first or not row.versions] or strict
        fitting = [row for row in fitting if row.first] or fitting
    most = max((len(row.words) for row in strict), default=0)
    chosen = [row for row in strict if len(row.words) == most] or fitting
    if chosen:
        return Resolved(tuple(chosen))
    other_size = [row for row in group.rows if _fits(row, read, any_size=True) and set(row.words) <= read.words]
    if len(other_size) == 1 and read.versions:
        return Resolved(tuple(other_size), score=_OTHER_SIZE)
    same_words = [row for row in group.rows if read.words and set(row.words) == read.words]
    return Resolved((), near=tuple(other_size or same_words or group.rows))
