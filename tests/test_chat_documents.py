"""Documents in a conversation: what its reader is told, what the buttons do, and what never reaches somebody else."""

import asyncio
import json
import shutil
from dataclasses import asdict
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest
import small_store
from chat_room import Room

from corpus import scancode
from corpus.errors import StoreError, UnknownDocument
from corpus.files import extract
from rag import index, known
from rag.types import Request
from ui import chat_documents
from ui.documents import Documents
from ui.opened import Opened

THREAD, OTHER = "1f0e2d3c-aaaa-4bbb-8ccc-000000000001", "00000005-aaaa-4bbb-8ccc-000000000002"
POLICY = (
    b"# Tern Freight: AI policy\n\n1. Staff must not sell adapters.\n\n2. Every model is entered in the register.\n"
)


class Talk:
    """A conversation of `owner`: messages with files, the buttons below them, and the questions that were let through."""

    def __init__(self, home: Path, folder: Path, owner: str = "", thread: str = THREAD) -> None:
        self.room, self.folder, self.asked = Room(), folder, []
        self.opened = Opened(home, small_store.opener)
        self.documents = Documents(self.opened)
        self.place = (thread, owner)
        self.desk = chat_documents.Desk(self.opened, self.documents, lambda: self.place)
        chat_documents.register(self.room, self.documents, lambda: self.place)

    def say(self, text: str, **files: bytes) -> None:
        async def reply(message: Any) -> None:
            self.asked.append(message.content)

        elements = [self.file(name, data) for name, data in files.items()]
        replied = chat_documents.within(self.room, self.documents, reply, lambda: self.place)
        asyncio.run(replied(SimpleNamespace(content=text, elements=elements)))

    def file(self, name: str, data: bytes) -> Any:
        path = self.folder / f"{name}.bin"
        path.write_bytes(data)
        name = f"{name}.md"
        read = json.dumps(asdict(extract(Path(name), data, name)))
        path.with_name(f"{path.name}.read.json").write_text(read, encoding="utf-8")
        return SimpleNamespace(path=str(path), name=name)

    @property
    def ids(self) -> list[str]:
        return [id for id in self.desk.pipeline().store.records if id not in ("mit", "bsd-new")]


@pytest.fixture(scope="module")
def made(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Return a home folder with a store and the fingerprints of all known texts, both made once."""
    home = small_store.build(tmp_path_factory.mktemp("made") / "home")
    known.load(home)
    return home


@pytest.fixture
def home(made: Path, tmp_path: Path) -> Path:
    return Path(shutil.copytree(made, tmp_path / "home"))


@pytest.fixture
def talk(home: Path, tmp_path: Path) -> Talk:
    return Talk(home, tmp_path)


def test_a_document_is_taken_in_and_then_the_question_is_asked(talk: Talk) -> None:
    talk.say("May we sell adapters?", policy=POLICY)
    assert talk.asked == ["May we sell adapters?"]
    assert talk.room.said[0][:2] == ("Message", "**policy.md** is read …")
    told = talk.room.last[1]
    assert told.startswith(
        "**policy.md** (“Tern Freight: AI policy”) is on file for this conversation alone: 3 clauses, "
    )
    (id,) = talk.ids
    assert f"(/source/{id})" in told
    assert [each.label for each in talk.room.buttons[-4:]] == [
        "Ask my documents alone",
        "Ask documents and licenses",
        "Add to my library",
        "Remove",
    ]
    assert talk.desk.pipeline().ask(Request("May we sell adapters?")).verdict == "no"
    assert talk.desk.pipeline() is talk.desk.pipeline()


def test_a_document_alone_asks_nothing_and_words_alone_are_asked(talk: Talk) -> None:
    talk.say("", policy=POLICY)
    assert talk.asked == []
    talk.say("What now?")
    assert talk.asked == ["What now?"]


def test_a_file_that_has_gone_is_one_line_and_the_question_waits(talk: Talk) -> None:
    async def never(message: Any) -> None:
        raise AssertionError("asked without its document")

    gone = SimpleNamespace(path=str(talk.folder / "gone"), name="gone.md")
    replied = chat_documents.within(talk.room, talk.documents, never, lambda: talk.place)
    asyncio.run(replied(SimpleNamespace(content="May we?", elements=[gone])))
    kinds = [kind for kind, _, _ in talk.room.said]
    assert kinds[-2:] == ["ErrorMessage", "Message"]
    assert "gone.md is no longer at hand" in talk.room.said[-2][1]
    assert "Your question was not asked" in talk.room.last[1]


def test_the_buttons_choose_what_is_read(talk: Talk) -> None:
    talk.say("", policy=POLICY)
    (id,) = talk.ids
    question = Request("May we sell software under the MIT license?")
    talk.room.press("Ask my documents alone")
    assert "only the documents" in talk.room.last[1]
    assert talk.desk.pipeline().ask(question).documents == (id,)
    talk.room.press("Ask documents and licenses")
    assert set(talk.desk.pipeline().ask(question).documents) == {"mit", id}


def test_remove_removes(talk: Talk) -> None:
    talk.say("", policy=POLICY)
    (id,) = talk.ids
    talk.room.press("Remove")
    assert talk.ids == []
    assert talk.room.buttons == []
    talk.room.act(chat_documents.REMOVE, {"id": id})
    assert talk.room.last == ("ErrorMessage", "That document is not in this conversation any more.")


def test_a_conversation_that_is_picked_up_again_has_its_buttons(talk: Talk) -> None:
    talk.say("", policy=POLICY, other=b"# Other rules\n\n1. Staff may sell posters.\n")
    talk.say("", policy=POLICY)  # once more: the newest message has the buttons
    gone = next(id for id in talk.ids if id.startswith("other"))
    talk.room.act(chat_documents.REMOVE, {"id": gone})
    assert len(talk.room.buttons) == 4
    steps = [{"id": each.id, "metadata": each.metadata} for each in talk.room.messages]
    before, talk.room.buttons = talk.room.buttons, []
    for _ in range(2):  # a page that lost its connection has them already
        asyncio.run(chat_documents.resumed(talk.room, talk.documents, {"steps": steps}, lambda: talk.place))
        assert [vars(each) for each in talk.room.buttons] == [vars(each) for each in before]
    talk.room.press("Remove")
    assert talk.ids == []


def test_somebody_elses_documents_have_no_buttons(talk: Talk) -> None:
    talk.say("", policy=POLICY)
    steps = [{"id": each.id, "metadata": each.metadata} for each in talk.room.messages]
    talk.room.buttons, talk.place = [], (THREAD, "eve")
    asyncio.run(chat_documents.resumed(talk.room, talk.documents, {"steps": steps}, lambda: talk.place))
    assert talk.room.buttons == []


def test_the_library_of_who_sits_at_the_machine_is_the_common_store(
    talk: Talk, monkeypatch: pytest.MonkeyPatch
) -> None:
    add = index.add
    monkeypatch.setattr(index, "add", lambda *args, **more: add(*args, **more, catalog=small_store.SMALL))
    talk.say("", policy=POLICY)
    talk.room.press("Add to my library")
    assert "in your library now" in talk.room.last[1]
    assert "policy" in talk.opened.pipeline().store.records
    # The same text is read once.
    assert talk.desk.pipeline().ask(Request("May we sell adapters?")).documents == ("policy",)


def test_owners_see_their_own_documents_alone(home: Path, tmp_path: Path) -> None:
    ann, bob = Talk(home, tmp_path, "ann"), Talk(home, tmp_path, "bob", OTHER)
    ann.say("", policy=POLICY)
    (id,) = ann.ids
    ann.room.press("Add to my library")
    assert bob.ids == []
    assert ann.documents.reading(id, "ann").store.text(id) == POLICY.decode()
    for name in ("bob", ""):
        with pytest.raises(UnknownDocument):
            ann.documents.reading(id, name).store.resolve(id)
    # In another conversation her library is at hand, the conversation's own documents are not.
    later = Talk(home, tmp_path, "ann", OTHER)
    (kept,) = later.ids
    assert kept != id
    assert later.desk.pipeline().ask(Request("What does the Tern policy say about adapters?")).documents == (kept,)
    # A button of another's conversation does nothing here.
    bob.room.act(chat_documents.REMOVE, {"id": id})
    assert bob.room.last[0] == "ErrorMessage"
    bob.room.act(chat_documents.REMOVE, {"id": ["x"]})
    assert ann.ids


def test_a_license_is_identified_and_its_differences_told(talk: Talk) -> None:
    known = scancode.read("mit").text
    talk.say("", copy=known.encode())
    assert "MIT License" in talk.room.last[1]
    assert "is this text, word for word" in talk.room.last[1]
    # Word for word the known text: that is what answers cite.
    assert talk.desk.pipeline().ask(Request("May we sell it?")).documents == ("mit",)
    talk.say("", changed=known.replace("free of charge", "against a fee").encode())
    assert "changed" in talk.room.last[1]
    assert "~~free~~" in talk.room.last[1] or "~~free of charge~~" in talk.room.last[1]


def test_without_a_store_the_reader_is_told(tmp_path: Path) -> None:
    def missing(home: Path) -> Any:
        raise StoreError("there is no store; make one with: clausewise index build")

    talk = Talk(tmp_path, tmp_path)
    talk.documents = Documents(Opened(tmp_path, missing))
    talk.say("May we?", policy=POLICY)
    assert talk.asked == []
    assert "there is no store" in talk.room.said[-2][1]
