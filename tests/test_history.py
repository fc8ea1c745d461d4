"""Conversations in the database: SQLite and PostgreSQL alike, for their owner alone, deleted to the last byte."""

import asyncio
import errno
import json
import shutil
import uuid
from collections.abc import Awaitable, Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import needs
import pytest
from test_memo import answer

from corpus.errors import InputError, StoreError
from rag import shelf
from rag.settings import Access, access
from ui import history_tables, kept, positions, profile, sharing
from ui.people import People
from ui.positions import Signature

# Chainlit's parts warn when they are imported.
pytestmark = [pytest.mark.slow, pytest.mark.filterwarnings("ignore::DeprecationWarning")]
Scenario = Callable[[Any], Awaitable[None]]
SECRET = "Can we resell the Zanzibar adapter?"


@pytest.fixture(params=["file", pytest.param("server", marks=needs.postgres)])
def people(request: pytest.FixtureRequest, tmp_path: Path) -> People:
    if request.param == "file":
        return People(tmp_path)
    address = request.getfixturevalue("postgres")
    return People(tmp_path, access({"CLAUSEWISE_DATABASE_URL": address}))


@contextmanager
def speaking(user: Any, thread: str, session: Any = None) -> Iterator[Any]:
    """Be in the session of a user in a conversation, as Chainlit's tasks are."""
    from chainlit.context import ChainlitContext, context_var
    from chainlit.session import HTTPSession

    session = session or HTTPSession(id=str(uuid.uuid4()), client_type="webapp", thread_id=thread, user=user)
    session.has_first_interaction = True
    token = context_var.set(ChainlitContext(session))
    try:
        yield session
    finally:
        context_var.reset(token)


def play(people: People, scenario: Scenario, told: list[str] | None = None) -> None:
    """Run a scenario over the conversations of a home folder."""
    from ui.chat import settle

    settle(people)
    from ui.history import History

    async def tell(line: str) -> None:
        assert told is not None, line
        told.append(line)

    async def run() -> None:
        history = History(people, tell)
        try:
            await history_tables.prepare(history.engine)
            await history_tables.prepare(history.engine)  # what is there is left alone
            await scenario(history)
        finally:
            await history.close()

    asyncio.run(run())


def step(thread: str, output: str, kind: str = "user_message", when: str = "2026-01-01T00:00:00Z") -> dict[str, Any]:
    return {
        "id": str(uuid.uuid4()),
        "threadId": thread,
        "parentId": None,
        "createdAt": when,
        "command": None,
        "modes": {"engine": "rules"},
        "start": when,
        "end": when,
        "output": output,
        "name": "Clausewise",
        "type": kind,
        "language": None,
        "streaming": False,
        "isError": kind != "user_message",
        "waitForAnswer": False,
        "metadata": {"shown": True},
        "tags": ["a"],
        "input": "",
        "defaultOpen": False,
        "autoCollapse": True,
        "showInput": "json",
        "generation": {"model": "none"},
        "icon": "x",
    }


async def talk(history: Any, name: str, *said: str, when: str = "2026-01-01T00:00:00Z") -> str:
    """Begin a conversation as Chainlit does and return its id."""
    from chainlit.element import CustomElement, Text
    from chainlit.user import User

    thread = str(uuid.uuid4())
    user = await history.create_user(User(identifier=name))
    with speaking(user, thread):
        for n, text in enumerate(said):
            message = step(thread, text, when=when.replace("Z", f".{n}Z"))
            await history.create_step(message)
        await history.update_thread(thread, name=said[0], user_id=user.id)
        side = Text(
            name="[1]", content=f"The clause: {said[0]}", display="side", for_id=message["id"], mime="text/plain"
        )
        view = CustomElement(name="Answer", props={"verdict": "no", "said": said[0]}, for_id=message["id"])
        for each in (side, view):
            await history.create_element(each)
    return thread


async def listed(history: Any, name: str, search: str | None = None, first: int = 20, cursor: str | None = None) -> Any:
    from chainlit.types import Pagination, ThreadFilter

    user = await history.get_user(name)
    return await history.list_threads(
        Pagination(first=first, cursor=cursor), ThreadFilter(userId=user.id, search=search)
    )


def names(page: Any) -> list[str]:
    return [thread["name"] for thread in page.data]


def test_a_conversation_comes_back_with_its_elements(people: People) -> None:
    async def scenario(history: Any) -> None:
        thread = await talk(history, "jo", SECRET, "And in the EU? \0 \ud800")
        back = await history.get_thread(thread)
        assert (back["userIdentifier"], back["name"], back["metadata"]) == ("jo", SECRET, {})
        assert [each["output"] for each in back["steps"]] == [SECRET, "And in the EU? \ufffd ?"]
        one = back["steps"][0]
        assert (one["streaming"], one["isError"], one["metadata"]) == (False, False, {"shown": True})
        side, view = sorted(back["elements"], key=lambda each: each["type"], reverse=True)
        assert (side["type"], side["name"], side["display"], side["forId"]) == (
            "text",
            "[1]",
            "side",
            back["steps"][1]["id"],
        )
        assert history.files.read(side["url"].removeprefix("/elements/")).decode() == f"The clause: {SECRET}"
        assert (view["type"], view["props"]) == ("custom", {"verdict": "no", "said": SECRET})
        assert (await history.get_element(thread, view["id"]))["props"]["verdict"] == "no"
        assert await history.get_element(thread, str(uuid.uuid4())) is None
        assert await history.mime_of("jo", side["id"]) == "text/plain"
        assert await history.mime_of("mo", side["id"]) is None
        assert await history.mime_of("", side["id"]) is None
        json.dumps(back)

    play(people, scenario)


def test_only_what_a_page_needs_again_is_kept_of_a_session(people: People) -> None:
    async def scenario(history: Any) -> None:
        thread = await talk(history, "jo", SECRET)
        user = await history.get_user("jo")
        with speaking(user, thread):
            await history.update_thread(thread, metadata={"turns": ["x"], "chat_profile": "rules", "env": {"key": "x"}})
        assert (await history.get_thread(thread))["metadata"] == {"chat_profile": "rules"}

    play(people, scenario)


def test_everybody_lists_and_searches_their_own(people: People) -> None:
    async def scenario(history: Any) -> None:
        jo, mo = f"jo-{uuid.uuid4().hex}", f"mo-{uuid.uuid4().hex}"
        for n, said in enumerate(("Old 100% question", "Änderung", "x_y")):
            await talk(history, jo, said, f"more of {n}", when=f"2026-01-0{n + 1}T00:00:00Z")
        await talk(history, mo, "Änderung of Timbuktu")
        assert names(await listed(history, jo)) == ["x_y", "Änderung", "Old 100% question"]
        assert names(await listed(history, mo)) == ["Änderung of Timbuktu"]
        assert names(await listed(history, jo, "ÄNDERUNG")) == ["Änderung"]
        assert names(await listed(history, jo, "MORE OF 0")) == ["Old 100% question"]
        assert names(await listed(history, jo, "0%")) == ["Old 100% question"]
        assert names(await listed(history, jo, "x_y")) == ["x_y"]
        assert names(await listed(history, jo, "x%y")) == []
        assert names(await listed(history, jo, "  question 100%  MORE ")) == ["Old 100% question"]
        assert names(await listed(history, jo, "question of 2")) == []
        assert names(await listed(history, jo, "timbuktu")) == []
        assert len(names(await listed(history, jo, " "))) == 3
        assert names(await listed(history, jo, "' OR 1=1; " + "x " * 5000)) == []
        first = await listed(history, jo, first=2)
        assert first.pageInfo.hasNextPage
        rest = await listed(history, jo, first=2, cursor=first.pageInfo.endCursor)
        assert (names(rest), rest.pageInfo.hasNextPage) == (["Old 100% question"], False)
        assert all(thread["steps"] == [] for thread in first.data)

    play(people, scenario)


def files_with(home: Path, words: bytes) -> list[str]:
    return [str(path) for path in home.rglob("*") if path.is_file() and words in path.read_bytes()]


def test_deleting_leaves_no_byte_behind(people: People) -> None:
    async def scenario(history: Any) -> None:
        thread, other = await talk(history, "jo", SECRET), await talk(history, "jo", "Another one")
        sharing.share(people.home, kept.keep(people.home, (thread, "jo"), {"question": SECRET, "text": "No."}))
        attached = people.home / shelf.CONVERSATIONS / thread
        attached.mkdir(parents=True)
        (attached / "policy.md").write_text(SECRET, encoding="utf-8")
        assert files_with(people.home, b"Zanzibar")
        await history.delete_thread(thread)
        assert await history.get_thread(thread) is None
        assert files_with(people.home, b"Zanzibar") == []
        assert sharing.of_owner(people.home, "jo") == []
        assert (await history.get_thread(other))["elements"]
        # A write that comes late brings nothing back.
        user = await history.get_user("jo")
        with speaking(user, thread):
            await history.create_step(step(thread, SECRET))
            await history.update_thread(thread, name=SECRET, user_id=user.id)
        assert await history.get_thread(thread) is None
        assert files_with(people.home, b"Zanzibar") == []

    play(people, scenario)


def test_a_deletion_that_fails_is_told_and_can_be_tried_again(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    remove = shutil.rmtree

    def refused(path: Path, ignore_errors: bool = False) -> None:
        if not ignore_errors:
            raise PermissionError(errno.EACCES, "Permission denied")

    async def scenario(history: Any) -> None:
        thread = await talk(history, "jo", SECRET)
        kept.keep(tmp_path, (thread, "jo"), {"question": SECRET, "text": "No."})
        monkeypatch.setattr(shutil, "rmtree", refused)
        with pytest.raises(StoreError, match="no permission"):
            await history.delete_thread(thread)
        assert names(await listed(history, "jo")) == [SECRET]
        user = await history.get_user("jo")
        with speaking(user, thread):  # it is as it was, and goes on
            await history.create_step(step(thread, "one more"))
        assert len((await history.get_thread(thread))["steps"]) == 2
        monkeypatch.setattr(shutil, "rmtree", remove)
        await history.delete_thread(thread)
        assert files_with(tmp_path, b"Zanzibar") == []

    play(People(tmp_path), scenario)


def test_a_user_is_forgotten_whole(people: People) -> None:
    async def scenario(history: Any) -> None:
        jo, mo = f"jo-{uuid.uuid4().hex}", f"mo-{uuid.uuid4().hex}"
        mine = [await talk(history, jo, SECRET), await talk(history, jo, SECRET)]
        theirs = await talk(history, mo, "Stays")
        profile.save(people.home, jo, {"users": 5})
        library = shelf.of_user(people.home, jo).folder
        library.mkdir(parents=True)
        (library / "policy.md").write_text(SECRET, encoding="utf-8")
        positions.sign(people.home, jo, ("id", answer(question=SECRET)), Signature("Jo", "2026-01-02"))
        # What stands beside a database that was moved away, and what is damaged and somebody else's.
        lost = kept.keep(people.home, (str(uuid.uuid4()), jo), {"question": SECRET, "text": "No."})
        attached = people.home / shelf.CONVERSATIONS / lost.thread
        attached.mkdir(parents=True)
        (attached / "shelf.json").write_text(json.dumps({"owner": jo, "said": SECRET}), encoding="utf-8")
        for folder in ("positions", "shared", f"{kept.FOLDER}/{uuid.uuid4()}", f"{shelf.CONVERSATIONS}/{uuid.uuid4()}"):
            (people.home / folder).mkdir(parents=True, exist_ok=True)
            (people.home / folder / f"{'0' * 32}.json").write_bytes(b"{")
            (people.home / folder / "shelf.json").write_bytes(b"{")
        assert await history.forget_user(jo) == 2
        assert (profile.load(people.home, jo), positions.of_owner(people.home, jo).positions) == ({}, ())
        assert await history.get_user(jo) is None
        assert [await history.get_thread(thread) for thread in mine] == [None, None]
        assert await history.get_thread(theirs)
        assert files_with(people.home, b"Zanzibar") == []

    play(people, scenario)


def test_a_conversation_stays_its_owners(people: People) -> None:
    told: list[str] = []

    async def scenario(history: Any) -> None:
        from chainlit.user import User

        thread = await talk(history, "jo", SECRET)
        mine = (await history.get_thread(thread))["steps"][0]
        mo = await history.create_user(User(identifier="mo"))
        other = str(uuid.uuid4())
        with speaking(mo, thread), pytest.raises(InputError, match="that conversation is not yours"):
            await history.update_thread(thread, name="taken", user_id=mo.id)
        with speaking(mo, other):
            for kind in ("user_message", "assistant_message"):
                await history.create_step({**step(other, "overwritten", kind), "id": mine["id"]})
            await history.delete_step(mine["id"])
        with speaking(mo, thread):  # a session that stands in somebody else's
            await history.create_step(step(thread, "between"))
        back = await history.get_thread(thread)
        assert (back["userIdentifier"], back["name"]) == ("jo", SECRET)
        assert [each["output"] for each in back["steps"]] == [SECRET]

    play(people, scenario, told)
    assert told == ["that conversation is not yours; start a new one"] * 4


def test_a_full_disk_is_told_in_one_line_and_writes_go_on_when_there_is_room(tmp_path: Path) -> None:
    told: list[str] = []

    async def scenario(history: Any) -> None:
        thread = await talk(history, "jo", SECRET)
        user = await history.get_user("jo")
        (pages,) = (await history.execute_sql("PRAGMA page_count", {}))[0].values()
        await history.execute_sql(f"PRAGMA max_page_count = {pages}", {})
        with speaking(user, thread):
            await history.create_step(step(thread, "x" * 100_000))
            assert told == ["the disk of the database is full; free some space and try again"]
            await history.execute_sql("PRAGMA max_page_count = 100000", {})
            await history.create_step(step(thread, "y"))
        assert [each["output"] for each in (await history.get_thread(thread))["steps"]] == [SECRET, "y"]

    play(People(tmp_path), scenario, told)


def test_a_database_that_cannot_be_used_is_one_line(tmp_path: Path) -> None:
    bad = tmp_path / "conversations.sqlite"
    bad.write_bytes(b"no database" * 1000)
    with pytest.raises(StoreError, match="the database of conversations is damaged"):
        play(People(tmp_path), lambda history: asyncio.sleep(0))
    address = "postgresql+asyncpg://jo:hidden@127.0.0.1:9/none"
    with pytest.raises(StoreError, match="cannot be used") as caught:
        play(People(tmp_path, Access(database=address)), lambda history: asyncio.sleep(0))
    assert "hidden" not in str(caught.value)


def test_no_one_else_on_the_machine_reads_along(tmp_path: Path) -> None:
    async def scenario(history: Any) -> None:
        await talk(history, "jo", SECRET)
        private = [tmp_path / "conversations.sqlite", *(tmp_path / "elements").iterdir()]
        assert len(private) == 3
        assert all(path.stat().st_mode & 0o077 == 0 for path in private)

    play(People(tmp_path), scenario)


def test_keys_of_files_are_no_paths(tmp_path: Path) -> None:
    from ui.history_files import Files

    files = Files(tmp_path)
    for key in ("", "x", "u/../../etc", "u/x/y", f"u/{uuid.uuid4()}x"):
        with pytest.raises(InputError):
            asyncio.run(files.upload_file(key, "x"))
    made = asyncio.run(files.upload_file(f"u/{uuid.uuid4()}/../../x", "é"))
    assert files.read(made["url"].removeprefix("/elements/")) == "é".encode()
    assert [path.parent.name for path in tmp_path.rglob("*") if path.is_file()] == ["elements"]
