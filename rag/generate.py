"""The chat model, through LangChain: messages and a schema in, the pieces of a reply out. Nothing but this file knows LangChain's.

Foreign errors end here: what goes wrong is a ModelError that says what to change, and whether asking again may help.
"""

import os
import time
from collections.abc import Callable, Generator, Sequence
from contextlib import closing
from dataclasses import dataclass, field
from typing import Any, cast

import httpx
from pydantic import SecretStr

from corpus.errors import Cancelled, ModelError, PromptTooLong
from rag.model_server import failure, refusal, too_long, verifying
from rag.prompts import Message
from rag.settings import ModelServer
from rag.watch import Cause, Watch, Watched

_ROLES = ("system", "user")


@dataclass
class Usage:
    """What the server reports of one reply, in tokens, zero where it reports nothing; and the seconds spent waiting for it.

    `first_s` is the wait for the first piece, `waited_s` that for all of them: what happens between two pieces is not in it.
    """

    first_s: float = 0.0
    waited_s: float = 0.0
    prompt: int = 0
    cached: int = 0
    reply: int = 0
    finish: str = ""


@dataclass(frozen=True, slots=True)
class Call:
    """One request: the messages, the form of the reply, the most tokens of it, and when it must be over (`time.monotonic`).

    The same `seed` lets a server that draws words draw the same ones again.
    """

    messages: Sequence[Message]
    schema: dict[str, Any]
    most_tokens: int
    deadline: float
    stopped: Callable[[], bool] = lambda: False
    usage: Usage = field(default_factory=Usage)
    seed: int = 0


class ChatModel:
    """A served model. Threads may share it."""

    def __init__(self, settings: ModelServer, name: str) -> None:
        _trace_nothing()
        from langchain_openai import ChatOpenAI  # a second to load: only where a model is served

        self.settings, self.name = settings, name
        timeout = httpx.Timeout(settings.silence_s, connect=settings.probe_s, pool=settings.total_s)
        wire = Watched(verifying(settings), settings.in_flight + 1)
        self._client = httpx.Client(transport=wire, trust_env=False, timeout=timeout)
        self._chat = ChatOpenAI(
            model=name,
            base_url=settings.url,
            api_key=SecretStr(settings.key or "none"),
            temperature=0,
            max_retries=0,
            timeout=timeout,
            http_client=self._client,
            stream_usage=True,
        )

    def stream(self, call: Call) -> Generator[str, None, None]:
        """Yield the reply as it arrives; closing the iterator ends the request at the server.

        Raise ModelError if the server fails, PromptTooLong if it cannot take the prompt, Cancelled if the call was stopped.
        """
        with Watch(call.deadline, self.settings.silence_s, call.stopped) as watch:
            try:
                yield from self._read(call, watch)
            except ModelError:
                if not watch.cause:
                    raise
        if watch.cause:  # a connection that was shut may look like the end of a reply
            raise self._ended(watch.cause)

    def _read(self, call: Call, watch: Watch) -> Generator[str, None, None]:
        import openai
        from langchain_core.messages import HumanMessage, SystemMessage

        kinds = dict(zip(_ROLES, (SystemMessage, HumanMessage), strict=True))
        messages = [kinds[role](content=text) for role, text in call.messages]
        form = {"type": "json_schema", "json_schema": {"name": "reply", "strict": True, "schema": call.schema}}
        # As extra fields they go over the wire as they are; LangChain's own way of a schema reads the reply itself.
        body = {"max_tokens": call.most_tokens, "response_format": form, "seed": call.seed}
        mark = time.monotonic()
        try:
            with closing(cast("Generator[Any, None, None]", self._chat.stream(messages, extra_body=body))) as chunks:
                for chunk in chunks:
                    watch.heard()
                    call.usage.waited_s += time.monotonic() - mark
                    mark = time.monotonic()
                    if call.stopped():
                        raise Cancelled("the question was withdrawn; ask it again")
                    _note(call.usage, chunk)
                    if isinstance(chunk.content, str) and chunk.content:
                        call.usage.first_s = call.usage.first_s or call.usage.waited_s
                        yield chunk.content
                    mark = time.monotonic()
                    watch.waits()
                    if time.monotonic() > call.deadline:
                        raise self._ended("total")
        except openai.APIStatusError as error:
            raise self._refused(error) from None
        except openai.APIConnectionError as error:
            raise failure(self.settings.url, _root(error)) from None
        except openai.APIError as error:
            raise self._broken(str(error)) from None
        except (httpx.HTTPError, OSError) as error:
            raise failure(self.settings.url, error) from None
        except (ValueError, TypeError, KeyError, AttributeError, RecursionError) as error:
            # What LangChain and the client say to a stream of another dialect.
            raise self._broken(str(error)) from None

    def _ended(self, cause: Cause) -> ModelError | Cancelled:
        if cause == "stopped":
            return Cancelled("the question was withdrawn; ask it again")
        if cause == "silence":
            return failure(self.settings.url, httpx.ReadTimeout("silence"))
        return ModelError(
            f"the reply was not whole after {self.settings.total_s:g} s; choose a faster model, or set CLAUSEWISE_LLM_TOTAL_S"
        )

    def _refused(self, error: Any) -> ModelError:
        body = str(getattr(error.response, "text", "") or error)
        if too_long(error.status_code, body):
            return PromptTooLong(
                "the prompt does not fit the model's context; set CLAUSEWISE_LLM_CONTEXT to its length"
            )
        return refusal(self.settings.url, error.status_code, body)

    def _broken(self, said: str) -> ModelError:
        if too_long(400, said):
            return PromptTooLong(
                "the prompt does not fit the model's context; set CLAUSEWISE_LLM_CONTEXT to its length"
            )
        words = " ".join(said.split())[:100]
        return ModelError(
            f"{self.settings.url} sends what is no stream of the OpenAI protocol ({words}); check the server"
        )

    def close(self) -> None:
        """Close the connections."""
        self._client.close()


def _root(error: BaseException) -> BaseException:
    """Return the error of the HTTP client behind an error of the libraries above it, or the error itself."""
    found: BaseException | None = error
    while found is not None and not isinstance(found, httpx.HTTPError):
        found = found.__cause__ or found.__context__
    return found or error


def _note(usage: Usage, chunk: Any) -> None:
    told = getattr(chunk, "usage_metadata", None)
    if told:
        usage.prompt = int(told.get("input_tokens") or 0)
        usage.reply = int(told.get("output_tokens") or 0)
        usage.cached = int((told.get("input_token_details") or {}).get("cache_read") or 0)
    finish = (getattr(chunk, "response_metadata", None) or {}).get("finish_reason")
    usage.finish = str(finish) if finish else usage.finish


def _trace_nothing() -> None:
    """Switch LangChain's tracing off for this process, whatever the environment holds: it would send prompts to a service.

    The library reads these variables itself at every call, and has no other switch that reaches all threads.
    """
    os.environ["LANGSMITH_TRACING"] = "false"
    os.environ["LANGCHAIN_TRACING_V2"] = "false"
    os.environ["LANGSMITH_TRACING_V2"] = "false"
    os.environ["LANGCHAIN_TRACING"] = "false"
