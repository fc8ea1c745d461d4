"""The benchmark of a served model (`python -m evals.bench_llm`, `make bench-llm`): what the prefix cache saves, and what goes around the model.

Run it with OPENBLAS_NUM_THREADS=1, as the command line does for every question: threads that wait for each other beside a
busy model server take most of an answer's time. It starts a model server with the settings of `CLAUSEWISE_SERVE_...`, or
measures one that runs (`--url`). With a model of random weights it says nothing of answers: only speed and the cache are
measured.
"""

import argparse
import json
import statistics
import subprocess
import sys
import threading
import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import asdict, dataclass
from datetime import UTC, datetime
from pathlib import Path

import httpx

from corpus.errors import ClausewiseError, EngineError
from evals import hardware
from rag import settings
from rag.pipeline import Pipeline
from rag.settings import ModelServer
from rag.types import Request
from rag.writer import Writer

CLIENTS = (1, 8, 32)
_REPLY = 256  # tokens; what a model of random weights says has no natural end
_READY_S = 600.0
_FIGURES = Path(__file__).parent / "bench"
_MODELS = ("Llama 2", "Llama 3.1", "Gemma 3", "Stable Diffusion 1.5", "Mixtral 8x22B")
_ASKED = (
    "Can I sell a fine-tune of {}?",
    "May we host {} for paying customers?",
    "May outputs of {} be used to train another model?",
    "What notice must we keep when we distribute {}?",
    "Which court decides on disputes about {}?",
    "Does {} limit the uses of the model?",
    "What does the license of {} say about warranty?",
    "May we quantize {} and publish the weights?",
    "When does the license of {} end?",
    "May we name our model after {}?",
)


@dataclass(frozen=True, slots=True)
class Figures:
    """What was measured. Rates are per second, the rest in milliseconds unless the name says otherwise."""

    model: str
    questions: int
    prompt_tokens: int
    cached_share: float
    overhead_p50_ms: float
    answer_p50_ms: float
    rules_p50_ms: float
    first_piece_mean_ms: float
    reply_tokens_per_second: float
    requests_per_second: dict[str, float]


def questions() -> list[str]:
    """Return ten questions on each of five licenses, those of one license together, as a reader of a license asks them."""
    return [asked.format(model) for model in _MODELS for asked in _ASKED]


def scraped(url: str) -> dict[str, float]:
    """Return the totals of vLLM's own figures: tokens looked up in the prefix cache, and found there.

    Raise EngineError if the server shows none.
    """
    try:
        text = httpx.get(f"{url.removesuffix('/v1')}/metrics", timeout=5, trust_env=False).text
    except httpx.HTTPError:
        text = ""
    found = {}
    for name in ("prefix_cache_queries_total", "prefix_cache_hits_total", "generation_tokens_total"):
        lines = [line for line in text.splitlines() if line.startswith(f"vllm:{name}{{")]
        if not lines:
            raise EngineError(f"{url} shows no figures of vLLM; measure a vLLM server")
        found[name] = sum(float(line.rsplit(" ", 1)[1]) for line in lines)
    return found


def measure(pipeline: Pipeline, server: ModelServer, each: int) -> Figures:
    """Return the figures of a pipeline whose writer asks `server`; `each` is the number of requests of a load."""
    writer = pipeline.writer
    if writer is None:
        raise EngineError("no model server is set up; name one with --url")
    writer.warm()
    asked = questions()
    rules = [pipeline.ask(Request(q, engine="rules")).timings_ms["total"] for q in asked]
    before = scraped(server.url)
    totals, overheads = [], []
    waited = writer.metrics.seconds("clausewise_model_seconds")
    first = writer.metrics.seconds("clausewise_model_first_piece_seconds")
    requests = writer.metrics.value("clausewise_model_requests_total")
    for question in asked:
        total = pipeline.ask(Request(question, engine="llm")).timings_ms["total"]
        now = writer.metrics.seconds("clausewise_model_seconds")
        totals.append(total)
        overheads.append(total - 1000 * (now - waited))
        waited = now
    after = scraped(server.url)
    grown = {name: after[name] - before[name] for name in before}
    firsts = writer.metrics.seconds("clausewise_model_first_piece_seconds") - first
    sent = writer.metrics.value("clausewise_model_requests_total") - requests
    rates = {str(n): load(pipeline, asked, n, each) for n in CLIENTS}
    return Figures(
        model=writer.remote.known().name,
        questions=len(asked),
        prompt_tokens=int(grown["prefix_cache_queries_total"]),
        cached_share=round(grown["prefix_cache_hits_total"] / max(grown["prefix_cache_queries_total"], 1), 3),
        overhead_p50_ms=round(statistics.median(overheads), 1),
        answer_p50_ms=round(statistics.median(totals), 1),
        rules_p50_ms=round(statistics.median(rules), 1),
        first_piece_mean_ms=round(1000 * firsts / max(sent, 1), 1),
        reply_tokens_per_second=round(1000 * grown["generation_tokens_total"] / sum(totals), 1),
        requests_per_second=rates,
    )


def load(pipeline: Pipeline, asked: Sequence[str], clients: int, number: int) -> float:
    """Return the answers a second that so many clients get who ask `number` questions together."""
    left = iter([asked[i % len(asked)] for i in range(number)])
    lock = threading.Lock()

    def client() -> None:
        while True:
            with lock:
                question = next(left, None)
            if question is None:
                return
            pipeline.ask(Request(question))

    threads = [threading.Thread(target=client) for _ in range(clients)]
    started = time.monotonic()
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    return round(number / (time.monotonic() - started), 2)


@contextmanager
def started(python: str, url: str) -> Iterator[None]:
    """Run a model server for the length of the block, and wait until it answers.

    Raise EngineError if it does not.
    """
    process = subprocess.Popen([sys.executable, "-m", "serving.launch", "--python", python])  # noqa: S603
    try:
        end = time.monotonic() + _READY_S
        while process.poll() is None and time.monotonic() < end:
            try:
                if httpx.get(f"{url}/models", timeout=2, trust_env=False).status_code == 200:
                    time.sleep(0.5)  # a launcher that finds the port taken by another server ends by then
                    break
            except httpx.HTTPError:
                time.sleep(0.5)
        if process.poll() is not None:
            raise EngineError("the model server did not start; its lines above say why")
        yield
    finally:
        process.terminate()
        process.wait()


def table(figures: Figures) -> str:
    """Return the figures as lines of a Markdown table."""
    rows = [
        (
            "prompt tokens served by the prefix cache",
            f"{100 * figures.cached_share:.0f} % of {figures.prompt_tokens:,}",
        ),
        ("everything around the model, p50", f"{figures.overhead_p50_ms:g} ms"),
        ("the rules alone, p50", f"{figures.rules_p50_ms:g} ms"),
        ("whole answer, p50", f"{figures.answer_p50_ms:g} ms"),
        ("first piece of a reply, mean", f"{figures.first_piece_mean_ms:g} ms"),
        ("reply tokens", f"{figures.reply_tokens_per_second:g} /s"),
        *((f"answers, {n} client(s)", f"{rate:g} /s") for n, rate in figures.requests_per_second.items()),
    ]
    head = f"| {figures.model}, {figures.questions} questions on {len(_MODELS)} licenses | |\n| --- | ---: |\n"
    return head + "".join(f"| {name} | {value} |\n" for name, value in rows)


def write(figures: Figures, folder: Path = _FIGURES) -> Path:
    """Write the figures with hardware and versions; return the file."""
    path = folder / f"llm-{datetime.now(UTC):%Y%m%dT%H%M%SZ}.json"
    whole = {"hardware": hardware.describe(), "versions": hardware.versions(), "figures": asdict(figures)}
    path.write_text(json.dumps(whole, indent=2) + "\n", encoding="utf-8")
    return path


def main(arguments: Sequence[str] | None = None) -> int:
    """Measure and show the table; return the exit status."""
    parser = argparse.ArgumentParser(prog="python -m evals.bench_llm", description=__doc__)
    parser.add_argument("--python", default=sys.executable, help="the interpreter of the model server's environment")
    parser.add_argument("--url", help="measure the server at this address; without it one is started on port 8001")
    parser.add_argument("--each", type=int, default=64, metavar="N", help="questions of each load (64)")
    parser.add_argument("--home", help="the data folder with the store")
    parser.add_argument("--json", action="store_true", help="write the figures into evals/bench as well")
    args = parser.parse_args(arguments)
    try:
        server = ModelServer(
            args.url or "http://127.0.0.1:8001/v1", silence_s=120.0, total_s=600.0, queue=64, reply=_REPLY
        )
        pipeline = Pipeline.open(settings.load(home=args.home).home)
        # One attempt an answer: a second, which noise would always need, would find its whole prompt in the cache.
        pipeline.writer = Writer(server, most_attempts=1)
        if args.url:
            figures = measure(pipeline, server, args.each)
        else:
            with started(args.python, server.url):
                figures = measure(pipeline, server, args.each)
        sys.stdout.write(table(figures))
        if args.json:
            sys.stdout.write(f"written: {write(figures)}\n")
    except ClausewiseError as error:
        sys.stderr.write(f"evals.bench_llm: {error}\n")
        return error.exit_status
    return 0


if __name__ == "__main__":
    sys.exit(main())
