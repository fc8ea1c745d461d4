"""Read-only links to one answer: who has the link may read that answer here, until its owner revokes it.

A link is a file, `shared/TOKEN.json` below the home folder; the token is all that a reader needs, and cannot be guessed.
The link holds no copy: it goes dead with the answer.
"""

import json
import re
import secrets
from collections.abc import Iterator
from contextlib import suppress
from dataclasses import asdict, dataclass
from datetime import UTC, datetime
from pathlib import Path

from corpus import atomic
from corpus.errors import DataError, InputError, StoreError
from ui import kept
from ui.kept import Kept

FOLDER = "shared"
_TOKEN = re.compile(r"[A-Za-z0-9_-]{43}")
_UNKNOWN = "this link leads to no answer: it was revoked, or its conversation was deleted"


@dataclass(frozen=True, slots=True)
class Link:
    """A link to the kept answer `answer`, made by `owner` at `time` (UTC, ISO 8601)."""

    token: str
    answer: str
    owner: str
    time: str


def share(home: Path, answer: Kept) -> Link:
    """Return a new link to an answer, or the one that there is. Raise StoreError if it cannot be written."""
    for link in of_owner(home, answer.owner):
        if link.answer == answer.id:
            return link
    made = Link(secrets.token_urlsafe(32), answer.id, answer.owner, datetime.now(UTC).isoformat(timespec="seconds"))
    atomic.make_folder(home / FOLDER)
    atomic.replace(_path(home, made.token), json.dumps(asdict(made)).encode(), private=True)
    return made


def shared(home: Path, token: str) -> Kept:
    """Return the answer that a link leads to.

    Raise InputError if there is no such link or its answer is gone, DataError or StoreError if it cannot be read.
    """
    path = _path(home, token)
    try:
        link = _load(path)
        return kept.load(home, link.answer, link.owner)
    except (FileNotFoundError, InputError):
        raise InputError(_UNKNOWN) from None


def of_owner(home: Path, owner: str) -> list[Link]:
    """Return the links of a user, the latest first. Raise StoreError if one cannot be read."""
    found = [each for each in _all(home) if each.owner == owner]
    return sorted(found, key=lambda each: (each.time, each.token), reverse=True)


def revoke(home: Path, owner: str, token: str) -> None:
    """Remove a link of its owner's. Raise InputError if there is none, or it is somebody else's, StoreError if it stays."""
    if token not in {each.token for each in of_owner(home, owner)}:
        raise InputError("there is no such link of yours; it may be revoked already")
    atomic.delete(_path(home, token))


def forget(home: Path, thread: str) -> None:
    """Remove the links to the answers of a conversation. Raise StoreError if one stays."""
    for link in _all(home):
        if link.answer.partition(".")[0] == thread:
            atomic.delete(_path(home, link.token))


def _all(home: Path) -> Iterator[Link]:
    """Yield all links; a damaged one leads nowhere, and keeps nobody from their own."""
    for path in (home / FOLDER).glob("*.json"):
        with suppress(DataError, FileNotFoundError):  # revoked in the same moment
            yield _load(path)


def _path(home: Path, token: str) -> Path:
    if not _TOKEN.fullmatch(token):
        raise InputError(_UNKNOWN)
    return home / FOLDER / f"{token}.json"


def _load(path: Path) -> Link:
    try:
        row = json.loads(path.read_bytes())
        link = Link(**{name: str(row[name]) for name in ("token", "answer", "owner", "time")})
    except FileNotFoundError:
        raise
    except OSError as error:
        raise StoreError(f"cannot read {path}: {error.strerror or error}") from None
    except (ValueError, KeyError, TypeError):
        raise DataError(f"{path} is damaged; remove it and share the answer again") from None
    if link.token != path.stem:
        raise DataError(f"{path} is damaged; remove it and share the answer again")
    return link
