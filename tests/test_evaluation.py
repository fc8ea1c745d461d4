"""`clausewise eval`: over the whole gold set in a process of its own, and what it says to bad input."""

import json
from pathlib import Path

import pytest
from scripted import Reply, Scripted

from evals import gate, runs, systems
from evals.runs import Evaluation
from ui import cli


@pytest.fixture(scope="module")
def home(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tmp_path_factory.mktemp("home")


@pytest.mark.slow
def test_a_run_answers_all_questions_and_writes_its_report(home: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert cli.main(["--home", str(home), "eval", "run", "--system", "ours", "--system", "bm25"]) == 0
    told = capsys.readouterr().out
    assert "| BM25 alone |" in told
    assert "Claims: " in told
    (folder,) = (home / "eval" / "runs").iterdir()
    assert {path.name for path in folder.iterdir()} >= {"summary.md", "report.html"}
    assert len(list(folder.glob("ours-*.jsonl"))) == 2
    assert cli.main(["--home", str(home), "eval", "compare", str(folder), str(folder)]) == 0
    assert "| right | +0.000 |" in capsys.readouterr().out
    assert cli.main(["--home", str(home), "eval", "report", str(folder)]) == 0
    assert "BM25 alone" in (folder / "report.html").read_text(encoding="utf-8")


@pytest.mark.slow
def test_routing_by_names_pays(home: Path) -> None:
    evaluation = Evaluation(home / "eval")
    recall = {name: evaluation.run(name).table.figures["recall@5"] for name in ("ours", "hybrid")}
    assert recall["ours"] > 1.2 * recall["hybrid"]
    ours, unrouted = evaluation.run("ours"), evaluation.run("no-routing")
    assert ours.table.figures["right"] > unrouted.table.figures["right"]
    assert runs.load(next((home / "eval" / "runs").iterdir()), "ours", evaluation).table == ours.table


@pytest.mark.slow
def test_the_gate_is_open_and_shuts_on_a_better_past(
    home: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    assert cli.main(["--home", str(home), "eval", "gate"]) == 0
    assert "The gate is open" in capsys.readouterr().out
    past = json.loads(gate.BASELINE.read_text(encoding="utf-8"))
    for score in past["scores"]:
        score.update(accepted=True)
    path = tmp_path / "past.json"
    path.write_text(json.dumps(past), encoding="utf-8")
    monkeypatch.setattr(gate.read, "__defaults__", (path,))
    assert cli.main(["--home", str(home), "eval", "gate"]) == 1
    told = capsys.readouterr().out
    assert "verdict is down by" in told
    assert "The gate is shut" in told


@pytest.mark.slow
def test_the_metrics_notice_every_damage(home: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert cli.main(["--home", str(home), "eval", "mutate"]) == 0
    assert "Mutation score 1.000" in capsys.readouterr().out


@pytest.mark.slow
@pytest.mark.parametrize(
    ("words", "says"),
    [
        (["run", "--system", "oracle"], "there is no system oracle; name one of ours, no-facts"),
        (["compare", "absent", "absent"], "holds no results of ours; make them with clausewise eval run"),
        (["report", "absent"], "holds no results of ours"),
        (["baseline"], "a baseline needs a reason"),
        (["run", "--gold", "absent.jsonl"], "absent.jsonl cannot be read"),
    ],
)
def test_bad_input_is_one_line(home: Path, words: list[str], says: str, capsys: pytest.CaptureFixture[str]) -> None:
    assert cli.main(["--home", str(home), "eval", *words]) == 2
    err = capsys.readouterr().err.splitlines()[-1]
    assert says in err


@pytest.mark.slow
def test_gold_that_does_not_fit_the_texts_is_refused(
    home: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    row = {
        "id": "X",
        "question": "?",
        "verdict": ["yes"],
        "evidence": [{"license": "mit", "quote": "never written so"}],
    }
    path = tmp_path / "gold.jsonl"
    path.write_text(json.dumps(row), encoding="utf-8")
    assert cli.main(["--home", str(home), "eval", "run", "--gold", str(path)]) == 2
    assert "“never written so” does not stand in mit" in capsys.readouterr().err


@pytest.mark.slow
def test_what_needs_no_model_is_measured_beside_our_own_figures(home: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert cli.main(["--home", str(home), "eval", "judge", "--offline", "--limit", "3"]) == 0
    names = {line.split()[0] for line in capsys.readouterr().out.splitlines() if line.strip()}
    assert {"semantic_similarity", "non_llm_context_recall", "answer", "evidence", "precision"} <= names


@pytest.mark.slow
def test_a_served_model_judges_a_run_and_people_judge_the_judge(
    home: Path, tmp_path: Path, server: Scripted, capsys: pytest.CaptureFixture[str]
) -> None:
    server.always = Reply("I would rather not say.")  # prose: every judgment is an error, none is lost
    words = ["--home", str(home), "eval", "judge", "--url", server.url, "--limit", "2", "--runs", "1"]
    assert cli.main(words) == 0
    told = capsys.readouterr().out
    assert "faithfulness" in told
    assert "2 answers; the report: " in told
    report = next((home / "eval" / "runs").glob("*/judge.json"))
    id = json.loads(report.read_text(encoding="utf-8"))["ids"][0]
    labels = tmp_path / "labels.jsonl"
    labels.write_text(json.dumps({"id": id, "metric": "faithfulness", "label": 1}) + "\n{}\n", encoding="utf-8")
    assert cli.main(["--home", str(home), "eval", "calibrate", str(labels), str(report)]) == 0
    told = capsys.readouterr().out
    assert "faithfulness" in told
    assert "line 2 has no id" in told


def test_a_judge_that_nobody_names_is_asked_for(home: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert cli.main(["eval", "calibrate", "absent.jsonl", str(home / "absent.json")]) == 2
    assert "make it with clausewise eval judge" in capsys.readouterr().err


def test_every_system_says_what_it_is() -> None:
    assert {"ours", "no-facts", "no-routing", "hybrid", "bm25", "stock"} == set(systems.SYSTEMS)
    assert len({title for title, _ in systems.SYSTEMS.values()}) == len(systems.SYSTEMS)
