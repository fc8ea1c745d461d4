"""`clausewise users`: who may log in with a password."""

import asyncio
import getpass
import sys
from argparse import Namespace
from pathlib import Path

from corpus.errors import InputError
from rag import settings
from ui import terminal, users
from ui.people import People, identifier


def run(args: Namespace, home: Path) -> int:
    """Add, list or remove users; return the exit status."""
    if args.action == "add":
        name = users.add(home, users.free(home, args.name), _password())
        terminal.line(f"{name} can log in now")
    elif args.action == "password":
        name = users.add(home, users.known(home, args.name), _password(), new=False)
        terminal.line(f"{name} has another password now, and is logged out everywhere")
    elif args.action == "list":
        for name in users.names(home):
            terminal.line(name)
    else:
        _remove(args, home)
    return 0


def _remove(args: Namespace, home: Path) -> None:
    name = users.name_of(args.name)
    if not args.yes:
        if not sys.stdin.isatty():
            raise InputError(f"removing {name} deletes all that is kept of {name}; add --yes if that is meant")
        if input(f"Delete {name} with all conversations and positions of {name}? Type the name: ").strip() != name:
            raise InputError("nothing was removed")
    # First the log-in, where there is one: nothing new may come while the rest goes.
    had_password = name in users.names(home)
    if had_password:
        users.remove(home, name)
    count = asyncio.run(_forget(home, name))
    if count is None and not had_password:
        raise InputError(f"there is no user {name}, and nothing was kept of one")
    count = count or 0
    terminal.line(f"{name} is removed, with {count} conversation{'' if count == 1 else 's'}")


async def _forget(home: Path, name: str) -> int | None:
    """Delete what is kept of a user and return how many conversations that were, None if nobody of that name was ever here."""
    from ui.chat import settle

    people = People(home, settings.access())
    settle(people)
    from ui import history_tables
    from ui.history import History

    history = History(people)
    await history_tables.prepare(history.engine)
    try:
        known = await history.get_user(identifier(name)) is not None
        count = await history.forget_user(name)
        return count if known else None
    finally:
        await history.close()


def _password() -> str:
    if not sys.stdin.isatty():
        return sys.stdin.readline().rstrip("\r\n")
    first = getpass.getpass("Password: ")
    if getpass.getpass("Once more: ") != first:
        raise InputError("the two are not the same; nothing was changed")
    return first
