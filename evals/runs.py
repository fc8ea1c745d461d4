"""A whole evaluation: the stores, every system asked for over every item, the claims, each run in files of its own.

Results lie in a folder named by the code and the items, so that an interrupted run is finished and another version's is not
overwritten.
"""

import json
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path

from corpus import catalog
from corpus.errors import InputError
from corpus.store import Store
from evals import homes, items, measures, running, systems
from evals.homes import Homes
from evals.items import Item
from evals.measures import Row, Table
from evals.report import Part

Progress = Callable[[str, int, int], None]


@dataclass(frozen=True, slots=True)
class Whole:
    """One system over all items: its parts by store, and where its results lie."""

    system: str
    parts: tuple[Part, ...]

    @property
    def rows(self) -> tuple[Row, ...]:
        """Return the rows of all items."""
        return tuple(row for part in self.parts for row in part.rows)

    @property
    def table(self) -> Table:
        """Return the figures over all items."""
        return measures.table(self.rows)


class Evaluation:
    """Items, and the stores that they are asked of, in a folder of its own."""

    def __init__(
        self,
        folder: Path,
        gold: Path = items.QUESTIONS,
        progress: Progress | None = None,
        fetched: Path | None = None,
    ) -> None:
        self.folder, self.gold = folder, gold
        self._progress = progress or (lambda stage, done, total: None)
        self.items = items.load(gold)
        self.homes: Homes = homes.prepare(folder / "stores", progress, fetched)
        self._stores = {home: Store.open(home) for home in (self.homes.licenses, self.homes.files)}
        wrong = [p for home, store in self._stores.items() for p in items.problems(self._of(home), store)]
        if wrong:
            raise InputError(f"{gold} does not fit the texts: {'; '.join(wrong[:3])}; mend it ({len(wrong)} in all)")

    def run(self, system: str, out: Path | None = None) -> Whole:
        """Return a system's results over all items, what is there already taken over.

        Raise InputError for an unknown system or a file of another run, StoreError if results cannot be written.
        """
        parts = []
        known = catalog.load()
        for home, store in self._stores.items():
            mine = self._of(home)
            if not mine:
                continue
            head = running.head(system, store, mine)
            place = (out or self.folder / "runs" / f"{head.code}") / f"{system}-{home.name}-{head.gold}.jsonl"
            made = systems.system(system, home)
            results = running.run(made, mine, head, place, lambda n, of: self._progress(system, n, of))
            parts.append(Part(home.name, store, results, measures.rows(results, mine, store, known)))
        return Whole(system, tuple(parts))

    def _of(self, home: Path) -> tuple[Item, ...]:
        return tuple(item for item in self.items if self.homes.of(item) == home)


def load(folder: Path, system: str, evaluation: Evaluation) -> Whole:
    """Return the finished results of a system in a folder of results, as `Evaluation.run` wrote them.

    Raise InputError if they are not there or not whole.
    """
    known = catalog.load()
    parts = []
    for home in (evaluation.homes.licenses, evaluation.homes.files):
        paths = sorted(folder.glob(f"{system}-{home.name}-*.jsonl"))
        if not paths:
            continue
        results = running.load(max(paths, key=lambda path: path.stat().st_mtime))
        store = Store.open(home)
        mine = [item for item in evaluation.items if item.id in results.given]
        parts.append(Part(home.name, store, results, measures.rows(results, mine, store, known)))
    if not parts:
        raise InputError(f"{folder} holds no results of {system}; make them with clausewise eval run --out {folder}")
    return Whole(system, tuple(parts))


def figures_json(wholes: Sequence[Whole]) -> str:
    """Return the tables of several systems as JSON."""
    return json.dumps({whole.system: measures.as_json(whole.table) for whole in wholes}, indent=1) + "\n"
