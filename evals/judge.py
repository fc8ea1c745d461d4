"""Everything that is ragas': its metrics over our samples, offline or with a judge, and our own metrics in its form.

ragas' `evaluate`, `@experiment` and `llm_factory` are not used: they drop rows, turn exceptions into None, keep results without
the model's name in the key, and write below the user's home. Model and embedder are given to its metrics by the two
small classes below. Importing this module imports no ragas; that takes seconds.
"""

import asyncio
import json
import os
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from functools import lru_cache, partial
from hashlib import sha256
from importlib.metadata import version
from pathlib import Path
from typing import Any

from filelock import FileLock, Timeout

from corpus import atomic
from corpus.errors import InputError
from evals.judge_model import REPLY_TOKENS, JudgeModel, JudgeSettings
from evals.judge_report import Report
from evals.judging import Metric, Progress, Taking, strict
from evals.judgments import Journal
from evals.samples import Sample, ordered
from rag.embed import Encoder, MiniLM

__all__ = ["JudgeSettings", "discrete", "judge", "measured", "numeric", "offline"]

# At temperature 0 with one seed further questions made from an answer are the same one again.
_STRICTNESS = 1


def judge(
    samples: Sequence[Sample], settings: JudgeSettings, folder: Path, progress: Progress = lambda done, of: None
) -> Report:
    """Return what a served model judges of the samples; every judgment is kept in `folder` and not asked for twice.

    Raise InputError if samples or settings cannot be used or another process works in the folder, ModelError if the server
    cannot be used at the outset, StoreError if the disk takes no more. A judgment that fails is an error in the report.
    """
    samples = ordered(samples)
    model = JudgeModel(settings)
    encoder = MiniLM()
    about = {
        "url": settings.address,
        "model": model.known_name,
        "seed": settings.seed,
        "ragas": _ragas(),
        "temperature": 0,
        "max_tokens": REPLY_TOKENS,
        "strictness": _STRICTNESS,
        "embedder": encoder.identity.name,
    }
    try:
        with _alone(folder):
            metrics = _judged(model, encoder)
            journals = {metric.name: _journal(folder, metric.name, about) for metric in metrics}
            taking = Taking(metrics, journals, settings.at_once, model.stopped.set)
            if taking.open_tasks(samples, settings.runs):
                model.begin()
            taken = taking.take(samples, settings.runs, progress)
    finally:
        model.close()
    about |= {"runs": settings.runs}
    return Report.made(about, [sample.id for sample in samples], taken.judgments, taken.left_out)


@contextmanager
def _alone(folder: Path) -> Iterator[None]:
    """Hold the folder for the length of the block. Raise InputError if another process does, StoreError if it cannot be written."""
    atomic.make_folder(folder)
    lock = FileLock(folder / ".lock", timeout=0)
    try:
        lock.acquire()
    except Timeout:
        raise InputError(f"another process judges in {folder}; wait for it, or name another folder") from None
    except OSError as error:
        raise atomic.explain(error, folder) from None
    try:
        yield
    finally:
        lock.release()


def _journal(folder: Path, metric: str, about: Mapping[str, object]) -> Journal:
    named = {**about, "metric": metric}
    key = sha256(json.dumps(named, sort_keys=True).encode()).hexdigest()[:12]
    return Journal(folder / f"{metric}-{key}", metric, named)


def offline(
    samples: Sequence[Sample], encoder: Encoder | None = None, progress: Progress = lambda done, of: None
) -> Report:
    """Return what ragas measures without a model: likeness of strings and of vectors, quotations, passages.

    Vectors are the product's own, which read the first 256 word pieces of a text. Raise InputError if two samples have one id.
    """
    samples = ordered(samples)
    metrics = _model_free(encoder or MiniLM())
    taken = Taking(metrics).take(samples, 1, progress)
    about = {"model": None, "ragas": _ragas(), "runs": 1}
    return Report.made(about, [sample.id for sample in samples], taken.judgments, taken.left_out)


# Our own metrics in ragas' form


class Row:
    """Any object under the one name that our metrics have for what they measure; ragas would take a dataclass apart."""

    def __init__(self, of: object) -> None:
        self.of = of


def numeric(name: str, function: Callable[[Any], float | None], low: float = 0.0, high: float = 1.0) -> Any:
    """Return a function as a ragas metric of numbers; its one argument is `row`, a Row around what the function takes."""
    _ragas()
    from ragas.metrics import numeric_metric

    return numeric_metric(name=name, allowed_values=(low, high))(_of_row(function))


def discrete(name: str, function: Callable[[Any], str | None], values: Sequence[str]) -> Any:
    """Return a function as a ragas metric of words, one of `values`; in a report the first of them counts 1, the others 0."""
    _ragas()
    from ragas.metrics import discrete_metric

    return discrete_metric(name=name, allowed_values=list(values))(_of_row(function))


def _of_row(function: Callable[[Any], Any]) -> Callable[[Row], Any]:
    def scored(row: Row) -> Any:
        return function(row.of)

    return scored


def measured(metrics: Sequence[Any], rows: Mapping[str, object]) -> Report:
    """Return what metrics of `numeric` and `discrete` give for each row by id. What they cannot give is an error, not nothing."""
    held = {id: Row(row) for id, row in rows.items()}
    stand_ins = [Sample(id, id, "", (), "") for id in sorted(held)]
    known = [Metric(metric.name, partial(_measured, metric, held)) for metric in metrics]
    taken = Taking(known).take(stand_ins, 1, lambda done, of: None)
    return Report.made({"model": None, "ragas": _ragas(), "runs": 1}, held, taken.judgments, taken.left_out)


def _measured(metric: Any, rows: Mapping[str, Row], sample: Sample) -> object:
    result = asyncio.run(metric.ascore(row=rows[sample.id]))
    if result.value is None:
        raise ValueError(result.reason or f"{metric.name} gave no value")
    values = metric.allowed_values
    return float(result.value == values[0]) if isinstance(values, list) else result.value


# ragas' metrics


def _ragas() -> str:
    """Return the version of ragas, after switching its reports to its makers off: it reads the variable once, when imported.

    Raise InputError if it is not installed.
    """
    os.environ["RAGAS_DO_NOT_TRACK"] = "true"
    try:
        import ragas
    except ImportError as error:
        raise InputError(f"ragas cannot be used ({error}); install the extra evals (make setup, make check)") from None
    del ragas
    return version("ragas")


def _judged(model: JudgeModel, encoder: Encoder) -> list[Metric]:
    _ragas()
    from ragas.llms.base import InstructorBaseRagasLLM
    from ragas.metrics import collections as known

    class Served(InstructorBaseRagasLLM):  # type: ignore[misc]  # ragas is untyped to us
        """Our judge in the form that ragas' metrics take."""

        def generate(self, prompt: str, response_model: Any) -> Any:
            return model.ask(prompt, response_model)

        async def agenerate(self, prompt: str, response_model: Any) -> Any:
            # It may block: each metric runs in a loop and a thread of its own.
            return model.ask(prompt, response_model)

    llm = Served()
    relevancy = known.AnswerRelevancy(llm=llm, embeddings=_embeddings(encoder), strictness=_STRICTNESS)
    reference = ("reference",)
    made = [
        _metric(strict(known.Faithfulness(llm=llm)), "user_input response retrieved_contexts"),
        _metric(strict(known.FactualCorrectness(llm=llm)), "response reference", reference),
        _metric(known.ContextPrecision(llm=llm), "user_input reference retrieved_contexts", reference),
        _metric(known.ContextRecall(llm=llm), "user_input retrieved_contexts reference", reference),
        _metric(relevancy, "user_input response"),
        _metric(strict(known.NoiseSensitivity(llm=llm)), "user_input response reference retrieved_contexts", reference),
    ]
    return made


def _model_free(encoder: Encoder) -> list[Metric]:
    _ragas()
    from ragas.metrics import collections as known

    # From their own modules: the package's names for them warn that they will move to where they are not yet.
    from ragas.metrics._context_precision import NonLLMContextPrecisionWithReference
    from ragas.metrics._context_recall import NonLLMContextRecall

    distance = _Distance(known.NonLLMStringSimilarity())
    precision = NonLLMContextPrecisionWithReference(distance_measure=distance)
    recall = NonLLMContextRecall(_distance_measure=distance)
    reference, both = ("reference",), "reference response"
    return [
        _metric(known.ExactMatch(), both, reference),
        _metric(known.StringPresence(), both, reference),
        _metric(known.NonLLMStringSimilarity(), both, reference),
        _metric(known.SemanticSimilarity(embeddings=_embeddings(encoder)), both, reference),
        _metric(known.QuotedSpansAlignment(), "response retrieved_contexts"),
        Metric("non_llm_context_precision", partial(_of_passages, precision), ("evidence",)),
        Metric("non_llm_context_recall", partial(_of_passages, recall), ("evidence",)),
    ]


class _Distance:
    """The likeness of two strings for metrics of ragas' older form, whose own one would report its use."""

    def __init__(self, likeness: Any) -> None:
        self._likeness = likeness

    async def single_turn_ascore(self, pair: Any, callbacks: object = None) -> float:
        told = await self._likeness.ascore(reference=pair.reference, response=pair.response)
        return float(told.value)


def _of_passages(metric: Any, sample: Sample) -> object:
    from ragas.dataset_schema import SingleTurnSample

    if not sample.contexts:
        raise ValueError("no passage was retrieved")
    turn = SingleTurnSample(retrieved_contexts=list(sample.contexts), reference_contexts=list(sample.evidence))
    return asyncio.run(metric._single_turn_ascore(turn, None))


def _metric(metric: Any, columns: str, needs: tuple[str, ...] = ()) -> Metric:
    def score(sample: Sample) -> object:
        row = {
            "user_input": sample.question,
            "response": sample.answer,
            "retrieved_contexts": list(sample.contexts),
            "reference": sample.reference,
        }
        return asyncio.run(metric.ascore(**{name: row[name] for name in columns.split()})).value

    return Metric(metric.name, score, needs)


def _embeddings(encoder: Encoder) -> Any:
    """Return the product's embedder in the form that ragas' metrics take."""
    from ragas.embeddings.base import BaseRagasEmbedding

    @lru_cache(maxsize=4096)
    def vector(text: str) -> tuple[float, ...]:
        return tuple(float(number) for number in encoder.encode(text))

    class Local(BaseRagasEmbedding):  # type: ignore[misc]  # ragas is untyped to us
        """Our embedder."""

        def embed_text(self, text: str, **_: Any) -> list[float]:
            return list(vector(text))

        async def aembed_text(self, text: str, **_: Any) -> list[float]:
            return list(vector(text))

    return Local()
