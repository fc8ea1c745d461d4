"""Who is let in to the server, how much may be sent, and what a page may load."""

from collections.abc import Iterator
from pathlib import Path

import pytest
from fastapi.testclient import TestClient
from starlette.websockets import WebSocketDisconnect
from test_api import HERE, client, error
from web_fakes import Replies, opener

from ui.api import create_app
from ui.guard import BODY_LIMIT


def test_every_reply_carries_the_security_headers() -> None:
    http = client(Replies())
    for path in ("/healthz", "/source/acme-open-2", "/api/none", "/static/viewer.js", "/api/search"):
        headers = http.get(path).headers
        policy = headers["content-security-policy"]
        assert "default-src 'none'" in policy
        assert "frame-ancestors 'none'" in policy
        assert "unsafe" not in policy
        assert "http" not in policy
        assert headers["x-content-type-options"] == "nosniff"
        assert headers["referrer-policy"] == "no-referrer"
        assert "access-control-allow-origin" not in headers


@pytest.mark.parametrize("host", ["evil.example", "evil.example:8000", "127.0.0.1.evil.example", "", "a b", "[::2]:1"])
def test_a_foreign_host_is_refused(host: str) -> None:
    response = client(Replies()).get("/api/licenses", headers={"Host": host})
    assert response.status_code == 421
    assert error(response)["code"] == "wrong-host"


@pytest.mark.parametrize("host", ["localhost", "LOCALHOST:9", "127.0.0.1:1", "[::1]:8000", "[::1]"])
def test_loopback_goes_by_several_names(host: str) -> None:
    assert client(Replies()).get("/healthz", headers={"Host": host}).status_code == 200


def test_a_further_host_can_be_named() -> None:
    app = create_app(Path("home"), opener(Replies()), hosts=["Licenses.local"], chat=False)
    assert TestClient(app, base_url="http://licenses.local").get("/healthz").status_code == 200


@pytest.mark.parametrize(
    "headers",
    [
        {"Origin": "https://evil.example"},
        {"Origin": "null"},
        {"Origin": "http://127.0.0.1:9000"},
        {"Sec-Fetch-Site": "cross-site"},
    ],
)
def test_a_page_of_another_site_cannot_ask(headers: dict[str, str]) -> None:
    pipeline = Replies()
    response = client(pipeline).post("/api/ask", json={"question": "q"}, headers=headers)
    assert response.status_code == 403
    assert error(response)["code"] == "wrong-origin"
    assert not pipeline.asked


def test_our_own_page_may_ask() -> None:
    headers = {"Origin": HERE, "Sec-Fetch-Site": "same-origin"}
    assert client(Replies()).post("/api/ask", json={"question": "q"}, headers=headers).status_code == 200


@pytest.mark.parametrize("headers", [{"Origin": "https://evil.example"}, {"Host": "evil.example"}])
def test_a_socket_of_another_site_is_refused(headers: dict[str, str]) -> None:
    with (
        pytest.raises(WebSocketDisconnect) as caught,
        client(Replies()).websocket_connect("/chat/ws/socket.io/", headers=headers),
    ):
        pass
    assert caught.value.code == 1008


def chunks(size: int) -> Iterator[bytes]:
    for _ in range(0, size, 65536):
        yield b" " * 65536


@pytest.mark.parametrize("announced", [True, False])
def test_a_large_body_is_refused(announced: bool) -> None:
    pipeline = Replies()
    content = b" " * (BODY_LIMIT + 1) if announced else chunks(BODY_LIMIT + 1)
    response = client(pipeline).post("/api/ask", content=content, headers={"Content-Type": "application/json"})
    assert response.status_code == 413
    assert error(response)["code"] == "too-large"
    assert not pipeline.asked


def test_a_body_up_to_the_limit_is_read_whole() -> None:
    pipeline = Replies()
    question = "é" * 100_000
    assert client(pipeline).post("/api/ask", json={"question": question}).status_code == 200
    assert pipeline.asked[0].question == question


@pytest.mark.parametrize(
    "request_line",
    [
        "POST /chat/mcp",
        "POST /chat",
        "POST /chat/auth/jwt",
        "PUT /chat/feedback",
        "PUT /chat/project/element",
        "DELETE /chat/project/element",
        "PUT /chat/project/thread/share",
        "POST /chat/project/thread",
        "DELETE /chat/project/threads",
        "PUT /chat/login",
    ],
)
def test_below_the_chat_only_its_own_page_writes(request_line: str) -> None:
    response = client(Replies()).request(*request_line.split())
    assert response.status_code == 405
    error(response)


@pytest.mark.parametrize(
    "request_line",
    [
        "POST /chat/project/action",
        "POST /chat/project/file",
        "POST /chat/set-session-cookie",
        "POST /chat/login",
        "POST /chat/logout",
        "POST /chat/auth/header",
        "POST /chat/project/threads",
        "PUT /chat/project/thread",
        "DELETE /chat/project/thread",
    ],
)
def test_what_the_chats_page_writes_passes_from_that_page_alone(request_line: str, tmp_path: Path) -> None:
    method, path = request_line.split()
    http = TestClient(create_app(tmp_path, opener(Replies()), chat=False), base_url=HERE)  # there is no chat in it
    assert http.request(method, path).status_code == 404
    foreign = http.request(method, path, headers={"origin": "http://elsewhere.example"})
    assert foreign.status_code == 403
