"""`clausewise serve`: chat, viewer and REST until interrupted."""

import sys
from argparse import Namespace
from pathlib import Path

from corpus.store import Store
from ui import terminal


def run(args: Namespace, home: Path) -> int:
    """Serve until interrupted; return the exit status."""
    # The server can wait for a store; who starts it by hand had better hear at once that there is none.
    Store.open(home)
    from ui import api

    api.serve(home, args.host, args.port, _announce)
    return 0


def _announce(address: str) -> None:
    terminal.line(f"Clausewise answers on {address}; stop it with Ctrl-C")
    sys.stdout.flush()
