"""Quotations: to the letter, long enough to prove, short enough to read."""

from hypothesis import given, settings
from hypothesis import strategies as st
from texts import OPEN, document

from corpus.segment import segment
from rag.case import Evidence
from rag.quotes import LONGEST, SHORTEST, cite, page_of, quote
from rag.sheet import make


def evidence(text):
    doc = document(text)
    clauses = segment(doc)
    sheet = make(doc, clauses, ())
    return [Evidence(sheet, line, "") for line in sheet.lines]


@settings(max_examples=60)
@given(st.text(alphabet=st.sampled_from("ab ;,.\n1)(“”é"), min_size=1, max_size=3000))
def test_every_quotation_stands_in_its_document(text):
    text = "Title of the text\n\n" + text
    for e in evidence(text):
        span = quote(e)
        citation = cite(e, 1)
        assert text[citation.start : citation.end] == citation.quote
        assert span.end <= len(text)
        assert len(citation.quote) <= LONGEST
        if len(text.strip()) >= 4 * SHORTEST:
            assert len(citation.quote) >= min(SHORTEST, len(text.strip()))


def test_a_long_sentence_is_cut_where_it_may_be_cut():
    text = "1. You may " + "use it, " * 200 + "and that is all.\n"
    (first, *_) = [e for e in evidence(text) if "use it" in e.text]
    said = cite(first, 1).quote
    assert SHORTEST <= len(said) <= LONGEST
    assert said.rstrip().endswith((",", ";", "it"))


def test_an_item_carries_the_words_that_lead_it_in():
    (item,) = [e for e in evidence(OPEN) if "copy of this License" in e.text]
    lead = cite(item, 3).lead_in
    assert lead is not None
    assert lead.quote.startswith("If you distribute")
    assert OPEN[lead.start : lead.end] == lead.quote


def test_pages_count_from_one():
    import dataclasses

    doc = dataclasses.replace(document("a" * 30), pages=(0, 10, 20))
    assert [page_of(doc, n) for n in (0, 9, 10, 29)] == [1, 1, 2, 3]
    assert page_of(document("a"), 0) is None
