"""What the command line shows: Markdown and progress on a terminal, plain lines everywhere else."""

import json
import os
import sys
import time
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager
from typing import Any

from ui.render import clean

Progress = Callable[[str, int, int], None]
_EVERY_S = 5.0


def prepare() -> None:
    """Let both streams take any text as UTF-8, whatever the locale says."""
    for stream in (sys.stdout, sys.stderr):
        if hasattr(stream, "reconfigure"):
            stream.reconfigure(encoding="utf-8", errors="backslashreplace")


def typed(words: Iterable[str]) -> str:
    """Return words of the command line as one text, read as UTF-8 if they are that, whatever the locale says."""
    text = " ".join(words)
    try:
        return os.fsencode(text).decode("utf-8")
    except UnicodeError:
        return text


def line(text: str = "") -> None:
    """Write one line to standard output, free of signs that steer the terminal."""
    sys.stdout.write(clean(text) + "\n")


def error(text: str) -> None:
    """Write one line to standard error, whatever line ends the text holds."""
    sys.stderr.write(" ".join(clean(text).split()) + "\n")
    sys.stderr.flush()


def markdown(text: str) -> None:
    """Show Markdown: laid out on a terminal, as it is otherwise."""
    if not sys.stdout.isatty():
        sys.stdout.write(text)
        return
    # Imported here because it takes longer than a piped answer may.
    from rich.console import Console
    from rich.markdown import Markdown

    Console().print(Markdown(text, hyperlinks=False))


def document(text: str) -> None:
    """Write a document to the letter; on a terminal without signs that steer it."""
    if sys.stdout.isatty():
        sys.stdout.write(clean(text))
        return
    sys.stdout.flush()
    sys.stdout.buffer.write(text.encode("utf-8"))
    sys.stdout.buffer.flush()


def json_text(value: Any) -> None:
    """Write a value as readable JSON."""
    sys.stdout.write(json.dumps(value, ensure_ascii=False, indent=2) + "\n")


@contextmanager
def progress() -> Iterator[Progress]:
    """Give a function `(stage, done, total)` that shows how far a long command is, on standard error.

    A bar on a terminal, otherwise a line when a stage begins and every few seconds.
    """
    if not sys.stderr.isatty():
        yield _Lines()
        return
    from rich.console import Console
    from rich.progress import BarColumn, MofNCompleteColumn, TextColumn, TimeElapsedColumn
    from rich.progress import Progress as Bars

    columns = (TextColumn("{task.description}"), BarColumn(), MofNCompleteColumn(), TimeElapsedColumn())
    with Bars(*columns, console=Console(stderr=True)) as bars:
        tasks: dict[str, Any] = {}

        def show(stage: str, done: int, total: int) -> None:
            if stage not in tasks:
                tasks[stage] = bars.add_task(stage, total=total)
            bars.update(tasks[stage], completed=done, total=total)

        yield show


class _Lines:
    """Progress as lines, not more than one every few seconds within a stage."""

    def __init__(self) -> None:
        self.stage = ""
        self.last = 0.0

    def __call__(self, stage: str, done: int, total: int) -> None:
        now = time.monotonic()
        if stage != self.stage or done >= total or now - self.last >= _EVERY_S:
            self.stage, self.last = stage, now
            error(f"{stage}: {done} of {total}")
