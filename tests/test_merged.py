"""One answer of two engines: which verdict stands, and one numbering for all that is cited."""

import pytest

from rag import merged, verify
from rag.merged import Numbering
from rag.types import Answer, Citation, Duty, Finding, Statement


def citation(n: int, start: int) -> Citation:
    return Citation(n, "d", "D", None, "1", "", "x" * 30, start, start + 30, None, None, "0", "/source/d#1")


def draft(verdict="yes") -> Answer:
    return Answer(
        "q",
        "?",
        verdict,
        "express-grant",
        "text",
        (
            Statement("Yes.", "inference", (1,)),
            Statement("It says.", "text", (1,)),
            Statement("Keep it.", "text", (2,)),
        ),
        (citation(1, 0), citation(2, 100)),
        ("d",),
        findings=(Finding("sell", "weights", "d", verdict, "express-grant", (1,)),),
        conditions=(Duty("retain-notice", None, None, None, "condition", "Keep it.", (2,)),),
    )


@pytest.mark.parametrize(
    ("model", "rules", "stands"),
    [
        ("no", "yes", "no"),
        ("yes", "no", "no"),
        ("conditional", "yes", "conditional"),
        ("unclear", "conditional", "unclear"),
        ("yes", "yes", "yes"),
        ("yes", "informational", "informational"),
        ("no", "abstain", "abstain"),
        ("informational", "conditional", "conditional"),
        ("abstain", "yes", "yes"),
    ],
)
def test_the_stricter_verdict_stands_and_the_rules_decide_what_is_no_permission(model, rules, stands) -> None:
    assert merged.stricter(model, rules) == stands


def test_the_same_passage_has_one_number_in_the_order_shown() -> None:
    numbering = Numbering()
    assert [numbering.of(citation(9, start)) for start in (100, 0, 100)] == [1, 2, 1]
    assert [c.start for c in numbering.taken((2, 1, 1))] == [100, 0]


def test_findings_and_conditions_are_renumbered_with_the_statements() -> None:
    numbering = Numbering()
    said = (Statement("Keep it, says the model.", "text", (numbering.of(citation(0, 100)),)),)
    answer = merged.merge(draft(), "yes", said, numbering)
    assert [(c.n, c.start) for c in answer.citations] == [(1, 100), (2, 0)]
    assert (answer.conditions[0].citations, answer.findings[0].citations) == ((1,), (2,))
    assert answer.text == "Keep it, says the model. [1]"
    numbers = {c.n for c in answer.citations}
    assert {n for s in answer.statements for n in s.citations} <= numbers
    assert not [p for p in verify.problems(answer, {}) if "which is not a citation" in p]


def test_a_stricter_verdict_of_the_model_is_a_finding_of_its_own_and_told() -> None:
    numbering = Numbering()
    said = (Statement("Not granted.", "text", (numbering.of(citation(0, 0)),)),)
    answer = merged.merge(draft(), "no", said, numbering)
    assert (answer.verdict, answer.basis) == ("no", "express-prohibition")
    assert [f.verdict for f in answer.findings] == ["no", "yes"]
    assert answer.problems == ("engines disagree: model no, rules yes",)


def test_the_rules_reading_is_their_first_statement_and_what_it_rests_on() -> None:
    said = merged.of_rules(draft("no"), Numbering())
    assert [s.text for s in said] == ["Yes.", "It says."]
    assert "the stricter stands first" in merged.difference("yes", "no")
    assert "the rules engine's stands first" in merged.difference("yes", "informational")
