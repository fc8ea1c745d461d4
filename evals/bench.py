"""The benchmark (`python -m evals.bench`, `make bench`): the product beside the stock LangChain pipeline, in one run.

Both have the same texts, the same embedder and the same machine; both are measured from outside, as processes. The
product's answer is a verified one with verdict, conditions and citations; the stock pipeline's is its five chunks.
"""

import argparse
import json
import socket
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import asdict, dataclass, replace
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING

from corpus.errors import ClausewiseError, EngineError
from evals import hardware, items, load, recall
from evals.items import Item
from evals.recall import Found
from rag import settings
from rag.types import Hit, Request

if TYPE_CHECKING:
    from rag.pipeline import Pipeline

CLIENTS = (1, 8)
DEPTHS = (5, 10)
COLD_RUNS = 5
_READY_S = 120.0
_FIGURES = Path(__file__).parent / "bench"
_QUESTIONS = (
    "Can I resell a Llama 3.1 LoRA?",
    "May we host Mixtral 8x22B for paying customers?",
    "What notice must we keep when we distribute code under the MIT license?",
    "Can outputs of Llama 3 be used to train another model?",
    "Does the AGPL oblige us to publish our source if we only run it as a service?",
    "Do we have to state changes under Apache 2.0?",
)
_POLICY = "# Travel rules\n\n1. Trips over 500 EUR need approval.\n\n2. Book trains for distances under 500 km.\n"


@dataclass(frozen=True, slots=True)
class Figures:
    """What was measured of one pipeline; None where there was nothing to measure with."""

    build_s: float
    size_mb: float
    unchanged_s: float
    add_one_s: float
    cold_ask_s: float
    p50_1_ms: float
    p99_1_ms: float
    per_second_1: float
    p50_8_ms: float
    p99_8_ms: float
    per_second_8: float
    server_mb: float
    recall_5: float | None = None
    recall_10: float | None = None
    shown: float | None = None


@dataclass(frozen=True, slots=True)
class Row:
    """A row of the table: what it is, its unit, and whether more is better."""

    field: str
    title: str
    unit: str
    more_is_better: bool = False


ROWS = (
    Row("build_s", "store build", "s"),
    Row("size_mb", "store size", "MB"),
    Row("unchanged_s", "unchanged rebuild", "s"),
    Row("add_one_s", "adding one document", "s"),
    Row("cold_ask_s", "cold ask (median of 5)", "s"),
    Row("p50_1_ms", "warm p50, 1 client", "ms"),
    Row("p99_1_ms", "warm p99, 1 client", "ms"),
    Row("per_second_1", "questions/s, 1 client", "/s", True),
    Row("p50_8_ms", "warm p50, 8 clients", "ms"),
    Row("p99_8_ms", "warm p99, 8 clients", "ms"),
    Row("per_second_8", "questions/s, 8 clients", "/s", True),
    Row("server_mb", "server memory", "MB"),
    Row("recall_5", "evidence recall@5", "", True),
    Row("recall_10", "evidence recall@10", "", True),
    Row("shown", "evidence in the answer", "", True),
)


@dataclass(frozen=True, slots=True)
class Commands:
    """The command lines of one pipeline; `ask` gets the question as its last word, `serve` the port."""

    build: tuple[str, ...]
    add: tuple[str, ...]
    ask: tuple[str, ...]
    serve: tuple[str, ...]
    folder: Path


def product(home: Path, policy: Path) -> Commands:
    """Return the product's command lines."""
    run = (sys.executable, "-m", "ui.cli", "--home", str(home))
    return Commands(
        build=(*run, "index", "build"),
        add=(*run, "index", "add", str(policy)),
        ask=(*run, "ask"),
        serve=(*run, "serve", "--port"),
        folder=home,
    )


def stock(home: Path, folder: Path, policy: Path) -> Commands:
    """Return the stock pipeline's command lines; it takes its texts from the product's store."""
    run = (sys.executable, "-m", "evals.baselines")
    return Commands(
        build=(*run, "build", str(folder), "--home", str(home)),
        add=(*run, "add", str(folder), "--file", str(policy)),
        ask=(*run, "ask", str(folder), "--question"),
        serve=(*run, "serve", str(folder), "--port"),
        folder=folder,
    )


def measure(commands: Commands, questions: Sequence[str], each: int) -> Figures:
    """Return the figures of one pipeline, recall left out."""
    build = timed(commands.build)
    size = size_mb(commands.folder)
    unchanged = timed(commands.build)
    cold = statistics.median(timed((*commands.ask, questions[n % len(questions)])) for n in range(COLD_RUNS))
    with served(commands.serve) as (url, process):
        load.ask_all(url, questions, 1, len(questions))  # what is loaded with the first questions is not measured
        one, many = (load.ask_all(url, questions, clients, each) for clients in CLIENTS)
        memory = hardware.resident_mb(process)
    return Figures(
        build_s=build,
        size_mb=size,
        unchanged_s=unchanged,
        add_one_s=timed(commands.add),
        cold_ask_s=cold,
        p50_1_ms=one.percentile(50),
        p99_1_ms=one.percentile(99),
        per_second_1=one.per_second,
        p50_8_ms=many.percentile(50),
        p99_8_ms=many.percentile(99),
        per_second_8=many.per_second,
        server_mb=memory,
    )


def timed(command: Sequence[str]) -> float:
    """Return the seconds that a command takes. Raise EngineError with its last line if it fails."""
    start = time.perf_counter()
    done = subprocess.run(command, capture_output=True, text=True, check=False)  # noqa: S603  (our own commands)
    if done.returncode:
        last = done.stderr.strip().splitlines() or ["no word why"]
        raise EngineError(f"{' '.join(command[1:5])} ended with {done.returncode}: {last[-1]}; run it by itself")
    return time.perf_counter() - start


def size_mb(folder: Path) -> float:
    """Return the size of all files below a folder in megabytes."""
    return sum(path.stat().st_size for path in folder.rglob("*") if path.is_file()) / 1e6


@contextmanager
def served(command: Sequence[str]) -> Iterator[tuple[str, int]]:
    """Start a server on a free port; give its address and process id.

    Raise EngineError if it is not ready in two minutes.
    """
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = probe.getsockname()[1]
    url = f"http://127.0.0.1:{port}"
    process = subprocess.Popen(  # noqa: S603  (our own commands)
        (*command, str(port)), stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL
    )
    try:
        if not load.wait_ready(url, _READY_S):
            raise EngineError(f"{' '.join(command[1:5])} was not ready in {_READY_S:.0f} s; run it by itself")
        yield url, process.pid
    finally:
        process.terminate()
        process.wait(30)


def recalls(items: Sequence[Item], home: Path, folder: Path) -> tuple[dict[str, float], dict[str, float]]:
    """Return the mean evidence recall of the product and of the stock pipeline by the names of the figures.

    `shown` counts what a user is shown: the citations of the product's answer, the stock pipeline's chunks.
    """
    from evals import baselines  # imported here: LangChain takes a second that the help need not wait for
    from rag.pipeline import Pipeline

    pipeline, chunks = Pipeline.open(home), baselines.load(folder)
    deepest = max(DEPTHS)
    routed = [_found(pipeline, pipeline.search(item.question, deepest)) for item in items]
    nearest = [baselines.search(chunks, item.question, deepest) for item in items]
    cited = [_cited(pipeline, item) for item in items]
    shown = [found[: baselines.TOP] for found in nearest]
    return _means(items, routed, cited), _means(items, nearest, shown)


def _found(pipeline: "Pipeline", hits: Iterable[Hit]) -> list[Found]:
    texts = pipeline.store.documents
    places = ((hit.passage.document_id, hit.passage.span) for hit in hits)
    return [Found(document, span.of(texts[document].text)) for document, span in places]


def _cited(pipeline: "Pipeline", item: Item) -> list[Found]:
    answer = pipeline.ask(Request(item.question, history=item.history))
    return [Found(citation.document, citation.quote) for citation in answer.citations]


def _means(
    items: Sequence[Item], found: Sequence[Sequence[Found]], shown: Sequence[Sequence[Found]]
) -> dict[str, float]:
    def mean(lists: Sequence[Sequence[Found]], k: int) -> float:
        return statistics.fmean(recall.recall(f, i.evidence, k) for i, f in zip(items, lists, strict=True))

    return {**{f"recall_{k}": mean(found, k) for k in DEPTHS}, "shown": mean(shown, max(map(len, shown)))}


def table(ours: Figures, theirs: Figures) -> str:
    """Return the figures as a Markdown table; a ratio above 1 means that the product is better."""
    lines = ["| figure | clausewise | stock LangChain | ratio |", "| --- | ---: | ---: | ---: |"]
    for row in ROWS:
        one, other = getattr(ours, row.field), getattr(theirs, row.field)
        ratio = "" if not one or not other else f"{(one / other if row.more_is_better else other / one):.2f}x"
        lines.append(f"| {row.title} | {_shown(one, row.unit)} | {_shown(other, row.unit)} | {ratio} |")
    return "\n".join(lines) + "\n"


def _shown(value: float | None, unit: str) -> str:
    if value is None:
        return "no gold set"
    digits = 0 if value >= 100 else 1 if value >= 10 else 2
    return f"{value:.{digits}f} {unit}".rstrip()


def write(ours: Figures, theirs: Figures, folder: Path = _FIGURES) -> Path:
    """Write the figures with machine and versions as JSON into `folder`; return the file."""
    now = datetime.now(UTC)
    whole = {
        "measured": now.isoformat(timespec="seconds"),
        "hardware": hardware.describe(),
        "versions": hardware.versions(),
        "clausewise": asdict(ours),
        "stock": asdict(theirs),
    }
    folder.mkdir(parents=True, exist_ok=True)
    path = folder / f"{now:%Y%m%dT%H%M%SZ}.json"
    path.write_text(json.dumps(whole, indent=2) + "\n", encoding="utf-8")
    return path


def run(gold: Path | None, each: int) -> tuple[Figures, Figures]:
    """Return the figures of the product and of the stock pipeline, measured on a store of their own."""
    wanted = items.load(gold / "dev.jsonl") if gold else ()
    questions = [item.question for item in wanted] or list(_QUESTIONS)
    with tempfile.TemporaryDirectory(prefix="clausewise-bench-") as scratch:
        home, folder, policy = Path(scratch, "home"), Path(scratch, "stock"), Path(scratch, "travel-rules.md")
        policy.write_text(_POLICY, encoding="utf-8")
        ours = measure(product(home, policy), questions, each)
        theirs = measure(stock(home, folder, policy), questions, each)
        required = [item for item in wanted if item.evidence]
        if not required:
            return ours, theirs
        found, other = recalls(required, home, folder)
        return replace(ours, **found), replace(theirs, **other)


def main(arguments: Sequence[str] | None = None) -> int:
    """Measure and show the table; return the exit status."""
    parser = argparse.ArgumentParser(prog="python -m evals.bench", description=__doc__)
    parser.add_argument("--json", action="store_true", help="write the figures into evals/bench as well")
    parser.add_argument("--each", type=int, default=100, metavar="N", help="questions of each client (100)")
    args = parser.parse_args(arguments)
    try:
        ours, theirs = run(settings.load().gold, max(1, args.each))
        sys.stdout.write(table(ours, theirs))
        if args.json:
            sys.stdout.write(f"written: {write(ours, theirs)}\n")
    except ClausewiseError as error:
        sys.stderr.write(f"evals.bench: {error}\n")
        return error.exit_status
    return 0


if __name__ == "__main__":
    sys.exit(main())
