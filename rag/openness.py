"""How open a license is: the four freedoms with the clause that limits each, OSI approval, classes, layers, and one label with its reason.

What a license text cannot tell stays unknown: whether data information and training code are published is a fact about a release,
which the Open Source AI Definition asks for and no license states.
"""

import re
import tomllib
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from functools import cache
from importlib import resources
from typing import Any

from rag import freedoms
from rag.case import Case, Evidence

# The elements that the Open Source AI Definition 1.0 asks of a release, beside the terms.
ELEMENTS = ("data information", "code", "parameters")


@dataclass(frozen=True, slots=True)
class Openness:
    """The label, why, whether the OSI approved the license (None: not known), and for each freedom the line that limits it, or None.

    `classes` are the words of common schemes; `layers` the parts of a release with the line in which the text names each, or None;
    `washing` is the line that limits a freedom where the name of the license promises openness.
    """

    label: str
    reason: str
    osi_approved: bool | None
    freedoms: tuple[tuple[str, Evidence | None], ...]
    classes: Mapping[str, str]
    layers: tuple[tuple[str, Evidence | None], ...]
    washing: Evidence | None


@cache
def table() -> dict[str, Any]:
    """Return the words for openness: schemes, layers, codes, what to look for."""
    return tomllib.loads(resources.files("rag").joinpath("data/openness.toml").read_text(encoding="utf-8"))


def openness(case: Case) -> Openness:
    """Return how open the license of a case is."""
    limited = freedoms.limited(case)
    approved = case.entry.osi_approved if case.entry else None
    kind = case.entry.class_ if case.entry else None
    purpose = next((line for _, line in limited if line is not None and line.act == "noncommercial"), None)
    if approved:
        label, reason = "AI-Open-Source", "the OSI approved the license"
    elif purpose is not None:
        label, reason = "AI-Research-Only", "a clause limits it to non-commercial or research purposes"
    elif kind == "proprietary":
        label, reason = "AI-Proprietary", "terms of a service or a proprietary agreement"
    elif any(line is not None for _, line in limited):
        first = next(name for name, line in limited if line is not None)
        label, reason = "AI-Open-Weight", f"the freedom {first} is limited by a clause"
    else:
        label, reason = "AI-Open-Weight", "no clause limits a freedom, but the OSI has not approved the license"
    return Openness(label, reason, approved, limited, _classes(case), _layers(case), _washing(case))


def _classes(case: Case) -> dict[str, str]:
    """Return the value of each scheme: the first whose conditions all hold."""
    limiting = freedoms.limiting(case)
    return {
        scheme["name"]: next(row["value"] for row in scheme["values"] if _holds(case, row, limiting))
        for scheme in table()["scheme"]
    }


def _holds(case: Case, row: Mapping[str, Any], limiting: Mapping[str, Evidence]) -> bool:
    entry = case.entry
    purpose = limiting.get("noncommercial")
    return (
        ("classes" not in row or (entry is not None and entry.class_ in row["classes"]))
        and ("osi" not in row or (entry is not None and entry.osi_approved is row["osi"]))
        and ("tags" not in row or (entry is not None and bool(set(entry.tags) & set(row["tags"]))))
        and ("limited" not in row or bool(limiting.keys() & set(row["limited"])))
        and not limiting.keys() & set(row.get("unlimited", ()))
        and ("words" not in row or (purpose is not None and bool(re.search(row["words"], purpose.text, re.IGNORECASE))))
    )


def _layers(case: Case) -> tuple[tuple[str, Evidence | None], ...]:
    """Return for each layer of a release the first line in which the text defines something of it."""
    lines = sorted(case.all("definition"), key=lambda e: (e.sheet is not case.sheets[0], e.line.order))
    return tuple(
        (row["name"], next((e for e in lines if re.search(row["words"], e.text, re.IGNORECASE)), None))
        for row in table()["layer"]
    )


def _washing(case: Case) -> Evidence | None:
    """Return the line that limits a freedom though the license is called open and the OSI has not approved it."""
    of = table()["washing"]
    asked = case.entry is not None and case.entry.class_ in of["classes"] and not case.entry.osi_approved
    promised = asked and re.search(of["words"], case.title, re.IGNORECASE)
    return next(iter(freedoms.limiting(case).values()), None) if promised else None


def badge(tags: Mapping[str, Iterable[str]], case: Case) -> str:
    """Return the rights and duties of a license in short codes: `COM MOD DIS BY NAME`."""
    named = {f"{group}/{tag}" for group, words in tags.items() for tag in words}
    limiting = freedoms.limiting(case)
    codes = (row["code"] for row in table()["badge"] if row.get("tag") in named or row.get("act") in limiting)
    return " ".join(dict.fromkeys(codes))


def checklist(case: Case) -> tuple[tuple[str, Evidence | None], ...]:
    """Return what to look for when reading the license, each with the line that speaks of it, or None."""
    return tuple(
        (row["topic"], next((e for act in row["acts"] if (e := case.first(act)) is not None), None))
        for row in table()["check"]
    )
