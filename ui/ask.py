"""`clausewise ask`: one question, or a file of them."""

import re
from argparse import Namespace
from collections.abc import Iterable, Mapping
from datetime import date
from pathlib import Path
from typing import TYPE_CHECKING, Any

from corpus.errors import InputError
from rag.answer_json import to_json
from rag.pipeline import Pipeline, check
from rag.types import Request, Turn, Value
from ui import jsonl, memo_forms, positions, terminal
from ui.render import markdown

if TYPE_CHECKING:
    from ui.opened import Opener

VIEWER = "http://127.0.0.1:8000"
NOBODY = ""  # the name of the user where nobody logs in
_KEY = re.compile(r"[a-z][a-z0-9_-]{0,39}")
_WORDS: Mapping[str, bool] = {"true": True, "yes": True, "false": False, "no": False}
_ROLES = ("user", "assistant")


def run(args: Namespace, home: Path, opener: "Opener") -> int:
    """Answer the question or the file of questions of the command line; return the exit status."""
    request = request_of(args)
    if args.jsonl is None:
        check(request)  # a question that cannot be read is refused before a missing store is
    if args.memo is not None:
        memo_forms.kind_of(args.memo)  # and so is a file that cannot be written, before the question is answered
    pipeline = opener(home)
    if args.jsonl is not None:
        return _answer_lines(args.jsonl, request, pipeline)
    answer = pipeline.ask(request)
    published = positions.noted(home, NOBODY, to_json(answer), pipeline.store.records)
    if args.memo is not None:
        from ui import memo_build  # loads the viewer's templates, which no other question needs

        memo = memo_build.build([memo_build.Given(published)], pipeline.store, VIEWER)
        memo_forms.save(memo, args.memo)
    if args.json:
        terminal.json_text(published)
    else:
        beside = map(positions.sentence, published.get("positions", ()))
        terminal.markdown(markdown(answer, VIEWER, beside))
    return 0


def request_of(args: Namespace) -> Request:
    """Return the request that the options make; its question is empty with `--jsonl`.

    Raise InputError if an option cannot be used.
    """
    question = terminal.typed(args.question)
    if args.jsonl is None and not args.question:
        raise InputError('ask needs a question; write clausewise ask "May we resell a Llama LoRA?", or --jsonl FILE')
    if args.jsonl is not None and args.question:
        raise InputError("ask takes a question or --jsonl FILE, not both; leave one out")
    if args.jsonl is not None and args.memo is not None:
        raise InputError("--memo is for one question; leave out --memo or --jsonl")
    return Request(
        question=question,
        id="q1",
        licenses=tuple(args.license),
        documents=tuple(args.document),
        facts=facts_of(args.fact),
        engine=args.engine,
        as_of=_date(args.as_of),
    )


def facts_of(pairs: Iterable[str]) -> dict[str, Value]:
    """Return the facts of `KEY=VALUE` options: yes and no, numbers, and words.

    Raise InputError if one has another form or names a key twice.
    """
    facts: dict[str, Value] = {}
    for pair in pairs:
        key, sign, written = pair.partition("=")
        if not sign or not _KEY.fullmatch(key) or not written.strip():
            raise InputError(f"--fact {pair!r} is not KEY=VALUE; write for example --fact commercial=yes")
        if key in facts:
            raise InputError(f"--fact {key} is given twice; leave one out")
        facts[key] = _value(written.strip())
    return facts


def request_of_row(row: jsonl.Row, base: Request) -> Request:
    """Return the request of one line: its question, history and facts, and what the options fix for all lines.

    Other fields are ignored: files of questions often carry the expected answer beside the question.
    Raise InputError if a field has another form.
    """
    fields = row.fields
    question = fields.get("question")
    if not isinstance(question, str):
        raise InputError('the line has no question; write {"id": "q1", "question": "..."}')
    return Request(
        question=question,
        id=row.id,
        history=tuple(_turn(turn) for turn in _list(fields.get("history"))),
        licenses=base.licenses,
        documents=base.documents,
        facts={**base.facts, **_given(fields.get("facts"))},
        engine=base.engine,
        as_of=base.as_of,
    )


def _answer_lines(name: str, base: Request, pipeline: Pipeline) -> int:
    def reply(row: jsonl.Row) -> dict[str, Any]:
        return to_json(pipeline.ask(request_of_row(row, base)))

    with jsonl.source(name) as stream:
        jsonl.report(jsonl.respond(stream, reply))
    return 0


def _value(written: str) -> Value:
    if written.lower() in _WORDS:
        return _WORDS[written.lower()]
    number = written.replace("_", "").replace(",", "")
    if re.fullmatch(r"[+-]?\d{1,18}", number):
        return int(number)
    if re.fullmatch(r"[+-]?\d{1,18}\.\d{1,18}", number):
        return float(number)
    return written


def _date(written: str | None) -> str | None:
    try:
        return date.fromisoformat(written).isoformat() if written else None
    except ValueError:
        raise InputError(f"--as-of {written!r} is not a date; write it as 2025-01-31") from None


def _list(value: Any) -> list[Any]:
    if value is None:
        return []
    if not isinstance(value, list):
        raise InputError('the line\'s history is not a list; write [{"role": "user", "content": "..."}]')
    return value


def _turn(value: Any) -> Turn:
    role, content = (value.get("role"), value.get("content")) if isinstance(value, dict) else (None, None)
    if role not in _ROLES or not isinstance(content, str):
        raise InputError('a turn of the history is not {"role": "user" or "assistant", "content": "..."}')
    return Turn(role, content)


def _given(value: Any) -> dict[str, Value]:
    if value is None:
        return {}
    if not isinstance(value, dict) or not all(isinstance(of, str | int | float) for of in value.values()):
        raise InputError(
            'the line\'s facts are not an object of words, numbers and yes or no; write {"commercial": true}'
        )
    return value
