"""JSON Lines in and out: one object a line in, one object a line out, in the same order.

A bad line gives a line with `error` and the rest goes on. Every line is written out at once, so that what is piped
behind sees each answer when it is there.
"""

import json
import sys
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any, BinaryIO

from corpus.errors import ClausewiseError, EngineError, InputError
from ui import terminal

LINE_LIMIT = 1_000_000  # bytes; a conversation of a hundred long turns is a tenth of it
_BOM = b"\xef\xbb\xbf"


@dataclass(frozen=True, slots=True)
class Row:
    """One line that was read: its object, or the problem with it. `id` is the object's own or the line's number."""

    id: str
    fields: Mapping[str, Any]
    problem: InputError | None = None


@contextmanager
def source(name: str) -> Iterator[BinaryIO]:
    """Open the file of that name, or standard input for `-`, for reading bytes.

    Raise InputError if it cannot be read.
    """
    if name == "-":
        yield sys.stdin.buffer
        return
    try:
        stream = Path(name).open("rb")  # noqa: SIM115  (closed below; only the opening is translated)
    except (OSError, ValueError) as error:
        reason = getattr(error, "strerror", None) or error
        raise InputError(
            f"{name} cannot be read ({reason}); give a file of JSON lines, or - for standard input"
        ) from None
    with stream:
        yield stream


def rows(stream: BinaryIO) -> Iterator[Row]:
    """Yield each line that is not blank."""
    for number, line in enumerate(_lines(stream), start=1):
        data = line.removeprefix(_BOM) if number == 1 else line
        if data.strip():
            yield _row(number, data)


def respond(stream: BinaryIO, reply: Callable[[Row], dict[str, Any]]) -> int:
    """Write a line for each line read: the reply, or the error that it raised. Return the number of errors.

    Raise EngineError: an engine that cannot be used fails every line.
    """
    failed = 0
    for row in rows(stream):
        try:
            if row.problem:
                raise row.problem
            result = reply(row)
        except EngineError:
            raise
        except ClausewiseError as error:
            failed += 1
            result = {"id": row.id, "error": {"code": error.code, "message": str(error)}}
        write(result)
    return failed


def report(failed: int) -> None:
    """Say on standard error how many lines could not be answered, if any."""
    if failed:
        terminal.error(f"clausewise: {failed} of the lines could not be answered; see the lines with an error")


def write(value: Mapping[str, Any]) -> None:
    """Write one object as one line of UTF-8 to standard output, at once."""
    # A lone surrogate cannot be encoded; the escape that takes its place is the one that JSON itself has for it.
    line = json.dumps(value, ensure_ascii=False, separators=(",", ":")) + "\n"
    sys.stdout.buffer.write(line.encode("utf-8", "backslashreplace"))
    sys.stdout.buffer.flush()


def _lines(stream: BinaryIO) -> Iterator[bytes]:
    """Yield lines; of one that is too long only the beginning, one byte over the limit."""
    while line := stream.readline(LINE_LIMIT + 1):
        yield line
        while len(line) > LINE_LIMIT and not line.endswith(b"\n"):
            line = stream.readline(LINE_LIMIT + 1)


def _row(number: int, line: bytes) -> Row:
    if len(line) > LINE_LIMIT:
        return _bad(number, f"is longer than {LINE_LIMIT:,} bytes; ask shorter")
    try:
        fields = json.loads(line.decode("utf-8"), parse_constant=_no_constant)
    except UnicodeDecodeError:
        return _bad(number, "is not UTF-8; save the file as UTF-8")
    except (ValueError, RecursionError) as error:
        return _bad(number, f"is not JSON ({getattr(error, 'msg', None) or 'not readable'}); write one object a line")
    if not isinstance(fields, dict):
        return _bad(number, "is not a JSON object; write one object a line")
    id = fields.get("id", number)
    if isinstance(id, bool) or not isinstance(id, str | int):
        return _bad(number, "has an id that is neither text nor a whole number")
    return Row(str(id), fields)


def _bad(number: int, problem: str) -> Row:
    return Row(str(number), {}, InputError(f"line {number} {problem}"))


def _no_constant(name: str) -> Any:
    raise ValueError(f"{name} is not JSON")
