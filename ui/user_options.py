"""The options of `clausewise users`. It imports no part of the product."""

from argparse import ArgumentParser
from collections.abc import Callable
from typing import Any

EXAMPLES = """\
examples:
  clausewise users add jo             asks for a password; takes a line of standard input if that is no terminal
  clausewise users password jo        gives another one; who is logged in as jo has to log in again
  clausewise users list
  clausewise users remove jo          deletes the conversations too

People log in where CLAUSEWISE_AUTH=password is set for clausewise serve."""

# How `options` makes a command: where, its name, what it does, examples.
Command = Callable[[Any, str, str, str], ArgumentParser]


def add(to: ArgumentParser, command: Command) -> None:
    """Add the actions of `clausewise users`."""
    actions = to.add_subparsers(title="actions", dest="action", metavar="ACTION", required=True)
    new = command(actions, "add", "add a user with a password", "")
    new.add_argument("name", metavar="NAME", help="letters, digits and . _ @ + -")
    other = command(actions, "password", "give a user another password", "")
    other.add_argument("name", metavar="NAME", help="a user")
    command(actions, "list", "list the names", "")
    gone = command(actions, "remove", "remove a user with all conversations and what was kept of them", "")
    gone.add_argument("name", metavar="NAME", help="a user, or who a proxy or a provider has named so")
    gone.add_argument("--yes", action="store_true", help="do not ask")
