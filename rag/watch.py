"""Ends a request on the wire when its time is over or nobody waits for it, whatever arrives meanwhile.

A client's own time-outs begin anew with every byte; a server that sends a comment now and then would hold them for ever.
"""

import socket
import ssl
import threading
import time
from collections.abc import Callable
from contextlib import suppress
from typing import Any, Literal

import httpx

Cause = Literal["", "total", "silence", "stopped"]
_LOOK_S = 0.2
_CONNECTED = ("connect_tcp.complete", "start_tls.complete")
_begun = threading.local()  # the watch under which this thread makes its next request


class Watch:
    """Shuts the connection of the one request that is made in the block; `cause` says why, empty if it was left alone.

    `deadline` is one of `time.monotonic`. Silence counts only while somebody waits: from `waits` to `heard`.
    """

    def __init__(
        self, deadline: float, silence_s: float = float("inf"), stopped: Callable[[], bool] = lambda: False
    ) -> None:
        self.cause: Cause = ""
        self._deadline, self._silence_s, self._stopped = deadline, silence_s, stopped
        self._since: float | None = time.monotonic()
        self._stream: Any = None
        self._over = threading.Event()

    def __enter__(self) -> "Watch":
        _begun.watch = self
        threading.Thread(target=self._look, name="watch", daemon=True).start()
        return self

    def __exit__(self, *_: object) -> None:
        self._over.set()

    def waits(self) -> None:
        """Take note that the next piece is waited for."""
        self._since = time.monotonic()

    def heard(self) -> None:
        """Take note that a piece has come."""
        self._since = None

    def note(self, event: str, info: dict[str, Any]) -> None:
        """Take note of the connection: the HTTP client tells each step."""
        if event.endswith(_CONNECTED):
            self._stream = info["return_value"]
            if self.cause:
                self._shut()

    def _look(self) -> None:
        while not self._over.wait(max(0.0, min(_LOOK_S, self._deadline - time.monotonic()))):
            self.cause = self._due()
            if self.cause:
                self._shut()
                return

    def _due(self) -> Cause:
        now, since = time.monotonic(), self._since
        if self._stopped():
            return "stopped"
        if now >= self._deadline:
            return "total"
        return "silence" if since is not None and now - since >= self._silence_s else ""

    def _shut(self) -> None:
        connected = self._stream.get_extra_info("socket") if self._stream else None
        if isinstance(connected, socket.socket):
            with suppress(OSError):
                # Not the method of a TLS socket, which would take its state from under the thread that reads.
                socket.socket.shutdown(connected, socket.SHUT_RDWR)


class Watched(httpx.HTTPTransport):
    """Makes requests that a Watch can end: each on a connection of its own."""

    def __init__(self, verify: ssl.SSLContext | bool, most: int = 100) -> None:
        limits = httpx.Limits(max_connections=most, max_keepalive_connections=0)
        super().__init__(verify=verify, trust_env=False, limits=limits)

    def handle_request(self, request: httpx.Request) -> httpx.Response:
        """Send a request under the watch of this thread."""
        watch: Watch | None = getattr(_begun, "watch", None)
        if watch is not None:
            _begun.watch = None
            request.extensions = {**request.extensions, "trace": watch.note}
        return super().handle_request(request)
