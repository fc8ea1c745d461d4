import shutil
import signal
import subprocess
import sys
from collections.abc import Sequence
from pathlib import Path

import pytest
from store_fakes import Words, small

from corpus import atomic, fingerprint, ingest, library, manifest, scancode
from corpus.errors import InputError, StoreBusy, StoreError, UnknownDocument
from corpus.store import Store
from rag import index, retrieve
from rag.embed import Progress, Vectors
from rag.index import Report

LLAMA = "llama-3.1-license-2024"
POLICY = "# Acme model policy\r\n\r\n1. Ask the legal team before you ship.\r\n\r\n2. Keep a list of models.\r\n"


class Interrupted(Words):
    """An encoder in whose work the user presses Ctrl-C."""

    def encode_many(self, texts: Sequence[str], progress: Progress) -> Vectors:
        raise KeyboardInterrupt


def build(home: Path, encoder: Words | None = None, ids: Sequence[str] = (), only: bool = False) -> Report:
    return index.build(home, only, encoder=encoder or Words(), catalog=small(*ids))


def add(home: Path, *paths: Path, recursive: bool = False, encoder: Words | None = None) -> index.AddReport:
    return index.add(home, paths, recursive, encoder=encoder or Words(), catalog=small())


def remove(home: Path, *ids: str) -> Report:
    return index.remove(home, ids, encoder=Words(), catalog=small())


def builds(home: Path) -> list[str]:
    return sorted(path.name for path in (home / "store").iterdir() if path.is_dir())


def state(home: Path) -> dict[str, bytes]:
    """Return what stands in the store and among the originals, locks aside."""
    found = {path.relative_to(home).as_posix(): path for path in home.rglob("*") if path.is_file()}
    return {name: path.read_bytes() for name, path in found.items() if "/lock" not in name}


@pytest.fixture(scope="module")
def made(tmp_path_factory: pytest.TempPathFactory) -> Path:
    home = tmp_path_factory.mktemp("home")
    build(home)
    return home


@pytest.fixture
def home(made: Path, tmp_path: Path) -> Path:
    shutil.copytree(made, tmp_path / "home")
    return tmp_path / "home"


@pytest.fixture
def policy(tmp_path: Path) -> Path:
    path = tmp_path / "Acme Policy.md"
    path.write_bytes(POLICY.encode())
    return path


# Build


def test_a_build_tells_its_stages_and_counts(tmp_path: Path) -> None:
    told: list[tuple[str, int, int]] = []
    encoder = Words()
    report = index.build(tmp_path, False, lambda *stage: told.append(stage), encoder, small())
    assert list(dict.fromkeys(stage for stage, _, _ in told)) == ["reading", "embedding", "indexing"]
    assert all(0 <= done <= total for _, done, total in told)
    assert (report.documents, report.unchanged, report.reused, report.problems) == (3, False, 0, ())
    assert report.passages > 20
    assert (
        report.bytes
        == sum(path.stat().st_size for path in manifest.current(tmp_path).rglob("*") if path.is_file())
        - (manifest.current(tmp_path) / manifest.NAME).stat().st_size
    )
    assert len(encoder.embedded) == len(set(encoder.embedded)), "the same words are embedded once"


def test_an_unchanged_rebuild_does_nothing(home: Path) -> None:
    before = state(home)
    encoder = Words()
    report = build(home, encoder)
    assert report.unchanged
    assert report.seconds < 2
    assert encoder.embedded == []
    assert state(home) == before


def test_unchanged_vectors_are_reused(home: Path) -> None:
    encoder = Words()
    report = build(home, encoder, ids=("mit", "isc", LLAMA, "bsd-new"))
    assert report.reused == report.passages - len(Store.peek(home).lines(retrieve.PASSAGES, "bsd-new", dict))
    assert encoder.embedded
    fresh = home.parent / "fresh"
    build(fresh, ids=("mit", "isc", LLAMA, "bsd-new"))
    for name in ("vectors.faiss", "passages.jsonl", "clauses.jsonl", "terms.jsonl", "bm25/data.npy"):
        assert (manifest.current(home) / name).read_bytes() == (manifest.current(fresh) / name).read_bytes()


def test_vectors_outlive_new_rules(home: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(fingerprint, "rules", lambda: "1" * 64)
    monkeypatch.setattr(retrieve, "rules", lambda: "2" * 64)
    encoder = Words()
    report = build(home, encoder)
    assert (report.unchanged, report.reused, encoder.embedded) == (False, report.passages, [])


def test_another_embedder_makes_all_vectors_again(home: Path) -> None:
    encoder = Words("other", 32)
    report = build(home, encoder)
    assert (report.unchanged, report.reused) == (False, 0)
    assert Store.open(home).manifest.embedder == encoder.identity


def test_only_this_build_and_the_one_before_stay(home: Path) -> None:
    first = builds(home)
    build(home, ids=("mit",))
    second = builds(home)
    build(home, ids=("isc",))
    third = builds(home)
    assert (len(first), len(second), len(third)) == (1, 2, 2)
    assert first[0] in second
    assert first[0] not in third


@pytest.mark.parametrize(
    "name", ["vectors.faiss", "clauses.jsonl", "manifest.json", "bm25/indices.npy", "texts/mit.txt"]
)
def test_a_build_mends_a_damaged_store(home: Path, name: str) -> None:
    path = manifest.current(home) / name
    data = bytearray(path.read_bytes())
    data[len(data) // 2] ^= 0xFF
    path.write_bytes(bytes(data))
    report = build(home)
    assert (report.unchanged, report.reused) == (False, 0)
    assert index.verify(home, Words(), small()).problems == ()


def test_ctrl_c_leaves_the_old_store(home: Path) -> None:
    before = state(home)
    with pytest.raises(KeyboardInterrupt):
        build(home, Interrupted(), ids=("bsd-new",))
    assert state(home) == before
    assert Store.open(home).documents["mit"]


def test_a_full_disk_leaves_the_old_store(home: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    before = state(home)
    write = atomic.write

    def full(path: Path, data: bytes) -> None:
        if path.name == "vectors.faiss":
            raise atomic.explain(OSError(28, "No space left on device"), path)
        write(path, data)

    monkeypatch.setattr(atomic, "write", full)
    with pytest.raises(
        StoreError, match=r"vectors.faiss: the disk is full; free some space and try again, nothing was lost"
    ):
        build(home, ids=("bsd-new",))
    assert state(home) == before


def test_texts_are_written_where_they_cannot_be_linked(home: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(atomic, "link", lambda source, target: False)
    assert not build(home, ids=("mit",)).unchanged
    assert index.verify(home, Words(), small("mit")).problems == ()


def test_two_builds_at_once_are_refused(home: Path) -> None:
    with (
        atomic.lock(home / "store"),
        pytest.raises(StoreBusy, match=r"process \d+ has been changing the store for \d+ s"),
    ):
        build(home)


def test_a_killed_build_leaves_the_old_store(home: Path) -> None:
    before = Store.open(home).manifest
    code = (
        "import sys, time; from pathlib import Path; from store_fakes import Words, small; from rag import index\n"
        "class Stuck(Words):\n"
        "    def encode_many(self, texts, progress):\n"
        "        print('embedding', flush=True); time.sleep(60)\n"
        "index.build(Path(sys.argv[1]), encoder=Stuck(), catalog=small('mit', 'bsd-new'))"
    )
    tests = Path(__file__).parent
    paths = f"import sys; sys.path[:0] = {[str(tests), str(tests.parent)]!r}\n"
    with subprocess.Popen([sys.executable, "-c", paths + code, str(home)], stdout=subprocess.PIPE) as process:
        assert process.stdout is not None
        assert process.stdout.readline() == b"embedding\n"
        with pytest.raises(StoreBusy, match=f"process {process.pid} "):
            build(home)
        process.send_signal(signal.SIGKILL)
        process.wait()
    assert len([name for name in builds(home) if name.startswith(".tmp-")]) == 1
    assert Store.open(home).manifest == before
    assert build(home).unchanged
    assert not [name for name in builds(home) if name.startswith(".tmp-")]


def test_a_folder_that_cannot_be_written_is_told(tmp_path: Path) -> None:
    (tmp_path / "home").write_bytes(b"")
    with pytest.raises(StoreError, match=r"cannot write .*; name another folder with --home"):
        build(tmp_path / "home")


def test_an_empty_catalog_is_told(tmp_path: Path) -> None:
    with pytest.raises(StoreError, match="there is no text to make a store of"):
        index.build(tmp_path, encoder=Words(), catalog=small("mit").__class__({}, {}))


# The user's files


def test_a_file_is_added_asked_for_and_removed(home: Path, policy: Path) -> None:
    before = Store.open(home).manifest
    encoder = Words()
    found = add(home, policy, encoder=encoder)
    assert [(item.id, item.state, item.note) for item in found.added] == [("acme-policy", "added", "")]
    assert found.report.reused == before.counts["passages"]
    assert not [text for text in encoder.embedded if "Llama" in text]
    store = Store.open(home)
    assert store.documents["acme-policy"].text == POLICY == index.text(home, "acme-policy")
    assert any("Ask the legal team" in store.documents["acme-policy"].text for _ in store.clauses("acme-policy"))
    policy.unlink()
    assert build(home, Words("other")).documents == 4, "a new embedder reads the kept original again"
    assert build(home, only=True).documents == 3
    assert build(home).documents == 4
    assert remove(home, "acme-policy").documents == 3
    assert not (home / "files" / "acme-policy").exists()
    with pytest.raises(UnknownDocument):
        index.text(home, "acme-policy")


def test_the_same_bytes_change_nothing(home: Path, policy: Path) -> None:
    add(home, policy)
    before = state(home)
    copy = policy.with_name("other name.md")
    shutil.copy(policy, copy)
    for path in (policy, copy):
        found = add(home, path)
        assert [(item.id, item.state) for item in found.added] == [("acme-policy", "same")]
        assert found.report.unchanged
    assert state(home) == before


def test_a_taken_id_gets_a_number_and_a_note(home: Path, policy: Path, tmp_path: Path) -> None:
    add(home, policy)
    folder = tmp_path / "more"
    folder.mkdir()
    (folder / "acme policy.md").write_text("Another policy.")
    (folder / "MIT.txt").write_text("Not what you think.")
    found = add(home, folder, recursive=True)
    assert [(item.id, item.state, item.note) for item in found.added] == [
        ("mit-2", "renamed", "MIT.txt became mit-2: mit is another text"),
        ("acme-policy-2", "renamed", "acme policy.md became acme-policy-2: acme-policy is another text"),
    ]
    assert index.text(home, "mit") == scancode.read("mit").text


def test_the_same_text_is_an_alias_until_its_file_is_removed(home: Path, tmp_path: Path) -> None:
    path = tmp_path / "our license.txt"
    path.write_bytes(scancode.read("mit").text.encode())
    found = add(home, path)
    assert [(item.id, item.state) for item in found.added] == [("our-license", "alias")]
    assert found.added[0].note == "our license.txt has the same text as mit; our-license is its alias"
    assert found.report.documents == 3
    assert Store.open(home).resolve("our-license") == "mit"
    assert index.text(home, "our-license") == scancode.read("mit").text
    assert index.status(home, Words()).pending == ()
    assert remove(home, "our-license").aliases == {}
    assert index.text(home, "mit")


def test_nothing_is_added_if_one_named_file_cannot_be_read(home: Path, policy: Path, tmp_path: Path) -> None:
    before = state(home)
    empty = tmp_path / "empty.md"
    empty.write_bytes(b"")
    with pytest.raises(InputError, match=r"empty.md is empty"):
        add(home, policy, empty)
    assert state(home) == before


def test_files_of_a_folder_that_cannot_be_read_are_reported(home: Path, tmp_path: Path) -> None:
    folder = tmp_path / "policies"
    folder.mkdir()
    (folder / "a.md").write_text("# A\n\nAsk first.")
    (folder / "b.md").write_bytes(b"")
    found = add(home, folder, recursive=True)
    assert [item.id for item in found.added] == ["a"]
    assert len(found.problems) == 1
    assert "b.md is empty" in found.problems[0]
    with pytest.raises(InputError, match="is a folder; add --recursive"):
        add(home, folder)


def test_ctrl_c_while_adding_takes_the_file_back(home: Path, policy: Path) -> None:
    before = state(home)
    with pytest.raises(KeyboardInterrupt):
        add(home, policy, encoder=Interrupted())
    assert state(home) == before


def test_only_documents_of_the_user_are_removed(home: Path, policy: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    add(home, policy)
    before = state(home)
    with pytest.raises(InputError, match="mit comes with the product and cannot be removed"):
        remove(home, "acme-policy", "mit")
    with pytest.raises(UnknownDocument, match="no document 'nothing' was added"):
        remove(home, "nothing")
    assert state(home) == before

    def interrupted(*_: object) -> None:
        raise KeyboardInterrupt

    monkeypatch.setattr(ingest, "write", interrupted)
    with pytest.raises(KeyboardInterrupt):
        remove(home, "acme-policy")
    assert state(home) == before


def test_a_killed_addition_is_taken_up_by_the_next_build(home: Path, policy: Path) -> None:
    # As if the process had died between the copy and the build.
    library.keep(home, "acme-policy", policy, policy.read_bytes())
    assert index.status(home, Words()).pending == ("Acme Policy.md",)
    assert build(home).documents == 4
    assert index.status(home, Words()).pending == ()
