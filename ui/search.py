"""`clausewise search`: the passages nearest to a query, without an answer."""

from argparse import Namespace
from collections.abc import Iterable
from pathlib import Path
from typing import TYPE_CHECKING, Any

from corpus.errors import InputError
from corpus.store import Store
from rag.types import Hit
from ui import jsonl, terminal
from ui.render import escape

if TYPE_CHECKING:
    from ui.opened import Opener

_SHOWN = 300


def run(args: Namespace, home: Path, opener: "Opener") -> int:
    """Search for the query or the file of queries of the command line; return the exit status."""
    if args.jsonl is None and not args.query:
        raise InputError('search needs a query; write clausewise search "name of derivative models", or --jsonl FILE')
    if args.jsonl is not None and args.query:
        raise InputError("search takes a query or --jsonl FILE, not both; leave one out")
    pipeline = opener(home)

    def reply(row: jsonl.Row) -> dict[str, Any]:
        query = row.fields.get("query")
        if not isinstance(query, str):
            raise InputError('the line has no query; write {"id": "q1", "query": "..."}')
        return hits_json(pipeline.store, pipeline.search(query, args.k), row.id)

    if args.jsonl is not None:
        with jsonl.source(args.jsonl) as stream:
            jsonl.report(jsonl.respond(stream, reply))
        return 0
    found = hits_json(pipeline.store, pipeline.search(terminal.typed(args.query), args.k), "q1")
    if args.json:
        terminal.json_text(found)
    else:
        terminal.markdown(markdown(found))
    return 0


def hits_json(store: Store, hits: Iterable[Hit], id: str) -> dict[str, Any]:
    """Return the hits by the names of the published interface; `text` is the document's text from `start` to `end`."""
    return {"id": id, "hits": [_hit(store, hit) for hit in hits]}


def _hit(store: Store, hit: Hit) -> dict[str, Any]:
    document, _, clause = hit.passage.clause_id.partition("#")
    span = hit.passage.span
    return {
        "document": document,
        "clause": clause,
        "start": span.start,
        "end": span.end,
        "score": round(hit.score, 6),
        "text": span.of(store.documents[document].text),
    }


def markdown(found: dict[str, Any]) -> str:
    """Return hits as a Markdown list, long passages cut."""
    lines = [
        f"{n}. {escape(hit['document'])}, {escape(hit['clause'])}, score {hit['score']:.4f}: {_cut(hit['text'])}"
        for n, hit in enumerate(found["hits"], start=1)
    ]
    return "\n".join(lines or ["Nothing found."]) + "\n"


def _cut(text: str) -> str:
    line = " ".join(text.split())
    return escape(line if len(line) <= _SHOWN else line[:_SHOWN].rsplit(" ", 1)[0] + " …")
