import pytest
from hypothesis import given
from hypothesis import strategies as st

from corpus import records
from corpus.errors import StoreError
from corpus.records import Part, Record
from corpus.types import Clause, Condition, Origin, Span, Term, Trigger

# Lone surrogates are no characters: no text of a file can hold one.
words = st.text(st.characters(exclude_categories=["Cs"]))
maybe = st.none() | words
spans = st.tuples(st.integers(0, 10**6), st.integers(0, 10**6)).map(lambda ends: Span(min(ends), max(ends)))
ids = st.from_regex(r"[a-z0-9][a-z0-9._+-]{0,20}", fullmatch=True)
clauses = ids.flatmap(
    lambda id: st.builds(
        Clause,
        words.map(lambda path: f"{id}#{path}"),
        st.just(id),
        words,
        words,
        spans,
        spans,
        maybe,
        st.none() | spans,
    )
)
conditions = st.builds(Condition, words, maybe, maybe, maybe, words)
amounts = st.none() | st.floats(allow_nan=False, allow_infinity=False)
triggers = st.builds(Trigger, maybe, maybe, amounts, maybe, maybe)
terms = st.builds(
    Term,
    *(words, spans, words, words, st.sampled_from(["must", "permitted"])),
    st.lists(conditions, max_size=3).map(tuple),
    st.none() | triggers,
    words,
)
rows = st.builds(
    Record,
    *(ids, words, st.sampled_from(["license", "policy"]), maybe, maybe, st.builds(Origin, words, words, maybe)),
    st.lists(st.integers(0, 10**6), max_size=3).map(tuple),
    st.integers(0, 10**6),
    maybe,
)


@given(st.lists(clauses, max_size=4))
def test_clauses_come_back(given: list[Clause]) -> None:
    assert records.decode(records.encode(map(records.clause_row, given)), records.parse_clause, "x") == tuple(given)


@given(st.lists(terms, max_size=4))
def test_terms_come_back(given: list[Term]) -> None:
    assert records.decode(records.encode(map(records.term_row, given)), records.parse_term, "x") == tuple(given)


@given(st.lists(rows, max_size=4))
def test_records_come_back(given: list[Record]) -> None:
    assert records.decode(records.encode(map(records.record_row, given)), records.parse_record, "x") == tuple(given)


@pytest.mark.parametrize(
    "line",
    [
        b'{"id":"a#1","number":"1"',
        b'{"id":"a#1"}',
        b'{"id":"a#1","number":"","heading":"","span":[5,1],"extent":[0,1],"parent":null,"lead_in":null}',
        b"[]",
        b"\xff\xfe",
        b"",
    ],
)
def test_a_damaged_line_is_named_by_file_and_number(line: bytes) -> None:
    whole = records.encode([records.clause_row(Clause("a#0", "a", "", "", Span(0, 1), Span(0, 1)))])
    with pytest.raises(
        StoreError, match=r"^clauses.jsonl, line 42 is damaged \(.*\); mend it with: clausewise index build$"
    ):
        records.decode(whole + line + b"\n" + whole, records.parse_clause, "clauses.jsonl", first=41)


def test_a_file_cut_in_a_line_is_named() -> None:
    whole = records.encode([{"a": 1}, {"a": 2}])
    with pytest.raises(StoreError, match="x, line 2 is damaged"):
        records.decode(whole[:-3], lambda row: row["a"], "x")


@given(st.dictionaries(ids, st.lists(words, max_size=4), max_size=4))
def test_joined_lines_are_found_again(given: dict[str, list[str]]) -> None:
    data, table = records.join({id: records.encode({"w": word} for word in part) for id, part in given.items()})
    first = 1
    for id, part in given.items():
        place = table[id]
        assert place == Part(place.offset, place.length, len(part), first)
        piece = data[place.offset : place.offset + place.length]
        assert records.decode(piece, lambda row: row["w"], id) == tuple(part)
        first += len(part)
