"""Runs a system over gold items into a file of results, one line an item: killed and started again, it goes on where it stopped.

The first line says what was run on what; results of other texts, other code or other items are not continued but refused.
"""

import hashlib
import json
import os
from collections.abc import Callable, Iterator, Sequence
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

from corpus import atomic, fingerprint
from corpus.errors import InputError
from corpus.store import Store
from evals.items import Item
from evals.recall import Found
from evals.systems import Given, System

SCHEMA = "clausewise.eval/1"
_SYNCED = 25  # rows after which what was written is brought to the disk


@dataclass(frozen=True, slots=True)
class Head:
    """What was run on what: the system, the hash of the texts, that of the code and its rules, that of the items."""

    system: str
    corpus: str
    code: str
    gold: str
    items: int
    schema: str = SCHEMA


@dataclass(frozen=True, slots=True)
class Results:
    """The results of one run by item, in the order of the ids."""

    head: Head
    given: dict[str, Given]


def head(system: str, store: Store, items: Sequence[Item]) -> Head:
    """Return the head of a run."""
    texts = "\n".join(f"{id} {_hash(store.documents[id].text)}" for id in sorted(store.documents))
    told = json.dumps([asdict(item) for item in sorted(items, key=lambda i: i.id)])
    here = Path(__file__).parent.parent
    code = [p for part in ("corpus", "rag") for end in ("py", "toml") for p in sorted((here / part).rglob(f"*.{end}"))]
    return Head(system, _hash(texts), fingerprint.of_files(code)[:16], _hash(told), len(items))


def run(system: System, items: Sequence[Item], head: Head, path: Path, progress: Callable[[int, int], None]) -> Results:
    """Return the results of all items, those taken over that the file holds already.

    Raise InputError if the file holds another run, StoreError if it cannot be written.
    """
    done = dict(_known(path, head)) if path.is_file() else {}
    atomic.make_folder(path.parent)
    if not done:
        atomic.replace(path, _line(asdict(head)))
    with atomic.guarded(path), path.open("ab") as file:
        for number, item in enumerate(items, start=1):
            if item.id not in done:
                done[item.id] = system(item)
                file.write(_line({"id": item.id, **asdict(done[item.id])}))
                file.flush()
            if number % _SYNCED == 0:
                os.fsync(file.fileno())
            progress(number, len(items))
        os.fsync(file.fileno())
    return Results(head, {item.id: done[item.id] for item in sorted(items, key=lambda i: i.id)})


def load(path: Path) -> Results:
    """Return the results that a file holds.

    Raise InputError, naming the line, if it is no file of results, or an id is missing or stands twice.
    """
    found = _read(path)
    head = next(found)
    if not isinstance(head, Head):
        raise InputError(f"{path}, line 1 does not say what was run; make it again with clausewise eval run")
    given: dict[str, Given] = {}
    for number, row in enumerate(found, start=2):
        assert not isinstance(row, Head)  # noqa: S101 - only the first line is a head
        id, one = row
        if id in given:
            raise InputError(f"{path}, line {number}: {id} stands twice; remove one of the lines")
        given[id] = one
    if len(given) != head.items:
        raise InputError(f"{path} has {len(given)} of {head.items} items; finish it with clausewise eval run")
    return Results(head, dict(sorted(given.items())))


def _known(path: Path, wanted: Head) -> Iterator[tuple[str, Given]]:
    """Yield the rows of an unfinished run; a last line that was not written whole is cut off."""
    data = path.read_bytes()
    whole = data[: data.rfind(b"\n") + 1]
    if whole != data:
        atomic.replace(path, whole)
    if not whole:
        return
    rows = _read(path)
    if next(rows) != wanted:
        raise InputError(f"{path} holds a run of other texts, code or items; name another file, or remove it")
    for row in rows:
        assert not isinstance(row, Head)  # noqa: S101 - only the first line is a head
        yield row


def _read(path: Path) -> Iterator[Head | tuple[str, Given]]:
    try:
        lines = path.read_text(encoding="utf-8").splitlines()
    except (OSError, UnicodeDecodeError) as error:
        raise InputError(f"{path} cannot be read ({error}); make results with clausewise eval run") from None
    if not lines:
        raise InputError(f"{path} is empty; make results with clausewise eval run")
    for number, line in enumerate(lines, start=1):
        try:
            row = json.loads(line)
            yield Head(**row) if number == 1 else (str(row.pop("id")), _given(row))
        except (ValueError, TypeError, KeyError, AttributeError) as error:
            raise InputError(f"{path}, line {number} is no line of results ({error!r}); remove it") from None


def _given(row: dict[str, Any]) -> Given:
    found = tuple(Found(each["document"], each["text"]) for each in row["found"])
    return Given(row["answer"], tuple(row["documents"]), found, float(row["seconds"]), str(row["error"]))


def _line(row: dict[str, Any]) -> bytes:
    return json.dumps(row, ensure_ascii=False).encode() + b"\n"


def _hash(text: str) -> str:
    return hashlib.sha256(text.encode()).hexdigest()[:16]
