"""The source viewer: one document as a page, to the letter, with its clauses as link targets.

The page is made on the server and reads without JavaScript. What stands in the elements of class `text`, put together,
is `document.text`, character by character; the highlight and the links to definitions cut it and change nothing.
"""

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from urllib.parse import quote, urlencode

from jinja2 import Environment, FileSystemLoader, StrictUndefined
from markupsafe import Markup

from corpus.catalog import Catalog, ExternalPolicy, License
from corpus.files import page_of
from corpus.records import Record
from corpus.types import Clause, Document, Span
from rag.defined import Definition, Glossary, glossary
from ui.original import has_pages
from ui.pieces import Piece, pieces, verbatim
from ui.relatives import Link, links, versions
from ui.trail import Trail

# The parts of the site as every page names them.
SECTIONS = (
    ("/chat", "Ask"),
    ("/licenses", "Licenses"),
    ("/matrix", "Matrix"),
    ("/compare", "Compare"),
    ("/choose", "Choose"),
    ("/source", "Texts"),
    ("/positions", "Positions"),
)
_FOLDER = Path(__file__).parent
_OUTLINE_WORDS = 9
_DEEPEST = 6
_NARROW = 9
_MEANING = 600  # characters of a definition that are shown beside the text; the rest stands in its clause
_NUMBER = re.compile(r"\s*(?:\(?\w{1,4}[.)]+\s+)+(?=\S)")


@dataclass(frozen=True, slots=True)
class Entry:
    """A clause as the page shows it; `gap` is the white space that ends it, `start` and `end` leave that out.

    `page` is the printed page that it begins on, or that its highlight does.
    """

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
class Meaning:
    """A defined term: the clause that defines it, by path and as it is cited, and that clause's words; `more` where they go on there."""

    id: str
    name: str
    path: str
    label: str
    words: Markup
    more: bool


@dataclass(frozen=True, slots=True)
class Sheet:
    """A printed page of the original shown beside the text; `problem` says in one line why it cannot be."""

    number: int
    problem: str = ""


@dataclass(frozen=True, slots=True)
class Asked:
    """What an address asks of the viewer: a passage to highlight, the citations of an answer to go along, a printed page to show.

    `notice` is one line for the reader, `address` is where the text is, for the printed page's foot.
    """

    highlight: Span | None = None
    trail: Trail | None = None
    sheet: Sheet | None = None
    notice: str = ""
    address: str = ""


@dataclass(frozen=True, slots=True)
class Source:
    """What the page of a document shows. `printed` is True where the original's pages can be shown."""

    document: Document
    license: License | None
    entries: tuple[Entry, ...]
    links: tuple[Link, ...]
    versions: tuple[Link, ...]
    external: tuple[ExternalPolicy, ...]
    meanings: Mapping[Definition, Meaning]
    printed: bool
    asked: Asked

    def page_address(self, entry: Entry) -> str:
        """Return the address that shows the page of a clause beside the text, with the highlight in it, else all of it, marked."""
        own, marked = Span(entry.start, entry.end), self.asked.highlight
        return self._beside(entry.page or 1, marked if marked and marked.overlaps(own) else own, entry.path)

    def sheet_address(self, number: int) -> str:
        """Return the address that shows another page beside the same place of the text."""
        return self._beside(number, self.asked.highlight, self._place())

    def without_sheet(self) -> str:
        """Return the address of the same place with no page beside it."""
        if self.asked.trail:
            return self.asked.trail.address()
        return address(self.document.id, self._place(), self.asked.highlight)

    def compare(self, other: Link) -> str:
        """Return the address of this text beside another."""
        return f"/compare/{quote(self.document.id, safe='~')}/{quote(other.id, safe='~')}"

    def picture(self) -> str:
        """Return the address of the picture of the page that is shown."""
        number = self.asked.sheet.number if self.asked.sheet else 1
        return f"/source/{quote(self.document.id, safe='~')}/page/{number}.png{_passage(self.asked.highlight)}"

    def _beside(self, number: int, marked: Span | None, clause: str) -> str:
        way = f"&{self.asked.trail.query}" if self.asked.trail else ""
        passage = _passage(marked).replace("?", "&")
        return f"?page={number}{passage}{way}" + (f"#{quote(clause, safe='~')}" if clause else "")

    def _place(self) -> str:
        """Return the clause in which the highlight begins."""
        marked = self.asked.highlight
        return next((each.path for each in self.entries if marked and marked.overlaps(Span(each.start, each.end))), "")


def source(
    document: Document,
    clauses: Sequence[Clause],
    catalog: Catalog,
    records: Mapping[str, Record],
    asked: Asked | None = None,
) -> Source:
    """Return what the viewer shows of `document`; `records` are all texts on file, so that no link leads nowhere."""
    asked = asked or Asked()
    depths = _depths(clauses)
    known = catalog.get(document.license or document.id)
    terms = glossary(document.text, clauses)
    return Source(
        document=document,
        license=known,
        entries=tuple(_entry(document, clause, depths[clause.id], asked.highlight, terms) for clause in clauses),
        links=links(document, catalog, records),
        versions=versions(document, catalog, records),
        external=known.external if known else (),
        meanings=_meanings(document, clauses, terms),
        printed=has_pages(records.get(document.id)),
        asked=asked,
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
    fragment = f"#{quote(clause, safe='~')}" if clause else ""
    return f"/source/{quote(document, safe='~')}{_passage(span)}{fragment}"


def _passage(span: Span | None) -> str:
    return f"?start={span.start}&end={span.end}" if span is not None else ""


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
    environment.globals["sections"] = SECTIONS
    environment.filters["words"] = lambda name: str(name).replace("-", " ")
    environment.filters["short"] = _short
    environment.filters["query"] = lambda fields: urlencode(fields, doseq=True)
    return environment


def _short(number: str) -> str:
    """Return a clause number as it fits beside the text: of a long one the last part."""
    return number if len(number) <= _NARROW else f"…{number.rpartition('.')[2][-_NARROW:]}"


def _depths(clauses: Sequence[Clause]) -> dict[str, int]:
    parents = {clause.id: clause.parent for clause in clauses}
    depths: dict[str, int] = {}
    for clause in clauses:
        depth, parent = 0, clause.parent
        while parent in parents and depth < _DEEPEST:
            depth, parent = depth + 1, parents[parent]
        depths[clause.id] = depth
    return depths


def _entry(document: Document, clause: Clause, depth: int, highlight: Span | None, terms: Glossary) -> Entry:
    text = clause.span.of(document.text)
    body = text.rstrip()
    start, end = clause.span.start, clause.span.start + len(body)
    seen = max(start, highlight.start) if highlight and highlight.overlaps(Span(start, end)) else start
    return Entry(
        path=clause.path,
        number=clause.number,
        title=clause.heading or _first_words(body, clause.number),
        depth=depth,
        page=page_of(document.pages, seen),
        start=start,
        end=end,
        pieces=pieces(body, start, clause.heading, highlight, terms.uses(clause)),
        gap=verbatim(text[len(body) :]),
    )


def _meanings(document: Document, clauses: Sequence[Clause], terms: Glossary) -> Mapping[Definition, Meaning]:
    numbers = {clause.path: clause.number or clause.path for clause in clauses}
    return {
        definition: _meaning(document, definition, f"defined-{n}", numbers[definition.clause])
        for n, definition in enumerate(terms.definitions, start=1)
    }


def _meaning(document: Document, definition: Definition, id: str, label: str) -> Meaning:
    whole = definition.span.of(document.text)
    words = whole if len(whole) <= _MEANING else whole[:_MEANING].rpartition(" ")[0] or whole[:_MEANING]
    return Meaning(id, definition.name, definition.clause, label, verbatim(words), len(words) < len(whole))


def _first_words(body: str, number: str) -> str:
    """Return how a clause begins, for the outline, which has its number already."""
    words = (_NUMBER.sub("", body, count=1) if number else body).removeprefix(number).split()
    return " ".join(words[:_OUTLINE_WORDS]) + (" …" if len(words) > _OUTLINE_WORDS else "")


def _group(record: Record, catalog: Catalog) -> str:
    known = catalog.get(record.id)
    if known is None:
        return "your files" if record.file else "other"
    return known.class_ if known.kind == "license" else "policies and notices"


_ORDER: Mapping[str, int] = {"your files": 0, "open-weight": 1, "open-source": 2, "other": 9}


def _order(group: str) -> tuple[int, str]:
    return (_ORDER.get(group, 5), group)
