"""Positions: answers that a reviewer has signed off, kept on this machine and named beside later answers to the same.

Each is one JSON file, `positions/USER/KEY.json` below the home folder, USER the hash of its owner's name, so that no name
is ever a path and a damaged file is nobody else's trouble. A position is a record of its own: it stays when the
conversation goes, until its owner withdraws it. It is no source of law: it changes no verdict, and it is named with what
has changed since, its texts or its facts.
"""

import hashlib
import json
import re
import uuid
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass
from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from typing import Any

from corpus import atomic
from corpus.errors import DataError, InputError, StoreError
from corpus.records import Record
from rag.types import Value
from ui import fact_form
from ui.words import said

FOLDER = "positions"
LONGEST_NAME, LONGEST_NOTE = 120, 2_000
_KEY = re.compile(r"[0-9a-f]{32}")
# Where a threshold or a ban on business decides, an answer speaks of these, whichever act was asked about.
_ANY = frozenset({"use", "commercial-use"})
_UNKNOWN = "no such position is kept, or it was withdrawn"

Json = Mapping[str, Any]
About = tuple[str, str, str]


@dataclass(frozen=True, slots=True)
class Signature:
    """Who signs, on which day (ISO 8601), and what they remark."""

    name: str
    date: str
    note: str = ""


@dataclass(frozen=True, slots=True)
class Position:
    """A signed answer. `about` are its (license, act, asset), `texts` the sha256 of each text quoted, `facts` given and assumed."""

    key: str
    answer: str
    signature: Signature
    question: str
    verdict: str
    basis: str
    about: tuple[About, ...]
    texts: Mapping[str, str]
    facts: Mapping[str, Value]

    @property
    def thread(self) -> str:
        """Return the conversation of the answer that was signed."""
        return self.answer.partition(".")[0]


@dataclass(frozen=True, slots=True)
class Held:
    """The positions of a user, the latest first, and a line for each file that is none."""

    positions: tuple[Position, ...]
    problems: tuple[str, ...]


def signature(name: str, day: str, note: str = "") -> Signature:
    """Return a signature. Raise InputError if the name is missing or too long, or the day is none or still to come."""
    name, note = " ".join(name.split()), note.strip()
    if not 0 < len(name) <= LONGEST_NAME:
        raise InputError(f"give the reviewer's name, in at most {LONGEST_NAME} characters")
    if len(note) > LONGEST_NOTE:
        raise InputError(f"the note has {len(note):,} characters; say it in at most {LONGEST_NOTE:,}")
    try:
        signed = date.fromisoformat(day.strip())
    except ValueError:
        raise InputError(f"{day[:40]!r} is not a date; write it as 2026-01-31") from None
    # A day ahead of ours may be today where the reader is.
    if signed > datetime.now(UTC).date() + timedelta(days=1):
        raise InputError(f"{signed.isoformat()} is still to come; give the day of the review")
    return Signature(name, signed.isoformat(), note)


def sign(home: Path, owner: str, answer: tuple[str, Json], by: Signature) -> Position:
    """Keep an answer as a position and return it; `answer` is (id of the kept answer, published JSON).

    Signed twice with the same words it is one position. Raise DataError if the answer is not in the published form, StoreError if it cannot be written.
    """
    id, published = answer
    try:
        made = Position(
            key=uuid.uuid4().hex,
            answer=id,
            signature=by,
            question=str(published["question"]),
            verdict=str(published["verdict"]),
            basis=str(published["basis"]),
            about=_about(published),
            texts={each["document"]: each["sha256"] for each in published["citations"]},
            facts=_facts(published),
        )
    except (KeyError, TypeError) as error:
        raise DataError(f"the answer cannot be read ({type(error).__name__}: {error}); ask again") from error
    for each in of_owner(home, owner).positions:
        if (each.answer, each.signature) == (id, by):
            return each
    path = _path(home, owner, made.key)
    atomic.make_folder(path.parent)
    atomic.replace(path, json.dumps(asdict(made), ensure_ascii=False).encode(), private=True)
    return made


def withdraw(home: Path, owner: str, key: str) -> None:
    """Remove a position of its owner's. Raise InputError if there is none of that key, or it is somebody else's, StoreError if it stays."""
    path = _path(home, owner, key)
    with atomic.guarded(path):
        try:
            path.unlink()
        except FileNotFoundError:
            raise InputError(_UNKNOWN) from None


def forget(home: Path, owner: str) -> None:
    """Remove all positions of a user. Raise StoreError if one stays."""
    atomic.delete(_folder(home, owner))


def of_owner(home: Path, owner: str) -> Held:
    """Return the positions of a user."""
    found: list[Position] = []
    problems: list[str] = []
    for path in sorted(_folder(home, owner).glob("*.json")):
        try:
            found.append(_load(path))
        except FileNotFoundError:
            continue  # withdrawn meanwhile
        except (DataError, StoreError) as error:
            problems.append(f"a position cannot be named: {error}")
    found.sort(key=lambda each: (each.signature.date, each.key), reverse=True)
    return Held(tuple(found), tuple(problems))


def noted(home: Path, owner: str, answer: Json, records: Mapping[str, Record]) -> dict[str, Any]:
    """Return a published answer with its user's positions on the same acts under the same licenses as `positions`.

    Without any it is returned as it is. `records` are the texts on file now. A position that cannot be read keeps nobody
    from an answer: it is told among the problems.
    """
    about, question, facts = _about(answer), _folded(answer["question"]), _facts(answer)
    held = of_owner(home, owner)
    rows = [
        published(each, (*changed_texts(each, records), *changed_facts(each, facts), *lost_facts(each, facts)))
        for each in held.positions
        if _meet(about, each.about) or (not about and not each.about and _folded(each.question) == question)
    ]
    told = {"problems": [*answer["problems"], *held.problems]} if held.problems else {}
    return {**answer, **told, **({"positions": rows} if rows else {})}


def published(position: Position, changed: tuple[str, ...]) -> dict[str, Any]:
    """Return a position with the names of the published schema; `changed` says why it must be looked at again."""
    return {
        "id": position.key,
        "date": position.signature.date,
        "signed_by": position.signature.name,
        "note": position.signature.note,
        "question": position.question,
        "verdict": position.verdict,
        "basis": position.basis,
        "about": [{"license": license, "act": act, "asset": asset} for license, act, asset in position.about],
        "url": f"/positions#{position.key}",
        "changed": list(changed),
    }


def sentence(row: Json) -> str:
    """Return a published position as one sentence, with what has changed since."""
    flagged = f" To be reviewed: {'; '.join(row['changed'])}." if row["changed"] else ""
    note = f" Note: {row['note']}" if row["note"] else ""
    verdict = said("verdict", row["verdict"])
    return f"Position of {row['date']}, signed by {row['signed_by']}: {verdict} (“{row['question']}”).{note}{flagged}"


def changed_texts(position: Position, records: Mapping[str, Record]) -> tuple[str, ...]:
    """Return which of its texts are others now, a clause each; empty if all are as they were signed."""
    told = []
    for id, then in position.texts.items():
        if id not in records:
            told.append(f"{id} is no longer on file")
        elif records[id].origin.sha256 != then:
            told.append(f"the text of {records[id].title} has changed")
    return tuple(told)


def changed_facts(position: Position, now: Mapping[str, Value]) -> tuple[str, ...]:
    """Return which of the facts `now` differ from those it was signed on, or were not known then, a clause each."""
    return tuple(
        _change(key, position.facts.get(key), value) for key, value in now.items() if position.facts.get(key) != value
    )


def lost_facts(position: Position, now: Mapping[str, Value]) -> tuple[str, ...]:
    """Return which facts it was signed on are not among the facts `now`, a clause each."""
    return tuple(_change(key, value, None) for key, value in position.facts.items() if key not in now)


def _change(key: str, then: Value | None, now: Value | None) -> str:
    label, _ = fact_form.named(key, "")
    one, other = ("not given" if value is None else fact_form.named(key, value)[1] for value in (then, now))
    return f"{label[:1].lower()}{label[1:]}: {one} then, {other} now"


def _facts(answer: Json) -> dict[str, Value]:
    """Return what an answer was given and assumed, without what goes without saying."""
    facts = {**answer["facts"]["assumed"], **answer["facts"]["given"]}
    return {key: value for key, value in facts.items() if not fact_form.silent(key, value)}


def _about(answer: Json) -> tuple[About, ...]:
    return tuple(dict.fromkeys((each["license"], each["act"], each["asset"]) for each in answer["findings"]))


def _meet(one: Sequence[About], other: Sequence[About]) -> bool:
    """Return True if two answers speak of the same act under the same license."""
    pairs = ((a, b) for a in one for b in other if a[0] == b[0])
    return any(a == b or _ANY & {a[1], b[1]} for a, b in pairs)


def _folded(question: str) -> str:
    return " ".join(question.split()).casefold()


def _folder(home: Path, owner: str) -> Path:
    return home / FOLDER / hashlib.sha256(owner.encode()).hexdigest()[:32]


def _path(home: Path, owner: str, key: str) -> Path:
    if not _KEY.fullmatch(key):
        raise InputError(_UNKNOWN)
    return _folder(home, owner) / f"{key}.json"


def _load(path: Path) -> Position:
    try:
        row = json.loads(path.read_bytes())
        texts = {name: str(row[name]) for name in ("key", "answer", "question", "verdict", "basis")}
        about = tuple((str(license), str(act), str(asset)) for license, act, asset in row["about"])
        by = Signature(**{name: str(value) for name, value in row["signature"].items()})
        made = Position(**texts, signature=by, about=about, texts=dict(row["texts"]), facts=dict(row["facts"]))
    except FileNotFoundError:
        raise
    except OSError as error:
        raise StoreError(f"cannot read {path}: {error.strerror or error}") from None
    except (ValueError, KeyError, TypeError, AttributeError):
        made = None
    if made is None or made.key != path.stem:
        raise DataError(f"{path} is damaged; mend or remove it")
    return made
