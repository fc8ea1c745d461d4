"""A store of two licenses with an encoder of words, made in a second, and what runs the command line over it."""

import io
import json
import sys
from hashlib import sha256
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from corpus import catalog, registry
from corpus.catalog import Catalog
from corpus.manifest import Embedder
from corpus.store import Store
from rag import index
from rag.embed import Progress, Vectors
from rag.pipeline import Pipeline
from rag.retrieve import Retriever
from ui import cli

SMALL = Catalog({id: catalog.load().licenses[id] for id in ("mit", "bsd-new")}, {})
QUESTION = "Can I sell software under the MIT license?"
Lines = list[dict[str, Any]]


class Words:
    """An encoder that hashes words: near is what shares words."""

    identity = Embedder("words", 64, sha256(b"words").hexdigest())

    def prepare(self) -> None:
        """There is nothing to load."""

    def encode(self, text: str) -> Vectors:
        vector = np.full(64, 1e-3, dtype=np.float32)
        for word in text.lower().split():
            vector[sha256(word.encode()).digest()[0] % 64] += 1
        return vector / np.float32(np.linalg.norm(vector))

    def encode_many(self, texts: list[str], progress: Progress) -> Vectors:
        progress(len(texts), len(texts))
        return np.array([self.encode(text) for text in texts], dtype=np.float32).reshape(-1, 64)

    def count(self, texts: list[str]) -> list[int]:
        return [len(text.split()) for text in texts]


def build(home: Path) -> Path:
    """Build the store in `home`, and return that."""
    index.build(home, catalog=SMALL, encoder=Words())
    return home


def opener(home: Path) -> Pipeline:
    """Return the pipeline over a store that `build` has made."""
    store = Store.open(home)
    return Pipeline(store, catalog.load(), registry.load(), Retriever(store, Words()))


def fails(capsys: pytest.CaptureFixture[str], *arguments: str) -> tuple[int, str]:
    """Run a command that must fail; return its status and its one line on standard error."""
    status = cli.main(arguments, opener)
    out, err = capsys.readouterr()
    assert out == ""
    assert err.count("\n") == 1
    assert err.startswith("clausewise: ")
    return status, err.removeprefix("clausewise: ").strip()


def printed(capsys: pytest.CaptureFixture[str], *arguments: str) -> str:
    """Run a command that must succeed silently; return what it printed."""
    status = cli.main(arguments, opener)
    out, err = capsys.readouterr()
    assert (status, err) == (0, "")
    return out


def piped(
    capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch, data: bytes, *arguments: str
) -> tuple[Lines, str]:
    """Run a command with `data` on standard input; return the lines that it printed and its standard error."""
    monkeypatch.setattr(sys, "stdin", io.TextIOWrapper(io.BytesIO(data)))
    assert cli.main(arguments, opener) == 0
    out, err = capsys.readouterr()
    return [json.loads(line) for line in out.splitlines()], err
