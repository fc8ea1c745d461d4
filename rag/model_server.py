"""The model server as the answering side sees it: which model, how long a context, how many tokens a text has.

What the protocol leaves open is asked where the server tells it (vLLM: context length, `/tokenize`) and estimated where it
does not. Answers are remembered for a few seconds.
"""

import hashlib
import ssl
import threading
import time
from collections import OrderedDict
from dataclasses import dataclass
from typing import Any

import httpx

from corpus.errors import ModelError
from rag.settings import ModelServer
from rag.watch import Watch, Watched

_FRESH_S = 5.0
_REMEMBERED = 4096
_BYTES_PER_TOKEN = 3  # where the server counts no tokens; English has more than four
_ASSUMED_CONTEXT = 8192


@dataclass(frozen=True, slots=True)
class Known:
    """What the server told: the model's name, and the longest prompt with reply in tokens."""

    name: str
    context: int


class Remote:
    """One model server. Threads may share it."""

    def __init__(self, settings: ModelServer) -> None:
        self.settings = settings
        self.client = httpx.Client(
            transport=Watched(verifying(settings)),
            trust_env=False,
            timeout=settings.probe_s,
            headers={"Authorization": f"Bearer {settings.key}"} if settings.key else {},
        )
        self._lock = threading.Lock()
        self._known: Known | None = None
        self._seen = 0.0
        self._counts: OrderedDict[bytes, int] = OrderedDict()
        self._counts_tokens = True

    def known(self) -> Known:
        """Return what the server told, asked anew unless it answered a moment ago.

        Raise ModelError, with what to change, if it cannot be used.
        """
        with self._lock:
            known, fresh = self._known, time.monotonic() - self._seen < _FRESH_S
        if known is None or not fresh:
            known = self._ask()
            with self._lock:
                self._known, self._seen = known, time.monotonic()
        return known

    def forget(self) -> None:
        """Ask again before the next request: the server failed."""
        with self._lock:
            self._seen = 0.0

    def close(self) -> None:
        """Close the connections."""
        self.client.close()

    def _ask(self) -> Known:
        url, wanted = self.settings.url, self.settings.name
        watch = Watch(time.monotonic() + self.settings.probe_s)
        try:
            with watch:
                response = self.client.get(f"{url}/models")
            told = response.json() if response.status_code == 200 else None
        except (httpx.HTTPError, httpx.InvalidURL, ValueError, RecursionError, OSError) as error:
            raise failure(url, httpx.ReadTimeout("slow") if watch.cause else error) from None
        if response.status_code != 200:
            raise refusal(url, response.status_code, response.text)
        rows = told.get("data") if isinstance(told, dict) else None
        if not isinstance(rows, list) or not all(
            isinstance(row, dict) and isinstance(row.get("id"), str) for row in rows
        ):
            raise ModelError(f"{url} does not speak the OpenAI protocol; set CLAUSEWISE_LLM_URL to a server that does")
        lengths: dict[str, Any] = {row["id"]: row.get("max_model_len") for row in rows}
        if not lengths:
            raise ModelError(f"{url} lists no model; load one into the server")
        if wanted is not None and wanted not in lengths:
            served = ", ".join(list(lengths)[:5])
            raise ModelError(
                f"{url} serves no model {wanted!r} but {served}; set CLAUSEWISE_LLM_MODEL to one of them", down=False
            )
        if wanted is None and len(lengths) > 1:
            served = ", ".join(list(lengths)[:5])
            raise ModelError(f"{url} serves {served}; name one with CLAUSEWISE_LLM_MODEL", down=False)
        name = wanted or next(iter(lengths))
        told_length = lengths[name] if isinstance(lengths[name], int) else None
        return Known(name, min(filter(None, (self.settings.context, told_length)), default=_ASSUMED_CONTEXT))

    def tokens(self, text: str, name: str) -> int:
        """Return how many tokens a text has: counted by the server and remembered, or estimated if it counts none."""
        key = hashlib.sha256(f"{name}\0{text}".encode()).digest()
        with self._lock:
            if key in self._counts:
                self._counts.move_to_end(key)
                return self._counts[key]
        counted = self._count(text, name) if self._counts_tokens else None
        if counted is None:
            return estimated(text)
        with self._lock:
            self._counts[key] = counted
            while len(self._counts) > _REMEMBERED:
                self._counts.popitem(last=False)
        return counted

    def _count(self, text: str, name: str) -> int | None:
        # vLLM reads `prompt`, llama.cpp's server `content`.
        body = {"model": name, "prompt": text, "content": text, "add_special_tokens": False}
        try:
            with Watch(time.monotonic() + self.settings.probe_s):
                response = self.client.post(f"{self.settings.url.removesuffix('/v1')}/tokenize", json=body)
            told = response.json() if response.status_code == 200 else {}
        except (httpx.HTTPError, ValueError, RecursionError, OSError):
            return None
        if response.status_code in (404, 405, 501):
            self._counts_tokens = False
        listed = told.get("tokens") if isinstance(told, dict) else None
        count = told.get("count") if isinstance(told, dict) else None
        return count if isinstance(count, int) else len(listed) if isinstance(listed, list) and listed else None


def estimated(text: str) -> int:
    """Return about how many tokens a text has, rather too many than too few."""
    return len(text.encode()) // _BYTES_PER_TOKEN + 1


def verifying(settings: ModelServer) -> ssl.SSLContext | bool:
    """Return how certificates are verified.

    Raise ModelError if the authority's file holds no certificate.
    """
    if settings.ca_file is None:
        return True
    try:
        return ssl.create_default_context(cafile=settings.ca_file)
    except OSError:  # an SSLError is one
        raise ModelError(f"{settings.ca_file} holds no certificate; set CLAUSEWISE_LLM_CA_FILE to a PEM file") from None


def failure(url: str, error: BaseException) -> ModelError:
    """Return what a failed request tells about the server, with what to change."""
    said = " ".join(f"{error} {error.__cause__ or ''}".split())
    if "CERTIFICATE_VERIFY_FAILED" in said:
        return ModelError(
            f"the certificate of {url} cannot be verified; name its authority's file in CLAUSEWISE_LLM_CA_FILE",
            down=False,
        )
    if "WRONG_VERSION_NUMBER" in said or "record layer failure" in said:
        return ModelError(f"{url} speaks no TLS; write http:// in CLAUSEWISE_LLM_URL", down=False)
    if isinstance(error, httpx.ConnectError | httpx.ConnectTimeout | httpx.InvalidURL):
        return ModelError(f"no model server answers on {url}; start it, or correct CLAUSEWISE_LLM_URL")
    if isinstance(error, httpx.TimeoutException):
        return ModelError(f"the model server on {url} does not answer in time; see whether it is overloaded")
    if isinstance(error, ValueError | RecursionError):
        return ModelError(f"{url} does not speak the OpenAI protocol; set CLAUSEWISE_LLM_URL to a server that does")
    return ModelError(f"the connection to {url} broke; see whether the model server still runs", again=True)


def refusal(url: str, status: int, body: str) -> ModelError:
    """Return what a status other than success tells, with what to change."""
    if status in (401, 403):
        return ModelError(f"{url} refuses the API key ({status}); set CLAUSEWISE_LLM_API_KEY", down=False)
    if status == 404 and "model" in body and "exist" in body:
        return ModelError(f"{url} does not serve that model (404); set CLAUSEWISE_LLM_MODEL", down=False)
    if status in (404, 405):
        return ModelError(f"{url} has no such address ({status}); CLAUSEWISE_LLM_URL mostly ends in /v1", down=False)
    if status == 400 and "chat template" in body.lower():
        return ModelError(
            "the model has no chat template; serve a chat model, or give the server a template", down=False
        )
    if status in (400, 422) and any(word in body for word in ("response_format", "json_schema", "guided", "grammar")):
        return ModelError(
            f"{url} takes no JSON schema ({status}); serve with vLLM, Ollama or llama.cpp's server", down=False
        )
    if status in (400, 422):
        return ModelError(f"{url} refuses the request ({status}); see the server's log", down=False)
    if status == 429:
        return ModelError(f"{url} has too much to do (429); ask again in a moment", again=True)
    return ModelError(f"{url} fails ({status}); see the server's log", again=status in (500, 502, 503, 504))


def too_long(status: int, body: str) -> bool:
    """Return True if a server refuses a prompt for its length, in the words of vLLM, llama.cpp's server or Ollama."""
    low = body.lower()
    return status in (400, 413, 422, 500) and (
        "context length" in low or "context size" in low or "context_length" in low or "too long" in low
    )
