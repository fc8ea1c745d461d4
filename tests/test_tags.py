"""Tags of choosealicense from terms."""

import pytest

from corpus.errors import DataError
from corpus.tags import WORDS, load, parse, tags
from corpus.types import Condition, Modality, Span, Term


def term(act: str, modality: Modality, *conditions: Condition) -> Term:
    return Term("x#1", Span(0, 1), "material", act, modality, conditions)


def test_every_word_of_choosealicense_has_a_row_and_no_other_word_stands_in_the_table() -> None:
    assert {(row.group, row.tag) for row in load()} == {
        (group, word) for group, words in WORDS.items() for word in words
    }


def test_a_grant_is_a_permission_and_a_prohibition_is_none() -> None:
    assert tags([term("commercial-use", "permitted"), term("redistribute", "permitted-if")]) == {
        "permissions": ("commercial-use", "distribution"),
        "conditions": (),
        "limitations": (),
    }
    assert tags([term("commercial-use", "prohibited")])["permissions"] == ()


def test_duties_are_conditions_whatever_act_they_come_with() -> None:
    duty = Condition("retain-notice")
    assert tags([term("redistribute", "must", duty)])["conditions"] == ("include-copyright",)
    assert tags([term("redistribute", "encouraged", duty)])["conditions"] == ()


def test_a_closer_tag_takes_the_place_of_the_general_one() -> None:
    by_file = term("modify", "must", Condition("same-license", trigger="file"))
    assert tags([by_file])["conditions"] == ("same-license--file",)
    network = term("host-as-service", "must", Condition("disclose-source", trigger="network-service"))
    assert tags([network])["conditions"] == ("disclose-source", "network-use-disclose")


def test_patents_are_a_permission_or_a_limitation() -> None:
    assert tags([term("patent-use", "permitted")])["permissions"] == ("patent-use",)
    assert tags([term("patent-use", "prohibited")])["limitations"] == ("patent-use",)


@pytest.mark.parametrize(
    ("row", "problem"),
    [
        ('group = "permissions"\ntag = "warranty"\nacts = ["x"]', "permissions/warranty is not a tag"),
        ('group = "limitations"\ntag = "warranty"\nact = ["x"]', "unknown field act"),
        ('group = "limitations"\ntag = "warranty"\nacts = ["x"]\nmodalities = ["may"]', "may is not a modality"),
        ('group = "limitations"\ntag = "warranty"', "names neither acts nor conditions"),
        ("group =", "does not parse"),
    ],
)
def test_a_wrong_row_is_named(row: str, problem: str) -> None:
    with pytest.raises(DataError, match=problem):
        parse(f"[[tag]]\n{row}")
