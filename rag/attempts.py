"""One reply of a model, held to its clauses while it arrives: what passes is shown, what does not is noted for the second attempt."""

import random
import time
from collections.abc import Callable, Generator, Iterable, Iterator, Sequence
from contextlib import closing
from dataclasses import dataclass, field

from corpus.errors import ModelError
from corpus.registry import Registry
from rag import merged
from rag.case import Case, Evidence
from rag.generate import Call, ChatModel
from rag.grounds import Grounds, Refused
from rag.merged import Numbering
from rag.metrics import Metrics
from rag.prompts import Piece
from rag.question import Question
from rag.reply import BadReply, Reader, Ruling, Said
from rag.types import Answer, Drafted, Request, Statement, Verdict

_PAUSE_S = (0.1, 0.4)  # before the one repetition of a request that broke: not all clients at the same moment
Stopped = Callable[[], bool]


@dataclass(frozen=True, slots=True)
class Task:
    """What a model is to answer: the request and its question as understood, the cases, and the rules engine's answer."""

    request: Request
    question: Question
    cases: tuple[Case, ...]
    draft: Answer
    registry: Registry
    stopped: Stopped = lambda: False


class Shown:
    """What has been shown so far: one numbering, and no statement twice."""

    def __init__(self) -> None:
        self.numbering = Numbering()
        self._seen: set[Statement] = set()

    def new(self, said: Statement) -> Iterator[Drafted]:
        """Yield the statement with its citations unless it was shown already."""
        if said not in self._seen:
            self._seen.add(said)
            yield Drafted(said, self.numbering.taken(said.citations))

    @property
    def begun(self) -> bool:
        """Return True once a statement was shown."""
        return bool(self._seen)


@dataclass
class Attempt:
    """What one reply gave: the verdict, the statements that passed with their lines, and what was refused.

    `problems` tells the model what to mend, `shown` the reader what was refused.
    """

    verdict: Verdict | None = None
    statements: list[Statement] = field(default_factory=list)
    evidence: list[Evidence] = field(default_factory=list)
    problems: list[str] = field(default_factory=list)
    shown: list[str] = field(default_factory=list)

    def refuse(self, problem: str, shown: str = "") -> None:
        """Take note of what is wrong."""
        self.problems.append(problem)
        self.shown.append(shown or problem)

    def say(self, said: Iterable[Statement], shown: Shown) -> Iterator[Drafted]:
        """Take statements in and yield those that were not shown before."""
        for statement in said:
            self.statements.append(statement)
            yield from shown.new(statement)


class Attempts:
    """Makes attempts with the model that `model` returns."""

    def __init__(self, model: Callable[[], ChatModel], metrics: Metrics) -> None:
        self._model, self._metrics = model, metrics

    def make(self, task: Task, call: Call, chosen: Sequence[Piece], shown: Shown) -> Generator[Drafted, None, Attempt]:
        """Yield the statements of one reply that pass, and return all that it gave."""
        attempt, reader = Attempt(), Reader()
        grounds = Grounds(task.question, task.request.question, chosen, task.draft, task.registry)
        try:
            with closing(self._pieces(call, reader)) as parts:
                for part in parts:
                    if isinstance(part, Said):
                        yield from self._passed(part, attempt, grounds, shown)
                    else:
                        attempt.verdict = part.verdict
                        yield from self._opened(task.draft, attempt, shown)
        except BadReply as error:
            cut = call.usage.finish == "length"
            attempt.refuse("the reply was cut at its longest; write less" if cut else str(error))
        if attempt.verdict is not None and not attempt.problems:
            against = grounds.against(attempt.verdict, attempt.evidence)
            if against:
                attempt.refuse(against)
            elif not attempt.evidence and attempt.verdict != "abstain":
                attempt.refuse("the reply has no statement that rests on a clause")
        if attempt.verdict is not None and not attempt.problems:
            yield from self._closed(task.draft, attempt, shown)
        return attempt

    def _passed(self, said: Said, attempt: Attempt, grounds: Grounds, shown: Shown) -> Generator[Drafted, None, None]:
        assert attempt.verdict is not None  # noqa: S101 - the reader gives statements after the verdict
        try:
            grounded = grounds.check(said, attempt.verdict, not attempt.evidence)
        except Refused as error:
            attempt.refuse(str(error), error.shown)
            self._metrics.count("clausewise_statements_total", state="dropped")
            return
        self._metrics.count("clausewise_statements_total", state=grounded.state)
        attempt.evidence += grounded.evidence
        yield from attempt.say([merged.statement(grounded, shown.numbering)], shown)

    def _opened(self, draft: Answer, attempt: Attempt, shown: Shown) -> Generator[Drafted, None, None]:
        """Yield what stands before the model's statements: the rules' reading where it is the stricter."""
        model = attempt.verdict
        assert model is not None  # noqa: S101 - called when the verdict is there
        if model != draft.verdict and merged.stricter(model, draft.verdict) != model:
            differs = Statement(merged.difference(model, draft.verdict), "inference")
            yield from attempt.say((*merged.of_rules(draft, shown.numbering), differs), shown)

    def _closed(self, draft: Answer, attempt: Attempt, shown: Shown) -> Generator[Drafted, None, None]:
        """Yield what stands behind the model's statements: the rules' reading where it is the milder, or where there are none."""
        model = attempt.verdict
        assert model is not None  # noqa: S101 - called when the verdict is there
        if not attempt.statements:
            yield from attempt.say(merged.of_rules(draft, shown.numbering), shown)
        if model != draft.verdict and merged.stricter(model, draft.verdict) == model:
            differs = Statement(merged.difference(model, draft.verdict), "inference")
            yield from attempt.say((differs, *merged.of_rules(draft, shown.numbering)), shown)

    def _pieces(self, call: Call, reader: Reader) -> Generator[Ruling | Said, None, None]:
        """Yield what the reply completes while it arrives; a request that breaks before its first piece is repeated once."""
        outcome = "broken-off"
        try:
            for number in (1, 2):
                try:
                    with closing(self._model().stream(call)) as stream:
                        for piece in stream:
                            yield from reader.feed(piece)
                    yield from reader.end()
                    outcome = "ok"
                    return
                except ModelError as error:
                    outcome = error.code
                    if number == 2 or not error.again or reader.text:
                        raise
                    self._metrics.count("clausewise_model_retries_total", reason="connection")
                    time.sleep(random.uniform(*_PAUSE_S))  # noqa: S311 - jitter, no secret
        finally:
            self._metrics.count("clausewise_model_requests_total", outcome=outcome)
            self._metrics.observe("clausewise_model_seconds", call.usage.waited_s)
            self._metrics.observe("clausewise_model_first_piece_seconds", call.usage.first_s)
            for kind in ("prompt", "cached", "reply"):
                self._metrics.count("clausewise_model_tokens_total", getattr(call.usage, kind), kind=kind)
