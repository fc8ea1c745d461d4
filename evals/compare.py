"""Two runs over the same items, item by item: who is right where the other is wrong, and whether that can be chance."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from evals import intervals
from evals.intervals import Interval, Pairs
from evals.measures import MEANS, RATES, Row


@dataclass(frozen=True, slots=True)
class Change:
    """An item whose answer is right in one run only."""

    id: str
    question: str
    won: bool
    before: str
    after: str


@dataclass(frozen=True, slots=True)
class Comparison:
    """The comparison of a new run with an old one: `pairs` of the rates, `differences` (new - old) of rates and means."""

    pairs: Mapping[str, Pairs]
    differences: Mapping[str, Interval]
    changed: tuple[Change, ...]
    only_new: tuple[str, ...]
    only_old: tuple[str, ...]


def compare(new: Sequence[Row], old: Sequence[Row]) -> Comparison:
    """Return the comparison over the items that both runs have and both answer."""
    ours = {r.item.id: r for r in new if r.score is not None}
    theirs = {r.item.id: r for r in old if r.score is not None}
    groups = {id: r.group for id, r in ours.items()}
    pairs: dict[str, Pairs] = {}
    differences: dict[str, Interval] = {}
    for name, rate in RATES.items():
        values, before = _values(ours, rate), _values(theirs, rate)
        pairs[name] = intervals.paired(
            {id: bool(v) for id, v in values.items()}, {id: bool(v) for id, v in before.items()}
        )
        if values.keys() & before.keys():
            differences[name] = intervals.difference(values, before, groups)
    for name, part in MEANS.items():
        values, before = _values(ours, part), _values(theirs, part)
        if values.keys() & before.keys():
            differences[name] = intervals.difference(values, before, groups)
    both = sorted(ours.keys() & theirs.keys())
    changed = tuple(_change(ours[id], theirs[id]) for id in both if _right(ours[id]) != _right(theirs[id]))
    return Comparison(
        pairs,
        differences,
        changed,
        tuple(sorted(ours.keys() - theirs.keys())),
        tuple(sorted(theirs.keys() - ours.keys())),
    )


def markdown(found: Comparison, new: str, old: str) -> str:
    """Return a comparison as Markdown, for a pull request."""
    lines = [f"**{new}** against **{old}**, item by item", ""]
    lines += [
        "| figure | difference | 95 % interval | wins | losses | ties | p (McNemar, exact) |",
        "| --- | ---: | --- | ---: | ---: | ---: | ---: |",
    ]
    for name, change in found.differences.items():
        pair = found.pairs.get(name)
        counts = f"{pair.wins} | {pair.losses} | {pair.ties} | {pair.p:.3f}" if pair else " | | | "
        lines.append(f"| {name} | {change.value:+.3f} | {change.low:+.3f} to {change.high:+.3f} | {counts} |")
    for title, won in (("Right now, wrong before", True), ("Wrong now, right before", False)):
        rows = [c for c in found.changed if c.won is won]
        if rows:
            lines += ["", f"{title} ({len(rows)}):", ""]
            lines += [f"- `{c.id}` {c.question[:140]} ({c.before} → {c.after})" for c in rows]
    for ids, where in ((found.only_new, new), (found.only_old, old)):
        if ids:
            lines += ["", f"Only in {where}: {', '.join(ids)}"]
    return "\n".join(lines) + "\n"


def _values(rows: Mapping[str, Row], part: object) -> dict[str, float]:
    assert callable(part)  # noqa: S101 - the tables of measures hold functions
    found = {id: part(row.score) for id, row in rows.items()}
    return {id: float(value) for id, value in found.items() if value is not None}


def _right(row: Row) -> bool:
    return row.score is not None and row.score.right


def _change(new: Row, old: Row) -> Change:
    assert new.score is not None  # noqa: S101 - rows without a score are left out
    assert old.score is not None  # noqa: S101
    return Change(new.item.id, new.item.question, new.score.right, old.score.verdict, new.score.verdict)
