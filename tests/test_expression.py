"""License expressions taken apart, and what binds of a choice."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from corpus.errors import InputError
from rag.expression import Parts, chosen, names, parse

RANKS = {"MIT": 3, "Apache-2.0": 2, "GPL-2.0-only": 1}


@pytest.mark.parametrize(
    ("expression", "found", "binds"),
    [
        ("MIT", ["MIT"], ["MIT"]),
        ("MIT OR GPL-2.0-only", ["MIT", "GPL-2.0-only"], ["MIT"]),
        ("MIT AND (GPL-2.0-only OR Apache-2.0)", ["MIT", "GPL-2.0-only", "Apache-2.0"], ["MIT", "Apache-2.0"]),
        ("(MIT AND GPL-2.0-only) OR Apache-2.0", ["MIT", "GPL-2.0-only", "Apache-2.0"], ["Apache-2.0"]),
        ("Apache-2.0 OR LicenseRef-wren", ["Apache-2.0", "LicenseRef-wren"], ["Apache-2.0"]),
        ("LicenseRef-wren", ["LicenseRef-wren"], []),
    ],
)
def test_a_choice_takes_what_asks_for_least(expression: str, found: list[str], binds: list[str]) -> None:
    parts = parse(expression)
    assert list(names(parts)) == found
    assert list(chosen(parts, lambda name: (name,) if name in RANKS else (), RANKS.__getitem__)) == binds


def test_an_exception_stays_with_its_license() -> None:
    assert parse("GPL-2.0-only WITH Classpath-exception-2.0") == "GPL-2.0-only WITH Classpath-exception-2.0"
    assert parse("MIT AND ISC") == Parts("and", ("MIT", "ISC"))


@pytest.mark.parametrize("wrong", ["not a (license", "MIT AND", "", "OR", "(" * 3000])
def test_what_does_not_parse_is_one_line(wrong: str) -> None:
    with pytest.raises(InputError) as caught:
        parse(wrong)
    assert "\n" not in str(caught.value)
    assert len(str(caught.value)) < 600


@given(st.text(max_size=60))
def test_no_expression_breaks_it(text: str) -> None:
    try:
        assert all(isinstance(name, str) for name in names(parse(text)))
    except InputError as error:
        assert "\n" not in str(error)  # noqa: PT017  (any other exception fails)
