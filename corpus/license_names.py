"""Finds license names: what the catalog calls them, with or without a version, whose digits must be right."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field

from corpus.catalog import Catalog, License
from corpus.model_names import begins
from corpus.model_rows import Phrase
from corpus.names import Token, Words, forms, number, tokens

_TAIL = frozenset({"license", "agreement", "international", "unported", "generic", "public"})
_MOST = 30  # no license has a version as high as this


@dataclass(slots=True)
class _Name:
    """One sequence of words: the licenses it names as it stands, its versions, and the family it is the name of."""

    exact: list[str] = field(default_factory=list)
    versions: dict[str, list[str]] = field(default_factory=dict)
    family: str | None = None
    open_ended: bool = False
    title: str | None = None


@dataclass(frozen=True, slots=True)
class LicenseFound:
    """A license name in a run of tokens. Without `licenses` the version does not exist, and `near` are those that do."""

    start: int
    end: int
    licenses: tuple[str, ...]
    family: str | None
    near: tuple[str, ...]
    title: str | None = None
    stem: tuple[str, ...] = ()


class LicenseNames:
    """The names of all licenses and license families, ready to be looked for."""

    def __init__(self, catalog: Catalog, phrases: Iterable[Phrase], words: Words) -> None:
        self._words = words
        self._order = {id: rank for rank, id in enumerate(_in_version_order(catalog))}
        self._names: dict[tuple[str, ...], _Name] = {}
        for entry in catalog.licenses.values():
            self._add_license(entry)
        for family in catalog.families.values():
            for alias in (family.title, *family.aliases) if len(family.members) > 1 else family.aliases:
                name = self._name(forms(alias, words))
                name.family, name.title = family.name, family.title
                name.open_ended = family.umbrella
                name.exact = name.exact or [id for id in family.members if catalog.licenses[id].belongs_to is None]
        for phrase in phrases:
            for alias in phrase.aliases:
                name = self._name(forms(alias, words))
                name.exact, name.family, name.title = list(phrase.licenses), phrase.name, phrase.name
                name.open_ended = True
        self._by_first: dict[str, list[tuple[str, ...]]] = {}
        for sequence in sorted(self._names, key=len, reverse=True):
            self._by_first.setdefault(sequence[0], []).append(sequence)

    @property
    def sequences(self) -> tuple[tuple[str, ...], ...]:
        """Return all names in normal form."""
        return tuple(self._names)

    def at(self, text: str, found: Sequence[Token], i: int) -> LicenseFound | None:
        """Return the longest license name that starts at token `i`, or None."""
        best: LicenseFound | None = None
        for sequence in self._by_first.get(found[i].text, ()):
            if begins(found, i, sequence):
                candidate = self._read(text, found, i, sequence)
                if candidate and (best is None or _rank(candidate) > _rank(best)):
                    best = candidate
        return best

    def version_of(self, stem: tuple[str, ...], version: str) -> tuple[str, ...]:
        """Return the licenses that are `version` of a name."""
        name = self._names.get(stem)
        return tuple(name.versions.get(version, ())) if name else ()

    def _name(self, sequence: tuple[str, ...]) -> _Name:
        return self._names.setdefault(sequence, _Name())

    def _add_license(self, entry: License) -> None:
        for alias in dict.fromkeys((entry.title, entry.id, entry.spdx or "", *entry.aliases)):
            sequence = forms(alias, self._words)
            if not sequence or (alias == entry.id and len(sequence) == 1):
                continue
            name = self._name(sequence)
            if entry.id not in name.exact:
                name.exact.append(entry.id)
            self._add_version(entry, alias)

    def _add_version(self, entry: License, alias: str) -> None:
        read = tokens(alias, self._words)
        stated = number(entry.version) if entry.version else None
        for k, token in enumerate(read):
            rest = tuple(other.text for other in read[k + 1 :])
            if (
                k == 0
                or token.kind != "number"
                or (stated and token.text != stated)
                or int(token.text.partition(".")[0]) > _MOST
            ):
                continue
            if any(text not in self._words.suffixes for text in rest):
                continue
            stem = tuple(other.text for other in read[:k])
            while stem and not any(other.kind == "number" for other in read[: len(stem)]):
                ids = self._name(stem).versions.setdefault(token.text, [])
                if entry.id not in ids:
                    ids.append(entry.id)
                if len(stem) == 1 or stem[-1] not in _TAIL - {"public"}:
                    break
                stem = stem[:-1]

    def _read(self, text: str, found: Sequence[Token], i: int, sequence: tuple[str, ...]) -> LicenseFound | None:
        name = self._names[sequence]
        after = self._tail(found, i + len(sequence))
        if not self._counts(text, found, i, sequence, after):
            return None
        token = found[after] if after < len(found) and found[after].joined else None
        following = found[after + 1].text if after + 1 < len(found) else ""
        is_version = token is not None and token.kind == "number" and following not in self._words.counted
        if (
            token is not None
            and is_version
            and int(token.text.partition(".")[0]) <= _MOST
            and (name.versions or name.family)
        ):
            if token.text in name.versions:
                return self._found(i, self._tail(found, after + 1), name.versions[token.text], name, sequence)
            if not name.open_ended and not self._continues(found, i, after):
                return LicenseFound(i, after + 1, (), name.family, self._all(name), name.title, sequence)
        if name.exact:
            return self._found(i, after, name.exact, name, sequence)
        return self._found(i, after, self._all(name), name, sequence) if name.versions else None

    def _continues(self, found: Sequence[Token], i: int, after: int) -> bool:
        """Return True if a longer name goes on with the number at `after` ('BSD 3-clause')."""
        reached = tuple(token.text for token in found[i : after + 1])
        return any(sequence[: len(reached)] == reached for sequence in self._by_first.get(found[i].text, ()))

    def _tail(self, found: Sequence[Token], i: int) -> int:
        while i < len(found) and found[i].joined and found[i].text in _TAIL:
            i += 1
        return i

    def _counts(self, text: str, found: Sequence[Token], i: int, sequence: tuple[str, ...], after: int) -> bool:
        """Return False for a single word that is also an ordinary one and does not look like a name here."""
        if len(sequence) > 1:
            return True
        word = sequence[0]
        with_license = after > i + 1 and "license" in (token.text for token in found[i + 1 : after])
        if word in self._words.with_license:
            return with_license
        if word in self._words.capitals:
            return (
                with_license
                or text[found[i].start].isupper()
                and (len(word) > 4 or text[found[i].start : found[i].end].isupper())
            )
        return True

    def _all(self, name: _Name) -> tuple[str, ...]:
        ids = dict.fromkeys([*name.exact, *(id for ids in name.versions.values() for id in ids)])
        return tuple(sorted(ids, key=lambda id: self._order.get(id, len(self._order))))

    def _found(self, start: int, end: int, ids: Iterable[str], name: _Name, stem: tuple[str, ...]) -> LicenseFound:
        return LicenseFound(start, end, tuple(dict.fromkeys(ids)), name.family, (), name.title, stem)


def _rank(found: LicenseFound) -> tuple[int, int, int]:
    return (found.end, bool(found.licenses), -len(found.licenses))


def _in_version_order(catalog: Catalog) -> Iterable[str]:
    for family in catalog.families.values():
        yield from family.members
    yield from catalog.licenses
