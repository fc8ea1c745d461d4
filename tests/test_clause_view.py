"""The clause beside the answer is the text to the letter, with the quoted words marked and its terms explained."""

from dataclasses import replace
from types import SimpleNamespace

import pytest
from hypothesis import example, given
from hypothesis import strategies as st
from web_fakes import OPEN, Shelf, cite

from corpus.errors import InputError, UnknownDocument
from corpus.types import Clause, Document, Origin, Span
from rag.answer_json import citation_json
from ui.clause_view import WHOLE, clause_view, pieces, shown_span
from ui.render import clean

ID = "11111111-1111-1111-1111-111111111111.00000000000000000000000000000000"
words = st.text(st.sampled_from(list("ab1.)(*_`#<&;\"'/ \t\n\r\u00a0“§é𝔄\u200b\x1b\u202e")), max_size=60)


@given(words.flatmap(lambda text: st.tuples(st.just(text), st.integers(0, len(text)), st.integers(0, len(text)))))
@example(("  <b>\r\n\r\n", 0, 5))
@example(("a\r\nb", 2, 2))
def test_the_pieces_are_the_text_with_the_quote_marked(case: tuple[str, int, int]) -> None:
    text, (low, high) = case[0], sorted(case[1:])
    made = pieces(text, Span(0, len(text)), Span(low, high))
    folded = "".join(clean(text).split())
    assert "".join("".join(piece["text"] for piece in made).split()) == folded
    marked = "".join("".join(piece["text"] for piece in made if piece["marked"]).split())
    assert marked == "".join(clean(text[low:high]).split())


def test_the_panel_says_whose_clause_it_is_and_leads_to_it() -> None:
    shelf = Shelf()
    citation = cite(shelf, 2, "2.a", "(a) remove *notices* from the Work; or", "You may not:")
    shown = clause_view(citation_json(citation), shelf, ID)
    assert (shown["title"], shown["version"], shown["number"]) == ("Acme Open License 2 <beta>", "2025-02-03", "2.a")
    assert shown["lead_in"] == "You may not:"
    assert [piece["text"] for piece in shown["pieces"] if piece["marked"]] == ["(a) remove *notices* from the Work; or"]
    assert shown["url"] == f"/source/acme-open-2?start={citation.start}&end={citation.end}#2.a"
    assert shown["open"] == f"/source/acme-open-2?start={citation.start}&end={citation.end}&answer={ID}&n=2#2.a"
    assert shown["sha256"] == shelf.records["acme-open-2"].origin.sha256
    assert shown["quote"] == citation.quote


def test_a_lead_in_that_stands_in_the_clause_is_not_said_twice() -> None:
    citation = cite(Shelf(), 1, "2", "(b) sue — ever.", "You may not:")
    assert clause_view(citation_json(citation), Shelf(), ID)["lead_in"] == ""


def test_a_clause_is_shown_with_what_hangs_below_it_unless_that_is_long() -> None:
    clause = Shelf().clause("acme-open-2#2")
    assert "sue" in shown_span(clause).of(OPEN)
    long = SimpleNamespace(span=Span(0, 10), extent=Span(0, WHOLE + 1))
    assert shown_span(long) == Span(0, 10)


def test_the_terms_of_a_clause_are_explained_in_the_words_of_the_text() -> None:
    text = '1. "Work" means any file handed out here.\n\n2. You may sell the Work and the Toys.\n'
    clauses = tuple(
        Clause(f"x#{n}", "x", n, "", span, span)
        for n, span in (("1", Span(0, text.index("2. "))), ("2", Span(text.index("2. "), len(text))))
    )
    document = Document("x", "X", "other", text, None, None, Origin("test", "0" * 64, None), ())
    store = SimpleNamespace(
        documents={"x": document}, clauses=lambda id: clauses, clause=lambda id: {c.id: c for c in clauses}[id]
    )
    citation = replace(cite(Shelf(), 1, "2", "You may use, copy"), document="x", sha256="0" * 64, start=46, end=60)
    (term,) = clause_view(citation_json(citation), store, ID)["definitions"]
    assert (term["term"], term["clause"]) == ("Work", "1")
    assert term["text"] in text
    assert "any file handed out here" in term["text"]
    # The clause that defines a term needs no explanation of it.
    first = replace(citation, clause="1", start=4, end=10)
    assert clause_view(citation_json(first), store, ID)["definitions"] == []


def test_a_text_that_changed_or_went_is_said() -> None:
    shelf = Shelf()
    citation = citation_json(cite(shelf, 1, "2", "(b) sue — ever."))
    with pytest.raises(InputError, match="has changed since this answer was given; ask again"):
        clause_view({**citation, "sha256": "1" * 64}, shelf, ID)
    with pytest.raises(InputError, match="is no longer on file"):
        clause_view({**citation, "document": "gone"}, shelf, ID)

    def unknown(id: str) -> Clause:
        raise UnknownDocument(id)

    shelf.clause = unknown  # type: ignore[method-assign]
    with pytest.raises(InputError, match="is divided otherwise"):
        clause_view(citation, shelf, ID)
