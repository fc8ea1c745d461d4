"""`clausewise licenses`: the licenses of the catalog, their rights cards, comparisons and the matrix of rights."""

from argparse import Namespace
from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import Any

from corpus import catalog
from ui import card, comparison, matrix, open_label, terminal
from ui.render import escape, table

_APPROVED = {True: "yes", False: "no", None: "not known"}


def run(args: Namespace, home: Path) -> int:
    """Show the list, a card, a comparison or the matrix; return the exit status."""
    licenses = catalog.load()
    if args.action == "list":
        rows = card.listing(licenses)
        if args.json:
            terminal.json_text({"licenses": rows})
        else:
            terminal.markdown(markdown(rows))
        return 0
    from corpus.store import Store

    store = Store.open(home)
    if args.action == "show":
        shown, text = card.card(licenses, store, args.id), card.markdown
        shown["openness"] = open_label.labelled(licenses, store, shown["id"], shown["tags"])
    elif args.action == "compare":
        shown, text = comparison.compared(store, args.first, args.second), comparison.markdown
    else:
        every = [id for id, entry in licenses.licenses.items() if entry.kind == "license" and id in store.documents]
        shown, text = matrix.matrix(licenses, store, args.ids or every), matrix.markdown
    if args.json:
        terminal.json_text(shown)
    else:
        terminal.markdown(text(shown))
    return 0


def markdown(rows: Iterable[Mapping[str, Any]]) -> str:
    """Return the list as a Markdown table."""
    cells = (
        (escape(row["id"]), escape(row["title"]), escape(row["class"]), _APPROVED[row["osi_approved"]]) for row in rows
    )
    return table(("Id", "Title", "Class", "OSI approved"), cells) + "\n"
