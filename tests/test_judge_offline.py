"""What ragas measures without a model, and our own metrics in its form."""

import dataclasses

import pytest
from judge_fakes import SAMPLES, values

from evals.judge import discrete, measured, numeric, offline
from evals.samples import Sample

pytestmark = pytest.mark.slow  # importing ragas alone takes seconds


def test_the_measures_without_a_model_by_hand() -> None:
    evidence = ("You may sell it. Fees are yours.", "Something else altogether, in other words and at length.")
    samples = [dataclasses.replace(SAMPLES[0], evidence=evidence), *SAMPLES[1:]]
    report = offline(samples)
    found = {metric: [values(report, metric, id) for id in "abc"] for metric in report.metrics}
    assert found["exact_match"] == [[0], [0], [1]]
    assert found["string_present"] == [[1], [0], [1]]
    # 16 characters are added to 42: 1 - 16 / 58.
    assert found["non_llm_string_similarity"][0] == [pytest.approx(42 / 58)]
    assert found["quoted_spans_alignment"] == [[1], [1], [1]]  # nothing is quoted
    assert found["semantic_similarity"][2] == [pytest.approx(1)]
    assert 0.5 < (found["semantic_similarity"][0][0] or 0) < 1
    # One of two clauses was retrieved, at the second place.
    assert found["non_llm_context_recall"] == [[0.5], [], []]
    assert found["non_llm_context_precision"] == [[pytest.approx(0.5)], [], []]
    assert report.left_out["non_llm_context_recall"] == ("b", "c")
    assert all(figure.errors == 0 for figure in report.figures)


def test_quotations_are_looked_up_in_the_passages() -> None:
    quoting = Sample("q", "?", 'It says "you may sell it" and "you may never sell it".', ("You may sell it.",), "")
    figures = {figure.metric: figure for figure in offline([quoting]).figures}
    assert figures["quoted_spans_alignment"].mean == 0.5
    assert figures["exact_match"].mean is None
    assert figures["exact_match"].left_out == 1


def test_no_passages_where_the_gold_set_has_some_is_a_failure() -> None:
    report = offline([dataclasses.replace(SAMPLES[2], evidence=("You may sell it.",))])
    recall = next(figure for figure in report.figures if figure.metric == "non_llm_context_recall")
    assert (recall.mean, recall.errors, recall.left_out) == (0, 1, 0)


@dataclasses.dataclass(frozen=True)
class Scored:
    words: int
    verdict: str


def test_our_own_metrics_in_the_form_of_ragas() -> None:
    def half(row: Scored) -> float | None:
        return None if row.words < 0 else row.words / (row.words - 3) if row.words == 3 else row.words / 10

    share = numeric("share", half)
    verdict = discrete("verdict", lambda row: row.verdict, ["right", "wrong"])
    rows = {"z": Scored(5, "right"), "n": Scored(-1, "wrong"), "d": Scored(3, "maybe"), "big": Scored(20, "right")}
    report = measured([share, verdict], rows)
    assert [(one.id, one.value) for one in report.judgments if one.metric == "share"] == [
        ("big", None),
        ("d", None),
        ("n", None),
        ("z", 0.5),
    ]
    figures = {figure.metric: figure for figure in report.figures}
    assert (figures["share"].samples, figures["share"].errors, figures["share"].mean) == (4, 3, 0.125)
    assert (figures["verdict"].errors, figures["verdict"].mean) == (1, 0.5)
    errors = {one.id: one.error for one in report.judgments if one.metric == "share"}
    assert "division by zero" in errors["d"]
    assert "expected value in range" in errors["big"]
