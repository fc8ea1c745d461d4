"""`clausewise index`: builds, fills, shows and checks the store."""

import dataclasses
from argparse import Namespace
from collections.abc import Callable, Mapping
from pathlib import Path

from rag import index
from rag.index import Report, Status
from ui import terminal
from ui.render import bullets, escape, table


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


def _status(args: Namespace, home: Path) -> int:
    found = index.status(home)
    if args.json:
        terminal.json_text({**dataclasses.asdict(found), "path": str(found.path)})
    else:
        terminal.markdown(status_markdown(found))
    return 0


def _verify(args: Namespace, home: Path) -> int:
    found = index.verify(home)
    for problem in found.problems:
        terminal.line(problem)
    checked = ", ".join(f"{count:,} {name}" for name, count in found.checked.items())
    if found.problems:
        many = f"{len(found.problems)} problem{'s' if len(found.problems) > 1 else ''}"
        terminal.error(f"clausewise: {many} in the store in {home}; mend it with: clausewise index build")
        return 1
    terminal.line(f"the store in {home} is as it should be: {checked}")
    return 0


def status_markdown(found: Status) -> str:
    """Return what stands in the store as Markdown."""
    rows = {
        "state": found.stale or "up to date",
        "folder": str(found.path),
        "made": f"{found.created} by clausewise {found.product}, texts of ScanCode {found.scancode}",
        "embedder": f"{found.embedder.name}, {found.embedder.dimension} dimensions",
        "size": f"{found.bytes / 1e6:.1f} MB",
        **{name: f"{count:,}" for name, count in found.counts.items()},
    }
    facts = table(("Store", ""), ((escape(name), escape(value)) for name, value in rows.items()))
    own = (f"{escape(record.id)}: {escape(record.title)}" for record in found.user)
    parts = (
        facts,
        bullets("Your documents", own),
        bullets("Also known as", (f"{escape(name)}: {escape(id)}" for name, id in found.aliases.items())),
        bullets("Added, not in the store yet", map(escape, found.pending)),
        bullets("Note", map(escape, found.problems)),
    )
    return "\n\n".join(part for part in parts if part) + "\n"


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
    "status": _status,
    "verify": _verify,
}
