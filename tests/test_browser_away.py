"""A reader who was away: the connection cut in mid-answer, a server that was stopped, a log-in that ended while somebody typed."""

import re
import socket
import threading
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from pathlib import Path

import pytest
from scripted import Reply, Scripted
from served import Served, served
from test_browser import QUESTION, Watched, ready
from test_browser_people import (
    OTHER,
    PASSWORDS,
    WAIT_S,
    anna_asks,
    answers,
    eventually,
    files_with,
    listed,
    log_in,
    over,
    port_of,
    say,
    window,
)

from ui import users

pytestmark = pytest.mark.browser


@pytest.fixture
def home(built_home: Path, tmp_path: Path) -> Path:
    """Return a home folder of its own with the texts of the shared one."""
    return over(built_home, tmp_path / "home")


def begun(page) -> None:
    """Wait until the chat takes a question where there is a choice of profiles: choosing the first one connects anew."""
    page.locator("#chat-settings-open-modal").wait_for()
    ready(page)


def logged_out(watched: Watched, typed: str) -> None:
    """Take the log-in away while something is typed: seen when the reader comes back to the page."""
    watched.page.locator("#chat-input").fill(typed)
    watched.context.clear_cookies()
    watched.page.evaluate("document.dispatchEvent(new Event('visibilitychange'))")
    watched.page.get_by_text("Your log-in has ended. What you typed is kept").wait_for()


def test_a_log_in_that_ends_while_somebody_types_loses_no_text(chromium, home: Path, tmp_path: Path) -> None:
    with anna_asks(chromium, home, tmp_path / "served") as (running, watched):
        page = watched.page
        logged_out(watched, "half a question")
        log_in(page, "anna")
        eventually(lambda: page.locator("#chat-input").count() and page.locator("#chat-input").input_value())
        assert page.locator("#chat-input").input_value() == "half a question"
        # Back in the same conversation, with the question in the field.
        page.wait_for_url("**/chat/thread/*")
        answers(page, 1)
        eventually(lambda: page.locator("#chat-input").input_value() == "half a question")
        say(page, OTHER)
        answers(page, 2)
        # The user is gone: seen when the next question reaches the server, which neither answers nor keeps it.
        users.remove(home, "anna")
        say(page, "And in the Zanzibar office?")
        page.get_by_text("Your log-in has ended. What you typed is kept").wait_for()
        assert files_with(home, "Zanzibar") == []
        users.add(home, "anna", PASSWORDS["anna"])
        assert page.request.get(f"{running.base}/chat/user").status == 401  # the log-in of before the password
        log_in(page, "anna")
        answers(page, 2)
        eventually(lambda: page.locator("#chat-input").input_value() == "And in the Zanzibar office?")
        page.locator("#chat-input").press("Enter")
        answers(page, 3)
        assert files_with(home, "Zanzibar")


def test_who_logs_in_next_finds_nothing_of_what_another_typed(chromium, home: Path, tmp_path: Path) -> None:
    with anna_asks(chromium, home, tmp_path / "served") as (_, watched):
        page = watched.page
        logged_out(watched, "between me and my counsel")
        log_in(page, "bert")
        ready(page)
        eventually(lambda: page.evaluate("sessionStorage.getItem('clausewise-who')") == "bert")
        assert page.evaluate("JSON.stringify(sessionStorage)").count("counsel") == 0
        assert page.locator("#chat-input").input_value() == ""
        assert not re.search("/thread/", page.url)


@dataclass
class Wire:
    """A network between browser and server that can be cut."""

    to: int
    whole: bool = True
    ends: list[socket.socket] = field(default_factory=list)
    carriers: list[threading.Thread] = field(default_factory=list)

    def laid(self, listening: socket.socket) -> None:
        while True:
            try:
                near, _ = listening.accept()
            except OSError:
                return
            if not self.whole:
                near.close()
                continue
            far = socket.create_connection(("127.0.0.1", self.to))
            self.ends += [near, far]
            for one, other in ((near, far), (far, near)):
                self.carriers.append(threading.Thread(target=self._carry, args=(one, other), daemon=True))
                self.carriers[-1].start()

    def _carry(self, one: socket.socket, other: socket.socket) -> None:
        with suppress(OSError):
            while data := one.recv(65536):
                other.sendall(data)
        for each in (one, other):
            with suppress(OSError):
                each.shutdown(socket.SHUT_RDWR)

    def cut(self) -> None:
        self.whole = False
        for each in self.ends:
            with suppress(OSError):
                each.shutdown(socket.SHUT_RDWR)

    def taken_up(self) -> None:
        self.cut()
        for carrier in self.carriers:
            carrier.join()
        for each in self.ends:
            each.close()


@contextmanager
def wired(running: Served) -> Iterator[tuple[str, Wire]]:
    """Yield an address that leads to the server over a wire, and the wire."""
    wire = Wire(port_of(running))
    with socket.create_server(("127.0.0.1", 0)) as listening:
        laid = threading.Thread(target=wire.laid, args=(listening,), daemon=True)
        laid.start()
        try:
            yield f"http://127.0.0.1:{listening.getsockname()[1]}", wire
        finally:
            listening.shutdown(socket.SHUT_RDWR)
            laid.join()
            wire.taken_up()


@pytest.mark.parametrize("away", ["for a moment", "until it is answered"])
def test_an_answer_outlives_a_lost_connection(
    chromium, home: Path, tmp_path: Path, server: Scripted, away: str
) -> None:
    said = threading.Event()
    server.by = lambda body: Reply("no JSON") if said.wait(WAIT_S) else Reply()  # then the rules answer
    with (
        served(home, tmp_path / "served", CLAUSEWISE_LLM_URL=server.url) as running,
        wired(running) as (base, wire),
        window(chromium, base) as watched,
    ):
        page = watched.open("/chat")
        begun(page)
        say(page, QUESTION)
        eventually(lambda: server.asked)
        wire.cut()
        page.get_by_text("Could not reach the server").wait_for()
        page.locator("#chat-input").fill("typed meanwhile")
        if away == "until it is answered":
            said.set()
            eventually(lambda: list(home.glob("answers/*/*.json")))
        wire.whole = True
        page.get_by_text("Could not reach the server").wait_for(state="detached")
        said.set()
        answers(page, 1)
        assert page.locator("[data-step-type=user_message]").all_inner_texts() == [QUESTION]
        assert page.locator("#chat-input").input_value() == "typed meanwhile"
        say(page, OTHER)
        answers(page, 2)


def test_a_question_that_a_stopped_server_did_not_answer_says_so(
    chromium, home: Path, tmp_path: Path, server: Scripted
) -> None:
    server.always = Reply(wait=WAIT_S)
    open_window = None
    with served(home, tmp_path / "first", CLAUSEWISE_LLM_URL=server.url) as first:
        port = port_of(first)
        open_window = Watched(chromium, first.base)
        page = open_window.open("/chat")
        begun(page)
        say(page, QUESTION)
        listed(page).first.wait_for()
        eventually(lambda: server.asked)
        first.process.kill()
        first.process.wait()
        first.process.returncode = 0
    with served(home, tmp_path / "second", port):
        page.get_by_text("This question was not answered to the end").wait_for(timeout=60_000)
        say(page, QUESTION)
        answers(page, 1)
        open_window.context.close()
