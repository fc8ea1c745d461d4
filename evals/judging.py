"""Takes every judgment of every sample once, whatever fails: rows in are rows out, and what is on the disk is not asked again."""

from collections.abc import Callable, Coroutine, Generator, Iterable, Mapping, Sequence
from concurrent.futures import Future, ThreadPoolExecutor, as_completed
from contextlib import closing
from dataclasses import dataclass, field
from typing import Any

from corpus.errors import EngineError, PromptTooLong
from evals.judgments import Journal, Judgment, checked
from evals.samples import Sample
from rag.gate import Breaker

Progress = Callable[[int, int], None]
_GIVE_UP = 5
# What metrics raise at replies and samples that they were not made for.
_FAILURES = (ValueError, TypeError, LookupError, ArithmeticError, AttributeError, AssertionError, RuntimeError)

# Statements are made of a text, then each has a verdict: the steps of the metrics whose result is looked at.
_STATEMENTS = ("_create_statements", "_decompose_claims", "_decompose_answer_into_statements")
_VERDICTS = ("_create_verdicts", "_verify_claims", "_evaluate_statement_faithfulness")
_Step = Callable[..., Coroutine[Any, Any, Any]]


@dataclass(frozen=True, slots=True)
class Metric:
    """A metric by name: what it gives for a sample, and which fields of the gold set it cannot do without."""

    name: str
    score: Callable[[Sample], object]
    needs: tuple[str, ...] = ()

    def applies(self, sample: Sample) -> bool:
        """Return False if the gold set gives nothing to hold the sample against: that is nobody's failure."""
        return all(getattr(sample, name) for name in self.needs)


@dataclass
class Taken:
    """All judgments, and for each metric the samples that it does not apply to."""

    judgments: list[Judgment] = field(default_factory=list)
    left_out: dict[str, tuple[str, ...]] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class _Task:
    metric: Metric
    sample: Sample
    run: int


class Taking:
    """One pass over samples and metrics. Without `journals` nothing is kept; `stop` is called when a pass breaks off."""

    def __init__(
        self,
        metrics: Sequence[Metric],
        journals: Mapping[str, Journal] | None = None,
        at_once: int = 1,
        stop: Callable[[], None] = lambda: None,
    ) -> None:
        self._metrics, self._journals = metrics, journals or {}
        self._at_once, self._stop = at_once, stop
        # It never closes again by itself: the next run asks what this one did not.
        self._breaker = Breaker(failures=_GIVE_UP, rest_s=float("inf"))

    def open_tasks(self, samples: Sequence[Sample], runs: int) -> int:
        """Return how many judgments are still to be taken."""
        return sum(self._known(task) is None for task in self._tasks(samples, runs))

    def take(self, samples: Sequence[Sample], runs: int, progress: Progress) -> Taken:
        """Return a judgment for each sample, metric that applies and run. Raise StoreError if the disk takes no more."""
        tasks = list(self._tasks(samples, runs))
        taken = Taken(left_out=self._left_out(samples))
        todo = []
        for task in tasks:
            known = self._known(task)
            taken.judgments.extend([known] if known else [])
            todo.extend([] if known else [task])
        progress(len(taken.judgments), len(tasks))
        with closing(self._ask(todo)) as asked:
            for judgment in asked:
                taken.judgments.append(judgment)
                progress(len(taken.judgments), len(tasks))
        return taken

    def _tasks(self, samples: Sequence[Sample], runs: int) -> Iterable[_Task]:
        # A whole run first: whoever stops early has looked at everything once.
        for run in range(runs):
            for sample in samples:
                yield from (_Task(metric, sample, run) for metric in self._metrics if metric.applies(sample))

    def _left_out(self, samples: Sequence[Sample]) -> dict[str, tuple[str, ...]]:
        return {
            metric.name: tuple(sample.id for sample in samples if not metric.applies(sample))
            for metric in self._metrics
        }

    def _known(self, task: _Task) -> Judgment | None:
        journal = self._journals.get(task.metric.name)
        return journal.known.get((task.sample.id, task.sample.digest, task.run)) if journal else None

    def _ask(self, tasks: Sequence[_Task]) -> Generator[Judgment, None, None]:
        pool = ThreadPoolExecutor(self._at_once)
        futures: dict[Future[tuple[Judgment, bool]], _Task] = {}
        whole = False
        try:
            futures = {pool.submit(self._attempt, task): task for task in tasks}
            for future in as_completed(futures):
                judgment, settled = future.result()
                journal = self._journals.get(judgment.metric)
                if journal and settled:
                    journal.add(futures[future].sample.digest, judgment)
                yield judgment
            whole = True
        finally:
            if not whole:  # a full disk, or a key pressed: requests under way are not waited for
                self._stop()
            pool.shutdown(wait=True, cancel_futures=True)

    def _attempt(self, task: _Task) -> tuple[Judgment, bool]:
        """Return the judgment, and whether it is settled: what the server failed at is asked again by the next run."""
        name, id = task.metric.name, task.sample.id
        if not self._breaker.allows():
            error = f"not asked: the judge's server failed {_GIVE_UP} times in a row; run it again to go on"
            return Judgment(id, name, task.run, None, error), False
        try:
            value = checked(name, task.metric.score(task.sample))
        except PromptTooLong as error:
            return self._failed(task, error), True
        except EngineError as error:
            self._breaker.failed()
            return self._failed(task, error), False
        except _FAILURES as error:
            self._breaker.succeeded()
            return self._failed(task, error), True
        self._breaker.succeeded()
        return Judgment(id, name, task.run, value), True

    def _failed(self, task: _Task, error: Exception) -> Judgment:
        said = " ".join(str(error).split())[:200] or type(error).__name__
        return Judgment(task.sample.id, task.metric.name, task.run, None, said)


def strict(metric: Any) -> Any:
    """Return a metric of ragas that fails where the judge made no statements, or gave verdicts on others than it was asked about.

    ragas takes the share over whatever came back: one verdict on the first of ten statements would be a full score.
    """
    for name in (*_STATEMENTS, *_VERDICTS):
        if hasattr(metric, name):
            setattr(metric, name, (_some if name in _STATEMENTS else _each)(getattr(metric, name)))
    return metric


def _some(step: _Step) -> _Step:
    async def stepped(*texts: str) -> Any:
        statements = await step(*texts)
        if not statements:
            raise ValueError("the judge found no statement in the text")
        return statements

    return stepped


def _each(step: _Step) -> _Step:
    async def stepped(statements: Sequence[str], against: str) -> Any:
        told = await step(statements, against)
        given = len(told if isinstance(told, list) else told.statements)
        if given != len(statements):
            raise ValueError(f"the judge gave {given} verdicts on {len(statements)} statements")
        return told

    return stepped
