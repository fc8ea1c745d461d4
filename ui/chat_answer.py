"""An answer in the conversation: streamed statement by statement, then shown as a view, and kept for what builds on it.

The message keeps the whole answer as Markdown: it is what is copied and searched, and what a reader sees should the view
fail to load. Where the view stands, the page hides it.
"""

import asyncio
import logging
import re
import threading
from collections.abc import Awaitable, Callable
from dataclasses import replace
from typing import Any

from starlette.concurrency import iterate_in_threadpool, run_in_threadpool

from corpus.errors import Cancelled, ClausewiseError
from rag.answer_json import to_json
from rag.types import Answer, Done, Drafted, Request, Turn
from ui import chat_files, kept, positions
from ui.answer_view import Setting, answer_view
from ui.memo_told import origin
from ui.opened import Opened
from ui.people import name_of
from ui.render import clean, escape, markdown, markers
from ui.words import sentence

REMEMBERED = 12  # earlier turns that a follow-up is read with
_BROKEN_OFF = "*This answer broke off here. Ask again for the whole of it.*"
_DIRECTIVE = re.compile(r"(?<![\s/\\]):(?=[A-Za-z]|//)")


async def give(chainlit: Any, opened: Opened, request: Request, setting: Setting) -> None:
    """Answer a request in the conversation; whatever goes wrong becomes one line, and what was shown stays."""

    async def work(said: Any) -> None:
        gone = threading.Event()
        chainlit.user_session.set("gone", gone)
        answer = await _stream(opened, said, request, gone)
        await show(chainlit, opened, said, (answer, request.history, setting))
        remember(chainlit, request.question, answer.text)

    await guarded(chainlit, work)


async def guarded(chainlit: Any, work: Callable[[Any], Awaitable[None]]) -> None:
    """Do `work` on a new message; an error becomes one line for the reader, and what has been written stays."""
    said = chainlit.Message(content="")
    try:
        await work(said)
    except asyncio.CancelledError:  # its reader has stopped it, and is told so
        if said.content:
            await said.send()  # what was shown so far stays
        raise
    except Cancelled:
        said.content += _BROKEN_OFF
        await said.send()
    except ClausewiseError as error:
        await _apologise(chainlit, said, str(error))
    except Exception as error:  # the process edge: whatever it is becomes one line for the reader
        logging.getLogger("uvicorn.error").exception("an answer broke off")
        await _apologise(chainlit, said, f"An error of ours ({type(error).__name__}); see the server's log.")


async def show(chainlit: Any, opened: Opened, said: Any, given: tuple[Answer, tuple[Turn, ...], Setting]) -> None:
    """Give the message `said` its final form: the answer as a view, kept under an id where it can be kept."""
    answer, history, setting = given
    place, published, unkept = (str(chainlit.context.session.thread_id), owner(chainlit)), to_json(answer), []
    if setting.claim:
        published["claim"] = setting.claim
    pipeline = await run_in_threadpool(opened.pipeline)
    made_of = origin(pipeline.store.manifest)
    try:
        id = (await run_in_threadpool(kept.keep, opened.home, place, published, history, made_of)).id
    except ClausewiseError as error:
        id, unkept = "", [f"this answer is not kept: {error}"]  # it is shown all the same
    noted = await run_in_threadpool(positions.noted, opened.home, place[1], published, pipeline.store.records)
    answer = replace(answer, problems=(*noted["problems"], *unkept))
    props = answer_view(answer, pipeline.store, pipeline.catalog, setting, id)
    props["positions"] = [
        {"line": clean(positions.sentence(row)), "url": row["url"]} for row in noted.get("positions", ())
    ]
    said.content = message_text(final(answer))
    said.elements = [chainlit.CustomElement(name=chat_files.ANSWER, props=props, display="inline")]
    await said.send()


def remember(chainlit: Any, question: str, answer: str) -> None:
    """Add a question and its answer to the turns that the next question is read with."""
    turns = (*turns_so_far(chainlit), Turn("user", question), Turn("assistant", answer))
    chainlit.user_session.set("turns", turns[-REMEMBERED:])


def turns_so_far(chainlit: Any) -> tuple[Turn, ...]:
    """Return the turns of the conversation."""
    turns: tuple[Turn, ...] = chainlit.user_session.get("turns") or ()
    return turns


def owner(chainlit: Any) -> str:
    """Return the name of who talks, empty on loopback without a log-in."""
    user = chainlit.user_session.get("user")
    return name_of(str(user.identifier)) if user is not None else ""


async def _stream(opened: Opened, said: Any, request: Request, gone: threading.Event) -> Answer:
    """Stream the statements into the message `said` and return the answer; `gone` ends it early."""
    pipeline = await run_in_threadpool(opened.pipeline)
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
    return answer


async def _apologise(chainlit: Any, said: Any, line: str) -> None:
    """Say what went wrong; what has been streamed of the answer stays."""
    if said.content:
        await said.send()
    await chainlit.ErrorMessage(content=escape(sentence(line))).send()


def final(answer: Answer) -> str:
    """Return the whole answer as Markdown."""
    told = "|---" in answer.text  # the findings stand in a table already
    return markdown(replace(answer, findings=() if told else answer.findings))


def message_text(text: str) -> str:
    """Return Markdown for the chat's page, which reads `a:b` as a directive and a zero-width space as its cursor.

    Of a bare address it would take what escapes its signs for a part of it; with an escape of its own it is text like any other.
    """
    return _DIRECTIVE.sub(r"\\:", text.replace("\u200b", ""))
