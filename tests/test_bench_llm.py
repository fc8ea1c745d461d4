"""The benchmark of a served model: its questions, its figures, and what it says when there is nothing to measure."""

import json
from pathlib import Path

import model_store
import pytest
from model_cases import GOOD, SELL
from scripted import scripted

from corpus.errors import EngineError
from evals import bench_llm
from evals.bench_llm import Figures

FIGURES = Figures("tiny", 50, 123456, 0.875, 20.5, 900.0, 18.0, 30.0, 400.0, {"1": 1.0, "8": 4.0})


def test_fifty_questions_on_five_licenses() -> None:
    asked = bench_llm.questions()
    assert len(asked) == len(set(asked)) == 50


def test_figures_are_shown_and_written_with_the_machine(tmp_path: Path) -> None:
    shown = bench_llm.table(FIGURES)
    assert "| prompt tokens served by the prefix cache | 88 % of 123,456 |" in shown
    assert "| answers, 8 client(s) | 4 /s |" in shown
    whole = json.loads(bench_llm.write(FIGURES, tmp_path).read_text())
    assert whole["figures"]["overhead_p50_ms"] == 20.5
    assert whole["hardware"]["cores"] >= 1
    assert "langchain-openai" in whole["versions"]


def test_what_is_no_vllm_cannot_be_measured(capsys: pytest.CaptureFixture[str], tmp_path: Path) -> None:
    with scripted() as server, pytest.raises(EngineError, match="shows no figures of vLLM"):
        bench_llm.scraped(server.url)
    assert bench_llm.main(["--home", str(tmp_path), "--url", "http://127.0.0.1:9/v1"]) == 3
    out, err = capsys.readouterr()
    assert (out, err.count("\n")) == ("", 1)


@pytest.mark.slow
def test_a_load_asks_as_often_as_it_is_told(tmp_path: Path) -> None:
    over = model_store.pipeline(model_store.build(tmp_path))
    with scripted() as server:
        server.always = model_store.written(GOOD, model_store.keys(over), {})
        over.writer = model_store.writer(server)
        assert bench_llm.load(over, [SELL], clients=3, number=7) > 0
        assert len(server.asked) == 7
        over.writer.close()
