"""A model's reply, read while it arrives: the verdict, then each statement as soon as its last brace is there.

Anything may come: other text around the JSON, half of it, none, or a novel. What is not of the form raises BadReply.
"""

import json
from collections.abc import Iterator
from dataclasses import dataclass

from pydantic import BaseModel, ConfigDict, Field, ValidationError

from rag.prompts import MOST_CITATIONS, MOST_STATEMENTS, VERDICTS
from rag.types import Verdict

LONGEST = 40_000  # characters; eight statements of the longest form are a third of it
_LONG_TEXT = 2000


class BadReply(Exception):
    """The reply is not of the form. The message says in what, in words for the model and for the reader."""


class Cited(BaseModel):
    """A citation as a model writes it."""

    model_config = ConfigDict(extra="ignore", strict=True)

    key: str = Field(max_length=64)
    quote: str = Field(max_length=_LONG_TEXT)


class Said(BaseModel):
    """A statement as a model writes it."""

    model_config = ConfigDict(extra="ignore", strict=True)

    source: str = Field(pattern=r"^(text|inference)$")
    citations: list[Cited] = Field(max_length=MOST_CITATIONS)
    text: str = Field(min_length=1, max_length=_LONG_TEXT)


@dataclass(frozen=True, slots=True)
class Ruling:
    """The verdict of a reply, which comes before its statements."""

    verdict: Verdict


class Reader:
    """Takes the reply piece by piece and gives what is complete."""

    def __init__(self) -> None:
        self.text = ""
        self._verdict: Verdict | None = None
        self._at = 0
        self._waiting: list[Said] = []
        self._read = 0
        self._in_list = False

    def feed(self, piece: str) -> Iterator[Ruling | Said]:
        """Yield what the piece completes; statements that arrive before the verdict wait for it.

        Raise BadReply if what has arrived cannot become a reply any more.
        """
        self.text += piece
        if len(self.text) > LONGEST:
            raise BadReply(f"the reply is longer than {LONGEST:,} characters")
        if self._verdict is None:
            self._verdict = self._find_verdict()
            if self._verdict is not None:
                yield Ruling(self._verdict)
        if "}" in piece:  # nothing else completes a statement
            self._waiting.extend(self._statements())
        if self._verdict is not None:
            yield from self._waiting
            self._waiting.clear()

    def end(self) -> Iterator[Ruling | Said]:
        """Yield what waited to the end.

        Raise BadReply if the reply is not whole.
        """
        start = self.text.find("{")
        if start < 0:
            raise BadReply("the reply is empty" if not self.text.strip() else "the reply is no JSON")
        try:
            whole, _ = json.JSONDecoder().raw_decode(self.text, start)
        except (ValueError, RecursionError):
            raise BadReply("the reply breaks off, or is no JSON") from None
        if not isinstance(whole, dict) or whole.get("verdict") not in VERDICTS:
            raise BadReply("the reply has no verdict of the list")
        if not isinstance(whole.get("statements"), list) or len(whole["statements"]) != self._read:
            raise BadReply("the reply has no list of statements")
        if self._verdict is None:
            self._verdict = whole["verdict"]
            yield Ruling(self._verdict)
        yield from self._waiting
        self._waiting.clear()

    def _find_verdict(self) -> Verdict | None:
        """Return the verdict once it is complete, if it is the first field, as the form has it; else it is read at the end."""
        head = self.text.lstrip()[:60]
        start = self.text.find("{")
        if start < 0 or '"verdict"' not in head:
            return None
        after = self.text[self.text.index('"verdict"') + len('"verdict"') :].lstrip().removeprefix(":").lstrip()
        if not after.startswith('"') or '"' not in after[1:]:
            return None
        word = after[1:].partition('"')[0]
        if word not in VERDICTS:
            raise BadReply(f"the verdict {word[:20]!r} is none of the list")
        return next(v for v in VERDICTS if v == word)

    def _statements(self) -> Iterator[Said]:
        """Yield the statements that are complete and not yet read."""
        if not self._in_list:
            named = self.text.find('"statements"')
            bracket = self.text.find("[", named) if named >= 0 else -1
            if bracket < 0:
                return
            self._in_list, self._at = True, bracket + 1
        while True:
            at = self._at
            while at < len(self.text) and self.text[at] in ", \t\r\n":
                at += 1
            end = _closing(self.text, at)
            if end is None:
                return
            self._at = end
            self._read += 1
            if self._read > MOST_STATEMENTS:
                raise BadReply(f"the reply has more than {MOST_STATEMENTS} statements")
            yield _said(self.text[at:end])


def _closing(text: str, start: int) -> int | None:
    """Return the position behind the object that begins at `start`, None if none begins there or it is not complete."""
    if text[start : start + 1] != "{":
        return None
    depth, quoted, at = 0, False, start
    while at < len(text):
        sign = text[at]
        if quoted:
            if sign == "\\":
                at += 1
            elif sign == '"':
                quoted = False
        elif sign == '"':
            quoted = True
        elif sign in "{[":
            depth += 1
        elif sign in "}]":
            depth -= 1
            if depth == 0:
                return at + 1
        at += 1
    return None


def _said(written: str) -> Said:
    try:
        return Said.model_validate(json.loads(written))
    except (ValidationError, ValueError, RecursionError):
        raise BadReply("a statement is not of the form: source, citations with key and quote, text") from None


def rewritten(text: str) -> str | None:
    """Return the question of a reply to the request to rewrite one, None if there is none."""
    start = text.find("{")
    try:
        whole, _ = json.JSONDecoder().raw_decode(text, start) if start >= 0 else (None, 0)
    except (ValueError, RecursionError):
        return None
    question = whole.get("question") if isinstance(whole, dict) else None
    return question if isinstance(question, str) and question.strip() else None
