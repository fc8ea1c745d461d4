"""The rules engine on texts that no catalog knows."""

import pytest
from texts import CLOSED, OPEN, POLICY, case

from rag.case import is_frame
from rag.rules import assess

COPYLEFT = """Heath Public License

1. You may copy and distribute the Program and modify it, provided that you distribute the entire work, as a whole, under this License.

2. You must make the complete source code available to every recipient of the Program.
"""
HOSTING = """Marsh License

1. We grant you a license to use, copy, distribute and modify the Software.

2. You may not provide the Software to third parties as a hosted or managed service.
"""

ENDORSED = """Reed License

1. We permit redistribution and use, with or without modification.

2. The names of the contributors may not be used to endorse or promote products made with this software without written permission.
"""


def outcome(text, asked, kind="license", **given):
    return assess(case(text, asked, kind, **given), 4)


@pytest.mark.parametrize(
    ("text", "asked", "verdict", "basis", "words"),
    [
        (OPEN, "Can we sell our fine-tuned version to customers?", "conditional", "express-grant", "sell"),
        (OPEN, "Can we use it in our app with 9 million monthly active users?", "no", "separate-license", "5 million"),
        (OPEN, 'We publish our fine-tune. May we call the model "Robin-7B"?', "no", "noncompliant-as-described", "at the beginning"),
        (OPEN, "Which law governs it, and which courts?", "informational", "express-grant", "Reykjavik"),
        (CLOSED, "May our startup sell access to it?", "no", "outside-grant", "non-commercial"),
        (CLOSED, "Can our university share a fine-tuned copy with students for free?", "conditional", "express-grant", "non-commercial"),
        (CLOSED, "As a hobbyist, may I train another model on its outputs?", "no", "express-prohibition", "improve any other"),
        (CLOSED, "May an academic lab use it for drone targeting?", "no", "express-prohibition", "military"),
        (CLOSED, "If we sue them over it, can we keep using it for research?", "no", "express-prohibition", "litigation"),
        (COPYLEFT, "May we distribute it in our closed-source product?", "no", "noncompliant-as-described", "under this License"),
        (HOSTING, "Can we offer it to customers as a managed service?", "no", "express-prohibition", "managed service"),
        (HOSTING, "Can we offer it to customers as a managed database?", "no", "express-prohibition", "managed service"),
        (HOSTING, "Can we host it just for our own staff?", "conditional", "express-grant", "to third parties"),
        (ENDORSED, "May our ads say that its authors recommend us?", "no", "express-prohibition", "endorse"),
        (POLICY, "May engineers try an open-weight model on their own machines?", "yes", "express-grant", "own machines"),
        (POLICY, "Can I paste a customer contract into a public chat tool?", "no", "express-prohibition", "must not paste"),
        (POLICY, "May we put a model into a customer product?", "conditional", "express-grant", "approval"),
    ],
)  # fmt: skip
def test_verdict_ground_and_clause(text, asked, verdict, basis, words):
    found = outcome(text, asked, "policy" if text is POLICY else "license")
    assert (found.verdict, found.basis) == (verdict, basis)
    assert any(words in " ".join(e.text.split()) for e in found.evidence)


def test_prescribed_words_at_the_beginning_satisfy():
    found = outcome(OPEN, 'We publish our fine-tune. May we call the model "Wren-Robin-7B"?')
    assert found.verdict == "conditional"


def test_a_threshold_not_spoken_of_is_assumed_and_said():
    found = outcome(OPEN, "Can we sell it?")
    assert found.assumed == {"users": "at most 5,000,000"}


def test_an_open_purpose_is_asked_for():
    found = outcome(CLOSED, "Can we use it?")
    assert [m.key for m in found.missing] == ["commercial"]
    assert found.verdict == "conditional"


def test_given_facts_win_over_silence():
    assert outcome(CLOSED, "Can we use it?", commercial=True).verdict == "no"
    assert outcome(CLOSED, "Can we use it?", commercial=False).verdict == "conditional"


def test_duties_follow_distribution_only():
    shared = outcome(OPEN, "Can I publish a fine-tune on the Hub?")
    internal = outcome(OPEN, "Can I run it internally?")
    assert {e.act for e in shared.duty_lines} >= {"naming", "license-copy"}
    assert not internal.duty_lines


def test_a_part_that_does_not_exist_is_no_source():
    found = outcome(OPEN, "What does section 9 say about robots?")
    assert (found.verdict, found.basis) == ("abstain", "premise-false")


def test_words_that_the_text_does_not_have_are_corrected():
    found = outcome(OPEN, 'The license requires us to print "Made by Wren Labs" where exactly?')
    assert (found.verdict, found.basis) == ("informational", "premise-false")


ITSELF = """Sedge License

1. Everyone may copy and distribute this license document, and you may modify the text of this License and apply it to other works.

2. You may use the material for business.
"""


def test_a_line_on_the_text_of_the_license_is_no_grant_of_the_material():
    assert [is_frame("1", unit) for unit in ITSELF.splitlines()[2::2]] == [True, False]


ASIDE = """Fen Use Policy

You may not use the model to:

1. Produce adult material of any kind (e.g. romance chatbots).

2. Run a chatbot that poses as a doctor.
"""


@pytest.mark.parametrize(
    ("asked", "number"),
    [("Can we use it for a chatbot?", None), ("Can we use it to produce adult pictures?", "1")],
)
def test_an_example_in_brackets_does_not_stand_for_the_item(asked, number):
    found = outcome(ASIDE.replace("chatbot that poses", "bot that poses"), asked)
    cited = [e.line.unit.clause.number for e in found.evidence if found.verdict == "no"]
    assert cited[:1] == ([number] if number else [])


@pytest.mark.parametrize("asked", ["in our product", "in our software", "in our company", "on our website"])
def test_what_every_text_speaks_of_brings_nobody_under_an_item(asked):
    text = (
        ASIDE
        + """
3. Violate the rights of others, including with the outputs of any products, software or websites that use the model.

4. No company may use the mark "Fen"; except for that notice, its use in products is not authorized.
"""
    )
    assert outcome(text, f"Can we use it {asked}?").verdict != "no"
