"""Shelves: whose documents are where, kept whole or not at all, gone when they are to go, and read beside the common texts."""

import json
from pathlib import Path

import pytest
import small_store
from small_store import Words

from corpus import apart, library
from corpus.errors import DataError, InputError, UnknownDocument
from corpus.extracted import Extracted
from corpus.files import extract
from corpus.store import Store
from rag import builder, shelf
from rag.layered import LayeredPipeline
from rag.pipeline import Pipeline
from rag.shelf import State, Upload
from rag.types import Request

THREAD, OTHER = "1f0e2d3c-aaaa-4bbb-8ccc-000000000001", "00000005-aaaa-4bbb-8ccc-000000000002"
POLICY = "# Tern Freight: AI policy\n\n1. Staff must not sell adapters.\n\n2. Every model is entered in the register.\n"


@pytest.fixture(scope="module")
def base(tmp_path_factory: pytest.TempPathFactory) -> Pipeline:
    return small_store.opener(small_store.build(tmp_path_factory.mktemp("home")))


def upload(name: str = "Tern policy.md", text: str = POLICY) -> Upload:
    data = text.encode()
    return Upload(name, data, extract(Path(name), data, name))


def put(at: shelf.Shelf, what: Upload | None = None) -> str:
    return shelf.put(at, what or upload(), Words(), lambda stage, done, total: None)


def on_file(at: shelf.Shelf) -> Store:
    found = shelf.store(at, Words)
    assert found is not None
    return found


def test_a_document_is_kept_below_its_conversation_and_found_by_its_id(tmp_path: Path) -> None:
    at = shelf.of_conversation(tmp_path, THREAD, "ann")
    id = put(at)
    assert id == f"tern-policy-{int(THREAD[:8], 16):010d}"
    assert put(at) == id  # the same bytes again
    store = on_file(at)
    assert store.text(id) == POLICY
    assert [clause.number for clause in store.clauses(id)] == ["", "1", "2"]
    assert shelf.holding(tmp_path, id, "ann") == at
    for other in ("bob", ""):
        assert shelf.holding(tmp_path, id, other) is None
        with pytest.raises(InputError, match="no such conversation"):
            shelf.of_conversation(tmp_path, THREAD, other)
    assert shelf.holding(tmp_path, "tern-policy", "ann") is None
    assert shelf.holding(tmp_path, "tern-policy-9999999999", "ann") is None
    shelf.forget(tmp_path, THREAD)
    assert list((tmp_path / shelf.CONVERSATIONS).iterdir()) == []
    assert shelf.store(at, Words) is None


def test_a_second_text_of_a_name_gets_a_number_and_a_library_is_its_owners(tmp_path: Path) -> None:
    at = shelf.of_conversation(tmp_path, OTHER, "")
    first, second = put(at), put(at, upload(text=POLICY + "\n3. More.\n"))
    assert (first, second) == ("tern-policy-0000000005", "tern-policy-0000000005-2")
    assert shelf.holding(tmp_path, second, "") == at
    own = shelf.of_user(tmp_path, "ann")
    id = put(own)
    assert shelf.holding(tmp_path, id, "ann") == own
    assert shelf.holding(tmp_path, id, "bob") is None
    shelf.forget_user(tmp_path, "ann")
    assert shelf.holding(tmp_path, id, "ann") is None
    assert list((tmp_path / shelf.LIBRARIES).iterdir()) == []


def test_what_is_taken_away_leaves_none_of_its_words(tmp_path: Path) -> None:
    at = shelf.of_conversation(tmp_path, THREAD, "")
    first, second = put(at), put(at, upload("b.md", "# Other\n\nNobody sells wombats.\n"))
    shelf.take(at, second, Words())
    assert list(on_file(at).records) == [first]
    left = b"".join(path.read_bytes() for path in at.folder.rglob("*") if path.is_file())
    assert b"wombat" not in left
    with pytest.raises(InputError, match="not in this conversation"):
        shelf.take(at, second, Words())
    shelf.take(at, first, Words())
    assert shelf.store(at, Words) is None
    assert not [path for path in at.folder.rglob("*") if path.is_file() and b"Tern" in path.read_bytes()]
    assert put(at) == first


def test_a_full_shelf_and_a_name_that_is_no_conversation_are_refused(tmp_path: Path) -> None:
    at = shelf.Shelf(shelf.of_conversation(tmp_path, THREAD, "").folder, "", "0000000001", most=1)
    put(at)
    with pytest.raises(InputError, match="there are 1 documents already"):
        put(at, upload("b.md", "# Other\n\nwords\n"))
    for name in ("..", "", "x/y", THREAD.upper()):
        with pytest.raises(InputError, match="no such conversation"):
            shelf.of_conversation(tmp_path, name, "")
        with pytest.raises(InputError, match="no such conversation"):
            shelf.forget(tmp_path, name)


def test_a_build_that_breaks_off_leaves_what_was_there(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    at = shelf.of_conversation(tmp_path, THREAD, "")
    first = put(at)

    def broken(*parts: object) -> None:
        raise KeyboardInterrupt

    with monkeypatch.context() as patch:
        patch.setattr(builder.ingest, "write", broken)
        with pytest.raises(KeyboardInterrupt):
            put(at, upload("b.md", "# Other\n\nwords\n"))
    assert [original.id for original in library.originals(at.folder)] == [first]
    assert list(on_file(at).records) == [first]


def test_documents_read_by_other_rules_are_read_again(tmp_path: Path) -> None:
    at = shelf.of_conversation(tmp_path, THREAD, "")
    id = put(at)
    path = on_file(at).path / "manifest.json"
    path.write_text(json.dumps(json.loads(path.read_bytes()) | {"rules": "other", "inputs": "other"}), encoding="utf-8")
    assert on_file(at).text(id) == POLICY
    assert on_file(at).path != path.parent


def test_the_state_of_a_shelf_is_kept_and_damage_told(tmp_path: Path) -> None:
    at = shelf.of_conversation(tmp_path, THREAD, "ann")
    shelf.keep_state(at, State(alone=True, same={"x": "mit"}))
    assert shelf.state(at) == State(alone=True, same={"x": "mit"})
    (at.folder / "shelf.json").write_text("{}", encoding="utf-8")
    with pytest.raises(DataError, match="damaged"):
        shelf.state(at)


# Questions over them


def layered(base: Pipeline, home: Path, alone: bool = False) -> tuple[LayeredPipeline, str]:
    at = shelf.of_conversation(home, THREAD, "")
    id = put(at)
    return LayeredPipeline(base, [on_file(at)], [id], alone), id


def test_a_document_answers_beside_the_licenses_that_a_question_names(base: Pipeline, tmp_path: Path) -> None:
    over, id = layered(base, tmp_path)
    assert over.ask(Request("May we sell adapters?")).documents == (id,)
    both = over.ask(Request("May we sell adapters of software under the MIT license?"))
    assert set(both.documents) == {"mit", id}
    assert both.verdict == "no"
    cited = [citation for citation in both.citations if citation.document == id]
    assert cited
    assert all(citation.quote == POLICY[citation.start : citation.end] for citation in cited)
    assert base.ask(Request("May we sell software under the MIT license?")).documents == ("mit",)
    assert id not in base.store.records


def test_alone_nothing_else_is_read(base: Pipeline, tmp_path: Path) -> None:
    over, id = layered(base, tmp_path, alone=True)
    assert over.ask(Request("May we sell adapters of software under the MIT license?")).documents == (id,)
    assert over.ask(Request("May we sell it?", documents=("mit",))).documents == ("mit",)


def test_all_stores_are_searched_as_one(base: Pipeline, tmp_path: Path) -> None:
    over, id = layered(base, tmp_path)
    hits = over.retriever.search("sell adapters", 50)
    found = {hit.passage.document_id for hit in hits}
    assert {id, "mit", "bsd-new"} <= found
    assert hits[0].passage.document_id == id
    rows = [over.retriever.passage(row) for row in range(len(over.retriever))]
    assert len({(row.clause_id, row.span) for row in rows}) == len(rows)
    scored = over.retriever.scores("sell adapters", ["mit", id])
    assert {one.passage.document_id for one in scored} == {"mit", id}
    assert max(scored, key=lambda one: one.dense).passage.document_id == id
    with pytest.raises(IndexError):
        over.retriever.passage(len(rows))
    assert over.retriever.passages(id)


def test_the_common_texts_are_as_they_were(base: Pipeline, tmp_path: Path) -> None:
    over, id = layered(base, tmp_path)
    store = over.store
    assert set(store.records) == {*base.store.records, id}
    assert len(store.documents) == len(base.store.documents) + 1
    assert store.documents["mit"] is base.store.documents["mit"]
    assert store.clauses("mit") == base.store.clauses("mit")
    assert store.terms("mit") == base.store.terms("mit")
    assert store.text(id) == store.documents[id].text == POLICY
    assert store.clause(f"{id}#1").number == "1"
    assert store.resolve(id) == id
    assert not store.outdated()
    for lost in (store.clauses, store.resolve, store.text):
        with pytest.raises(UnknownDocument):
            lost("nowhere")


# Reading apart


def test_a_file_is_read_in_a_process_of_its_own() -> None:
    found = apart.read("Tern policy.md", POLICY.encode(), "this file")
    assert found == Extracted(POLICY, "Tern Freight: AI policy", (), "text/markdown")
    with pytest.raises(InputError, match=r"^this file is a Windows program"):
        apart.read("x.pdf", b"MZ\x90\x00", "this file")


def test_a_reader_that_takes_too_long_or_dies_is_one_line(monkeypatch: pytest.MonkeyPatch) -> None:
    with pytest.raises(InputError, match=r"takes more than 0\.01 s to read"):
        apart.read("a.txt", b"words", "this file", timeout=0.01)
    monkeypatch.setattr(apart.sys, "executable", "/bin/false")
    with pytest.raises(InputError, match="this file needs more memory"):
        apart.read("a.txt", b"words", "this file")
    monkeypatch.setattr(apart.sys, "executable", "/nowhere/python")
    with pytest.raises(DataError, match="no process can be started"):
        apart.read("a.txt", b"words", "this file")
