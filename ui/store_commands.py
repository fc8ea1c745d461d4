"""`clausewise index`: builds, fills, shows and checks the store."""

from argparse import Namespace
from collections.abc import Callable, Mapping
from pathlib import Path

from rag import index
from rag.index import Report
from ui import terminal


def run(args: Namespace, home: Path) -> int:
    """Do what the action says; return the exit status."""
    return _ACTIONS[args.action](args, home)


def _build(args: Namespace, home: Path) -> int:
    with terminal.progress() as progress:
        report = index.build(home, args.only == "scancode", progress)
    _show(report, home)
    return 0


def _add(args: Namespace, home: Path) -> int:
    with terminal.progress() as progress:
        found = index.add(home, args.paths, args.recursive, progress)
    for item in found.added:
        terminal.line(item.note or f"{item.path} is {item.id}")
    for problem in found.problems:
        terminal.error(f"clausewise: left out: {problem}")
    _show(found.report, home)
    return 0


def _remove(args: Namespace, home: Path) -> int:
    with terminal.progress() as progress:
        report = index.remove(home, args.ids, progress)
    terminal.line(f"removed {', '.join(args.ids)}")
    _show(report, home)
    return 0


def _text(args: Namespace, home: Path) -> int:
    terminal.document(index.text(home, args.id))
    return 0


def _show(report: Report, home: Path) -> None:
    counts = f"{report.documents} documents, {report.clauses:,} clauses, {report.passages:,} passages"
    if report.unchanged:
        terminal.line(f"nothing to do: the store in {home} is up to date ({counts})")
        return
    spent = f"{report.seconds:.1f} s, {report.bytes / 1e6:.1f} MB"
    kept = f", {report.reused:,} of them known before" if report.reused else ""
    terminal.line(f"the store in {home} is ready: {counts}{kept}; {spent}")
    for problem in report.problems:
        terminal.error(f"clausewise: note: {problem}")


_ACTIONS: Mapping[str, Callable[[Namespace, Path], int]] = {
    "build": _build,
    "add": _add,
    "remove": _remove,
    "text": _text,
}
