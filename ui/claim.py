"""`clausewise claim`: does the text say what a sentence says it says? One claim, or a file of them."""

from argparse import Namespace
from pathlib import Path
from typing import TYPE_CHECKING, Any

from corpus.errors import InputError
from rag.answer_json import claim_json
from rag.checked import Checked
from rag.types import Request
from ui import jsonl, terminal

if TYPE_CHECKING:
    from ui.opened import Opener


def run(args: Namespace, home: Path, opener: "Opener") -> int:
    """Check the claim or the file of claims of the command line; return the exit status."""
    if args.jsonl is None and not args.claim:
        raise InputError(
            'claim needs a sentence; write clausewise claim "MIT asks for no source code", or --jsonl FILE'
        )
    if args.jsonl is not None and args.claim:
        raise InputError("claim takes a sentence or --jsonl FILE, not both; leave one out")
    pipeline = opener(home)

    def reply(row: jsonl.Row) -> dict[str, Any]:
        claim = row.fields.get("claim")
        if not isinstance(claim, str):
            raise InputError('the line has no claim; write {"id": "c1", "claim": "..."}')
        return claim_json(pipeline.claim(Request(claim, row.id)))

    if args.jsonl is not None:
        with jsonl.source(args.jsonl) as stream:
            jsonl.report(jsonl.respond(stream, reply))
        return 0
    found = pipeline.claim(Request(terminal.typed(args.claim), "c1"))
    if args.json:
        terminal.json_text(claim_json(found))
    else:
        terminal.markdown(markdown(found))
    return 0


def markdown(found: Checked) -> str:
    """Return a checked claim as Markdown."""
    registry = "\n\n*From the registry of models, not from a text.*" if found.source == "registry" else ""
    return f"{found.text}{registry}\n\n*Information, not legal advice.*\n"
