"""Dates of downloads, questions over the whole catalog, and facts that cannot be right."""

from dataclasses import replace

import pytest

from corpus import catalog, registry, scancode
from corpus.cutting import all_terms
from corpus.segment import segment
from rag import asof, facts, survey
from rag.question import understand
from rag.types import Request


@pytest.mark.parametrize(
    ("text", "day"),
    [
        ("We downloaded it on 2024-06-03.", "2024-06-03"),
        ("We pulled the weights in June 2024.", "2024-06-30"),
        ("accepted on 3 February 2024, what now?", "2024-02-03"),
        ("We got our copy on April 5, 2024.", "2024-04-05"),
        ("downloaded in 2024-02", "2024-02-29"),
        ("downloaded on 31 June 2024", None),
        ("The license of June 2024 is asked about.", None),
        ("We downloaded it long ago.", None),
    ],
)
def test_the_day_of_a_download_is_read_from_the_words(text: str, day: str | None) -> None:
    assert asof.stated(text) == day


def _family(name: str):
    (mention,) = registry.load().mentions(f"May we host {name}?")
    assert mention.kind == "family"
    return mention


def test_the_version_of_a_day_is_the_latest_that_was_out() -> None:
    known = catalog.load()
    gemma = _family("Gemma")
    assert asof.narrow(gemma, "2024-06-30", known).licenses == ("gemma-tou-2024-04-01",)
    assert asof.narrow(gemma, "2025-06-30", known).licenses == ("gemma-tou-2025-03-24", "apache-2.0")
    assert asof.narrow(gemma, "2020-01-01", known) == gemma
    single = replace(gemma, kind="license")
    assert asof.narrow(single, "2024-06-30", known) == single


def test_what_dates_tell_and_what_they_do_not() -> None:
    known = catalog.load()
    (early,) = asof.notes(["gemma-tou-2025-03-24"], "2024-06-30", known)
    assert "was not out yet" in early
    (later,) = asof.notes(["gemma-tou-2024-04-01"], "2024-06-30", known)
    assert "a later one is of 2025-03-24" in later
    (undated,) = asof.notes(["mit"], "2024-06-30", known)
    assert "states no date" in undated
    assert list(asof.notes(["no-such-text"], "2024-06-30", known)) == []


@pytest.mark.parametrize(
    ("text", "asked"),
    [
        ("Which licenses let the licensor audit us?", True),
        ("List all AI licenses that forbid military use.", True),
        ("What does the license say about audits?", False),
        ("Which licenses are there?", False),
        ("Does Llama 3.1 let Meta audit us?", False),
    ],
)
def test_a_question_over_the_whole_catalog(text: str, asked: bool) -> None:
    assert survey.asked(understand(Request(text), registry.load())) is asked


class Shelf:
    """The terms of two licenses."""

    records = ("mit", "apache-2.0")

    def terms(self, id: str):
        """Return the terms of a license."""
        item = catalog.load().describe(scancode.read(id))
        return all_terms(item, segment(item))


def test_what_is_left_when_some_are_ruled_out() -> None:
    asked = understand(
        Request("Which licenses remain if we cannot accept patent retaliation clauses?"), registry.load()
    )
    found = survey.survey(asked, catalog.load(), Shelf())
    assert ([e.id for e in found.without], [e.id for e, _ in found.found]) == (["mit"], ["apache-2.0"])
    plain = understand(Request("Which licenses have a patent grant?"), registry.load())
    again = survey.survey(plain, catalog.load(), Shelf())
    assert ([e.id for e, _ in again.found], again.without) == (["apache-2.0"], ())


@pytest.mark.parametrize(
    ("text", "word"),
    [
        ("We have 90 billion users.", "more than there are people"),
        ("We have -5 million users.", "below zero"),
        ("Revenue is 5 million EUR here and 3 million USD there.", "EUR and USD"),
        ("It is non-commercial; we sell it for 10 EUR.", "read as commercial"),
    ],
)
def test_facts_that_cannot_be_right_are_told(text: str, word: str) -> None:
    (problem,) = facts.problems(text)
    assert word in problem
    assert "\n" not in problem


def test_sound_facts_raise_no_problem() -> None:
    assert facts.problems("We have 5 million users and 3 million dollars of revenue, all commercial.") == ()
    assert facts.given("Our revenue is $3 million.")["revenue_currency"] == "USD"
