"""OAuth from the button to the name, with a provider that the test plays itself, on a real server."""

import json
import threading
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from urllib.parse import parse_qs, urlsplit

import httpx
import pytest
from served import served

pytestmark = pytest.mark.server


class Provider(BaseHTTPRequestHandler):
    """Gives a token for the code `good`, and says whose it is."""

    email = ""

    def do_POST(self) -> None:
        sent = parse_qs(self.rfile.read(int(self.headers["Content-Length"])).decode())
        good = sent["code"] == ["good"] and sent["client_secret"] == ["hush"]
        self._reply({"access_token": "t"} if good else {"error": "no"})

    def do_GET(self) -> None:
        assert self.headers["Authorization"] == "Bearer t"
        self._reply({"email": type(self).email, "groups": ["kept nowhere"]})

    def log_message(self, *_: object) -> None:
        """Say nothing."""

    def _reply(self, content: dict[str, object]) -> None:
        body = json.dumps(content).encode()
        self.send_response(200)
        self.send_header("Content-Type", "application/json")
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)


@pytest.fixture
def provider() -> Iterator[str]:
    server = ThreadingHTTPServer(("127.0.0.1", 0), Provider)
    threading.Thread(target=server.serve_forever, daemon=True).start()
    yield f"http://127.0.0.1:{server.server_port}"
    server.shutdown()
    server.server_close()


def entered(base: str, email: str, code: str = "good", state: str = "") -> httpx.Client:
    """Go the way that a browser goes and return it at its end."""
    Provider.email = email
    http = httpx.Client(base_url=base, timeout=30)
    begun = http.get("/chat/auth/oauth/generic")
    asked = parse_qs(urlsplit(begun.headers["location"]).query)
    assert asked["redirect_uri"] == [f"{base}/chat/auth/oauth/generic/callback"]
    http.get("/chat/auth/oauth/generic/callback", params={"code": code, "state": state or asked["state"][0]})
    return http


def test_a_provider_lets_in_whom_the_settings_name(provider: str, tmp_path: Path) -> None:
    settings = {
        "CLAUSEWISE_AUTH": "oauth",
        "CLAUSEWISE_AUTH_ALLOW": "@acme.example",
        "OAUTH_GENERIC_CLIENT_ID": "clausewise",
        "OAUTH_GENERIC_CLIENT_SECRET": "hush",
        "OAUTH_GENERIC_AUTH_URL": f"{provider}/authorize",
        "OAUTH_GENERIC_TOKEN_URL": f"{provider}/token",
        "OAUTH_GENERIC_USER_INFO_URL": f"{provider}/user",
        "OAUTH_GENERIC_SCOPES": "email",
    }
    with served(tmp_path / "home", tmp_path / "served", **settings) as running:
        told = httpx.get(f"{running.base}/chat/auth/config").json()
        assert (told["oauthProviders"], told["passwordAuth"], told["headerAuth"]) == (["generic"], False, False)
        jo = entered(running.base, "Jo@Acme.example")
        user = jo.get("/chat/user").json()
        assert (user["identifier"], user["metadata"]) == ("jo@acme.example", {})
        assert jo.get("/openapi.json").status_code == 200
        for other in (
            entered(running.base, "jo@evil.example"),
            entered(running.base, "jo@acme.example", code="bad"),
            entered(running.base, "jo@acme.example", state="another"),
        ):
            assert other.get("/chat/user").status_code == 401
            assert other.get("/openapi.json").status_code == 401
            other.close()
        jo.close()
