"""Which way a line points, whatever it is about: it forbids, it takes consent, it frees from a duty, it allows, it asks for something."""

import re
import tomllib
from collections.abc import Mapping
from functools import cache
from importlib import resources
from typing import Literal

from corpus.terms import pattern
from rag.case import Evidence
from rag.language import senses, words

Way = Literal["forbids", "consent", "frees", "conditions", "allows", "asks", "tells"]

_LEAD = 160
# A part of a sentence shorter than this has no force of its own.
_LEAST = 4
_ABOUT = 1.0


@cache
def _ways() -> Mapping[str, re.Pattern[str]]:
    data = tomllib.loads(resources.files("rag").joinpath("data/ways.toml").read_text(encoding="utf-8"))
    return {name: pattern("|".join(sources)) for name, sources in data.items()}


def way(evidence: Evidence, asked: str = "") -> Way:
    """Return which way a line points, its lead-in read with it.

    Of the parts of a sentence that point to different ways ("may permit X, but no Y may Z") the one counts that shares most
    words with the question `asked`; without one the line is read as a whole.
    """
    ways = _ways()
    text, above = evidence.text, evidence.line.unit.context.rpartition(" / ")[2]
    if text.startswith("|") and above.startswith("|"):
        return _row(_cells(text), _cells(above), asked)
    above = above[-_LEAD:]
    lead = ways["leads_no"].search(above)
    # A heading may lead a list in as well: "The recipient shall not".
    led = lead is not None and (above.rstrip().endswith((":", "—", "-")) or not above[lead.end() :].strip())
    told = parts(text) if asked else ()
    if len(told) > 1 and not led:
        found = [(part, _way(part, False)) for part in told]
        found = [row for row in found if row[1] != "tells"]
        if len({way for _, way in found}) > 1:
            shared = [(_shared(part, asked), part, way) for part, way in found]
            most = max(count for count, _, _ in shared)
            nearest = [way for count, _, way in shared if count >= most - _ABOUT]
            # Of parts about as near the stricter decides: a permission never hides a prohibition beside it.
            return "forbids" if "forbids" in nearest else next(way for count, _, way in shared if count == most)
    return _way(text, led)


def _way(text: str, led: bool) -> Way:
    ways = _ways()
    if denies(text):
        return "forbids"
    # "Models that are not Competing Models" tells which models, and forbids nothing.
    text = ways["relative"].sub(" ", text)
    if ways["frees"].search(text) and not led and not ways["forbids"].search(ways["frees"].sub(" ", text)):
        return "frees"
    if led or ways["forbids"].search(text):
        if ways["consent"].search(text):
            return "consent"
        return "conditions" if ways["exception"].search(text) else "forbids"
    if ways["consent"].search(text):
        return "consent"
    allows, asks = ways["allows"].search(text), ways["asks"].search(text)
    if asks and (allows is None or asks.start() < allows.start()):
        return "asks"
    if allows:
        return "conditions" if asks or ways["condition"].search(text) else "allows"
    return "tells"


def _cells(row: str) -> tuple[str, ...]:
    return tuple(cell.strip() for cell in row.strip().strip("|").split("|"))


def _row(cells: tuple[str, ...], heads: tuple[str, ...], asked: str) -> Way:
    """Return which way a row of a table points: by the cell that decides and whose column's head is nearest to the question."""
    found = [(_shared(head, asked), _cell(cell)) for cell, head in zip(cells[1:], heads[1:], strict=False)]
    ruled = [(shared, way) for shared, way in found if way != "tells"]
    nearest = [way for shared, way in ruled if shared == max(shared for shared, _ in ruled)]
    strict: tuple[Way, ...] = ("forbids", "consent", "conditions", "allows")
    return next((way for way in strict if way in nearest), "tells")


def _cell(text: str) -> Way:
    ways = _ways()
    if ways["cell_no"].search(text):
        return "forbids"
    if ways["cell_yes"].search(text):
        return "conditions" if "," in text or ways["condition"].search(text) else "allows"
    return "consent" if ways["cell_who"].search(text) else "tells"


def denies(text: str) -> bool:
    """Return True if a sentence says that something is not what it may be taken for, or that there is no way out."""
    return _ways()["denies"].search(text) is not None


def parts(text: str) -> tuple[str, ...]:
    """Return the parts of a sentence that may have different force: what stands before and behind `but`, or a semicolon."""
    found = [part for part in _ways()["halves"].split(text) if part and len(part.split()) >= _LEAST]
    return tuple(found) if len(found) > 1 else (text,)


def _shared(part: str, asked: str) -> float:
    """Return how much a part of a sentence has in common with a question: words, and half as much for what means the same."""
    mine, its = frozenset(words(part)), frozenset(words(asked))
    return len(mine & its) + 0.5 * len(senses(mine - its) & senses(its - mine))
