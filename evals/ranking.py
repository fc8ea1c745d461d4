"""Fits the weights by which lines are ranked (`rag/data/ranking.toml`) on gold questions, and tells what the fit is worth.

    python -m evals.ranking [--home DIR] [--no-facts] [--files] [--write] GOLD.jsonl ...

A line is right if it touches evidence that its question requires; lines of optional evidence are left out. The model is logistic
regression with a quadratic penalty, solved by Newton's steps. Recall is told for questions that the weights have not seen (six folds).
"""

import argparse
import sys
import tomllib
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from corpus import atomic
from evals import items, recall
from evals.items import Evidence, Item
from evals.recall import Found
from rag import rerank
from rag.case import Case
from rag.pipeline import Pipeline
from rag.rerank import Features
from rag.settings import load as settings
from rag.types import Request

_FOLDS, _PENALTY, _STEPS = 6, 0.1, 30
_AT = (1, 2, 3, 5)
_TARGET = Path(rerank.__file__).parent / "data" / "ranking.toml"


@dataclass(frozen=True, slots=True)
class Group:
    """The lines of one case: their features, shape (lines, features), which required evidence each touches, and the order used before.

    `wanted` is how many pieces of evidence the case has; `aside` marks lines of optional evidence.
    """

    item: str
    matrix: Features
    hits: tuple[frozenset[int], ...]
    wanted: int
    aside: Features
    before: Features


def group(item: Item, optional: Sequence[Evidence], case: Case, placed: bool = False) -> Group | None:
    """Return the group of an item's case, or None if the item requires nothing of its documents.

    `placed`: with the features of lines in their places, the order by the lines themselves being the one before.
    """
    ids = {s.document.id for s in case.sheets}
    required = [e for e in item.evidence if e.document in ids]
    if not required:
        return None
    keys, matrix = rerank.features(case)
    found = [Found(s.document.id, line.unit.span.of(s.document.text)) for s in case.sheets for line in s.lines]
    hits = tuple(frozenset(n for n, e in enumerate(required) if recall.touches(f, e)) for f in found)
    aside = np.array([not h and any(recall.touches(f, e) for e in optional) for f, h in zip(found, hits, strict=True)])
    before = np.array([case.matches[key].score for key in keys])
    if placed:
        by, constant = rerank.weights()
        before = matrix @ by + constant
        matrix = rerank.places(case, before)
    return Group(item.id, matrix, hits, len(required), aside.astype(float), before)


def fit(groups: Sequence[Group]) -> Features:
    """Return the weights of the features and, last, the constant. Every question weighs the same, right and wrong lines alike."""
    rows, labels, weights = [], [], []
    for one in groups:
        right = np.array([bool(h) for h in one.hits])
        if not right.any():
            continue
        rows.append(one.matrix)
        labels.append(right.astype(float))
        weights.append(np.where(right, 1 / right.sum(), np.where(one.aside > 0, 0.0, 1 / len(right))))
    x = np.hstack([np.vstack(rows), np.ones((sum(map(len, labels)), 1))])
    y, w = np.concatenate(labels), np.concatenate(weights)
    penalty = np.full(x.shape[1], _PENALTY)
    penalty[-1] = 1e-6
    beta: Features = np.zeros(x.shape[1])
    for _ in range(_STEPS):
        odds = 1 / (1 + np.exp(-x @ beta))
        gradient = x.T @ (w * (y - odds)) - penalty * beta
        step = np.linalg.solve((x.T * (w * odds * (1 - odds))) @ x + np.diag(penalty), gradient)
        beta = beta + step
        if np.abs(step).max() < 1e-6:
            break
    return beta


def recalls(groups: Sequence[Group], order: Callable[[Group], Features]) -> dict[int, float]:
    """Return the share of required evidence among the first lines, by their number."""
    wanted = sum(g.wanted for g in groups)
    found = dict.fromkeys(_AT, 0)
    for one in groups:
        best = np.argsort(-order(one), kind="stable")
        for k in _AT:
            found[k] += len(frozenset[int]().union(*(one.hits[i] for i in best[:k])))
    return {k: n / max(1, wanted) for k, n in found.items()}


def unseen(groups: Sequence[Group]) -> dict[int, float]:
    """Return the recall of each fold under weights fitted on the others."""
    names = sorted({g.item for g in groups})
    fold = {name: i % _FOLDS for i, name in enumerate(np.random.default_rng(0).permutation(names).tolist())}
    orders: dict[int, Features] = {}
    for k in range(_FOLDS):
        beta = fit([g for g in groups if fold[g.item] != k])
        orders.update({id(g): g.matrix @ beta[:-1] for g in groups if fold[g.item] == k})
    return recalls(groups, lambda g: orders[id(g)])


def load(pipeline: Pipeline, paths: Sequence[Path], files: bool = False) -> list[Group]:
    """Return the groups of all items of gold files that require evidence on file; `files`: those of users' files alone, placed.

    Raise InputError for a file that is no gold file.
    """
    found: list[Group] = []
    for path in paths:
        for item in items.load(path):
            cases = pipeline.cases(Request(item.question, item.id, item.history)) if item.evidence else ()
            cases = tuple(c for c in cases if c.entry is None) if files else cases
            found.extend(g for case in cases if (g := group(item, item.optional, case, files)))
    return found


def write(beta: Features, path: Path = _TARGET, files: bool = False) -> None:
    """Write the weights where the engine reads them, the remarks at the top of the file and the other table kept."""
    text = path.read_text(encoding="utf-8")
    head = [line for line in text.splitlines() if line.startswith("#")]
    tables = tomllib.loads(text)
    names = (*(rerank.PLACES if files else rerank.NAMES), "constant")
    tables["files" if files else "weights"] = dict(zip(names, beta.tolist(), strict=True))
    rows = [
        "\n".join([f"[{table}]", *(f'"{name}" = {value:.3f}' for name, value in known.items()), ""])
        for table, known in tables.items()
    ]
    atomic.replace(path, "\n".join([*head, "", *rows]).encode())


def main(arguments: Sequence[str] | None = None) -> int:
    """Print the recall before and after; with --write, write the weights. Return 0."""
    parser = argparse.ArgumentParser(
        prog="python -m evals.ranking", description=__doc__.split("\n")[0] if __doc__ else ""
    )
    parser.add_argument("gold", nargs="+", type=Path, help="files of gold questions")
    parser.add_argument("--home", type=Path, help="the data folder")
    parser.add_argument("--no-facts", action="store_true", help="leave the curated facts aside")
    parser.add_argument("--files", action="store_true", help="fit the order of lines in users' files")
    parser.add_argument("--write", action="store_true", help="write the weights of a fit on all of them")
    asked = parser.parse_args(arguments)
    pipeline = Pipeline.open(asked.home or settings().home, not asked.no_facts)
    groups = load(pipeline, asked.gold, asked.files)
    for name, told in (("before", recalls(groups, lambda g: g.before)), ("ranked, unseen", unseen(groups))):
        sys.stdout.write(f"{name}: " + ", ".join(f"recall@{k} {v:.3f}" for k, v in told.items()) + "\n")
    if asked.write:
        write(fit(groups), files=asked.files)
    return 0


if __name__ == "__main__":
    sys.exit(main())
