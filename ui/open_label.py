"""The openness part of a rights card: label, OSI approval, four freedoms, and what the Open Source AI Definition asks beyond a text."""

from typing import Any

from corpus.catalog import Catalog
from corpus.store import Store
from rag.case import Case
from rag.openness import ELEMENTS, openness
from rag.question import Question
from rag.quotes import cite
from rag.sheet import prepare
from ui.render import bullets, escape


def labelled(catalog: Catalog, store: Store, id: str) -> dict[str, Any]:
    """Return how open a license on file is, by the names of the published interface.

    Raise UnknownDocument if it is not on file.
    """
    found = store.resolve(catalog.renamed.get(id, id))
    read = [d for d in (*catalog.bundle(found), *catalog.policies(found)) if d in store.documents]
    sheets = tuple(prepare(store, d) for d in dict.fromkeys(read))
    of = openness(Case(Question("", "classify"), found, sheets, {}, catalog.get(found)))
    cited = {name: cite(line, 1) if line is not None else None for name, line in of.freedoms}
    return {
        "label": of.label,
        "reason": of.reason,
        "osi_approved": of.osi_approved,
        "freedoms": [
            {
                "freedom": name,
                "limited": citation is not None,
                "document": citation.document if citation else None,
                "clause": citation.clause if citation else None,
                "quote": citation.quote if citation else None,
            }
            for name, citation in cited.items()
        ],
        # Facts about a release that no license text states.
        "osaid": dict.fromkeys(ELEMENTS, "unknown"),
        "sha256": store.documents[found].origin.sha256,
    }


def markdown(of: dict[str, Any]) -> str:
    """Return the openness of a license as Markdown."""
    lines = [
        f"{row['freedom']}: "
        + (
            f"limited, {escape(row['document'])} clause {escape(row['clause'])}"
            if row["limited"]
            else "no clause limits it"
        )
        for row in of["freedoms"]
    ]
    asked = ", ".join(f"{name}: {state}" for name, state in of["osaid"].items())
    return bullets(f"{of['label']}: {escape(of['reason'])}", [*lines, f"for the Open Source AI Definition: {asked}"])
