"""Suppliers that lost their license, statements put as questions, and what kind a question is."""

import pytest
from texts import case, question

from rag import checked, events

CHAIN = """Plover License

1. Grant. You may use, copy, modify and distribute the Model.

2. End. If you fail to comply, your rights terminate automatically. Parties who have received copies from you will not have their licenses terminated
so long as they remain in full compliance.
"""


def test_who_complies_keeps_the_license_when_the_supplier_lost_his() -> None:
    asked = case(CHAIN, "Our supplier violated it and lost his rights. May we still pass it on?")
    reason = events.supplier(asked)
    assert reason is not None
    assert "full compliance" in " ".join(reason.evidence[0].text.split())
    assert events.supplier(case(CHAIN, "May we pass it on?")) is None


@pytest.mark.parametrize(
    ("text", "statement"),
    [
        (
            "It is just MIT with another name, so there is no use policy. Correct?",
            "It is just MIT with another name, so there is no use policy.",
        ),
        ("There is no use policy, right?", "There is no use policy."),
        ("The license ends after a year, is that true?", "The license ends after a year."),
        ("Can we sell it, right?", None),
        ("May we sell it?", None),
        ("Is that right?", None),
    ],
)
def test_a_statement_to_be_confirmed_is_told_from_a_question(text: str, statement: str | None) -> None:
    assert checked.stated(text) == statement


@pytest.mark.parametrize(
    ("text", "kind"),
    [
        ("We run it in our kiosk and diagnose skin cancer with it.", "permission"),
        ("Does a 4-bit copy count as a derivative?", "lookup"),
        ("Does our charity count as non-commercial?", "permission"),
        ("Is the notice file still needed?", "lookup"),
        ("What does this text ban that the older one does not?", "lookup"),
        ("From which day may we treat it as open?", "lookup"),
        ("Still licensed?", "permission"),
        ("We sell it. Allowed, and what must we hand out?", "permission"),
    ],
)
def test_the_kind_of_a_question(text: str, kind: str) -> None:
    assert question(text).kind == kind


@pytest.mark.parametrize(
    ("text", "act"),
    [("We don't compete with anybody and sell copies.", "compete"), ("We sell nothing and only host it.", "sell")],
)
def test_what_is_ruled_out_is_no_act(text: str, act: str) -> None:
    assert act not in {a.name for a in question(text).acts}
