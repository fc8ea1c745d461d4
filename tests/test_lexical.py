import math
from collections import Counter
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from corpus.errors import StoreError
from rag import lexical
from rag.lexical import LexicalIndex, tokens

TEXTS = (
    "You may sell copies of the model",
    "You may not sell or rent the model; the model is not for sale",
    "Notices must be kept in all copies",
    "",
    "the of and",
    "Version 3.1 of the license",
    "sell sell sell",
)


def saved(folder: Path, texts: tuple[str, ...] | list[str]) -> LexicalIndex:
    for name, content in lexical.build(texts).items():
        (folder / name).write_bytes(content)
    return LexicalIndex(folder)


def by_the_book(query: str, texts: tuple[str, ...] | list[str]) -> list[float]:
    """Return BM25 (Lucene's form) straight from its formula."""
    words = [tokens(text) for text in texts]
    mean = sum(map(len, words)) / len(words)
    scores = []
    for row in words:
        count = Counter(row)
        score = 0.0
        for word in tokens(query):
            holding = sum(word in other for other in words)
            if holding and count[word]:
                rarity = math.log(1 + (len(words) - holding + 0.5) / (holding + 0.5))
                length = 1 - lexical.B + lexical.B * len(row) / mean
                score += rarity * count[word] / (count[word] + lexical.K1 * length)
        scores.append(score)
    return scores


@pytest.mark.parametrize(
    "query", ["sell the model", "not for sale", "notices 3.1", "sell sell", "unknown", "", "the of"]
)
def test_scores_are_those_of_the_formula(tmp_path: Path, query: str) -> None:
    index = saved(tmp_path, TEXTS)
    assert len(index) == len(TEXTS)
    np.testing.assert_allclose(index.scores(query), by_the_book(query, TEXTS), rtol=1e-5, atol=1e-6)


sentences = st.lists(st.sampled_from("sell model rent may copy notice 3.1 keep".split()), max_size=8).map(" ".join)


@given(st.lists(sentences, min_size=1, max_size=6), sentences)
def test_any_texts_are_scored_by_the_formula(
    tmp_path_factory: pytest.TempPathFactory, texts: list[str], query: str
) -> None:
    index = saved(tmp_path_factory.mktemp("bm25"), texts)
    np.testing.assert_allclose(index.scores(query), by_the_book(query, texts), rtol=1e-5, atol=1e-6)


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("Llama 3.1", ["llama", "3.1"]),
        ("llama3.1 8B", ["llama", "3.1", "8", "b"]),
        ("700,000,000 monthly active users", ["700000000", "monthly", "active", "user"]),
        ("policies, notices and copies", ["policy", "notice", "copy"]),
        ("the licence's licensees; Licenses", ["license", "licensee", "license"]),
        ("status, process, basis", ["status", "process", "basis"]),
        ("You may NOT", ["may", "not"]),
        ("Große Straße", ["grosse", "strasse"]),
        ("the of and", []),
        ("", []),
    ],
)
def test_words_that_count(text: str, words: list[str]) -> None:
    assert tokens(text) == words


def test_an_index_of_nothing_finds_nothing(tmp_path: Path) -> None:
    assert saved(tmp_path, ["", "the"]).scores("sell").tolist() == [0.0, 0.0]


def test_no_file_is_a_pickle(tmp_path: Path) -> None:
    saved(tmp_path, TEXTS)
    assert sorted(path.name for path in tmp_path.iterdir()) == [
        "data.npy",
        "indices.npy",
        "indptr.npy",
        "vocabulary.json",
    ]
    for path in tmp_path.glob("*.npy"):
        assert np.load(path, allow_pickle=False).dtype != object


@pytest.mark.parametrize(
    ("name", "content"),
    [("data.npy", b""), ("indptr.npy", b"\x93NUMPY"), ("vocabulary.json", b"{"), ("vocabulary.json", b'[7,["one"]]')],
)
def test_a_damaged_index_is_told(tmp_path: Path, name: str, content: bytes) -> None:
    saved(tmp_path, TEXTS)
    (tmp_path / name).write_bytes(content)
    with pytest.raises(StoreError, match=r"is damaged.*; mend the store with: clausewise index build"):
        LexicalIndex(tmp_path)
    (tmp_path / name).unlink()
    with pytest.raises(StoreError, match=r"is damaged"):
        LexicalIndex(tmp_path)
