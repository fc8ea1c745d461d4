"""Figures of a run, its comparison with another, the gate, the mutants and the report: on four questions, by hand."""

import json
from dataclasses import replace
from pathlib import Path

import evaluated
import pytest
from evaluated import ITEMS

from corpus.errors import InputError
from evals import compare, gate, measures, mutation, report
from evals.claim_scores import Judged
from evals.measures import Row
from evals.report import Part
from evals.running import Results


@pytest.fixture(scope="module")
def home(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return evaluated.home(tmp_path_factory.mktemp("home"))


@pytest.fixture(scope="module")
def part(home: Path, tmp_path_factory: pytest.TempPathFactory) -> Part:
    return evaluated.part(home, tmp_path_factory.mktemp("run") / "r.jsonl")


def by_id(rows: tuple[Row, ...]) -> dict[str, Row]:
    return {row.item.id: row for row in rows}


def test_the_figures_of_a_run(part: Part) -> None:
    found = by_id(part.rows)
    scores = {id: row.score.right for id, row in found.items() if row.score}
    assert scores == {"A": True, "E": False, "R": True, "W": False}
    table = measures.table(part.rows)
    assert (table.figures["items"], table.figures["errors"], table.figures["right"]) == (4, 1, 0.5)
    assert table.figures["answered"] == 3
    assert table.intervals["right"].low < 0.5 < table.intervals["right"].high
    assert 0 <= table.figures["recall@5"] <= 1


def test_a_missing_row_counts_as_failed(part: Part) -> None:
    less = Results(part.results.head, {id: g for id, g in part.results.given.items() if id != "R"})
    rows = by_id(evaluated.rows(less, part.store))
    assert rows["R"].error == "no result"
    assert rows["R"].score is not None
    assert not rows["R"].score.right


def test_slices_are_named_and_not_too_small(part: Part) -> None:
    many = part.rows * 3
    names = measures.slices(many)
    assert {"category resale", "other licenses"} <= set(names)
    assert "slice permission" not in names  # three rows


def test_a_comparison_names_what_changed(part: Part) -> None:
    rows = by_id(part.rows)
    worse = [
        replace(r, score=replace(r.score, accepted=False, verdict="no")) if r.item.id == "R" else r
        for r in part.rows
        if r.score
    ]
    found = compare.compare(worse, part.rows)
    assert [(c.id, c.won, c.before, c.after) for c in found.changed] == [("R", False, rows["R"].score.verdict, "no")]  # type: ignore[union-attr]
    assert (found.pairs["right"].wins, found.pairs["right"].losses) == (0, 1)
    assert found.differences["right"].value == -0.25
    told = compare.markdown(found, "new", "old")
    assert "Wrong now, right before (1):" in told
    assert "| right | -0.250 |" in told
    assert compare.compare(part.rows[:2], part.rows).only_old == ("R", "W")


def test_the_gate_lets_nothing_through_that_is_never_right(part: Part) -> None:
    assert [f for f in gate.faults(part.results, ITEMS, part.store) if "E: failed" not in f] == []
    given = part.results.given["R"]
    cited = [dict(c) for c in given.answer["citations"]]
    moved = {**given.answer, "citations": [{**cited[0], "start": cited[0]["start"] + 1}, *cited[1:]]}
    elsewhere = {**given.answer, "coverage": [], "documents": []}
    denied = {**given.answer, "text": f"No: never. {given.answer['text']}"}
    for answer, says in (
        (moved, "not what stands there"),
        (elsewhere, "was not looked into"),
        (denied, "begins with no"),
    ):
        one = replace(given, answer=answer, documents=())
        results = Results(part.results.head, {**part.results.given, "R": one})
        assert any("R: " in f and says in f for f in gate.faults(results, ITEMS, part.store))
    missing = Results(part.results.head, {"R": given})
    assert "W: no result" in gate.faults(missing, ITEMS, part.store)


def test_the_gate_shuts_on_a_fall_and_on_items_that_are_gone(part: Part, tmp_path: Path) -> None:
    path = tmp_path / "baseline.json"
    claims = (Judged("c", "supported", True, False, 1.0),)
    gate.write({"licenses": part.results.head}, {"licenses": part.rows}, claims, "the first of all", path)
    baseline = gate.read(path)
    assert gate.fallen(part.rows, baseline) == []
    assert gate.fallen_claims(claims, baseline) == []
    worse = [replace(r, score=replace(r.score, accepted=False)) for r in part.rows if r.score]
    assert any(each.startswith("right fell from 0.500 to 0.000") for each in gate.fallen(worse, baseline))
    assert any("items of the baseline that are gone: W" in each for each in gate.fallen(part.rows[:3], baseline))
    opposite = (Judged("c", "contradicted", False, True, 0.0),)
    assert len(gate.fallen_claims(opposite, baseline)) == 2
    with pytest.raises(InputError, match="needs a reason"):
        gate.write({}, {}, (), "because", path)
    assert gate.read(path) == baseline


@pytest.mark.parametrize("text", ["", "[]", "{}", '{"written": 1, "reason": 2, "heads": {"a": {}}}'])
def test_a_bad_baseline_is_one_clear_line(tmp_path: Path, text: str) -> None:
    (tmp_path / "b.json").write_text(text, encoding="utf-8")
    with pytest.raises(InputError, match="is no baseline"):
        gate.read(tmp_path / "b.json")
    with pytest.raises(InputError, match="cannot be read"):
        gate.read(tmp_path / "absent.json")


def test_every_mutant_of_a_right_answer_is_caught(part: Part) -> None:
    found = list(mutation.mutants(part.results, ITEMS, part.store))
    kinds = {m.kind for m in found if m.id == "R"}
    assert kinds == {"swapped clause", "altered quote", "flipped verdict", "dropped citation", "planted contradiction"}
    assert [m for m in found if not m.caught] == []
    assert {m.id for m in found} == {"R", "A"}  # what is wrong already cannot be damaged
    assert mutation.share(found)["altered quote"] == (1, 1)


def test_a_metric_that_sleeps_is_noticed(part: Part, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(mutation.scoring, "inexact", lambda answer, text: [])
    monkeypatch.setattr("evals.scoring._sound", lambda citation, text: True)
    found = list(mutation.mutants(part.results, ITEMS, part.store))
    assert any(m.kind == "altered quote" and not m.caught for m in found)


def test_the_report_escapes_what_it_shows_and_needs_nothing_else(part: Part) -> None:
    tables = {"ours": measures.table(part.rows), "bm25": measures.table([replace(r, score=None) for r in part.rows])}
    found = report.html("ours <b>", [part], tables, compare.compare(part.rows, part.rows))
    assert "ours &lt;b&gt;" in found
    assert "<script" not in found
    assert "alert(1)" in found
    for outside in ('src="', "href=", "http://", "url("):
        assert (
            outside
            not in found.replace("http-equiv", "").split("<body>")[0]
            + found.split("Failed items")[0].split("<body>")[1]
        )
    assert found.count('class="item"') == 2
    assert "Redistributions of source code must retain" in found
    assert "BM25 alone" in found


def test_the_summary_is_markdown(part: Part) -> None:
    told = report.markdown([part.results.head], part.rows, {"ours": measures.table(part.rows)})
    assert "| right | 0.500 |" in told
    assert "| Clausewise, rules engine | 0.500 |" in told
    assert part.results.head.code in told


def test_the_committed_baseline_is_of_the_gold_set() -> None:
    from evals import items

    baseline = gate.read()
    assert set(baseline.scores) == {item.id for item in items.load(items.QUESTIONS)}
    assert set(baseline.claims) == {claim.id for claim in items.load_claims(items.CLAIMS)}
    assert len(baseline.reason.split()) >= gate.WORDS
    assert json.loads(gate.BASELINE.read_text(encoding="utf-8"))["figures"]["licenses"]["items"] > 250
