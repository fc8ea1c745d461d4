"""The server: REST, the source viewer and the chat in one process on loopback.

The core is synchronous; FastAPI runs these functions in threads, so that a long answer stops no other. Neither
questions nor documents are logged.
"""

import signal
import sys
import threading
from collections.abc import Callable, Sequence
from contextlib import suppress
from pathlib import Path
from typing import Annotated, Any

from fastapi import Body, FastAPI, Query, Request
from fastapi.exceptions import RequestValidationError
from fastapi.responses import HTMLResponse, JSONResponse, RedirectResponse, Response, StreamingResponse
from fastapi.staticfiles import StaticFiles
from starlette.concurrency import run_in_threadpool
from starlette.exceptions import HTTPException

from corpus.errors import ClausewiseError, DataError, EngineError, ModelBusy, StoreError, UnknownDocument
from corpus.types import Span
from rag import settings, stack
from rag.answer_json import claim_json, to_json
from rag.metrics import Metrics
from ui import card, comparison, open_label, viewer
from ui.asking import answered, streamed
from ui.audit import audit_json
from ui.engines import Engines
from ui.guard import Guard
from ui.listen import address, listen
from ui.opened import Opened, Opener
from ui.search import hits_json
from ui.wire import Ask, Claim

LIMIT = 100  # most passages that one search returns
_STATIC = Path(__file__).parent / "static"
_STATUS: tuple[tuple[type[ClausewiseError], int], ...] = (
    (UnknownDocument, 404),
    (StoreError, 503),
    (ModelBusy, 429),
    (EngineError, 503),
    (DataError, 500),
    (ClausewiseError, 400),
)


def create_app(home: Path, opener: Opener | None = None, hosts: Sequence[str] = (), chat: bool = True) -> FastAPI:
    """Return the application over a home folder; without a store it runs and says so.

    `opener` makes the pipeline (by default with the model that the environment names); `hosts` are names beside loopback's under which the server
    may be addressed. Without `chat` the chat is left out, and with it the two seconds that Chainlit takes to load.
    """
    engines = opener or Engines(settings.model_server())
    opened = Opened(home, engines)
    app = FastAPI(
        title="Clausewise",
        summary="Answers questions about licenses with the clauses that say so. Information, not legal advice.",
        docs_url=None,  # its page loads scripts from another host
        redoc_url=None,
    )
    app.state.opened = opened
    app.add_middleware(Guard, hosts=hosts)
    _add_errors(app)
    _add_questions(app, opened)
    _add_texts(app, opened)
    _add_pages(app, opened)
    _add_health(app, opened, engines.metrics if isinstance(engines, Engines) else Metrics())
    app.mount("/static", StaticFiles(directory=_STATIC))
    if chat:
        from ui.chat import mount  # loads Chainlit: two seconds, only where the chat is wanted

        mount(app, opened)
    return app


def serve(home: Path, host: str, port: int, announce: Callable[[str], None] | None = None) -> None:
    """Serve until the process is told to stop; `announce` is called with the chat's address once it can be opened.

    Raise InputError if `host` is not loopback's or `port` is in use.
    """
    import uvicorn

    with listen(host, port) as listening:
        app = create_app(home)
        threading.Thread(target=app.state.opened.warm, daemon=True).start()
        # Access lines would hold the questions of /api/search.
        config = uvicorn.Config(
            app, access_log=False, log_level="warning", server_header=False, timeout_graceful_shutdown=3
        )
        if announce is not None:
            announce(f"{address(listening)}/chat")
        if threading.current_thread() is threading.main_thread():
            # uvicorn repeats the signal that stopped it; taken so, it ends the process by way of its clean-up.
            signal.signal(signal.SIGTERM, lambda *_: sys.exit(0))
        with suppress(KeyboardInterrupt):
            uvicorn.Server(config).run(sockets=[listening])


def _add_errors(app: FastAPI) -> None:
    def expected(request: Request, error: Exception) -> Response:
        status = next((status for kind, status in _STATUS if isinstance(error, kind)), 500)
        reply = _error(request, status, getattr(error, "code", "internal"), str(error))
        if isinstance(error, ModelBusy):
            reply.headers["Retry-After"] = str(error.retry_after)
        return reply

    def invalid(request: Request, error: Exception) -> Response:
        found = error.errors() if isinstance(error, RequestValidationError) else []
        return _error(request, 422, "bad-input", "; ".join(_problem(each) for each in found[:3]) or "not valid")

    def plain(request: Request, error: Exception) -> Response:
        status, detail = (error.status_code, error.detail) if isinstance(error, HTTPException) else (500, "")
        code = {404: "not-found", 405: "method-not-allowed"}.get(status, "bad-input")
        return _error(request, status, code, str(detail))

    def unexpected(request: Request, error: Exception) -> Response:
        return _error(request, 500, "internal", f"an error of ours ({type(error).__name__}); see the server's log")

    app.add_exception_handler(ClausewiseError, expected)
    app.add_exception_handler(RequestValidationError, invalid)
    app.add_exception_handler(HTTPException, plain)
    app.add_exception_handler(Exception, unexpected)


def _problem(error: dict[str, Any]) -> str:
    place = ".".join(str(part) for part in error.get("loc", ())[1:])
    return f"{place}: {error.get('msg', 'not valid')}" if place else str(error.get("msg", "not valid"))


def _error(request: Request, status: int, code: str, message: str) -> Response:
    line = " ".join(message.split())
    if request.url.path.startswith("/source"):
        title = {404: "Not on file", 503: "No store yet"}.get(status, "This did not work")
        return HTMLResponse(viewer.error_page(title, line), status)
    return JSONResponse({"error": {"code": code, "message": line}}, status)


def _add_questions(app: FastAPI, opened: Opened) -> None:
    @app.post("/api/ask")
    async def ask(body: Ask, request: Request) -> Response:
        """Answer a question; with `Accept: text/event-stream` as the events `retrieved`, `statement` and `done`."""
        pipeline = await run_in_threadpool(opened.pipeline)
        if "text/event-stream" not in request.headers.get("accept", ""):
            return JSONResponse(to_json(await answered(pipeline, body.request(), request.receive)))
        return StreamingResponse(
            await streamed(pipeline, body.request(), request.receive), media_type="text/event-stream"
        )

    @app.post("/api/claim")
    def claim(body: Claim) -> JSONResponse:
        """Say whether the texts support a claim, contradict it, or do not settle it."""
        return JSONResponse(claim_json(opened.pipeline().claim(body.request())))

    @app.post("/api/audit")
    def audit(body: Annotated[dict[str, Any], Body()]) -> JSONResponse:
        """Audit a stack: an object with `use` and `component` as in a stack file."""
        return JSONResponse(audit_json(opened.pipeline().audit(stack.of(body))))

    @app.get("/api/search")
    def search(
        q: Annotated[str, Query(min_length=1, max_length=10_000)], k: Annotated[int, Query(ge=1, le=LIMIT)] = 10
    ) -> JSONResponse:
        """Return the `k` passages nearest to the query."""
        pipeline = opened.pipeline()
        return JSONResponse(hits_json(pipeline.store, pipeline.search(q, k), "q1"))


def _add_texts(app: FastAPI, opened: Opened) -> None:
    @app.get("/api/licenses")
    def licenses() -> JSONResponse:
        """List the licenses of the catalog."""
        return JSONResponse({"licenses": card.listing(opened.pipeline().catalog)})

    @app.get("/api/licenses/{id}")
    def license(id: str) -> JSONResponse:
        """Return the rights card of a license."""
        pipeline = opened.pipeline()
        shown = card.card(pipeline.catalog, pipeline.store, id)
        openness = open_label.labelled(pipeline.catalog, pipeline.store, shown["id"], shown["tags"])
        return JSONResponse(shown | {"openness": openness})

    @app.get("/api/licenses/{id}/compare/{other}")
    def comparison_of(id: str, other: str) -> JSONResponse:
        """Return what two texts say differently, clause by clause."""
        return JSONResponse(comparison.compared(opened.pipeline().store, id, other))

    @app.get("/api/documents/{id}/text")
    def text(id: str) -> Response:
        """Return the text that all offsets refer to."""
        store = opened.pipeline().store
        data = store.documents[store.resolve(id)].text.encode()
        return Response(data, media_type="text/plain; charset=utf-8")


def _add_pages(app: FastAPI, opened: Opened) -> None:
    @app.get("/", include_in_schema=False)
    def root() -> RedirectResponse:
        return RedirectResponse("/chat")

    @app.get("/source", response_class=HTMLResponse)
    def library() -> HTMLResponse:
        """List all texts on file."""
        pipeline = opened.pipeline()
        return HTMLResponse(viewer.library_page(pipeline.store.records, pipeline.catalog))

    @app.get("/source/{id}", response_class=HTMLResponse)
    def source(id: str, start: str = "", end: str = "") -> Response:
        """Show a text with its clauses as link targets; `start` and `end` name a passage to highlight."""
        pipeline = opened.pipeline()
        store = pipeline.store
        passage = _passage(start, end)
        found = store.resolve(pipeline.catalog.renamed.get(id, id))
        if found != id:
            return RedirectResponse(viewer.address(found, span=passage))
        shown = viewer.source(store.documents[id], store.clauses(id), pipeline.catalog, store.records, passage)
        return HTMLResponse(viewer.source_page(shown))


def _passage(start: str, end: str) -> Span | None:
    """Return the passage that a link names, empty if it names none that can be, None without one."""
    if not start and not end:
        return None
    numbers = all(each.isascii() and each.isdigit() and len(each) < 10 for each in (start, end))
    return Span(int(start), int(end)) if numbers and int(start) < int(end) else Span(0, 0)


def _add_health(app: FastAPI, opened: Opened, metrics: Metrics) -> None:
    @app.get("/metrics", include_in_schema=False)
    def figures() -> Response:
        """Return counters and durations in Prometheus' text form; no question and no document is in them."""
        return Response(metrics.text(), media_type="text/plain; version=0.0.4; charset=utf-8")

    @app.get("/healthz")
    def healthz() -> dict[str, str]:
        """Say that the process answers."""
        return {"status": "ok"}

    @app.get("/readyz")
    def readyz() -> dict[str, str | int]:
        """Say that questions can be answered."""
        return {"status": "ready", "documents": len(opened.pipeline().store.records)}
