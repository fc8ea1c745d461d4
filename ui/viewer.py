"""The source viewer: one document as a page, to the letter, with its clauses as link targets.

The page is made on the server and reads without JavaScript. What stands in the elements of class `text`, put together,
is `document.text`, character by character; the highlight cuts it and changes nothing.
"""

import re
from bisect import bisect_right
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cache
from itertools import pairwise
from pathlib import Path
from urllib.parse import quote

from jinja2 import Environment, FileSystemLoader, StrictUndefined
from markupsafe import Markup, escape

from corpus.catalog import Catalog, ExternalPolicy, License
from corpus.records import Record
from corpus.types import Clause, Document, Span

_FOLDER = Path(__file__).parent
_OUTLINE_WORDS = 9
_DEEPEST = 6
_NARROW = 9
_NUMBER = re.compile(r"\s*(?:\(?\w{1,4}[.)]+\s+)+(?=\S)")


@dataclass(frozen=True, slots=True)
class Piece:
    """A run of a clause's text: highlighted or not, part of its heading or not."""

    text: Markup
    marked: bool = False
    heading: bool = False


@dataclass(frozen=True, slots=True)
class Entry:
    """A clause as the page shows it; `gap` is the white space that ends it, `start` and `end` leave that out."""

    path: str
    number: str
    title: str
    depth: int
    page: int | None
    start: int
    end: int
    pieces: tuple[Piece, ...]
    gap: Markup


@dataclass(frozen=True, slots=True)
class Link:
    """Another document that a reader of this one needs; `why` says what it is to this one."""

    id: str
    title: str
    why: str


@dataclass(frozen=True, slots=True)
class Source:
    """What the page of a document shows."""

    document: Document
    license: License | None
    entries: tuple[Entry, ...]
    links: tuple[Link, ...]
    external: tuple[ExternalPolicy, ...]
    notice: str


def source(
    document: Document,
    clauses: Sequence[Clause],
    catalog: Catalog,
    records: Mapping[str, Record],
    highlight: Span | None = None,
) -> Source:
    """Return what the viewer shows of `document`; `records` are all texts on file, so that no link leads nowhere."""
    notice = ""
    if highlight is not None and (highlight.end > len(document.text) or not highlight):
        notice, highlight = "The passage that the link names is not in this text; the whole text is shown.", None
    depths = _depths(clauses)
    known = catalog.get(document.license or document.id)
    return Source(
        document=document,
        license=known,
        entries=tuple(_entry(document, clause, depths[clause.id], highlight) for clause in clauses),
        links=_links(document, catalog, records),
        external=known.external if known else (),
        notice=notice,
    )


def source_page(shown: Source) -> str:
    """Return the viewer's page."""
    return environment().get_template("source.html").render(source=shown, document=shown.document)


def library_page(records: Mapping[str, Record], catalog: Catalog) -> str:
    """Return the page that lists every text on file, the licenses by class."""
    groups: dict[str, list[Record]] = {}
    for record in records.values():
        groups.setdefault(_group(record, catalog), []).append(record)
    ordered = [(name, sorted(groups[name], key=lambda d: d.title.casefold())) for name in sorted(groups, key=_order)]
    return environment().get_template("library.html").render(groups=ordered, count=len(records))


def error_page(title: str, message: str) -> str:
    """Return a page that says in one line what went wrong and what to do."""
    return environment().get_template("error.html").render(title=title, message=message)


def address(document: str, clause: str = "", span: Span | None = None) -> str:
    """Return the viewer's path for a document, a clause of it, and a span to highlight."""
    passage = f"?start={span.start}&end={span.end}" if span is not None else ""
    fragment = f"#{quote(clause, safe='~')}" if clause else ""
    return f"/source/{quote(document, safe='~')}{passage}{fragment}"


@cache
def environment() -> Environment:
    """Return the templates, with everything put into them escaped."""
    environment = Environment(
        loader=FileSystemLoader(_FOLDER / "templates"),
        autoescape=True,
        trim_blocks=True,
        lstrip_blocks=True,
        undefined=StrictUndefined,
    )
    environment.globals["address"] = address
    environment.filters["words"] = lambda name: str(name).replace("-", " ")
    environment.filters["short"] = _short
    return environment


def _short(number: str) -> str:
    """Return a clause number as it fits beside the text: of a long one the last part."""
    return number if len(number) <= _NARROW else f"…{number.rpartition('.')[2][-_NARROW:]}"


def _verbatim(text: str) -> Markup:
    """Return text for HTML. A browser turns CR LF into LF while it reads; written as a reference the CR stays."""
    return Markup(str(escape(text)).replace("\r", "&#13;"))  # noqa: S704 - escaped in the same expression


def _depths(clauses: Sequence[Clause]) -> dict[str, int]:
    parents = {clause.id: clause.parent for clause in clauses}
    depths: dict[str, int] = {}
    for clause in clauses:
        depth, parent = 0, clause.parent
        while parent in parents and depth < _DEEPEST:
            depth, parent = depth + 1, parents[parent]
        depths[clause.id] = depth
    return depths


def _entry(document: Document, clause: Clause, depth: int, highlight: Span | None) -> Entry:
    text = clause.span.of(document.text)
    body = text.rstrip()
    start, end = clause.span.start, clause.span.start + len(body)
    return Entry(
        path=clause.path,
        number=clause.number,
        title=clause.heading or _first_words(body, bool(clause.number)),
        depth=depth,
        page=bisect_right(document.pages, start) or None,
        start=start,
        end=end,
        pieces=_pieces(body, start, clause.heading, highlight),
        gap=_verbatim(text[len(body) :]),
    )


def _first_words(body: str, numbered: bool) -> str:
    """Return how a clause begins, for the outline, which has its number already."""
    words = (_NUMBER.sub("", body, count=1) if numbered else body).split()
    return " ".join(words[:_OUTLINE_WORDS]) + (" …" if len(words) > _OUTLINE_WORDS else "")


def _pieces(body: str, start: int, heading: str, highlight: Span | None) -> tuple[Piece, ...]:
    """Cut the clause's text where heading and highlight begin and end."""
    at = body.find(heading, 0, 200 + len(heading)) if heading else -1
    head = (at, at + len(heading)) if at >= 0 else (0, 0)
    marked = _within(highlight, start, len(body))
    cuts = sorted({0, len(body), *head, *marked})
    return tuple(
        Piece(
            text=_verbatim(body[low:high]),
            marked=marked[0] <= low and high <= marked[1],
            heading=head[0] <= low and high <= head[1],
        )
        for low, high in pairwise(cuts)
    )


def _within(highlight: Span | None, start: int, length: int) -> tuple[int, int]:
    if highlight is None:
        return (0, 0)
    low, high = max(highlight.start - start, 0), min(highlight.end - start, length)
    return (low, high) if low < high else (0, 0)


def _links(document: Document, catalog: Catalog, records: Mapping[str, Record]) -> tuple[Link, ...]:
    known = catalog.get(document.id)
    related = dict.fromkeys(catalog.bundle(document.license or document.id), "read together")
    if known is not None:
        related |= {known.predecessor: "earlier version"} if known.predecessor else {}
        related |= {each.id: "later version" for each in catalog.licenses.values() if each.predecessor == known.id}
    on_file = {id: why for id, why in related.items() if id in records and id != document.id}
    return tuple(Link(id, records[id].title, why) for id, why in on_file.items())


def _group(record: Record, catalog: Catalog) -> str:
    known = catalog.get(record.id)
    if known is None:
        return "your files" if record.file else "other"
    return known.class_ if known.kind == "license" else "policies and notices"


_ORDER: Mapping[str, int] = {"your files": 0, "open-weight": 1, "open-source": 2, "other": 9}


def _order(group: str) -> tuple[int, str]:
    return (_ORDER.get(group, 5), group)
