"""What a reader of the chat says of an answer: two buttons below it, and a place in the inbox of the evaluation.

Answers that can be rated are kept in the reader's session; a button carries no more than a key to one, so that nothing
that a page sends is taken for an answer of ours. Asking for a reason holds nothing up: the next message is the reason,
unless the reader cancels. (Chainlit's own `AskUserMessage` would wait inside the button's request, with a time limit.)
"""

import logging
import uuid
from collections.abc import Awaitable, Callable
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

from starlette.concurrency import run_in_threadpool

from corpus.errors import ClausewiseError
from evals import feedback, inbox
from evals.feedback import Entry
from rag.types import Answer, Request
from ui.render import clean, escape

RIGHT, WRONG, BARE, CANCEL = "clausewise_right", "clausewise_wrong", "clausewise_bare", "clausewise_cancel"
RATEABLE = 50  # answers of one session that can still be rated

THANKS = "Thank you. Question and answer are kept in the inbox on this machine, for a person to review."
ASKED = (
    "What is wrong with it? **Your next message is kept as the reason**, with question and answer, in the inbox on this "
    "machine; nothing is sent anywhere. To correct it, write `verdict: no` (or another one) and paste the citation of the clause "
    "that decides, as the viewer copies it. To ask something else, cancel first."
)
TAKEN = (
    "Thank you. Your message is kept as the reason, with question and answer, in the inbox on this machine. "
    "If it was a question, send it again."
)
_CANCELLED = "Nothing is kept. Ask on."
_GONE = "That answer is kept already, or too old to be rated; ask again to rate it."
_RATED, _ASKED_OF = "rated", "asked_of"  # names in the session


@dataclass(slots=True)
class Rateable:
    """An answer that its reader can still rate, and the buttons that go when that is done."""

    entry: Entry
    buttons: list[Any]


def buttons(chainlit: Any, request: Request, answer: Answer) -> list[Any]:
    """Return the two buttons of an answer, which can be rated from now on."""
    key = str(uuid.uuid4())
    made = [
        chainlit.Action(name=RIGHT, payload={"key": key}, label="Right", icon="thumbs-up"),
        chainlit.Action(name=WRONG, payload={"key": key}, label="Not right", icon="thumbs-down"),
    ]
    entry = Entry("up", request.question, feedback.published(answer), request.history)
    known = {**_known(chainlit), key: Rateable(entry, list(made))}
    chainlit.user_session.set(_RATED, dict(list(known.items())[-RATEABLE:]))
    return made


def register(chainlit: Any, home: Path) -> None:
    """Tell Chainlit what the buttons do."""
    for name, press in _PRESSES.items():
        chainlit.action_callback(name)(_pressed(chainlit, home, press))


async def taken(chainlit: Any, home: Path, text: str) -> bool:
    """Return True if the message says what is wrong with an answer; it is in the queue then, or the reader knows why not."""
    key = chainlit.user_session.get(_ASKED_OF)
    if key not in _known(chainlit) or not text.strip():
        return False
    if len(text) > feedback.LONGEST_REASON:
        line = f"A reason has at most {feedback.LONGEST_REASON:,} characters, yours has {len(text):,}. Say it in fewer, or cancel."
        await _say(chainlit, line)
        return True
    await _guarded(chainlit, lambda: _keep(chainlit, home, key, ("down", clean(text), TAKEN)))
    return True


def _pressed(chainlit: Any, home: Path, press: "Press") -> Callable[[Any], Awaitable[None]]:
    async def pressed(action: Any) -> None:
        key = action.payload.get("key") if isinstance(action.payload, dict) else None
        if not isinstance(key, str) or key not in _known(chainlit):
            await _say(chainlit, _GONE)
            return
        await _guarded(chainlit, lambda: press(chainlit, home, key))

    return pressed


async def _right(chainlit: Any, home: Path, key: str) -> None:
    await _keep(chainlit, home, key, ("up", "", THANKS))


async def _bare(chainlit: Any, home: Path, key: str) -> None:
    await _keep(chainlit, home, key, ("down", "", THANKS))


async def _wrong(chainlit: Any, home: Path, key: str) -> None:
    if chainlit.user_session.get(_ASKED_OF) == key:
        return  # pressed twice
    chainlit.user_session.set(_ASKED_OF, key)
    asked = [
        chainlit.Action(name=BARE, payload={"key": key}, label="Keep without a reason"),
        chainlit.Action(name=CANCEL, payload={"key": key}, label="Cancel"),
    ]
    _known(chainlit)[key].buttons += asked
    await chainlit.Message(content=ASKED, actions=asked).send()


async def _cancel(chainlit: Any, home: Path, key: str) -> None:
    """Forget that a reason was asked for; the answer can still be rated."""
    if chainlit.user_session.get(_ASKED_OF) == key:
        chainlit.user_session.set(_ASKED_OF, None)
    rateable = _known(chainlit)[key]
    gone = [each for each in rateable.buttons if each.name in (BARE, CANCEL)]
    rateable.buttons = [each for each in rateable.buttons if each not in gone]
    await _remove(gone)
    await _say(chainlit, _CANCELLED)


async def _keep(chainlit: Any, home: Path, key: str, said: tuple[str, str, str]) -> None:
    """Put an answer into the queue as `said`: the rating, the reason, the thanks."""
    rating, reason, thanks = said
    # Taken out before anything is awaited, so that a button pressed twice queues once.
    rateable = _known(chainlit).pop(key)
    correction = feedback.correction(reason)
    said_of = replace(rateable.entry, rating=rating, reason=reason, correction=correction)
    try:
        kept = await run_in_threadpool(inbox.add, home / "eval", said_of)
    except BaseException:
        chainlit.user_session.set(_RATED, {key: rateable, **_known(chainlit)})  # it can be tried again
        raise
    if chainlit.user_session.get(_ASKED_OF) == key:
        chainlit.user_session.set(_ASKED_OF, None)
    await _remove(rateable.buttons)
    await _say(chainlit, thanks + (f" ({escape(kept.told)})" if kept.told else ""))


async def _guarded(chainlit: Any, work: Callable[[], Awaitable[None]]) -> None:
    try:
        await work()
    except ClausewiseError as error:
        await _fail(chainlit, f"This is not kept: {error}")
    except Exception as error:  # the process edge: whatever it is becomes one line for the reader
        logging.getLogger("uvicorn.error").exception("what a reader said was not kept")
        await _fail(chainlit, f"This is not kept: an error of ours ({type(error).__name__}); see the server's log.")


async def _fail(chainlit: Any, line: str) -> None:
    # What cannot be kept now must not make reasons of the questions that follow.
    chainlit.user_session.set(_ASKED_OF, None)
    await chainlit.ErrorMessage(content=escape(line)).send()


async def _say(chainlit: Any, line: str) -> None:
    await chainlit.Message(content=line).send()


async def _remove(gone: list[Any]) -> None:
    for each in gone:
        await each.remove()


def _known(chainlit: Any) -> dict[str, Rateable]:
    known: dict[str, Rateable] | None = chainlit.user_session.get(_RATED)
    return {} if known is None else known


Press = Callable[[Any, Path, str], Awaitable[None]]
_PRESSES: dict[str, Press] = {RIGHT: _right, WRONG: _wrong, BARE: _bare, CANCEL: _cancel}
