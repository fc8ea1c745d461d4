"""What stands before every route: who may call (host, origin), how much may be sent, and what a page may load.

Whose request it is `ui/people.py` tells. What must be kept out here is a page of another site that talks to the server
from the same browser. A name that is not ours in `Host` is DNS rebinding; an `Origin`
that is not ours on anything but a plain read is another site.
"""

import json
import re
from collections.abc import Iterable
from urllib.parse import urlsplit

from starlette.datastructures import Headers, MutableHeaders
from starlette.types import ASGIApp, Message, Receive, Scope, Send

LOOPBACK = ("localhost", "127.0.0.1", "::1")
BODY_LIMIT = 256 * 1024

_PAGE = (
    "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self'; font-src 'self'; "
    "base-uri 'none'; form-action 'self'; frame-ancestors 'none'"
)
# The chat's page is not ours: it sets style attributes, draws icons from data: addresses and opens a socket. It gets
# that and no more; without a source beyond this server nothing in an answer or a document can load anything.
_CHAT = (
    "default-src 'none'; script-src 'self'; style-src 'self' 'unsafe-inline'; img-src 'self' data: blob:; "
    "font-src 'self' data:; media-src 'self'; manifest-src 'self'; connect-src 'self' ws://{host} wss://{host}; "
    "base-uri 'self'; form-action 'self'; frame-ancestors 'none'"
)
_FILE = "/project/file"
# What the chat's page writes, below the chat: a cookie, a button pressed, a file, log-in and log-out, its list of conversations.
_WRITTEN = frozenset(
    {
        ("POST", "/set-session-cookie"),
        ("POST", "/project/action"),
        ("POST", _FILE),
        ("POST", "/auth/header"),
        ("POST", "/login"),
        ("POST", "/logout"),
        ("POST", "/project/threads"),
        ("PUT", "/project/thread"),
        ("DELETE", "/project/thread"),
    }
)
# A file that somebody attached is shown by nothing here: a browser saves it, and runs nothing in it.
_FOREIGN = "default-src 'none'; sandbox"
_FORM = 64 * 1024  # what the form around a file may take
_HOST = re.compile(r"[a-z0-9.:\[\]-]+")


def refusal(code: str, message: str) -> bytes:
    """Return the body of an error as the interface promises it."""
    return json.dumps({"error": {"code": code, "message": message}}, ensure_ascii=False).encode()


class TooLarge(Exception):
    """More of a file has come than may be sent."""


class Guard:
    """ASGI middleware: refuses foreign hosts and origins and large bodies, and sets the security headers.

    `hosts` are the names beside loopback's under which the server may be addressed. Below `chat` only reading and the
    writes that the chat's page makes pass, a file of at most `upload` bytes among them: Chainlit's element, sharing and
    tool routes are not needed here and stay shut.
    """

    def __init__(
        self, app: ASGIApp, hosts: Iterable[str] = (), chat: str = "/chat", upload: int = 20 * 1024 * 1024
    ) -> None:
        self.app = app
        self.hosts = frozenset({*LOOPBACK, *(host.lower() for host in hosts)})
        self.chat = chat
        self.upload = upload

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Pass the request on, or answer it."""
        if scope["type"] not in {"http", "websocket"}:
            await self.app(scope, receive, send)
            return
        headers = Headers(scope=scope)
        problem = self._problem(scope, headers)
        if problem is None and self._is_file(scope) and scope["method"] == "POST":
            limit = self.upload + _FORM
            receive = _counted(receive, limit)
            if _announced(headers) > limit:
                line = f"this file is larger than {self.upload >> 20} MB: split it, or export it without pictures"
                problem = (413, "too-large", line)
        elif problem is None and scope["type"] == "http" and scope["method"] not in {"GET", "HEAD"}:
            body = await _body(receive, headers)
            if body is None:
                problem = (413, "too-large", f"the request is larger than {BODY_LIMIT // 1024} kB; send less")
            else:
                receive = _replay(body, receive)
        if problem is not None:
            await _refuse(scope, receive, send, problem, self._is_file(scope))
            return
        await self.app(scope, receive, self._with_headers(scope, headers, send))

    def _problem(self, scope: Scope, headers: Headers) -> tuple[int, str, str] | None:
        host = headers.get("host", "").lower()
        if not _HOST.fullmatch(host) or _name(host) not in self.hosts:
            line = "this server does not go by that name; use http://127.0.0.1 on its machine, or have the name set in CLAUSEWISE_PUBLIC_URL"
            return 421, "wrong-host", line
        reading = scope["type"] == "http" and scope["method"] in {"GET", "HEAD", "OPTIONS"}
        origin = headers.get("origin")
        # A page without a referrer sends its forms from the origin "null"; that it is our page the browser says itself.
        own = origin == "null" and headers.get("sec-fetch-site") == "same-origin"
        if not reading and origin is not None and not own and urlsplit(origin).netloc.lower() != host:
            return 403, "wrong-origin", "requests from pages of other sites are refused"
        if not reading and headers.get("sec-fetch-site") == "cross-site":
            return 403, "wrong-origin", "requests from pages of other sites are refused"
        if not reading and scope["type"] == "http" and self._of_chat(scope) and not self._is_written(scope):
            return 405, "method-not-allowed", "the chat takes no such request"
        return None

    def _keep(self, path: str) -> str:
        """Return how long a browser may keep what it read. The names of the chat's files change with their content."""
        if path.startswith(f"{self.chat}/assets/"):
            return "private, max-age=31536000, immutable"
        return "no-cache" if path.startswith("/static/") else "no-store"

    def _of_chat(self, scope: Scope) -> bool:
        path: str = scope["path"]
        return path == self.chat or path.startswith(f"{self.chat}/")

    def _is_written(self, scope: Scope) -> bool:
        return (scope["method"], scope["path"].removeprefix(self.chat)) in _WRITTEN

    def _is_file(self, scope: Scope) -> bool:
        return scope["type"] == "http" and str(scope["path"]).startswith(f"{self.chat}{_FILE}")

    def _with_headers(self, scope: Scope, headers: Headers, send: Send) -> Send:
        policy = _CHAT.format(host=headers["host"]) if self._of_chat(scope) else _PAGE
        keep, foreign = self._keep(scope["path"]), self._is_file(scope)
        policy = _FOREIGN if foreign else policy

        async def with_headers(message: Message) -> None:
            if message["type"] == "http.response.start":
                shown = MutableHeaders(scope=message)
                _secure(shown, policy, keep)
                if foreign:
                    shown["Content-Disposition"] = "attachment"
            await send(message)

        return with_headers


def _name(host: str) -> str:
    """Return the name in a `Host` header, without port and brackets."""
    bracketed = re.fullmatch(r"\[(.+)\](?::\d+)?", host)
    return bracketed[1] if bracketed else re.sub(r":\d+$", "", host)


def _secure(headers: MutableHeaders, policy: str, keep: str = "no-store") -> None:
    headers["Content-Security-Policy"] = policy
    headers["X-Content-Type-Options"] = "nosniff"
    headers["X-Frame-Options"] = "DENY"
    headers["Referrer-Policy"] = "no-referrer"
    headers["Cross-Origin-Resource-Policy"] = "same-origin"
    headers["Cross-Origin-Opener-Policy"] = "same-origin"
    headers["Permissions-Policy"] = "camera=(), geolocation=(), microphone=(), payment=(), usb=()"
    headers["Cache-Control"] = keep


async def _body(receive: Receive, headers: Headers) -> bytes | None:
    """Return the whole body, None if it is too large. Bodies are small by rule, so reading them first costs nothing."""
    if _announced(headers) > BODY_LIMIT:
        return None
    body = bytearray()
    while True:
        message = await receive()
        if message["type"] != "http.request":
            return bytes(body)
        body += message.get("body", b"")
        if len(body) > BODY_LIMIT:
            return None
        if not message.get("more_body", False):
            return bytes(body)


def _announced(headers: Headers) -> int:
    announced = headers.get("content-length", "0")
    return int(announced[:20]) if announced.isascii() and announced.isdigit() else 0


def _counted(receive: Receive, limit: int) -> Receive:
    """Return `receive` for a body that is read while it comes: TooLarge is raised as soon as there is more than `limit`."""
    left = limit

    async def counted() -> Message:
        nonlocal left
        message = await receive()
        left -= len(message.get("body", b""))
        if left < 0:
            raise TooLarge
        return message

    return counted


def _replay(body: bytes, receive: Receive) -> Receive:
    waiting = [body]

    async def replay() -> Message:
        if waiting:
            return {"type": "http.request", "body": waiting.pop(), "more_body": False}
        return await receive()

    return replay


async def _refuse(scope: Scope, receive: Receive, send: Send, problem: tuple[int, str, str], page: bool) -> None:
    """Answer a request that is not passed on; the chat's `page` looks for what to tell its reader elsewhere."""
    status, code, message = problem
    if scope["type"] == "websocket":
        await receive()  # the protocol wants `websocket.connect` taken before it is refused
        await send({"type": "websocket.close", "code": 1008, "reason": message})
        return
    body = json.dumps({"detail": message}).encode() if page else refusal(code, message)
    start: Message = {
        "type": "http.response.start",
        "status": status,
        "headers": [(b"content-type", b"application/json"), (b"content-length", str(len(body)).encode())],
    }
    _secure(MutableHeaders(scope=start), _PAGE)
    if status == 413:
        # What was announced is not read: the connection cannot be used again.
        MutableHeaders(scope=start)["Connection"] = "close"
    await send(start)
    await send({"type": "http.response.body", "body": body})
