"""Files that the chat's page sends: let in to a limit, read before they are accepted, refused in one line."""

from collections.abc import Iterator
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest
from fastapi import FastAPI
from fastapi.testclient import TestClient
from starlette.responses import FileResponse

from corpus.errors import DataError
from corpus.extracted import Extracted
from rag import settings
from ui import uploads
from ui.guard import Guard

AT = "/chat/project/file"
MOST = 1 << 20


class Session:
    """What Chainlit keeps of a page, as far as files go."""

    def __init__(self, folder: Path) -> None:
        self.folder, self.files = folder, {}

    async def persist_file(self, name: str, content: bytes, mime: str) -> dict[str, str]:
        path = self.folder / "kept.bin"
        path.write_bytes(content)
        self.files["kept"] = {"path": path, "name": name, "type": mime}
        return {"id": "kept", "name": name, "type": mime}


@pytest.fixture
def session(tmp_path: Path) -> Session:
    return Session(tmp_path)


@pytest.fixture
def page(session: Session) -> TestClient:
    async def find(id: str, request: object) -> Session | None:
        return session if id == "mine" else None

    app = FastAPI()
    app.add_middleware(Guard, upload=MOST)
    expected: list[Extracted] = []
    uploads.add(app, AT, SimpleNamespace(expect=expected.append), MOST, find)  # type: ignore[arg-type]

    @app.get(f"{AT}/kept")
    def kept() -> FileResponse:
        return FileResponse(session.folder / "kept.bin", media_type="text/html")

    return TestClient(app, base_url="http://127.0.0.1:8000")


def send(page: TestClient, name: str, data: bytes, session: str = "mine", **more: Any) -> Any:
    return page.post(f"{AT}?session_id={session}", files={"file": (name, data, "text/html")}, **more)


def refused(response: Any, status: int = 400) -> str:
    assert response.status_code == status, response.text
    (line,) = response.json().values()
    assert list(response.json()) == ["detail"]
    assert "\n" not in line
    return line


def test_a_file_that_can_be_read_waits_for_its_message(page: TestClient, session: Session) -> None:
    reply = send(page, "Tern policy.md", b"# Tern\n\nNobody sells.\n")
    assert reply.status_code == 200
    assert reply.json() == {"id": "kept", "name": "Tern policy.md", "type": "application/octet-stream"}
    element = SimpleNamespace(path=str(session.files["kept"]["path"]), name="Tern policy.md")
    found = uploads.received(element)
    assert (found.name, found.data) == ("Tern policy.md", b"# Tern\n\nNobody sells.\n")
    assert (found.extracted.title, found.extracted.media) == ("Tern", "text/markdown")
    session.files["kept"]["path"].unlink()
    with pytest.raises(DataError, match="attach it again"):
        uploads.received(element)


@pytest.mark.parametrize(
    ("name", "data", "says"),
    [
        ("program.pdf", b"MZ\x90\x00", "this file is a Windows program"),
        ("empty.txt", b"", "this file is empty"),
        ("broken.pdf", b"%PDF-1.7\nnothing", "this file is a broken PDF file"),
        ("../../etc/passwd\n.docx", b"words", "this file is not a Word file"),
    ],
)
def test_what_cannot_be_read_is_refused_and_leaves_nothing(
    page: TestClient, tmp_path: Path, name: str, data: bytes, says: str
) -> None:
    assert says in refused(send(page, name, data))
    assert list(tmp_path.iterdir()) == []


def test_a_page_without_a_session_sends_nothing(page: TestClient, tmp_path: Path) -> None:
    assert "reload it" in refused(send(page, "a.txt", b"words", session="other"), 404)
    assert list(tmp_path.iterdir()) == []


def test_a_form_that_is_none_is_one_line(page: TestClient) -> None:
    address = f"{AT}?session_id=mine"
    assert "did not arrive whole" in refused(page.post(address, content=b"words"))
    assert "did not arrive whole" in refused(page.post(address, data={"file": "words"}))
    broken = {"content-type": "multipart/form-data; boundary=x"}
    assert "did not arrive whole" in refused(page.post(address, content=b"--x\r\nno header", headers=broken))
    two = [("file", ("a.txt", b"a")), ("file", ("b.txt", b"b"))]
    assert "did not arrive whole" in refused(page.post(address, files=two))


def test_what_is_announced_as_too_large_is_not_read(page: TestClient) -> None:
    def never() -> Iterator[bytes]:
        raise AssertionError("the body was read")
        yield b""

    headers = {"content-length": str(600 << 20), "content-type": "multipart/form-data; boundary=x"}
    response = page.post(f"{AT}?session_id=mine", headers=headers, content=never())
    assert refused(response, 413) == "this file is larger than 1 MB: split it, or export it without pictures"
    assert response.headers["connection"] == "close"


def test_what_comes_unannounced_is_cut_off_at_the_limit(page: TestClient, tmp_path: Path) -> None:
    sent = 0

    def endless() -> Iterator[bytes]:
        nonlocal sent
        yield b'--x\r\nContent-Disposition: form-data; name="file"; filename="a.txt"\r\n\r\n'
        for _ in range(64):
            sent += 1
            yield b"a" * (1 << 16)

    headers = {"content-type": "multipart/form-data; boundary=x"}
    response = page.post(f"{AT}?session_id=mine", headers=headers, content=endless())
    assert "larger than 1 MB" in refused(response, 413)
    assert list(tmp_path.iterdir()) == []


def test_a_file_is_saved_by_a_browser_and_never_run(page: TestClient) -> None:
    send(page, "a.html", b"<p>words<script>alert(1)</script>")
    headers = page.get(f"{AT}/kept").headers
    assert headers["content-disposition"] == "attachment"
    assert headers["content-security-policy"] == "default-src 'none'; sandbox"
    assert headers["x-content-type-options"] == "nosniff"


@pytest.mark.parametrize(
    ("given", "name"),
    [
        ("a.txt", "a.txt"),
        ("C:\\Users\\x\\policy v2.PDF", "policy v2.PDF"),
        ("../../x/..", "document"),
        ("", "document"),
        ("two\nlines.md", "two lines.md"),
        ("é" * 300 + ".docx", "é" * 100 + ".docx"),
    ],
)
def test_names_are_names_and_no_paths(given: str, name: str) -> None:
    assert uploads._named(given) == name


def test_the_limit_is_a_setting() -> None:
    assert settings.upload_bytes({}) == 20 << 20
    assert settings.upload_bytes({"CLAUSEWISE_UPLOAD_MB": "5"}) == 5 << 20
    for wrong in ("0", "-1", "x", "21", "1.5"):
        with pytest.raises(Exception, match="no number of megabytes"):
            settings.upload_bytes({"CLAUSEWISE_UPLOAD_MB": wrong})
