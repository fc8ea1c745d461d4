"""Questions over the whole catalog ("which licenses let the licensor audit us?"): every text on file that says so, with coverage."""

import re
from collections.abc import Iterator
from dataclasses import dataclass

from corpus.catalog import Catalog, License
from corpus.curated import ABSENT, settled
from corpus.store import Store
from corpus.types import Modality, Term
from rag.question import Question
from rag.reading import stance

_ASKED = re.compile(
    r"\b(which|what|list|name|show|find|any|every|all|how many|are there)\b[^?.]{0,60}\b(licen[sc]es?|models?|agreements?|texts?|terms)\b",
    re.IGNORECASE,
)
_SINGLE = re.compile(r"\b(the|this|that|our|your|its|their|a) (licen[sc]e|model|agreement|text)\b", re.IGNORECASE)
# What is asked for is what is left when those that say so are taken away.
_WITHOUT = re.compile(
    r"\b(without|free of|avoid\w*|remain\w*|are left|exclud\w+ those)\b|\b(cannot|can.t|may not|must not) (accept|agree|live)\b"
    r"|\bdo(es)? not (have|contain|require|demand|ask)\b|\b(have|has|with|contains?|impose|impos\w+) no\b",
    re.IGNORECASE,
)
_KINDS: dict[str, tuple[Modality, ...]] = {
    "forbidden": ("prohibited", "requires-separate-license"),
    "required": ("must", "requires-separate-license"),
    "allowed": ("permitted", "permitted-if", "defines"),
}
# Words of a question that narrow the catalog by its tags.
_TAGS = (
    (re.compile(r"\b(ai|model|weights|llm)\w*\b", re.IGNORECASE), "ai"),
    (re.compile(r"\b(data|dataset|database)\w*\b", re.IGNORECASE), "data"),
    (re.compile(r"\bcreative commons\b|\bcc licen[sc]es\b", re.IGNORECASE), "creative-commons"),
    (re.compile(r"\b(software|source code) licen[sc]es?\b", re.IGNORECASE), "software"),
)


@dataclass(frozen=True, slots=True)
class Survey:
    """What was found: a term of each license that says so, how many texts were searched, and of which kind (all if empty).

    `without` are the licenses that have no such term, where the question asks for those.
    """

    found: tuple[tuple[License, Term], ...]
    searched: int
    tag: str
    acts: tuple[str, ...]
    without: tuple[License, ...] = ()


def asked(question: Question) -> bool:
    """Return True if a question asks which licenses say something, and names none."""
    if question.mentions or not _ASKED.search(question.text) or _SINGLE.search(question.text):
        return False
    return bool(question.acts or question.topics)


def survey(question: Question, catalog: Catalog, store: Store) -> Survey:
    """Return every license on file that speaks of what a question asks about, in the way it asks."""
    without = _WITHOUT.search(question.text) is not None
    kind = "" if without else stance(question.text)
    acts = _left_out(question) if without else _acts(question, kind)
    tag = next((tag for words, tag in _TAGS if words.search(question.text)), "")
    entries = [
        entry
        for entry in catalog.licenses.values()
        if entry.id in store.records and entry.kind == "license" and (not tag or tag in entry.tags)
    ]
    firsts = {entry.id: next(_matching(store, entry, acts, _KINDS.get(kind, ())), None) for entry in entries}
    found = tuple((entry, term) for entry in entries if (term := firsts[entry.id]) is not None)
    left = tuple(entry for entry in entries if firsts[entry.id] is None) if without else ()
    return Survey(found, len(entries), tag, acts, left)


def _left_out(question: Question) -> tuple[str, ...]:
    """Return the acts of all topics of a question: a text that says any of them is ruled out."""
    return tuple(
        dict.fromkeys(_PLAIN.get(t.name, t.terms[0]) for t in question.topics if t.name not in ("class", "duties"))
    )


# Of some topics the first term is not the one that rules a license out.
_PLAIN = {"warranty": "indemnity", "governing-law": "forum"}


def _acts(question: Question, kind: str) -> tuple[str, ...]:
    specific = [a for a in question.acts if a.name not in ("use", "commercial-use")]
    if specific and kind in ("forbids", "allows"):
        return tuple(dict.fromkeys(a.covers[0] for a in specific))[:1]
    topics = [t for t in question.topics if t.name not in ("class", "duties")]
    if topics:
        return topics[0].terms[:1]
    return tuple(a.covers[0] for a in question.acts)[:1]


def _matching(store: Store, entry: License, acts: tuple[str, ...], modalities: tuple[Modality, ...]) -> Iterator[Term]:
    """Yield the terms of a license on the acts; what reviewers settled replaces what the rules found."""
    for term in settled(store.terms(entry.id)):
        said = term.act in acts and term.modality != ABSENT
        if said and (not modalities or term.modality in modalities):
            yield term
