"""Do the metrics notice? Answers are damaged one by one, and every damage must cost what it ought to cost.

A mutant is an answer that was right (or at least had what is damaged) with one thing wrong: a citation of another clause, one
word of a quotation altered, another verdict, a citation dropped, a planted statement that the item forbids.
"""

import random
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from copy import deepcopy
from dataclasses import dataclass
from typing import Any

from corpus.store import Store
from evals import scoring
from evals.items import VERDICTS, Item
from evals.recall import Found, fold, touches
from evals.running import Results
from evals.scoring import Text

Answer = dict[str, Any]
_SEED = 7
_OTHER = "zymurgy"  # a word that no license holds


@dataclass(frozen=True, slots=True)
class Mutant:
    """A damaged answer: what was done to the answer of which item, and whether the metrics notice."""

    kind: str
    id: str
    caught: bool


def mutants(results: Results, items: Iterable[Item], store: Store) -> Iterator[Mutant]:
    """Yield a mutant of every kind that an answer allows."""
    folded: dict[str, str] = {}

    def text(id: str) -> str | None:
        if id not in folded and id in store.documents:
            folded[id] = fold(store.documents[id].text)
        return folded.get(id)

    for item in items:
        given = results.given.get(item.id)
        if given is None or not given.answer or not scoring.score(item, given.answer, text).right:
            continue
        draw = random.Random(f"{_SEED} {item.id}")  # noqa: S311 - no secret: the same mutants every time
        for kind, damage in _KINDS.items():
            damaged = damage(deepcopy(dict(given.answer)), item, store, draw)
            if damaged is not None:
                yield Mutant(kind, item.id, _caught(item, damaged, store, text))


def share(found: Sequence[Mutant]) -> dict[str, tuple[int, int]]:
    """Return for each kind how many mutants were caught, of how many."""
    return {
        kind: (sum(m.caught for m in found if m.kind == kind), sum(m.kind == kind for m in found)) for kind in _KINDS
    }


def _caught(item: Item, answer: Answer, store: Store, text: Text) -> bool:
    exact = scoring.inexact(answer, lambda id: store.documents[id].text if id in store.documents else None)
    return bool(exact or scoring.contradicts(answer)) or not scoring.score(item, answer, text).right


def _swapped(answer: Answer, item: Item, store: Store, draw: random.Random) -> Answer | None:
    """Let a required citation quote another clause of its document, at its right place."""
    for each in _deciding(answer, item):
        document = store.documents[each["document"]]
        others = [c for c in store.clauses(document.id) if c.path != each["clause"] and c.span.end - c.span.start >= 40]
        draw.shuffle(others)
        for clause in others:
            start = clause.span.start
            quote = document.text[start : min(clause.span.end, start + 200)]
            found = Found(document.id, quote)
            rest = [c for c in _found(answer, each) if c.text != quote]
            wanted = [e for e in item.evidence if touches(Found(each["document"], each["quote"]), e)]
            if len(quote.strip()) >= 30 and not any(touches(f, e) for f in (found, *rest) for e in wanted):
                each.update(clause=clause.path, quote=quote, start=start, end=start + len(quote))
                return answer
    return None


def _altered(answer: Answer, item: Item, store: Store, draw: random.Random) -> Answer | None:
    """Put another word for one of a quotation."""
    cited = [c for c in answer["citations"] if len(c["quote"].split()) >= 5]
    if not cited:
        return None
    each = draw.choice(cited)
    words = each["quote"].split(" ")
    words[draw.randrange(len(words))] = _OTHER
    each["quote"] = " ".join(words)
    return answer


def _flipped(answer: Answer, item: Item, store: Store, draw: random.Random) -> Answer | None:
    """Put a verdict that no careful reader gives."""
    answer["verdict"] = draw.choice(sorted(VERDICTS - set(item.verdicts)))
    return answer


def _dropped(answer: Answer, item: Item, store: Store, draw: random.Random) -> Answer | None:
    """Leave out all citations that show one piece of required evidence."""
    if not item.evidence:
        return None
    wanted = draw.choice(item.evidence)
    kept = [c for c in answer["citations"] if not touches(Found(c["document"], c["quote"]), wanted)]
    answer["citations"] = kept
    return answer


def _planted(answer: Answer, item: Item, store: Store, draw: random.Random) -> Answer | None:
    """Begin the answer with the opposite of its verdict, or with a statement that the item forbids."""
    opposite = {"yes": "No", "conditional": "No", "no": "Yes"}.get(answer["verdict"])
    claims = [*item.must_not_mention, *([f"{opposite}: the text settles it"] if opposite else [])]
    if not claims:
        return None
    answer["text"] = f"{draw.choice(claims)}. {answer['text']}"
    return answer


def _deciding(answer: Answer, item: Item) -> list[dict[str, Any]]:
    return [c for c in answer["citations"] if any(touches(Found(c["document"], c["quote"]), e) for e in item.evidence)]


def _found(answer: Answer, but: Mapping[str, Any]) -> list[Found]:
    return [Found(c["document"], c["quote"]) for c in answer["citations"] if c is not but]


_KINDS: Mapping[str, Callable[[Answer, Item, Store, random.Random], Answer | None]] = {
    "swapped clause": _swapped,
    "altered quote": _altered,
    "flipped verdict": _flipped,
    "dropped citation": _dropped,
    "planted contradiction": _planted,
}
