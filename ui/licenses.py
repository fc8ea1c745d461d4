"""`clausewise licenses`: the licenses of the catalog and their rights cards."""

from argparse import Namespace
from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import Any

from corpus import catalog
from ui import card, terminal
from ui.render import escape, table

_APPROVED = {True: "yes", False: "no", None: "not known"}


def run(args: Namespace, home: Path) -> int:
    """Show the list or a card; return the exit status."""
    licenses = catalog.load()
    if args.action == "list":
        rows = card.listing(licenses)
        if args.json:
            terminal.json_text({"licenses": rows})
        else:
            terminal.markdown(markdown(rows))
        return 0
    from corpus.store import Store

    shown = card.card(licenses, Store.open(home), args.id)
    if args.json:
        terminal.json_text(shown)
    else:
        terminal.markdown(card.markdown(shown))
    return 0


def markdown(rows: Iterable[Mapping[str, Any]]) -> str:
    """Return the list as a Markdown table."""
    cells = (
        (escape(row["id"]), escape(row["title"]), escape(row["class"]), _APPROVED[row["osi_approved"]]) for row in rows
    )
    return table(("Id", "Title", "Class", "OSI approved"), cells) + "\n"
