"""Scores of answers: every figure by hand on small cases, and the same as those of the gold set's own scorer on many."""

import importlib.util
import json
import random
import sys
from pathlib import Path
from types import ModuleType
from typing import Any

import needs
import pytest

from corpus import scancode
from evals import claim_scores, items, scoring
from evals.items import Claim, Evidence, Item
from evals.recall import fold

TEXT = "1. You may sell the software to anybody at all. 2. You must keep this notice in every copy that you give away."
ITEM = Item(
    "a",
    "?",
    (Evidence("t", "You may sell the software to anybody"),),
    optional=(Evidence("t", "You must keep this notice in every copy"),),
    verdicts=("yes", "conditional"),
    must_mention=(("sell", "sale"), ("notice",)),
    must_not_mention=("royalty",),
)
SELL = {"document": "t", "quote": "You may sell the software to anybody at all."}
KEEP = {"document": "t", "quote": "You must keep this notice in every copy that you give away."}
SAID = "Yes: you may sell it if you keep the notice."


def text(id: str) -> str | None:
    return fold(TEXT) if id == "t" else None


def answer(verdict: str = "yes", said: str = SAID, *citations: dict[str, str]) -> dict[str, Any]:
    return {"verdict": verdict, "text": said, "citations": list(citations)}


@pytest.mark.parametrize(
    ("given", "right", "evidence", "precision"),
    [
        (answer("yes", SAID, SELL), True, 1, 1),
        (answer("yes", SAID, SELL, KEEP), True, 1, 1),
        (answer("no", SAID, SELL), False, 1, 1),
        (answer("yes", SAID, KEEP), False, 0, 1),
        (answer("yes", "Yes: you may sell it.", SELL), False, 1, 1),
        (answer("yes", SAID + " A royalty is due.", SELL), False, 1, 1),
        (answer("yes", SAID, SELL, {"document": "t", "quote": "You may not sell the software at all."}), False, 1, 1),
        (answer("yes", SAID, SELL, {"document": "u", "quote": SELL["quote"]}), False, 1, 1),
        (answer("yes", SAID, {"document": "t", "quote": "You may sell"}), False, 0, 0),
        (answer("yes", SAID), False, 0, None),
        ({}, False, 0, None),
    ],
)
def test_an_answer_is_right_if_nothing_is_wrong(
    given: dict[str, Any], right: bool, evidence: float, precision: float | None
) -> None:
    found = scoring.score(ITEM, given, text)
    assert (found.right, found.evidence, found.precision) == (right, evidence, precision)


def test_more_than_two_citations_that_nobody_asked_for_cost_precision() -> None:
    words = TEXT.split()
    aside = [{"document": "t", "quote": " ".join(words[i : i + 6])} for i in (11, 13, 15, 16)]
    only = Item("a", "?", ITEM.evidence, verdicts=("yes",))
    found = scoring.score(only, answer("yes", SAID, SELL, *aside), text)
    assert found.cited == 5
    assert found.precision == 1 / 3


def test_figures_by_hand() -> None:
    other = Item("b", "?", (), verdicts=("abstain",))
    both = {"a": ITEM, "b": other}
    scores = [scoring.score(ITEM, answer("abstain", ""), text), scoring.score(other, answer("yes", ""), text)]
    found = scoring.figures(both, scores)
    assert (found["false_abstentions"], found["missed_abstentions"], found["abstain_f1"]) == (1, 1, 0)
    assert (found["coverage"], found["selective"], found["right"]) == (0.5, 0, 0)
    scores = [scoring.score(ITEM, answer("yes", SAID, SELL), text), scoring.score(other, answer("abstain", ""), text)]
    found = scoring.figures(both, scores)
    assert (found["abstain_f1"], found["right"], found["evidence"], found["mention"], found["quotes"]) == (
        1,
        1,
        1,
        1,
        1,
    )
    assert scoring.figures({}, []) == pytest.approx(
        {
            "items": 0,
            "answered": 0,
            "abstain_f1": 0,
            "false_abstentions": 0,
            "missed_abstentions": 0,
            "quotes": 0,
            "wrong_facts": 0,
        }
    )


def test_a_quotation_must_stand_at_its_span() -> None:
    cited = {**SELL, "clause": "1", "start": 3, "end": 3 + len(SELL["quote"])}
    assert scoring.inexact(answer("yes", SAID, cited), {"t": TEXT}.get) == []
    for wrong in ({"start": 4}, {"end": 5}, {"document": "u"}, {"quote": SELL["quote"].lower()}):
        assert len(scoring.inexact(answer("yes", SAID, {**cited, **wrong}), {"t": TEXT}.get)) == 1


@pytest.mark.parametrize(
    ("said", "verdict", "found"),
    [
        ("Yes: it may.", "yes", ""),
        ("Yes, on conditions: it may.", "conditional", ""),
        ("Yes: it may.", "no", "yes"),
        ("**No**: never.", "yes", ""),
        ("No: never.", "yes", "no"),
        ("No license says so.", "informational", ""),
        ("The text says: [1]", "informational", ""),
    ],
)
def test_the_first_words_may_not_contradict_the_verdict(said: str, verdict: str, found: str) -> None:
    assert scoring.contradicts({"text": said, "verdict": verdict}) == found


@pytest.mark.parametrize(
    ("label", "wanted", "right", "opposite"),
    [
        ("supported", "supported", True, False),
        ("supported", "contradicted", False, True),
        ("contradicted", "supported", False, True),
        ("not_enough_info", "supported", False, False),
        ("supported", "not_enough_info", False, False),
        ("missing", "supported", False, False),
    ],
)
def test_the_opposite_label_is_told_from_a_wrong_one(label: str, wanted: str, right: bool, opposite: bool) -> None:
    claim = Claim("c", "?", wanted, ITEM.evidence)
    found = claim_scores.score(claim, {"label": label, "citations": [SELL]})
    assert (found.right, found.opposite) == (right, opposite)
    figures, _ = claim_scores.figures([found])
    assert figures["accuracy"] == right
    assert figures.get("evidence") == (None if wanted == "not_enough_info" else 1)


def scorer() -> ModuleType:
    spec = importlib.util.spec_from_file_location("gold_score", needs.GOLD / "score.py")
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    sys.modules["gold_score"] = module
    spec.loader.exec_module(module)
    return module


@needs.gold
def test_the_figures_are_those_of_the_gold_sets_own_scorer(tmp_path: Path) -> None:
    theirs, draw = scorer(), random.Random(5)
    path = needs.GOLD / "dev.jsonl"
    rows = [json.loads(line) for line in path.read_text(encoding="utf-8").splitlines()]
    folded = {id: fold(scancode.read(id).text) for row in rows for e in row["evidence"] for id in [e["license"]]}
    mine = {item.id: item for item in items.load(path)}
    judged, scores = [], []
    for row in rows:
        quotes = [*row["evidence"], *(row.get("optional_evidence") or [])]
        kept = [{"document": q["license"], "quote": q["quote"]} for q in quotes if draw.random() < 0.8]
        if kept and draw.random() < 0.2:
            kept[0]["quote"] += " and more"
        verdict = draw.choice([*row["verdict"], *row["verdict"], "no", "abstain"])
        words = " ".join(group[0] for group in row.get("must_mention") or () if draw.random() < 0.8)
        given = {"verdict": verdict, "text": words, "citations": kept}
        judged.append(theirs.judge(row, given, folded.get))
        scores.append(scoring.score(mine[row["id"]], given, folded.get))
    wanted, found = theirs.figures(judged), scoring.figures(mine, scores)
    assert {name: found.get(name, float("nan")) for name in wanted} == pytest.approx(wanted, nan_ok=True)
    assert 0 < found["right"] < 1
