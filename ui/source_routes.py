"""The viewer's addresses: a text with what its address asks for, and a printed page of its original as a picture.

What an address asks for and cannot be had is said in one line on the page; the text itself is shown all the same.
"""

from pathlib import Path

from fastapi import FastAPI, Request
from fastapi.responses import HTMLResponse, RedirectResponse, Response

from corpus.errors import ClausewiseError, InputError, UnknownDocument
from corpus.types import Document, Span
from rag.pipeline import Pipeline
from ui import kept, original, viewer
from ui.documents import Documents
from ui.people import owner
from ui.trail import Trail, stands, trail
from ui.viewer import Asked, Sheet

_NOT_IN_TEXT = "The passage that the link names is not in this text; the whole text is shown."
_NUMBER_LENGTH = 9


def add(app: FastAPI, documents: Documents) -> None:
    """Add the routes to the application."""

    @app.get("/source/{id}", response_class=HTMLResponse)
    def source(request: Request, id: str, start: str = "", end: str = "", page: str = "") -> Response:
        """Show a text with its clauses as link targets.

        `start` and `end` name a passage to highlight, `page` a printed page of the original to show beside the text; `answer`
        and `n` a citation of a kept answer, for the way from one citation to the next.
        """
        pipeline = documents.reading(id, owner(request))
        store = pipeline.store
        found = store.resolve(pipeline.catalog.renamed.get(id, id))
        if found != id:
            query = f"?{request.url.query}" if request.url.query else ""
            return RedirectResponse(f"{viewer.address(found)}{query}")
        document = store.documents[id]
        way, notices = _way(documents, request)
        if way and _known(pipeline, way.here.document) != id:
            return RedirectResponse(way.address())
        highlight = _passage(start, end)
        if highlight is None and way:
            highlight, said = stands(way.here, document)
            notices.append(said)
        elif highlight is not None and (highlight.end > len(document.text) or not highlight):
            highlight = None
            notices.append(_NOT_IN_TEXT)
        asked = Asked(
            highlight=highlight,
            trail=way,
            sheet=_sheet(documents.folder(id, owner(request)), document, page),
            notice=" ".join(filter(None, notices)),
            address=str(request.url.replace(query="", fragment="")),
        )
        shown = viewer.source(document, store.clauses(id), pipeline.catalog, store.records, asked)
        return HTMLResponse(viewer.source_page(shown))

    @app.get("/source/{id}/page/{name}.png", response_class=Response)
    def page_of_original(request: Request, id: str, name: str, start: str = "", end: str = "") -> Response:
        """Show a page of a PDF that the user added, with the passage between `start` and `end` marked on it."""
        store = documents.reading(id, owner(request)).store
        document = store.documents[store.resolve(id)]
        number, passage = _page_number(name), _passage(start, end)
        folder = documents.folder(document.id, owner(request))
        return Response(original.page_png(folder, document, number, passage), media_type="image/png")


def _passage(start: str, end: str) -> Span | None:
    """Return the passage that a link names, empty if it names none that can be, None without one."""
    if not start and not end:
        return None
    numbers = all(_is_number(each) for each in (start, end))
    return Span(int(start), int(end)) if numbers and int(start) < int(end) else Span(0, 0)


def _is_number(text: str) -> bool:
    return text.isascii() and text.isdigit() and len(text) <= _NUMBER_LENGTH


def _page_number(text: str) -> int:
    if not _is_number(text):
        raise InputError(f"{text[:20]!r} is no page number; write one from 1")
    return int(text)


def _sheet(folder: Path, document: Document, page: str) -> Sheet | None:
    """Return the printed page that a link names, with the reason if it cannot be shown; None without one."""
    if not page:
        return None
    try:
        number = _page_number(page)
        original.check(folder, document, number)
    except ClausewiseError as error:
        return Sheet(1, str(error))
    return Sheet(number)


def _way(documents: Documents, request: Request) -> tuple[Trail | None, list[str]]:
    """Return the citations of the answer that an address names, or None and what to tell the reader of it."""
    answer = request.query_params.get("answer", "")
    if not answer:
        return None, []
    try:
        return trail(kept.load(documents.home, answer, owner(request)), request.query_params.get("n", "")), []
    except ClausewiseError as error:
        line = str(error)
        return None, [f"{line[:1].upper()}{line[1:]}."]


def _known(pipeline: Pipeline, id: str) -> str:
    """Return the id under which a document is on file now; its own where it is not."""
    try:
        return pipeline.store.resolve(pipeline.catalog.renamed.get(id, id))
    except UnknownDocument:
        return id
