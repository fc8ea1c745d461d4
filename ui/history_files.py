"""What belongs to messages and is no text of theirs (the clause beside an answer, a view's data): files below the home folder.

Chainlit's data layer writes and removes them; a page reads them at `/elements/ID`, if the conversation is its user's.
"""

import re
from collections.abc import Awaitable, Callable
from pathlib import Path
from typing import Any

from fastapi import FastAPI, Request
from fastapi.responses import Response
from starlette.concurrency import run_in_threadpool

from corpus import atomic
from corpus.errors import InputError, StoreError, UnknownDocument
from ui.people import owner

FOLDER = "elements"
PATH = "/elements"
_ID = re.compile(r"[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}")
# What a browser may show; everything else it saves.
_SHOWN = frozenset({"text/plain", "application/json", "application/pdf", "image/png", "image/jpeg"})
_UNKNOWN = "no such file is kept, or its conversation was deleted"

# Tells for an element of a user its mime type, None if the user has no such element.
Find = Callable[[str, str], Awaitable[str | None]]


class Files:
    """Chainlit's storage client over a folder. Its keys are USER/ELEMENT/NAME; only the element's id names a file."""

    def __init__(self, home: Path) -> None:
        self.folder = home / FOLDER

    async def upload_file(self, object_key: str, data: bytes | str, **_: Any) -> dict[str, Any]:
        """Write a file. Raise StoreError if that fails."""
        path = self._path(object_key)
        await run_in_threadpool(_write, path, data.encode() if isinstance(data, str) else data)
        return {"object_key": object_key, "url": await self.get_read_url(object_key)}

    async def delete_file(self, object_key: str) -> bool:
        """Remove a file and return True. Raise StoreError if it stays."""
        await run_in_threadpool(atomic.delete, self._path(object_key))
        return True

    async def get_read_url(self, object_key: str) -> str:
        """Return where a page reads the file."""
        return f"{PATH}/{self._path(object_key).name}"

    async def close(self) -> None:
        """Have nothing to close."""

    def read(self, id: str) -> bytes:
        """Return the content of an element. Raise UnknownDocument without one, StoreError if it cannot be read."""
        try:
            return self._path(f"-/{id}").read_bytes()
        except (FileNotFoundError, InputError):
            raise UnknownDocument(_UNKNOWN) from None
        except OSError as error:
            raise StoreError(f"cannot read the file of an element: {error.strerror or error}") from None

    def _path(self, key: str) -> Path:
        parts = key.split("/")
        if len(parts) < 2 or not _ID.fullmatch(parts[1]):
            raise InputError("an element's id is a UUID")
        return self.folder / parts[1]


def _write(path: Path, data: bytes) -> None:
    atomic.make_folder(path.parent)
    atomic.replace(path, data, private=True)


def add(app: FastAPI, files: Files, find: Find) -> None:
    """Add the route at which pages read them."""

    @app.get(f"{PATH}/{{id}}", include_in_schema=False)
    async def element(id: str, request: Request) -> Response:
        mime = await find(owner(request), id) if _ID.fullmatch(id) else None
        if mime is None:
            raise UnknownDocument(_UNKNOWN)
        data = await run_in_threadpool(files.read, id)
        kind = mime.partition(";")[0].strip().lower()
        if kind in _SHOWN:
            return Response(data, media_type=kind)
        return Response(data, media_type="application/octet-stream", headers={"Content-Disposition": "attachment"})
