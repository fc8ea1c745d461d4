"""The review queue: what readers of the chat say of an answer, kept on this machine until a person accepts or rejects it.

One JSON object a line in `inbox.jsonl`. Nothing here judges: `accept` is called with the verdicts and quotes that a
person names, holds them to the texts and writes a gold item; what is settled moves to `inbox-done.jsonl`.
"""

import json
import os
import secrets
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import asdict, dataclass, replace
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from corpus import atomic
from corpus.errors import InputError, StoreBusy
from corpus.store import Store
from evals import admission, feedback
from evals.admission import Decision
from evals.feedback import LONGEST_REASON, Entry
from evals.items import Item

INBOX, DONE = "inbox.jsonl", "inbox-done.jsonl"
MOST_ENTRIES = 5_000
_LINE_LIMIT = 1_000_000  # bytes
_WAIT_S = 10.0  # an append takes milliseconds; who waits longer waits for a process that hangs


@dataclass(frozen=True, slots=True)
class Kept:
    """The id of a new entry, and what had to be mended in the file for it."""

    id: str
    told: str = ""


@dataclass(frozen=True, slots=True)
class Queue:
    """The entries that wait, oldest first, and one line for each line of the file that is none."""

    entries: tuple[Entry, ...]
    problems: tuple[str, ...] = ()


def add(folder: Path, entry: Entry) -> Kept:
    """Put an entry into the queue; its id and time are made here.

    Raise InputError if a part of it is too long or of another form, or the queue is full; StoreError if it cannot be written.
    """
    with _alone(folder):
        known = _bytes(folder / INBOX)
        if known.count(b"\n") >= MOST_ENTRIES:
            raise InputError(f"{MOST_ENTRIES:,} entries wait in {folder / INBOX}; accept or reject some first")
        known += _bytes(folder / DONE)
        id = secrets.token_hex(3)
        while f'"{id}"'.encode() in known:
            id = secrets.token_hex(3)
        row = asdict(replace(entry, id=id, time=_now()))
        try:
            feedback.entry(row)
        except (ValueError, KeyError, TypeError) as error:
            raise InputError(f"the entry cannot be kept: {error}") from error
        return Kept(id, _append(folder / INBOX, row))


def entries(folder: Path) -> Queue:
    """Return the queue; a line that is no entry is told with its number, and the rest is kept.

    Raise InputError if the file cannot be read.
    """
    found: dict[str, Entry] = {}
    problems: list[str] = []
    path = folder / INBOX
    for number, line in enumerate(_lines(_bytes(path)), start=1):
        if not line.endswith(b"\n"):
            # Not removed here: another process may be about to end the line. The next that writes knows, and cuts it.
            problems.append(
                f"{path}, line {number} is cut off: who wrote it was killed; the next entry takes its place"
            )
            continue
        try:
            entry = _parsed(line)
            if entry.id in found:
                raise ValueError(f"the id {entry.id} stands above already")
            found[entry.id] = entry
        except (ValueError, KeyError, TypeError, RecursionError) as error:
            problems.append(f"{path}, line {number} is no entry ({_told(error)}); mend or remove it")
    return Queue(tuple(found.values()), tuple(problems))


def find(folder: Path, id: str) -> Entry:
    """Return the entry of that id. Raise InputError if none waits."""
    for entry in entries(folder).entries:
        if entry.id == id:
            return entry
    raise InputError(f"no entry {id!r} waits; list them with: clausewise eval inbox")


def accept(folder: Path, id: str, decision: Decision, store: Store, into: Path) -> Item:
    """Write the entry as a gold question with what a person decided, remove it from the queue, and return the question.

    Raise InputError, and change nothing, if a verdict or quote is not right or the gold file cannot be written.
    """
    with _alone(folder):
        entry = find(folder, id)
        asked = admission.Asked(entry.question, entry.history, entry.reason, f"entry {id} of {entry.time}")
        item = admission.admit(asked, decision, store, into)
        _settle(folder, entry, {"as": "accepted", "item": item.id, "into": str(into)})
    return item


def reject(folder: Path, id: str, why: str) -> None:
    """Remove the entry from the queue. Raise InputError if none of that id waits, or no reason is given."""
    if not why.strip() or len(why) > LONGEST_REASON:
        raise InputError(f"give a reason of at most {LONGEST_REASON:,} characters with --reason")
    with _alone(folder):
        _settle(folder, find(folder, id), {"as": "rejected", "why": why})


def _settle(folder: Path, entry: Entry, how: Mapping[str, str]) -> None:
    """Move an entry to what is done. Killed in between it stands in both files, and can be settled again."""
    _append(folder / DONE, {**asdict(entry), "done": {"time": _now(), **how}})
    lines = list(_lines(_bytes(folder / INBOX)))
    kept = [line for line in lines if line.endswith(b"\n") and not _is(line, entry.id)]
    atomic.replace(folder / INBOX, b"".join(kept))


def _is(line: bytes, id: str) -> bool:
    try:
        return _parsed(line).id == id
    except (ValueError, KeyError, TypeError, RecursionError):
        return False  # what cannot be read is not lost by settling another


@contextmanager
def _alone(folder: Path) -> Iterator[None]:
    """Hold the lock of the queue for the block, waiting for others; the system frees it when its owner dies."""
    from filelock import FileLock, Timeout  # only who writes needs it

    atomic.make_folder(folder)
    guard = FileLock(folder / "inbox.lock", timeout=_WAIT_S)
    with atomic.guarded(folder):
        try:
            guard.acquire()
        # A kind of OSError, so that it must be met before others are.
        except Timeout:
            raise StoreBusy(f"another process has held the inbox for {_WAIT_S:.0f} s; end it and try again") from None
    try:
        yield
    finally:
        guard.release()


def _append(path: Path, row: Mapping[str, Any]) -> str:
    """Add a line; call it under the lock. Return what is to be told: a killed writer's half line is cut."""
    line = admission.line(row)
    if len(line) > _LINE_LIMIT:
        raise InputError(f"the entry has {len(line):,} bytes; at most {_LINE_LIMIT:,} are kept")
    with atomic.guarded(path), path.open("a+b") as file:
        file.seek(0)
        data = file.read()
        whole = data.rfind(b"\n") + 1
        if whole < len(data):
            file.truncate(whole)
        file.write(line)
        file.flush()
        os.fsync(file.fileno())
    return f"a line that a killed writer left half written was cut from {path}" if whole < len(data) else ""


def _bytes(path: Path) -> bytes:
    try:
        return path.read_bytes()
    except FileNotFoundError:
        return b""
    except OSError as error:
        raise InputError(f"{path} cannot be read ({error.strerror or error}); make it readable") from error


def _lines(data: bytes) -> Iterator[bytes]:
    """Yield the lines with their ends. JSON holds no bare line feed, but other signs that `splitlines` takes for one."""
    *whole, last = data.split(b"\n")
    yield from (line + b"\n" for line in whole)
    if last:
        yield last


def _now() -> str:
    return datetime.now(UTC).isoformat(timespec="seconds")


def _told(error: Exception) -> str:
    if isinstance(error, KeyError):
        return f"it has no {error}"
    return str(error).partition(":")[0] if isinstance(error, ValueError) else "its form is another"


def _parsed(line: bytes) -> Entry:
    if len(line) > _LINE_LIMIT:
        raise ValueError(f"it has {len(line):,} bytes")
    return feedback.entry(json.loads(line.decode("utf-8")))
