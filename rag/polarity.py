"""Which way a line points, whatever it is about: it forbids, it takes consent, it frees from a duty, it allows, it asks for something."""

import re
import tomllib
from collections.abc import Mapping
from functools import cache
from importlib import resources
from typing import Literal

from corpus.terms import pattern
from rag.case import Evidence

Way = Literal["forbids", "consent", "frees", "conditions", "allows", "asks", "tells"]

_LEAD = 160


@cache
def _ways() -> Mapping[str, re.Pattern[str]]:
    data = tomllib.loads(resources.files("rag").joinpath("data/ways.toml").read_text(encoding="utf-8"))
    return {name: pattern("|".join(sources)) for name, sources in data.items()}


def way(evidence: Evidence) -> Way:
    """Return which way a line points, its lead-in read with it."""
    ways = _ways()
    text, above = evidence.text, evidence.line.unit.context[-_LEAD:].rpartition(" / ")[2]
    led = ways["leads_no"].search(above) is not None and above.rstrip().endswith((":", "—", "-"))
    if ways["frees"].search(text) and not led and not ways["forbids"].search(ways["frees"].sub(" ", text)):
        return "frees"
    if led or ways["forbids"].search(text):
        return "consent" if ways["consent"].search(text) else "forbids"
    if ways["consent"].search(text):
        return "consent"
    if ways["allows"].search(text):
        return "conditions" if ways["condition"].search(text) else "allows"
    return "asks" if ways["asks"].search(text) else "tells"
