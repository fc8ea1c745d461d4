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

from corpus.errors import ClausewiseError, DataError, EngineError, InputError, ModelBusy, StoreError, UnknownDocument
from rag import settings, stack
from rag.answer_json import claim_json, to_json
from rag.metrics import Metrics
from rag.settings import Access
from rag.types import Answer
from ui import card, comparison, memo_pages, open_label, pages, positions, source_routes, users, viewer
from ui.asking import answered, streamed
from ui.audit import audit_json
from ui.documents import Documents
from ui.engines import Engines
from ui.guard import Guard
from ui.listen import address, listen
from ui.opened import Opened, Opener
from ui.people import Identified, People, owner
from ui.search import hits_json
from ui.wire import Ask, Claim

_PAGES = ("/source", "/memo", "/positions", "/shared", *pages.PATHS)  # read by people: an error is a page there
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


def create_app(
    home: Path, opener: Opener | None = None, hosts: Sequence[str] = (), chat: bool = True, access: Access | None = None
) -> FastAPI:
    """Return the application over a home folder; without a store it runs and says so.

    `opener` makes the pipeline (by default with the model that the environment names); `hosts` are names beside loopback's under which the server
    may be addressed; `access` says who may use it (by default everybody at the machine).
    Without `chat` the chat is left out, and with it the two seconds that Chainlit takes to load.
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
    app.state.documents = documents = Documents(opened)
    people = People(home, access or Access())
    app.add_middleware(Identified, people=people)
    app.add_middleware(Guard, hosts=[*hosts, *filter(None, [people.access.host])], upload=settings.upload_bytes())
    _add_errors(app)
    _add_questions(app, opened)
    _add_texts(app, opened, documents)
    _add_pages(app, opened)
    source_routes.add(app, documents)
    memo_pages.add(app, documents)
    pages.add(app, opened)
    _add_health(app, opened, engines.metrics if isinstance(engines, Engines) else Metrics())
    app.mount("/static", StaticFiles(directory=_STATIC))
    if chat:
        from ui.chat import mount  # loads Chainlit: two seconds, only where the chat is wanted

        mount(app, opened, people)
    return app


def serve(home: Path, host: str, port: int, announce: Callable[[str], None] | None = None) -> None:
    """Serve until the process is told to stop; `announce` is called with the chat's address once it can be opened.

    Raise InputError if `host` is not loopback's and nobody has to log in, if nobody could, or if `port` is in use.
    """
    import uvicorn

    access = settings.access()
    if access.way == "password" and not users.names(home):
        raise InputError("nobody could log in: add a user first with clausewise users add NAME")
    with listen(host, port, access.way != "none") as listening:
        app = create_app(home, hosts=[host], access=access)
        threading.Thread(target=app.state.opened.warm, daemon=True).start()
        # Access lines would hold the questions of /api/search.
        config = uvicorn.Config(
            app,
            access_log=False,
            log_level="warning",
            server_header=False,
            timeout_graceful_shutdown=3,
            # A proxy's header counts by who connects; what else a header says of that does not.
            proxy_headers=False,
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
    if request.url.path.startswith(_PAGES):
        title = {404: "Not on file", 503: "No store yet"}.get(status, "This did not work")
        return HTMLResponse(viewer.error_page(title, line), status)
    return JSONResponse({"error": {"code": code, "message": line}}, status)


def _add_questions(app: FastAPI, opened: Opened) -> None:
    @app.post("/api/ask")
    async def ask(body: Ask, request: Request) -> Response:
        """Answer a question; with `Accept: text/event-stream` as the events `retrieved`, `statement` and `done`."""
        pipeline = await run_in_threadpool(opened.pipeline)

        def publish(answer: Answer) -> dict[str, Any]:
            return positions.noted(opened.home, owner(request), to_json(answer), pipeline.store.records)

        if "text/event-stream" not in request.headers.get("accept", ""):
            answer = await answered(pipeline, body.request(), request.receive)
            return JSONResponse(await run_in_threadpool(publish, answer))
        return StreamingResponse(
            await streamed(pipeline, body.request(), request.receive, publish), media_type="text/event-stream"
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


def _add_texts(app: FastAPI, opened: Opened, documents: Documents) -> None:
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
    def text(request: Request, id: str) -> Response:
        """Return the text that all offsets refer to."""
        store = documents.reading(id, owner(request)).store
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
