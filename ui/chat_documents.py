"""Documents in the conversation: taken in with what is told of them meanwhile, and the buttons that decide over them.

A document belongs to its conversation alone until its owner adds it to the library. Buttons carry no more than its id: whose
conversation it is the session says.
"""

import asyncio
import logging
from collections.abc import Awaitable, Callable, Mapping
from typing import TYPE_CHECKING, Any

from starlette.concurrency import run_in_threadpool

from corpus.errors import ClausewiseError
from ui import uploads
from ui.documents import Documents, Place, Taken
from ui.identification import told
from ui.opened import Opened
from ui.people import name_of
from ui.render import clean, escape
from ui.viewer import address
from ui.words import sentence

if TYPE_CHECKING:
    from rag.pipeline import Pipeline

ADOPT, REMOVE, ALONE, BESIDE = (f"clausewise_document_{what}" for what in ("adopt", "remove", "alone", "beside"))
_LOOK_S = 0.25  # how often progress is shown
_STAGES = {
    "reading": "clauses are cut",
    "embedding": "passages are made searchable",
    "indexing": "the index is written",
}
_STAGES["comparing"] = "it is held against the known licenses"
_ONLY = "From now on only the documents of this conversation are read."
_BOTH = "From now on the documents of this conversation are read beside the licenses that a question names."
_NOT_ASKED = "Your question was not asked: attach the document again, or send the question once more without it."

Where = Callable[[], Place | None]
Reply = Callable[[Any], Awaitable[None]]
Press = Callable[[Any, Documents, Place, str], Awaitable[None]]
_DOCUMENT = "document"  # in a message's metadata: what its buttons decide over


class Desk(Opened):
    """The pipeline of the conversation that a function runs in: what its readers brought along is in it."""

    def __init__(self, opened: Opened, documents: Documents, where: Where) -> None:
        super().__init__(opened.home, lambda home: opened.pipeline())
        self._common, self._documents, self._where = opened, documents, where

    def pipeline(self) -> "Pipeline":
        """Return the conversation's pipeline, that over the common texts outside of one. Raise StoreError as they do."""
        place = self._where()
        return self._common.pipeline() if place is None else self._documents.pipeline(place)


def where() -> Place | None:
    """Return the conversation that the current task belongs to, and whose it is; None outside of one."""
    from chainlit.context import context_var

    context = context_var.get(None)
    if context is None:
        return None
    user = context.session.user
    return str(context.session.thread_id), "" if user is None else name_of(str(user.identifier))


def register(chainlit: Any, documents: Documents, where: Where = where) -> None:
    """Tell Chainlit what the buttons below a document do."""
    for name, press in _PRESSES.items():
        chainlit.action_callback(name)(_pressed(chainlit, documents, where, press))


def within(chainlit: Any, documents: Documents, reply: Reply, where: Where = where) -> Reply:
    """Return `reply` as it runs when documents come with a message: they are taken in, and then its words are answered."""

    async def replied(message: Any) -> None:
        if await _taken(chainlit, documents, message, where):
            await reply(message)

    return replied


async def _taken(chainlit: Any, documents: Documents, message: Any, where: Where) -> bool:
    """Take in the documents that came with a message; True if its words are to be answered now."""
    files = [each for each in message.elements or () if getattr(each, "path", None)]
    place = where()
    for each in files:
        if place is None or not await _take(chainlit, documents, place, each):
            if message.content.strip():
                await chainlit.Message(content=_NOT_ASKED).send()
            return False
    return not files or bool(message.content.strip())


async def _take(chainlit: Any, documents: Documents, place: Place, element: Any) -> bool:
    """Take in one document; True if it is on file."""
    name = escape(clean(str(element.name)))
    note = chainlit.Message(content=f"**{name}** is read …")
    await note.send()
    told_last: list[tuple[str, int, int]] = [("", 0, 0)]

    def progress(stage: str, done: int, total: int) -> None:
        told_last[0] = (stage, done, total)

    async def work() -> Taken:
        upload = await run_in_threadpool(uploads.received, element)
        return await run_in_threadpool(documents.put, place, upload, progress)

    working = asyncio.ensure_future(work())
    shown = told_last[0]
    while not working.done():
        await asyncio.wait({working}, timeout=_LOOK_S)
        if told_last[0] != shown and not working.done():
            shown = told_last[0]
            note.content = f"**{name}** is read: {_stage(*shown)} …"
            await note.update()
    line = await _outcome(working, element.name)
    if isinstance(line, str):
        note.content = f"**{name}** is not on file."
        await note.update()
        await chainlit.ErrorMessage(content=escape(line)).send()
        return False
    note.content = described(str(element.name), line)
    note.metadata = {_DOCUMENT: line.record.id}
    await note.update()
    await _offer(chainlit, line.record.id, note.id)
    return True


async def resumed(chainlit: Any, documents: Documents, thread: Mapping[str, Any], where: Where = where) -> None:
    """Show the buttons of a conversation that is picked up again: Chainlit keeps messages, and none of their buttons."""
    place = where()
    try:
        here = await run_in_threadpool(documents.ids, place) if place else frozenset()
    except ClausewiseError:
        return  # the next question says why
    told = {(step["metadata"] or {}).get(_DOCUMENT): step["id"] for step in thread["steps"]}
    for id in sorted(here & told.keys()):
        await _offer(chainlit, id, told[id])


async def _outcome(working: "asyncio.Future[Taken]", name: str) -> Taken | str:
    """Return the document, or the one line that says why there is none."""
    try:
        return await working
    except ClausewiseError as error:
        return f"{name}: {error}"
    except Exception as error:  # the process edge: whatever it is becomes one line for the reader
        logging.getLogger("uvicorn.error").exception("a document was not taken in")
        return f"{name}: an error of ours ({type(error).__name__}); see the server's log."


def _stage(stage: str, done: int, total: int) -> str:
    count = f" ({done} of {total})" if total > 1 else ""
    return f"{_STAGES.get(stage, stage)}{count}"


def described(name: str, of: Taken) -> str:
    """Return as Markdown what was taken in: the file's name, how long it is, which license it is if it is one, and what was left out."""
    record = of.record
    titled = "" if record.title in name else f" (“{escape(record.title)}”)"
    pages = f"{len(record.pages)} page{'s' * (len(record.pages) != 1)}, " if record.pages else ""
    size = f"{pages}{of.clauses} clause{'s' * (of.clauses != 1)}, {record.characters:,} characters"
    parts = [
        f"**{escape(clean(name))}**{titled} is on file for this conversation alone: {size}. "
        f"[Open in the viewer]({address(record.id)})"
    ]
    if of.identified:
        parts.append(told(of.identified))
    if of.remarks:
        parts.append("While reading: " + "; ".join(escape(each) for each in of.remarks[:5]) + ".")
    return "\n\n".join(parts)


async def _offer(chainlit: Any, id: str, message: str) -> None:
    """Show the buttons of a document below a message, and nowhere else: a page that has lost its connection has them still."""
    await _withdraw(chainlit, id)
    for button in _buttons(chainlit, id):
        await button.send(for_id=message)


async def _withdraw(chainlit: Any, id: str) -> None:
    for button in _buttons(chainlit, id):
        await button.remove()


def _buttons(chainlit: Any, id: str) -> list[Any]:
    rows = (
        (ALONE, "Ask my documents alone", "file-text"),
        (BESIDE, "Ask documents and licenses", "files"),
        (ADOPT, "Add to my library", "library"),
        (REMOVE, "Remove", "trash-2"),
    )
    return [
        chainlit.Action(id=f"{name}-{id}", name=name, payload={"id": id}, label=label, icon=icon)
        for name, label, icon in rows
    ]


def _pressed(chainlit: Any, documents: Documents, where: Where, press: Press) -> Callable[[Any], Awaitable[None]]:
    async def pressed(action: Any) -> None:
        id = action.payload.get("id") if isinstance(action.payload, Mapping) else None
        place = where()
        try:
            if isinstance(id, str) and place is not None:
                await press(chainlit, documents, place, id)
        except ClausewiseError as error:
            await chainlit.ErrorMessage(content=escape(sentence(str(error)))).send()
        except Exception as error:  # the process edge: whatever it is becomes one line for the reader
            logging.getLogger("uvicorn.error").exception("a document's button failed")
            line = f"An error of ours ({type(error).__name__}); see the server's log."
            await chainlit.ErrorMessage(content=line).send()

    return pressed


async def _adopt(chainlit: Any, documents: Documents, place: Place, id: str) -> None:
    note = chainlit.Message(content="It is added to your library …")
    await note.send()
    new = await run_in_threadpool(documents.adopt, place, id, lambda stage, done, total: None)
    note.content = (
        f"It is in your library now, and every conversation of yours can ask it: [{escape(new)}]({address(new)})"
    )
    await note.update()


async def _remove(chainlit: Any, documents: Documents, place: Place, id: str) -> None:
    await run_in_threadpool(documents.remove, place, id)
    await _withdraw(chainlit, id)
    await chainlit.Message(content="The document is removed, with all that was kept of it.").send()


async def _alone(chainlit: Any, documents: Documents, place: Place, id: str) -> None:
    await run_in_threadpool(documents.alone, place, True)
    await chainlit.Message(content=_ONLY).send()


async def _beside(chainlit: Any, documents: Documents, place: Place, id: str) -> None:
    await run_in_threadpool(documents.alone, place, False)
    await chainlit.Message(content=_BOTH).send()


_PRESSES: dict[str, Press] = {ADOPT: _adopt, REMOVE: _remove, ALONE: _alone, BESIDE: _beside}
