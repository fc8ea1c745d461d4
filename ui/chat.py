"""The chat: Chainlit below `/chat`, in the same process as the rest.

Chainlit is told here where it lives and what to call; what happens in a conversation stands in the modules `chat_...`,
which are handed Chainlit and import none of it.
"""

import os
import uuid
from collections.abc import Callable
from typing import Any, TypeGuard

from fastapi import FastAPI
from fastapi.staticfiles import StaticFiles

from rag import settings
from ui import (
    chat_commands,
    chat_documents,
    chat_feedback,
    chat_files,
    chat_settings,
    chat_views,
    conversations,
    login,
    uploads,
)
from ui.documents import Documents
from ui.opened import Opened
from ui.people import People

PATH = "/chat"
STARTERS = (
    "Can I resell a Llama LoRA?",
    "May we sell images made with Stable Diffusion 1.5?",
    "We host a modified AGPL-3.0 server. Must we publish the source?",
    "May we train a commercial model on CC BY-NC 4.0 data?",
)
ORDERS = (  # starters that are commands: what the button says, the command, its line
    ("Compare Llama 2 and Llama 3.1", "compare", "Llama 2 and Llama 3.1"),
    ("Does the MIT License allow sublicensing?", "claim", "The MIT License allows sublicensing."),
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

_CONNECT, _ARRIVE = "connect", "connection_successful"  # a page's socket comes, and is there


def mount(app: FastAPI, opened: Opened, people: People) -> None:
    """Put the chat below `/chat` of the application. Raise StoreError if conversations cannot be kept."""
    settle(people)
    import chainlit
    from chainlit.server import app as chat_app

    documents: Documents = app.state.documents
    desk = chat_documents.Desk(opened, documents, chat_documents.where)
    begin = _begin(chainlit, desk, documents)
    history = conversations.register(chainlit, people, begin)
    conversations.route(app, chat_app, history)
    _close(chat_app, history)
    login.register(chainlit, people)
    chainlit.set_starters(_starters(chainlit))
    within = conversations.within(chainlit, history, people)
    chainlit.on_message(within(chat_documents.within(chainlit, documents, _reply(chainlit, desk))))
    chainlit.on_chat_start(begin)
    chat_settings.register(chainlit, desk)
    chat_views.register(chainlit, desk, within)
    chat_feedback.register(chainlit, desk)
    chat_documents.register(chainlit, documents)
    uploads.add(app, f"{PATH}/project/file", documents, settings.upload_bytes())
    chainlit.on_stop(_withdraw(chainlit))
    # These are the page's own files; Chainlit would look for them beside the page that was made for it.
    app.mount(f"{PATH}/assets", StaticFiles(directory=chat_files.assets()))
    app.mount(PATH, conversations.Known(chat_app, history, people))


def settle(people: People) -> None:
    """Tell Chainlit where it lives, before it is imported. It reads these when it is imported, and has no other way to be told."""
    folder = chat_files.folder(people.access.way != "none")
    os.environ["CHAINLIT_APP_ROOT"] = str(folder)  # else it writes settings into the user's working directory
    os.environ["CHAINLIT_ENV_FILE"] = str(folder / "none")  # else it loads a .env file from there
    os.environ["CHAINLIT_ROOT_PATH"] = PATH
    os.environ["TRACELOOP_TELEMETRY"] = "false"  # a part of a part would report its use
    os.environ["CHAINLIT_AUTH_COOKIE_NAME"] = people.cookie
    for name in _DOORS:
        os.environ[name] = ""  # whatever the user's environment holds for other programs, it opens no door here


def _close(chat_app: FastAPI, history: Any) -> None:
    """Shut what Chainlit leaves open."""
    from chainlit.server import sio

    described = {"/docs", "/docs/oauth2-redirect", "/redoc", "/openapi.json"}  # of its own interface, to everybody
    chat_app.router.routes[:] = [each for each in chat_app.routes if getattr(each, "path", "") not in described]
    # The application that was made last is the one that is served: what it put before Chainlit's own goes.
    connect, arrive = (getattr(each, "own", each) for each in map(sio.handlers["/"].get, (_CONNECT, _ARRIVE)))

    async def checked(sid: str, environ: dict[str, Any], auth: dict[str, Any] | None = None) -> Any:
        # A session's id names the folder of its files, which is removed with it, and a conversation's id stands in
        # queries and paths: neither may be anything else.
        if not is_session(auth):
            raise ConnectionRefusedError("no session")
        return await conversations.connected(history, sid, auth, lambda: connect(sid, environ, auth))

    async def arrived(sid: str) -> None:
        await conversations.returned(history, sid, lambda: arrive(sid))

    checked.own, arrived.own = connect, arrive  # type: ignore[attr-defined]
    sio.on(_CONNECT, checked)
    sio.on(_ARRIVE, arrived)


def is_session(auth: object) -> TypeGuard[dict[str, Any]]:
    """Return True if what a page says when it connects names a session, and perhaps a conversation, as the chat's page does."""
    if not isinstance(auth, dict):
        return False
    return _is_uuid(auth.get("sessionId")) and (not auth.get("threadId") or _is_uuid(auth["threadId"]))


def _is_uuid(given: object) -> bool:
    try:
        return isinstance(given, str) and str(uuid.UUID(given)) == given
    except ValueError:
        return False


def _starters(chainlit: Any) -> Callable[..., Any]:
    async def starters(user: object, language: str | None) -> list[Any]:
        questions = [chainlit.Starter(label=question, message=question) for question in STARTERS]
        orders = [chainlit.Starter(label=label, message=line, command=name) for label, name, line in ORDERS]
        return [*questions, *orders]

    return starters


def _begin(chainlit: Any, desk: chat_documents.Desk, documents: Documents) -> Callable[..., Any]:
    """Return what shows commands, settings and buttons of a conversation that begins, or is picked up again as `thread`."""

    async def begin(thread: dict[str, Any] | None = None) -> None:
        await chat_commands.offer(chainlit)
        await chat_settings.open_settings(chainlit, desk)
        if thread is not None:
            await chat_documents.resumed(chainlit, documents, thread)

    return begin


def _withdraw(chainlit: Any) -> Callable[..., Any]:
    """Return what ends the answer that is being written: its reader has stopped it."""

    async def withdraw() -> None:
        gone = chainlit.user_session.get("gone")
        if gone is not None:
            gone.set()

    return withdraw


def _reply(chainlit: Any, opened: Opened) -> Callable[..., Any]:
    async def reply(message: Any) -> None:
        if message.command:
            await chat_commands.run(chainlit, opened, message.command, message.content)
            return
        await chat_settings.ask(chainlit, opened, message.content)

    return reply
