"""The same encoder by transformers on torch, for the thousands of passages of a build."""

from collections.abc import Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import numpy as np
import numpy.typing as npt

Vectors = npt.NDArray[np.float32]
Batch = Sequence[Sequence[int]]


def multiplies_bfloat16(flags: str | None = None) -> bool:
    """Return True if the processor has instructions for bfloat16; `flags` are those of `/proc/cpuinfo` unless given.

    Without them bfloat16 is emulated and slower than float32.
    """
    if flags is None:
        try:
            flags = Path("/proc/cpuinfo").read_text(encoding="utf-8", errors="replace")
        except OSError:
            return False
    return not {"amx_bf16", "avx512_bf16"}.isdisjoint(flags.split())


class Passes:
    """The encoder, loaded: what takes seconds, so that it may begin before there is anything to embed."""

    def __init__(self, folder: Path) -> None:
        import torch
        from transformers import AutoModel
        from transformers.utils import logging

        logging.disable_progress_bar()
        self._device = "cuda" if torch.cuda.is_available() else "cpu"
        # The GPU has time to spare: full precision there.
        dtype = torch.bfloat16 if self._device == "cpu" and multiplies_bfloat16() else torch.float32
        made = AutoModel.from_pretrained(str(folder), dtype=dtype, local_files_only=True)
        self._model = made.to(self._device).eval()

    def all(self, batches: Sequence[Batch]) -> Iterator[Vectors]:
        """Yield the mean token vectors, of length one, of each batch of rows of piece numbers, in order.

        On the processor each core works on a batch of its own: cores that share one batch wait for each other at every
        step, which on a busy machine takes several times as long.
        """
        import torch

        if self._device == "cuda":
            yield from map(self._one, batches)
            return
        cores = torch.get_num_threads()
        pool = ThreadPoolExecutor(cores)
        torch.set_num_threads(1)
        try:
            yield from pool.map(self._one, batches)
        finally:
            # After Ctrl-C what has not begun is dropped.
            pool.shutdown(cancel_futures=True)
            torch.set_num_threads(cores)

    def _one(self, pieces: Batch) -> Vectors:
        import torch

        longest = max(map(len, pieces))
        rows = [[*row, *[0] * (longest - len(row))] for row in pieces]
        ids = torch.tensor(rows, device=self._device)
        mask = torch.tensor([[1] * len(row) + [0] * (longest - len(row)) for row in pieces], device=self._device)
        with torch.inference_mode():
            hidden = self._model(input_ids=ids, attention_mask=mask).last_hidden_state.float()
            summed = (hidden * mask[:, :, None]).sum(dim=1)
            vectors: Vectors = torch.nn.functional.normalize(summed, dim=1).cpu().numpy()
        return vectors
