"""A file read in a process of its own, with little memory and time: whoever wrote it, it can stop no server.

The parsers of PDF and Word files meet whatever a stranger made. The process is this very module, given the file's name
and bytes; it gives back what the file says as JSON, or the one line that says why not.
"""

import json
import subprocess
import sys
from dataclasses import asdict
from pathlib import Path
from typing import IO

from corpus.errors import DataError, InputError
from corpus.extracted import Extracted
from corpus.files import extract

TIMEOUT_S = 60.0
_MEMORY = 2 * 1024**3


def read(name: str, data: bytes, shown: str, timeout: float = TIMEOUT_S) -> Extracted:
    """Return what the bytes of a file of that name say; `shown` is how messages call it.

    Raise InputError, with what to do about it, if they cannot be read, DataError if no process can be started.
    """
    try:
        done = subprocess.run(
            [sys.executable, "-m", "corpus.apart"],
            cwd=Path(__file__).parent.parent,
            input=json.dumps([name, shown]).encode() + b"\n" + data,
            stdout=subprocess.PIPE,
            stderr=subprocess.DEVNULL,
            timeout=timeout,
            check=False,
        )
    except subprocess.TimeoutExpired:
        raise InputError(f"{shown} takes more than {timeout:g} s to read: print it to PDF again, or split it") from None
    except OSError as error:
        raise DataError(f"{shown} was not read: no process can be started ({error.strerror or error})") from None
    return _reply(shown, done.stdout)


def _reply(shown: str, reply: bytes) -> Extracted:
    try:
        row = json.loads(reply)
        if "error" not in row:
            return Extracted(**(row | {"pages": tuple(row["pages"]), "problems": tuple(row["problems"])}))
        problem = str(row["error"])
    except (ValueError, TypeError, KeyError):
        problem = f"{shown} needs more memory to read than a document may: print it to PDF again, or split it"
    raise InputError(problem)


def serve(given: IO[bytes], answers: IO[bytes]) -> None:
    """Answer a name and the bytes of a file with what it says, or with why it cannot be read."""
    name, shown = map(str, json.loads(given.readline()))
    try:
        row: dict[str, object] = asdict(extract(Path(name), given.read(), shown))
    except InputError as error:
        row = {"error": str(error)}
    answers.write(json.dumps(row).encode())


def _confine() -> None:
    """Bound what this process may use; where the system knows no such bounds, its reader's patience is the bound."""
    try:
        import resource
    except ImportError:
        return
    resource.setrlimit(resource.RLIMIT_AS, (_MEMORY, _MEMORY))
    resource.setrlimit(resource.RLIMIT_CPU, (int(TIMEOUT_S), int(TIMEOUT_S)))
    resource.setrlimit(resource.RLIMIT_CORE, (0, 0))


if __name__ == "__main__":
    _confine()
    serve(sys.stdin.buffer, sys.stdout.buffer)
