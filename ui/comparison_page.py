"""The page of a comparison: two texts side by side, clauses aligned, words that differ marked; and the chooser before it."""

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from itertools import groupby
from typing import TYPE_CHECKING, Any
from urllib.parse import quote

from corpus.catalog import Catalog
from ui.viewer import environment

if TYPE_CHECKING:
    from rag.pipeline import Pipeline


@dataclass(frozen=True, slots=True)
class Side:
    """A clause of one of the texts: its place, and its words in pieces, `marked` where the other text has others."""

    clause: str
    start: int
    end: int
    pieces: tuple[tuple[str, bool], ...]


@dataclass(frozen=True, slots=True)
class Pair:
    """A clause of each text, or of one alone, and what became of it."""

    kind: str
    before: Side | None
    after: Side | None


@dataclass(frozen=True, slots=True)
class Run:
    """Pairs that follow each other: all the same, or none."""

    same: bool
    pairs: tuple[Pair, ...]


def address(a: str, b: str) -> str:
    """Return the path of the comparison of two texts."""
    return f"/compare/{quote(a, safe='~')}/{quote(b, safe='~')}"


def page(of: Mapping[str, Any]) -> str:
    """Return the page of a comparison as `comparison.compared` returns it."""
    pairs = [_pair(change) for change in of["changes"]]
    runs = [Run(same, tuple(group)) for same, group in groupby(pairs, key=lambda pair: pair.kind == "same")]
    template = environment().get_template("comparison.html")
    return template.render(of=of, a=of["a"], b=of["b"], runs=runs, swapped=address(of["b"]["id"], of["a"]["id"]))


def chooser_page(pipeline: "Pipeline", a: str, b: str) -> str:
    """Return the page on which two texts are chosen; versions of one license are offered as they follow each other."""
    titles = sorted(((r.title, id) for id, r in pipeline.store.records.items()), key=lambda row: row[0].casefold())
    versions = tuple(_versions(pipeline.catalog, pipeline.store.records))
    template = environment().get_template("compare.html")
    return template.render(titles=titles, versions=versions, a=a, b=b, comparison_address=address)


def _versions(catalog: Catalog, on_file: Iterable[str]) -> Iterator[tuple[str, list[dict[str, str]]]]:
    """Yield each family whose versions follow each other on file, with the pairs to compare."""
    known = set(on_file)
    families = {member: f.title for f in catalog.families.values() if not f.umbrella for member in f.members}
    found: dict[str, list[dict[str, str]]] = {}
    for entry in catalog.every():
        before = catalog.get(entry.predecessor) if entry.predecessor else None
        if before is not None and {entry.id, before.id} <= known:
            pair = {"a": before.id, "b": entry.id, "before": before.title, "after": entry.title}
            found.setdefault(families.get(entry.id, entry.title), []).append(pair)
    yield from sorted(found.items(), key=lambda row: row[0].casefold())


def _pair(change: Mapping[str, Any]) -> Pair:
    return Pair(
        change["kind"],
        _side(change["before"], change["words"], "delete"),
        _side(change["after"], change["words"], "insert"),
    )


def _side(clause: Mapping[str, Any] | None, words: Iterable[Mapping[str, str]], own: str) -> Side | None:
    """Return one side of a pair: of what changed the words of its own are marked."""
    if clause is None:
        return None
    pieces = tuple((piece["text"], piece["op"] == own) for piece in words if piece["op"] in ("equal", own))
    whole = ((" ".join(clause["text"].split()), False),)
    end = clause["start"] + len(clause["text"].rstrip())
    return Side(clause["clause"], clause["start"], max(end, clause["start"] + 1), pieces or whole)
