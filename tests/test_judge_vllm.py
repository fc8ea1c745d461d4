"""A real vLLM with the tiny random model as the judge: noise in, errors counted, nothing crashes, no row lost."""

from pathlib import Path

import httpx
import needs
import pytest
from judge_fakes import METRICS, SAMPLES, lines
from real_vllm import KEY, Running

from corpus.errors import ModelError
from evals.judge import JudgeSettings, judge

pytestmark = [
    pytest.mark.serving,
    needs.vllm,
    # transformers 5.23 and torch 2.13, as of 2026-11: they warn of their own parts while the tiny model is made.
    pytest.mark.filterwarnings("ignore::DeprecationWarning", "ignore::FutureWarning", "ignore::UserWarning"),
]


def test_noise_is_counted_and_no_row_is_lost(running: Running, tmp_path: Path) -> None:
    def finished() -> float:
        return running.figure("vllm:request_success_total")

    settings = JudgeSettings(running.server.address, key=KEY, runs=2, timeout=240.0)
    before = finished()
    report = judge(SAMPLES[:2], settings, tmp_path)
    assert [(one.metric, one.id, one.run) for one in report.judgments] == [
        (metric, id, run) for metric in METRICS for id in "ab" for run in (0, 1)
    ]
    assert sum(figure.errors for figure in report.figures) > 0
    for figure in report.figures:
        assert 0 <= (figure.mean or 0) <= 1
        assert figure.coverage == pytest.approx(1 - figure.errors / 4)
    # The server kept to the schema: what failed was cut, or was well-formed noise that a metric can make nothing of.
    assert not [one.error for one in report.judgments if "no JSON" in one.error or "not the form" in one.error]
    assert lines(tmp_path) == len(report.judgments)
    asked = finished()
    assert asked - before >= len(report.judgments)
    assert judge(SAMPLES[:2], settings, tmp_path) == report
    assert finished() == asked


def test_a_wrong_key_is_told(running: Running, tmp_path: Path) -> None:
    with pytest.raises(ModelError, match=r"refuses the API key \(401\); set the judge's key"):
        judge(SAMPLES[:1], JudgeSettings(running.server.address, key="wrong"), tmp_path)
    assert httpx.get(f"http://127.0.0.1:{running.server.port}/health", trust_env=False).status_code == 200
