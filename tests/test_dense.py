from pathlib import Path

import numpy as np
import pytest

from corpus.errors import StoreError
from rag import dense
from rag.dense import DenseIndex, Vectors


def vectors(count: int, dimension: int = 32, seed: int = 7) -> Vectors:
    made = np.random.default_rng(seed).standard_normal((count, dimension)).astype(np.float32)
    return made / np.linalg.norm(made, axis=1, keepdims=True)


def saved(tmp_path: Path, given: Vectors, description: str | None = None, gpu: bool = False) -> DenseIndex:
    path = tmp_path / "vectors.faiss"
    path.write_bytes(dense.build(given, description))
    return DenseIndex(path, gpu)


def exact(given: Vectors, query: Vectors, count: int) -> list[int]:
    products = given @ query
    return np.lexsort((np.arange(len(given)), -products))[:count].tolist()


def test_a_search_is_the_exact_search(tmp_path: Path) -> None:
    given = vectors(1000)
    index = saved(tmp_path, given)
    assert (len(index), index.dimension) == (1000, 32)
    for query in vectors(20, seed=8):
        rows, products = index.search(query, 25)
        assert rows.tolist() == exact(given, query, 25)
        np.testing.assert_allclose(products, given[rows] @ query, atol=1e-6)


def test_equal_vectors_come_in_row_order(tmp_path: Path) -> None:
    one = vectors(1)
    rows, _ = saved(tmp_path, np.repeat(one, 6, axis=0)).search(one[0], 6)
    assert rows.tolist() == [0, 1, 2, 3, 4, 5]


def test_more_than_there_is_gives_all(tmp_path: Path) -> None:
    given = vectors(3)
    index = saved(tmp_path, given)
    assert len(index.search(given[0], 99)[0]) == 3
    assert len(index.search(given[0], 0)[0]) == 0


def test_rows_are_scored_exactly(tmp_path: Path) -> None:
    given = vectors(100)
    index = saved(tmp_path, given)
    rows = np.array([5, 99, 5, 0])
    np.testing.assert_array_equal(index.vectors(rows), given[rows])
    np.testing.assert_allclose(index.scores(given[5], rows), given[rows] @ given[5], atol=1e-6)
    assert index.scores(given[5], np.array([], dtype=np.int64)).shape == (0,)


@pytest.mark.parametrize(
    ("count", "description"),
    [(0, "Flat"), (5_000, "Flat"), (200_000, "Flat"), (200_001, "IVF1788,Flat"), (4_000_000, "IVF8000,Flat")],
)
def test_the_index_is_exact_up_to_two_hundred_thousand(count: int, description: str) -> None:
    assert dense.factory(count) == description


def test_cells_find_most_and_give_single_rows_back(tmp_path: Path) -> None:
    given = vectors(2000)
    index = saved(tmp_path, given, "IVF16,Flat")
    np.testing.assert_array_equal(index.vectors(np.array([0, 1999])), given[[0, 1999]])
    found = [index.search(query, 1)[0].tolist() == [row] for row, query in enumerate(given[:200])]
    assert np.mean(found) > 0.9


@pytest.mark.parametrize("content", [b"", b"IxFI", b"nonsense" * 20])
def test_a_damaged_index_is_told(tmp_path: Path, content: bytes) -> None:
    path = tmp_path / "vectors.faiss"
    path.write_bytes(content)
    with pytest.raises(StoreError, match=r"vectors.faiss is damaged; mend the store with: clausewise index build"):
        DenseIndex(path)
    with pytest.raises(StoreError, match=r"gone is damaged"):
        DenseIndex(tmp_path / "gone")


@pytest.mark.gpu
def test_the_gpu_finds_what_the_processor_finds(tmp_path: Path) -> None:
    given = vectors(20_000, 384)
    processor, gpu = saved(tmp_path, given), saved(tmp_path, given, gpu=True)
    assert gpu.on_gpu
    for query in vectors(50, 384, seed=9):
        here, there = processor.search(query, 20), gpu.search(query, 20)
        np.testing.assert_allclose(here[1], there[1], atol=1e-5)
        # Products that differ by less than a rounding may change places.
        assert len(set(here[0].tolist()) & set(there[0].tolist())) >= 19
