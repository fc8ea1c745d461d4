"""A model server of the OpenAI protocol with a queue of replies: what it is told to say, it says, well or badly."""

import json
import threading
import time
from collections import deque
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any


@dataclass(frozen=True)
class Reply:
    """One reply. `wait` seconds pass before it, `pause` between its pieces; `cut` closes the connection after so many pieces.

    `drip` is sent over and over, in place of all else.
    """

    text: str = ""
    status: int = 200
    body: str | None = None
    headers: dict[str, str] = field(default_factory=dict)
    wait: float = 0.0
    pause: float = 0.0
    piece: int = 24
    cut: int | None = None
    finish: str = "stop"
    delta: str = "content"
    drip: bytes = b""


class Scripted(ThreadingHTTPServer):
    """The server. `asked` are the bodies of the requests for a reply, `paths` of all; `left` counts clients that went away."""

    daemon_threads = True

    def __init__(self) -> None:
        super().__init__(("127.0.0.1", 0), _Handler)
        self.replies: deque[Reply] = deque()
        self.always: Reply | None = None
        self.by: Callable[[dict[str, Any]], Reply] | None = None  # makes the reply from the body of the request
        self.asked: list[dict[str, Any]] = []
        self.paths: list[str] = []
        self.models: Any = [{"id": "tiny", "max_model_len": 32768}]
        self.models_reply: Reply | None = None
        self.key: str | None = None
        self.tokenizes = True
        self.left = 0
        self.running = 0
        self.most = 0
        self.lock = threading.Lock()

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.server_address[1]}/v1"

    def say(self, *texts: "str | Reply") -> "Scripted":
        self.replies.extend(Reply(text) if isinstance(text, str) else text for text in texts)
        return self

    def handle_error(self, request: Any, client_address: Any) -> None:
        """Say nothing: a client that goes away is what some tests are about."""


class _Handler(BaseHTTPRequestHandler):
    server: Scripted
    protocol_version = "HTTP/1.1"

    def log_message(self, format: str, *args: Any) -> None:
        pass

    def do_GET(self) -> None:
        self.server.paths.append(self.path)
        if not self._allowed():
            return
        if self.path == "/v1/models":
            told = self.server.models_reply
            if told is None:
                self._json(200, {"object": "list", "data": self.server.models})
            else:
                time.sleep(told.wait)
                (self._drip if told.drip else self._raw)(told)
        else:
            self._json(404, {"detail": "Not Found"})

    def do_POST(self) -> None:
        self.server.paths.append(self.path)
        body = json.loads(self.rfile.read(int(self.headers["Content-Length"])))
        if not self._allowed():
            return
        if self.path == "/tokenize" and self.server.tokenizes:
            texts = [body["prompt"]] if "prompt" in body else [m["content"] for m in body["messages"]]
            self._json(200, {"count": sum(len(t) // 4 + 4 for t in texts), "max_model_len": 32768, "tokens": []})
        elif self.path == "/v1/chat/completions":
            with self.server.lock:
                self.server.asked.append(body)
                reply = self.server.replies.popleft() if self.server.replies else self.server.always
                reply = reply or (self.server.by(body) if self.server.by else None)
                self.server.running += 1
                self.server.most = max(self.server.most, self.server.running)
            try:
                self._reply(reply or Reply(status=500, body='{"error":{"message":"nothing to say"}}'))
            finally:
                with self.server.lock:
                    self.server.running -= 1
        else:
            self._json(404, {"detail": "Not Found"})

    def _allowed(self) -> bool:
        if self.server.key and self.headers.get("Authorization") != f"Bearer {self.server.key}":
            self._json(401, {"error": "Unauthorized"})
            return False
        return True

    def _reply(self, reply: Reply) -> None:
        time.sleep(reply.wait)
        if reply.drip:
            self._drip(reply)
            return
        if reply.body is not None or reply.status != 200:
            self._raw(reply)
            return
        self.send_response(200)
        self.send_header("Content-Type", "text/event-stream")
        self.send_header("Connection", "close")
        self.end_headers()
        self.close_connection = True
        try:
            for number, event in enumerate(_events(reply)):
                if reply.cut is not None and number >= reply.cut:
                    return
                self.wfile.write(f"data: {event}\n\n".encode())
                self.wfile.flush()
                time.sleep(reply.pause)
        except OSError:
            with self.server.lock:
                self.server.left += 1

    def _drip(self, reply: Reply) -> None:
        self.send_response(reply.status)
        self.send_header("Content-Type", reply.headers.get("Content-Type", "text/event-stream"))
        self.send_header("Connection", "close")
        self.end_headers()
        self.close_connection = True
        try:
            for _ in range(200):
                self.wfile.write(reply.drip)
                self.wfile.flush()
                time.sleep(reply.pause)
        except OSError:
            with self.server.lock:
                self.server.left += 1

    def _raw(self, reply: Reply) -> None:
        data = (reply.body or "").encode()
        self.send_response(reply.status)
        for name, value in {"Content-Type": "application/json", **reply.headers}.items():
            self.send_header(name, value)
        self.send_header("Content-Length", str(len(data)))
        self.end_headers()
        self.wfile.write(data)

    def _json(self, status: int, value: Any) -> None:
        self._raw(Reply(status=status, body=json.dumps(value)))


def _events(reply: Reply) -> Iterator[str]:
    def chunk(delta: dict[str, str], finish: str | None = None) -> str:
        choice = {"index": 0, "delta": delta, "finish_reason": finish}
        return json.dumps(
            {"id": "c", "object": "chat.completion.chunk", "created": 1, "model": "tiny", "choices": [choice]}
        )

    yield chunk({"role": "assistant", "content": ""})
    for start in range(0, len(reply.text), reply.piece):
        yield chunk({reply.delta: reply.text[start : start + reply.piece]})
    yield chunk({}, reply.finish)
    yield "[DONE]"


@contextmanager
def scripted() -> Iterator[Scripted]:
    """Run a scripted server for the length of the block."""
    server = Scripted()
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.02}, daemon=True)
    thread.start()
    try:
        yield server
    finally:
        server.shutdown()
        server.server_close()
        thread.join(5)
