"""The last gate lets nothing through that the documents do not say."""

import dataclasses

import pytest
from texts import OPEN, case

from rag.compose import compose, refuse
from rag.rules import assess
from rag.types import Request
from rag.verify import problems


@pytest.fixture
def answered():
    asked = "Can we sell our fine-tuned version to customers?"
    found = assess(case(OPEN, asked), 4)
    answer = compose(Request(asked), (found,), False)
    return answer, {found.case.license: found.case.sheets[0].document}


def test_a_sound_answer_passes(answered):
    answer, documents = answered
    assert answer.citations
    assert problems(answer, documents) == ()


def first(answer, **changes):
    return dataclasses.replace(
        answer, citations=(dataclasses.replace(answer.citations[0], **changes), *answer.citations[1:])
    )


@pytest.mark.parametrize(
    ("changes", "said"),
    [
        ({"quote": "You may do anything you like with it."}, "do not stand"),
        ({"start": 3}, "do not stand"),
        ({"quote": ""}, "do not stand"),
        ({"document": "other"}, "not on file"),
        ({"sha256": "0"}, "another version"),
        ({"n": 99}, "not a citation"),
    ],
)
def test_every_mutation_is_caught(answered, changes, said):
    answer, documents = answered
    assert any(said in p for p in problems(first(answer, **changes), documents))


def test_a_statement_without_its_clause_is_caught(answered):
    answer, documents = answered
    bare = dataclasses.replace(answer.statements[1], citations=())
    mutant = dataclasses.replace(answer, statements=(answer.statements[0], bare))
    assert any("cites nothing" in p for p in problems(mutant, documents))


def test_a_refusal_needs_no_clause():
    assert problems(refuse(Request("x"), "law", "out-of-scope"), {}) == ()
