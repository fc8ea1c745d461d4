"""Who asks and what for: the licensor himself, a company that tries things out, an institution, somebody who takes money."""

import dataclasses

import pytest
from texts import case

from corpus import catalog
from rag import rerank, rules

SHARED = """Godwit License

1. Grant. You may use, modify and distribute the Software.
2. Same terms. You must distribute works based on the Software only under the terms of this License, with their source code.
3. Other terms. Nothing here keeps the Licensor from offering the Software under separate terms as well.
"""
INNER = """Shrike License

1. Grant. You may use and modify the Software only for your own internal business purposes.
"""
FREE = """Shrike Free License

1. Grant. You may use and modify the Software.
2. Copies. You may distribute copies of the Software provided that you do not charge any fee for them.
"""
TRIED = """Wagtail Model License

1. Grant. We grant you a license to use, copy and modify the Model solely for Non-Commercial Purposes.
2. "Non-Commercial Purposes" means research and personal projects, and testing and evaluation by commercial entities in a
   non-production environment. Non-Commercial Purposes does not include any production use.
"""
PURPOSES = """Dipper License

1. Grant. You may use and change the Software for any permitted purpose. You may use it for non-commercial purposes only.
2. Institutions. Use by any charitable organization, educational institution or public research organization is use for a
   permitted purpose regardless of the source of funding.
3. Hobby. Personal use for study, private entertainment or hobby projects is use for a permitted purpose.
"""
NARROW = """Siskin Model License

1. Grant. You may use, modify and distribute the Model.
2. Outputs. You will not use the outputs of the Model to train or improve any other large language model.
"""
WIDE = NARROW.replace("any other large language model", "any other AI model")
ITEMS = """Bunting Model License

1. Grant. You may use, modify and distribute the Model.
2. Uses. You shall not use the Model for the unauthorized or unlicensed practice of any profession, including medical or legal professions.
"""


def answered(text: str, asked: str, **given: object) -> tuple[str, str, str]:
    """Return verdict, headline and the first line cited, the text read as one of the catalog's."""
    entry = next(iter(catalog.load().licenses.values()))
    found = dataclasses.replace(case(text, asked, **given), entry=entry)
    outcome = rules.assess(dataclasses.replace(found, ranks=rerank.ranks(found)), 5)
    return outcome.verdict, outcome.headline, " ".join(outcome.evidence[0].text.split()) if outcome.evidence else ""


@pytest.mark.parametrize(
    ("text", "asked", "verdict", "told"),
    [
        (SHARED, "May we sell a closed-source edition of the software?", "no", "under this license"),
        (SHARED, "We are the only authors. May we sell a closed-source edition of the software?", "conditional", "holds all rights"),
        (INNER, "May we embed the software in our SaaS and charge customers for it?", "no", "internal purposes"),
        (INNER, "May we use the software internally to run our own company?", "conditional", ""),
        (TRIED, "We're a company. May we run the model in our commercial product?", "no", "non-commercial"),
        (TRIED, "We're a company. May we evaluate the model for a month before deciding on a commercial license?", "conditional", "trying it out"),
        (TRIED, "Our public museum wants the model in a photo booth, every day, for free. Is that use okay, it's non-profit?", "no", "production"),
        (PURPOSES, "We are a university, the project is paid for by a company. May we use the software?", "yes", "counts such a purpose"),
        (NARROW, "May we train another chat model on its outputs?", "no", "its outputs"),
        (NARROW, "May we train a spam classifier on its outputs?", "conditional", "another kind"),
        (WIDE, "May we train a spam classifier on its outputs?", "no", "its outputs"),
        (ITEMS, "Our app gives patients medical advice from the model. May we do that?", "conditional", "in the words quoted"),
        (ITEMS, "Our app gives patients medical advice from the model, no doctor involved. May we do that?", "no", "restricts medical"),
    ],
)  # fmt: skip
def test_who_asks_and_what_for_decides(text, asked, verdict, told):
    got, headline, first = answered(text, asked)
    assert got == verdict, (headline, first)
    assert told in headline


def test_a_purpose_of_institutions_is_quoted_for_an_institution():
    _, _, first = answered(PURPOSES, "We are a university, a company funds us. May we use the software?")
    assert first.startswith("Use by any charitable organization")


def test_a_fee_that_the_text_rules_out_is_refused():
    verdict, headline, first = answered(FREE, "May we sell copies of the software for 20 EUR each?")
    assert (verdict, "nothing is charged" in headline) == ("no", True)
    assert first.startswith("You may distribute copies")


def test_an_exception_that_names_the_case_is_no_refusal():
    text = """Linnet License

1. Grant. You may use the Software.
2. Scope. This License does not grant rights to public bodies other than for teaching and research by schools and universities.
"""
    got, headline, _ = answered(text, "We are a university. May our teaching and research staff use the software?")
    assert got != "no", headline
