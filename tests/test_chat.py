"""What the chat says and opens: the clause beside the answer to the letter, errors in one line, and shut doors."""

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

import pytest
from chat_room import Room, Session
from hypothesis import example, given
from hypothesis import strategies as st
from markdown_it import MarkdownIt
from web_fakes import OPEN, Replies, Shelf, cite, opener

from corpus.errors import Cancelled, DataError, StoreError
from corpus.types import Span
from rag.types import Finding, Request, Turn
from ui import chat, chat_files
from ui.opened import Opened
from ui.panel import WHOLE, marked, panel, shown_span, verbatim

ROOT = Path(__file__).parent.parent


def shown(markdown: str) -> tuple[str, str]:
    """Return what a reader sees of Markdown, white space aside, and the part of it in bold."""
    text, bold, depth = "", "", 0
    for block in MarkdownIt("commonmark").parse(markdown):
        assert block.type in {"inline", "paragraph_open", "paragraph_close"}, block.type
        for token in block.children or ():
            assert token.type in {"text", "softbreak", "strong_open", "strong_close", "text_special"}, token.type
            depth += {"strong_open": 1, "strong_close": -1}.get(token.type, 0)
            text += token.content
            bold += token.content if depth else ""
    return "".join(text.split()), "".join(bold.split())


def plain(text: str) -> str:
    """Return text as it is shown, white space aside: what steers a terminal is replaced, what nobody sees is gone."""
    return "".join(chr(0xFFFD) if sign in STEERING else sign for sign in text if sign not in "\u200b\f").strip()


STEERING = {chr(n) for n in (*range(0x20), *range(0x7F, 0xA0))} - set("\t\n\r\f")

# What licenses are made of, and what Markdown makes of it.
words = st.text(
    st.sampled_from(list("ab1.)(*_`#>-+=|~<&;:[]!\\\"'/@{}$^ \t\n\r\u00a0“§é𝔄\u200b\f")),
    max_size=60,
)


def places(text: str) -> st.SearchStrategy[tuple[str, int, int]]:
    return st.tuples(st.just(text), st.integers(0, len(text)), st.integers(0, len(text)))


@given(words.flatmap(places))
@example(("1. Grant.\n    (a) *you* may\n\n    code?\n- item\n---\n# no heading", 4, 40))
@example(("\u200b", 0, 1))
@example(("a\r\r\tb", 4, 5))
@example(("x\u200b(a)\u200by", 2, 5))
def test_a_clause_is_shown_to_the_letter_with_the_quote_in_bold(case: tuple[str, int, int]) -> None:
    text, (low, high) = case[0], sorted(case[1:])
    seen, bold = shown(marked(text, Span(0, len(text)), Span(low, high)))
    assert seen == "".join(plain(text).split())
    assert bold == "".join(plain(text[low:high]).split())


@given(words)
def test_a_name_is_shown_to_the_letter(text: str) -> None:
    line = " ".join(text.split())
    seen, bold = shown(verbatim(line))
    assert (seen, bold) == ("".join(plain(line).split()), "")


def test_the_panel_says_whose_clause_it_is_and_leads_to_it() -> None:
    shelf = Shelf()
    citation = cite(shelf, 2, "2.a", "(a) remove *notices* from the Work; or", "You may not:")
    text = panel(citation, shelf)
    assert text.startswith("### Acme Open License 2 \\<beta\\>")
    assert "Clause 2\\.a, version 2025\\-02\\-03" in text
    assert "> You may not\\: …" in text
    assert "**\\(a\\) remove \\*notices\\* from the Work\\; or**" in text
    assert f"(/source/acme-open-2?start={citation.start}&end={citation.end}#2.a)" in text
    assert shelf.records["acme-open-2"].origin.sha256 in text


def test_a_clause_is_shown_with_what_hangs_below_it_unless_that_is_long() -> None:
    clause = Shelf().clause("acme-open-2#2")
    assert "sue" in shown_span(clause).of(OPEN)
    long = SimpleNamespace(span=Span(0, 10), extent=Span(0, WHOLE + 1))
    assert shown_span(long) == Span(0, 10)


def test_a_lead_in_that_stands_in_the_clause_is_not_said_twice() -> None:
    citation = cite(Shelf(), 1, "2", "(b) sue — ever.", "You may not:")
    assert "> " not in panel(citation, Shelf())


def test_every_marker_of_an_answer_opens_something() -> None:
    pipeline = Replies()
    answer = pipeline.answer(Request("q"))
    assert set(chat.panels(answer, pipeline.store)) == {"[1]", "[2]"}


@pytest.mark.parametrize(("text", "tables"), [("One [1].", 1), ("| a |\n|---|\n| b |", 1)])
def test_findings_are_told_once(text: str, tables: int) -> None:
    finding = Finding("sell", "weights", "acme-open-2", "yes", "express-grant", (1,))
    answer = replace(Replies().answer(Request("q")), text=text, findings=(finding, finding))
    assert len(re.findall(r"^\| ?---", chat.final(answer), re.M)) == tables


def test_a_message_holds_no_directives() -> None:
    assert chat.message_text("a:b see http://x.example and 10:30; note: c\u200b") == (
        "a\\:b see http://x.example and 10:30; note: c"
    )


# The conversation, with a stand-in for Chainlit's side of it


room = Room()


def talk(pipeline: Replies, *questions: str, opened: Opened | None = None) -> list[tuple[str, str, list[str]]]:
    room.said, room.user_session = [], Session()
    reply = chat._reply(room, opened or Opened(Path("home"), opener(pipeline)))

    async def conversation() -> None:
        for question in questions:
            await reply(SimpleNamespace(content=question))

    asyncio.run(conversation())
    return room.said


def test_an_answer_ends_as_text_with_its_clauses_and_the_footer() -> None:
    ((kind, text, elements),) = talk(Replies(), "May I sell it?")
    assert kind == "Message"
    assert "You may sell it [1]." in text
    assert "Where are you?" in text
    assert "Sources" not in text  # the markers open them
    assert text.rstrip().endswith("*Information, not legal advice.*")
    assert elements == ["[1]", "[2]"]


def test_what_a_reader_stops_is_withdrawn_and_what_was_shown_stays() -> None:
    class Slow(Replies):
        def stream(self, request: Request, stopped=None):
            yield from list(super().stream(request))[:2]
            assert not stopped()
            asyncio.run(chat._withdraw(room)())  # the reader presses the button
            assert stopped()
            raise Cancelled("withdrawn")

    ((kind, text, elements),) = talk(Slow(), "May I sell it?")
    assert (kind, text.strip(), elements) == ("Message", "You may sell it [1].", [])
    assert "turns" not in room.user_session


def test_stopping_when_nothing_runs_does_nothing() -> None:
    room.user_session = Session()
    asyncio.run(chat._withdraw(room)())
    assert room.user_session == {}


def test_a_follow_up_is_read_with_what_was_said() -> None:
    pipeline = Replies()
    talk(pipeline, "first", "boom", "second", *(["more"] * 20))
    assert pipeline.asked[0].history == ()
    # A question that could not be answered is no part of the conversation.
    assert pipeline.asked[2].history == (
        Turn("user", "first"),
        Turn("assistant", "You may sell it [1]. Keep the notices [2]."),
    )
    assert len(pipeline.asked[-1].history) == chat.REMEMBERED
    assert pipeline.asked[-1].history[0].role == "user"


def test_an_error_is_one_line_and_loses_nothing(caplog: pytest.LogCaptureFixture) -> None:
    assert talk(Replies(), "boom") == [("ErrorMessage", "this question cannot be answered; ask another", [])]
    partial, error = talk(Replies(), "late")
    assert partial[:2] == ("Message", "You may sell it [1].\n\n")
    assert error[:2] == ("ErrorMessage", "the store went away; build it again")
    _, error = talk(Replies(), "bug")
    assert "KeyError" in error[1]
    assert "secret" not in error[1]


def test_without_a_store_the_chat_says_what_to_do() -> None:
    def missing(home: Path) -> Replies:
        raise StoreError("there is no store; make one with: clausewise index build")

    ((kind, text, _),) = talk(Replies(), "hello", opened=Opened(Path("home"), missing))
    assert (kind, text) == ("ErrorMessage", "there is no store; make one with: clausewise index build")


def test_the_starters_are_questions() -> None:
    assert len(chat.STARTERS) == 4
    assert chat.STARTERS[0] == "Can I resell a Llama LoRA?"
    assert all(question.endswith("?") for question in chat.STARTERS)


@pytest.mark.parametrize(
    "auth",
    [None, {}, {"sessionId": None}, {"sessionId": "../../home"}, {"sessionId": "/tmp"}, {"sessionId": "a" * 32}, "x"],
)
def test_a_session_named_like_a_path_is_refused(auth: object) -> None:
    assert not chat.is_session(auth)


def test_a_session_of_the_chats_page_is_taken() -> None:
    assert chat.is_session({"sessionId": str(uuid.uuid4())})


# Chainlit's folder


def test_the_settings_shut_what_the_chat_does_not_need() -> None:
    settings = tomllib.loads((chat_files.folder() / ".chainlit" / "config.toml").read_text(encoding="utf-8"))
    features = settings["features"]
    assert features["spontaneous_file_upload"]["enabled"] is False
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
    assert all((chat_files.assets() / file).is_file() for file in files)


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
for name in ("LITERAL_API_KEY", "DATABASE_URL", "CHAINLIT_CUSTOM_AUTH", "SLACK_BOT_TOKEN", "SLACK_SIGNING_SECRET"):
    os.environ[name] = "http://reports.example/x"
def refuse(*args): raise AssertionError(f"a connection to {args}")
socket.socket.connect = socket.getaddrinfo = refuse
from pathlib import Path
from fastapi.testclient import TestClient
from web_fakes import Replies, opener
from ui.api import create_app
app = create_app(Path("home"), opener(Replies()))
http = TestClient(app, base_url="http://127.0.0.1:8000")
settings = http.get("/chat/project/settings?language=de-DE").json()
assert settings["ui"]["name"] == "Clausewise", settings
assert settings["dataPersistence"] is False, settings
assert not settings["markdown"], settings
assert settings["features"]["spontaneous_file_upload"]["enabled"] is False, settings
assert [each["message"] for each in settings["starters"]][0] == "Can I resell a Llama LoRA?", settings
assert not http.get("/chat/auth/config").json()["requireLogin"]
page = http.get("/chat")
assert page.status_code == 200 and "frame-ancestors 'none'" in page.headers["content-security-policy"]
script = page.text.split("src='/chat/assets/")[1].split("'")[0]
asset = http.get("/chat/assets/" + script)
assert asset.status_code == 200 and "immutable" in asset.headers["cache-control"]
assert http.get("/chat/logo?theme=dark").text.startswith("<svg") and "Clausewise" in http.get("/chat/logo").text
assert http.get("/openapi.json").json()["info"]["title"] == "Clausewise"
import chainlit.data, chainlit.config
assert chainlit.data.get_data_layer() is None
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
    assert done.stdout.strip().endswith("left in the working directory: ['.env']")
