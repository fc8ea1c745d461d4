"""The server's routes over a small store in memory: answers, events, errors, limits, and who is let in."""

import json
import logging
import threading
from pathlib import Path

import pytest
from fastapi.testclient import TestClient
from web_fakes import OPEN, Replies, Shelf, opener

from corpus.errors import StoreError
from rag.types import Turn
from ui.api import create_app

HERE = "http://127.0.0.1:8000"


@pytest.fixture(autouse=True)
def elsewhere(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Work in a folder of its own: what a server keeps is made there."""
    monkeypatch.chdir(tmp_path)


def client(pipeline: Replies, **options) -> TestClient:
    app = create_app(Path("nowhere"), opener(pipeline), chat=False)
    return TestClient(app, base_url=HERE, raise_server_exceptions=False, **options)


def bare() -> TestClient:
    """Return a client of a server that has no store."""

    def missing(home: Path) -> Replies:
        raise StoreError(f"there is no store in {home}; make one with: clausewise index build")

    return TestClient(create_app(Path("empty"), missing, chat=False), base_url=HERE)


def events(text: str) -> list[tuple[str, dict]]:
    found = []
    for block in text.strip().split("\n\n"):
        name, data = block.split("\n")
        found.append((name.removeprefix("event: "), json.loads(data.removeprefix("data: "))))
    return found


def error(response) -> dict[str, str]:
    """Return the error that a response must hold, in the form the interface promises."""
    body = response.json()
    assert set(body) == {"error"}
    assert set(body["error"]) == {"code", "message"}
    assert "\n" not in body["error"]["message"]
    assert body["error"]["message"]
    return body["error"]


# Questions


def test_an_answer_has_the_published_schema() -> None:
    answer = client(Replies()).post("/api/ask", json={"question": "May I sell it?", "id": "x7"}).json()
    assert (answer["schema"], answer["id"], answer["verdict"]) == ("clausewise.answer/1", "x7", "conditional")
    for citation in answer["citations"]:
        assert OPEN[citation["start"] : citation["end"]] == citation["quote"]


def test_what_stands_beside_the_question_reaches_the_pipeline() -> None:
    pipeline = Replies()
    body = {
        "question": "and now?",
        "history": [{"role": "user", "content": "before"}, {"role": "assistant", "content": "so"}],
        "licenses": ["acme-open-2"],
        "documents": ["house-rules"],
        "facts": {"commercial": True, "users": 5, "share": 0.5, "place": "DE"},
        "engine": "rules",
        "as_of": "2026-01-01",
    }
    assert client(pipeline).post("/api/ask", json=body).status_code == 200
    asked = pipeline.asked[0]
    assert asked.history == (Turn("user", "before"), Turn("assistant", "so"))
    assert (asked.licenses, asked.documents) == (("acme-open-2",), ("house-rules",))
    assert asked.facts == {"commercial": True, "users": 5, "share": 0.5, "place": "DE"}
    assert [type(value) for value in asked.facts.values()] == [bool, int, float, str]
    assert (asked.engine, asked.as_of) == ("rules", "2026-01-01")


def test_a_stream_ends_with_the_whole_answer() -> None:
    http = client(Replies())
    streamed = http.post("/api/ask", json={"question": "q"}, headers={"Accept": "text/event-stream"})
    assert streamed.headers["content-type"].startswith("text/event-stream")
    found = events(streamed.text)
    assert [name for name, _ in found] == ["retrieved", "statement", "statement", "done"]
    assert found[0][1] == {"documents": ["acme-open-2"], "clauses": ["acme-open-2#1"]}
    assert found[1][1]["text"] == "You may sell it [1]."
    assert [source["n"] for source in found[2][1]["sources"]] == found[2][1]["citations"] == [2]
    assert found[-1][1] == http.post("/api/ask", json={"question": "q"}).json()


def test_what_cannot_be_answered_has_its_status_in_a_stream_too() -> None:
    http = client(Replies())
    for headers in ({}, {"Accept": "text/event-stream"}):
        response = http.post("/api/ask", json={"question": "boom"}, headers=headers)
        assert response.status_code == 400
        assert error(response) == {"code": "bad-input", "message": "this question cannot be answered; ask another"}


@pytest.mark.parametrize(("question", "code"), [("late", "no-store"), ("bug", "internal")])
def test_a_stream_that_breaks_says_so(question: str, code: str, caplog: pytest.LogCaptureFixture) -> None:
    accept = {"Accept": "text/event-stream"}
    found = events(client(Replies()).post("/api/ask", json={"question": question}, headers=accept).text)
    assert [name for name, _ in found] == ["retrieved", "statement", "error"]
    assert found[-1][1]["error"]["code"] == code
    assert "secret" not in found[-1][1]["error"]["message"]


@pytest.mark.parametrize(
    ("body", "says"),
    [
        (b"", "Field required"),
        (b"{", "JSON"),
        (b"[]", "dictionary"),
        (b"\xff\xfe\x00", ""),
        (b"{}", "question: Field required"),
        (b'{"question": 5}', "question: Input should be a valid string"),
        (b'{"question": "\\ud800"}', "question"),
        (b'{"question": "q", "license": ["mit"]}', "license: Extra inputs are not permitted"),
        (b'{"question": "q", "engine": "magic"}', "engine"),
        (b'{"question": "q", "history": [{"role": "system", "content": "x"}]}', "history.0.role"),
        (b'{"question": "q", "facts": {"a": [1]}}', "facts.a"),
        (b'{"question": "q", "facts": {"a": NaN}}', "facts.a"),
        (b'{"question": ' + b"[" * 100_000, ""),
    ],
)
def test_a_bad_question_gets_one_clear_line(body: bytes, says: str) -> None:
    response = client(Replies()).post("/api/ask", content=body, headers={"Content-Type": "application/json"})
    assert response.status_code in {400, 422}
    found = error(response)
    assert found["code"] == "bad-input"
    assert says in found["message"]


def test_an_error_of_ours_tells_no_secrets(caplog: pytest.LogCaptureFixture) -> None:
    response = client(Replies()).post("/api/ask", json={"question": "bug"})
    assert response.status_code == 500
    assert error(response)["message"] == "an error of ours (KeyError); see the server's log"


def test_questions_are_not_logged(caplog: pytest.LogCaptureFixture, capfd: pytest.CaptureFixture[str]) -> None:
    caplog.set_level(logging.DEBUG)
    http = client(Replies())
    http.post("/api/ask", json={"question": "my-secret-plan"})
    http.get("/api/search", params={"q": "my-secret-plan"})
    http.post("/api/ask", json={"question": "my-secret-plan boom"})
    ours = [record for record in caplog.records if not record.name.startswith("httpx")]  # the client's own line
    assert not any("my-secret-plan" in record.getMessage() for record in ours)
    assert "my-secret-plan" not in "".join(capfd.readouterr())


def test_a_long_answer_does_not_stop_another() -> None:
    class Slow(Replies):
        def __init__(self) -> None:
            super().__init__()
            self.go, self.waiting = threading.Event(), threading.Event()

        def ask(self, request, stopped=None):
            if request.question == "slow":
                self.waiting.set()
                assert self.go.wait(10)
            return super().ask(request)

    pipeline = Slow()
    http = client(pipeline)
    with http:
        done: list[int] = []
        slow = threading.Thread(
            target=lambda: done.append(http.post("/api/ask", json={"question": "slow"}).status_code)
        )
        slow.start()
        assert pipeline.waiting.wait(10)
        assert http.post("/api/ask", json={"question": "quick"}).status_code == 200
        assert not done
        pipeline.go.set()
        slow.join(10)
        assert done == [200]


# Texts, licenses, search


def test_search_returns_the_documents_own_words() -> None:
    hits = client(Replies()).get("/api/search", params={"q": "open", "k": 2}).json()["hits"]
    assert (
        hits
        == [{"document": "acme-open-2", "clause": "p1", "start": 0, "end": 17, "score": 0.25, "text": OPEN[:17]}] * 2
    )


@pytest.mark.parametrize("params", [{}, {"q": ""}, {"q": "a", "k": 0}, {"q": "a", "k": 101}, {"q": "a", "k": "many"}])
def test_a_search_has_limits(params: dict[str, str]) -> None:
    response = client(Replies()).get("/api/search", params=params)
    assert response.status_code == 422
    assert error(response)["code"] == "bad-input"


def test_the_text_comes_as_it_is() -> None:
    response = client(Replies()).get("/api/documents/acme-open-2/text")
    assert response.headers["content-type"] == "text/plain; charset=utf-8"
    assert response.content == OPEN.encode()
    assert client(Replies()).get("/api/documents/acme-alias/text").content == OPEN.encode()


def test_licenses_are_listed_and_shown() -> None:
    http = client(Replies())
    listed = http.get("/api/licenses").json()["licenses"]
    assert [row["id"] for row in listed] == ["acme-open-1", "acme-open-2", "acme-policy"]
    card = http.get("/api/licenses/acme-open-2").json()
    assert (card["class"], card["bundle"]) == ("source-available", ["acme-policy"])
    fact = card["facts"][0]
    assert (fact["act"], fact["clause"], OPEN[fact["start"] : fact["end"]]) == ("sell", "1", fact["quote"])


@pytest.mark.parametrize("path", ["/api/documents/acme-opem-2/text", "/api/licenses/acme-opem-2", "/api/none"])
def test_what_is_not_there_is_404(path: str) -> None:
    response = client(Replies()).get(path)
    assert response.status_code == 404
    error(response)


def test_an_unknown_license_names_near_ones() -> None:
    found = error(client(Replies()).get("/api/licenses/acme-opem-2"))
    assert found["code"] == "unknown-document"
    assert "acme-open-2" in found["message"]


def test_a_wrong_method_is_405() -> None:
    response = client(Replies()).get("/api/ask")
    assert response.status_code == 405
    assert error(response)["code"] == "method-not-allowed"


def test_the_interface_describes_itself() -> None:
    described = client(Replies()).get("/openapi.json").json()["paths"]
    assert {"/api/ask", "/api/search", "/api/licenses", "/api/licenses/{id}", "/source/{id}"} <= set(described)
    assert {"/api/documents/{id}/text", "/healthz", "/readyz"} <= set(described)


def test_the_root_leads_to_the_chat() -> None:
    response = client(Replies(), follow_redirects=False).get("/")
    assert (response.status_code, response.headers["location"]) == (307, "/chat")


# Without a store, and with a new one


@pytest.mark.parametrize(
    "path", ["/readyz", "/api/licenses", "/api/licenses/x", "/api/documents/x/text", "/api/search?q=a"]
)
def test_without_a_store_every_route_says_what_to_do(path: str) -> None:
    response = bare().get(path)
    assert response.status_code == 503
    assert error(response) == {
        "code": "no-store",
        "message": "there is no store in empty; make one with: clausewise index build",
    }


def test_without_a_store_the_server_lives() -> None:
    http = bare()
    assert http.get("/healthz").json() == {"status": "ok"}
    assert http.post("/api/ask", json={"question": "q"}).status_code == 503
    page = http.get("/source/mit")
    assert (page.status_code, page.headers["content-type"]) == (503, "text/html; charset=utf-8")
    assert "clausewise index build" in page.text


def test_warming_without_a_store_is_no_error() -> None:
    bare().app.state.opened.warm()


def test_the_fake_store_keeps_the_one_invariant() -> None:
    shelf = Shelf()
    for id, document in shelf.documents.items():
        assert "".join(clause.span.of(document.text) for clause in shelf.clauses(id)) == document.text
