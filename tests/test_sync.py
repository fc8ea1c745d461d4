"""Texts fetched from pinned addresses, over real HTTP on loopback: held against their hash, never overwritten, and read into the store."""

import hashlib
import json
import threading
import time
from collections.abc import Iterator
from contextlib import suppress
from dataclasses import replace
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

import needs
import pytest

from corpus import catalog, pinned, registry, sync
from corpus.errors import DataError
from corpus.ingest import collect
from corpus.pinned import Pinned
from rag.question import understand
from rag.route import route
from rag.types import Request
from ui import cli

TEXT = b"Example License\n\n1. You may use, copy and distribute the Model.\n"


class Server(BaseHTTPRequestHandler):
    """Answers by the last part of the path: well, slowly, elsewhere, changed, cut off, with a web page, not at all."""

    def do_GET(self) -> None:
        what = self.path.rsplit("/", 1)[-1].removesuffix(".txt")
        if what == "slow":
            time.sleep(2)
        if what == "drip":
            self.send_response(200)
            self.end_headers()
            with suppress(OSError):
                for _ in range(100):
                    self.wfile.write(b"x")
                    time.sleep(0.05)
            return
        if what == "flood":
            self.send_response(200)
            self.end_headers()
            with suppress(OSError):
                for _ in range(40):
                    self.wfile.write(b"x" * 100_000)
            return
        if what == "elsewhere":
            self.send_response(302)
            self.send_header("Location", "http://127.0.0.2:1/text")
            self.end_headers()
            return
        if what == "absent":
            self.send_error(404)
            return
        body = {"changed": TEXT + b"x", "page": b"<!DOCTYPE html><html></html>"}.get(what, TEXT)
        self.send_response(200)
        self.send_header("Content-Length", str(len(body) + (50 if what == "cut" else 0)))
        self.end_headers()
        with suppress(BrokenPipeError):  # who waited has gone
            self.wfile.write(body)

    def log_message(self, format: str, *args: object) -> None:
        """Stay silent."""


@pytest.fixture(scope="module")
def url() -> Iterator[str]:
    with ThreadingHTTPServer(("127.0.0.1", 0), Server) as server:
        server.daemon_threads = True
        thread = threading.Thread(target=server.serve_forever, args=(0.01,))
        thread.start()
        yield f"http://127.0.0.1:{server.server_port}"
        server.shutdown()
        thread.join()


def texts(*ids: str) -> dict[str, Pinned]:
    entry = next(iter(pinned.load().values())).entry
    digest = hashlib.sha256(TEXT).hexdigest()
    return {
        id: Pinned(replace(entry, id=id, title="Example License", kind="license", belongs_to=None), "", digest)
        for id in ids
    }


def test_a_text_is_fetched_once_and_kept(url: str, tmp_path: Path) -> None:
    wanted = texts("fine")
    assert [r.state for r in sync.check(wanted, tmp_path)] == ["missing"]
    assert [r.state for r in sync.sync(wanted, tmp_path, url)] == ["fetched"]
    path = sync.path_of(tmp_path, "fine", wanted["fine"].sha256)
    before = path.stat().st_mtime_ns
    assert [r.state for r in sync.sync(wanted, tmp_path, "http://127.0.0.1:9")] == ["kept"]
    assert path.stat().st_mtime_ns == before
    (document,) = sync.documents(wanted, tmp_path)
    assert (document.id, document.text.encode(), document.title) == ("fine", TEXT, "Example License")


@pytest.mark.parametrize(
    ("id", "state", "why"),
    [
        ("changed", "changed", "is not the one that was reviewed"),
        ("page", "failed", "gives a web page"),
        ("cut", "failed", "it broke off after 64 of 114 bytes"),
        ("flood", "failed", "it has more than 2,000,000 bytes"),
        ("elsewhere", "failed", "leads elsewhere"),
        ("absent", "failed", "Not Found"),
    ],
)
def test_what_is_not_the_pinned_text_is_reported_and_not_taken(
    id: str, state: str, why: str, url: str, tmp_path: Path
) -> None:
    (result,) = sync.sync(texts(id), tmp_path, url)
    assert (result.state, why in result.why) == (state, True), result
    assert "\n" not in result.why
    assert list(sync.documents(texts(id), tmp_path)) == []


def test_the_time_limit_holds(url: str, tmp_path: Path) -> None:
    wanted = texts("slow", "fine")
    results = sync.sync(wanted, tmp_path, url, limit_s=0.3)
    assert [r.state for r in results] == ["failed", "failed"]
    assert "no time was left" in results[1].why


def test_a_server_that_never_ends_is_left(url: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sync, "_TIMEOUT_S", 0.4)
    for id, why in (("drip", "it took longer than 0.4 s"), ("slow", "timed out")):
        started = time.monotonic()
        (result,) = sync.sync(texts(id), tmp_path, url)
        assert (result.state, why in result.why) == ("failed", True), result
        assert time.monotonic() - started < 1.5
    assert list(sync.documents(texts("drip", "slow"), tmp_path)) == []


def test_nothing_that_is_kept_is_overwritten(url: str, tmp_path: Path) -> None:
    wanted = texts("fine")
    sync.sync(wanted, tmp_path, url)
    # The catalog of a later release pins another state of the text: both stand side by side.
    newer = {"fine": replace(wanted["fine"], sha256=hashlib.sha256(TEXT + b"x").hexdigest())}
    assert [r.state for r in sync.sync(newer, tmp_path, url)] == ["changed"]
    assert [path.read_bytes() for path in (tmp_path / sync.FOLDER / "fine").iterdir()] == [TEXT]
    changed = {"changed": newer["fine"]}
    assert [r.state for r in sync.sync(changed, tmp_path, url)] == ["fetched"]


def test_a_damaged_copy_is_fetched_again(url: str, tmp_path: Path) -> None:
    wanted = texts("fine")
    sync.sync(wanted, tmp_path, url)
    sync.path_of(tmp_path, "fine", wanted["fine"].sha256).write_bytes(b"damaged")
    assert list(sync.documents(wanted, tmp_path)) == []
    assert [r.state for r in sync.sync(wanted, tmp_path, url)] == ["fetched"]


def test_every_pinned_text_has_an_entry_and_an_address() -> None:
    known = pinned.load()
    assert len(known) >= 36
    licenses = catalog.load().licenses
    assert not set(known) & set(licenses)
    named = {model.missing for model in registry.load().models}
    for id, text in known.items():
        assert text.entry.belongs_to is None or text.entry.belongs_to in {*licenses, *known}, id
        assert text.missing is None or text.missing in named, id


@pytest.mark.parametrize(
    ("wrong", "why"),
    [
        ("x =", "not TOML"),
        ("[[text]]\nid = 'a'", "needs id, title"),
        ("[[text]]\nid = 'a'\nnote = 'b'", "unknown"),
        (
            "[[text]]\nid = 'a'\ntitle = 'A'\nclass = 'other'\nsha256 = '" + "0" * 64 + "'\nurl = 'http://a'",
            "must be an https address",
        ),
    ],
)
def test_a_wrong_list_of_texts_is_named(wrong: str, why: str) -> None:
    with pytest.raises(DataError, match=why):
        pinned.parse(wrong)


def test_a_fetched_text_answers_for_the_models_that_lacked_it() -> None:
    known = catalog.load()
    item = sync.Document(
        "llama-3",
        "Meta Llama 3 Community License Agreement",
        "license",
        TEXT.decode(),
        None,
        "llama-3",
        sync.Origin("x", "y"),
    )
    request = Request("May we sell Llama 3 8B?")
    question = understand(request, registry.load())
    without = route(request, question, known, {})
    assert [m.model for m in without.missing] == ["llama-3"]
    found = route(request, question, known, {"llama-3": item})
    assert (found.licenses, found.missing) == (("llama-3",), ())
    policy = replace(item, id="llama-3-aup", kind="policy")
    assert route(request, question, known, {"llama-3": item, "llama-3-aup": policy}).bundles["llama-3"] == (
        "llama-3-aup",
    )


def test_fetched_texts_are_collected_with_the_others() -> None:
    item = sync.Document(
        "llama-3", "T", "license", TEXT.decode(), None, "llama-3", sync.Origin("x", hashlib.sha256(TEXT).hexdigest())
    )
    small = replace(catalog.load(), licenses={"mit": catalog.load().licenses["mit"]}, families={})
    assert [document.id for document in collect(small, (), [item]).documents] == ["llama-3", "mit"]


def test_sync_on_the_command_line(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert cli.main(["--home", str(tmp_path), "sync", "--check"]) == 1
    assert "llama-3: missing" in capsys.readouterr().err
    assert cli.main(["--home", str(tmp_path), "sync", "--from", "http://127.0.0.1:9", "--limit", "1"]) == 0
    assert cli.main(["--home", str(tmp_path), "sync", "--from", "folder"]) == 2


@pytest.mark.slow
@needs.texts
def test_the_texts_at_hand_are_the_pinned_ones(tmp_path: Path) -> None:
    folder = needs.TEXTS

    class Folder(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            """Serve a file of the folder."""
            data = (folder / self.path.rsplit("/", 1)[-1]).read_bytes()
            self.send_response(200)
            self.send_header("Content-Length", str(len(data)))
            self.end_headers()
            self.wfile.write(data)

        def log_message(self, format: str, *args: object) -> None:
            """Stay silent."""

    with ThreadingHTTPServer(("127.0.0.1", 0), Folder) as server:
        thread = threading.Thread(target=server.serve_forever, args=(0.01,))
        thread.start()
        results = sync.sync(pinned.load(), tmp_path, f"http://127.0.0.1:{server.server_port}")
        server.shutdown()
        thread.join()
    assert {r.state for r in results} == {"fetched"}, [r for r in results if r.state != "fetched"]
    assert len(list(sync.documents(pinned.load(), tmp_path))) == len(pinned.load())
    assert json.dumps(sync.summary(results)) == json.dumps({"fetched": len(results)})
