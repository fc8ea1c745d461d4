"""What the chat says and keeps: answers as views, errors in one line, and shut doors."""

import asyncio
import json
import re
import subprocess
import sys
import tomllib
import uuid
from dataclasses import replace
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest
from chat_room import Room
from web_fakes import Replies, opener

from corpus.errors import Cancelled, DataError, InputError, StoreError
from rag.types import Finding, Request, Turn
from ui import chat, chat_answer, chat_files, kept
from ui.chat_commands import COMMANDS
from ui.opened import Opened

ROOT = Path(__file__).parent.parent


@pytest.mark.parametrize(("text", "tables"), [("One [1].", 1), ("| a |\n|---|\n| b |", 1)])
def test_findings_are_told_once(text: str, tables: int) -> None:
    finding = Finding("sell", "weights", "acme-open-2", "yes", "express-grant", (1,))
    answer = replace(Replies().answer(Request("q")), text=text, findings=(finding, finding))
    assert len(re.findall(r"^\| ?---", chat_answer.final(answer), re.M)) == tables


def test_a_message_holds_no_directives() -> None:
    assert chat_answer.message_text("a:b see http://x.example and 10:30; note: c\u200b") == (
        "a\\:b see http\\://x.example and 10:30; note: c"
    )


# The conversation, with a stand-in for Chainlit's side of it


def talk(
    pipeline: Replies, home: Path, *questions: str, room: Room | None = None, opened: Opened | None = None
) -> Room:
    """Put questions in a conversation and return it."""
    room = room or Room()
    reply = chat._reply(room, opened or Opened(home, opener(pipeline)))

    async def conversation() -> None:
        for question in questions:
            await reply(SimpleNamespace(content=question, command=None))

    asyncio.run(conversation())
    return room


def test_an_answer_ends_as_a_view_and_as_text_that_can_be_copied(tmp_path: Path) -> None:
    room = talk(Replies(), tmp_path, "May I sell it?")
    ((kind, text, views),) = room.said
    assert (kind, len(views)) == ("Message", 1)
    assert text.startswith("**Verdict: conditional**")
    assert "You may sell it [1]." in text
    assert "Sources" in text
    assert text.rstrip().endswith("*Information, not legal advice.*")
    assert room.view["verdict"] == {"name": "conditional", "word": "On conditions"}
    assert room.view["question"] == "May I sell it?"


def test_an_answer_is_kept_with_its_conversation_and_owner(tmp_path: Path) -> None:
    room = talk(Replies(), tmp_path, "First?", "May I sell it?", room=Room("anna"))
    of = kept.load(tmp_path, room.view["id"], "anna")
    assert of.thread == room.context.session.thread_id
    assert of.answer["question"] == "May I sell it?"
    assert [line.partition(":")[0] for line in of.origin] == ["Corpus", "Engine"]
    assert [turn.content for turn in of.history] == ["First?", Replies().answer(Request("q")).text]
    with pytest.raises(InputError, match="no such answer"):
        kept.load(tmp_path, room.view["id"], "")


def test_an_answer_that_cannot_be_kept_is_shown_all_the_same(tmp_path: Path) -> None:
    (tmp_path / "answers").write_text("a file")
    room = talk(Replies(), tmp_path, "May I sell it?")
    assert room.view["id"] == ""
    assert room.view["notes"][-1].startswith("This answer is not kept: cannot write ")


def test_what_a_reader_stops_is_withdrawn_and_what_was_shown_stays(tmp_path: Path) -> None:
    room = Room()

    class Slow(Replies):
        def stream(self, request: Request, stopped=None):
            yield from list(super().stream(request))[:2]
            assert not stopped()
            asyncio.run(chat._withdraw(room)())  # the reader presses the button
            assert stopped()
            raise Cancelled("withdrawn")

    talk(Slow(), tmp_path, "May I sell it?", room=room)
    ((kind, text, views),) = room.said
    assert (kind, text.strip(), views) == ("Message", f"You may sell it [1].\n\n{chat_answer._BROKEN_OFF}", [])
    assert "turns" not in room.user_session


def test_what_was_shown_of_an_answer_that_is_stopped_stays() -> None:
    room = Room()

    async def work(said: Any) -> None:
        said.content = "You may"
        raise asyncio.CancelledError

    with pytest.raises(asyncio.CancelledError):
        asyncio.run(chat_answer.guarded(room, work))
    assert room.last == ("Message", "You may")


def test_stopping_when_nothing_runs_does_nothing() -> None:
    room = Room()
    asyncio.run(chat._withdraw(room)())
    assert "gone" not in room.user_session


def test_a_follow_up_is_read_with_what_was_said(tmp_path: Path) -> None:
    pipeline = Replies()
    talk(pipeline, tmp_path, "first", "boom", "second", *(["more"] * 7))
    assert pipeline.asked[0].history == ()
    # A question that could not be answered is no part of the conversation.
    assert pipeline.asked[2].history == (
        Turn("user", "first"),
        Turn("assistant", "You may sell it [1]. Keep the notices [2]."),
    )
    assert len(pipeline.asked[-1].history) == chat_answer.REMEMBERED
    assert pipeline.asked[-1].history[0].role == "user"


def test_an_error_is_one_line_and_loses_nothing(tmp_path: Path, caplog: pytest.LogCaptureFixture) -> None:
    assert talk(Replies(), tmp_path, "boom").said == [
        ("ErrorMessage", "This question cannot be answered; ask another.", [])
    ]
    partial, error = talk(Replies(), tmp_path, "late").said
    assert partial[:2] == ("Message", "You may sell it [1].\n\n")
    assert error[:2] == ("ErrorMessage", "The store went away; build it again.")
    _, error = talk(Replies(), tmp_path, "bug").said
    assert "KeyError" in error[1]
    assert "secret" not in error[1]


def test_without_a_store_the_chat_says_what_to_do(tmp_path: Path) -> None:
    def missing(home: Path) -> Replies:
        raise StoreError("there is no store; make one with: clausewise index build")

    room = talk(Replies(), tmp_path, "hello", opened=Opened(tmp_path, missing))
    assert room.said == [("ErrorMessage", "There is no store; make one with: clausewise index build", [])]
    asyncio.run(chat._begin(room, Opened(tmp_path, missing), None)())  # a conversation begins all the same
    assert [name for name, _ in room.told] == ["commands"]


def test_the_starters_are_questions() -> None:
    assert len(chat.STARTERS) == 4
    assert chat.STARTERS[0] == "Can I resell a Llama LoRA?"
    assert all(question.endswith("?") for question in chat.STARTERS)
    assert {name for _, name, _ in chat.ORDERS} <= {command.id for command in COMMANDS}


@pytest.mark.parametrize(
    "auth",
    [
        *(
            None,
            "x",
            {},
            {"sessionId": None},
            {"sessionId": "../../home"},
            {"sessionId": "/tmp"},
            {"sessionId": "a" * 32},
        ),
        {"sessionId": str(uuid.UUID(int=1)), "threadId": "x') OR 1=1 --"},
        {"sessionId": str(uuid.UUID(int=1)), "threadId": ["x"]},
    ],
)
def test_a_session_named_like_a_path_is_refused(auth: object) -> None:
    assert not chat.is_session(auth)


def test_a_session_of_the_chats_page_is_taken() -> None:
    assert chat.is_session({"sessionId": str(uuid.uuid4())})
    assert chat.is_session({"sessionId": str(uuid.uuid4()), "threadId": ""})
    assert chat.is_session({"sessionId": str(uuid.uuid4()), "threadId": str(uuid.uuid4())})


# Chainlit's folder


def test_the_settings_shut_what_the_chat_does_not_need() -> None:
    settings = tomllib.loads((chat_files.folder() / ".chainlit" / "config.toml").read_text(encoding="utf-8"))
    features = settings["features"]
    upload = features["spontaneous_file_upload"]
    assert (upload["enabled"], upload["max_files"], upload["max_size_mb"]) == (True, 10, 20)
    assert features["mcp"]["enabled"] is False
    assert features["unsafe_allow_html"] is False
    assert features["audio"]["enabled"] is False
    assert settings["project"]["allow_origins"] == []
    assert settings["UI"]["name"] == "Clausewise"


def test_the_page_is_chainlits_own_without_other_hosts() -> None:
    made = (chat_files.folder() / "build" / "index.html").read_text(encoding="utf-8")
    assert "//" not in made.replace("<!doctype", "")
    files = [line.split("/chat/assets/")[1].split("'")[0] for line in made.splitlines() if "/chat/assets/" in line]
    assert len(files) == 2
    scripts = re.findall(r"src='/static/([\w/.]+)'", made)
    assert scripts[0] == "chat.js"
    assert all((chat_files._HERE / "static" / name).is_file() for name in scripts)
    assert all((chat_files.assets() / file).is_file() for file in files)


def test_the_views_are_named_to_chainlit_and_made_by_scripts() -> None:
    """Their source is one line that the page's policy lets through: it names what is made already."""
    folder = chat_files.folder() / "public" / "elements"
    made = "".join(path.read_text(encoding="utf-8") for path in (chat_files._HERE / "static" / "elements").iterdir())
    for view in (chat_files.ANSWER, chat_files.CLAUSE):
        assert (folder / f"{view}.jsx").read_text(encoding="utf-8") == f"export default clausewise.{view};\n"
        assert f"clausewise.views.{view} = {view};" in made
    assert "dangerouslySetInnerHTML" not in made
    assert "innerHTML" not in made


@pytest.mark.parametrize("page", ["", "<script src='/assets/index.js'></script>"])
def test_another_page_of_chainlit_is_noticed(page: str) -> None:
    with pytest.raises(DataError, match="install the pinned packages"):
        chat_files.page(page)


def test_the_words_of_the_page_are_ours() -> None:
    words = json.loads((chat_files.folder() / ".chainlit" / "translations" / "en-US.json").read_text(encoding="utf-8"))
    assert words["chat"]["watermark"].startswith("Information, not legal advice.")
    assert words["common"]["actions"]["cancel"] == "Cancel"


SERVER = """
import os, socket, sys
DOORS = "LITERAL_API_KEY DATABASE_URL CHAINLIT_CUSTOM_AUTH SLACK_BOT_TOKEN SLACK_SIGNING_SECRET"
for name in (*DOORS.split(), "OAUTH_GITHUB_CLIENT_ID", "OAUTH_GITHUB_CLIENT_SECRET"):
    os.environ[name] = "http://reports.example/x"
def refuse(*args): raise AssertionError(f"a connection to {args}")
socket.socket.connect = socket.getaddrinfo = refuse
from pathlib import Path
from fastapi.testclient import TestClient
from web_fakes import Replies, opener
from ui.api import create_app
from ui.viewer import SECTIONS
app = create_app(Path("home"), opener(Replies()))
http = TestClient(app, base_url="http://127.0.0.1:8000")
settings = http.get("/chat/project/settings?language=de-DE").json()
assert settings["ui"]["name"] == "Clausewise", settings
assert settings["dataPersistence"] and settings["threadResumable"] and not settings["threadSharing"], settings
assert not settings["markdown"], settings
assert [(each["url"], each["display_name"]) for each in settings["ui"]["header_links"]] == list(SECTIONS[1:]), settings
assert settings["features"]["spontaneous_file_upload"]["max_size_mb"] == 20, settings
assert [each["message"] for each in settings["starters"]][0] == "Can I resell a Llama LoRA?", settings
told = http.get("/chat/auth/config").json()
assert told["headerAuth"] and not told["passwordAuth"] and not told["oauthProviders"], told
assert http.get("/chat/user").json()["identifier"] == "*" and not http.cookies
page = http.get("/chat")
assert page.status_code == 200 and "frame-ancestors 'none'" in page.headers["content-security-policy"]
script = page.text.split("src='/chat/assets/")[1].split("'")[0]
asset = http.get("/chat/assets/" + script)
assert asset.status_code == 200 and "immutable" in asset.headers["cache-control"]
assert http.get("/chat/logo?theme=dark").text.startswith("<svg") and "Clausewise" in http.get("/chat/logo").text
assert http.get("/openapi.json").json()["info"]["title"] == "Clausewise"
for path in ("docs", "redoc", "openapi.json"):
    assert http.get("/chat/" + path).text == page.text, path  # Chainlit describes its interface to nobody
none = "0b4c7d2e-1111-4222-8333-abcdefabcdef"
gone = http.get("/chat/thread/" + none)
assert gone.status_code == 404 and "No such conversation" in gone.text
for method in ("PUT", "DELETE"):
    reply = http.request(method, "/chat/project/thread", json={"threadId": none, "name": "x"})
    assert (reply.status_code, reply.json()) == (404, {"detail": "Thread not found"}), method
for action in ({"name": "clausewise_clause", "payload": {}, "id": "x"}, {"odd": 1}):
    lost = http.post("/chat/project/action", json={"sessionId": none, "action": action})
    assert lost.status_code == 404 and "lost its conversation" in lost.json()["detail"], lost.text
import chainlit.data, chainlit.config
assert type(chainlit.data.get_data_layer()).__module__ == "ui.history"
assert chainlit.config.APP_ROOT != os.getcwd()
print("left in the working directory:", sorted(os.listdir(".")))
"""


def test_the_mounted_chat_keeps_to_itself(tmp_path: Path) -> None:
    """In a process of its own, from an empty folder, with keys of reporting services set and no connection allowed."""
    paths = [str(ROOT), str(ROOT / "tests")]
    (tmp_path / "work").mkdir()
    (tmp_path / "work" / ".env").write_text("CHAINLIT_CUSTOM_AUTH=yes\n")
    command = [sys.executable, "-c", f"import sys; sys.path[:0] = {paths!r}\n{SERVER}"]
    done = subprocess.run(command, cwd=tmp_path / "work", capture_output=True, text=True, timeout=120, check=False)
    assert done.returncode == 0, done.stderr
    assert done.stdout.strip().endswith("left in the working directory: ['.env', 'home']")
    assert {path.name for path in (tmp_path / "work" / "home").iterdir()} >= {"conversations.sqlite", "users"}
