"""The address to which the chat's page sends a file. It stands before Chainlit's own, which believes what a page says of a file.

A file is read before it is accepted, so that one that cannot be read is refused while the question is still being typed, and
nothing typed is lost. What was read waits in the session's folder until the message is sent.
"""

import json
import threading
from collections.abc import Awaitable, Callable
from dataclasses import asdict
from pathlib import Path
from typing import Any

from fastapi import FastAPI, Request
from fastapi.responses import JSONResponse
from starlette.concurrency import run_in_threadpool
from starlette.datastructures import UploadFile
from starlette.exceptions import HTTPException
from starlette.formparsers import MultiPartException
from starlette.requests import ClientDisconnect

from corpus import apart
from corpus.errors import ClausewiseError, DataError
from corpus.extracted import Extracted
from corpus.files import too_large
from rag.shelf import Upload
from ui.documents import Documents
from ui.guard import TooLarge

THIS = "this file"  # the page names it already
_READ = ".read.json"
_SAVED = "application/octet-stream"  # the page offers it for saving, and shows nothing of it
_LONGEST_NAME = 200  # bytes: a file's name has room for 255
_BUSY = threading.BoundedSemaphore(2)  # files that are read at once
Find = Callable[[str, Request], Awaitable[Any]]
_GONE = "this page has lost its conversation; reload it, and attach the file again"


async def of_page(id: str, request: Request) -> Any:
    """Return the session of the page that sends a request, None if there is none or if it is another user's."""
    from chainlit.auth import get_current_user, reuseable_oauth
    from chainlit.session import WebsocketSession

    session = WebsocketSession.get_by_id(id)
    try:
        user = await get_current_user(await reuseable_oauth(request))
    except HTTPException:
        return None  # logged out meanwhile
    if session is None or (session.user is None) != (user is None):
        return None
    return session if user is None or session.user.identifier == user.identifier else None


def add(app: FastAPI, address: str, documents: Documents, most: int, find: Find = of_page) -> None:
    """Add the route at `address` for files of at most `most` bytes; `find` tells whose they are."""

    @app.post(address, include_in_schema=False)
    async def upload(request: Request, session_id: str = "") -> JSONResponse:
        """Read a file for the session of a page, and keep it there until it is sent with a message."""
        session = await find(session_id, request)
        if session is None:
            return JSONResponse({"detail": _GONE}, 404)
        try:
            name, data = await _sent(request)
            if len(data) > most:
                raise TooLarge
            extracted = await run_in_threadpool(_extracted, name, data)
            await run_in_threadpool(documents.expect, extracted)
            kept = await session.persist_file(name=name, content=data, mime=_SAVED)
            beside = _beside(session.files[kept["id"]]["path"])
            await run_in_threadpool(beside.write_text, json.dumps(asdict(extracted)), "utf-8")
            return JSONResponse({**kept, "name": name})
        except TooLarge:
            return JSONResponse({"detail": too_large(THIS, most)}, 413, {"Connection": "close"})
        except (ClientDisconnect, MultiPartException, HTTPException):
            return JSONResponse({"detail": "the file did not arrive whole; attach it again"}, 400)
        except ClausewiseError as error:
            return JSONResponse({"detail": str(error)}, 400)
        except OSError as error:
            line = f"this file cannot be kept for now ({error.strerror or error}); try again"
            return JSONResponse({"detail": line}, 503)


def received(element: Any) -> Upload:
    """Return the file that came with a message. Raise DataError if its session has ended meanwhile."""
    path = Path(element.path)
    try:
        row = json.loads(_beside(path).read_bytes())
        extracted = Extracted(**(row | {"pages": tuple(row["pages"]), "problems": tuple(row["problems"])}))
        return Upload(str(element.name), path.read_bytes(), extracted)
    except (OSError, ValueError, KeyError, TypeError):
        raise DataError(f"{element.name} is no longer at hand; attach it again") from None


async def _sent(request: Request) -> tuple[str, bytes]:
    """Return name and bytes of the one file of a form. What is large waits on the disk while it comes."""
    async with request.form(max_files=1, max_fields=1) as form:
        file = form.get("file")
        if not isinstance(file, UploadFile):
            raise MultiPartException("no file")
        return _named(file.filename or ""), await file.read()


def _named(given: str) -> str:
    """Return the name of a file as it may stand in a path and in a message."""
    last = given.replace("\\", "/").rpartition("/")[2]
    clean = "".join(char if char.isprintable() else " " for char in last).strip()
    stem, dot, suffix = clean.rpartition(".")
    short = f"{_cut(stem, _LONGEST_NAME)}{dot}{_cut(suffix, 20)}" if stem else _cut(clean, _LONGEST_NAME)
    return short if short.strip(". ") else "document"


def _cut(text: str, most: int) -> str:
    """Return as much of a text as has room in so many bytes."""
    return text.encode("utf-8", "replace")[:most].decode("utf-8", "ignore")


def _extracted(name: str, data: bytes) -> Extracted:
    with _BUSY:
        return apart.read(name, data, THIS)


def _beside(path: Path) -> Path:
    return path.with_name(f"{path.name}{_READ}")
