"""The figures of one run with their intervals, over all items and over slices of them."""

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import asdict, dataclass
from statistics import quantiles

from corpus.catalog import Catalog
from corpus.store import Store
from evals import recall, scoring
from evals.intervals import Interval, bootstrap, wilson
from evals.items import Item
from evals.recall import Found, fold
from evals.running import Results
from evals.scoring import Score

DEPTHS = (1, 5, 10)
# Rates over items, and means of fractions. The first is the one to watch.
RATES: Mapping[str, Callable[[Score], bool | None]] = {
    "right": lambda s: s.right,
    "verdict": lambda s: s.accepted,
    "complete": lambda s: None if s.evidence is None else s.evidence == 1,
}
MEANS: Mapping[str, Callable[[Score], float | None]] = {
    "evidence": lambda s: s.evidence,
    "precision": lambda s: s.precision,
}
_FEWEST = 5  # items: of a smaller slice a rate says nothing


@dataclass(frozen=True, slots=True)
class Row:
    """One item of a run: the score of its answer, None for a system that writes none, and what its passages hold."""

    item: Item
    score: Score | None
    found: tuple[Found, ...]
    seconds: float
    error: str
    group: str


@dataclass(frozen=True, slots=True)
class Table:
    """The figures over some items: plain ones, and those with an interval."""

    figures: Mapping[str, float]
    intervals: Mapping[str, Interval]


def rows(results: Results, items: Iterable[Item], store: Store, catalog: Catalog) -> tuple[Row, ...]:
    """Return a row for each item in the order of the ids.

    An item without a result, or one that ended with an error, has the score of a missing answer.
    """
    texts: dict[str, str | None] = {}

    def text(document: str) -> str | None:
        if document not in texts:
            known = document in store.documents
            texts[document] = fold(store.documents[document].text) if known else None
        return texts[document]

    answers = any(given.answer for given in results.given.values())
    made = []
    for item in sorted(items, key=lambda i: i.id):
        given = results.given.get(item.id)
        score = scoring.score(item, given.answer if given else {}, text) if answers else None
        group = family(item, catalog)
        if given is None:
            made.append(Row(item, score, (), 0.0, "no result", group))
        else:
            made.append(Row(item, score, given.found, given.seconds, given.error, group))
    return tuple(made)


def family(item: Item, catalog: Catalog) -> str:
    """Return the family of the first license of an item, the license itself where it has none; questions on one fail together."""
    first = next(iter(item.licenses), "")
    for name, known in catalog.families.items():
        if first in known.members:
            return name
    return first or "no license"


def table(rows: Sequence[Row]) -> Table:
    """Return the figures over rows; those that a system cannot have are left out."""
    found: dict[str, float] = {"items": len(rows), "errors": sum(bool(r.error) for r in rows)}
    intervals: dict[str, Interval] = {}
    scored = [(r.score, r.group) for r in rows if r.score is not None]
    if scored:
        found |= scoring.figures({r.item.id: r.item for r in rows}, [s for s, _ in scored])
        for name, rate in RATES.items():
            held = [v for s, _ in scored if (v := rate(s)) is not None]
            if held:
                intervals[name] = wilson(sum(held), len(held))
        for name, part in MEANS.items():
            known = [(value, g) for s, g in scored if (value := part(s)) is not None]
            if known:
                intervals[name] = bootstrap([v for v, _ in known], [g for _, g in known])
    wanted = [(r.found, r.item.evidence, r.group) for r in rows if r.item.evidence]
    if wanted:
        groups = [group for *_, group in wanted]
        for k in DEPTHS:
            name = f"recall@{k}"
            intervals[name] = bootstrap([recall.recall(f, e, k) for f, e, _ in wanted], groups)
            found[name] = intervals[name].value
        found["mrr"] = sum(recall.reciprocal_rank(f, e) for f, e, _ in wanted) / len(wanted)
    if len(rows) > 1:
        cuts = quantiles([r.seconds * 1000 for r in rows], n=100)
        found |= {"p50_ms": cuts[49], "p99_ms": cuts[98]}
    return Table(found, intervals)


def slices(rows: Sequence[Row]) -> dict[str, tuple[Row, ...]]:
    """Return the rows of each slice of at least five: those of the items, held out or not, by license, category and family."""
    found: dict[str, list[Row]] = {}
    for row in rows:
        named = [f"slice {name}" for name in row.item.slices]
        named += ["held-out licenses" if row.item.held_out else "other licenses"]
        named += [f"license {id}" for id in row.item.licenses]
        for name in (*named, f"category {row.item.category}", f"family {row.group}"):
            found.setdefault(name, []).append(row)
    return {name: tuple(held) for name, held in sorted(found.items()) if len(held) >= _FEWEST}


def as_json(table: Table) -> dict[str, object]:
    """Return a table as plain dictionaries."""
    return {"figures": dict(table.figures), "intervals": {name: asdict(i) for name, i in table.intervals.items()}}
