import dataclasses
import shutil
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from store_fakes import Words, small

from corpus import manifest
from corpus.errors import StoreError, UnknownDocument
from corpus.store import Store
from rag import dense, index, lexical
from rag.retrieve import RRF, WITHIN, Retriever, fuse

LLAMA = "llama-3.1-license-2024"
QUERY = "Do I have to display Built with Llama on a related website?"


@pytest.fixture(scope="module")
def home(tmp_path_factory: pytest.TempPathFactory) -> Path:
    made = tmp_path_factory.mktemp("home")
    index.build(made, encoder=Words(), catalog=small())
    return made


@pytest.fixture(scope="module")
def retriever(home: Path) -> Retriever:
    return Retriever(Store.open(home), Words())


def test_the_clause_that_says_it_is_first(retriever: Retriever) -> None:
    hits = retriever.search(QUERY, 5)
    assert len(hits) == 5
    assert hits[0].passage.clause_id == f"{LLAMA}#1.b.i"
    assert "Built with Llama" in hits[0].passage.span.of(retriever.store.documents[LLAMA].text)
    assert set(hits[0].ranks) == {"dense", "lexical"}
    assert list(hits) == sorted(hits, key=lambda hit: -hit.score)


def test_a_search_within_documents_finds_nothing_else(retriever: Retriever) -> None:
    hits = retriever.search(QUERY, 50, ["mit", "isc"])
    assert {hit.passage.document_id for hit in hits} == {"mit", "isc"}
    assert hits == retriever.search(QUERY, 50, ["isc", "mit", "mit"])
    assert min(hit.ranks["dense"] for hit in hits) == 1
    whole = len(retriever.passages("mit")) + len(retriever.passages("isc"))
    assert len(hits) == whole


def test_within_all_documents_ranks_are_those_without_limit(retriever: Retriever) -> None:
    within, everywhere = retriever.search(QUERY, 99, ["mit", "isc", LLAMA]), retriever.search(QUERY, 99)
    assert len(within) == len(everywhere) == len(retriever)
    assert {hit.passage: hit.ranks for hit in within} == {hit.passage: hit.ranks for hit in everywhere}


def test_ranks_are_those_of_brute_force(retriever: Retriever) -> None:
    scored = retriever.scores(QUERY, [LLAMA])
    near = np.argsort([-item.dense for item in scored], kind="stable").tolist()
    shared = [
        row for row in np.argsort([-item.lexical for item in scored], kind="stable").tolist() if scored[row].lexical
    ]
    wanted = fuse({"dense": near, "lexical": shared}, 10, WITHIN)
    hits = retriever.search(QUERY, 10, [LLAMA])
    assert [(hit.passage, hit.score, hit.ranks) for hit in hits] == [
        (scored[row].passage, score, ranks) for row, score, ranks in wanted
    ]


def test_scores_are_of_every_passage_in_text_order(retriever: Retriever) -> None:
    scored = retriever.scores(QUERY, [LLAMA])
    assert tuple(item.passage for item in scored) == retriever.passages(LLAMA)
    assert all(-1.001 <= item.dense <= 1.001 and item.lexical >= 0 for item in scored)
    assert retriever.scores(QUERY, []) == ()


def test_rows_and_documents_give_the_same_passages(retriever: Retriever) -> None:
    rows = [retriever.passage(row) for row in range(len(retriever))]
    assert rows == [passage for id in retriever.store.documents for passage in retriever.passages(id)]
    for row in (-1, len(retriever)):
        with pytest.raises(IndexError):
            retriever.passage(row)


@pytest.mark.parametrize("query", ["", "   ", "?!", "\x00\x01"])
def test_a_query_without_words_finds_nothing(retriever: Retriever, query: str) -> None:
    assert retriever.search(query, 5) == ()


def test_no_documents_and_no_places_give_nothing(retriever: Retriever) -> None:
    assert retriever.search(QUERY, 5, []) == ()
    assert retriever.search(QUERY, 0) == ()
    assert retriever.search(QUERY, -3) == ()


def test_an_unknown_document_is_told(retriever: Retriever) -> None:
    with pytest.raises(UnknownDocument, match="no document 'gpl' is on file"):
        retriever.search(QUERY, 5, ["gpl"])
    with pytest.raises(UnknownDocument, match="no document 'gpl' is on file"):
        retriever.passages("gpl")


def test_a_store_of_another_embedder_is_refused(home: Path) -> None:
    with pytest.raises(
        StoreError, match=r"embedder words \(64 .*has other \(64, .*\); bring it up to date with: clausewise"
    ):
        Retriever(Store.open(home), Words("other"))
    with pytest.raises(StoreError, match=r"embedder words \(64 dimensions, .*\), this program has words \(32,"):
        Retriever(Store.open(home), Words("words", 32))


def test_a_store_of_other_passages_is_refused(home: Path) -> None:
    store = Store.open(home)
    store.manifest = dataclasses.replace(store.manifest, passages="0")
    with pytest.raises(StoreError, match=r"passages are made differently now; bring it up to date with"):
        Retriever(store, Words())


@pytest.mark.parametrize("name", ["vectors.faiss", "bm25"])
def test_indexes_that_do_not_fit_are_told(home: Path, tmp_path: Path, name: str) -> None:
    shutil.copytree(home, tmp_path / "home")
    store = Store.open(tmp_path / "home")
    folder = manifest.current(tmp_path / "home")
    if name == "bm25":
        for file, content in lexical.build(["one"]).items():
            (folder / name / file).write_bytes(content)
    else:
        (folder / name).write_bytes(dense.build(np.ones((2, 64), dtype=np.float32)))
    with pytest.raises(StoreError, match=rf"{name} does not fit the passages; mend .*with: clausewise index build"):
        Retriever(store, Words()).warm()


def test_the_same_question_gives_the_same_bytes(home: Path) -> None:
    found = {repr(Retriever(Store.open(home), Words()).search(QUERY, 10)) for _ in range(3)}
    assert len(found) == 1


# Fusion

rankings = st.dictionaries(st.sampled_from(["dense", "lexical", "route"]), st.lists(st.integers(0, 30), unique=True))


@given(rankings, st.integers(0, 40))
def test_fused_scores_are_sums_of_reciprocal_ranks(given: dict[str, list[int]], k: int) -> None:
    found = fuse(given, k)
    everything = {row for rows in given.values() for row in rows}
    assert len(found) == min(k, len(everything))
    for row, score, ranks in found:
        assert ranks == {name: rows.index(row) + 1 for name, rows in given.items() if row in rows}
        assert score == pytest.approx(sum(1 / (RRF + rank) for rank in ranks.values()))
    assert [score for _, score, _ in found] == sorted((score for _, score, _ in found), reverse=True)


@given(rankings)
def test_fusing_fewer_is_a_prefix_of_fusing_more(given: dict[str, list[int]]) -> None:
    assert fuse(given, 3) == fuse(given, 30)[:3]


@given(st.lists(st.integers(0, 30), unique=True))
def test_one_ranking_stays_as_it_is(rows: list[int]) -> None:
    assert [row for row, _, _ in fuse({"dense": rows}, 99)] == rows


@given(st.lists(st.integers(0, 30), min_size=1, unique=True))
def test_what_two_rankings_have_first_is_first(rows: list[int]) -> None:
    assert fuse({"dense": rows, "lexical": [rows[0], 99]}, 1)[0][0] == rows[0]


def test_a_weight_counts_for_its_ranking_only() -> None:
    given = {"dense": [1, 2], "lexical": [2, 1]}
    assert [row for row, _, _ in fuse(given, 2, {"lexical": 0.5})] == [1, 2]
    assert [row for row, _, _ in fuse(given, 2, {"dense": 0.5})] == [2, 1]
    assert fuse({"lexical": [4]}, 1, {"lexical": 0.5})[0][1] == pytest.approx(0.5 / (RRF + 1))


def test_equal_scores_are_ordered_by_best_rank_then_row() -> None:
    assert [row for row, _, _ in fuse({"dense": [7, 3], "lexical": [3, 7]}, 2)] == [3, 7]
    assert [row for row, _, _ in fuse({"dense": [9], "lexical": [2]}, 2)] == [2, 9]
