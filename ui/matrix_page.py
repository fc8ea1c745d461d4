"""The matrix of rights as a page and as a picture: a row for each license, coloured by how each right is put, a link to each clause."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from markupsafe import Markup

from corpus.catalog import CLASSES
from corpus.errors import InputError
from ui.license_pages import card_address
from ui.matrix import ACTS, DUTIES, RIGHTS, STRICT, matrix
from ui.near import unknown
from ui.overview import Filter, Overview, Row, overview, read_filter
from ui.viewer import environment

if TYPE_CHECKING:
    from rag.pipeline import Pipeline

_BY = ("title", "class", *ACTS)
# How a cell says it in a word; a limit on a freedom is no "no" to it.
_WORDS: Mapping[str, str] = {
    "prohibited": "no",
    "requires-separate-license": "ask first",
    "must": "must",
    "permitted-if": "yes, if",
    "permitted": "yes",
    "unclear": "unclear",
    "encouraged": "should",
    "defines": "see",
    "not-addressed": "silent",
}
_OF_DUTIES: Mapping[str, str] = {**_WORDS, "prohibited": "limit", "permitted": "free", "permitted-if": "free, if"}
_LEGEND: Mapping[str, str] = {
    "prohibited": "not allowed",
    "requires-separate-license": "another license has to be asked for",
    "must": "a duty",
    "permitted-if": "allowed on conditions",
    "permitted": "allowed",
    "unclear": "the text is unclear",
    "encouraged": "asked for, not required",
    "defines": "settled in the clause",
}
# The same colours as in pages.css: a picture stands alone.
_FILLS: Mapping[str, str] = {
    "prohibited": "#f3b6ad",
    "requires-separate-license": "#f6cfa3",
    "must": "#f7e3a1",
    "permitted-if": "#d9ebb4",
    "permitted": "#b4dfbb",
    "unclear": "#dcdfe3",
    "encouraged": "#dcdfe3",
    "defines": "#dcdfe3",
}


@dataclass(frozen=True, slots=True)
class Whole:
    """The matrix of all licenses on file, and the cells of each row as they stand in the page."""

    rows: Mapping[str, Mapping[str, Any]]
    cells: Mapping[str, Markup]


@dataclass(frozen=True, slots=True)
class View:
    """What of the matrix is shown, and in which order."""

    filter: Filter
    chosen: tuple[str, ...] = ()
    sort: str = "title"
    down: bool = False
    query: Mapping[str, list[str]] = field(default_factory=dict)

    def ordered(self) -> dict[str, list[str]]:
        """Return the fields of the address that shows this, the order with them where it is not the usual one."""
        order = {"sort": [self.sort], "dir": ["down" if self.down else "up"]}
        return {**self.query, **(order if (self.sort, self.down) != ("title", False) else {})}


def whole(pipeline: "Pipeline") -> Whole:
    """Return the matrix of the store of a pipeline."""
    ids = [row.entry.id for row in overview(pipeline).rows if row.entry.kind == "license"]
    found = matrix(pipeline.catalog, pipeline.store, ids)
    cells = environment().get_template("matrix_cells.html").module.cells  # type: ignore[attr-defined]
    return Whole(
        {row["id"]: row for row in found["licenses"]},
        {row["id"]: cells(row["acts"], _WORDS, _OF_DUTIES, DUTIES) for row in found["licenses"]},
    )


def read(given: Mapping[str, list[str]], of: Overview) -> View:
    """Return the view that the fields of an address ask for.

    Raise InputError or UnknownDocument, saying what there is, for a field, value or license that there is not.
    """
    rest = {name: values for name, values in given.items() if name not in ("license", "sort", "dir")}
    sort, down = _one(given, "sort", _BY, "title"), _one(given, "dir", ("up", "down"), "up") == "down"
    known = {row.entry.id for row in of.rows if row.entry.kind == "license"}
    chosen = tuple(dict.fromkeys(id for id in given.get("license", ()) if id))
    for id in chosen:
        if id not in known:
            raise unknown("license", id, known, "the list under Licenses")
    asked = read_filter(rest, of.families)
    query = {
        name: [v for v in dict.fromkeys(values) if v] for name, values in given.items() if name not in ("sort", "dir")
    }
    return View(asked, chosen, sort, down, {name: values for name, values in query.items() if values})


def _one(given: Mapping[str, list[str]], name: str, known: Iterable[str], otherwise: str) -> str:
    value = next((each for each in given.get(name, ()) if each), otherwise)
    if value not in known:
        raise InputError(f"{name}: {value[:40]!r} is none of {', '.join(known)}")
    return value


def _visible(of: Overview, all_rows: Whole, view: View) -> list[Row]:
    """Return the rows in order: all of them, or those that were chosen."""
    rows = [r for r in of.rows if r.entry.id in all_rows.rows and (not view.chosen or r.entry.id in view.chosen)]
    if view.sort == "class":
        rows.sort(key=lambda row: CLASSES.index(row.entry.class_))
    elif view.sort != "title":
        rows.sort(key=lambda row: _rank(all_rows.rows[row.entry.id]["acts"][view.sort]))
    return rows[::-1] if view.down else rows


def _rank(cell: Mapping[str, Any] | None) -> int:
    """Return how a cell is ordered: the strictest first, what is not spoken of last."""
    return STRICT.index(cell["modality"]) if cell and cell["modality"] in STRICT else len(STRICT)


def shown(of: Overview, all_rows: Whole, view: View) -> dict[str, Any]:
    """Return what the view shows of the matrix, for a file."""
    rows = [row for row in _visible(of, all_rows, view) if view.filter.passes(row)]
    return {"acts": list(ACTS), "licenses": [all_rows.rows[row.entry.id] for row in rows]}


def page(of: Overview, all_rows: Whole, view: View) -> str:
    """Return the page of the matrix."""
    rows = [(row, view.filter.passes(row)) for row in _visible(of, all_rows, view)]
    return (
        environment()
        .get_template("matrix.html")
        .render(
            rows=rows,
            count=sum(passes for _, passes in rows),
            cells=all_rows.cells,
            view=view,
            of=of,
            classes=CLASSES,
            rights=RIGHTS,
            duties=DUTIES,
            words=_WORDS,
            limits=_OF_DUTIES,
            legend=_LEGEND,
            card_address=card_address,
        )
    )


def svg(found: Mapping[str, Any]) -> str:
    """Return the matrix as a picture."""
    template = environment().get_template("matrix.svg")
    return template.render(of=found, fills=_FILLS, words=_WORDS, limits=_OF_DUTIES, duties=DUTIES)
