"""Fetching texts that the ScanCode package lacks from their pinned addresses, each held against its hash; nothing is overwritten.

A text is kept as `synced/<id>/<sha256>.txt` in the data folder, so that several versions of one text stand side by side.
"""

import hashlib
import time
import urllib.error
import urllib.request
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from http.client import HTTPException
from pathlib import Path
from typing import Any, Literal
from urllib.parse import urlsplit

from corpus import atomic
from corpus.pinned import Pinned
from corpus.types import Document, Origin

State = Literal["fetched", "kept", "missing", "changed", "failed"]
FOLDER = "synced"
_MOST_BYTES = 2_000_000
_TIMEOUT_S = 10.0
_PIECE = 65_536
_HTML = (b"<!doctype", b"<html")


@dataclass(frozen=True, slots=True)
class Result:
    """What became of one text: fetched now, kept from before, missing (only checked), changed at its address, or failed."""

    id: str
    state: State
    why: str = ""


class _NoTurns(urllib.request.HTTPRedirectHandler):
    """Refuses to follow an address to another host: a pinned text comes from the place that is pinned."""

    def redirect_request(
        self, req: urllib.request.Request, fp: Any, code: int, msg: str, headers: Any, newurl: str
    ) -> Any:
        """Return the request that follows, on the same host only."""
        if urlsplit(newurl).netloc != urlsplit(req.full_url).netloc:
            raise urllib.error.URLError(f"it leads elsewhere, to {urlsplit(newurl).netloc}")
        return super().redirect_request(req, fp, code, msg, headers, newurl)


def path_of(home: Path, id: str, sha256: str) -> Path:
    """Return where a text of that hash is kept."""
    return home / FOLDER / id / f"{sha256}.txt"


def sync(
    texts: Mapping[str, Pinned],
    home: Path,
    mirror: str | None = None,
    limit_s: float | None = None,
    tell: Callable[[Result], None] = lambda result: None,
) -> tuple[Result, ...]:
    """Return what became of each text. `mirror` is an address under which `<id>.txt` is fetched instead; the hash must be the same.

    After `limit_s` seconds no further text is asked for. Raise StoreError if the data folder cannot be written.
    """
    ends = time.monotonic() + limit_s if limit_s is not None else None
    found = []
    for id, pinned in texts.items():
        left = None if ends is None else ends - time.monotonic()
        result = _one(id, pinned, home, mirror, left)
        tell(result)
        found.append(result)
    return tuple(found)


def _one(id: str, pinned: Pinned, home: Path, mirror: str | None, left: float | None) -> Result:
    path = path_of(home, id, pinned.sha256)
    if _whole(path, pinned.sha256):
        return Result(id, "kept")
    if left is not None and left <= 0:
        return Result(id, "failed", "no time was left")
    url = f"{mirror.rstrip('/')}/{id}.txt" if mirror else pinned.url
    try:
        data = _fetch(url, min(_TIMEOUT_S, left) if left is not None else _TIMEOUT_S)
    except (OSError, HTTPException, ValueError) as error:
        return Result(id, "failed", f"{url}: {_reason(error)}")
    if data.lstrip()[:9].lower().startswith(_HTML):
        return Result(id, "failed", f"{url} gives a web page, not the text")
    if hashlib.sha256(data).hexdigest() != pinned.sha256:
        return Result(id, "changed", f"the text at {url} is not the one that was reviewed; it was not taken over")
    atomic.make_folder(path.parent)
    atomic.replace(path, data)
    return Result(id, "fetched")


def _fetch(url: str, timeout: float) -> bytes:
    opener = urllib.request.build_opener(_NoTurns)
    request = urllib.request.Request(url, headers={"User-Agent": "clausewise", "Accept": "text/plain"})  # noqa: S310  (https or the mirror)
    ends = time.monotonic() + timeout
    data = b""
    with opener.open(request, timeout=timeout) as response:
        stated = response.headers.get("Content-Length")
        # In pieces: each read has its own time limit, and a server may send a byte now and then without end.
        while len(data) <= _MOST_BYTES and (piece := response.read1(_PIECE)):
            data += piece
            if time.monotonic() > ends:
                raise TimeoutError(f"it took longer than {timeout:.1f} s")
    if len(data) > _MOST_BYTES:
        raise ValueError(f"it has more than {_MOST_BYTES:,} bytes")
    if stated is not None and stated.isdigit() and int(stated) != len(data):
        raise ValueError(f"it broke off after {len(data):,} of {int(stated):,} bytes")
    return data


def _reason(error: Exception) -> str:
    return str(getattr(error, "reason", None) or error).partition("\n")[0] or type(error).__name__


def check(texts: Mapping[str, Pinned], home: Path) -> tuple[Result, ...]:
    """Return for each text whether it is kept, without asking any address."""
    return tuple(
        Result(id, "kept" if _whole(path_of(home, id, pinned.sha256), pinned.sha256) else "missing")
        for id, pinned in texts.items()
    )


def _whole(path: Path, sha256: str) -> bool:
    try:
        return hashlib.sha256(path.read_bytes()).hexdigest() == sha256
    except OSError:
        return False


def documents(texts: Mapping[str, Pinned], home: Path) -> Iterator[Document]:
    """Yield the documents of all texts that are kept; a damaged file is no text."""
    for id, pinned in texts.items():
        path = path_of(home, id, pinned.sha256)
        if _whole(path, pinned.sha256):
            yield _document(id, pinned, path)


def _document(id: str, pinned: Pinned, path: Path) -> Document:
    data = path.read_bytes()
    text = data.decode("utf-8").removeprefix("\ufeff")
    digest = hashlib.sha256(text.encode("utf-8")).hexdigest()
    entry = pinned.entry
    fetched = datetime.fromtimestamp(path.stat().st_mtime, UTC).date().isoformat()
    origin = Origin(pinned.url, digest, fetched)
    version = entry.version_date or entry.version
    return Document(id, entry.title, entry.kind, text, version, entry.belongs_to or id, origin)


def summary(results: Iterable[Result]) -> dict[str, int]:
    """Return how many texts are in each state."""
    counts: dict[str, int] = {}
    for result in results:
        counts[result.state] = counts.get(result.state, 0) + 1
    return counts
