"""Statements one by one, and how long the first took."""

import time
from collections.abc import Generator
from contextlib import closing

from rag.types import Answer, Drafted


def as_drafted(answer: Answer) -> Generator[Drafted, None, Answer]:
    """Yield the statements of an answer and return it."""
    for statement in answer.statements:
        yield Drafted(statement, tuple(c for c in answer.citations if c.n in statement.citations))
    return answer


def timed(
    writing: Generator[Drafted, None, Answer], started: float, timings: dict[str, float]
) -> Generator[Drafted, None, Answer]:
    """Yield what is written and return the answer; `timings` gets the time to the first statement."""
    with closing(writing):
        try:
            while True:
                drafted = next(writing)
                timings.setdefault("first_statement", since(started))
                yield drafted
        except StopIteration as end:
            answer: Answer = end.value
            return answer


def since(started: float) -> float:
    """Return the milliseconds since a moment of `time.perf_counter`."""
    return round((time.perf_counter() - started) * 1000, 1)
