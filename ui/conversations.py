"""A conversation beyond one page: picked up again later, open in two tabs, cut off in mid-answer, deleted while somebody writes in it."""

import asyncio
import logging
import re
import time
import uuid
from collections.abc import Awaitable, Callable, Coroutine
from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress
from pathlib import Path
from typing import TYPE_CHECKING, Any
from weakref import WeakKeyDictionary, WeakSet

from fastapi import FastAPI, Request
from fastapi.responses import HTMLResponse, JSONResponse, Response
from starlette.concurrency import run_in_threadpool
from starlette.types import ASGIApp, Receive, Scope, Send

from corpus.errors import ClausewiseError, StoreError
from rag.types import Turn
from ui import history_files, history_tables, kept, viewer
from ui.people import People, name_of
from ui.render import escape

if TYPE_CHECKING:
    from ui.history import History

DELETED = "This conversation was deleted, so that your message is not answered and not kept. Copy it, and start a new question."
UNANSWERED = (
    "This question was not answered to the end, or its answer was not kept: the server stopped meanwhile. Ask it again."
)
Reply = Callable[[Any], Awaitable[None]]
_SETTINGS = "chat_settings"  # where Chainlit keeps the values of the settings
_answering: WeakKeyDictionary[Any, int] = WeakKeyDictionary()  # sessions, and how many answers are written in each
_missed: WeakSet[Any] = WeakSet()  # sessions whose page was away while an answer was written
_redrawn: WeakSet[Any] = WeakSet()  # sessions whose page another tab has drawn anew while an answer was written in it
_QUIET_S = 10.0  # one failure shows in many writes; the reader hears of it once


def register(chainlit: Any, people: People, begin: Callable[..., Awaitable[None]]) -> "History":
    """Open the conversations of a home folder for the chat and return them; `begin` shows what every page of one has, given that which is picked up again.

    Raise StoreError if they cannot be kept.
    """
    import chainlit.data as layers

    from ui.history import History

    history = History(people, _tell, stop)
    _run(_prepared(history))
    chainlit.data_layer(lambda: history)
    layers._data_layer_initialized = False  # the application that was made last is the one that is served

    async def resumed(thread: dict[str, Any]) -> None:
        name = name_of(str(thread["userIdentifier"]))
        chainlit.user_session.set("turns", await run_in_threadpool(turns, history.home, str(thread["id"]), name))
        await begin(thread)
        thread["metadata"].pop(_SETTINGS, None)  # older than what `begin` has shown
        said = [step["type"] for step in thread["steps"] if "message" in step["type"]]
        if said[-1:] == ["user_message"] and not any(map(_answering.get, _sessions(thread["id"]))):
            thread["steps"].append(_line(thread["id"], UNANSWERED))

    async def left() -> None:
        session = chainlit.context.session
        if session.to_clear:
            _end(session)  # its reader has begun another conversation
        elif _answering.get(session):
            _missed.add(session)

    chainlit.on_chat_resume(resumed)
    chainlit.on_chat_end(left)
    return history


def route(app: FastAPI, chat_app: FastAPI, history: "History") -> None:
    """Add the routes that conversations need to the application and to Chainlit's own."""

    def failed(request: Request, error: Exception) -> Response:
        """Say what went wrong where Chainlit's page looks for it."""
        return JSONResponse({"detail": str(error)}, 503 if isinstance(error, StoreError) else 400)

    def broken(request: Request, error: Exception) -> Response:
        # Chainlit knows no session of that name any more, or is sent what its page does not send.
        logging.getLogger("uvicorn.error").error("a request of the chat's page failed", exc_info=error)
        return JSONResponse({"detail": "this page has lost its conversation: reload it, and try again"}, 404)

    chat_app.add_exception_handler(ClausewiseError, failed)
    for kind in (ValueError, TypeError):
        chat_app.add_exception_handler(kind, broken)
    history_files.add(app, history.files, history.mime_of)


class Known:
    """ASGI application: the chat, and a page that says so where an address names no conversation of its reader's."""

    def __init__(self, chat: ASGIApp, history: "History", people: People) -> None:
        self.chat, self.history, self.people = chat, history, people

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer the request, or let the chat answer it."""
        named = _ADDRESS.search(scope["path"]) if scope["type"] == "http" else None
        with suppress(ClausewiseError):  # the chat tells what is wrong with the database
            name = self.people.who(scope) if named else None
            if named and name is not None and not await self.history.is_of(named[1], name):
                await HTMLResponse(viewer.error_page(*_NONE), 404)(scope, receive, send)
                return
        await self.chat(scope, receive, send)


_ADDRESS = re.compile(r"/chat/thread/([^/]+)/?$")
_NONE = ("No such conversation", "It was deleted, or it is not yours; ask your question anew in the chat.")


def within(chainlit: Any, history: "History", people: People) -> Callable[[Reply], Reply]:
    """Return what makes a reply one in a conversation that is kept: for who is logged in, not in a deleted one, and seen in its other tabs."""

    async def answered(message: Any, reply: Reply) -> None:
        session = chainlit.context.session
        if not people.stands(session.token):
            await message.remove()
            await chainlit.send_window_message({"ended": message.content, "thread": session.thread_id})
            return
        if session.thread_id in history.deleted:
            await _show(DELETED)
            return
        _answering[session] = _answering.get(session, 0) + 1
        try:
            await reply(message)
        finally:
            _answering[session] -= 1
        try:
            if session.thread_id in history.deleted or not people.may(name_of(session.user.identifier)):
                await run_in_threadpool(history.forget_files, session.thread_id)  # what came in the same moment
            else:
                await share(chainlit, history)
        except ClausewiseError as error:
            await _tell(str(error))

    def wrapped(reply: Reply) -> Reply:
        async def replied(message: Any) -> None:
            await answered(message, reply)

        return replied

    return wrapped


async def connected(history: "History", sid: str, auth: dict[str, Any], connect: Callable[[], Awaitable[Any]]) -> Any:
    """Connect a page. What it began without a name it goes on with after a restart, for its session names it."""
    from chainlit.session import WebsocketSession

    own, fresh = str(auth["sessionId"]), False
    if WebsocketSession.get_by_id(own) is None and not auth.get("threadId"):
        with suppress(ClausewiseError):  # the reader is told as soon as something is to be kept
            fresh = await history.get_thread(own) is None
            auth["threadId"] = "" if fresh else own
    made = await connect()
    session = WebsocketSession.get(sid)
    if fresh and session is not None:
        session.thread_id = own
    return made


async def returned(history: "History", sid: str, proceed: Callable[[], Awaitable[None]]) -> None:
    """Go on with a page that has connected: one that was away while an answer was written shows what has become of it."""
    from chainlit.session import WebsocketSession

    session = WebsocketSession.get(sid)
    before = dict(_memory(session)) if session is not None else {}
    await proceed()
    if session is None or not session.restored:
        return
    # Of a conversation that was picked up again Chainlit forgets here what its session knew.
    memory = _memory(session)
    memory.update({name: each for name, each in before.items() if name not in memory})
    if _answering.get(session):
        await session.emit("task_start", {})
    elif session in _missed:
        _missed.discard(session)
        with suppress(ClausewiseError):  # then the page keeps what it has
            if thread := await _as_it_is(history, session.thread_id):
                await session.emit("resume_thread", thread)


def turns(home: Path, thread: str, owner: str) -> tuple[Turn, ...]:
    """Return what a follow-up in a conversation is read with: the turns of its last answer, and that answer."""
    try:
        answers = kept.of_thread(home, thread, owner)
    except ClausewiseError:
        return ()  # a damaged answer makes follow-ups poorer; it must not keep the conversation shut
    if not answers:
        return ()
    last = answers[-1]
    question, text = str(last.answer.get("question", "")), str(last.answer.get("text", ""))
    return (*last.history, Turn("user", question), Turn("assistant", text))


async def share(chainlit: Any, history: "History") -> None:
    """Bring the other tabs on this session's conversation to where it is now; what is typed in them stays."""
    mine = chainlit.context.session
    others = [
        each
        for each in _sessions(mine.thread_id)
        if each.id != mine.id and each.user.identifier == mine.user.identifier
    ]
    # A page that is drawn anew while an answer is written in it may lose that: it is drawn once more at the answer's end.
    _redrawn.update(each for each in others if _answering.get(each))
    if mine in _redrawn and not _answering.get(mine):
        _redrawn.discard(mine)
        others.append(mine)
    if not others:
        return
    await asyncio.sleep(0)  # lets the writes of this answer queue; reading waits for them then
    thread = await _as_it_is(history, mine.thread_id)
    for each in others if thread else ():
        _memory(each)["turns"] = chainlit.user_session.get("turns")
        await each.emit("resume_thread", thread)


async def _as_it_is(history: "History", id: str) -> Any:
    """Return a conversation for a page that shows it already, None if there is none: each page keeps its own settings."""
    thread = await history.get_thread(id)
    if thread:
        thread["metadata"].pop(_SETTINGS, None)
    return thread


def stop(thread: str) -> None:
    """End the answers that are being written in a conversation."""
    for each in _sessions(thread):
        _end(each)


def _end(session: Any) -> None:
    if (gone := _memory(session).get("gone")) is not None:
        gone.set()


def _sessions(thread: str) -> list[Any]:
    from chainlit.session import ws_sessions_id

    return [each for each in ws_sessions_id.values() if each.thread_id == thread]


def _memory(session: Any) -> dict[str, Any]:
    from chainlit.user_session import user_sessions

    found: dict[str, Any] = user_sessions.setdefault(session.id, {})
    return found


async def _tell(line: str) -> None:
    """Tell the reader in whose session something could not be kept."""
    from chainlit.context import context

    memory, now = _memory(context.session), time.monotonic()
    said, when = memory.get("told", ("", -_QUIET_S))
    if said == line and now - when < _QUIET_S:
        return
    memory["told"] = (line, now)
    await _show(
        f"This conversation is not being kept: {escape(line)}. What you see stays on this page until you leave it."
    )


async def _show(line: str) -> None:
    """Show a line in the conversation without keeping it."""
    from chainlit.context import context

    await context.emitter.send_step(_line(context.session.thread_id, line))


def _line(thread: str, line: str) -> dict[str, Any]:
    step = {"id": str(uuid.uuid4()), "threadId": thread, "type": "assistant_message", "name": "Clausewise"}
    when = time.strftime("%Y-%m-%dT%H:%M:%SZ", time.gmtime())
    return {**step, "output": line, "createdAt": when, "isError": True, "streaming": False}


async def _prepared(history: "History") -> None:
    """Make the tables. A connection to PostgreSQL belongs to the loop that it was opened in: the server's opens its own."""
    await history_tables.prepare(history.engine)
    await history.engine.dispose()


def _run(work: Coroutine[Any, Any, None]) -> None:
    """Run a coroutine to its end, whether or not a loop runs here already."""
    with ThreadPoolExecutor(1) as beside:
        beside.submit(asyncio.run, work).result()
