from collections.abc import Sequence

from hypothesis import given
from hypothesis import strategies as st

from corpus import scancode
from corpus.catalog import load
from corpus.segment import segment
from corpus.types import Clause, Document, Origin, Span
from rag import passages as cut
from rag.passages import MAX_PIECES, meaning, passages, squeeze
from rag.types import Passage


def words(texts: Sequence[str]) -> list[int]:
    return [len(text.split()) for text in texts]


def characters(texts: Sequence[str]) -> list[int]:
    return [len(text) for text in texts]


def document(text: str, title: str = "Acme license") -> Document:
    return Document("acme", title, "license", text, None, None, Origin("test", "0"))


def of(text: str) -> tuple[Passage, ...]:
    item = document(text)
    return passages(item, segment(item), words)


def test_a_passage_says_where_it_stands() -> None:
    item = load().describe(scancode.read("llama-3.1-license-2024"))
    found = {passage.clause_id: passage for passage in passages(item, segment(item), words)}
    shown = found["llama-3.1-license-2024#1.b.i"]
    first, second, third = shown.text.split("\n")
    assert first == "Llama 3.1 Community License Agreement 1.b.i"
    assert second == "License Rights and Redistribution > Redistribution and Use"
    assert third.startswith("i. If you distribute or make available the Llama Materials")
    assert third == squeeze(shown.span.of(item.text))
    assert meaning(shown) == f"{second}\n{third}"


def test_a_list_item_brings_its_lead_in() -> None:
    text = "1. Restrictions. You may not:\n(a) sell the model;\n"
    at = text.index("(a)")
    parent = Clause("acme#1", "acme", "1", "Restrictions", Span(0, at), Span(0, len(text)))
    end = Span(at, len(text))
    child = Clause("acme#1.a", "acme", "1.a", "", end, end, parent.id, Span(text.index("You"), at - 1))
    found = passages(document(text), (parent, child), words)
    assert [passage.text for passage in found] == [
        "Acme license 1\n1. Restrictions. You may not:",
        "Acme license 1.a\nRestrictions: You may not:\n(a) sell the model;",
    ]


def test_a_heading_of_others_is_no_passage_and_stands_above_each() -> None:
    text = "1. Grant\n1.1 You may use the model.\n"
    parent = Clause("acme#1", "acme", "1", "Grant", Span(0, 9), Span(0, len(text)))
    child = Clause("acme#1.1", "acme", "1.1", "", Span(9, len(text)), Span(9, len(text)), parent.id)
    found = passages(document(text), (parent, child), words)
    assert [passage.text for passage in found] == ["Acme license 1.1\nGrant\n1.1 You may use the model."]
    alone = passages(document(text[:9]), (parent,), words)
    assert [passage.text for passage in alone] == ["Acme license 1\n1. Grant"], "nothing else says it"


def test_a_long_clause_is_cut_at_sentence_ends() -> None:
    sentence = "The licensee shall keep all notices in every copy of the model that it makes. "
    text = sentence * 40
    found = of(text)
    assert len(found) > 1
    assert all(words([passage.span.of(text)])[0] <= MAX_PIECES for passage in found)
    assert all(passage.span.of(text).endswith(".") for passage in found)
    assert squeeze(" ".join(passage.span.of(text) for passage in found)) == text.strip()


def test_the_second_window_of_a_clause_has_its_heading() -> None:
    text = "Warranty. " + "There is none of any kind whatsoever. " * 60
    whole = Clause("acme#1", "acme", "", "Warranty", Span(0, len(text)), Span(0, len(text)))
    first, second = passages(document(text), (whole,), words)[:2]
    assert first.text.startswith("Acme license\nWarranty. There is")
    assert second.text.startswith("Acme license\nWarranty\nThere is")


def test_a_too_long_sentence_is_cut_at_a_comma() -> None:
    text = ", ".join(["one two three four"] * 120)
    found = of(text)
    assert len(found) > 1
    assert all(words([passage.span.of(text)])[0] <= MAX_PIECES for passage in found)
    assert all(passage.span.of(text).rstrip().endswith(",") for passage in found[:-1])


def test_a_word_without_any_space_is_cut_all_the_same() -> None:
    text = "許" * 1000
    whole = Clause("acme#p1", "acme", "", "", Span(0, 1000), Span(0, 1000))
    found = passages(document(text), [whole], characters)
    assert "".join(passage.span.of(text) for passage in found) == text
    assert all(len(passage.span) <= MAX_PIECES for passage in found)


def test_the_tokenizer_is_asked_once_for_a_document() -> None:
    asked = []

    def count(texts: Sequence[str]) -> list[int]:
        asked.append(len(texts))
        return words(texts)

    item = document("1. One.\n\n2. Two.\n\n3. Three. Four.\n")
    passages(item, segment(item), count)
    assert len(asked) == 1


@given(st.text(st.sampled_from("ab A.1;,(\n\r\t許é"), max_size=400))
def test_every_word_is_in_a_passage_inside_its_clause(text: str) -> None:
    item = document(text)
    clauses = {clause.id: clause for clause in segment(item)}
    found = passages(item, tuple(clauses.values()), characters)
    covered = [False] * len(text)
    for passage in found:
        clause = clauses[passage.clause_id]
        assert clause.span.contains(passage.span)
        assert passage.span.of(text).strip()
        covered[passage.span.start : passage.span.end] = [True] * len(passage.span)
    headings = {clause.parent for clause in clauses.values()}
    for clause in clauses.values():
        if clause.id not in headings:
            for sentence in cut.sentences(text, clause.span):
                if any(map(str.isalnum, sentence.of(text))):
                    assert all(covered[sentence.start : sentence.end])


@given(st.builds(Passage, st.just("a#1"), st.builds(Span, st.just(0), st.integers(0, 99)), st.text()))
def test_passages_come_back(passage: Passage) -> None:
    assert cut.parse_passage(cut.passage_row(passage)) == passage
