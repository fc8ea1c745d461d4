"""Sentences: what ends one and what does not; quotations: how a long one is cut."""

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from corpus import scancode
from corpus.sentences import quote_span, sentences
from corpus.types import Span

PIECES = st.sampled_from(
    [
        *'aB1 \n\n.,;:!?()“”"-*•iv。',
        "e.g. ",
        "Inc. ",
        "Section 4. ",
        "\r\n",
        "(a) ",
        "1. ",
        "\n\n",
        "\t",
        "A. ",
        "Art. 5 ",
    ]
)
TEXTS = st.one_of(st.text(), st.lists(PIECES, max_size=60).map("".join))


def split(text: str) -> list[str]:
    return [s.of(text) for s in sentences(text, Span(0, len(text)))]


@st.composite
def ranges(draw: st.DrawFn) -> tuple[str, Span]:
    text = draw(TEXTS)
    start = draw(st.integers(0, len(text)))
    return text, Span(start, draw(st.integers(start, len(text))))


@settings(max_examples=300)
@given(ranges())
def test_sentences_hold_every_word_once_and_in_order(found: tuple[str, Span]) -> None:
    text, span = found
    at = span.start
    for sentence in sentences(text, span):
        assert at <= sentence.start < sentence.end <= span.end
        assert sentence.of(text) == sentence.of(text).strip()
        assert not text[at : sentence.start].strip()
        at = sentence.end
    assert not text[at : span.end].strip()


@settings(max_examples=300)
@given(ranges(), st.integers(0, 8), st.integers(9, 40))
def test_a_quotation_lies_in_its_span_and_is_no_longer_than_allowed(found: tuple[str, Span], lo: int, hi: int) -> None:
    text, span = found
    quote = quote_span(text, span, lo, hi)
    assert span.contains(quote)
    assert len(quote) <= hi
    assert quote.of(text) == quote.of(text).strip()
    whole = span.of(text).strip()
    if len(whole) <= hi:
        assert quote.of(text) == whole
    else:
        assert len(quote) > 0


@pytest.mark.parametrize(
    "text",
    [
        "You may use it, e.g. in tests, i.e. for free.",
        "It was made by Meta Platforms, Inc. and by Acme Ltd. in the U.S. market.",
        "See Sec. 5, Art. 6 and No. 7 of the list.",
        "Copyright belongs to John F. Kennedy and A. Smith.",
        "Read https://example.org/a.b?c=d. html for 2.5 million users.",
        "You must (a) keep notices; (b) give credit; and (c) say so.",
        "You shall: a. Keep notices; b. Give credit.",
        "The version of Oct. 1988 applies.",
        "Show “Llama 3.1 is licensed, Copyright © Meta Platforms, Inc. All Rights Reserved. Thanks.” to all.",
        "a. Grant of rights under this text",
        "This line is wrapped in the middle because it is long, and\nit goes on here under version\n3. of the text",
    ],
)
def test_what_does_not_end_a_sentence(text: str) -> None:
    assert split(text) == [text]


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("It ends. Then it starts.", ["It ends.", "Then it starts."]),
        ("It was made by Acme, Inc. You may use it.", ["It was made by Acme, Inc.", "You may use it."]),
        ("See Attachment A. You agree to it.", ["See Attachment A.", "You agree to it."]),
        ("As in Section 1.b.i. You will comply.", ["As in Section 1.b.i.", "You will comply."]),
        ("Is it? Yes! “Good.” Fine.", ["Is it?", "Yes!", "“Good.”", "Fine."]),
        ("2. Grant. You may use it.", ["2. Grant.", "You may use it."]),
        ("First line\n\nsecond line", ["First line", "second line"]),
        ("You may not:\n- sell it\n- rent it", ["You may not:", "- sell it", "- rent it"]),
        ("You may not:\n(a) sell it;\n(b) rent it.", ["You may not:", "(a) sell it;", "(b) rent it."]),
        ("您可以使用。您不得转售。", ["您可以使用。", "您不得转售。"]),
        (
            "2. Grant of Rights\nYou are granted a license to the materials and to all of their parts.",
            ["2. Grant of Rights", "You are granted a license to the materials and to all of their parts."],
        ),
    ],
)
def test_what_ends_a_sentence(text: str, expected: list[str]) -> None:
    assert split(text) == expected


def test_a_wrapped_disclaimer_in_capitals_is_one_sentence() -> None:
    text = 'THE SOFTWARE IS PROVIDED BY THE COPYRIGHT HOLDERS AND CONTRIBUTORS\n"AS IS" AND ANY EXPRESS OR IMPLIED WARRANTY IS GONE.'
    assert split(text) == [text]


def test_only_the_span_is_read() -> None:
    text = "One here. Two here. Three here."
    assert [s.of(text) for s in sentences(text, Span(10, 19))] == ["Two here."]


def test_a_long_sentence_is_cut_before_its_last_mark() -> None:
    text = "Alpha beta gamma delta; epsilon zeta, eta theta iota kappa"
    whole = Span(0, len(text))
    assert quote_span(text, whole, 5, 40).of(text) == "Alpha beta gamma delta; epsilon zeta"
    assert quote_span(text, whole, 5, 30).of(text) == "Alpha beta gamma delta"
    assert quote_span(text, whole, 5, 20).of(text) == "Alpha beta gamma"
    assert quote_span("x" * 50, Span(0, 50), 5, 20) == Span(0, 20)
    assert quote_span(text, Span(0, 6), 25, 600).of(text) == "Alpha"


def test_the_resale_clause_of_a_license_splits_into_its_sentences() -> None:
    text = scancode.read("llama-3.1-license-2024").text
    found = split(text)
    assert any(
        s.startswith("If you use the Llama Materials or any outputs") and s.endswith("AI model name.") for s in found
    )
    assert "b. Redistribution and Use." in found
    assert max(map(len, found)) < 1000
