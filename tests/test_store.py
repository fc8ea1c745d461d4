import dataclasses
import json
import shutil
import tempfile
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st
from store_fakes import Words, small

from corpus import fingerprint, ingest, manifest, scancode
from corpus.cutting import all_terms
from corpus.errors import StoreError, UnknownDocument
from corpus.ingest import Collected
from corpus.manifest import Embedder, Manifest
from corpus.records import sha256
from corpus.segment import segment
from corpus.store import Store
from corpus.types import Document, Origin
from rag import index

LLAMA = "llama-3.1-license-2024"
Edit = Path


@pytest.fixture(scope="module")
def made(tmp_path_factory: pytest.TempPathFactory) -> Path:
    home = tmp_path_factory.mktemp("home")
    index.build(home, encoder=Words(), catalog=small())
    return home


@pytest.fixture
def home(made: Path, tmp_path: Path) -> Path:
    """Return a copy of the store that a test may damage."""
    shutil.copytree(made, tmp_path / "home")
    return tmp_path / "home"


def folder(home: Path) -> Path:
    return manifest.current(home)


def rewrite(home: Path, **changes: object) -> None:
    content = manifest.read(folder(home))
    (folder(home) / manifest.NAME).write_bytes(manifest.to_json(dataclasses.replace(content, **changes)))  # type: ignore[arg-type]


def test_texts_clauses_and_terms_are_those_of_the_source(made: Path) -> None:
    store = Store.open(made)
    catalog = small()
    assert list(store.documents) == sorted(catalog.licenses)
    assert LLAMA in store.documents
    assert "gpl-3.0" not in store.documents
    for id in catalog.licenses:
        item = catalog.describe(scancode.read(id))
        assert store.documents[id] == item
        assert store.clauses(id) == segment(item)
        assert store.terms(id) == all_terms(item, segment(item))
    assert store.clause(store.clauses("mit")[0].id) == store.clauses("mit")[0]


def test_titles_are_known_without_reading_a_text(home: Path) -> None:
    shutil.rmtree(folder(home) / "texts")
    record = Store.open(home).records[LLAMA]
    assert (record.title, record.kind, record.version) == (
        "Llama 3.1 Community License Agreement",
        "license",
        "2024-07-23",
    )


def test_what_is_not_on_file_is_said(made: Path) -> None:
    store = Store.open(made)
    for ask in (store.clauses, store.terms, store.text, store.resolve):
        with pytest.raises(UnknownDocument, match=r"no document 'gpl' is on file"):
            ask("gpl")
    with pytest.raises(UnknownDocument, match=r"no clause 'mit#999' is on file"):
        store.clause("mit#999")
    with pytest.raises(KeyError):
        store.documents["gpl"]


def test_no_store_is_said_with_the_command_that_makes_one(tmp_path: Path) -> None:
    with pytest.raises(StoreError, match=r"there is no store in .*; make one with: clausewise index build$"):
        Store.open(tmp_path)


@pytest.mark.parametrize("pointer", [b"", b"../elsewhere", b".tmp-x", b"\xff\xff", b"gone"])
def test_a_damaged_pointer_is_told(home: Path, pointer: bytes) -> None:
    (home / "store" / "current").write_bytes(pointer)
    with pytest.raises(StoreError, match=r"(is damaged|cannot be read).*clausewise index build$"):
        Store.open(home)


@pytest.mark.parametrize("content", [b"", b"[]", b"{}", b'{"schema":1}', b"\xff", b'{"schema":1,"tables":3}'])
def test_a_damaged_manifest_is_told(home: Path, content: bytes) -> None:
    (folder(home) / manifest.NAME).write_bytes(content)
    with pytest.raises(StoreError, match=r"manifest.json is damaged; mend it with: clausewise index build$"):
        Store.open(home)


def test_another_schema_is_refused(home: Path) -> None:
    rewrite(home, schema=99)
    with pytest.raises(
        StoreError, match=r"schema 99, this version reads schema 1; make it again with: clausewise index"
    ):
        Store.open(home)


@pytest.mark.parametrize(
    "name", ["clauses.jsonl", "documents.jsonl", "vectors.faiss", "bm25/data.npy", "passages.jsonl"]
)
def test_missing_and_cut_files_are_named(home: Path, name: str) -> None:
    path = folder(home) / name
    path.write_bytes(path.read_bytes()[:-10])
    with pytest.raises(StoreError, match=rf"{name} is damaged \(\d+ bytes, not \d+\)"):
        Store.open(home)
    path.unlink()
    with pytest.raises(StoreError, match=rf"{name} cannot be read"):
        Store.open(home)


def test_a_damaged_line_is_named(home: Path) -> None:
    path = folder(home) / "clauses.jsonl"
    lines = path.read_bytes().split(b"\n")
    where = next(number for number, line in enumerate(lines) if line.startswith(f'{{"id":"{LLAMA}#'.encode())) + 2
    lines[where] = b"x" * len(lines[where])
    path.write_bytes(b"\n".join(lines))
    store = Store.open(home)
    assert store.clauses("isc")
    with pytest.raises(StoreError, match=rf"clauses.jsonl, line {where + 1} is damaged"):
        store.clauses(LLAMA)


def test_a_changed_or_missing_text_is_told(home: Path) -> None:
    path = folder(home) / "texts" / "mit.txt"
    path.write_bytes(path.read_bytes().replace(b"without", b"with   "))
    with pytest.raises(StoreError, match=r"texts/mit.txt is damaged"):
        _ = Store.open(home).documents["mit"]
    path.unlink()
    with pytest.raises(StoreError, match=r"texts/mit.txt cannot be read"):
        _ = Store.open(home).documents["mit"]


@pytest.mark.parametrize(
    ("changes", "said"),
    [
        ({"rules": "0"}, "the rules that read the texts have changed"),
        ({"scancode": "1.0"}, "it was made from ScanCode 1.0, installed is"),
        ({"catalog": "0"}, "the catalog has changed"),
    ],
)
def test_a_store_of_other_rules_is_refused(home: Path, changes: dict[str, object], said: str) -> None:
    rewrite(home, **changes)
    with pytest.raises(StoreError, match=rf"out of date: {said}.*; bring it up to date with: clausewise index build$"):
        Store.open(home)
    assert Store.peek(home).text("mit")


def test_a_newer_build_is_noticed(home: Path) -> None:
    store = Store.open(home)
    assert not store.outdated()
    report = index.build(home, encoder=Words(), catalog=small("mit"))
    assert store.outdated()
    assert store.clauses(LLAMA), "the build before stays until the next one"
    assert not Store.open(home).outdated()
    assert report.documents == 1


def test_rules_do_not_depend_on_names_for_a_license() -> None:
    given = small("mit")
    again = dataclasses.replace(given.licenses["mit"], aliases=("the short one",))
    same = dataclasses.replace(given, licenses={"mit": again})
    other = dataclasses.replace(given, licenses={"mit": dataclasses.replace(again, title="The MIT")})
    assert fingerprint.of_catalog(given) == fingerprint.of_catalog(same)
    assert fingerprint.of_catalog(given) != fingerprint.of_catalog(other)


def test_the_hash_of_rules_is_of_names_and_content(tmp_path: Path) -> None:
    (tmp_path / "a.py").write_bytes(b"x = 1\r\n")
    (tmp_path / "b.py").write_bytes(b"x = 1\n")
    first = fingerprint.of_files([tmp_path / "a.py"])
    assert first != fingerprint.of_files([tmp_path / "b.py"])
    (tmp_path / "a.py").write_bytes(b"x = 1\n")
    assert fingerprint.of_files([tmp_path / "a.py"]) == first
    (tmp_path / "a.py").write_bytes(b"x = 2\n")
    assert fingerprint.of_files([tmp_path / "a.py"]) != first


# Astral characters, CRLF and stray marks of byte order are all characters to the store; lone surrogates are none.
texts = st.text(
    st.sampled_from("a(.1)\r\n\t \ufeff\u2028\x0b\x85\U0001f600é") | st.characters(exclude_categories=["Cs"])
)


@given(st.dictionaries(st.from_regex(r"[a-z][a-z0-9.-]{0,9}", fullmatch=True), texts, min_size=1, max_size=3))
def test_any_text_comes_back_to_the_letter(given: dict[str, str]) -> None:
    documents = tuple(
        Document(id, f"Title of {id}", "other", text, None, None, Origin("test", sha256(text.encode())), (0,))
        for id, text in sorted(given.items())
    )
    with tempfile.TemporaryDirectory() as name:
        path = Path(name)
        written = ingest.write(path, Collected(documents), None, lambda stage, done, total: None)
        store = Store(path, _manifest(path, written))
        assert tuple(store.documents.values()) == documents
        for item in documents:
            assert store.clauses(item.id) == segment(item)
            assert store.terms(item.id) == all_terms(item, segment(item))


def _manifest(path: Path, written: ingest.Written) -> Manifest:
    content = Manifest(
        *("b", "2026-01-01", "0", "0", False, "0", "0", None, "0", Embedder("e", 1, "0")),
        *({}, manifest.marks(path), written.tables),
    )
    again = manifest.from_json(manifest.to_json(content), path)
    assert again == content
    json.loads(manifest.to_json(content))
    return again
