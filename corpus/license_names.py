"""Finds license names: what the catalog calls them, with or without a version, whose digits must be right."""

import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field

from corpus.catalog import Catalog, License
from corpus.names import Token, Words, begins, forms, major, number, starts_sentence, tokens

_TAIL = frozenset({"license", "agreement", "international", "unported", "generic", "public"})
_OPERATORS = frozenset({"and", "or", "with", "vs", "versus", "license"})
_IN_BRACKETS = re.compile(r"\s*\([^()]*\)$")  # the date that ends a title
_TELLING = 5  # words that a title needs without the name of its maker
_MOST = 30  # no license has a version as high as this


@dataclass(slots=True)
class _Name:
    """One sequence of words: the licenses it names as it stands, its versions, and the family it is the name of.

    `fetched` tells the name of a text that is on file only where it was fetched.
    """

    exact: list[str] = field(default_factory=list)
    versions: dict[str, list[str]] = field(default_factory=dict)
    family: bool = False
    open_ended: bool = False
    title: str | None = None
    fetched: bool = False


@dataclass(frozen=True, slots=True)
class LicenseFound:
    """A license name in tokens `start` to `end`; `name_end` leaves out words such as 'license' after the name.

    Without `licenses` the version does not exist, and `near` are those that do. `several` is True if the name does not
    decide for one license.
    """

    start: int
    end: int
    name_end: int
    licenses: tuple[str, ...]
    near: tuple[str, ...]
    several: bool
    title: str | None
    stem: tuple[str, ...]


class LicenseNames:
    """The names of all licenses and license families, ready to be looked for."""

    def __init__(self, catalog: Catalog, words: Words) -> None:
        self._words = words
        self._order = {id: rank for rank, id in enumerate(_in_version_order(catalog))}
        self._names: dict[tuple[str, ...], _Name] = {}
        for entry in catalog.licenses.values():
            self._add_license(entry)
        for family in catalog.families.values():
            members = [id for id in family.members if catalog.licenses[id].belongs_to is None]
            for alias in (family.title, *family.aliases):
                sequence = forms(alias, words)
                if not sequence or (len(sequence) == 1 and alias not in family.aliases) or len(members) < 2:
                    continue
                name = self._name(sequence)
                name.family, name.title, name.open_ended = True, family.title, family.umbrella
                name.exact = name.exact or members
        for text in catalog.pinned.values():
            self._add_pinned(text.entry)
        self._by_first: dict[str, list[tuple[str, ...]]] = {}
        for sequence in sorted(self._names, key=len, reverse=True):
            self._by_first.setdefault(sequence[0], []).append(sequence)

    @property
    def sequences(self) -> tuple[tuple[str, ...], ...]:
        """Return all names in normal form."""
        return tuple(self._names)

    def at(self, text: str, read: Sequence[Token], i: int) -> LicenseFound | None:
        """Return the longest license name that starts at token `i`, or None."""
        best: LicenseFound | None = None
        for sequence in self._by_first.get(read[i].text, ()):
            if begins(read, i, sequence):
                candidate = self._read(text, read, i, sequence)
                if candidate and (best is None or _rank(candidate) > _rank(best)):
                    best = candidate
        return best

    def version_of(self, stem: tuple[str, ...], version: str) -> tuple[str, ...]:
        """Return the licenses that are `version` of a name, which may end in a version of its own."""
        for length in range(len(stem), 0, -1):
            name = self._names.get(stem[:length])
            if name and name.versions:
                return tuple(name.versions.get(version, ()))
        return ()

    def _name(self, sequence: tuple[str, ...]) -> _Name:
        return self._names.setdefault(sequence, _Name())

    def _add_license(self, entry: License) -> None:
        undated = _IN_BRACKETS.sub("", entry.title)
        for alias in dict.fromkeys(
            (entry.title, undated, _without_maker(undated), entry.id, entry.spdx or "", *entry.aliases)
        ):
            read = tokens(alias, self._words)
            sequence = tuple(token.text for token in read)
            if not sequence or (alias == entry.id and len(sequence) == 1):
                continue
            name = self._name(sequence)
            if entry.id not in name.exact:
                name.exact.append(entry.id)
            if alias in entry.shared_aliases:
                name.family, name.open_ended, name.title = True, True, alias
            if entry.version:
                self._add_version(entry.id, number(entry.version), read)

    def _add_pinned(self, entry: License) -> None:
        """Add the names of a text that may be fetched; a name that the catalog has stays with the catalog's text."""
        undated = _IN_BRACKETS.sub("", entry.title)
        for alias in dict.fromkeys((entry.title, undated, *entry.aliases)):
            sequence = tuple(token.text for token in tokens(alias, self._words))
            name = self._names.get(sequence)
            if sequence and (name is None or name.fetched):
                name = self._name(sequence)
                name.fetched = True
                name.exact.append(entry.id)

    def _add_version(self, id: str, version: str, read: Sequence[Token]) -> None:
        """Note that the words before the version name the license together with that version."""
        for k, token in enumerate(read):
            if k == 0 or token.kind != "number" or token.text != version:
                continue
            if any(other.text not in self._words.suffixes for other in read[k + 1 :]):
                continue
            stem = tuple(other.text for other in read[:k])
            while stem and not any(other.kind == "number" for other in read[: len(stem)]):
                ids = self._name(stem).versions.setdefault(token.text, [])
                if id not in ids:
                    ids.append(id)
                if len(stem) == 1 or stem[-1] not in _TAIL - {"public"}:
                    break
                stem = stem[:-1]

    def _read(self, text: str, read: Sequence[Token], i: int, sequence: tuple[str, ...]) -> LicenseFound | None:
        name = self._names[sequence]
        own = i + len(sequence)
        after = self._tail(read, own)
        if not self._counts(text, read, i, sequence, after):
            return None
        token = read[after] if after < len(read) and read[after].joined else None
        if token is not None and self._is_version(read, after) and (name.versions or name.family):
            if token.text in name.versions:
                ids = tuple(name.versions[token.text])
                return LicenseFound(i, self._tail(read, after + 1), after + 1, ids, (), len(ids) > 1, None, sequence)
            if not name.open_ended and not self._continues(read, i, after):
                return LicenseFound(i, after + 1, after + 1, (), self._all(name), False, name.title, sequence)
        ids = tuple(name.exact) or self._all(name)
        while own > i + 1 and read[own - 1].text in _TAIL:
            own -= 1
        return LicenseFound(i, after, own, ids, (), name.family or len(ids) > 1, name.title, sequence) if ids else None

    def _is_version(self, read: Sequence[Token], i: int) -> bool:
        following = read[i + 1].text if i + 1 < len(read) else ""
        return read[i].kind == "number" and following not in self._words.counted and major(read[i].text) <= _MOST

    def _continues(self, read: Sequence[Token], i: int, after: int) -> bool:
        """Return True if a longer name goes on with the number at `after` ('BSD 3-clause')."""
        reached = tuple(token.text for token in read[i : after + 1])
        return any(sequence[: len(reached)] == reached for sequence in self._by_first.get(read[i].text, ()))

    def _tail(self, read: Sequence[Token], i: int) -> int:
        while i < len(read) and read[i].joined and read[i].text in _TAIL:
            i += 1
        return i

    def _counts(self, text: str, read: Sequence[Token], i: int, sequence: tuple[str, ...], after: int) -> bool:
        """Return False for ordinary words, and names of makers and programs, that do not name a license here."""
        own = i + len(sequence)
        licensed = "license" in (token.text for token in read[own:after])
        if self._of_a_kind(text, read, own):
            return False
        if " ".join(sequence) in self._words.with_license:
            return licensed
        if len(sequence) > 1:
            return True
        written = text[read[i].start : read[i].end]
        numbered = own < len(read) and read[own].joined and self._is_version(read, own)
        if licensed or numbered:
            return True
        if written.islower() and sequence[0] in self._words.small:
            return self._introduced(read, i)
        if not written.isascii() or sequence[0] in self._words.any_case:
            return not self._of_a_product(text, read, i)
        if sequence[0] in self._words.ordinary and starts_sentence(text, read[i].start):
            return False
        capital = written[0].isupper() if len(written) > 4 else sum(map(str.isupper, written)) > 1
        return (capital or read[i].kind == "mark") and not self._of_a_product(text, read, i)

    def _introduced(self, read: Sequence[Token], i: int) -> bool:
        """Return True if the words around token `i` are English ('under mit', 'mit or gpl'): 'mit' is German too."""
        before = read[i - 1].text if i else ""
        after = read[i + 1].text if i + 1 < len(read) else ""
        return before in self._words.introduces or after in _OPERATORS

    def _of_a_product(self, text: str, read: Sequence[Token], i: int) -> bool:
        """Return True if a capitalised word follows that makes it another name ('Apache Kafka', 'MIT Media Lab')."""
        if i + 1 >= len(read) or not read[i + 1].joined or read[i + 1].kind != "word":
            return False
        following = read[i + 1]
        spaced = text[read[i].end : following.start] == " "
        return spaced and text[following.start].isupper() and following.text not in _OPERATORS | self._words.context

    def _of_a_kind(self, text: str, read: Sequence[Token], i: int) -> bool:
        """Return True if a word follows that makes the name one of a kind of licenses ('a RAIL-type license')."""
        return i < len(read) and read[i].text in self._words.kinds and text[read[i].start - 1] == "-"

    def _all(self, name: _Name) -> tuple[str, ...]:
        ids = dict.fromkeys([*name.exact, *(id for ids in name.versions.values() for id in ids)])
        return tuple(sorted(ids, key=lambda id: self._order.get(id, len(self._order))))


def _without_maker(title: str) -> str:
    """Return a title without its first word if what is left is long enough to be a name; else an empty one."""
    rest = title.partition(" ")[2]
    return rest if len(rest.split()) >= _TELLING and rest.split()[0][0].isupper() else ""


def _rank(found: LicenseFound) -> tuple[int, bool, int]:
    return (found.end, bool(found.licenses), len(found.stem))


def _in_version_order(catalog: Catalog) -> Iterable[str]:
    for family in catalog.families.values():
        yield from family.members
    yield from catalog.licenses
