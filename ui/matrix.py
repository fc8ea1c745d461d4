"""The matrix of rights: for each license, with the documents read with it, how each common act is put, and in which clause."""

import csv
import io
from collections.abc import Iterable, Mapping
from typing import Any, Protocol

from corpus.catalog import Catalog
from corpus.curated import RULE, settled
from corpus.types import Document, Term
from ui.near import unknown
from ui.render import escape, table

# What people compare first; the words of the taxonomy.
RIGHTS = (
    "commercial-use",
    "host-as-service",
    "redistribute",
    "modify",
    "train-on-outputs",
    "sell",
    "sublicense",
    "patent-use",
)
DUTIES = (
    "license-copy",
    "naming",
    "same-license",
    "disclose-source",
    "network-source",
    "use-policy",
    "noncommercial",
    "threshold",
    "territory",
    "patent-retaliation",
)
ACTS = (*RIGHTS, *DUTIES)
# Of several things that a text says of one act the strictest is shown.
STRICT = (
    "prohibited",
    "requires-separate-license",
    "must",
    "permitted-if",
    "permitted",
    "unclear",
    "encouraged",
    "defines",
    "not-addressed",
)
# A program that shows tables takes what begins with one of these for a formula.
_FORMULA = ("=", "+", "-", "@", "\t", "\r")


class Texts(Protocol):
    """What the matrix needs of the store."""

    @property
    def documents(self) -> Mapping[str, Document]:
        """Return the documents by id."""

    def terms(self, id: str) -> tuple[Term, ...]:
        """Return the terms of a document."""


def matrix(catalog: Catalog, texts: Texts, ids: Iterable[str]) -> dict[str, Any]:
    """Return for each license and each common act how it is put and in which clause of which document of its bundle.

    Raise UnknownDocument, naming near ids, if one is not on file.
    """
    rows = []
    for id in ids:
        if id not in texts.documents:
            raise unknown("license", id, set(texts.documents), "clausewise licenses list")
        read = [each for each in catalog.read_with(id) if each in texts.documents]
        terms = [term for each in read for term in settled(texts.terms(each))]
        entry = catalog.get(id)
        title = entry.title if entry else texts.documents[id].title
        rows.append({"id": id, "title": title, "acts": {act: _cell(terms, act) for act in ACTS}})
    return {"acts": list(ACTS), "licenses": rows}


def _cell(terms: Iterable[Term], act: str) -> dict[str, Any] | None:
    found = [term for term in terms if term.act == act]
    if not found:
        return None
    strictest = min(found, key=lambda term: STRICT.index(term.modality) if term.modality in STRICT else len(STRICT))
    document, _, clause = strictest.clause_id.partition("#")
    silent = strictest.modality == "not-addressed"
    return {
        "modality": strictest.modality,
        "document": document,
        "clause": "" if silent else clause,
        "start": None if silent else strictest.span.start,
        "end": None if silent else strictest.span.end,
        "origin": "curated" if strictest.rule == RULE else "rule",
    }


def markdown(of: Mapping[str, Any]) -> str:
    """Return the matrix as a Markdown table, a row for each license."""
    rows = [
        [escape(row["id"]), *(_written(row["id"], cell) for cell in row["acts"].values())] for row in of["licenses"]
    ]
    return table(("License", *of["acts"]), rows) + "\n"


def as_csv(of: Mapping[str, Any]) -> str:
    """Return the matrix as comma-separated values, a row for each license."""
    out = io.StringIO()
    lines = csv.writer(out)
    lines.writerow(("id", "title", *of["acts"]))
    for row in of["licenses"]:
        cells = (row["id"], row["title"], *(_written(row["id"], cell) for cell in row["acts"].values()))
        lines.writerow(f"'{cell}" if cell.startswith(_FORMULA) else cell for cell in cells)
    return out.getvalue()


def _written(id: str, cell: Mapping[str, Any] | None) -> str:
    if cell is None:
        return ""
    elsewhere = cell["document"] if cell["document"] != id else ""
    return " ".join(filter(None, (cell["modality"], elsewhere, cell["clause"])))
