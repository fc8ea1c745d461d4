"""Combinations of licenses that cannot be met together in one work: names, copylefts, restrictions against a ban on them."""

from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass, replace
from itertools import combinations

from rag.case import Case, Evidence
from rag.conflicts import prefix
from rag.lineage import Bond
from rag.quotes import cite
from rag.stack import Component, Use
from rag.types import Citation


@dataclass(frozen=True, slots=True)
class Found:
    """One finding: how bad it is, at which component, a code, words, the clauses; `roots` are the components that cause it."""

    level: str
    component: str
    code: str
    text: str
    citations: tuple[Citation, ...] = ()
    roots: tuple[str, ...] = ()


def clashes(component: Component, bonds: tuple[Bond, ...], use: Use, case: Callable[[str], Case]) -> Iterator[Found]:
    """Yield combinations that cannot be met together in one work."""
    works = [b for b in bonds if b.kind in ("own", "derivative", "taught")]
    yield from _prefixes(component, works, case)
    if use.distribution == "internal":
        return
    merged = [b for b in bonds if b.kind in ("own", "derivative")]
    for clash in _copylefts(component, merged, case):
        # Both clauses speak of a work that is passed on; a service that hands out no copy meets them when it does.
        reached = use.distribution != "hosted" or any(case(b.license).all("network-source", "must") for b in merged)
        later = f"{clash.text}; it comes to bear as soon as a copy is passed on"
        yield clash if reached else replace(clash, level="warning", text=later, roots=())


def _prefixes(component: Component, bonds: list[Bond], case: Callable[[str], Case]) -> Iterator[Found]:
    wanted: dict[str, tuple[Bond, str, Evidence]] = {}
    for bond in bonds:
        line = prefix(case(bond.license))
        if line is not None and bond.kind != "own":
            wanted.setdefault(line[0].casefold(), (bond, *line))
    for (one, a, first), (other, b, second) in combinations(wanted.values(), 2):
        text = f"one name cannot begin with “{a}” and “{b}” at once"
        yield Found("error", component.name, "name-prefix", text, cited((first, second)), (one.root, other.root))


def _copylefts(component: Component, bonds: list[Bond], case: Callable[[str], Case]) -> Iterator[Found]:
    for one, other in combinations({b.license: b for b in bonds}.values(), 2):
        first, second = case(one.license), case(other.license)
        a, b = first.first("same-license", "must"), second.first("same-license", "must")
        if a and b and not _names(first, second) and not _names(second, first):
            text = f"both {first.title} and {second.title} ask that the whole be under them alone"
            yield Found("error", component.name, "copyleft", text, cited((a, b)), (one.root, other.root))
            continue
        for free, bond, limited, limiting in ((first, one, second, other), (second, other, first, one)):
            ban = free.first("further-restrictions", "prohibited") if free.first("same-license", "must") else None
            limit = next(
                (e for act in ("noncommercial", "flow-down", "use-policy") if (e := limited.first(act)) is not None),
                None,
            )
            if ban is not None and limit is not None:
                text = f"{free.title} allows no further restrictions, and {limited.title} brings some, inside one work"
                roots = (bond.root, limiting.root)
                yield Found("error", component.name, "further-restrictions", text, cited((ban, limit)), roots)


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
