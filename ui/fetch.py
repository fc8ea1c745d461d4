"""`clausewise sync`: fetches the texts that the ScanCode package lacks from their pinned addresses."""

from argparse import Namespace
from pathlib import Path
from urllib.parse import urlsplit

from corpus import atomic, library, pinned, sync
from corpus.errors import InputError
from corpus.sync import Result
from ui import terminal

_BAD = frozenset(("changed", "failed", "missing"))


def run(args: Namespace, home: Path) -> int:
    """Fetch or check the texts; return 1 if any is not as pinned, else 0. With a time limit what was not reached is no error."""
    texts = pinned.load()
    if args.mirror is not None and urlsplit(args.mirror).scheme not in ("http", "https"):
        raise InputError(f"--from {args.mirror} is no address; write https://host/folder")
    if args.check:
        results = sync.check(texts, home)
        for result in results:
            _tell(result)
    else:
        # Two at once would fetch everything twice.
        with atomic.lock(home):
            results = sync.sync(texts, home, args.mirror, args.limit, _tell)
    counts = sync.summary(results)
    said = ", ".join(f"{number} {state}" for state, number in counts.items())
    terminal.line(f"{len(results)} texts: {said}")
    kept = {original.id for original in library.originals(home)}
    for id, text in pinned.by_hand().items():
        if id not in kept:
            terminal.line(f"{id}: no address always gives the same text; to have it quoted, {text.advice}")
    if counts.get("fetched"):
        terminal.line("bring the store up to date with: clausewise index build")
    return 0 if args.limit is not None else int(any(result.state in _BAD for result in results))


def _tell(result: Result) -> None:
    if result.state in _BAD:
        terminal.error(f"{result.id}: {result.state}{': ' if result.why else ''}{result.why}")
    elif result.state == "fetched":
        terminal.line(f"{result.id}: fetched")
