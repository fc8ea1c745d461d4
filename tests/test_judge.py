"""Answers judged with ragas: by a judge whose verdicts are known, by one that talks, and by one that is not there."""

import dataclasses
import json
from collections import Counter
from collections.abc import Callable
from pathlib import Path
from typing import Any

import judge_fakes
import pytest
from judge_fakes import METRICS, SAMPLES, lines, settings, values
from scripted import Reply, Scripted

from corpus.errors import InputError, ModelError
from evals.judge import JudgeSettings, judge, offline
from evals.judge_report import Report

pytestmark = [pytest.mark.slow, pytest.mark.usefixtures("no_pause")]  # importing ragas alone takes seconds


def test_the_figures_are_those_reckoned_by_hand(known: Scripted, tmp_path: Path) -> None:
    report = judge(SAMPLES[::-1], settings(known, runs=1), tmp_path)
    expected = {
        # Of three sentences two stand in the passages; none; no passages: an error.
        "faithfulness": [2 / 3, 0, None],
        # Two of three sentences are in the reference, both of the reference in the answer: F1 of 2/3 and 1.
        "factual_correctness": [0.8, 0, 1],
        # The useful passage comes second; it is the only one; there is none.
        "context_precision": [1 / 2, 1, None],
        "context_recall": [1 / 2, 1, None],
        # The question made from the answer is the one that was asked; a no is noncommittal to this judge.
        "answer_relevancy": [1, 0, 1],
        # One of three sentences stands in the useful passage and is not in the reference; here an error is 1.
        "noise_sensitivity": [1 / 3, 0, None],
    }
    means = {
        "faithfulness": 2 / 9,
        "factual_correctness": 0.6,
        "context_precision": 0.5,
        "context_recall": 0.5,
        "answer_relevancy": 2 / 3,
        "noise_sensitivity": 4 / 9,
    }
    assert report.metrics == METRICS
    for metric, numbers in expected.items():
        got = [values(report, metric, id)[0] for id in "abc"]
        assert got == [n if n is None else pytest.approx(n, abs=1e-6) for n in numbers], metric
    for figure in report.figures:
        errors = expected[figure.metric].count(None)
        assert figure.mean == pytest.approx(means[figure.metric], abs=1e-6), figure.metric
        assert (figure.samples, figure.judgments, figure.errors) == (3, 3, errors)
        assert figure.coverage == pytest.approx(1 - errors / 3)
        assert figure.flips is None
    assert [(one.metric, one.id) for one in report.judgments] == [(m, id) for m in METRICS for id in "abc"]


def test_a_judge_is_asked_in_one_way(known: Scripted, tmp_path: Path) -> None:
    known.key = "secret"
    judge(SAMPLES[:1], settings(known, runs=1, seed=7, key="secret"), tmp_path)
    assert len(known.asked) > 6
    for body in known.asked:
        assert (body["temperature"], body["seed"], body["model"]) == (0, 7, "tiny")
        assert body["max_tokens"] >= 4096
        assert body["response_format"]["type"] == "json_schema"
        assert body["response_format"]["json_schema"]["strict"]
    numbers = [text for body in known.asked if '"integer"' in (text := json.dumps(body["response_format"]))]
    assert numbers
    assert all(text.count('"integer"') == text.count('"enum": [0, 1]') for text in numbers)
    assert b"secret" not in b"".join(path.read_bytes() for path in tmp_path.rglob("*") if path.is_file())


def test_three_runs_and_the_flips_between_them(known: Scripted, tmp_path: Path) -> None:
    seen: Counter[str] = Counter()

    def fickle(body: dict[str, Any]) -> Reply:
        seen[json.dumps(body["messages"])] += 1
        made = judge_fakes.told(body)
        if judge_fakes.form(body) == "NLIStatementOutput" and seen[json.dumps(body["messages"])] == 3:
            for one in made["statements"]:
                one["verdict"] = 0
        return Reply(json.dumps(made), piece=4000)

    known.by = fickle
    report = judge(SAMPLES[:2], settings(known, at_once=1), tmp_path)
    figures = {figure.metric: figure for figure in report.figures}
    assert values(report, "faithfulness", "a") == [pytest.approx(2 / 3), pytest.approx(2 / 3), 0]
    assert figures["faithfulness"].flips == 0.5  # a does, b does not
    assert figures["faithfulness"].spread == pytest.approx(1 / 3)  # 2/3 and 0
    assert figures["faithfulness"].mean == pytest.approx(2 / 9)  # 4/9 and 0
    assert figures["context_recall"].flips == 0
    assert figures["context_recall"].judgments == 6


@pytest.mark.parametrize(
    ("text", "says"),
    [
        ("I think that it is mostly faithful.", "is no JSON"),
        ('{"verdict": 1}', "has not the form"),
        ("[" * 100_000, "is no JSON"),
        ("", "is no JSON"),
    ],
)
def test_a_judge_that_talks_is_a_counted_error(server: Scripted, tmp_path: Path, text: str, says: str) -> None:
    server.always = Reply(text, piece=4000)
    report = judge(SAMPLES[:1], settings(server, runs=2), tmp_path)
    for figure in report.figures:
        assert (figure.judgments, figure.errors, figure.coverage) == (2, 2, 0)
        assert figure.mean == (1 if figure.metric == "noise_sensitivity" else 0)
    assert all(says in one.error for one in report.judgments)
    assert "2 x faithfulness: the judge's reply" in report.table()
    asked = len(server.asked)
    again = judge(SAMPLES[:1], settings(server, runs=2), tmp_path)
    assert (again, len(server.asked)) == (report, asked)  # at temperature 0 it would say so again


def replaced(key: str, value: Any) -> Callable[[dict[str, Any]], Reply]:
    def by(body: dict[str, Any]) -> Reply:
        made = judge_fakes.told(body)
        if judge_fakes.form(body) in ("NLIStatementOutput", "StatementFaithfulnessOutput"):
            made["statements"] = [{**one, key: value} for one in made["statements"]]
        return Reply(json.dumps(made), piece=4000)

    return by


def cut(body: dict[str, Any]) -> Reply:
    made = judge_fakes.told(body)
    if judge_fakes.form(body) in ("NLIStatementOutput", "StatementFaithfulnessOutput"):
        made["statements"] = made["statements"][:1]
    return Reply(json.dumps(made), piece=4000)


def mute(body: dict[str, Any]) -> Reply:
    made = judge_fakes.told(body)
    empty = {key: [] for key, value in made.items() if isinstance(value, list)}
    return Reply(json.dumps({**made, **empty}), piece=4000)


def long(body: dict[str, Any]) -> Reply:
    return dataclasses.replace(judge_fakes.reply(body), finish="length")


@pytest.mark.parametrize(
    ("by", "metric", "says"),
    [
        (replaced("verdict", 7), "faithfulness", "neither 0 nor 1"),
        (cut, "faithfulness", "1 verdicts on 3 statements"),
        (cut, "noise_sensitivity", "1 verdicts on 2 statements"),
        (cut, "factual_correctness", "1 verdicts on 3 statements"),
        (mute, "faithfulness", "no statement in the text"),
        (mute, "factual_correctness", "no statement in the text"),
        (mute, "context_recall", "gave no number"),
        (long, "context_recall", "cut at 4096 tokens"),
    ],
)
def test_half_a_verdict_is_no_score(
    server: Scripted, tmp_path: Path, by: Callable[[dict[str, Any]], Reply], metric: str, says: str
) -> None:
    server.by = by
    report = judge(SAMPLES[:1], settings(server, runs=1), tmp_path)
    errors = {one.metric: one.error for one in report.judgments}
    assert says in errors[metric]
    assert len(report.judgments) == len(METRICS)


def test_a_judge_that_is_not_there_is_told_before_anything(tmp_path: Path) -> None:
    nobody = JudgeSettings("http://user:geheim@127.0.0.1:9/v1", timeout=1)
    with pytest.raises(ModelError, match=r"no model server answers on http://127.0.0.1:9/v1") as caught:
        judge(SAMPLES, nobody, tmp_path)
    assert "the judge's address" in str(caught.value)
    with pytest.raises(ModelError):
        judge(SAMPLES, dataclasses.replace(nobody, model="tiny"), tmp_path)
    assert lines(tmp_path) == 0


def test_a_slow_judge_is_an_error_of_its_row(known: Scripted, tmp_path: Path) -> None:
    def slow(body: dict[str, Any]) -> Reply:
        wait = 9.0 if judge_fakes.form(body) == "ContextRecallOutput" else 0.0
        return dataclasses.replace(judge_fakes.reply(body), wait=wait)

    known.by = slow
    report = judge(SAMPLES[:1], settings(known, runs=1, timeout=4), tmp_path)
    errors = {one.metric: one.error for one in report.judgments if one.error}
    assert list(errors) == ["context_recall"]
    assert lines(tmp_path) == len(METRICS) - 1


def test_what_the_gold_set_lacks_is_left_out_and_not_failed(known: Scripted, tmp_path: Path) -> None:
    bare = dataclasses.replace(SAMPLES[0], id="d", reference="")
    report = judge([SAMPLES[0], bare], settings(known, runs=1), tmp_path)
    figures = {figure.metric: figure for figure in report.figures}
    assert (figures["faithfulness"].samples, figures["faithfulness"].left_out) == (2, 0)
    assert (figures["context_recall"].samples, figures["context_recall"].left_out) == (1, 1)
    assert report.left_out["context_recall"] == ("d",)
    assert figures["context_recall"].mean == pytest.approx(0.5)


@pytest.mark.parametrize(
    ("fields", "says"),
    [
        ({"url": "nowhere"}, "is no address"),
        ({"url": " "}, "the judge has no address"),
        ({"runs": 0}, "runs of the judge is 0"),
        ({"timeout": 0}, "timeout of the judge is 0"),
        ({"key": "schlüssel"}, "the judge's API_KEY is not plain ASCII|the judge's key is not plain ASCII"),
    ],
)
def test_settings_that_cannot_be_used_are_told(tmp_path: Path, fields: dict[str, Any], says: str) -> None:
    with pytest.raises(InputError, match=says):
        judge(SAMPLES, JudgeSettings(**{"url": "http://127.0.0.1:9/v1", **fields}), tmp_path)


def test_two_samples_of_one_id_are_told(tmp_path: Path) -> None:
    with pytest.raises(InputError, match="two samples have the id 'a'"):
        offline([SAMPLES[0], SAMPLES[0]])


def test_a_report_goes_through_json(known: Scripted, tmp_path: Path) -> None:
    report = judge(SAMPLES, settings(known), tmp_path)
    assert Report.from_json(report.to_json()) == report
    row = next(line for line in report.table().splitlines() if line.startswith("faithfulness"))
    assert row.split() == ["faithfulness", "0.222", "3", "0", "3", "0.000", "0.000", "66.7", "%"]
    for bad in ("", "[]", "{}", report.to_json().replace('"value": 1', '"value": 7')):
        with pytest.raises(InputError, match=r"old\.json is no report of a judge"):
            Report.from_json(bad, "old.json")
