"""The model as an engine: asks it, holds every statement to its clauses, shows what passes, and leaves the rest to the rules.

At most two attempts: the second names what was refused in the first. If that is not clean either, or the server fails, the
rules engine's answer stands, and says why. No statement leaves here that `grounds` has not passed.
"""

import time
from collections.abc import Generator, Iterator, Sequence
from contextlib import closing, contextmanager, suppress
from dataclasses import replace

from corpus.errors import Cancelled, EngineError, ModelError, PromptTooLong
from corpus.registry import Registry
from rag import merged, prompts
from rag.attempts import Attempt, Attempts, Shown, Stopped, Task
from rag.budget import Budget, fit
from rag.case import Case
from rag.gate import Breaker, Gate
from rag.generate import Call, ChatModel
from rag.metrics import Metrics
from rag.model_server import Known, Remote
from rag.question import Question
from rag.reply import rewritten
from rag.settings import ModelServer
from rag.types import Answer, Drafted, Request

_RESTING = "the model server failed several times and is left alone for a moment; ask again, or use --engine rules"
_LONGEST_QUESTION, _REWRITING_TOKENS = 600, 256


class Writer:
    """Answers with a served model. Threads may share it: breaker, gate and figures are those of the whole process."""

    def __init__(
        self,
        settings: ModelServer,
        metrics: Metrics | None = None,
        breaker: Breaker | None = None,
        most_attempts: int = 2,
    ) -> None:
        self.settings, self._most = settings, most_attempts
        self.metrics = metrics or Metrics()
        self.remote = Remote(settings)
        self.breaker = breaker or Breaker()
        self.gate = Gate(settings.in_flight, settings.queue)
        self._model: ChatModel | None = None
        self._attempts = Attempts(lambda: self.model(self.remote.known()), self.metrics)
        self.metrics.gauge("clausewise_breaker_open", lambda: float(self.breaker.state != "closed"))
        self.metrics.gauge("clausewise_model_requests_running", lambda: float(self.gate.running))
        self.metrics.gauge("clausewise_model_requests_waiting", lambda: float(self.gate.waiting))

    def answer(
        self,
        request: Request,
        question: Question,
        cases: tuple[Case, ...],
        draft: Answer,
        registry: Registry,
        stopped: Stopped,
    ) -> Generator[Drafted, None, Answer]:
        """Yield each verified statement and return the answer, as `write` does."""
        return self.write(Task(request, question, cases, draft, registry, stopped))

    def write(self, task: Task) -> Generator[Drafted, None, Answer]:
        """Yield each verified statement and return the answer: the model's, or the rules engine's with the reason.

        Raise EngineError where the request wants the model alone and it cannot be used before the first statement;
        Cancelled where nobody waits for the answer any more.
        """
        shown = Shown()
        try:
            with self.admitted(task.stopped):
                known = self.remote.known()
                return (yield from self._written(task, known, shown))
        except Cancelled:
            self.metrics.count("clausewise_fallbacks_total", reason="cancelled")
            raise
        except EngineError as error:
            self.metrics.count("clausewise_fallbacks_total", reason=error.code)
            if task.request.engine == "llm" and not shown.begun:
                raise
            return (yield from self._by_rules(task.draft, f"the rules engine answered: {error}"))

    def rewritten(self, request: Request, stopped: Stopped) -> str | None:
        """Return the last question of a conversation as the model makes it stand alone, None if it cannot.

        Raise Cancelled where nobody waits for the answer any more.
        """
        try:
            with self.admitted(stopped):
                model = self.model(self.remote.known())
                call = Call(
                    prompts.rewriting(request.history, request.question),
                    prompts.rewriting_schema(_LONGEST_QUESTION),
                    _REWRITING_TOKENS,
                    time.monotonic() + self.settings.silence_s,
                    stopped,
                )
                with closing(model.stream(call)) as stream:
                    made = rewritten("".join(stream))
        except Cancelled:
            raise
        except EngineError:
            made = None  # the question is read by rules; what is wrong with the server, the answer will say
        self.metrics.count("clausewise_rewritten_questions_total", by="model" if made else "rules")
        return made

    @contextmanager
    def admitted(self, stopped: Stopped) -> Iterator[None]:
        """Hold a place at the model for the length of the block, and take note of how the server behaves in it.

        Raise ModelError while the server is left alone, ModelBusy if too many wait.
        """
        if not self.breaker.allows():
            raise ModelError(
                "the model server failed several times and is left alone for a moment; ask again", down=False
            )
        told = self.breaker.released  # whatever else ends the block: the probe of a half-open breaker is given back
        try:
            with self.gate.entered(self.settings.silence_s, stopped):
                yield
            told = self.breaker.succeeded
        except ModelError as error:
            if error.down:
                self.remote.forget()
                told = self.breaker.failed
            raise
        finally:
            told()

    def model(self, known: Known) -> ChatModel:
        """Return the chat model of that name."""
        if self._model is None or self._model.name != known.name:
            self._model = ChatModel(self.settings, known.name)
        return self._model

    def ready(self) -> None:
        """Return if the model can be asked now.

        Raise ModelError if the server cannot be used, ModelBusy if no more may wait for it.
        """
        if self.breaker.state == "open":
            raise ModelError(_RESTING, down=False)
        self.gate.check()
        self.remote.known()

    def warm(self) -> None:
        """Load what the first answer would wait for; without a server do nothing."""
        with suppress(EngineError):
            self.model(self.remote.known())

    def close(self) -> None:
        """Close all connections."""
        self.remote.close()
        if self._model is not None:
            self._model.close()

    def _by_rules(self, draft: Answer, problem: str) -> Generator[Drafted, None, Answer]:
        for said in draft.statements:
            yield Drafted(said, tuple(c for c in draft.citations if c.n in said.citations))
        return replace(draft, problems=(*draft.problems, problem))

    def _written(self, task: Task, known: Known, shown: Shown) -> Generator[Drafted, None, Answer]:
        """Yield statements and return the answer, that of the rules if no reply passes."""
        self.model(known)  # loading what talks to it is no time of the reply's
        deadline = time.monotonic() + self.settings.total_s
        asked = task.request.question
        everything = prompts.pieces(task.cases, task.draft)
        budget = Budget(self.remote, known)
        notes: list[str] = []
        problems: list[str] = []
        for number in range(1, self._most + 1):
            chosen = fit(everything, lambda p: prompts.question(asked, task.draft, p), budget)
            messages = prompts.messages(prompts.documents(chosen), prompts.question(asked, task.draft, chosen))
            messages = prompts.again(messages, problems) if problems else messages
            call = Call(messages, prompts.schema([p.key for p in chosen]), budget.reply, deadline, task.stopped)
            try:
                attempt = yield from self._attempts.make(task, call, chosen, shown)
            except PromptTooLong:
                if number == self._most:
                    raise
                self.metrics.count("clausewise_model_retries_total", reason="too-long")
                budget = budget.halved()
                continue
            if not attempt.problems:
                left_out = len(everything) - len(chosen)
                notes += (
                    [f"{left_out} of {len(everything)} clauses did not fit the model's context"] if left_out else []
                )
                return self._answer(task, attempt, known, shown, notes)
            problems = attempt.problems
            notes.append(f"dropped from the model's reply {number}: {'; '.join(dict.fromkeys(attempt.shown))}")
            if number < self._most:
                self.metrics.count("clausewise_model_retries_total", reason="refused")
        self.metrics.count("clausewise_fallbacks_total", reason="refused")
        return (yield from self._by_rules(task.draft, "; ".join((*notes, "so the rules engine answered"))))

    def _answer(self, task: Task, attempt: Attempt, known: Known, shown: Shown, notes: Sequence[str]) -> Answer:
        assert attempt.verdict is not None  # noqa: S101 - an attempt without a verdict has a problem
        answer = merged.merge(task.draft, attempt.verdict, tuple(attempt.statements), shown.numbering)
        if attempt.verdict != task.draft.verdict:
            self.metrics.count("clausewise_disagreements_total")
        mended = [c for c in answer.citations if c.state == "repaired"]
        told = [*notes, *([f"{len(mended)} quotation(s) of the model were set right to the letter"] if mended else [])]
        return replace(answer, engine="llm", model=known.name, problems=(*answer.problems, *told))
