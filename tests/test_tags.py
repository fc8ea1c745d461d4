"""Tags of choosealicense from terms."""

import pytest

from corpus.errors import DataError
from corpus.tags import WORDS, load, parse, tags
from corpus.types import Condition, Modality, Span, Term


def term(act: str, modality: Modality, *conditions: Condition) -> Term:
    return Term("x#1", Span(0, 1), "material", act, modality, conditions)


def test_the_table_speaks_choosealicense() -> None:
    rows = {(row.group, row.tag) for row in load()}
    words = {(group, word) for group, words in WORDS.items() for word in words}
    # Whether a duty holds for source only, or file by file, is not told apart by the rules yet.
    assert words - rows == {("conditions", "include-copyright--source"), ("conditions", "same-license--file")}


def test_a_grant_is_a_permission_and_a_prohibition_is_none() -> None:
    assert tags([term("modify", "permitted"), term("patent-use", "permitted-if")]) == {
        "permissions": ("modifications", "patent-use"),
        "conditions": (),
        "limitations": (),
    }
    assert tags([term("modify", "prohibited")])["permissions"] == ()


def test_a_grant_without_a_purpose_covers_commerce_unless_the_text_limits_it() -> None:
    grant = term("redistribute", "permitted")
    assert tags([grant])["permissions"] == ("commercial-use", "distribution", "private-use")
    for modality in ("prohibited", "requires-separate-license"):
        assert tags([grant, term("noncommercial", modality)])["permissions"] == ("distribution", "private-use")
    assert "commercial-use" in tags([grant, term("noncommercial", "defines")])["permissions"]


def test_duties_are_conditions_whatever_act_they_come_with() -> None:
    duty = Condition("retain-notice")
    assert tags([term("redistribute", "must", duty)])["conditions"] == ("include-copyright",)
    assert tags([term("redistribute", "encouraged", duty)])["conditions"] == ()


def test_a_closer_tag_takes_the_place_of_the_general_one() -> None:
    same, relink = (
        term("modify", "must", Condition("same-license")),
        term("relink", "must", Condition("allow-relinking")),
    )
    assert tags([same])["conditions"] == ("same-license",)
    assert tags([same, relink])["conditions"] == ("same-license--library",)
    network = term("host-as-service", "must", Condition("disclose-source", trigger="network-service"))
    assert tags([network])["conditions"] == ("disclose-source", "network-use-disclose")


def test_patents_are_a_permission_or_a_limitation() -> None:
    assert tags([term("patent-use", "permitted")])["permissions"] == ("patent-use",)
    assert tags([term("patent-use", "prohibited")])["limitations"] == ("patent-use",)
    both = tags([term("patent-use", "permitted"), term("patent-use", "prohibited")])
    assert (both["permissions"], both["limitations"]) == (("patent-use",), ())


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
