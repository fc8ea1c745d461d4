"""From a reader's question to a gold item: with the verdicts and quotes that a person decided on, held to the texts.

Written into the gold file in one step; the next free id of the form `U001` is taken.
"""

import json
import os
import re
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from corpus import atomic
from corpus.errors import InputError, StoreError
from corpus.store import Store
from evals import items
from evals.items import VERDICTS, Item
from evals.recall import fold
from rag.types import Turn

SLICE = "from-chat"
# Line ends to a reader that splits text, which JSON leaves as they are.
_ENDS = {0x85: "\\u0085", 0x2028: "\\u2028", 0x2029: "\\u2029"}
_BETWEEN = re.compile(r"[\s|]+")


@dataclass(frozen=True, slots=True)
class Asked:
    """What was asked, what its reader said of the answer, and where this comes from."""

    question: str
    history: tuple[Turn, ...]
    reason: str
    source: str


@dataclass(frozen=True, slots=True)
class Decision:
    """What a person decided: the accepted verdicts, the quotes as pairs of document and words, and why."""

    verdicts: tuple[str, ...]
    quotes: tuple[tuple[str, str], ...] = ()
    rationale: str = ""


def line(row: Mapping[str, Any]) -> bytes:
    """Return an object as one line of JSON, whatever signs its texts hold."""
    return json.dumps(row, ensure_ascii=False).translate(_ENDS).encode() + b"\n"


def admit(asked: Asked, decision: Decision, store: Store, into: Path) -> Item:
    """Write a gold question into a file, and return it.

    Raise InputError, and write nothing, if it does not hold, stands there already, or the file cannot be written.
    """
    _check(decision)
    known = items.load(into) if into.is_file() else ()
    for item in known:
        if (item.question, item.history) == (asked.question, asked.history):
            raise InputError(f"{into} holds this question as {item.id} already; mend that, and reject the entry")
    taken = [int(item.id[1:]) for item in known if re.fullmatch(r"U\d{1,6}", item.id)]
    row = _row(f"U{max(taken, default=0) + 1:03d}", asked, decision, store)
    item = items.question(row)
    wrong = [each.removeprefix(f"{item.id}: ") for each in items.problems([item], store)]
    if wrong:
        raise InputError(f"{'; '.join(wrong)}; quote the text to the letter, as clausewise index text prints it")
    _write(into, line(row))
    return item


def _check(decision: Decision) -> None:
    unknown = [each for each in decision.verdicts if each not in VERDICTS]
    if unknown or not decision.verdicts:
        said = f"{unknown[0]!r} is no verdict" if unknown else "no verdict is given"
        raise InputError(f"{said}; choose with --verdict from {', '.join(sorted(VERDICTS))}")
    if not decision.quotes and "abstain" not in decision.verdicts:
        raise InputError('no quote is given; name what a right answer must cite: --quote DOCUMENT "its words"')


def _row(id: str, asked: Asked, decision: Decision, store: Store) -> dict[str, Any]:
    quotes = [(store.resolve(document), " ".join(quote.split())) for document, quote in decision.quotes]
    return {
        "id": id,
        "category": SLICE,
        "question": asked.question,
        "history": [{"role": turn.role, "content": turn.content} for turn in asked.history],
        "licenses": list(dict.fromkeys(document for document, _ in quotes)),
        "verdict": list(dict.fromkeys(decision.verdicts)),
        "evidence": [_evidence(document, quote, store) for document, quote in quotes],
        "optional_evidence": [],
        "must_mention": [],
        "must_not_mention": [],
        "slices": [SLICE],
        "held_out": False,
        "rationale": decision.rationale or asked.reason,
        "author_note": f"Asked in the chat; {asked.source} of the inbox, accepted by a person.",
    }


def _evidence(document: str, quote: str, store: Store) -> dict[str, str]:
    clause = _clause(document, quote, store)
    return {"license": document, "quote": quote} | ({"clause": clause} if clause else {})


def _clause(document: str, quote: str, store: Store) -> str:
    """Return the path of the clause in which a quote begins; empty if it stands nowhere or begins across two."""
    words = [word for word in _BETWEEN.split(quote) if word]
    text = store.documents[document].text
    found = re.search(r"[\s|]+".join(map(re.escape, words)), text, re.IGNORECASE) if words else None
    if found is None:
        return ""
    for clause in store.clauses(document):
        if clause.span.start <= found.start() < clause.span.end:
            return clause.path if fold(" ".join(quote.split()[:4])) in fold(clause.span.of(text)) else ""
    return ""


def _write(into: Path, added: bytes) -> None:
    path = into.resolve()  # a link stays a link
    try:
        if path.exists() and not os.access(path, os.W_OK):
            raise PermissionError(0, "no permission")
        old = path.read_bytes() if path.exists() else b""
        end = b"" if not old or old.endswith(b"\n") else b"\n"
        atomic.replace(path, old + end + added)
    except (OSError, StoreError) as error:
        cause = error.__cause__ if isinstance(error, StoreError) else error
        reason = cause.strerror if isinstance(cause, OSError) and cause.strerror else error
        raise InputError(f"{into} cannot be written ({reason}); name another file with --into") from error
