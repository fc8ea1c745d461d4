"""What `index status` and `index verify` find."""

import dataclasses
import json
import shutil
from pathlib import Path

import pytest
from store_fakes import Words, small

from corpus import manifest, scancode
from corpus.errors import StoreError
from rag import index


@pytest.fixture(scope="module")
def made(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Return a home with the small catalog and one policy."""
    home = tmp_path_factory.mktemp("home")
    policy = home / "Acme Policy.md"
    policy.write_text("# Acme model policy\n\n1. Ask the legal team before you ship a model.\n")
    index.build(home, encoder=Words(), catalog=small())
    index.add(home, [policy], encoder=Words(), catalog=small())
    policy.unlink()
    return home


@pytest.fixture
def home(made: Path, tmp_path: Path) -> Path:
    shutil.copytree(made, tmp_path / "home")
    return tmp_path / "home"


def test_status_tells_what_is_there(home: Path) -> None:
    found = index.status(home, Words())
    assert found.counts["documents"] == 4
    assert found.counts["user"] == 1
    assert [record.id for record in found.user] == ["acme-policy"]
    assert found.bytes == sum(found.sizes.values())
    assert set(found.sizes) >= {"texts", "bm25", "vectors.faiss", "clauses.jsonl"}
    assert (found.embedder.name, found.embedder.dimension, found.stale) == ("words", 64, "")
    assert found.scancode == scancode.version()
    assert "embedder" in index.status(home, Words("other")).stale


def test_a_whole_store_has_no_problems(home: Path) -> None:
    found = index.verify(home, Words(), small())
    assert found.problems == ()
    assert found.checked["documents"] == 4
    assert found.checked["catalog"] == 3


@pytest.mark.parametrize(
    ("name", "old", "new", "said"),
    [
        ("texts/mit.txt", b"without", b"with   ", "texts/mit.txt is damaged"),
        ("vectors.faiss", b"\x00\x00", b"\x01\x00", "vectors.faiss is not what was written"),
        ("clauses.jsonl", b'"span":[0,', b'"span":[1,', "starts at 1, the one before ends at 0"),
        ("terms.jsonl", b'"clause_id":"mit', b'"clause_id":"mix', "lies outside its clause mix"),
        ("passages.jsonl", b'"start":1,', b'"start":0,', "passages.jsonl is not what was written"),
        ("documents.jsonl", b'{"id"', b'{"ix"', "documents.jsonl, line 1 is damaged"),
    ],
)
def test_verify_names_what_is_wrong(home: Path, name: str, old: bytes, new: bytes, said: str) -> None:
    path = manifest.current(home) / name
    data = path.read_bytes()
    assert old in data
    path.write_bytes(data.replace(old, new, 1))
    if name == "documents.jsonl":
        with pytest.raises(StoreError, match=said):
            index.verify(home, Words(), small())
        return
    assert said in "\n".join(index.verify(home, Words(), small()).problems)


def test_verify_notices_files_texts_and_originals(home: Path) -> None:
    (manifest.current(home) / "texts" / "stray.txt").write_bytes(b"x")
    (manifest.current(home) / "texts" / "isc.txt").unlink()
    (home / "files" / "acme-policy" / "original.md").write_bytes(b"changed")
    said = "\n".join(index.verify(home, Words(), small("mit", "gpl-2.0")).problems)
    for part in ("stray.txt does not belong to the store", "isc.txt is missing", "original.md has been changed"):
        assert part in said
    assert json.loads((home / "files" / "acme-policy" / "metadata.json").read_bytes())["id"] == "acme-policy"


def test_verify_reports_a_text_that_is_not_the_catalogs(home: Path) -> None:
    given = small()
    changed = {**given.licenses, "mit": dataclasses.replace(given.licenses["mit"], sha256="0" * 64)}
    said = index.verify(home, Words(), dataclasses.replace(given, licenses=changed)).problems
    assert [line for line in said if line.startswith("mit: the text in ScanCode")]
