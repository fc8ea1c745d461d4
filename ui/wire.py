"""What goes over HTTP: the question that comes in, the events of an answer that go out."""

import json
import logging
from collections.abc import Callable, Iterator
from typing import Annotated, Any, Literal

from pydantic import AfterValidator, BaseModel, ConfigDict, Field, FiniteFloat

from corpus.errors import ClausewiseError
from rag.answer_json import citation_json, statement_json, to_json
from rag.types import Answer, Done, Drafted, Event, Request, Retrieved, Turn


def _whole(text: str) -> str:
    """Return the text; JSON can spell half of a character, which no text and no reply can hold.

    Raise ValueError if it does.
    """
    if any("\ud800" <= sign <= "\udfff" for sign in text):
        raise ValueError("holds half of a character (a lone surrogate)")
    return text


Text = Annotated[str, AfterValidator(_whole)]


Publish = Callable[[Answer], dict[str, Any]]


class Said(BaseModel):
    """An earlier turn of the conversation."""

    model_config = ConfigDict(extra="forbid")

    role: Literal["user", "assistant"]
    content: Text


class Ask(BaseModel):
    """A question. `licenses` and `documents` limit the answer to those ids; `facts` are given facts."""

    model_config = ConfigDict(extra="forbid")

    question: Text
    id: Text = ""
    history: list[Said] = Field(default_factory=list, max_length=100)
    licenses: list[Text] = Field(default_factory=list, max_length=100)
    documents: list[Text] = Field(default_factory=list, max_length=100)
    facts: dict[Text, bool | int | FiniteFloat | Text] = Field(default_factory=dict)
    engine: Literal["auto", "rules", "llm"] = "auto"
    as_of: Text | None = None

    def request(self) -> Request:
        """Return the question as the pipeline takes it."""
        return Request(
            question=self.question,
            id=self.id,
            history=tuple(Turn(turn.role, turn.content) for turn in self.history),
            licenses=tuple(self.licenses),
            documents=tuple(self.documents),
            facts=self.facts,
            engine=self.engine,
            as_of=self.as_of,
        )


class Claim(BaseModel):
    """A sentence to check against the texts."""

    model_config = ConfigDict(extra="forbid")

    claim: Text
    id: Text = ""

    def request(self) -> Request:
        """Return the claim as the pipeline takes it."""
        return Request(self.claim, self.id)


def server_sent(events: Iterator[Event], publish: Publish = to_json) -> Iterator[str]:
    """Yield the events as a `text/event-stream`; an error in the middle becomes the event `error`."""
    try:
        for event in events:
            yield _sent(*_named(event, publish))
    except ClausewiseError as error:
        yield _sent("error", {"error": {"code": error.code, "message": str(error)}})
    except Exception:  # the process edge: the status is sent already, so the stream itself must say that it broke off
        logging.getLogger("uvicorn.error").exception("an answer broke off")
        yield _sent("error", {"error": {"code": "internal", "message": "the answer broke off; see the server's log"}})


def _named(event: Event, publish: Publish) -> tuple[str, dict[str, Any]]:
    match event:
        case Retrieved():
            clauses = list(dict.fromkeys(hit.passage.clause_id for hit in event.hits))
            return "retrieved", {"documents": list(event.documents), "clauses": clauses}
        case Drafted():
            return "statement", {**statement_json(event.statement), "sources": [*map(citation_json, event.citations)]}
        case Done():
            return "done", publish(event.answer)


def _sent(name: str, data: dict[str, Any]) -> str:
    return f"event: {name}\ndata: {json.dumps(data, ensure_ascii=False)}\n\n"
