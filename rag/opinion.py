"""A second opinion on a license text: ScanCode's own detection engine, asked in a process of its own."""

import json
import subprocess
import sys
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from corpus import scancode
from corpus.errors import EngineError, InputError
from rag import expression

# On a busy machine the engine may take many times its eight seconds.
TIMEOUT_S = 120.0
_PROGRAM = Path(__file__).with_name("detector.py")
_AGAIN = "leave --second-opinion out, or install the requirements again (make setup)"


@dataclass(frozen=True, slots=True)
class Detection:
    """What the engine found in one place: a license expression in ScanCode's keys, and the matches that it rests on."""

    expression: str
    matches: tuple[dict[str, Any], ...]

    @property
    def keys(self) -> frozenset[str]:
        """Return the keys of the expression, in small letters."""
        try:
            return frozenset(name.lower() for name in expression.names(expression.parse(self.expression)))
        except InputError:
            return frozenset((self.expression.lower(),))


@dataclass(frozen=True, slots=True)
class Opinion:
    """What the engine of that version found, in the order of the text; nothing where it knows no license in it."""

    engine: str
    detections: tuple[Detection, ...]

    @property
    def keys(self) -> frozenset[str]:
        """Return the keys of all that was found."""
        return frozenset(key for detection in self.detections for key in detection.keys)


def ask(text: str, timeout: float = TIMEOUT_S, command: Sequence[str] = ()) -> Opinion:
    """Return what ScanCode's engine says of a text; `command` stands in for the engine's own program.

    Raise EngineError, in one line, if it cannot be loaded, takes too long, or gives no usable reply.
    """
    # Isolated: no module that lies in the current folder or beside the file is taken for the engine's.
    program = tuple(command) or (sys.executable, "-I", str(_PROGRAM))
    try:
        done = subprocess.run(  # noqa: S603  (our own program, a fixed command)
            program, input=text.encode("utf-8", "replace"), capture_output=True, timeout=timeout, check=False
        )
    except subprocess.TimeoutExpired:
        raise EngineError(f"no second opinion: ScanCode's engine took more than {timeout:g} s; {_AGAIN}") from None
    except OSError as error:
        raise EngineError(f"no second opinion: {error.strerror or error}; {_AGAIN}") from None
    if done.returncode:
        said = done.stderr.decode("utf-8", "replace").strip().splitlines()
        why = said[-1][:200] if said else _ended(done.returncode)
        raise EngineError(f"no second opinion: ScanCode's engine cannot be used ({why}); {_AGAIN}")
    try:
        rows = json.loads(done.stdout)
        found = tuple(Detection(str(row["expression"]), tuple(row["matches"])) for row in rows)
    except (ValueError, KeyError, TypeError):
        raise EngineError(f"no second opinion: ScanCode's engine gave no usable reply; {_AGAIN}") from None
    return Opinion(f"scancode {scancode.version()}", found)


def _ended(status: int) -> str:
    # It needs 1.4 GB: where memory is short the system ends it.
    return f"it was ended by signal {-status}, as when memory runs out" if status < 0 else f"exit status {status}"
