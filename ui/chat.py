"""The chat: Chainlit below `/chat`, in the same process as the rest.

An answer streams statement by statement; when it is whole, the message takes its final form and each `[n]` opens the
clause beside it. Chainlit makes a marker of an element only where the element's name stands in the message, so the
elements are named `[1]`, `[2]`.
"""

import logging
import os
import re
import threading
import uuid
from collections.abc import Callable
from dataclasses import replace
from typing import Any

from fastapi import FastAPI
from fastapi.staticfiles import StaticFiles
from starlette.concurrency import iterate_in_threadpool

from corpus.errors import Cancelled, ClausewiseError
from corpus.store import Store
from rag.types import Answer, Done, Drafted, Request, Turn
from ui import chat_feedback, chat_files
from ui.opened import Opened
from ui.panel import panel
from ui.render import escape, markdown, markers

PATH = "/chat"
REMEMBERED = 12  # earlier turns that a follow-up is read with
STARTERS = (
    "Can I resell a Llama LoRA?",
    "May we sell images made with Stable Diffusion 1.5?",
    "We host a modified AGPL-3.0 server. Must we publish the source?",
    "May we train a commercial model on CC BY-NC 4.0 data?",
)
# With any of these set, Chainlit asks for a log-in, links elsewhere, talks to a chat service or prints its inner life.
_DOORS = (
    "CHAINLIT_CUSTOM_AUTH",
    "CHAINLIT_PARENT_ROOT_PATH",
    "CHAINLIT_URL",
    "CHAINLIT_DEBUG",
    "SLACK_BOT_TOKEN",
    "TEAMS_APP_ID",
    "DISCORD_BOT_TOKEN",
)
_DIRECTIVE = re.compile(r"(?<![\s/\\]):(?=[A-Za-z])")


def mount(app: FastAPI, opened: Opened) -> None:
    """Put the chat below `/chat` of the application."""
    _settle()
    import chainlit
    from chainlit.server import app as chat_app

    _close(chainlit)
    chainlit.set_starters(_starters(chainlit))
    chainlit.on_message(_reply(chainlit, opened))
    chat_feedback.register(chainlit, opened.home)
    withdraw = _withdraw(chainlit)
    chainlit.on_stop(withdraw)
    chainlit.on_chat_end(withdraw)
    # These are the page's own files; Chainlit would look for them beside the page that was made for it.
    app.mount(f"{PATH}/assets", StaticFiles(directory=chat_files.assets()))
    app.mount(PATH, chat_app)


def _settle() -> None:
    """Tell Chainlit where it lives. It reads these when it is imported, and has no other way to be told."""
    folder = chat_files.folder()
    os.environ["CHAINLIT_APP_ROOT"] = str(folder)  # else it writes settings into the user's working directory
    os.environ["CHAINLIT_ENV_FILE"] = str(folder / "none")  # else it loads a .env file from there
    os.environ["CHAINLIT_ROOT_PATH"] = PATH
    os.environ["TRACELOOP_TELEMETRY"] = "false"  # a part of a part would report its use
    for name in _DOORS:
        os.environ[name] = ""  # whatever the user's environment holds for other programs, it opens no door here


def _close(chainlit: Any) -> None:
    """Shut what Chainlit leaves open."""
    from chainlit.server import sio

    # No data layer, whatever keys the environment holds: conversations are kept nowhere and sent nowhere.
    chainlit.data_layer(lambda: None)
    connect = sio.handlers["/"]["connect"]

    async def checked(sid: str, environ: dict[str, Any], auth: dict[str, Any] | None = None) -> Any:
        # A session's id names the folder of its files, which is removed with it: it must be no path.
        if not is_session(auth):
            raise ConnectionRefusedError("no session")
        return await connect(sid, environ, auth)

    if not getattr(connect, "checked", False):
        checked.checked = True  # type: ignore[attr-defined]
        sio.on("connect", checked)


def is_session(auth: object) -> bool:
    """Return True if what a page says when it connects names a session in the form that the chat's page makes."""
    given = auth.get("sessionId") if isinstance(auth, dict) else None
    try:
        return isinstance(given, str) and str(uuid.UUID(given)) == given
    except ValueError:
        return False


def _starters(chainlit: Any) -> Callable[..., Any]:
    async def starters(user: object, language: str | None) -> list[Any]:
        return [chainlit.Starter(label=question, message=question) for question in STARTERS]

    return starters


def _withdraw(chainlit: Any) -> Callable[..., Any]:
    """Return what ends the answer that is being written: its reader has stopped it, or gone away."""

    async def withdraw() -> None:
        gone = chainlit.user_session.get("gone")
        if gone is not None:
            gone.set()

    return withdraw


def _reply(chainlit: Any, opened: Opened) -> Callable[..., Any]:
    async def reply(message: Any) -> None:
        if await chat_feedback.taken(chainlit, opened.home, message.content):
            return  # it says what is wrong with an answer, and asks nothing
        said = chainlit.Message(content="")
        turns: tuple[Turn, ...] = chainlit.user_session.get("turns") or ()
        gone = threading.Event()
        chainlit.user_session.set("gone", gone)
        try:
            answer = await _stream(chainlit, opened, said, Request(message.content, history=turns), gone)
        except Cancelled:
            await said.send()  # what was shown so far stays
        except ClausewiseError as error:
            await _apologise(chainlit, said, str(error))
        except Exception as error:  # the process edge: whatever it is becomes one line for the reader
            logging.getLogger("uvicorn.error").exception("an answer broke off")
            await _apologise(chainlit, said, f"An error of ours ({type(error).__name__}); see the server's log.")
        else:
            turns = (*turns, Turn("user", message.content), Turn("assistant", answer.text))
            chainlit.user_session.set("turns", turns[-REMEMBERED:])

    return reply


async def _stream(chainlit: Any, opened: Opened, said: Any, request: Request, gone: threading.Event) -> Answer:
    """Stream the answer into the message `said`, give it its final form and return the answer; `gone` ends it early."""
    pipeline = await _in_thread(opened.pipeline)
    answer: Answer | None = None
    async for event in iterate_in_threadpool(pipeline.stream(request, gone.is_set)):
        match event:
            case Drafted(statement=statement):
                shown = "" if re.search(r"\[\d+\]", statement.text) else markers(statement.citations)
                await said.stream_token(f"{message_text(statement.text)}{shown}\n\n")
            case Done(answer=answer):
                pass
    if answer is None:
        raise RuntimeError("the answer has no end")
    said.content = message_text(final(answer))
    contents = await _in_thread(lambda: panels(answer, pipeline.store))
    said.elements = [chainlit.Text(name=name, content=text, display="side") for name, text in contents.items()]
    said.actions = chat_feedback.buttons(chainlit, request, answer)
    await said.send()
    return answer


async def _apologise(chainlit: Any, said: Any, line: str) -> None:
    """Say what went wrong; what has been streamed of the answer stays."""
    if said.content:
        await said.send()
    await chainlit.ErrorMessage(content=escape(line)).send()


async def _in_thread(work: Callable[[], Any]) -> Any:
    from starlette.concurrency import run_in_threadpool

    return await run_in_threadpool(work)


def final(answer: Answer) -> str:
    """Return the whole answer as a message. Its markers open the clauses, so that no list of sources repeats them."""
    told = "|---" in answer.text  # the findings stand in a table already
    return markdown(replace(answer, citations=(), findings=() if told else answer.findings))


def panels(answer: Answer, store: Store) -> dict[str, str]:
    """Return for each marker of the answer what it opens."""
    return {f"[{citation.n}]": panel(citation, store) for citation in answer.citations}


def message_text(text: str) -> str:
    """Return Markdown for the chat's page, which reads `a:b` as a directive and a zero-width space as its cursor."""
    return _DIRECTIVE.sub(r"\\:", text.replace("\u200b", ""))
