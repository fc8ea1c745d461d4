"""A run over four questions on a small store: one answer right, one wrong, one that failed, one abstention."""

from pathlib import Path
from typing import Any

import small_store

from corpus import catalog
from corpus.store import Store
from evals import items, measures, running
from evals.items import Item
from evals.measures import Row
from evals.recall import Found
from evals.report import Part
from evals.running import Results
from evals.systems import Given, System
from rag.answer_json import to_json
from rag.types import Request

ROWS: list[dict[str, Any]] = [
    {
        "id": "R",
        "question": "Can I sell software under the MIT license?",
        "verdict": ["yes", "conditional"],
        "evidence": [{"license": "mit", "quote": "sublicense, and/or sell copies of the Software", "clause": "p1"}],
        "licenses": ["mit"],
        "category": "resale",
        "slices": ["permission"],
    },
    {
        "id": "W",
        "question": "Who is liable under the BSD 3-clause license <script>alert(1)</script>?",
        "verdict": ["no"],
        "evidence": [{"license": "bsd-new", "quote": "Redistributions of source code must retain"}],
        "must_mention": [["liable"]],
        "licenses": ["bsd-new"],
        "category": "lookup",
    },
    {"id": "E", "question": "What fails?", "verdict": ["yes"], "licenses": [], "category": "resale"},
    {"id": "A", "question": "Will it rain tomorrow?", "verdict": ["abstain"], "licenses": [], "category": "abstain"},
]
ITEMS = tuple(items.question(row) for row in ROWS)


def home(folder: Path) -> Path:
    """Build the small store in a folder and return that."""
    return small_store.build(folder)


def system(folder: Path, asked: list[str] | None = None) -> System:
    """Return the product over the small store, which fails on one item; `asked` takes in the ids."""
    pipeline = small_store.opener(folder)

    def ask(item: Item) -> Given:
        if asked is not None:
            asked.append(item.id)
        if item.id == "E":
            return Given({}, (), (), 0.001, "it failed")
        answer = to_json(pipeline.ask(Request(item.question, item.id, engine="rules")))
        found = tuple(Found(c["document"], c["quote"]) for c in answer["citations"])
        return Given(answer, tuple(answer["documents"]), found, 0.002)

    return ask


def results(folder: Path, path: Path) -> tuple[Results, Store]:
    """Return the results of the run, kept in `path`, and the store."""
    store = Store.open(folder)
    head = running.head("ours", store, ITEMS)
    return running.run(system(folder), ITEMS, head, path, lambda done, of: None), store


def rows(found: Results, store: Store) -> tuple[Row, ...]:
    """Return the rows of the run."""
    return measures.rows(found, ITEMS, store, catalog.load())


def part(folder: Path, path: Path) -> Part:
    """Return the run as a report takes it."""
    found, store = results(folder, path)
    return Part("licenses", store, found, rows(found, store))
