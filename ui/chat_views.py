"""What the views ask of the server: the clause behind a marker, and the same question with other facts.

What a page sends is an id, a number and what its reader typed. The answer itself is read from where it is kept, and only
for its owner, so that nothing that a page sends is taken for an answer of ours. A reply holds a `line` if its reader has
to know something.
"""

import logging
from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass
from typing import Any

from starlette.concurrency import run_in_threadpool

from corpus.errors import ClausewiseError, InputError
from rag import facts
from rag.types import Request, Value
from ui import chat_answer, chat_settings, fact_form, kept
from ui.answer_view import Setting
from ui.clause_view import clause_view
from ui.kept import Kept
from ui.opened import Opened
from ui.words import sentence

CLAUSE, AGAIN = "clausewise_clause", "clausewise_again"
Reply = dict[str, Any]
Deed = Callable[[Kept, Mapping[str, Any]], Awaitable[Reply]]
Answering = Callable[[Any], Awaitable[None]]  # answers a message of the conversation


def register(chainlit: Any, opened: Opened, within: Callable[[Answering], Answering]) -> None:
    """Tell Chainlit what the views' actions do; `within` is what every message of the conversation is answered in."""

    async def clause(of: Kept, payload: Mapping[str, Any]) -> Reply:
        citation = next((each for each in of.answer["citations"] if each["n"] == payload.get("n")), None)
        if citation is None:
            raise InputError("this answer has no such source; ask again")
        pipeline = await run_in_threadpool(opened.pipeline)
        props = await run_in_threadpool(clause_view, citation, pipeline.store, of.id)
        return {"clause": props}

    async def again(of: Kept, payload: Mapping[str, Any]) -> Reply:
        profile = await chat_settings.profile(chainlit, opened)
        asked = with_facts(of, _form(payload), profile)
        scope = chat_settings.scope(chainlit)
        licenses = asked.licenses or scope
        request = Request(
            asked.question, "", of.history, licenses=licenses, facts=asked.facts, engine=chat_settings.engine(chainlit)
        )
        told = chainlit.Message(content=asked.told, type="user_message", author="User")

        async def answer(_: Any) -> None:
            await chat_answer.give(chainlit, opened, request, Setting(asked.origins, licenses))

        await chainlit.context.emitter.task_start()
        try:
            await told.send()
            await within(answer)(told)
        finally:
            await chainlit.context.emitter.task_end()
        return {}

    chainlit.action_callback(CLAUSE)(on_kept(chainlit, opened, clause))
    chainlit.action_callback(AGAIN)(on_kept(chainlit, opened, again))


def on_kept(chainlit: Any, opened: Opened, deed: Deed) -> Callable[[Any], Awaitable[Reply]]:
    """Return the callback of an action on a kept answer; what goes wrong is one line in its reply."""

    async def called(action: Any) -> Reply:
        payload = action.payload if isinstance(action.payload, dict) else {}
        try:
            of = await run_in_threadpool(
                kept.load, opened.home, str(payload.get("id", "")), chat_answer.owner(chainlit)
            )
            return await deed(of, payload)
        except ClausewiseError as error:
            return {"line": sentence(str(error))}
        except Exception as error:  # the process edge: whatever it is becomes one line for the reader
            logging.getLogger("uvicorn.error").exception("an action of a view failed")
            return {"line": f"An error of ours ({type(error).__name__}); see the server's log."}

    return called


@dataclass(frozen=True, slots=True)
class Again:
    """A question asked again: its text, the facts with where they come from, the version chosen, and how the conversation says it."""

    question: str
    facts: Mapping[str, Value]
    origins: Mapping[str, str]
    licenses: tuple[str, ...]
    told: str


def with_facts(of: Kept, form: Mapping[str, str], profile: Mapping[str, Value]) -> Again:
    """Return a kept answer's question with the facts of a form; what the question states itself is not stated twice.

    Raise InputError, naming the field, for a fact that cannot be read.
    """
    read = fact_form.read(form)
    version, name = read.pop("version", ""), read.pop("license", "")
    stated = facts.given(of.answer["question"])
    told = {key: value for key, value in read.items() if stated.get(key) != value}
    origins = {key: "profile" if profile.get(key) == value else "form" for key, value in told.items()}
    question = f"{of.answer['question']} ({name})" if name else of.answer["question"]
    before = of.answer["facts"]["given"]
    titles = {each["document"]: each["title"] for each in of.answer["citations"]}
    chosen = (("version", titles.get(version, version)), ("license", name))
    news = [fact_form.told(key, value) for key, value in told.items() if before.get(key) != value]
    news += [fact_form.told(key, value) for key, value in chosen if value]
    line = f"The same question, with {'; '.join(news)}" if news else "The same question, with fewer facts"
    return Again(question, told, origins, (str(version),) if version else (), line)


def _form(payload: Mapping[str, Any]) -> dict[str, str]:
    form = payload.get("facts")
    if not isinstance(form, dict) or not all(isinstance(part, str) for pair in form.items() for part in pair):
        raise InputError("the form holds no facts; fill it in again")
    return form
