"""Answers as they were given, kept on this machine: what a memo, a shared link or a sign-off is made of.

Each is one JSON file below the home folder, `answers/THREAD/KEY.json`, written in one step. An answer belongs to the
owner of its conversation: nobody else reads it here, and it goes when the conversation is deleted.
"""

import json
import re
import uuid
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from corpus import atomic
from corpus.errors import DataError, InputError, StoreError
from rag.types import Turn

FOLDER = "answers"
_ID = re.compile(r"(?P<thread>[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12})\.(?P<key>[0-9a-f]{32})")


@dataclass(frozen=True, slots=True)
class Kept:
    """An answer with its place: `id` is THREAD.KEY, `owner` the user's name (empty on loopback without log-in), `time` when it was given (UTC, ISO 8601).

    `answer` is the published JSON; `history` are the turns that it was read with; `origin` says which texts and which
    program gave it, a line each.
    """

    id: str
    owner: str
    time: str
    answer: Mapping[str, Any]
    history: tuple[Turn, ...] = ()
    origin: tuple[str, ...] = ()

    @property
    def thread(self) -> str:
        """Return the conversation that the answer belongs to."""
        return self.id.partition(".")[0]


def keep(
    home: Path,
    place: tuple[str, str],
    answer: Mapping[str, Any],
    history: Sequence[Turn] = (),
    origin: Sequence[str] = (),
) -> Kept:
    """Write an answer down and return it with its id; `place` is (conversation, owner).

    Raise InputError for a conversation whose name is no UUID, StoreError if the file cannot be written.
    """
    thread, owner = place
    # To the microsecond: answers of a conversation are told apart, and put in order, by it.
    now = datetime.now(UTC).isoformat(timespec="microseconds")
    made = Kept(f"{thread}.{uuid.uuid4().hex}", owner, now, answer, tuple(history), tuple(origin))
    path = _path(home, made.id)
    atomic.make_folder(path.parent)
    turns = [{"role": turn.role, "content": turn.content} for turn in made.history]
    row = {"id": made.id, "owner": owner, "time": made.time, "answer": dict(answer), "history": turns}
    row["origin"] = made.origin
    atomic.replace(path, json.dumps(row, ensure_ascii=False).encode(), private=True)
    return made


def load(home: Path, id: str, owner: str) -> Kept:
    """Return a kept answer.

    Raise InputError if there is none of that id or it is somebody else's (the same words: nobody learns of another's),
    DataError if the file is damaged, StoreError if it cannot be read.
    """
    path = _path(home, id)
    try:
        data = path.read_bytes()
    except FileNotFoundError:
        raise InputError(_UNKNOWN) from None
    except OSError as error:
        raise StoreError(f"cannot read {path}: {error.strerror or error}") from None
    try:
        row = json.loads(data)
        history = tuple(Turn(str(turn["role"]), str(turn["content"])) for turn in row["history"])
        origin = tuple(map(str, row["origin"]))
        kept = Kept(str(row["id"]), str(row["owner"]), str(row["time"]), dict(row["answer"]), history, origin)
    except (ValueError, KeyError, TypeError):
        raise DataError(f"{path} is damaged; remove it and ask again") from None
    if kept.owner != owner or kept.id != id:
        raise InputError(_UNKNOWN)
    return kept


def of_thread(home: Path, thread: str, owner: str) -> list[Kept]:
    """Return the answers of a conversation in the order in which they were given. Raise as `load` does."""
    folder = _path(home, f"{thread}.{'0' * 32}").parent
    found = [load(home, f"{thread}.{path.stem}", owner) for path in folder.glob("*.json")]
    return sorted(found, key=lambda kept: (kept.time, kept.id))


def forget(home: Path, thread: str) -> None:
    """Remove all answers of a conversation. Raise InputError if its name is no UUID, StoreError if one stays."""
    atomic.delete(_path(home, f"{thread}.{'0' * 32}").parent)


def forget_user(home: Path, owner: str) -> None:
    """Remove all answers of a user, also those of conversations that no database knows any more. Raise as `forget` does."""
    for path in (home / FOLDER).glob("*/*.json"):
        try:
            load(home, f"{path.parent.name}.{path.stem}", owner)
        except (InputError, DataError):
            continue  # somebody else's, or damaged
        forget(home, path.parent.name)


_UNKNOWN = "no such answer is kept, or its conversation was deleted; ask again"


def _path(home: Path, id: str) -> Path:
    parts = _ID.fullmatch(id)
    if parts is None:
        raise InputError(_UNKNOWN)
    return home / FOLDER / parts["thread"] / f"{parts['key']}.json"
