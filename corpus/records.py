"""Documents, clauses and terms as JSON lines, and back. A damaged line is named by file and number."""

import hashlib
import json
from collections.abc import Callable, Iterable, Mapping
from dataclasses import asdict, dataclass
from typing import Any, TypeVar

from corpus.errors import StoreError
from corpus.types import Clause, Condition, Kind, Origin, Span, Term, Trigger

T = TypeVar("T")
MEND = "clausewise index build"


@dataclass(frozen=True, slots=True)
class Record:
    """What the store knows of a document besides its text. `file` is the hash of a user's original, None for others."""

    id: str
    title: str
    kind: Kind
    version: str | None
    license: str | None
    origin: Origin
    pages: tuple[int, ...]
    characters: int
    file: str | None = None


@dataclass(frozen=True, slots=True)
class Part:
    """Where the lines of one document stand in a JSONL file: byte offset, bytes, number of lines, first line."""

    offset: int
    length: int
    lines: int
    first: int


def sha256(data: bytes) -> str:
    """Return the SHA-256 of bytes in hexadecimal."""
    return hashlib.sha256(data).hexdigest()


def encode(rows: Iterable[object]) -> bytes:
    """Return the rows as JSON lines in UTF-8."""
    return b"".join(json.dumps(row, ensure_ascii=False, separators=(",", ":")).encode("utf-8") + b"\n" for row in rows)


def decode(data: bytes, parse: Callable[[dict[str, Any]], T], name: str, first: int = 1) -> tuple[T, ...]:
    """Return what `parse` makes of each JSON line; `first` is the number of the first line in the file `name`.

    Raise StoreError, naming file and line, if a line is damaged.
    """
    found = []
    # The newline ends a line: behind the last one nothing stands, unless the file is cut off.
    lines = data.split(b"\n")
    for number, line in enumerate(lines if lines[-1] else lines[:-1], start=first):
        try:
            found.append(parse(json.loads(line)))
        except (ValueError, KeyError, TypeError, IndexError, AttributeError) as error:
            raise StoreError(f"{name}, line {number} is damaged ({_why(error)}); mend it with: {MEND}") from error
    return tuple(found)


def _why(error: Exception) -> str:
    return f"no field {error}" if isinstance(error, KeyError) else str(error).partition("\n")[0]


def join(parts: Mapping[str, bytes]) -> tuple[bytes, dict[str, Part]]:
    """Return the lines of all documents as one file, and where each document's stand in it."""
    table: dict[str, Part] = {}
    offset, first = 0, 1
    for id, data in parts.items():
        lines = data.count(b"\n")
        table[id] = Part(offset, len(data), lines, first)
        offset += len(data)
        first += lines
    return b"".join(parts.values()), table


def record_row(record: Record) -> dict[str, Any]:
    """Return a document's record as a JSON object."""
    return asdict(record)


def parse_record(row: dict[str, Any]) -> Record:
    """Return the record of a JSON object."""
    return Record(**(row | {"origin": Origin(**row["origin"]), "pages": tuple(row["pages"])}))


def clause_row(clause: Clause) -> dict[str, Any]:
    """Return a clause as a JSON object; its document is the part of the id before `#`."""
    lead = clause.lead_in
    return {
        "id": clause.id,
        "number": clause.number,
        "heading": clause.heading,
        "span": [clause.span.start, clause.span.end],
        "extent": [clause.extent.start, clause.extent.end],
        "parent": clause.parent,
        "lead_in": None if lead is None else [lead.start, lead.end],
    }


def parse_clause(row: dict[str, Any]) -> Clause:
    """Return the clause of a JSON object."""
    return Clause(
        id=row["id"],
        document_id=row["id"].partition("#")[0],
        number=row["number"],
        heading=row["heading"],
        span=Span(*row["span"]),
        extent=Span(*row["extent"]),
        parent=row["parent"],
        lead_in=None if row["lead_in"] is None else Span(*row["lead_in"]),
    )


def term_row(term: Term) -> dict[str, Any]:
    """Return a term as a JSON object."""
    at = None if term.at is None else [term.at.start, term.at.end]
    return asdict(term) | {"span": [term.span.start, term.span.end], "at": at}


def parse_term(row: dict[str, Any]) -> Term:
    """Return the term of a JSON object."""
    trigger = row["trigger"]
    return Term(
        **(
            row
            | {
                "span": Span(*row["span"]),
                "conditions": tuple(Condition(**condition) for condition in row["conditions"]),
                "trigger": None if trigger is None else Trigger(**trigger),
                "at": None if row["at"] is None else Span(*row["at"]),
            }
        )
    )
