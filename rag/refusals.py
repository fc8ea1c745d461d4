"""Questions that no text on file answers: out of scope, about an unknown name, or about a text that is missing."""

from collections.abc import Iterable
from dataclasses import replace

from corpus.catalog import Catalog
from corpus.registry import Mention, Registry
from rag import compose
from rag.question import Question
from rag.route import Route
from rag.types import Answer, Facts, MissingFact, Request


def refusal(request: Request, question: Question, way: Route, catalog: Catalog, registry: Registry) -> Answer | None:
    """Return an abstention if the texts cannot answer, or None."""
    if question.outside == "no-license":
        return replace(compose.refuse(request, "no-license", "outside-grant"), verdict="no")
    if question.outside is not None:
        return compose.refuse(request, question.outside, "out-of-scope", " ".join(by_hand(way, catalog)))
    if way.documents:
        return None
    if way.unknown:
        return compose.refuse(request, *_unknown(way.unknown, registry))
    if way.missing:
        return compose.refuse(request, *_missing(way.missing, catalog, registry))
    if way.lacking:
        title = catalog.by_hand[way.lacking[0]].entry.title
        text = f"The text of {title} is not on file, so I cannot say what it says."
        return compose.refuse(request, text, "not-on-file", " ".join(by_hand(way, catalog)))
    ask = MissingFact("license", "Which license or model is it?", "the answer differs from license to license")
    return compose.refuse(request, "nothing", "out-of-scope", facts=Facts(given=dict(question.facts), missing=(ask,)))


def by_hand(way: Route, catalog: Catalog) -> tuple[str, ...]:
    """Return how to get the definitions and regulations on file that a question names."""
    texts = [catalog.by_hand[id] for id in way.lacking]
    return tuple(f"To have {text.entry.title} quoted, {text.advice}." for text in texts)


def _unknown(mentions: tuple[Mention, ...], registry: Registry) -> tuple[str, str, str]:
    names = " and ".join(dict.fromkeys(f"“{m.text}”" for m in mentions))
    near = _titles((n for m in mentions for n in m.near), registry)
    return (
        f"{names} is not on file: I know no license or model of that name.",
        "not-on-file",
        f"Near names: {near}." if near else "",
    )


def _titles(ids: Iterable[str], registry: Registry) -> str:
    return ", ".join(dict.fromkeys(registry.title(id) for id in ids))


def _missing(mentions: tuple[Mention, ...], catalog: Catalog, registry: Registry) -> tuple[str, str, str]:
    mention = mentions[0]
    model = registry.model(mention.model) if mention.model else None
    text = (model.missing if model else mention.missing) or "its license"
    near = _titles(mention.near, registry)
    subject = f"The text of the {text} is not on file" if mention.kind == "license" else ""
    subject = subject or f"The text that governs {mention.name} is not on file ({text})"
    first = f"{subject}, so I cannot say what it allows."
    known = {name for pinned in catalog.pinned.values() for name in (pinned.missing, pinned.entry.title)}
    get = "It can be fetched: clausewise sync, then clausewise index build." if text in known else ""
    also = f"Near names that are on file: {near}." if near else ""
    return first, "not-on-file", " ".join(filter(None, (get, also)))
