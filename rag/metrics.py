"""Counters, gauges and durations of answering, in the text form that Prometheus reads. Figures only: no question, no document."""

import threading
from bisect import bisect_left
from collections.abc import Callable, Iterator, Mapping

_BOUNDS = (0.05, 0.1, 0.25, 0.5, 1.0, 2.0, 5.0, 10.0, 20.0, 60.0)
_HELP: Mapping[str, tuple[str, str]] = {
    "clausewise_answers_total": ("counter", "Answers by the engine that wrote them."),
    "clausewise_fallbacks_total": ("counter", "Answers by rules where a model was to write, by reason."),
    "clausewise_model_requests_total": ("counter", "Requests to the model server, by outcome."),
    "clausewise_model_retries_total": ("counter", "Second attempts, by reason."),
    "clausewise_model_tokens_total": ("counter", "Tokens that the model server reports, by kind."),
    "clausewise_statements_total": ("counter", "Statements of the model: verified, repaired or dropped."),
    "clausewise_disagreements_total": ("counter", "Answers whose engines differ in the verdict."),
    "clausewise_rewritten_questions_total": ("counter", "Follow-up questions, by who made them stand alone."),
    "clausewise_first_statement_seconds": ("histogram", "From the question to the first verified statement."),
    "clausewise_answer_seconds": ("histogram", "From the question to the whole answer."),
    "clausewise_model_seconds": ("histogram", "Spent waiting for a reply of the model server."),
    "clausewise_model_first_piece_seconds": ("histogram", "Until the first piece of a reply of the model server."),
    "clausewise_breaker_open": ("gauge", "1 while the model server is left alone after failures."),
    "clausewise_model_requests_running": ("gauge", "Answers that a model is writing."),
    "clausewise_model_requests_waiting": ("gauge", "Questions that wait for a model."),
}
Labels = tuple[tuple[str, str], ...]


class Metrics:
    """The figures of one process; threads may share it."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._counts: dict[tuple[str, Labels], float] = {}
        self._durations: dict[tuple[str, Labels], tuple[list[int], float]] = {}
        self._gauges: dict[str, Callable[[], float]] = {}

    def count(self, name: str, number: float = 1, **labels: str) -> None:
        """Add to a counter."""
        key = (name, tuple(sorted(labels.items())))
        with self._lock:
            self._counts[key] = self._counts.get(key, 0) + number

    def observe(self, name: str, seconds: float, **labels: str) -> None:
        """Take a duration into a histogram."""
        key = (name, tuple(sorted(labels.items())))
        with self._lock:
            buckets, total = self._durations.setdefault(key, ([0] * (len(_BOUNDS) + 1), 0.0))
            buckets[bisect_left(_BOUNDS, seconds)] += 1
            self._durations[key] = (buckets, total + seconds)

    def answered(self, engine: str, timings_ms: Mapping[str, float]) -> None:
        """Take in an answer: who wrote it, and how long the whole and the first statement took."""
        self.count("clausewise_answers_total", engine=engine)
        for name, key in (
            ("clausewise_answer_seconds", "total"),
            ("clausewise_first_statement_seconds", "first_statement"),
        ):
            if key in timings_ms:
                self.observe(name, timings_ms[key] / 1000, engine=engine)

    def gauge(self, name: str, value: Callable[[], float]) -> None:
        """Let a gauge be what `value` returns when it is asked for."""
        self._gauges[name] = value

    def value(self, name: str, **labels: str) -> float:
        """Return a counter, summed over the labels that are not named."""
        wanted = set(labels.items())
        with self._lock:
            return sum(v for (n, pairs), v in self._counts.items() if n == name and wanted <= set(pairs))

    def seconds(self, name: str) -> float:
        """Return the sum of a histogram over all its labels."""
        with self._lock:
            return sum(total for (n, _), (_, total) in self._durations.items() if n == name)

    def text(self) -> str:
        """Return all figures in Prometheus' text form."""
        return "\n".join(self._lines()) + "\n"

    def _lines(self) -> Iterator[str]:
        with self._lock:
            counts = dict(self._counts)
            durations = {key: (list(buckets), total) for key, (buckets, total) in self._durations.items()}
        for name, (kind, text) in _HELP.items():
            yield f"# HELP {name} {text}"
            yield f"# TYPE {name} {kind}"
            if name in self._gauges:
                yield f"{name} {self._gauges[name]():g}"
            for (found, labels), value in sorted(counts.items()):
                if found == name:
                    yield f"{name}{_labels(labels)} {value:g}"
            for (found, labels), (buckets, total) in sorted(durations.items()):
                if found == name:
                    yield from _histogram(name, labels, buckets, total)


def _histogram(name: str, labels: Labels, buckets: list[int], total: float) -> Iterator[str]:
    below = 0
    for bound, number in zip((*map(str, _BOUNDS), "+Inf"), buckets, strict=True):
        below += number
        yield f"{name}_bucket{_labels((*labels, ('le', bound)))} {below}"
    yield f"{name}_sum{_labels(labels)} {total:g}"
    yield f"{name}_count{_labels(labels)} {below}"


def _labels(pairs: Labels) -> str:
    escaped = (f'{k}="{v}"' for k, v in ((k, _escaped(v)) for k, v in pairs))
    return "{" + ",".join(escaped) + "}" if pairs else ""


def _escaped(value: str) -> str:
    return value.replace("\\", "\\\\").replace('"', '\\"').replace("\n", " ")
