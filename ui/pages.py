"""The pages beside the viewer: the catalog, rights cards, the matrix, comparisons, and choosing by questions."""

from collections.abc import Mapping
from typing import TYPE_CHECKING

from fastapi import FastAPI, Request
from fastapi.responses import HTMLResponse, RedirectResponse, Response

from corpus.errors import InputError
from rag import choose, choose_tree
from ui import choose_page, comparison, comparison_page, license_pages, matrix, matrix_page
from ui.opened import Opened
from ui.overview import Overview, overview, read_filter

if TYPE_CHECKING:
    from rag.pipeline import Pipeline

# Where these pages stand: an error there is a page too.
PATHS = ("/licenses", "/matrix", "/compare", "/choose")


def add(app: FastAPI, opened: Opened) -> None:
    """Add the routes of the pages."""
    opened.ahead(overview)
    opened.ahead(matrix_page.whole)
    _add_licenses(app, opened)
    _add_matrix(app, opened)
    _add_comparisons(app, opened)
    _add_choose(app, opened)


def _given(request: Request) -> Mapping[str, list[str]]:
    """Return the fields of an address with all their values."""
    return {name: request.query_params.getlist(name) for name in request.query_params}


def _add_licenses(app: FastAPI, opened: Opened) -> None:
    @app.get("/licenses", response_class=HTMLResponse, include_in_schema=False)
    def licenses(request: Request) -> HTMLResponse:
        """List the licenses on file, filtered by the fields of the address."""
        of = opened.of_store(overview)
        return HTMLResponse(license_pages.list_page(of, read_filter(_given(request), of.families)))

    @app.get("/licenses/{id}", response_class=HTMLResponse, include_in_schema=False)
    def license(id: str) -> Response:
        """Show the rights card of a license."""
        pipeline = opened.pipeline()
        found = license_pages.resolved(pipeline, id)
        if found != id:
            return RedirectResponse(license_pages.card_address(found))
        return HTMLResponse(license_pages.card_page(pipeline, found))


def _add_matrix(app: FastAPI, opened: Opened) -> None:
    def asked(request: Request) -> tuple[Overview, matrix_page.View]:
        of = opened.of_store(overview)
        return of, matrix_page.read(_given(request), of)

    @app.get("/matrix", response_class=HTMLResponse, include_in_schema=False)
    def page(request: Request) -> HTMLResponse:
        """Show licenses and rights as a heat map."""
        of, view = asked(request)
        return HTMLResponse(matrix_page.page(of, opened.of_store(matrix_page.whole), view))

    @app.get("/matrix.csv", include_in_schema=False)
    def as_csv(request: Request) -> Response:
        """Return what the matrix shows as comma-separated values."""
        of, view = asked(request)
        text = matrix.as_csv(matrix_page.shown(of, opened.of_store(matrix_page.whole), view))
        return _file(text, "text/csv; charset=utf-8", "matrix.csv")

    @app.get("/matrix.svg", include_in_schema=False)
    def as_svg(request: Request) -> Response:
        """Return what the matrix shows as a picture."""
        of, view = asked(request)
        found = matrix_page.shown(of, opened.of_store(matrix_page.whole), view)
        return _file(matrix_page.svg(found), "image/svg+xml", "matrix.svg")


def _file(text: str, kind: str, name: str) -> Response:
    return Response(text.encode(), media_type=kind, headers={"Content-Disposition": f'attachment; filename="{name}"'})


def _add_comparisons(app: FastAPI, opened: Opened) -> None:
    @app.get("/compare", response_class=HTMLResponse, include_in_schema=False)
    def chooser(a: str = "", b: str = "") -> Response:
        """Let the reader choose two texts; with both chosen lead to their comparison."""
        pipeline = opened.pipeline()
        chosen = [license_pages.resolved(pipeline, id.strip()) if id.strip() else "" for id in (a, b)]
        if all(chosen):
            return RedirectResponse(comparison_page.address(*chosen))
        return HTMLResponse(comparison_page.chooser_page(pipeline, *chosen))

    @app.get("/compare/{a}/{b}", response_class=HTMLResponse, include_in_schema=False)
    def compare(a: str, b: str) -> Response:
        """Show two texts side by side."""
        pipeline = opened.pipeline()
        first, second = (license_pages.resolved(pipeline, id) for id in (a, b))
        if first == second:
            raise InputError("both are the same text; choose two that differ")
        if (first, second) != (a, b):
            return RedirectResponse(comparison_page.address(first, second))
        found = comparison.compared(pipeline.store, first, second)
        return HTMLResponse(comparison_page.page(found))


def _add_choose(app: FastAPI, opened: Opened) -> None:
    @app.get("/choose", response_class=HTMLResponse, include_in_schema=False)
    def choosing(request: Request) -> HTMLResponse:
        """Ask what is planned, and say which licenses and models fit."""
        pipeline: Pipeline = opened.pipeline()
        steps = choose_tree.load()
        answers = choose.read(steps, _given(request))
        rulings = choose.choose(pipeline, answers) if answers else ()
        return HTMLResponse(choose_page.page(steps, answers, rulings))
