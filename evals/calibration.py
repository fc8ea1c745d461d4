"""How far a judge can be trusted: its yes and no against labels that people gave, and the means corrected for its errors."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from evals import samples
from evals.agreement import cohen_kappa, confusion, corrected, majority
from evals.judge_report import PASS, Report

_FEW = 30  # labels of either kind: below, an error rate is a guess


@dataclass(frozen=True, slots=True)
class Label:
    """What a person says of one sample under one metric: good or not; `line` is where it stands."""

    id: str
    metric: str
    good: bool
    line: int


@dataclass(frozen=True, slots=True)
class Row:
    """One metric: labels and the good ones among them, the judge's errors, agreement, and its share of good samples before and after.

    `note` says why nothing is corrected, or how far to trust it.
    """

    metric: str
    labels: int
    good: int
    sensitivity: float | None
    specificity: float | None
    kappa: float | None
    observed: float
    corrected: float | None
    note: str


@dataclass(frozen=True, slots=True)
class Calibration:
    """A row for each labelled metric, and a problem for each line that could not be used."""

    rows: tuple[Row, ...]
    problems: tuple[str, ...]

    def table(self) -> str:
        """Return the rows as lines of text, notes and problems below them."""
        head = ("metric", "labels", "good", "sensitivity", "specificity", "kappa", "passed", "corrected")
        cells = [head] + [_cells(row) for row in self.rows]
        widths = [max(len(line[column]) for line in cells) for column in range(len(head))]
        lines = [
            "  ".join(cell.ljust(width) if not at else cell.rjust(width) for at, (cell, width) in enumerate(pairs))
            for pairs in (tuple(zip(line, widths, strict=True)) for line in cells)
        ]
        notes = [f"{row.metric}: {row.note}" for row in self.rows if row.note]
        return "\n".join([*lines, *notes, *self.problems])


def load(path: Path) -> tuple[tuple[Label, ...], tuple[str, ...]]:
    """Return the labels of a file, and what is wrong with each line that is none, with its number; the rest is kept.

    Raise InputError if the file cannot be read.
    """
    found: dict[tuple[str, str], Label] = {}
    problems = []
    for number, row in samples.rows(path):
        label = _label(number, row)
        if isinstance(label, str):
            problems.append(f"{path} line {number} {label}")
        elif (label.id, label.metric) in found:
            first = found[label.id, label.metric].line
            problems.append(f"{path} line {number} labels {label.id!r} for {label.metric} again, as line {first} did")
        else:
            found[label.id, label.metric] = label
    return tuple(found.values()), tuple(problems)


def _label(number: int, row: Mapping[str, Any] | str) -> Label | str:
    if isinstance(row, str):
        return row
    for name in ("id", "metric"):
        if not isinstance(row.get(name), str) or not row[name].strip():
            return f"has no {name}; write id, metric and label"
    given = row.get("label")
    if isinstance(given, bool) or given not in (0, 1):
        return "has a label that is neither 0 nor 1"
    return Label(row["id"], row["metric"], given == 1, number)


def calibrate(
    labels: Iterable[Label], report: Report, problems: Iterable[str] = (), threshold: float = PASS
) -> Calibration:
    """Return how the judge of a report agrees with labels; it calls a sample good if most runs are at least `threshold` good.

    An error of the judge is no. A label of a sample or metric that the report has not is a problem.
    """
    told = list(problems)
    passed = {
        metric: {id: majority([good >= threshold for good in runs]) for id, runs in report.runs(metric).items()}
        for metric in report.metrics
    }
    by_metric: dict[str, list[Label]] = {}
    for label in labels:
        if label.id in passed.get(label.metric, {}):
            by_metric.setdefault(label.metric, []).append(label)
        else:
            told.append(f"line {label.line}: the report has no judgment on {label.id!r} for {label.metric}")
    rows = tuple(_row(metric, by_metric[metric], passed[metric]) for metric in sorted(by_metric))
    return Calibration(rows, tuple(told))


def _row(metric: str, labels: list[Label], passed: Mapping[str, bool]) -> Row:
    truth, judged = [label.good for label in labels], [passed[label.id] for label in labels]
    counts = confusion(truth, judged)
    observed = sum(passed.values()) / len(passed)
    right = corrected(observed, counts.sensitivity, counts.specificity)
    if not all(truth) and any(truth):
        fewest = min(sum(truth), len(truth) - sum(truth))
        note = f"only {fewest} labels of one kind; {_FEW} would tell more" if fewest < _FEW else ""
        note = "nothing is corrected: the judge is no better than chance" if right is None else note
    else:
        note = f"nothing is corrected: all labels are {int(truth[0])}"
    kappa = cohen_kappa(truth, judged)
    return Row(metric, len(labels), sum(truth), counts.sensitivity, counts.specificity, kappa, observed, right, note)


def _cells(row: Row) -> tuple[str, ...]:
    figures = (row.sensitivity, row.specificity, row.kappa, row.observed, row.corrected)
    return (
        row.metric,
        str(row.labels),
        str(row.good),
        *("-" if figure is None else f"{figure:.3f}" for figure in figures),
    )
