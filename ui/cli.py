"""The command line: finds the command, runs it, and turns whatever goes wrong into one line and an exit status."""

import os
import sys
from argparse import Namespace
from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING

from corpus.errors import ClausewiseError, InputError
from rag import settings
from ui import options, terminal

if TYPE_CHECKING:
    from rag.pipeline import Pipeline
    from ui.opened import Opener

INTERRUPTED = 130
NOBODY_READS = 141  # as the shell reports a program that the end of its pipe has left
FAILED = 2


def _open(home: Path) -> "Pipeline":
    from rag.pipeline import Pipeline

    return Pipeline.open(home)


def main(arguments: Sequence[str] | None = None, opener: "Opener | None" = None) -> int:
    """Run the command line and return the exit status; no exception leaves but that of --help.

    `opener` makes the pipeline over a store, by default with the model that the environment names.
    """
    terminal.prepare()
    try:
        status = _run(options.parser().parse_args(arguments), opener)
        sys.stdout.flush()
        return status
    except ClausewiseError as error:
        terminal.error(f"clausewise: {error}")
        return error.exit_status
    except KeyboardInterrupt:
        terminal.error("clausewise: interrupted; nothing is half done, run the command again")
        return INTERRUPTED
    except BrokenPipeError:
        _discard_output()
        return NOBODY_READS
    except OSError as error:
        place = f"{error.filename}: " if error.filename else ""
        terminal.error(f"clausewise: {place}{error.strerror or error}; check the place and the room on the disk")
        return FAILED
    except Exception as error:  # the edge: a defect becomes a line as well
        terminal.error(f"clausewise: a defect, {type(error).__name__}: {error}; please report it with the command")
        return FAILED


def _one_thread_a_question() -> None:
    """Let NumPy compute a question on one thread; it reads the variable when it is imported, there is no other switch.

    A question's matrices are small. Threads of its own that wait for each other make one answer no faster, and with
    eight clients on two cores they halve the answers per second and make the slowest nine times as slow.
    """
    os.environ.setdefault("OPENBLAS_NUM_THREADS", "1")


def _opener(args: Namespace) -> "Opener":
    """Return what opens a store: a model is only spoken of where it may answer."""
    if args.command != "ask" or args.engine == "rules":
        return _open
    from ui.engines import Engines

    return Engines(settings.model_server())


def _run(args: Namespace, given: "Opener | None") -> int:
    if args.version:
        return _version()
    if args.command is None:
        raise InputError(
            "say what to do: ask, claim, search, index, licenses, identify, audit, sync, eval, serve, users or doctor; see clausewise --help"
        )
    chosen = settings.load(home=args.home)
    _one_thread_a_question()
    opener = given or _opener(args)
    # Each command is imported when it runs: starting must stay fast.
    if args.command == "ask":
        from ui import ask

        return ask.run(args, chosen.home, opener)
    if args.command == "claim":
        from ui import claim

        return claim.run(args, chosen.home, opener)
    if args.command == "audit":
        from ui import audit

        return audit.run(args, chosen.home, opener)
    if args.command == "search":
        from ui import search

        return search.run(args, chosen.home, opener)
    if args.command == "index":
        from ui import store_commands

        return store_commands.run(args, chosen.home)
    if args.command == "licenses":
        from ui import licenses

        return licenses.run(args, chosen.home)
    if args.command == "identify":
        from ui import identification

        return identification.run(args, chosen.home)
    if args.command == "sync":
        from ui import fetch

        return fetch.run(args, chosen.home)
    if args.command == "eval":
        from ui import evaluation

        return evaluation.run(args, chosen.home)
    if args.command == "serve":
        from ui import serve

        return serve.run(args, chosen.home)
    if args.command == "users":
        from ui import user_commands

        return user_commands.run(args, chosen.home)
    from ui import doctor

    return doctor.run(chosen, opener)


def _version() -> int:
    from importlib import metadata

    try:
        print(f"clausewise {metadata.version('clausewise')}")
    except metadata.PackageNotFoundError:
        raise InputError("clausewise is not installed, so that its version is not known; run make setup") from None
    return 0


def _discard_output() -> None:
    """Let the interpreter's last flush succeed although nobody reads any more."""
    os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())


if __name__ == "__main__":
    sys.exit(main())
