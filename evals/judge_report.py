"""What the judgments of all samples come to: means in which an error counts as a failure, flips between runs, coverage."""

import json
from collections.abc import Iterable, Mapping
from dataclasses import asdict, dataclass, field
from typing import Any, Self

from corpus.errors import InputError
from evals.agreement import flip_rate
from evals.judgments import Judgment

PASS = 0.5  # a value at least as good as this is a yes, where a yes or no is wanted
LOWER_IS_BETTER = frozenset({"noise_sensitivity"})


@dataclass(frozen=True, slots=True)
class Figure:
    """One metric over all samples. `samples` it was taken of, `left_out` have nothing in the gold set to hold them against.

    `mean` counts an error as the worst value there is. `flips` is the share of samples that pass in one run and fail in another,
    `spread` the mean distance between the best and the worst run; both None for a single run. `coverage` is the share
    of the judgments that are values.
    """

    metric: str
    samples: int
    left_out: int
    mean: float | None
    judgments: int
    errors: int
    flips: float | None
    spread: float | None
    coverage: float


@dataclass(frozen=True, slots=True)
class Report:
    """All judgments, sorted by metric, sample and run: as many as were to be taken. `judge` says by whom; `ids` of whom.

    `left_out` names for a metric the samples that the gold set gives nothing to hold against.
    """

    judge: Mapping[str, Any]
    ids: tuple[str, ...]
    judgments: tuple[Judgment, ...]
    left_out: Mapping[str, tuple[str, ...]] = field(default_factory=dict)

    @classmethod
    def made(
        cls,
        judge: Mapping[str, Any],
        ids: Iterable[str],
        judgments: Iterable[Judgment],
        left_out: Mapping[str, tuple[str, ...]],
    ) -> Self:
        """Return a report in its order."""
        in_order = sorted(judgments, key=lambda one: (one.metric, one.id, one.run))
        return cls(dict(judge), tuple(sorted(ids)), tuple(in_order), dict(sorted(left_out.items())))

    @property
    def metrics(self) -> tuple[str, ...]:
        """Return the names of the metrics."""
        return tuple(sorted({one.metric for one in self.judgments} | set(self.left_out)))

    def runs(self, metric: str) -> dict[str, list[float]]:
        """Return how good each sample is in each run: an error is 0, and where less is better it is turned round."""
        found: dict[str, list[float]] = {}
        for one in self.judgments:
            if one.metric == metric:
                found.setdefault(one.id, []).append(goodness(one))
        return found

    @property
    def figures(self) -> tuple[Figure, ...]:
        """Return a figure for each metric."""
        return tuple(self._figure(metric) for metric in self.metrics)

    def _figure(self, metric: str) -> Figure:
        runs = self.runs(metric)
        goods = [sum(values) / len(values) for values in runs.values()]
        mean = sum(goods) / len(goods) if goods else None
        if mean is not None and metric in LOWER_IS_BETTER:
            mean = 1 - mean
        judgments = [one for one in self.judgments if one.metric == metric]
        errors = sum(one.value is None for one in judgments)
        repeated = [values for values in runs.values() if len(values) > 1]
        return Figure(
            metric,
            samples=len(runs),
            left_out=len(self.left_out.get(metric, ())),
            mean=mean,
            judgments=len(judgments),
            errors=errors,
            flips=flip_rate([[value >= PASS for value in values] for values in repeated]),
            spread=sum(max(values) - min(values) for values in repeated) / len(repeated) if repeated else None,
            coverage=1 - errors / len(judgments) if judgments else 0.0,
        )

    def table(self) -> str:
        """Return the figures as lines of text, the most frequent errors below them."""
        head = ("metric", "mean", "samples", "left out", "errors", "flips", "spread", "coverage")
        rows = [head] + [_row(figure) for figure in self.figures]
        widths = [max(len(row[column]) for row in rows) for column in range(len(head))]
        lines = ["  ".join(_cells(row, widths)).rstrip() for row in rows]
        if any(figure.metric in LOWER_IS_BETTER for figure in self.figures):
            lines.append("(-) less is better. An error counts as the worst value of its metric.")
        return "\n".join([*lines, *self._errors()])

    def _errors(self, most: int = 5) -> list[str]:
        counts: dict[tuple[str, str], int] = {}
        for one in self.judgments:
            if one.error:
                counts[one.metric, one.error] = counts.get((one.metric, one.error), 0) + 1
        ranked = sorted(counts.items(), key=lambda pair: (-pair[1], pair[0]))
        lines = [f"{count} x {metric}: {error}" for (metric, error), count in ranked[:most]]
        return lines + ([f"and {len(ranked) - most} other errors"] if len(ranked) > most else [])

    def to_json(self) -> str:
        """Return the report as JSON: the judgments, and the figures for whoever only reads."""
        whole = {
            "judge": dict(self.judge),
            "ids": self.ids,
            "left_out": dict(self.left_out),
            "figures": [asdict(figure) for figure in self.figures],
            "judgments": [asdict(one) for one in self.judgments],
        }
        return json.dumps(whole, ensure_ascii=False, indent=1) + "\n"

    @classmethod
    def from_json(cls, text: str, name: str = "the report") -> Self:
        """Return the report that `to_json` wrote; figures are reckoned anew. Raise InputError if it is none."""
        try:
            whole = json.loads(text)
            judgments = [Judgment.of(row) for row in whole["judgments"]]
            left_out = {metric: tuple(ids) for metric, ids in whole["left_out"].items()}
            return cls.made(whole["judge"], [str(id) for id in whole["ids"]], judgments, left_out)
        except (ValueError, KeyError, TypeError, AttributeError, RecursionError) as error:
            said = " ".join(str(error).split())[:120]
            raise InputError(f"{name} is no report of a judge ({said}); make it again") from None


def goodness(judgment: Judgment) -> float:
    """Return how good a judgment calls its sample, 1 the best; an error is 0 whichever way the metric counts."""
    if judgment.value is None:
        return 0.0
    return 1 - judgment.value if judgment.metric in LOWER_IS_BETTER else judgment.value


def _row(figure: Figure) -> tuple[str, ...]:
    return (
        figure.metric + (" (-)" if figure.metric in LOWER_IS_BETTER else ""),
        _number(figure.mean),
        str(figure.samples),
        str(figure.left_out),
        str(figure.errors),
        _number(figure.flips),
        _number(figure.spread),
        f"{100 * figure.coverage:.1f} %",
    )


def _number(value: float | None) -> str:
    return "-" if value is None else f"{value:.3f}"


def _cells(row: tuple[str, ...], widths: list[int]) -> list[str]:
    return [row[0].ljust(widths[0]), *(cell.rjust(width) for cell, width in zip(row[1:], widths[1:], strict=True))]
