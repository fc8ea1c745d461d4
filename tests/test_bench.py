"""The benchmark: recall by the gold set's rule, latencies, the table, and the stock pipeline it compares with."""

import json
import sys
import threading
from collections.abc import Iterator
from dataclasses import replace
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

import httpx
import pytest
from hypothesis import given
from hypothesis import strategies as st
from small_store import Words

from corpus.errors import EngineError
from evals import bench, hardware, load, recall
from evals.items import Evidence
from evals.recall import Found

GRANT = Evidence("mit", "to deal in the Software without restriction, including the rights to use")
OURS = bench.Figures(10, 50, 1, 2, 0.5, 20, 40, 50, 100, 200, 80, 400, 0.8, 0.9, 0.95)
THEIRS = bench.Figures(20, 25, 20, 4, 5.0, 10, 20, 100, 50, 100, 160, 800, 0.2, 0.3, 0.2)


class Server(BaseHTTPRequestHandler):
    """Answers every question, but `fail` with 500."""

    def do_GET(self) -> None:
        self._send(200)

    def do_POST(self) -> None:
        body = json.loads(self.rfile.read(int(self.headers["Content-Length"])))
        self._send(500 if body["question"] == "fail" else 200)

    def _send(self, status: int) -> None:
        self.send_response(status)
        self.send_header("Content-Length", "2")
        self.end_headers()
        self.wfile.write(b"{}")

    def log_message(self, format: str, *args: object) -> None:
        """Stay silent."""


@pytest.fixture
def url() -> Iterator[str]:
    with ThreadingHTTPServer(("127.0.0.1", 0), Server) as server:
        thread = threading.Thread(target=server.serve_forever, args=(0.01,))
        thread.start()
        yield f"http://127.0.0.1:{server.server_port}"
        server.shutdown()
        thread.join()


# Recall


@pytest.mark.parametrize(
    ("found", "touched"),
    [
        (Found("mit", "... TO DEAL  in the\n| Software without restriction, including the rights to use, copy"), True),
        (Found("mit", "Software without restriction, including the"), True),
        (Found("mit", "deal in the Software without restriction, including nothing else"), True),
        (Found("mit", "to deal in the Software with restriction"), False),
        (Found("mit", "the rights to use"), False),
        (Found("mit-0", GRANT.quote), False),
    ],
)
def test_a_passage_touches_evidence_as_the_gold_set_says(found: Found, touched: bool) -> None:
    assert recall.touches(found, GRANT) is touched


def test_recall_is_the_share_of_the_evidence_within_the_first_passages() -> None:
    found = [Found("x", "nothing"), Found("mit", GRANT.quote), Found("mit", "the above copyright notice shall stand")]
    wanted = (GRANT, Evidence("mit", "copyright notice shall stand"))
    assert [recall.recall(found, wanted, k) for k in (1, 2, 3)] == [0, 0.5, 1]
    with pytest.raises(ValueError, match="nothing"):
        recall.recall(found, (), 5)


# Load


def test_percentiles_by_nearest_rank() -> None:
    assert [load.percentile(range(1, 101), p) for p in (1, 50, 99, 100)] == [1, 50, 99, 100]
    assert load.percentile([7.0], 99) == 7
    with pytest.raises(ValueError, match="nothing"):
        load.percentile([], 50)


@given(st.lists(st.floats(0, 1e6), min_size=1), st.floats(0.1, 100))
def test_enough_values_do_not_exceed_a_percentile(values: list[float], percent: float) -> None:
    found = load.percentile(values, percent)
    assert found in values
    assert sum(value <= found for value in values) >= len(values) * percent / 100 * (1 - 1e-9)


def test_every_client_asks_its_questions(url: str) -> None:
    assert load.wait_ready(url, 5)
    measured = load.ask_all(url, ["a", "b", "c"], clients=3, each=4)
    assert len(measured.latencies_ms) == 12
    assert measured.per_second == pytest.approx(12 / measured.seconds)
    assert 0 < measured.percentile(50) <= measured.percentile(99)


def test_a_failing_answer_ends_the_measurement(url: str) -> None:
    with pytest.raises(httpx.HTTPStatusError):
        load.ask_all(url, ["a", "fail"], clients=2, each=2)


def test_a_server_that_is_not_there_is_not_ready() -> None:
    assert not load.wait_ready("http://127.0.0.1:9", 0.2)


# The table


def test_a_ratio_above_1_means_that_the_product_is_better() -> None:
    rows = {line.split(" | ")[0].strip("| "): line for line in bench.table(OURS, THEIRS).splitlines()}
    assert rows["store build"] == "| store build | 10.0 s | 20.0 s | 2.00x |"
    assert rows["store size"].endswith("| 0.50x |")
    assert rows["questions/s, 8 clients"] == "| questions/s, 8 clients | 80.0 /s | 160 /s | 0.50x |"
    assert rows["evidence recall@5"] == "| evidence recall@5 | 0.80 | 0.20 | 4.00x |"
    assert len(rows) == len(bench.ROWS) + 2


def test_every_figure_has_a_row() -> None:
    assert {row.field for row in bench.ROWS} == set(bench.Figures.__dataclass_fields__)


def test_without_a_gold_set_the_table_says_so() -> None:
    ours, theirs = (replace(of, recall_5=None, recall_10=None, shown=None) for of in (OURS, THEIRS))
    assert bench.table(ours, theirs).splitlines()[-1] == "| evidence in the answer | no gold set | no gold set |  |"


def test_figures_are_written_with_machine_and_versions(tmp_path: Path) -> None:
    whole = json.loads(bench.write(OURS, THEIRS, tmp_path / "figures").read_text(encoding="utf-8"))
    assert whole["clausewise"]["build_s"] == 10
    assert whole["stock"]["recall_10"] == 0.3
    assert whole["hardware"]["cores"] >= 1
    assert "numpy" in whole["versions"]


def test_a_command_that_fails_is_named_with_its_last_line() -> None:
    with pytest.raises(EngineError, match=r"^-c .* ended with 3: boom; run it by itself$"):
        bench.timed((sys.executable, "-c", "import sys; sys.stderr.write('x\\nboom\\n'); sys.exit(3)"))
    assert bench.timed((sys.executable, "-c", "")) > 0


def test_memory_of_a_process_is_read() -> None:
    assert hardware.resident_mb(threading.get_native_id()) > 10
    assert hardware.resident_mb(2**30) == 0


# The stock pipeline


def test_the_stock_pipeline_finds_the_chunk_and_keeps_it_without_pickle(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    from evals import baselines

    monkeypatch.setattr(baselines, "MiniLM", Words)
    texts = {
        "bakery": "The bakery sells bread and cakes every morning.\n\n" * 12,
        "harbour": "Ships that enter the harbour must pay a toll to the captain.\n\n" * 12,
    }
    chunks = baselines.split(texts)
    assert {chunk.metadata["document"] for chunk in chunks} == set(texts)
    assert max(len(chunk.page_content) for chunk in chunks) <= baselines.CHUNK
    store = baselines.build(texts)
    assert [found.document for found in baselines.search(store, "What must ships pay?", 2)] == ["harbour", "bakery"]
    baselines.save(store, tmp_path)
    assert {path.name for path in tmp_path.iterdir()} == {"index.faiss", "chunks.json"}
    again = baselines.load(tmp_path)
    assert baselines.search(again, "cakes in the morning") == baselines.search(store, "cakes in the morning")
    again.add_documents(baselines.split({"zoo": "Tigers sleep all day."}))
    assert baselines.search(again, "When do tigers sleep?", 1) == [Found("zoo", "Tigers sleep all day.")]


@pytest.mark.slow
def test_the_benchmark_runs_from_end_to_end() -> None:
    ours, theirs = bench.run(None, each=5)
    assert ours.build_s > ours.unchanged_s
    assert min(of.server_mb for of in (ours, theirs)) > 50
