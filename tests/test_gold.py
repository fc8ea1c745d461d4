"""The gold questions and claims: every line parses, every quote stands in its text."""

import json
from collections.abc import Iterator
from functools import cache
from pathlib import Path

import pytest

from corpus import scancode

GOLD = Path(__file__).parents[1] / "evals" / "gold"
VERDICTS = {"yes", "conditional", "no", "unclear", "informational", "abstain"}
LABELS = {"supported", "contradicted", "not_enough_info"}


def rows(name: str) -> Iterator[dict]:
    with (GOLD / name).open(encoding="utf-8") as lines:
        yield from map(json.loads, lines)


def folded(text: str) -> str:
    return " ".join(text.split())


@cache
def text_of(id: str) -> str:
    """Return the text of a license, or of a file that was written for the set."""
    own = [p for p in (GOLD / "texts").iterdir() if p.stem == id]
    return folded(own[0].read_text(encoding="utf-8") if own else scancode.read(id).text)


@pytest.mark.parametrize("name", ["questions.jsonl", "claims.jsonl"])
def test_ids_are_unique_and_quotes_stand_in_their_texts(name):
    seen = [row["id"] for row in rows(name)]
    assert len(seen) == len(set(seen))
    wrong = [
        (row["id"], e["quote"])
        for row in rows(name)
        for e in (*row.get("evidence", ()), *row.get("optional_evidence", ()))
        if folded(e["quote"]) not in text_of(e["license"]) or not 10 <= len(e["quote"]) <= 300
    ]
    assert wrong == []


def test_there_are_as_many_as_the_datasheet_says():
    questions, claims = list(rows("questions.jsonl")), list(rows("claims.jsonl"))
    sheet = (GOLD / "README.md").read_text(encoding="utf-8")
    assert f"{len(questions)} questions (`questions.jsonl`) and {len(claims)} claims" in folded(sheet)
    assert {v for row in questions for v in row["verdict"]} <= VERDICTS
    assert {row["label"] for row in claims} <= LABELS
    assert all(row["evidence"] for row in claims if row["label"] != "not_enough_info")


def test_held_out_questions_are_of_no_fit():
    assert [row["id"] for row in rows("questions.jsonl") if row["held_out"] and "fitted" in row["slices"]] == []
