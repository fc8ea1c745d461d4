"""Combinations of licenses that cannot be met together in one work: names, copylefts, restrictions against a ban on them."""

import re
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass, replace
from itertools import combinations

from rapidfuzz import fuzz

from rag.case import Case, Evidence
from rag.lineage import COMBINED, Bond
from rag.quotes import cite
from rag.stack import Use
from rag.types import Citation

# What a text that is no free license asks of those who get a copy.
_LIMITS = ("noncommercial", "flow-down", "use-policy")


@dataclass(frozen=True, slots=True)
class Found:
    """One finding: how bad it is, at which component, a code, words, the clauses; `roots` are the components that cause it."""

    level: str
    component: str
    code: str
    text: str
    citations: tuple[Citation, ...] = ()
    roots: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Clash:
    """Two licenses that one work cannot meet together: the lines that say so, and the bonds that bring them in.

    `later` tells a clash that only comes to bear when a copy is passed on, which the use described does not do.
    """

    level: str
    code: str
    text: str
    lines: tuple[Evidence, ...]
    bonds: tuple[Bond, ...]
    later: bool = False

    @property
    def licenses(self) -> tuple[str, ...]:
        """Return the licenses that clash."""
        return tuple(bond.license for bond in self.bonds)

    def at(self, component: str) -> Found:
        """Return the clash as a finding at a component; what only may come to bear names no component to swap."""
        roots = tuple(bond.root for bond in self.bonds) if self.level == "error" else ()
        return Found(self.level, component, self.code, self.text, cited(self.lines), roots)


def clashes(bonds: tuple[Bond, ...], use: Use, case: Callable[[str], Case]) -> Iterator[Clash]:
    """Yield what the licenses that bind one work ask of it and cannot have together."""
    works = [b for b in bonds if b.kind in ("own", "derivative", "taught")]
    yield from _prefixes(works, case)
    if use.distribution == "internal":
        return
    # What a copyleft reaches by linking is one work with all that is linked into it.
    whole = any(b.kind == "derivative" and b.via and b.via[-1] in COMBINED for b in bonds)
    merged = [b for b in bonds if b.kind in ("own", "derivative") or (whole and b.kind == "part")]
    for clash in _copylefts(merged, case):
        # Both clauses speak of a work that is passed on; a service that hands out no copy meets them when it does.
        reached = use.distribution != "hosted" or any(case(b.license).all("network-source", "must") for b in merged)
        later = f"{clash.text}; it comes to bear as soon as a copy is passed on"
        yield clash if reached else replace(clash, level="warning", text=later, later=True)


def _prefixes(bonds: list[Bond], case: Callable[[str], Case]) -> Iterator[Clash]:
    wanted: dict[str, tuple[Bond, str, Evidence]] = {}
    for bond in bonds:
        line = prefix(case(bond.license))
        if line is not None and bond.kind != "own":
            wanted.setdefault(line[0].casefold(), (bond, *line))
    for (one, a, first), (other, b, second) in combinations(wanted.values(), 2):
        text = f"one name cannot begin with “{a}” and “{b}” at once"
        yield Clash("error", "name-prefix", text, (first, second), (one, other))


def prefix(case: Case) -> tuple[str, Evidence] | None:
    """Return the word that a license wants at the beginning of the name of a model made with it, and the line that says so."""
    for line in case.all("naming", "must"):
        for term in line.line.terms:
            for condition in term.conditions:
                if condition.kind == "name-prefix" and condition.exact:
                    return condition.exact, line
    return None


def _copylefts(bonds: list[Bond], case: Callable[[str], Case]) -> Iterator[Clash]:
    for one, other in combinations({b.license: b for b in bonds}.values(), 2):
        first, second = case(one.license), case(other.license)
        a, b = first.first("same-license", "must"), second.first("same-license", "must")
        if a and b and not _names(first, second) and not _names(second, first):
            yield _both(first, second, a, b, (one, other))
            continue
        yield from _restrictions(first, second, (one, other))
        yield from _restrictions(second, first, (other, one))


_MOULD = 85
_LISTED = re.compile(r"\bcompatible licen[cs]e", re.IGNORECASE)


def _both(first: Case, second: Case, a: Evidence, b: Evidence, bonds: tuple[Bond, Bond]) -> Clash:
    """Return the clash of two copylefts; one that lets a list of compatible licenses in, kept elsewhere, leaves it open."""
    text = f"both {first.title} and {second.title} ask that the whole be under them alone"
    listing = next((c for c, line in ((first, a), (second, b)) if _LISTED.search(line.text)), None)
    # Texts of one mould each name their own elements; the list is for licenses of another make.
    one_mould = fuzz.ratio(a.text, b.text) >= _MOULD
    if listing is None or one_mould:
        return Clash("error", "copyleft", text, (a, b), bonds)
    other = second if listing is first else first
    open_ = f"{text}, unless {other.title} is a compatible license in the sense of {listing.title}: see the list that it refers to"
    return Clash("warning", "copyleft", open_, (a, b), bonds)


def _restrictions(free: Case, limited: Case, bonds: tuple[Bond, Bond]) -> Iterator[Clash]:
    """Yield the clash of a copyleft that bans further restrictions with a text that brings some."""
    ban = free.first("further-restrictions", "prohibited") if free.first("same-license", "must") else None
    if ban is None or _names(free, limited):
        return
    limit = next((e for act in _LIMITS if (e := limited.first(act)) is not None), None)
    if limit is not None:
        text = f"{free.title} allows no further restrictions, and {limited.title} brings some, inside one work"
        yield Clash("error", "further-restrictions", text, (ban, limit), bonds)
        return
    ends = limited.first("patent-retaliation")
    if ends is not None and not free.all("patent-use", "permitted", "permitted-if"):
        # Whether an end of patent rights is a restriction of the rights granted is read both ways.
        text = (
            f"{free.title} allows no further restrictions and has no patent clause of its own; whether the end of patent rights in "
            f"{limited.title} is one, inside one work, is not settled by the texts"
        )
        yield Clash("warning", "further-restrictions", text, (ban, ends), bonds)


def cited(lines: Iterable[Evidence]) -> tuple[Citation, ...]:
    """Return the citations of lines, numbered from 1."""
    return tuple(cite(line, n) for n, line in enumerate(lines, start=1))


def _names(one: Case, other: Case) -> bool:
    """Return True if a text speaks of the other license by name: then it says itself how the two go together."""
    title = other.title.lower().replace("v", "version ")
    words = [
        w
        for w in title.replace("(", " ").split()
        if len(w) > 3 and w not in ("license", "public", "version", "international")
    ]
    text = one.sheets[0].document.text.lower()
    return bool(words) and all(word in text for word in words)
