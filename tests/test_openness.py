"""Labels of openness: approval, freedoms and reason; what no text tells stays unknown."""

import json
from dataclasses import replace
from pathlib import Path

import pytest
from small_store import build, printed
from texts import CLOSED, OPEN, case

from corpus import catalog
from rag.openness import openness

FREE = "Auk License\n\nYou may use, copy, modify and distribute the Work for any purpose.\n"


@pytest.mark.parametrize(
    ("text", "like", "label"),
    [
        (FREE, "mit", "AI-Open-Source"),
        (FREE, "cc-by-4.0", "AI-Open-Weight"),
        (CLOSED, "llama-3.1-license-2024", "AI-Research-Only"),
        (OPEN, "llama-3.1-license-2024", "AI-Open-Weight"),
        (FREE, "openai-tou-20241211", "AI-Proprietary"),
    ],
)
def test_the_label_has_a_reason(text: str, like: str, label: str) -> None:
    entry = catalog.load().get(like)
    found = openness(replace(case(text, "Is it open?"), entry=entry))
    assert found.label == label
    assert found.reason
    assert len(found.freedoms) == 4


def test_a_card_carries_the_label(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    home = build(tmp_path)
    shown = json.loads(printed(capsys, "--home", str(home), "licenses", "show", "mit", "--json"))["openness"]
    assert (shown["label"], shown["osi_approved"], len(shown["sha256"])) == ("AI-Open-Source", True, 64)
    assert [row["limited"] for row in shown["freedoms"]] == [False] * 4
    assert set(shown["osaid"].values()) == {"unknown"}
    assert "AI-Open-Source" in printed(capsys, "--home", str(home), "licenses", "show", "mit")
