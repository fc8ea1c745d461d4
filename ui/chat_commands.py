"""The commands of the composer: two texts compared, a claim or a stack checked, a license's card, passages on a topic.

Each is a face of what the command line offers, with links into the viewer. A line that cannot be read is answered with
the form that it should have.
"""

import re
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any

from starlette.concurrency import run_in_threadpool

from corpus.errors import InputError
from rag import stack
from rag.checked import Checked
from rag.types import Answer, Basis, Citation, Request, Statement, Value, Verdict
from ui import audit, card, chat_answer, chat_settings, comparison, fact_form, open_label
from ui.answer_view import Setting
from ui.near import unknown
from ui.opened import Opened
from ui.render import FOOTER, bullets, escape, link, short
from ui.viewer import address

if TYPE_CHECKING:
    from rag.pipeline import Pipeline

_PASSAGES, _SHOWN, _BEGINNING = 8, 400, 110
_BETWEEN = re.compile(r"\s+(?:and|with|to|vs\.?|versus|against)\s+|\s*[,;\n]\s*", re.IGNORECASE)
_LABELS: Mapping[str, tuple[Verdict, Basis]] = {
    "supported": ("yes", "express-grant"),
    "contradicted": ("no", "premise-false"),
    "not_enough_info": ("abstain", "silent"),
}


@dataclass(frozen=True, slots=True)
class Command:
    """A command: its name, what it does, an icon, and the form that its line should have."""

    id: str
    description: str
    icon: str
    form: str


COMMANDS = (
    Command("compare", "Two licenses, clause by clause", "columns-2", "name two texts, as in: Llama 2 and Llama 3.1"),
    Command("claim", "Does the text say so?", "circle-check", "write one sentence, as in: MIT asks for no source code"),
    Command("stack", "Check what a product is made of", "layers", "paste a stack file, or say what is built from what"),
    Command("license", "The rights card of a license", "scroll-text", "name a license or a model, as in: Gemma"),
    Command(
        "sources", "The passages nearest to a topic", "search", "write a topic, as in: naming of derivative models"
    ),
)


async def offer(chainlit: Any) -> None:
    """Show the commands in the composer."""
    rows = [{"id": each.id, "description": each.description, "icon": each.icon} for each in COMMANDS]
    await chainlit.context.emitter.set_commands(rows)


async def run(chainlit: Any, opened: Opened, name: str, text: str) -> None:
    """Carry out a command on its line; what cannot be read is one line with the form that it should have."""

    async def work(said: Any) -> None:
        command = next((each for each in COMMANDS if each.id == name), None)
        if command is None:
            raise InputError(f"there is no command {name[:40]!r}; choose one from the list")
        if not any(map(str.isalnum, text)):
            raise InputError(f"the command {command.id} needs a line: {command.form}")
        pipeline = await run_in_threadpool(opened.pipeline)
        if name == "claim":
            await _claim(chainlit, opened, said, text)
            return
        if name == "stack" and not _is_file(text):
            await chat_settings.ask(chainlit, opened, text)
            return
        if name == "stack":
            known = await chat_settings.profile(chainlit, opened)
            made = await run_in_threadpool(_stack, pipeline, text, known)
        else:
            made = await run_in_threadpool(_TEXTS[name], pipeline, text)
        said.content = chat_answer.message_text(made)
        await said.send()

    await chat_answer.guarded(chainlit, work)


async def _claim(chainlit: Any, opened: Opened, said: Any, text: str) -> None:
    pipeline = await run_in_threadpool(opened.pipeline)
    scope = chat_settings.scope(chainlit)
    checked = await run_in_threadpool(pipeline.claim, Request(text, licenses=scope))
    given = (as_answer(checked), (), Setting(scope=scope, claim=checked.label))
    await chat_answer.show(chainlit, opened, said, given)
    chat_answer.remember(chainlit, text, checked.text)


def as_answer(checked: Checked) -> Answer:
    """Return a checked claim as an answer: what its view shows, and what is kept."""
    verdict, basis = _LABELS[checked.label]
    numbers = tuple(each.n for each in checked.citations)
    first = Statement(
        checked.text.partition("\n\n")[0], "registry" if checked.source == "registry" else "inference", numbers
    )
    quotes = (
        Statement(f"{c.title}, {c.clause}: “{' '.join(c.quote.split())}”", "text", (c.n,)) for c in checked.citations
    )
    return Answer(
        id=checked.id,
        question=checked.claim,
        verdict=verdict,
        basis=basis,
        text=checked.text,
        statements=(first, *quotes),
        citations=checked.citations,
        documents=tuple(dict.fromkeys(each.document for each in checked.citations)),
        problems=checked.problems,
    )


def _compare(pipeline: "Pipeline", text: str) -> str:
    named = [id for part in _BETWEEN.split(text) if part.strip() for id in _texts(pipeline, part)[:1]]
    found = list(dict.fromkeys(named))
    if len(found) != 2:
        raise InputError(f"{len(found) or 'no'} text found in that line, compare takes two: {COMMANDS[0].form}")
    of = comparison.compared(pipeline.store, *found)
    titles = [of[side]["title"] for side in ("a", "b")]
    parts = (
        f"### {escape(titles[0])} and {escape(titles[1])}",
        f"[Side by side](/compare/{found[0]}/{found[1]}), with the differences marked. "
        f"Clauses: {', '.join(f'{number} {kind}' for kind, number in of['counts'].items() if number)}.",
        *(bullets(f"Only in {escape(t)}", map(_fact, of[k])) for t, k in zip(titles, ("lost", "gained"), strict=True)),
        bullets("Clauses that differ", (_changed(each, found) for each in of["changes"] if each["kind"] != "same")),
        f"*{FOOTER}*",
    )
    return "\n\n".join(part for part in parts if part)


def _fact(fact: Mapping[str, Any]) -> str:
    """Return a fact that one text has and the other lacks, with a link to its clause."""
    place = link(f"clause {fact['clause']}", address(fact["document"], fact["clause"]))
    return f"{comparison.fact_words(fact)}, {place}"


def _changed(change: Mapping[str, Any], ids: Sequence[str]) -> str:
    """Return a clause that differs: how, where in each text, and how it begins."""
    sides = [(id, change[side]) for id, side in zip(ids, ("before", "after"), strict=True) if change[side]]
    links = (link(side["clause"], address(id, side["clause"])) for id, side in sides)
    return f"{change['kind']} {' → '.join(links)}: {escape(short(sides[-1][1]['text'], _BEGINNING))}"


def _license(pipeline: "Pipeline", text: str) -> str:
    found = _texts(pipeline, text)
    if len(found) > 1:
        listed = (f"{link(_title(pipeline, id), address(id))}, `{id}`" for id in found)
        return bullets(f"{len(found)} texts go by that name; name one of them", listed)
    shown = card.card(pipeline.catalog, pipeline.store, found[0])
    openness = open_label.labelled(pipeline.catalog, pipeline.store, shown["id"], shown["tags"])
    ways = (link("Read the text", address(shown["id"])), link("Rights card with links", f"/licenses/{shown['id']}"))
    return f"{', '.join(ways)}\n\n{card.markdown(shown | {'openness': openness})}"


def _stack(pipeline: "Pipeline", text: str, known: Mapping[str, Value]) -> str:
    """Return what a stack file comes to; what it leaves open of its company is filled in from what is `known`."""
    made = stack.parse(text, yaml_form=not re.search(r"^\s*\[", text, re.MULTILINE))
    added = {key: value for key, value in known.items() if key not in made.use.facts}
    found = pipeline.audit(replace(made, use=replace(made.use, facts={**made.use.facts, **added})))
    told = "; ".join(fact_form.told(key, value) for key, value in added.items())
    return (f"From your profile: {escape(told)}.\n\n" if told else "") + audit.markdown(found, _place)


def _place(of: Citation) -> str:
    return f"{link(f'{of.title}, {of.clause}', of.url)}: “{escape(short(of.quote, audit.QUOTED))}”"


def _sources(pipeline: "Pipeline", text: str) -> str:
    hits = pipeline.search(text, _PASSAGES)
    lines = []
    for hit in hits:
        document, _, clause = hit.passage.clause_id.partition("#")
        span = hit.passage.span
        words = escape(short(span.of(pipeline.store.documents[document].text), _SHOWN))
        place = link(f"{_title(pipeline, document)}, {clause}", address(document, clause, span))
        lines.append(f"1. {place}: “{words}”")
    return "\n".join(lines or ["Nothing on file is near to that; try other words."]) + f"\n\n*{FOOTER}*"


def _texts(pipeline: "Pipeline", text: str) -> tuple[str, ...]:
    """Return the ids of the texts that a line names, by id or by name, in the order of their versions.

    Raise UnknownDocument, naming near ids, if it names none that is on file.
    """
    bare = text.strip()
    if bare in pipeline.store.records:
        return (bare,)
    found = dict.fromkeys(id for each in pipeline.registry.mentions(text) for id in each.licenses)
    on_file = tuple(id for id in found if id in pipeline.store.records)
    if not on_file:
        raise unknown("text", bare, pipeline.store.records, "the page Licenses above")
    return on_file


def _title(pipeline: "Pipeline", id: str) -> str:
    return pipeline.store.records[id].title


def _is_file(text: str) -> bool:
    """Return True for a stack file, TOML or YAML, rather than a sentence about a stack."""
    return re.search(r"^\s*(\[\[?component\]?\]|component\s*:)", text, re.MULTILINE) is not None


_TEXTS: Mapping[str, Callable[["Pipeline", str], str]] = {
    "compare": _compare,
    "license": _license,
    "sources": _sources,
}
