"""Nearest vectors by inner product with FAISS. The CPU's form is saved; a GPU, where FAISS sees one, gets a copy."""

import math
import threading
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt

from corpus.errors import StoreError
from corpus.records import MEND

Vectors = npt.NDArray[np.float32]
Rows = npt.NDArray[np.int64]

# Up to here one exact pass over all vectors takes milliseconds; above, cells of like vectors are searched.
EXACT_UP_TO = 200_000


def factory(count: int) -> str:
    """Return the FAISS description of the index for so many vectors: exact, or cells of which some are searched."""
    if count <= EXACT_UP_TO:
        return "Flat"
    return f"IVF{4 * math.isqrt(count)},Flat"


def build(vectors: Vectors, description: str | None = None) -> bytes:
    """Return the index of the vectors in the form that is saved."""
    import faiss

    index: Any = faiss.index_factory(vectors.shape[1], description or factory(len(vectors)), faiss.METRIC_INNER_PRODUCT)
    if not index.is_trained:
        index.train(vectors)
    index.add(vectors)
    cells = getattr(index, "nlist", 0)
    if cells:
        index.nprobe = max(1, cells // 16)
        # Without it single rows cannot be read back, and a search within documents needs them.
        index.make_direct_map()
    return bytes(faiss.serialize_index(index).tobytes())


class DenseIndex:
    """A saved index, ready to search. Rows are numbered as the vectors were given."""

    def __init__(self, path: Path, gpu: bool = True) -> None:
        import faiss

        try:
            self._index: Any = faiss.deserialize_index(np.fromfile(path, dtype=np.uint8))
        except (OSError, RuntimeError, MemoryError) as error:
            raise StoreError(f"{path} is damaged; mend the store with: {MEND}") from error
        self._searched = self._index
        # What FAISS keeps of a GPU serves one search at a time.
        self._one = threading.Lock()
        self.on_gpu = gpu and faiss.get_num_gpus() > 0
        if self.on_gpu:
            self._resources = faiss.StandardGpuResources()
            self._searched = faiss.index_cpu_to_gpu(self._resources, 0, self._index)

    def __len__(self) -> int:
        return int(self._index.ntotal)

    @property
    def dimension(self) -> int:
        """Return the number of components of a vector."""
        return int(self._index.d)

    def search(self, vector: Vectors, count: int) -> tuple[Rows, Vectors]:
        """Return the rows of the nearest vectors, best first, and their inner products; equal ones in row order."""
        wanted = min(count, len(self))
        if wanted <= 0:
            return np.zeros(0, dtype=np.int64), np.zeros(0, dtype=np.float32)
        with self._one:
            scores, rows = self._searched.search(vector[None, :], wanted)
        kept = rows[0] >= 0
        found, products = rows[0][kept], scores[0][kept]
        order = np.lexsort((found, -products))
        return found[order], products[order]

    def vectors(self, rows: Rows) -> Vectors:
        """Return the vectors of the rows."""
        if not len(rows):
            return np.zeros((0, self.dimension), dtype=np.float32)
        result: Vectors = self._index.reconstruct_batch(rows)
        return result

    def scores(self, vector: Vectors, rows: Rows) -> Vectors:
        """Return the exact inner product of each of the rows with the vector."""
        result: Vectors = self.vectors(rows) @ vector
        return result
