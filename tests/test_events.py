"""Lawsuits, violations in the past, trials, locks, results of data, terms that turn into others, exceptions beside prohibitions."""

import dataclasses

import pytest
from texts import case

from rag import rerank, rules

SUITS = """Dunlin License

1. Grant. You may use, modify, distribute and sell the Software.
2. Patents. If you file a lawsuit asserting that the Software infringes a patent, all rights granted to you under this
   License terminate, unless that lawsuit was in response to a lawsuit first brought against you.
3. Termination. Your rights end if you breach this License. They are reinstated automatically if the violation is cured within 30 days of your discovery of it.
"""
DATA = """Plover Data License

1. Data. You may use and distribute the Data. If you distribute the Data, you must do so only under the terms of this License.
2. Results. This License imposes no obligations or restrictions on the use or publication of Results.
3. Measures. You may not offer or impose any further restrictions on, or apply any technological measures to, the Data.
"""
LATER = """Turnstone License

1. Use. You may use the Software for non-production purposes only.
2. Change. On the second anniversary of the date of its release, each version becomes available under the MIT license, and this License no longer applies.
3. Trial. Your company gets one trial period of thirty days for all personnel, not one trial per person.
"""
HOSTED = """Ruff License

1. Grant. You may use, modify and distribute the Software.
2. Limit. You may not provide the Software to third parties as a hosted and paid service.
"""


def answered(text: str, asked: str, **given: object) -> tuple[str, str]:
    """Return verdict and the first line cited."""
    found = case(text, asked, **given)
    outcome = rules.assess(dataclasses.replace(found, ranks=rerank.ranks(found)), 5)
    return outcome.verdict, " ".join(outcome.evidence[0].text.split()) if outcome.evidence else ""


@pytest.mark.parametrize(
    ("text", "asked", "verdict", "start"),
    [
        (SUITS, "We sue a rival over patents in the software. May we go on using it?", "no", "If you file a lawsuit"),
        (SUITS, "They sued us first; can we answer with a patent suit and go on using it?", "conditional", "If you file"),
        (SUITS, "Would a counterclaim cost us our rights under the license?", "no", "If you file a lawsuit"),
        (
            SUITS,
            "We forgot the notice and noticed it yesterday. Are our rights gone for good, may we go on using it?",
            "conditional",
            "They are reinstated",
        ),
        (DATA, "We trained a model on this data set. May we sell the weights as closed source?", "yes", "This License imposes no"),
        (DATA, "May we sell the data with our own DRM so that nobody can copy it?", "no", "You may not offer or impose"),
        (LATER, "The version we run came out five years ago. May we use it in production?", "conditional", "On the second"),
        (LATER, "May each of our ten developers have a trial of his own, one after the other?", "no", "Your company gets one"),
        (HOSTED, "May we run it as a hosted service for customers who pay?", "no", "You may not provide"),
        (HOSTED, "Hobby project: may I host it on a public endpoint, no fee, no ads?", "conditional", "You may not provide"),
    ],
)  # fmt: skip
def test_what_happens_decides(text, asked, verdict, start):
    got, first = answered(text, asked)
    assert got == verdict
    assert first.startswith(start), first


def test_an_exception_of_the_same_section_is_told_beside_the_ban():
    text = """Knot License

1. Grant. You may use the Service.
2. Outputs. You must not use outputs to train a language model that competes with the Service. Classifiers and
   models that you use only inside your company do not compete with the Service.
"""
    got, first = answered(text, "May we train a model on its outputs that only our own company will use?")
    assert got == "conditional"
    assert "train a language model" in first


def test_a_duty_that_does_not_apply_is_denied():
    text = """Avocet License

1. Grant. You may train models on the Data.
2. Withdrawal. Recordings on the list must be deleted. Models that were finished before the list need not be retrained.
"""
    got, first = answered(text, "Our model was finished before the list came. Do we have to retrain it?")
    assert (got, first.startswith("Models that were finished")) == ("no", True)
