"""What a reader sets for a conversation: who writes, which licenses are in scope, and the company's facts.

The facts are kept in the home folder as the reader's profile; scope and writer last as long as the conversation.
"""

import warnings
from collections.abc import Mapping
from typing import Any

from starlette.concurrency import run_in_threadpool

from corpus.errors import ClausewiseError, InputError
from rag.types import Request, Value
from ui import fact_form
from ui import profile as profiles
from ui.answer_view import Setting
from ui.chat_answer import give, guarded, owner, turns_so_far
from ui.opened import Opened
from ui.render import escape
from ui.words import sentence

RULES, MODEL = "Rules only", "Model-written"
_SCOPE = "scope"


def register(chainlit: Any, opened: Opened) -> None:
    """Tell Chainlit of the chat's profiles and settings."""

    async def chosen(settings: dict[str, Any]) -> None:
        await _chosen(chainlit, opened, settings)

    async def offered(user: object, language: str | None) -> list[Any]:
        return await _profiles(chainlit, opened)

    # Chainlit asks for the profiles once more where it cannot wait for them, and drops what it asked for.
    warnings.filterwarnings("ignore", message=r"coroutine '.*\.offered' was never awaited", category=RuntimeWarning)
    chainlit.set_chat_profiles(offered)
    chainlit.on_settings_update(chosen)


async def open_settings(chainlit: Any, opened: Opened) -> None:
    """Show the settings of a conversation that begins; without a store there are none."""
    try:
        pipeline = await run_in_threadpool(opened.pipeline)
    except ClausewiseError:
        return  # the first question says why
    try:
        known = await profile(chainlit, opened)
    except ClausewiseError:
        known = {}  # a profile that is damaged is entered again here
    records = pipeline.store.records
    named = {f"{record.title} ({id})": id for id, record in records.items() if record.kind == "license"}
    titles = {title: named[title] for title in sorted(named, key=str.casefold)}
    # Of a conversation that is picked up again the page's settings are remembered, and what they mean here is not.
    remembered = (chainlit.user_session.get("chat_settings") or {}).get(_SCOPE) or ()
    chainlit.user_session.set(_SCOPE, tuple(id for id in remembered if isinstance(id, str) and id in records))
    field = fact_form.field
    inputs = [
        chainlit.input_widget.MultiSelect(
            id=_SCOPE, label="Licenses in scope", items=titles, initial=list(scope(chainlit)),
            description="Answers keep to these; with none, to what the question names.",
        ),
        *(
            chainlit.input_widget.TextInput(
                id=key, label=field(key)["label"], placeholder=field(key)["hint"],
                initial=fact_form.shown(key, known[key]) if key in known else "",
                description="Kept on this machine as your profile. What a question says goes first." if not at else "",
            )
            for at, key in enumerate(fact_form.COMPANY)
        ),
    ]  # fmt: skip
    await chainlit.ChatSettings(inputs).send()


async def profile(chainlit: Any, opened: Opened) -> dict[str, Value]:
    """Return the facts of the reader's profile. Raise as `ui.profile.load` does."""
    return await run_in_threadpool(profiles.load, opened.home, owner(chainlit))


def scope(chainlit: Any) -> tuple[str, ...]:
    """Return the ids of the licenses that answers keep to."""
    chosen: tuple[str, ...] = chainlit.user_session.get(_SCOPE) or ()
    return chosen


def engine(chainlit: Any) -> str:
    """Return the engine that the reader's choice of profile means."""
    return "rules" if chainlit.user_session.get("chat_profile") == RULES else "auto"


async def ask(chainlit: Any, opened: Opened, question: str) -> None:
    """Answer a question with the facts of the profile, within the licenses in scope, by the engine chosen."""

    async def work(_: Any) -> None:
        known = await profile(chainlit, opened)
        history, licenses = turns_so_far(chainlit), scope(chainlit)
        said = [question, *(turn.content for turn in history if turn.role == "user")]
        added = profiles.defaults(known, said)
        request = Request(question, history=history, licenses=licenses, facts=added, engine=engine(chainlit))
        await give(chainlit, opened, request, Setting(dict.fromkeys(added, "profile"), licenses))

    await guarded(chainlit, work)


async def _chosen(chainlit: Any, opened: Opened, settings: Mapping[str, Any]) -> None:
    try:
        pipeline = await run_in_threadpool(opened.pipeline)
        chosen = tuple(str(id) for id in settings.get(_SCOPE) or ())
        unknown = [id for id in chosen if id not in pipeline.store.records]
        if unknown:
            raise InputError(f"{unknown[0][:80]} is not on file; choose among the licenses listed")
        facts = fact_form.read({key: str(settings.get(key) or "") for key in fact_form.COMPANY})
        await run_in_threadpool(profiles.save, opened.home, owner(chainlit), facts)
        chainlit.user_session.set(_SCOPE, chosen)
    except ClausewiseError as error:
        await chainlit.ErrorMessage(content=escape(sentence(f"The settings are not kept: {error}"))).send()


async def _profiles(chainlit: Any, opened: Opened) -> list[Any]:
    """Return the choice between rules and model, where a model is served; else there is nothing to choose."""
    try:
        pipeline = await run_in_threadpool(opened.pipeline)
    except ClausewiseError:
        return []
    if pipeline.writer is None:
        return []
    told = {
        MODEL: "A model writes from the clauses; each quotation is checked, and the rules answer where it cannot.",
        RULES: "The rules answer alone: the same question gives the same words.",
    }
    return [
        chainlit.ChatProfile(name=name, markdown_description=text, default=name == MODEL) for name, text in told.items()
    ]
