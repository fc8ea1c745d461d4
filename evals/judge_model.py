"""The judge: a served model that replies in a JSON schema, at temperature 0, with a fixed seed. It knows nothing of ragas.

What is no verdict is an error: prose, a reply that was cut, a verdict that is neither 0 nor 1.
"""

import json
import re
import threading
import time
from dataclasses import dataclass, field, replace
from functools import cached_property
from typing import Any, TypeVar
from urllib.parse import urlsplit, urlunsplit

from pydantic import BaseModel, ValidationError

from corpus.errors import InputError, ModelError, PromptTooLong
from rag.generate import Call, ChatModel
from rag.model_server import Remote
from rag.settings import ModelServer, model_server

REPLY_TOKENS = 4096  # statements with a reason each; a reply that is cut is no verdict
_PAUSE_S = 1.0
_PROBE_S = 5.0
# The messages of the product's own model client name its settings; a judge is named by other means.
_SETTINGS = (
    (re.compile(r"CLAUSEWISE_LLM_URL"), "the judge's address"),
    (re.compile(r"CLAUSEWISE_LLM_MODEL"), "the judge's model"),
    (re.compile(r"CLAUSEWISE_LLM_API_KEY"), "the judge's key"),
    (re.compile(r"CLAUSEWISE_LLM_TOTAL_S"), "a longer timeout of the judge"),
    (re.compile(r"CLAUSEWISE_LLM_(\w+)"), r"the judge's \1"),
)
Reply = TypeVar("Reply", bound=BaseModel)


@dataclass(frozen=True, slots=True)
class JudgeSettings:
    """Where the judge is served and how it is asked. `model` None takes the one that the server lists.

    Each judgment is taken `runs` times; `timeout` seconds are the most for one reply; `at_once` requests run at a time.
    """

    url: str
    model: str | None = None
    key: str | None = field(default=None, repr=False)
    seed: int = 0
    runs: int = 3
    timeout: float = 120.0
    at_once: int = 4

    @property
    def address(self) -> str:
        """Return the address without name and password, as it may be shown and stored."""
        return bare(self.url)

    def server(self) -> ModelServer:
        """Return the model server that is asked. Raise InputError if a setting cannot be used."""
        for name, least in (("runs", 1), ("at_once", 1), ("timeout", 0.1)):
            if getattr(self, name) < least:
                raise InputError(f"{name} of the judge is {getattr(self, name)}; give at least {least}")
        named = {"URL": self.url, "MODEL": self.model or "", "API_KEY": self.key or ""}
        try:
            server = model_server({f"CLAUSEWISE_LLM_{name}": value for name, value in named.items()})
        except InputError as error:
            raise InputError(_told(str(error), self.url)) from None
        if server is None or not self.url.strip():
            raise InputError("the judge has no address; write for example http://127.0.0.1:8001/v1")
        most = self.timeout
        return replace(server, in_flight=self.at_once, silence_s=most, total_s=most, probe_s=min(_PROBE_S, most))


def bare(url: str) -> str:
    """Return an address without the name and password that may stand in it."""
    try:
        parts = urlsplit(url)
    except ValueError:
        return re.sub(r"//[^/@]*@", "//", url)
    return urlunsplit(parts._replace(netloc=parts.netloc.rpartition("@")[2]))


class JudgeModel:
    """The served model as a judge. Threads may share it."""

    def __init__(self, settings: JudgeSettings) -> None:
        self.settings, self._server = settings, settings.server()
        self.stopped = threading.Event()

    @cached_property
    def known_name(self) -> str:
        """Return the name of the model as the settings or else the server gives it. Raise ModelError if it cannot be used."""
        return self.settings.model or self.served()

    def served(self) -> str:
        """Return the name of the model that the server says it serves. Raise ModelError if it cannot be used."""
        remote = Remote(self._server)
        try:
            return remote.known().name
        except ModelError as error:
            raise ModelError(_told(str(error), self.settings.url), error.again, error.down) from None
        finally:
            remote.close()

    @cached_property
    def _chat(self) -> ChatModel:
        return ChatModel(self._server, self.known_name)

    def begin(self) -> None:
        """Look at the server and make ready to ask. Raise ModelError if it cannot be used."""
        self.served()
        self._chat  # noqa: B018  (made once, before threads share it)

    def close(self) -> None:
        """Close the connections."""
        if "_chat" in self.__dict__:
            self._chat.close()

    def ask(self, prompt: str, form: type[Reply]) -> Reply:
        """Return the reply in its form; a server that is busy is asked once more.

        Raise ValueError if the reply is none, ModelError if the server fails, Cancelled if it was stopped.
        """
        try:
            return self._ask(prompt, form)
        except ModelError as error:
            if not error.again:
                raise
            self.stopped.wait(_PAUSE_S)
        return self._ask(prompt, form)

    def _ask(self, prompt: str, form: type[Reply]) -> Reply:
        call = Call(
            [("user", prompt)],
            schema(form),
            REPLY_TOKENS,
            time.monotonic() + self.settings.timeout,
            self.stopped.is_set,
            seed=self.settings.seed,
        )
        try:
            text = "".join(self._chat.stream(call))
        except PromptTooLong:
            raise PromptTooLong("the prompt does not fit the judge's context; serve it with a longer one") from None
        except ModelError as error:
            raise ModelError(_told(str(error), self.settings.url), error.again, error.down) from None
        if call.usage.finish == "length":
            raise ValueError(f"the judge's reply was cut at {REPLY_TOKENS} tokens")
        return parsed(text, form)


def schema(form: type[BaseModel]) -> dict[str, Any]:
    """Return the JSON schema of a reply, closed to other fields. All whole numbers that ragas asks for are verdicts: 0 or 1."""
    closed: dict[str, Any] = _closed(form.model_json_schema())
    return closed


def _closed(part: Any) -> Any:
    if isinstance(part, list):
        return [_closed(one) for one in part]
    if not isinstance(part, dict):
        return part
    made = {name: _closed(value) for name, value in part.items()}
    if made.get("type") == "object" and "properties" in made:
        made |= {"additionalProperties": False, "required": list(made["properties"])}
    if made.get("type") == "integer":
        made["enum"] = [0, 1]
    return made


def parsed(text: str, form: type[Reply]) -> Reply:
    """Return a reply in its form. Raise ValueError if it has another, or a verdict that is neither 0 nor 1."""
    try:
        told = json.loads(text)
    except (ValueError, RecursionError):
        raise ValueError("the judge's reply is no JSON") from None
    try:
        reply = form.model_validate(told)
    except (ValidationError, RecursionError):
        raise ValueError(f"the judge's reply has not the form {form.__name__}") from None
    for number in _numbers(reply.model_dump()):
        if number not in (0, 1):
            raise ValueError("the judge's reply has a verdict that is neither 0 nor 1")
    return reply


def _numbers(part: Any) -> list[int]:
    if isinstance(part, dict):
        part = list(part.values())
    if isinstance(part, list):
        return [number for one in part for number in _numbers(one)]
    return [part] if isinstance(part, int) else []


def _told(message: str, url: str) -> str:
    for pattern, words in _SETTINGS:
        message = pattern.sub(words, message)
    return message.replace(url.rstrip("/"), bare(url).rstrip("/"))
