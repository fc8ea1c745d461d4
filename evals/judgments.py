"""Single judgments, and the journal of a run: written row by row to the disk, so that a run that was killed goes on where it was."""

import json
import math
import os
from collections.abc import Iterator, Mapping
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any, Self

from corpus import atomic
from corpus.errors import InputError
from evals import samples

_FIELDS = {"id": str, "metric": str, "run": int, "value": (int, float, type(None)), "error": str}
_JOURNAL = {"id": str, "digest": str, "run": int, "value": (int, float, type(None)), "error": str}
Key = tuple[str, str, int]


@dataclass(frozen=True, slots=True)
class Judgment:
    """What one metric says of one sample in one run: a value from 0 to 1, or an error."""

    id: str
    metric: str
    run: int
    value: float | None
    error: str = ""

    @classmethod
    def of(cls, row: object) -> Self:
        """Return the judgment that an object of JSON holds. Raise ValueError if it holds none."""
        known = _check(row, _FIELDS)
        return cls(**{name: known[name] for name in _FIELDS})


def _check(row: object, kinds: Mapping[str, Any]) -> Mapping[str, Any]:
    if not isinstance(row, dict):
        raise ValueError(row if isinstance(row, str) else "is no judgment; it is not an object")
    for name, kind in kinds.items():
        if name not in row or not isinstance(row[name], kind) or isinstance(row[name], bool):
            raise ValueError(f"is no judgment; its {name} is missing or of another kind")
    value = row["value"]
    if (value is None) != bool(row["error"]) or (value is not None and not 0 <= value <= 1):
        raise ValueError("is no judgment; it has neither a value from 0 to 1 nor an error, or both")
    return row


class Journal:
    """The judgments of one metric by one judge, in a folder named by both; a line stands on the disk before the next is asked.

    A judgment is known by sample, content of the sample and run.
    """

    def __init__(self, folder: Path, metric: str, about: Mapping[str, object]) -> None:
        self.metric, self._path = metric, folder / "judgments.jsonl"
        atomic.make_folder(folder)
        atomic.write(folder / "judge.json", (json.dumps(about, indent=1, sort_keys=True) + "\n").encode())
        self.known: Mapping[Key, Judgment] = dict(self._read())

    def _read(self) -> Iterator[tuple[Key, Judgment]]:
        if not self._path.exists():
            return
        with atomic.guarded(self._path), self._path.open("r+b") as file:
            # What a killed process left of its last line is no row.
            written = file.read()
            file.truncate(written.rfind(b"\n") + 1)
        for number, row in samples.rows(self._path):
            try:
                known = _check(row, _JOURNAL)
            except ValueError as error:
                raise InputError(
                    f"{self._path} line {number} {error}; delete the line, and it is asked again"
                ) from None
            judgment = Judgment(known["id"], self.metric, known["run"], known["value"], known["error"])
            yield (known["id"], known["digest"], known["run"]), judgment

    def add(self, digest: str, judgment: Judgment) -> None:
        """Bring a judgment to the disk. Raise StoreError if the disk takes it not."""
        row = {**asdict(judgment), "digest": digest}
        del row["metric"]  # the folder's name has it
        line = (json.dumps(row, ensure_ascii=False) + "\n").encode("utf-8", "backslashreplace")
        with atomic.guarded(self._path), self._path.open("ab", buffering=0) as file:
            begun = file.tell()
            try:
                if file.write(line) != len(line):
                    raise OSError(28, "No space left on device")
            except OSError:
                file.truncate(begun)  # half a line in front of the next would spoil both
                raise
            os.fsync(file.fileno())


def checked(metric: str, value: object) -> float:
    """Return the value that a metric gave, between 0 and 1.

    Raise ValueError if it is none: a judge's noise must not move a mean by more than a failure does.
    """
    if isinstance(value, bool) or not isinstance(value, int | float):
        raise ValueError(f"{metric} gave {'no value' if value is None else repr(value)[:40]}")
    if math.isnan(value):
        raise ValueError(f"{metric} gave no number")
    # A cosine may be negative, and a hair above 1 by rounding.
    if not -1 <= value <= 1 + 1e-6:
        raise ValueError(f"{metric} gave {value:g}, which is outside of 0 to 1")
    return float(min(1.0, max(0.0, value)))
