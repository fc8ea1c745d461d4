"""Conversations and people in a real browser: tomorrow, in two tabs, beside somebody else, deleted, with a full disk."""

import re
import resource
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from urllib.parse import urlsplit

import needs
import pytest
from served import ROOT, Served, served
from test_browser import QUESTION, Watched, ask, ready

from ui import users

pytestmark = pytest.mark.browser
OTHER = "May I use GPL-3.0 code in a closed product?"
PASSWORDS = {"anna": "anna has ten", "bert": "bert has ten"}
WAIT_S = 20


@pytest.fixture
def home(built_home: Path, tmp_path: Path) -> Path:
    """Return a home folder of its own with the texts of the shared one."""
    return over(built_home, tmp_path / "home")


def over(built_home: Path, made: Path) -> Path:
    """Return a new home folder with the texts of another."""
    made.mkdir()
    (made / "store").symlink_to(built_home / "store")
    return made


def eventually(holds: Callable[[], object]) -> None:
    """Wait until something holds: what a page sends is kept a moment later."""
    end = time.monotonic() + WAIT_S
    while not holds():
        assert time.monotonic() < end, "it did not come to hold"
        time.sleep(0.05)


@contextmanager
def window(browser, base: str, **options) -> Iterator[Watched]:
    """Yield a browser window that must load nothing from elsewhere; refusals that a test provokes are no complaint."""
    watched = Watched(browser, base, **options)
    yield watched
    watched.page.goto("about:blank")  # what the page still asks for is refused as well
    watched.complaints.clear()
    watched.close()


def answers(page, count: int) -> None:
    page.locator(".cw-answer").nth(count - 1).wait_for()


def clause(page, of: int, number: str):
    """Open a source of an answer and return the panel."""
    page.locator(".cw-answer").nth(of).locator(".cw-marker", has_text=number).first.click()
    page.locator("#side-view-title", has_text=f"Source {number.strip('[]')}").wait_for()
    panel = page.locator(".cw-clause")
    panel.get_by_text("Open in the viewer").wait_for()
    return panel


def say(page, text: str) -> None:
    page.locator("#chat-input").fill(text)
    page.locator("#chat-input").press("Enter")


def listed(page):
    return page.locator("[id^=thread-] a")


def log_in(page, name: str, password: str = "") -> None:
    page.locator("input#email").fill(name)
    page.locator("input#password").fill(password or PASSWORDS[name])
    page.locator("input#password").press("Enter")


@contextmanager
def anna_asks(chromium, home: Path, folder: Path) -> Iterator[tuple[Served, Watched]]:
    """Yield a server that asks for a log-in, and a window in which Anna has been answered a question."""
    for name, password in PASSWORDS.items():
        users.add(home, name, password)
    with served(home, folder, CLAUSEWISE_AUTH="password") as running, window(chromium, running.base) as watched:
        log_in(watched.open("/chat"), "anna")
        ask(watched.page, QUESTION)
        yield running, watched


def files_with(home: Path, words: str) -> list[str]:
    """Return the files below a home folder, those of the store aside, in which the words stand."""
    found = [path for path in home.rglob("*") if path.is_file() and "store" not in path.relative_to(home).parts]
    return [str(path) for path in found if words.encode() in path.read_bytes()]


def port_of(running: Served) -> int:
    return urlsplit(running.base).port or 0


def resumed(browser, home: Path, folder: Path, **settings: str) -> None:
    """Ask, restart the server, and find the conversation with all that belongs to it, in the page left open and in a new one."""
    with served(home, folder / "first", **settings) as first:
        port = port_of(first)
        open_window = Watched(browser, first.base)
        page = open_window.open("/chat")
        ask(page, QUESTION)
        said = page.locator(".ai-message").last.inner_text()
        listed(page).first.wait_for()
        link = listed(page).first.get_attribute("href")
    page.get_by_text("Could not reach the server").wait_for()
    page.locator("#chat-input").fill("typed while it was away")
    with served(home, folder / "second", port, **settings) as second:
        with window(browser, second.base) as later:
            new = later.open(link)
            answers(new, 1)
            assert new.locator("[data-step-type=user_message]").inner_text().strip() == QUESTION
            for number in list(dict.fromkeys(re.findall(r"\[\d+\]", said)))[:2]:
                panel = clause(new, 0, number)
                assert len("".join(panel.locator("mark").all_inner_texts())) >= 20
                assert "sha256" in panel.inner_text()
            # What every page of a conversation has, one that is picked up again has too.
            new.get_by_role("button", name="Commands").wait_for()
            new.locator("#chat-settings-open-modal").wait_for()
            say(new, OTHER)
            answers(new, 2)
        # The page that stayed open finds its way back by itself, with what was being typed.
        page.get_by_text("Could not reach the server").wait_for(state="detached", timeout=60_000)
        answers(page, 2)
        assert page.locator("#chat-input").input_value() == "typed while it was away"
        say(page, OTHER)
        answers(page, 3)
        clause(page, 0, "[1]")
        assert listed(page).count() == 1
        assert QUESTION not in second.log.read_text(encoding="utf-8")
        assert not second.connections.exists()
        open_window.context.close()


def test_a_conversation_is_there_after_a_restart(chromium, home: Path, tmp_path: Path) -> None:
    resumed(chromium, home, tmp_path)
    assert files_with(home, QUESTION)


@needs.postgres
def test_a_conversation_in_postgresql_is_there_after_a_restart(
    chromium, home: Path, tmp_path: Path, postgres: str
) -> None:
    resumed(chromium, home, tmp_path, CLAUSEWISE_DATABASE_URL=postgres)
    assert not (home / "conversations.sqlite").exists()


def test_two_people_see_their_own_alone(chromium, home: Path, tmp_path: Path) -> None:
    for name, password in PASSWORDS.items():
        users.add(home, name, password)
    with (
        served(home, tmp_path / "served", CLAUSEWISE_AUTH="password") as running,
        window(chromium, running.base) as hers,
        window(chromium, running.base, color_scheme="dark") as his,
    ):
        anna, bert = hers.open("/source"), his.open("/chat")
        anna.wait_for_url("**/chat/login")
        log_in(anna, "anna", "a wrong password")
        anna.get_by_text("Name and password do not fit together.").wait_for()
        assert not anna.get_by_text("credentialssignin").is_visible()
        log_in(anna, "anna")
        ask(anna, QUESTION)
        listed(anna).first.wait_for()
        link = listed(anna).first.get_attribute("href")
        thread = link.rsplit("/", 1)[1]
        detail = anna.request.get(f"{running.base}/chat/project/thread/{thread}").json()
        element = next(each["url"] for each in detail["elements"])
        assert anna.request.get(running.base + element).status == 200

        log_in(bert, "bert")
        ready(bert)
        assert listed(bert).count() == 0
        own = {"Origin": running.base}
        refused = [
            bert.request.get(f"{running.base}/chat/project/thread/{thread}"),
            bert.request.get(f"{running.base}/chat/project/share/{thread}"),
            bert.request.get(f"{running.base}/chat/project/thread/{thread}/element/{element.rsplit('/', 1)[1]}"),
            bert.request.get(running.base + element),
            bert.request.put(
                f"{running.base}/chat/project/thread", data={"threadId": thread, "name": "mine"}, headers=own
            ),
            bert.request.delete(f"{running.base}/chat/project/thread", data={"threadId": thread}, headers=own),
        ]
        assert [reply.status for reply in refused] == [401, 404, 401, 404, 401, 401]
        assert all(QUESTION not in reply.text() for reply in refused)
        assert bert.goto(running.base + link).status == 404
        assert bert.locator("h1").inner_text() == "No such conversation"
        bert.get_by_role("link", name="Ask", exact=True).click()
        ask(bert, OTHER)
        eventually(lambda: listed(bert).count() == 1)

        anna.reload()
        eventually(lambda: listed(anna).count() == 1)
        assert listed(anna).first.inner_text().strip() == QUESTION
        anna.locator("#user-nav-button").click()
        anna.get_by_text("Log out").click()
        anna.wait_for_url("**/chat/login")
        assert anna.request.get(running.base + element).status == 401


def test_two_tabs_on_one_conversation_stay_together(chromium, home: Path, tmp_path: Path) -> None:
    with served(home, tmp_path / "served") as running, window(chromium, running.base) as watched:
        page = watched.open("/chat")
        ask(page, QUESTION)
        listed(page).first.wait_for()
        second = watched.context.new_page()
        second.goto(running.base + listed(page).first.get_attribute("href"))
        answers(second, 1)
        second.locator("#chat-input").fill("half a thought")
        say(page, OTHER)
        answers(page, 2)
        answers(second, 2)
        assert second.locator("#chat-input").input_value() == "half a thought"
        assert "General Public License" in clause(second, 1, "[1]").inner_text()
        # One deletes it; the other is told, and its message neither answered nor kept.
        listed(page).first.hover()
        page.locator("#thread-options").first.click()
        page.get_by_role("menuitem", name="Delete").click()
        page.get_by_text("deleted for good").wait_for()
        page.get_by_role("button", name="Confirm").click()
        page.get_by_text("The conversation is deleted").wait_for()
        say(second, "And in the Zanzibar office?")
        second.get_by_text("This conversation was deleted").wait_for()
        assert files_with(home, "Zanzibar") == []
        assert files_with(home, QUESTION) == []
        assert list((home / "elements").iterdir()) == []


def test_conversations_are_searched_and_renamed(chromium, home: Path, tmp_path: Path) -> None:
    with served(home, tmp_path / "served") as running, window(chromium, running.base) as watched:
        page = watched.open("/chat")
        ask(page, QUESTION)
        listed(page).first.wait_for()
        page.goto(f"{running.base}/chat")
        ask(page, OTHER)
        eventually(lambda: listed(page).count() == 2)
        page.get_by_role("button", name="Search your conversations").click()
        found = page.get_by_role("dialog")
        page.keyboard.type("CLOSED product")
        found.get_by_text(OTHER).wait_for()
        found.get_by_text(QUESTION).wait_for(state="detached")
        page.keyboard.press("Escape")
        listed(page).first.hover()
        page.locator("#thread-options").first.click()
        page.get_by_role("menuitem", name="Rename").click()
        page.get_by_role("dialog").locator("input").fill("The GPL case")
        page.get_by_role("dialog").get_by_role("button", name="Confirm").click()
        page.get_by_text("The conversation is renamed").wait_for()
        page.reload()
        page.get_by_text("The GPL case").first.wait_for()


@pytest.mark.skipif(
    not hasattr(resource, "prlimit"),
    reason="waits for Linux, where a running process can be given less room: make test-browser there",
)
def test_a_full_disk_is_told_and_the_answer_stays_on_the_page(chromium, home: Path, tmp_path: Path) -> None:
    with served(home, tmp_path / "served") as running, window(chromium, running.base) as watched:
        page = watched.open("/chat")
        ask(page, QUESTION)
        listed(page).first.wait_for()
        before = resource.prlimit(running.process.pid, resource.RLIMIT_FSIZE)
        resource.prlimit(running.process.pid, resource.RLIMIT_FSIZE, (4096, before[1]))
        say(page, OTHER)
        answers(page, 2)
        page.get_by_text("This conversation is not being kept: the disk").first.wait_for()
        resource.prlimit(running.process.pid, resource.RLIMIT_FSIZE, before)
        say(page, QUESTION)
        answers(page, 3)
        page.goto(running.base + listed(page).first.get_attribute("href"))
        answers(page, 2)
        assert page.locator("[data-step-type=user_message]").count() == 2
        assert QUESTION not in running.log.read_text(encoding="utf-8")


def test_removing_a_user_deletes_what_they_said(chromium, home: Path, tmp_path: Path) -> None:
    with anna_asks(chromium, home, tmp_path / "served") as (_, watched):
        eventually(lambda: listed(watched.page).count() == 1)
        # Who was named by a proxy, or whose removal failed half-way, has no password; what is kept goes all the same.
        users.remove(home, "anna")
        command = [sys.executable, "-m", "ui.cli", "--home", str(home), "users", "remove", "--yes", "anna"]
        done, again = (
            subprocess.run(command, cwd=ROOT, capture_output=True, text=True, timeout=120, check=False)
            for _ in range(2)
        )
        assert (done.returncode, done.stdout) == (0, "anna is removed, with 1 conversation\n"), done.stderr
        told = "clausewise: there is no user anna, and nothing was kept of one\n"
        assert (again.returncode, again.stdout, again.stderr) == (2, "", told)
    assert files_with(home, QUESTION) == []
