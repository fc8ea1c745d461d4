"""What licenses commonly say: a claim and a line that put it in other words, or the contrary; who names a license, and how."""

import pytest
from texts import case

from rag import bounds, checked, claims, parlance
from rag.propositions import propositions

WEAVER = """Weaver License

1. Grant. Weaver Labs grants you a perpetual, irrevocable license to use, copy, modify and sell copies of the Model.
You may not sell the Model by itself.

2. Changes. You may provide additional or different license terms for your modifications.
You must cause modified files to carry notices that you changed them.

3. Scale. If the revenue of Licensee or Licensee's affiliates is greater than 5 million dollars a year, you must request a license.
The Data is not licensed under this License.

4. Suits. If you institute patent litigation over the Model, any patent licenses granted to you terminate on that date.
If you breach these terms, the license will terminate.

5. Service. Weaver Labs reserves the right to restrict (remotely or otherwise) usage of the Model. You may choose to offer support for a fee.

6. Prohibited uses. You agree not to use the Model for:
(a) military or espionage applications
"""
SABLE = """Sable License

1. You may use the Model for non-commercial purposes only. You may not use it commercially.

2. Derivative Works must be distributed only under the terms of this License. "Training" means to teach a model with data and to publish it.

3. On the fourth anniversary of its first publication Sable grants everyone rights to a version under the Change License.
"""


@pytest.mark.parametrize(
    ("text", "claim", "label"),
    [
        (WEAVER, "Fine-tuned versions have to be released under the same license.", "contradicted"),
        (WEAVER, "Fine-tuned versions may go under terms of your own choice.", "supported"),
        (WEAVER, "The revenue test leaves the licensee's affiliates out.", "contradicted"),
        (WEAVER, "The license covers the training data along with the model.", "contradicted"),
        (WEAVER, "A company that sues over patents in the model loses the copyright license too.", "contradicted"),
        (WEAVER, "Patent litigation leaves a licensee's rights untouched.", "contradicted"),
        (WEAVER, "Weaver Labs can revoke the license.", "contradicted"),
        (WEAVER, "Users have to flag what they changed in the files.", "supported"),
        (WEAVER, "Whoever breaches the terms keeps the license.", "contradicted"),
        (WEAVER, "Weaver Labs may restrict usage of the model remotely.", "supported"),
        (WEAVER, "The license leaves military applications open to licensees.", "contradicted"),
        (WEAVER, "The license forces everyone to offer support for a fee.", "contradicted"),
        (SABLE, "Derivatives have to be distributed under the same license.", "supported"),
        (SABLE, "Anyone may use the model to make money.", "contradicted"),
        (SABLE, "A version turns into open source after four years.", "supported"),
        (SABLE, "A version turns into open source after nine years.", "contradicted"),
        (SABLE, "Licensees must publish their training data.", "not_enough_info"),
    ],
)
def test_a_common_proposition_is_judged_by_the_line_that_states_it(text: str, claim: str, label: str) -> None:
    found = claims.judge(case(text, claim))
    assert found.label == label, found


def test_propositions_have_names_of_their_own_and_something_to_look_for() -> None:
    names = [p.name for p in propositions()]
    assert len(names) == len(set(names))
    assert all((p.claim or p.denial or p.about) and (p.holds or p.fails or p.acts) for p in propositions())


def test_what_may_be_but_not_be_is_two_claims() -> None:
    assert checked.parts("Altered copies may be made but not shared.") == (
        "Altered copies may be made.",
        "Altered copies may not be shared.",
    )
    whole = "Copies may be sold, but not on their own."
    assert checked.parts(whole) == (whole,)


@pytest.mark.parametrize(
    ("claim", "full"),
    [
        (
            "Weaver owns all outputs under its Open Model License.",
            "Weaver owns all outputs under the Weaver Open Model License.",
        ),
        ("Weaver asks for credit.", "The Weaver License asks for credit."),
        ("it asks for credit.", None),
    ],
)
def test_a_license_that_is_named_apart_from_its_maker_is_named_in_full(claim: str, full: str | None) -> None:
    assert parlance.in_full(claim) == ((full,) if full else ())


@pytest.mark.parametrize(
    ("claim", "world"),
    [
        ("Products built on it that exceed ten users need a license.", False),
        ("Weaver asserts ownership of the text generated with it.", False),
        ("The first version could be used for research only.", False),
        ("Training on such data is copyright infringement.", True),
    ],
)
def test_a_relative_clause_hides_no_main_verb(claim: str, world: bool) -> None:
    assert parlance.beyond_texts(claim) is world


def test_verbs_are_joined_with_their_particles() -> None:
    assert "omit" in parlance.words(case(WEAVER, "Distributors may leave the notice file out.").question)


def test_a_line_speaks_of_a_share_of_a_claim() -> None:
    found = case(WEAVER, "The license lets children sell fonts.")
    read = claims.asserted.read(found, "The license lets children sell fonts.")
    assert bounds.share(read, "Fonts may be sold.") < 1 == bounds.share(read, "Children may sell fonts.")
