"""Whose request it is, who is refused, and what of a request counts."""

import time
import uuid
from pathlib import Path
from typing import Any

import httpx
import jwt
import needs
import pytest
from fastapi import Request
from fastapi.testclient import TestClient
from served import served
from test_memo import answer
from web_fakes import Replies, opener

from corpus.errors import InputError
from rag import settings
from rag.settings import Access
from ui import kept, sharing, users
from ui.api import create_app, serve
from ui.listen import listen
from ui.people import STAMP, People, owner

pytestmark = pytest.mark.usefixtures("quick_hashes")
WORDS = "correct horse battery"
HERE = "http://127.0.0.1:8000"
PASSWORD = Access("password")
HEADER = Access("header", "X-Forwarded-User")
OAUTH = Access("oauth", allowed=("jo", "@acme.example"))


def client(home: Path, access: Access, peer: str = "127.0.0.1") -> TestClient:
    app = create_app(home, opener(Replies()), chat=False, access=access)

    @app.get("/who")
    def who(request: Request) -> dict[str, Any]:
        return {"owner": owner(request)}

    @app.get("/chat/seen")
    def seen(request: Request) -> dict[str, Any]:
        return {"owner": owner(request), "cookies": request.cookies, "headers": dict(request.headers)}

    return TestClient(app, base_url=HERE, client=(peer, 50000), follow_redirects=False)


def signed(people: People, name: str, seconds: float = 60, secret: str = "") -> dict[str, str]:
    said = {"identifier": name, "metadata": {STAMP: users.stamp(people.home, name)}, "exp": time.time() + seconds}
    token = jwt.encode(said, secret or people.secret, algorithm="HS256")
    return {"Cookie": f"other=1; {people.cookie}={token}"}


def test_on_loopback_without_log_in_everybody_is_the_person_at_the_machine(tmp_path: Path) -> None:
    http = client(tmp_path, Access())
    assert http.get("/who").json() == {"owner": ""}
    assert http.get("/who", headers=signed(People(tmp_path), "jo")).json() == {"owner": ""}
    seen = http.get("/chat/seen", headers={"Cookie": "a=b"}).json()
    token = seen["cookies"][People(tmp_path).cookie]
    assert jwt.decode(token, People(tmp_path).secret, algorithms=["HS256"])["identifier"] == "*"
    assert seen["cookies"]["a"] == "b"


def test_with_log_in_nothing_is_shown_to_nobody(tmp_path: Path) -> None:
    http = client(tmp_path, PASSWORD)
    for path in ("/who", "/api/licenses", "/api/search?q=x", "/openapi.json", "/elements/x", "/metricsx"):
        reply = http.get(path)
        assert (reply.status_code, reply.json()["error"]["code"]) == (401, "no-login"), path
        assert "default-src 'none'" in reply.headers["content-security-policy"]
    assert http.post("/api/ask", json={"question": "q"}).status_code == 401
    page = http.get("/source/mit", headers={"Accept": "text/html"})
    assert (page.status_code, page.headers["location"]) == (303, "/chat/login")
    for path in ("/healthz", "/metrics", "/static/viewer.css"):
        assert http.get(path).status_code == 200


def test_a_shared_link_needs_no_log_in_and_is_all_that_needs_none(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("CLAUSEWISE_SHARING", "1")
    given = kept.keep(tmp_path, (str(uuid.uuid4()), "jo"), answer(question="May we?"))
    http, link = client(tmp_path, PASSWORD), sharing.share(tmp_path, given)
    own = sharing.share(
        tmp_path, kept.keep(tmp_path, (str(uuid.uuid4()), ""), answer(question="Before there was a log-in"))
    )
    page = http.get(f"/shared/{link.token}")
    assert (page.status_code, "May we?" in page.text) == (200, True)
    assert http.get("/shared/nothing").status_code == 404
    for method, path in (
        ("GET", "/shared"),
        ("GET", "/shared/"),
        ("GET", f"/memo/{given.id}"),
        ("GET", "/positions"),
        ("POST", f"/shared/{own.token}"),
        ("POST", f"/shared/{own.token}/revoke"),
        ("POST", f"/memo/{given.id}/share"),
    ):
        assert http.request(method, path).status_code == 401, (method, path)


def test_a_log_in_counts_as_long_as_its_user_and_its_time(tmp_path: Path) -> None:
    users.add(tmp_path, "jo", WORDS)
    people, http = People(tmp_path, PASSWORD), client(tmp_path, PASSWORD)
    assert http.get("/who", headers=signed(people, "jo")).json() == {"owner": "jo"}
    seen = http.get("/chat/seen", headers=signed(people, "jo")).json()
    assert people.cookie in seen["cookies"]
    for bad in (
        signed(people, "jo", seconds=-1),
        signed(people, "jo", secret="0" * 64),
        signed(people, "mo"),
        signed(people, "*"),
        signed(people, ""),
        {"Cookie": f"{people.cookie}=x"},
    ):
        assert http.get("/who", headers=bad).status_code == 401
        assert people.cookie not in http.get("/chat/seen", headers=bad).json()["cookies"]
    was = signed(people, "jo")
    users.remove(tmp_path, "jo")
    assert http.get("/who", headers=was).status_code == 401
    # A name that is given again, or a password that is changed, lets nobody in who was in before.
    users.add(tmp_path, "jo", WORDS)
    again = signed(people, "jo")
    assert [http.get("/who", headers=each).status_code for each in (was, again)] == [401, 200]
    users.add(tmp_path, "jo", f"{WORDS} staple", new=False)
    assert http.get("/who", headers=again).status_code == 401


def test_a_log_in_of_another_algorithm_or_without_an_end_is_none(tmp_path: Path) -> None:
    users.add(tmp_path, "jo", WORDS)
    people, http = People(tmp_path, PASSWORD), client(tmp_path, PASSWORD)
    said = {"identifier": "jo", "metadata": {STAMP: users.stamp(tmp_path, "jo")}}
    endless = jwt.encode(said, people.secret, algorithm="HS256")
    unsigned = jwt.encode({**said, "exp": time.time() + 60}, None, algorithm="none")
    bare = jwt.encode({"identifier": "jo", "exp": time.time() + 60}, people.secret, algorithm="HS256")
    for token in (endless, unsigned, bare):
        assert http.get("/who", headers={"Cookie": f"{people.cookie}={token}"}).status_code == 401


def test_a_proxys_header_counts_from_this_machine_alone(tmp_path: Path) -> None:
    said = {"X-Forwarded-User": "Jo@Acme.example"}
    near, far = client(tmp_path, HEADER), client(tmp_path, HEADER, peer="192.0.2.7")
    assert near.get("/who", headers=said).json() == {"owner": "jo@acme.example"}
    assert near.get("/who").status_code == 401
    assert near.get("/who", headers={"X-Forwarded-User": "*"}).status_code == 401
    # One that the proxy was sent and passed on beside its own: either may be false.
    two = [("X-Forwarded-User", "boss"), ("x-forwarded-user", "jo")]
    assert near.get("/who", headers=two).status_code == 401
    assert far.get("/who", headers=said).status_code == 401
    assert "x-forwarded-user" not in far.get("/chat/seen", headers=said).json()["headers"]
    # Where no setting names it, a header says nothing.
    assert client(tmp_path, PASSWORD).get("/who", headers=said).status_code == 401
    assert client(tmp_path, Access()).get("/who", headers=said).json() == {"owner": ""}


def test_a_cookie_left_in_the_browser_does_not_outweigh_the_proxy(tmp_path: Path) -> None:
    people = People(tmp_path, HEADER)
    headers = {"X-Forwarded-User": "jo", **signed(people, "mo")}
    seen = client(tmp_path, HEADER).get("/chat/seen", headers=headers).json()
    token = seen["cookies"][people.cookie]
    assert jwt.decode(token, people.secret, algorithms=["HS256"])["identifier"] == "jo"
    assert seen["cookies"]["other"] == "1"


def test_addresses_are_those_that_browsers_use(tmp_path: Path) -> None:
    app = create_app(tmp_path, opener(Replies()), chat=False, access=Access(address="https://licenses.acme.example"))

    @app.get("/where")
    def where(request: Request) -> dict[str, str]:
        return {"base": str(request.base_url)}

    # A proxy with TLS passes requests on without it.
    http = TestClient(app, base_url="http://licenses.acme.example")
    assert http.get("/where").json() == {"base": "https://licenses.acme.example/"}


@pytest.mark.server
def test_who_a_proxy_asks_for_is_not_who_connects(tmp_path: Path) -> None:
    settings = {"CLAUSEWISE_AUTH": "header", "CLAUSEWISE_AUTH_HEADER": "X-Forwarded-User", "FORWARDED_ALLOW_IPS": "*"}
    with served(tmp_path / "home", tmp_path / "served", **settings) as running:
        said = {"X-Forwarded-User": "jo", "X-Forwarded-For": "192.0.2.7"}
        user = httpx.get(f"{running.base}/chat/user", headers=said)
        assert (user.status_code, user.json()["identifier"]) == (200, "jo")
        assert httpx.get(f"{running.base}/chat/user").status_code == 401


@needs.postgres
@pytest.mark.server
def test_the_first_request_of_a_server_with_postgresql_is_answered(tmp_path: Path, postgres: str) -> None:
    with served(tmp_path / "home", tmp_path / "served", CLAUSEWISE_DATABASE_URL=postgres) as running:
        assert httpx.get(f"{running.base}/chat/thread/{uuid.uuid4()}").status_code == 404
        assert httpx.get(f"{running.base}/chat/user").json()["identifier"] == "*"
        assert running.log.read_text(encoding="utf-8") == ""


@pytest.mark.parametrize(
    ("name", "may"),
    [("jo", True), ("mo@acme.example", True), ("mo", False), ("mo@evil.example", False), ("acme.example", False)],
)
def test_a_provider_vouches_for_whom_the_settings_name(tmp_path: Path, name: str, may: bool) -> None:
    people = People(tmp_path, OAUTH)
    assert people.may(name) is may
    assert (client(tmp_path, OAUTH).get("/who", headers=signed(people, name)).status_code == 200) is may


def test_cookies_travel_over_tls_alone_where_browsers_use_it(tmp_path: Path) -> None:
    access = Access("password", address="https://licenses.acme.example")
    app = create_app(tmp_path, opener(Replies()), chat=False, access=access)

    @app.get("/chat/set")
    def cookie() -> Any:
        from fastapi.responses import JSONResponse

        reply = JSONResponse({})
        reply.set_cookie("a", "b", httponly=True)
        return reply

    http = TestClient(app, base_url="https://licenses.acme.example")
    assert http.get("/chat/set").headers["set-cookie"].endswith("; Secure")


def test_the_secret_is_made_once_and_private(tmp_path: Path) -> None:
    secret = People(tmp_path).secret
    assert People(tmp_path).secret == secret
    assert len(secret) == 64
    assert (tmp_path / "users" / "secret").stat().st_mode & 0o077 == 0
    assert People(tmp_path / "other").secret != secret


def test_elsewhere_than_on_loopback_without_log_in_is_refused(tmp_path: Path) -> None:
    with pytest.raises(InputError, match="without log-in the server listens on loopback only"):
        listen("0.0.0.0", 0)
    with listen("0.0.0.0", 0, login=True) as listening:
        assert listening.getsockname()[1] > 0
    with pytest.raises(InputError, match="is no address of this machine"):
        listen("192.0.2.7", 0, login=True)


def test_a_server_on_which_nobody_could_log_in_does_not_start(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("CLAUSEWISE_AUTH", "password")
    with pytest.raises(InputError, match="add a user first with clausewise users add NAME"):
        serve(tmp_path, "127.0.0.1", 0)


@pytest.mark.parametrize(
    ("environ", "access"),
    [
        ({}, Access()),
        ({"CLAUSEWISE_AUTH": " Password "}, PASSWORD),
        ({"CLAUSEWISE_AUTH": "header", "CLAUSEWISE_AUTH_HEADER": "X-Forwarded-User"}, HEADER),
        ({"CLAUSEWISE_AUTH": "oauth", "CLAUSEWISE_AUTH_ALLOW": "Jo, @acme.example,"}, OAUTH),
        ({"CLAUSEWISE_PUBLIC_URL": "https://l.example/"}, Access(address="https://l.example")),
        ({"CLAUSEWISE_DATABASE_URL": "postgres://u:p@h/d"}, Access(database="postgresql+asyncpg://u:p@h/d")),
    ],
)
def test_the_settings(environ: dict[str, str], access: Access) -> None:
    assert settings.access(environ) == access
    assert "u:p" not in repr(settings.access(environ))


@pytest.mark.parametrize(
    ("environ", "line"),
    [
        ({"CLAUSEWISE_AUTH": "yes"}, "CLAUSEWISE_AUTH='yes' is no way to log in; choose one of none, password, header"),
        ({"CLAUSEWISE_AUTH": "header"}, "name the header that your reverse proxy sets"),
        ({"CLAUSEWISE_AUTH_HEADER": "X-User"}, "name the header that your reverse proxy sets"),
        ({"CLAUSEWISE_AUTH": "header", "CLAUSEWISE_AUTH_HEADER": "X User"}, "is no name of a header"),
        ({"CLAUSEWISE_AUTH": "oauth"}, "say who may log in"),
        ({"CLAUSEWISE_AUTH_ALLOW": "jo"}, "say who may log in"),
        ({"CLAUSEWISE_PUBLIC_URL": "licenses.example"}, "is no address"),
        ({"CLAUSEWISE_PUBLIC_URL": "https://l.example/path"}, "is no address"),
        ({"CLAUSEWISE_DATABASE_URL": "mysql://u:secret@h/d"}, "names no PostgreSQL database"),
        ({"CLAUSEWISE_DATABASE_URL": "postgresql:secret"}, "names no PostgreSQL database"),
    ],
)
def test_a_setting_that_cannot_be_used_is_one_line(environ: dict[str, str], line: str) -> None:
    with pytest.raises(InputError) as caught:
        settings.access(environ)
    assert line in str(caught.value)
    assert "secret" not in str(caught.value)
