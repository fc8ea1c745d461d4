"""The quotations of an answer held to the texts on file before a memo is made of them.

An answer may be older than the store. Words that stand in the text they were quoted from are written as they are; a
text that has changed, or gone, is told; words that never stood there are refused.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any

from corpus.errors import DataError
from corpus.store import Store
from ui.memo import shown

_SHORT = 12  # signs of a hash that tell two texts apart


@dataclass(frozen=True, slots=True)
class Found:
    """What has become of a quotation: its text `same`, `changed` around it (`stands`) or in it, or `gone`."""

    document: str
    title: str
    state: str
    then: str
    now: str = ""


def found(citation: Mapping[str, Any], store: Store) -> Found:
    """Return what has become of a quotation of a published answer.

    Raise DataError if the text is the one quoted from and does not hold the words.
    """
    id, title, then = str(citation["document"]), shown(str(citation["title"])), str(citation["sha256"])
    if id not in store.documents:
        return Found(id, title, "gone", then)
    document = store.documents[id]
    pieces = [citation, *([citation["lead_in"]] if citation["lead_in"] else [])]
    stands = all(_stands(piece, document.text) for piece in pieces)
    if document.origin.sha256 == then:
        if not stands:
            raise DataError(
                f"the answer quotes words that do not stand in {title}; ask again for one that can be shown"
            )
        return Found(id, title, "same", then)
    return Found(id, title, "stands" if stands else "changed", then, document.origin.sha256)


def _stands(piece: Mapping[str, Any], text: str) -> bool:
    start, end = int(piece["start"]), int(piece["end"])
    return 0 <= start < end and text[start:end] == piece["quote"]


def warnings(states: Iterable[tuple[int, Found]]) -> tuple[str, ...]:
    """Return one sentence for each text that is no longer the one quoted from; `states` are (note, what became of it)."""
    by_text: dict[tuple[str, str], list[tuple[int, Found]]] = {}
    for n, state in states:
        if state.state != "same":
            by_text.setdefault((state.document, state.then), []).append((n, state))
    return tuple(_warning(group) for group in by_text.values())


def _warning(group: list[tuple[int, Found]]) -> str:
    first = group[0][1]
    if first.state == "gone":
        return (
            f"{first.title} is no longer on file: {_notes(n for n, _ in group)} could not be checked against its text."
        )
    lost = [n for n, state in group if state.state == "changed"]
    kept = [n for n, state in group if state.state == "stands"]
    told = [f"{_notes(kept)} still {_stand(kept)} there"] if kept else []
    told += [f"{_notes(lost)} no longer {_stand(lost)} there"] if lost else []
    return (
        f"The text of {first.title} has changed since it was quoted (sha256 {first.then[:_SHORT]} then, "
        f"{first.now[:_SHORT]} now): {' and '.join(told)}. Ask again before you rely on this memo."
    )


def _stand(numbers: list[int]) -> str:
    return "stands" if len(numbers) == 1 else "stand"


def _notes(numbers: Iterable[int]) -> str:
    listed = [str(n) for n in numbers]
    return f"note {listed[0]}" if len(listed) == 1 else f"notes {', '.join(listed[:-1])} and {listed[-1]}"
