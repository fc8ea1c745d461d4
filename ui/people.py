"""Whose request it is: told once for each request, before any route runs, and refused where nobody may ask.

On loopback without log-in everybody is "", the person at the machine. With log-in a signed cookie names the user (a
reverse proxy may do so in a header): it counts for as long as the name and its password do, so that who was removed is
out at once.
"""

import hashlib
import re
import secrets
import time
from dataclasses import dataclass, field
from functools import cached_property
from pathlib import Path
from typing import Any

import jwt
from starlette.datastructures import Headers, MutableHeaders
from starlette.requests import Request, cookie_parser
from starlette.responses import RedirectResponse, Response
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from corpus import atomic
from corpus.errors import ClausewiseError, InputError, StoreError
from rag.settings import Access
from ui import users
from ui.guard import refusal
from ui.listen import is_loopback

LOCAL = "*"  # what Chainlit calls the person at the machine; no name that can be given
STAMP = "stamp"  # in a log-in: with which password it was made
_KEY = "clausewise.owner"
_MOMENT_S = 60
# Open to all: whether the server runs, how it fares, and the page on which one logs in. The chat checks its own requests.
_OPEN = ("/healthz", "/readyz", "/metrics", "/static", "/chat")
_LINK = re.compile(r"/shared/[^/]+")  # who has a link to one answer may read it; the page says if there is no such link


def owner(request: Request) -> str:
    """Return the name of who asks: what is kept for them, and shown to nobody else, is kept under it."""
    name: str = request.scope.get(_KEY, "")
    return name


def identifier(name: str) -> str:
    """Return what Chainlit calls the user `name`."""
    return name or LOCAL


def name_of(identifier: str) -> str:
    """Return the user's name for what Chainlit calls them."""
    return "" if identifier == LOCAL else identifier


@dataclass(frozen=True)
class People:
    """Who may use the server over a home folder."""

    home: Path
    access: Access = field(default_factory=Access)

    @property
    def cookie(self) -> str:
        """Return the cookie's name: servers on other ports of the same machine share a browser's cookies."""
        return f"clausewise-{hashlib.sha256(str(self.home).encode()).hexdigest()[:12]}"

    @cached_property
    def secret(self) -> str:
        """Return what log-ins are signed with, made at first use and kept, so that a restart logs nobody out.

        Raise StoreError if it can be neither read nor written.
        """
        path = self.home / "users" / "secret"
        try:
            if kept := path.read_text(encoding="ascii").strip():
                return kept
        except FileNotFoundError:
            pass
        except (OSError, ValueError) as error:
            raise StoreError(f"cannot read {path}: {error}; remove it, and everybody logs in again") from None
        made = secrets.token_hex(32)
        atomic.make_folder(path.parent)
        atomic.replace(path, made.encode(), private=True)
        return made

    def who(self, scope: Scope) -> str | None:
        """Return the name of who asks, None if nobody is logged in."""
        if self.access.way == "none":
            return ""
        if self.access.way == "header":
            return self.vouched(Headers(scope=scope)) if _is_near(scope) else None
        return self._read(cookie_parser(Headers(scope=scope).get("cookie", "")).get(self.cookie))

    def vouched(self, headers: Headers) -> str | None:
        """Return the name that the reverse proxy gives, None without a usable one: of two, one is not the proxy's."""
        given = headers.getlist(self.access.header)
        try:
            return users.name_of(given[0]) if len(given) == 1 else None
        except InputError:
            return None

    def may(self, name: str) -> bool:
        """Return True if the name may use the server, as far as we decide that."""
        if self.access.way == "password":
            return users.stamp(self.home, name) is not None
        if self.access.way != "oauth":
            return True
        _, at, domain = name.partition("@")
        return name in self.access.allowed or at + domain in self.access.allowed

    def settle(self, scope: Scope, name: str | None) -> None:
        """Let Chainlit, which looks for cookies and headers of its own, see who asks as we do, and nobody else.

        Where nobody types a password nothing is left in the browser either: the cookie is put in on the way.
        """
        headers = MutableHeaders(scope=scope)
        if self.access.way == "header" and not _is_near(scope):
            del headers[self.access.header]
        if "authorization" in headers:
            del headers["authorization"]  # the cookie is the one way in
        given = [each.strip() for each in headers.get("cookie", "").split(";") if each.strip()]
        kept = [each for each in given if not each.startswith(self.cookie)]
        if name is None:
            headers["cookie"] = "; ".join(kept)
        elif self.access.way in {"none", "header"} and _is_below(scope["path"], "/chat"):
            headers["cookie"] = "; ".join([*kept, f"{self.cookie}={self._token(name)}"])

    def _token(self, name: str) -> str:
        """Return a cookie's value for one request."""
        shown = {"identifier": identifier(name), "display_name": name or "This machine", "metadata": {}}
        return jwt.encode({**shown, "exp": time.time() + _MOMENT_S}, self.secret, algorithm="HS256")

    def stands(self, token: str | None) -> bool:
        """Return True if the log-in with which a page has connected still counts."""
        if self.access.way in {"none", "header"}:
            return True  # told for each connection, by the machine or the proxy
        return self._read(token) is not None

    def _read(self, token: str | None) -> str | None:
        """Return the name that a cookie is signed for, None if it is not valid or counts no more."""
        if not token:
            return None
        try:
            said: dict[str, Any] = jwt.decode(token, self.secret, algorithms=["HS256"], options={"require": ["exp"]})
            name, stamp = str(said["identifier"]), said["metadata"].get(STAMP)
        except (jwt.InvalidTokenError, KeyError, AttributeError):
            return None
        if self.access.way == "password" and stamp != users.stamp(self.home, name):
            return None  # the password is another one now
        return name if name and self.may(name) else None


class Identified:
    """ASGI middleware: says whose request it is, and refuses what needs a log-in and has none."""

    def __init__(self, app: ASGIApp, people: People) -> None:
        self.app = app
        self.people = people

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Pass the request on with its owner, or answer it."""
        if scope["type"] not in {"http", "websocket"}:
            await self.app(scope, receive, send)
            return
        try:
            name = self.people.who(scope)
            self.people.settle(scope, name)
        except ClausewiseError as error:
            await _refused(scope, 503, error.code, str(error))(scope, receive, send)
            return
        if name is None and not _is_open(scope):
            line = "log in first: open /chat in a browser, or send the cookie of a log-in"
            await _refused(scope, 401, "no-login", line)(scope, receive, send)
            return
        if name is not None:
            scope[_KEY] = name
        if self.people.access.address.startswith("https:"):
            # What a proxy with TLS passes on comes without it; addresses that pages show are those that browsers use.
            scope["scheme"] = {"http": "https", "websocket": "wss"}[scope["type"]]
        await self.app(scope, receive, _secure(send) if self.people.access.address.startswith("https:") else send)


def _is_near(scope: Scope) -> bool:
    """Return True if the request comes from this machine itself: from the reverse proxy, not past it."""
    client = scope.get("client")
    return client is not None and is_loopback(client[0])


def _is_open(scope: Scope) -> bool:
    path = scope["path"]
    if any(_is_below(path, each) for each in _OPEN):
        return True
    return scope["type"] == "http" and scope["method"] == "GET" and _LINK.fullmatch(path) is not None


def _is_below(path: str, top: str) -> bool:
    return path == top or path.startswith(f"{top}/")


def _refused(scope: Scope, status: int, code: str, line: str) -> Response:
    accepts = Headers(scope=scope).get("accept", "")
    if status == 401 and scope["type"] == "http" and scope["method"] == "GET" and "text/html" in accepts:
        return RedirectResponse("/chat/login", 303)
    return Response(refusal(code, line), status, media_type="application/json")


def _secure(send: Send) -> Send:
    """Return `send` that lets cookies travel over TLS alone."""

    async def sent(message: Message) -> None:
        if message["type"] == "http.response.start":
            message["headers"] = [
                (
                    name,
                    value + b"; Secure" if name.lower() == b"set-cookie" and b"secure" not in value.lower() else value,
                )
                for name, value in message["headers"]
            ]
        await send(message)

    return sent
