"""What is judged: a question, the answer given, the passages it was given from, and what a right answer says. JSON Lines."""

import json
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import asdict, dataclass, fields
from hashlib import sha256
from itertools import pairwise
from pathlib import Path
from typing import Any

from corpus import atomic
from corpus.errors import InputError

_WORDS = ("id", "question", "answer", "reference")
_LISTS = ("contexts", "evidence")
_MAY_MISS = ("evidence",)


@dataclass(frozen=True, slots=True)
class Sample:
    """One answer to be judged. `reference` and `evidence` (texts of the clauses a right answer rests on) are the gold set's.

    They may be empty where the gold set has none; an empty `answer` or no `contexts` is a failure of whoever answered.
    """

    id: str
    question: str
    answer: str
    contexts: tuple[str, ...]
    reference: str
    evidence: tuple[str, ...] = ()

    @property
    def digest(self) -> str:
        """Return a hash of all that a judge sees: another answer under the same id is judged anew."""
        seen = json.dumps(asdict(self), ensure_ascii=True, sort_keys=True)
        return sha256(seen.encode()).hexdigest()[:16]


def load(path: Path) -> tuple[Sample, ...]:
    """Return the samples of a file, sorted by id.

    Raise InputError with the number of the first line that is no sample or repeats an id.
    """
    found: dict[str, Sample] = {}
    for number, row in rows(path):
        sample = _sample(f"{path} line {number}", row)
        if sample.id in found:
            raise InputError(f"{path} line {number} repeats the id {sample.id!r}; give each sample an id of its own")
        found[sample.id] = sample
    return ordered(found.values())


def save(path: Path, samples: Iterable[Sample]) -> None:
    """Write samples, sorted by id. Raise StoreError if the file cannot be written."""
    lines = (json.dumps(asdict(sample), ensure_ascii=False) + "\n" for sample in ordered(samples))
    atomic.write(path, "".join(lines).encode("utf-8", "backslashreplace"))


def ordered(samples: Iterable[Sample]) -> tuple[Sample, ...]:
    """Return samples sorted by id. Raise InputError if two have the same."""
    found = sorted(samples, key=lambda sample: sample.id)
    for first, second in pairwise(found):
        if first.id == second.id:
            raise InputError(f"two samples have the id {first.id!r}; give each an id of its own")
    return tuple(found)


def rows(path: Path) -> Iterator[tuple[int, Mapping[str, Any] | str]]:
    """Yield the number of each line that is not blank with its object, or with what is wrong with it.

    Raise InputError if the file cannot be read.
    """
    try:
        lines = path.read_bytes().split(b"\n")
    except (OSError, ValueError) as error:
        raise InputError(f"{path} cannot be read ({getattr(error, 'strerror', None) or error}); name a file") from None
    for number, line in enumerate(lines, start=1):
        if line.strip():
            yield number, _object(line.removeprefix(b"\xef\xbb\xbf") if number == 1 else line)


def _object(line: bytes) -> Mapping[str, Any] | str:
    try:
        row = json.loads(line.decode("utf-8"))
    except UnicodeDecodeError:
        return "is not UTF-8; save the file as UTF-8"
    except (ValueError, RecursionError) as error:
        return f"is not JSON ({getattr(error, 'msg', None) or 'not readable'}); write one object a line"
    return row if isinstance(row, dict) else "is not a JSON object; write one object a line"


def _sample(where: str, row: Mapping[str, Any] | str) -> Sample:
    if isinstance(row, str):
        raise InputError(f"{where} {row}")
    known = [field.name for field in fields(Sample)]
    for name in row:
        if name not in known:
            raise InputError(f"{where} has a field {name!r}; the fields are {', '.join(known)}")
    for name in known:
        if name not in row and name not in _MAY_MISS:
            raise InputError(f"{where} has no {name}; the fields are {', '.join(known)}")
    for name in _WORDS:
        if not isinstance(row[name], str):
            raise InputError(f"{where} has a field {name} that is no text; write a string")
    for name in _LISTS:
        if not isinstance(row.get(name, []), list) or not all(isinstance(one, str) for one in row.get(name, [])):
            raise InputError(f"{where} has {name} that are no list of texts; write a list of strings")
    for name in ("id", "question"):
        if not row[name].strip():
            raise InputError(f"{where} has an empty {name}; fill it in")
    return Sample(**{**row, **{name: tuple(row.get(name, ())) for name in _LISTS}})
