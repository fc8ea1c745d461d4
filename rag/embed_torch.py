"""The same encoder by transformers on torch, for the thousands of passages of a build."""

from collections.abc import Callable, Sequence
from pathlib import Path

import numpy as np
import numpy.typing as npt

Vectors = npt.NDArray[np.float32]
Forward = Callable[[Sequence[Sequence[int]]], Vectors]


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


def forward_of(folder: Path) -> Forward:
    """Return the pass over rows of piece numbers that gives the mean token vectors, of length one."""
    import torch
    from transformers import AutoModel
    from transformers.utils import logging

    logging.disable_progress_bar()
    device = "cuda" if torch.cuda.is_available() else "cpu"
    # The GPU has time to spare: full precision there.
    dtype = torch.bfloat16 if device == "cpu" and multiplies_bfloat16() else torch.float32
    model = AutoModel.from_pretrained(str(folder), dtype=dtype, local_files_only=True)
    model = model.to(device).eval()

    def forward(pieces: Sequence[Sequence[int]]) -> Vectors:
        longest = max(map(len, pieces))
        ids = torch.tensor([[*row, *[0] * (longest - len(row))] for row in pieces], device=device)
        mask = torch.tensor([[1] * len(row) + [0] * (longest - len(row)) for row in pieces], device=device)
        with torch.inference_mode():
            hidden = model(input_ids=ids, attention_mask=mask).last_hidden_state.float()
            summed = (hidden * mask[:, :, None]).sum(dim=1)
            vectors = torch.nn.functional.normalize(summed, dim=1).cpu().numpy()
        result: Vectors = vectors
        return result

    return forward
