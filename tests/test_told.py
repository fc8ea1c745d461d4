"""Stacks told in words: what a question says a model was made of, what each license is asked, and which cannot be met together."""

from dataclasses import replace

import pytest
from texts import OPEN, case

from corpus import registry
from rag import rules, told
from rag.case import Case
from rag.question import understand
from rag.types import Request

SHARED = """Heron License

1. Grant. You may use, copy, modify and distribute the Model.

2. Copyleft. If you distribute a work based on the Model, you must license the entire work, as a whole, under this License.

3. You may not impose any further restrictions on the exercise of the rights granted under this License.
"""
SUITS = """Egret License

1. Grant. You may use, copy, modify and distribute the Model.

2. Patents. Each contributor grants you a royalty-free patent license. If you institute patent litigation alleging that the Model infringes a patent,
then any patent licenses granted to you under this License shall terminate.
"""


@pytest.mark.parametrize(
    ("text", "hows"),
    [
        (
            "We merged Llama 3.1 with Qwen2.5-72B and sell it.",
            {"llama-3.1-license-2024": "merge", "qwen-2024": "merge"},
        ),
        (
            "We trained OLMo 2 (Apache-2.0) on outputs of both Llama 3.1 405B and Qwen2.5-72B.",
            {"apache-2.0": "fine-tune", "llama-3.1-license-2024": "train-on-outputs", "qwen-2024": "train-on-outputs"},
        ),
        (
            "We distilled Llama 2 70B into Mistral 7B.",
            {"llama-2-license-2023": "train-on-outputs", "apache-2.0": "fine-tune"},
        ),
        (
            "A LoRA on Mistral 7B, behind a reranker under CC-BY-NC-4.0.",
            {"apache-2.0": "lora"},
        ),
        ("Llama 3.3 generated the data, Phi-4 is the student.", {"llama-3.3-license-2024": "train-on-outputs", "mit": "fine-tune"}),
        ("Is Gemma 3 stricter than Llama 3.1?", {}),
        ("We combine GPL-2.0-only code with Apache-2.0 code.", {"gpl-2.0": "combine", "apache-2.0": "combine"}),
        ("A GPL-3.0 daemon; we statically link an Apache-2.0 library into it.", {"gpl-3.0": "copy", "apache-2.0": "link"}),
    ],
)  # fmt: skip
def test_what_a_question_says_a_model_was_made_of(text: str, hows: dict[str, str]) -> None:
    assert dict(told.relations(understand(Request(text), registry.load()))) == hows


def _case(text: str, asked: str, license: str) -> Case:
    return replace(case(text, asked), license=license)


def test_a_teacher_is_asked_about_its_outputs_and_a_base_is_not() -> None:
    asked = "We trained a fine-tune of the base on outputs of the teacher. May we sell and host it?"
    hows = {"teacher": "train-on-outputs", "base": "fine-tune"}
    teacher, base = (_case(OPEN, asked, id) for id in ("teacher", "base"))
    assert {a.name for a in told.narrowed(teacher.question, "teacher", hows, teacher).acts} == {"train-on-outputs"}
    narrowed = {a.name for a in told.narrowed(base.question, "base", hows, base).acts}
    assert "train-on-outputs" not in narrowed
    assert {"sell", "host-as-service"} <= narrowed
    assert told.narrowed(base.question, "base", {"base": "fine-tune"}, base) is base.question


def test_two_licenses_cannot_both_begin_one_name() -> None:
    asked = "We trained a student on outputs of both models. May we release it?"
    texts = {"one": OPEN, "other": OPEN.replace('"Wren"', '"Robin"')}
    both = tuple(rules.assess(_case(text, asked, id), 4) for id, text in texts.items())
    refused = told.clashing(both, dict.fromkeys(texts, "train-on-outputs"))
    assert [o.verdict for o in refused] == ["no", "no"]
    assert "“Wren” and “Robin”" in refused[0].headline
    assert refused[0].evidence[0].act == "naming"
    assert told.clashing(both, {}) == both
    assert told.clashing(both, {"one": "train-on-outputs"}) == both


def test_what_is_combined_in_a_way_not_said_only_may_clash() -> None:
    asked = "We combine both models. May we release it?"
    texts = {"one": OPEN, "other": OPEN.replace('"Wren"', '"Robin"')}
    both = tuple(rules.assess(_case(text, asked, id), 4) for id, text in texts.items())
    found = told.clashing(both, dict.fromkeys(texts, "combine"))
    assert [(o.verdict, o.basis) for o in found] == [("unclear", "ambiguous")] * 2
    assert found[0].headline.endswith("how they are combined is not said")
    assert {e.act for e in found[0].evidence} >= {"naming"}


def test_names_of_parts_that_stay_apart_do_not_clash() -> None:
    texts = {"one": OPEN, "other": OPEN.replace('"Wren"', '"Robin"')}
    both = tuple(rules.assess(_case(text, "May we sell it?", id), 4) for id, text in texts.items())
    assert told.clashing(both, dict.fromkeys(texts, "link")) == both


def test_whether_an_end_of_patent_rights_is_a_restriction_is_not_settled() -> None:
    asked = "We merged both models. May we publish the weights?"
    texts = {"heron": SHARED, "egret": SUITS}
    both = tuple(rules.assess(_case(text, asked, id), 4) for id, text in texts.items())
    found = told.clashing(both, dict.fromkeys(texts, "merge"))
    assert [o.verdict for o in found] == ["unclear", "unclear"]
    assert "not settled by the texts" in found[0].headline
    hosted = tuple(
        rules.assess(_case(text, "We merged both. May we offer it as a service?", id), 4) for id, text in texts.items()
    )
    later = told.clashing(hosted, dict.fromkeys(texts, "merge"))
    assert [o.verdict for o in later] == [o.verdict for o in hosted]
    assert "as soon as a copy is passed on" in later[0].headline
