"""Defined terms: found where a text says what they mean, used where it uses them, always in the text's own words."""

import time
from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from corpus.types import Clause, Span
from rag.defined import Definition, glossary


def clauses(text: str) -> tuple[Clause, ...]:
    """Return a clause for each paragraph."""
    found, start = [], 0
    for n, part in enumerate(text.split("\n\n")):
        end = min(start + len(part) + 2, len(text))
        found.append(Clause(f"d#p{n}", "d", "", "", Span(start, end), Span(start, end)))
        start = end
    return tuple(found)


def terms(text: str) -> dict[str, str]:
    return {each.name: each.span.of(text) for each in glossary(text, clauses(text)).definitions}


@pytest.mark.parametrize(
    ("text", "names"),
    [
        ('"License" shall mean the terms below.', ["License"]),
        ('"You" (or "Your") shall mean an individual.', ["You", "Your"]),
        ("“Licensee” or “you” means you, or your employer.", ["Licensee", "you"]),
        ('1.4. "Covered Software"\n    means Source Code Form.', ["Covered Software"]),
        ("1.5 “**Distribute**” means to make available.", ["Distribute"]),
        ('The "source code" for a work means the preferred form.', ["source code"]),
        ('To "modify" a work means to copy from it.', ["modify"]),
        ('A "covered work" means the Program.', ["covered work"]),
        ('"The Program" refers to any work.', ["Program"]),
        ("a. Adapted Material means material subject to Copyright.", ["Adapted Material"]),
        ('"Convey" – As a verb, means Using the Database.', ["Convey"]),
        ('"Produced Work" – a work resulting from using the Contents.', ["Produced Work"]),
        ('An "entity transaction" is a transaction transferring control.', ["entity transaction"]),
        ('The resulting work is called a "modified version" of the earlier one.', ["modified version"]),
        ('Meta Platforms, Inc. (“Meta” or "we") offers this.', ["Meta", "we"]),
        ("These terms (the “Agreement”) bind you.", ["Agreement"]),
        ('For the purposes of this Agreement, "Data" means all records.', ["Data"]),
    ],
)
def test_a_definition_is_known_by_its_form(text: str, names: list[str]) -> None:
    assert list(terms(text)) == names


@pytest.mark.parametrize(
    "text",
    [
        'THE SOFTWARE IS PROVIDED "AS IS", WITHOUT WARRANTY OF ANY KIND.',
        'You must display "Built with Llama" on the page.',
        'For the purposes of this definition, "control" means the power to direct.',
        'To "grant" such a patent license to a party means to promise not to sue.',
        "This means that you may not sell it.",
        'Rights ("sui generis") in a database.',
        "",
    ],
)
def test_what_only_looks_like_one_is_none(text: str) -> None:
    assert terms(text) == {}


def test_a_definition_is_shown_in_the_words_of_its_clause() -> None:
    text = '"Model" means\n  the weights. It includes adapters.\n\nA Provider (the "Host") runs it. It may stop.\n'
    assert terms(text) == {
        "Model": '"Model" means\n  the weights. It includes adapters.',
        "Host": 'A Provider (the "Host") runs it.',
    }


def test_an_express_definition_beats_one_in_brackets() -> None:
    text = 'This paper (the "Agreement") binds you.\n\n"Agreement" means the whole bundle.'
    assert terms(text) == {"Agreement": '"Agreement" means the whole bundle.'}


def uses(text: str) -> list[tuple[str, str]]:
    parts = clauses(text)
    words = glossary(text, parts)
    return [(use.span.of(text), use.definition.name) for part in parts for use in words.uses(part)]


def test_a_term_is_found_in_one_or_many_in_capitals_and_over_a_line() -> None:
    text = (
        '"Derivative Works" means copies.\n\n"Contributor" means a person.\n\nA Derivative\n  Work is fine.\n\n'
        "DERIVATIVE WORKS MAY BE SOLD.\n\nContributors agree. contributor too."
    )
    assert uses(text) == [
        ("Derivative\n  Work", "Derivative Works"),
        ("DERIVATIVE WORKS", "Derivative Works"),
        ("Contributors", "Contributor"),
    ]


def test_the_longer_term_wins_and_each_counts_once_a_clause() -> None:
    text = '"Work" means a work.\n\n"Larger Work" means more.\n\nA Larger Work holds the Work. The Work stays. Workers too.'
    assert uses(text)[-2:] == [("Larger Work", "Larger Work"), ("Work", "Work")]


def test_a_clause_does_not_lead_to_itself() -> None:
    assert uses('"Work" means a Work of art.') == []


@given(st.text(max_size=300))
def test_any_text_has_its_own_words_for_definitions(text: str) -> None:
    parts = clauses(text)
    words = glossary(text, parts)
    for definition in words.definitions:
        assert definition.name.casefold() in " ".join(text.split()).casefold()
        assert definition.span.end <= len(text)
        assert isinstance(definition, Definition)
    for part in parts:
        found = [use.span for use in words.uses(part)]
        assert all(part.span.contains(span) for span in found)
        assert all(one.end <= other.start for one, other in pairwise(found))


def test_long_runs_of_what_may_open_a_definition_cost_no_time() -> None:
    many = "\n\n".join(f"“Term {n} of ours” means thing {n}, other than Term {n + 1} of ours." for n in range(300))
    before = time.process_time()
    for text in ('"A ' * 20_000, "A B " * 20_000, '("' * 20_000, "1.1.1.1" * 20_000, "the " * 20_000, many):
        parts = clauses(text)
        words = glossary(text, parts)
        found = [use for part in parts for use in words.uses(part)]
    assert len(found) == 299
    assert time.process_time() - before < 5
