"""The openness part of a rights card: label, OSI approval, freedoms, classes, layers, short codes, and what to look for in the text."""

from collections.abc import Iterable, Mapping
from typing import Any

from corpus.catalog import Catalog
from corpus.store import Store
from rag.case import Case, Evidence
from rag.openness import ELEMENTS, badge, checklist, openness
from rag.question import Question
from rag.quotes import cite
from rag.sheet import prepare
from ui.render import bullets, escape


def labelled(catalog: Catalog, store: Store, id: str, tags: Mapping[str, Iterable[str]]) -> dict[str, Any]:
    """Return how open a license on file is, by the names of the published interface; `tags` are those of its card.

    Raise UnknownDocument if it is not on file.
    """
    found = store.resolve(catalog.renamed.get(id, id))
    sheets = tuple(prepare(store, d) for d in catalog.read_with(found) if d in store.documents)
    case = Case(Question("", "classify"), found, sheets, {}, catalog.get(found))
    of = openness(case)
    return {
        "label": of.label,
        "reason": of.reason,
        "osi_approved": of.osi_approved,
        "badge": badge(tags, case),
        **of.classes,
        "open_washing": {"flag": of.washing is not None, **_place(of.washing)},
        "freedoms": [{"freedom": name, "limited": line is not None, **_place(line)} for name, line in of.freedoms],
        # What the text names is under its terms; whether a layer is published no license text states.
        "layers": [
            {"layer": name, "terms": "named" if line is not None else "unknown", **_place(line), "published": "unknown"}
            for name, line in of.layers
        ],
        "osaid": dict.fromkeys(ELEMENTS, "unknown"),
        "checklist": [{"topic": topic, "found": line is not None, **_place(line)} for topic, line in checklist(case)],
        "sha256": store.documents[found].origin.sha256,
    }


def _place(line: Evidence | None) -> dict[str, str | None]:
    if line is None:
        return {"document": None, "clause": None, "quote": None}
    citation = cite(line, 1)
    return {"document": citation.document, "clause": citation.clause, "quote": citation.quote}


def markdown(of: dict[str, Any]) -> str:
    """Return the openness of a license as Markdown."""
    freedoms = [f"{row['freedom']}: {_where(row, 'limited, ') or 'no clause limits it'}" for row in of["freedoms"]]
    layers = ", ".join(f"{row['layer']}: {_where(row, 'named in ') or 'unknown'}" for row in of["layers"])
    asked = ", ".join(f"{name}: {state}" for name, state in of["osaid"].items())
    washing = of["open_washing"]
    lines = [
        *freedoms,
        f"classes: {of['buckets']}; {of['tiers']}; {of['categories']}",
        f"in short: {of['badge'] or 'no code applies'}",
        f"called open, but {_where(washing, 'limited by ')}" if washing["flag"] else "",
        f"layers (whether they are published is unknown): {layers}",
        f"for the Open Source AI Definition: {asked}",
    ]
    checks = [f"[ ] {escape(row['topic'])}: {_where(row, '') or 'no clause'}" for row in of["checklist"]]
    return "\n\n".join(
        (
            bullets(f"{of['label']}: {escape(of['reason'])}", filter(None, lines)),
            bullets("To look for when reading", checks),
        )
    )


def _where(row: Mapping[str, Any], before: str) -> str:
    return f"{before}{escape(row['document'])} clause {escape(row['clause'])}" if row["document"] else ""
