"""A judge held against people's labels, by numbers reckoned by hand."""

import json
from pathlib import Path

import pytest

from corpus.errors import InputError
from evals.calibration import calibrate, load
from evals.judge_report import Report
from evals.judgments import Judgment

METRIC = "faithfulness"


def report(values: dict[str, list[float | None]], metric: str = METRIC) -> Report:
    made = [
        Judgment(id, metric, run, value, "" if value is not None else "prose")
        for id, runs in values.items()
        for run, value in enumerate(runs)
    ]
    return Report.made({}, values, made, {})


def labels(path: Path, *rows: object) -> Path:
    path.write_text("".join((row if isinstance(row, str) else json.dumps(row)) + "\n" for row in rows))
    return path


def label(id: str, good: int, metric: str = METRIC) -> dict[str, object]:
    return {"id": id, "metric": metric, "label": good}


def test_a_judge_against_labels_by_hand(tmp_path: Path) -> None:
    # Of 10 labelled samples 5 are good. The judge passes 4 of them and 1 of the bad ones; of 10 more it passes 7.
    judged: dict[str, list[float | None]] = {f"g{n}": [1.0 if n < 4 else 0.2] for n in range(5)}
    judged |= {f"b{n}": [0.5 if n < 1 else 0.49] for n in range(5)}
    judged |= {f"x{n}": [0.9 if n < 7 else 0.0] for n in range(10)}
    rows = [label(f"g{n}", 1) for n in range(5)] + [label(f"b{n}", 0) for n in range(5)]
    found, problems = load(labels(tmp_path / "labels.jsonl", *rows))
    calibration = calibrate(found, report(judged), problems)
    (row,) = calibration.rows
    assert calibration.problems == ()
    assert (row.metric, row.labels, row.good) == (METRIC, 10, 5)
    assert row.sensitivity == pytest.approx(0.8)
    assert row.specificity == pytest.approx(0.8)
    assert row.kappa == pytest.approx(0.6)  # agreed 0.8, by chance 0.5
    assert row.observed == pytest.approx(12 / 20)
    assert row.corrected == pytest.approx((0.6 + 0.8 - 1) / 0.6)  # 2/3
    assert row.note == "only 5 labels of one kind; 30 would tell more"
    cells = calibration.table().splitlines()[1].split()
    assert cells == [METRIC, "10", "5", "0.800", "0.800", "0.600", "0.600", "0.667"]


def test_most_runs_decide_and_an_error_is_a_no(tmp_path: Path) -> None:
    judged: dict[str, list[float | None]] = {
        "two-of-three": [1.0, 0.0, 1.0],
        "tie": [1.0, 0.0],
        "errors": [None, None, 1.0],
        "bad": [0.0, 0.0, 0.0],
    }
    rows = [label(id, int(id != "bad")) for id in judged]
    (row,) = calibrate(load(labels(tmp_path / "l", *rows))[0], report(judged)).rows
    assert row.sensitivity == pytest.approx(1 / 3)
    assert row.specificity == 1
    assert row.corrected == pytest.approx((0.25 + 1 - 1) / (1 / 3))


def test_where_less_is_better_a_low_value_passes(tmp_path: Path) -> None:
    judged: dict[str, list[float | None]] = {"a": [0.0], "b": [1.0], "c": [None]}
    rows = [label(id, good, "noise_sensitivity") for id, good in (("a", 1), ("b", 0), ("c", 0))]
    (row,) = calibrate(load(labels(tmp_path / "l", *rows))[0], report(judged, "noise_sensitivity")).rows
    assert (row.sensitivity, row.specificity, row.kappa) == (1, 1, 1)


def test_another_threshold(tmp_path: Path) -> None:
    judged: dict[str, list[float | None]] = {"a": [0.7], "b": [0.6]}
    found, _ = load(labels(tmp_path / "l", label("a", 1), label("b", 0)))
    assert calibrate(found, report(judged)).rows[0].specificity == 0
    assert calibrate(found, report(judged), threshold=0.65).rows[0].specificity == 1


@pytest.mark.parametrize(
    ("goods", "says"),
    [((1, 1), "all labels are 1"), ((0, 0), "all labels are 0"), ((0, 1), "the judge is no better than chance")],
)
def test_what_cannot_be_corrected_is_said(tmp_path: Path, goods: tuple[int, int], says: str) -> None:
    judged: dict[str, list[float | None]] = {"a": [1.0], "b": [0.0]}
    found, _ = load(labels(tmp_path / "l", label("a", goods[0]), label("b", goods[1])))
    calibration = calibrate(found, report(judged))
    assert calibration.rows[0].corrected is None
    assert f"{METRIC}: nothing is corrected: {says}" in calibration.table()


def test_bad_lines_are_told_with_their_numbers_and_the_rest_is_kept(tmp_path: Path) -> None:
    path = labels(
        tmp_path / "labels.jsonl",
        label("a", 1),
        "{oops",
        "[1]",
        "",
        {"metric": METRIC, "label": 1},
        {"id": "a", "label": 1},
        label("b", 2),
        {"id": "b", "metric": METRIC, "label": True},
        {"id": "b", "metric": METRIC, "label": [1]},
        label("a", 0),
        label("nobody", 1),
        label("a", 1, "beauty"),
        label("b", 0),
    )
    found, problems = load(path)
    assert [(one.id, one.good, one.line) for one in found if one.metric == METRIC] == [
        ("a", True, 1),
        ("nobody", True, 11),
        ("b", False, 13),
    ]
    calibration = calibrate(found, report({"a": [1.0], "b": [0.0]}), problems)
    assert [problem.removeprefix(f"{path} ").split(" ")[1].rstrip(":") for problem in calibration.problems] == (
        "2 3 5 6 7 8 9 10 11 12".split()
    )
    assert "line 10 labels 'a' for faithfulness again, as line 1 did" in calibration.table()
    assert "line 12: the report has no judgment on 'a' for beauty" in calibration.table()
    assert calibration.rows[0].labels == 2


def test_a_file_that_is_not_there_is_told(tmp_path: Path) -> None:
    with pytest.raises(InputError, match="cannot be read"):
        load(tmp_path / "none")
