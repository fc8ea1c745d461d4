"""`clausewise eval inbox`: what readers of the chat said of answers, for a person to accept into the gold set or reject."""

from argparse import Namespace
from collections.abc import Callable, Mapping
from pathlib import Path

from corpus.store import Store
from evals import inbox, items
from evals.admission import Decision
from evals.feedback import Correction, Entry
from ui import terminal
from ui.render import bullets, clean, escape, table

_SAID = {"up": "right", "down": "not right"}
_CELL = 80  # characters of a question or reason in the list
_SCANCODE = "scancode:"


def run(args: Namespace, home: Path) -> int:
    """List the queue, or show, accept or reject one entry; return 0."""
    step = _STEPS[args.step] if args.step else _list
    terminal.markdown(step(args, home))
    return 0


def _list(args: Namespace, home: Path) -> str:
    queue = inbox.entries(home / "eval")
    for problem in queue.problems:
        terminal.error(f"clausewise: {problem}")
    if not queue.entries:
        return "The inbox is empty.\n"
    head = ("Entry", "Said", "Question", "Verdict given", "Reason")
    rows = ((e.id, _SAID[e.rating], e.question, e.answer.verdict, e.reason) for e in queue.entries)
    return table(head, (map(_cell, row) for row in rows)) + "\n"


def _cell(text: str) -> str:
    folded = " ".join(text.split())
    return escape(folded if len(folded) <= _CELL else f"{folded[: _CELL - 1]}…")


def _show(args: Namespace, home: Path) -> str:
    entry = inbox.find(home / "eval", args.id)
    parts = (
        f"**{escape(entry.id)}**, said to be {_SAID[entry.rating]} at {escape(entry.time)}",
        bullets("Before", (f"{escape(turn.role)}: {escape(turn.content)}" for turn in entry.history)),
        f"**Question:** {escape(entry.question)}",
        f"**Reason:** {escape(entry.reason)}" if entry.reason else "",
        _correction(entry.correction) if entry.correction else "",
        f"**Verdict given:** {escape(entry.answer.verdict)}",
        clean(entry.answer.text).strip(),
        bullets("Cited", _cited(entry)),
    )
    return "\n\n".join(part for part in parts if part) + "\n"


def _correction(said: Correction) -> str:
    place = f"{escape(said.document)}, {escape(said.clause)}: “{escape(said.quote)}”" if said.document else ""
    return f"**Should be:** {'; '.join(filter(None, (escape(said.verdict), place)))}"


def _cited(entry: Entry) -> list[str]:
    return [f"{escape(c.document)}, {escape(c.clause)}: “{escape(c.quote)}”" for c in entry.answer.citations]


def _accept(args: Namespace, home: Path) -> str:
    into, store = args.into or items.QUESTIONS, Store.open(home)
    quotes = tuple((terminal.typed([document]), terminal.typed([words])) for document, words in args.quote)
    said = inbox.find(home / "eval", args.id).correction or Correction()
    # What the reader corrected holds where the person who accepts says nothing else.
    verdicts = tuple(args.verdict) or tuple(filter(None, (said.verdict,)))
    quotes = quotes or (((said.document, said.quote),) if said.document else ())
    decision = Decision(verdicts, quotes, terminal.typed([args.rationale]))
    item = inbox.accept(home / "eval", args.id, decision, store, into)
    told = [f"{args.id} stands as {item.id} in {into}."]
    if into == items.QUESTIONS:
        told.append(
            "Raise the number of questions in evals/gold/README.md, and write the baseline again: both are tested."
        )
    for id in dict.fromkeys(each.document for each in item.evidence):
        if not store.records[id].origin.source.startswith(_SCANCODE):
            told.append(f"The evaluation's own stores hold no {id}, which is none of ScanCode's texts.")
    return "\n".join(map(clean, told)) + "\n"


def _reject(args: Namespace, home: Path) -> str:
    inbox.reject(home / "eval", args.id, terminal.typed([args.reason]))
    return f"{args.id} is rejected.\n"


_STEPS: Mapping[str, Callable[[Namespace, Path], str]] = {"show": _show, "accept": _accept, "reject": _reject}
