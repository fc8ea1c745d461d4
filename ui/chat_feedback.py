"""What a reader of the chat says of an answer: right, or what is wrong with it, into the inbox of the evaluation.

The form stands in the answer's view. The answer that goes into the queue is the kept one, never one that a page sends.
"""

from collections.abc import Mapping
from typing import Any

from starlette.concurrency import run_in_threadpool

from corpus.errors import InputError
from evals import feedback, inbox
from evals.feedback import Correction, Entry
from evals.items import VERDICTS
from ui import chat_views
from ui.kept import Kept
from ui.opened import Opened
from ui.render import clean

RATE = "clausewise_rate"
THANKS = "Thank you. Question and answer are kept in the inbox on this machine, for a person to review."
_RATED = "rated"  # in the session: what has been said already


def register(chainlit: Any, opened: Opened) -> None:
    """Tell Chainlit what the form does."""

    async def rate(of: Kept, payload: Mapping[str, Any]) -> dict[str, Any]:
        rated: frozenset[str] = chainlit.user_session.get(_RATED) or frozenset()
        if of.id in rated:
            raise InputError("what you said of this answer is kept already")
        # Noted before anything is awaited, so that a button pressed twice queues once.
        chainlit.user_session.set(_RATED, rated | {of.id})
        try:
            kept = await run_in_threadpool(inbox.add, opened.home / "eval", entry(of, payload))
        except BaseException:
            chainlit.user_session.set(_RATED, rated)  # it can be tried again
            raise
        return {"done": True, "line": THANKS + (f" ({kept.told})" if kept.told else "")}

    chainlit.action_callback(RATE)(chat_views.on_kept(chainlit, opened, rate))


def entry(of: Kept, payload: Mapping[str, Any]) -> Entry:
    """Return what a reader says of a kept answer.

    Raise InputError, naming the field, for what cannot be kept.
    """
    rating = payload.get("rating")
    reason, verdict, cited = (_text(payload, name) for name in ("reason", "verdict", "clause"))
    if rating not in feedback.RATINGS:
        raise InputError("say whether the answer is right or not")
    if verdict and verdict not in VERDICTS:
        raise InputError(f"the right verdict is one of {', '.join(sorted(VERDICTS))}")
    # Before anything is looked for in them: what a search costs grows with the square of their length.
    for said, name, most in (
        (reason, "reason", feedback.LONGEST_REASON),
        (cited, "citation", feedback.LONGEST_CITATION),
    ):
        if len(said) > most:
            raise InputError(f"a {name} has at most {most:,} characters, yours has {len(said):,}")
    found = feedback.correction(cited)
    if cited and (found is None or not found.document):
        raise InputError("the clause that decides is a citation as “Copy citation” gives it, with its link; paste one")
    correction = _corrected(found, verdict) or feedback.correction(reason)
    question, answer = of.answer["question"], feedback.published(of.answer)
    return Entry(rating, question, answer, of.history, clean(reason), correction)


def _corrected(found: Correction | None, verdict: str) -> Correction | None:
    if found is None:
        return Correction(verdict) if verdict else None
    return Correction(verdict or found.verdict, found.document, found.clause, found.quote)


def _text(payload: Mapping[str, Any], name: str) -> str:
    text = payload.get(name, "")
    if not isinstance(text, str):
        raise InputError(f"{name} must be words")
    return text.strip()
