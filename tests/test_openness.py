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


RAIL = """Plover Open Responsible License

1. "Model" means the weights and parameters. "Documentation" means the manuals and the model card of the Model.

2. Grant. You may use, copy, modify and distribute the Model for non-commercial research purposes only.

3. Restrictions on use. You agree not to use the Model:
   a. for military purposes or in weapons;
"""


@pytest.mark.parametrize(
    ("text", "like", "buckets", "tiers", "categories"),
    [
        (FREE, "mit", "OSS-compatible", "true open source", "permissive"),
        (FREE, "gpl-3.0", "OSS-compatible", "true open source", "weakly restrictive"),
        (OPEN, "llama-3.1-license-2024", "open-weight community", "restrictive open weight", "custom vendor"),
        (FREE, "llama-3.1-license-2024", "open-weight community", "permissive open weight", "custom vendor"),
        (FREE, "bigscience-open-rail-m", "open-weight community", "permissive open weight", "weakly restrictive"),
        (CLOSED, "exaone-ai-model-1.1-nc", "source-available", "restrictive open weight", "research-only"),
        (FREE, "openai-tou-20241211", "source-available", "outside these tiers", "custom vendor"),
    ],
)
def test_the_classes_of_common_schemes(text: str, like: str, buckets: str, tiers: str, categories: str) -> None:
    found = openness(replace(case(text, "Is it open?"), entry=catalog.load().get(like))).classes
    assert dict(found) == {"buckets": buckets, "tiers": tiers, "categories": categories}


def test_layers_are_named_by_the_text_or_unknown() -> None:
    found = openness(replace(case(RAIL, "Is it open?"), entry=catalog.load().get("bigscience-open-rail-m")))
    named = {layer: line.text for layer, line in found.layers if line is not None}
    assert set(named) == {"model parameters", "documentation"}
    assert all("means" in text for text in named.values())


def test_a_name_that_promises_openness_on_a_text_that_limits_it_is_flagged() -> None:
    def flagged(text: str, like: str) -> bool:
        return openness(replace(case(text, "Is it open?"), entry=catalog.load().get(like))).washing is not None

    assert flagged(RAIL, "bigscience-open-rail-m")
    assert not flagged(RAIL.replace("Open ", ""), "bigscience-open-rail-m")
    assert not flagged(RAIL, "mit")
    assert not flagged(
        "Plover Open License\n\nYou may use, copy, modify and distribute the Model.\n", "bigscience-open-rail-m"
    )


def test_a_card_carries_the_label(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    home = build(tmp_path)
    shown = json.loads(printed(capsys, "--home", str(home), "licenses", "show", "mit", "--json"))["openness"]
    assert (shown["label"], shown["osi_approved"], len(shown["sha256"])) == ("AI-Open-Source", True, 64)
    assert [row["limited"] for row in shown["freedoms"]] == [False] * 4
    assert (shown["buckets"], shown["tiers"], shown["categories"]) == (
        "OSS-compatible",
        "true open source",
        "permissive",
    )
    assert shown["badge"].split() == ["COM", "MOD", "DIS", "BY"]
    assert shown["open_washing"]["flag"] is False
    assert {(row["terms"], row["published"]) for row in shown["layers"]} == {("unknown", "unknown")}
    found = {row["topic"]: row["clause"] for row in shown["checklist"]}
    assert len(found) >= 10
    assert {topic for topic, clause in found.items() if clause} != set(found)
    assert any(clause == "p2" for clause in found.values())
    assert set(shown["osaid"].values()) == {"unknown"}
    assert "AI-Open-Source" in printed(capsys, "--home", str(home), "licenses", "show", "mit")
