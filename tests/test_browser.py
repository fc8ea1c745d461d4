"""The chat and the viewer in a real browser, over a real store: from the question to the highlighted clause."""

import os
import re
from collections.abc import Iterator
from pathlib import Path
from urllib.parse import urlsplit

import pytest
from served import Served, served
from small_store import printed

from evals import inbox

pytestmark = [pytest.mark.browser, pytest.mark.slow]
QUESTION = "Can I resell a Llama LoRA?"
LICENSE = "llama-3.1-license-2024"
WAIT = 30_000


@pytest.fixture(scope="session")
def site(built_home: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Served]:
    with served(built_home, tmp_path_factory.mktemp("served") / "site") as running:
        yield running
        assert not running.connections.exists(), running.connections.read_text(encoding="utf-8")
        assert QUESTION not in running.log.read_text(encoding="utf-8")


class Watched:
    """A browser window whose complaints and requests are written down."""

    def __init__(self, browser, base: str, **options) -> None:
        self.base = base
        self.context = browser.new_context(viewport={"width": 1440, "height": 900}, **options)
        self.complaints: list[str] = []
        self.requests: list[str] = []
        self.context.on("page", self._watch)
        self.context.set_default_timeout(WAIT)
        self.page = self.context.new_page()

    def _watch(self, page) -> None:
        page.on("console", lambda line: self.complaints.append(line.text) if line.type == "error" else None)
        page.on("pageerror", lambda error: self.complaints.append(str(error)))
        page.on("request", lambda request: self.requests.append(request.url))
        page.on("websocket", lambda socket: self.requests.append(socket.url))

    def open(self, path: str):
        self.page.goto(self.base + path)
        return self.page

    def close(self) -> None:
        self.context.close()
        assert self.complaints == []
        hosts = {urlsplit(url).netloc for url in self.requests if urlsplit(url).scheme not in {"data", "blob"}}
        assert hosts == {urlsplit(self.base).netloc}


@pytest.fixture
def window(chromium, site: Served) -> Iterator[Watched]:
    watched = Watched(chromium, site.base)
    watched.context.grant_permissions(["clipboard-read", "clipboard-write"], origin=site.base)
    yield watched
    watched.close()


def ready(page) -> None:
    """Wait until the chat takes a question: what is sent before its socket is open is lost."""
    page.locator("#starters button:not([disabled])").first.wait_for()


def ask(page, question: str, answers: int = 1) -> None:
    if answers == 1:
        ready(page)
    page.locator("#chat-input").click()
    page.keyboard.type(question)
    page.keyboard.press("Enter")
    footer = page.get_by_text("Information, not legal advice.", exact=True)
    footer.nth(answers - 1).wait_for()


def in_view(locator) -> bool:
    box, size = locator.bounding_box(), locator.page.viewport_size
    return box["y"] >= 0 and box["y"] + min(box["height"], 40) <= size["height"]


def folded(text: str) -> str:
    return "".join(text.split())


def test_a_question_leads_to_the_highlighted_clause(window: Watched, site: Served) -> None:
    page = window.open("/")
    assert page.url.rstrip("/") == f"{site.base}/chat"
    ask(page, QUESTION)
    assert page.locator(".message-content").last.inner_text().strip()
    page.locator("a.element-link", has_text="[1]").first.click()
    panel = page.locator("#side-view-content")
    panel.get_by_text("Open in the viewer").wait_for()
    assert "sha256" in panel.inner_text()
    quote = folded("".join(panel.locator(".font-bold").all_inner_texts()))
    assert len(quote) >= 20
    with window.context.expect_page() as opened:
        panel.get_by_text("Open in the viewer").click()
    viewer = opened.value
    viewer.wait_for_load_state()
    assert viewer.url.startswith(f"{site.base}/source/")
    assert folded("".join(viewer.locator("mark").all_inner_texts())) == quote
    assert in_view(viewer.locator("mark").first)
    assert viewer.locator(".clause:target mark").count() >= 1
    # The panel, the page and the text by its offsets are one and the same.
    start, end = map(int, re.findall(r"(?:start|end)=(\d+)", viewer.url))
    document = urlsplit(viewer.url).path.removeprefix("/source/")
    text = viewer.request.get(f"{site.base}/api/documents/{document}/text").body().decode()
    assert folded(text[start:end]) == quote


def test_every_marker_of_a_conversation_opens_its_own_clause(window: Watched) -> None:
    page = window.open("/chat")
    ask(page, QUESTION)
    ask(page, "May I use GPL-3.0 code in a closed product?", answers=2)
    for message, wanted in ((0, "Llama"), (-1, "General Public License")):
        page.locator(".ai-message").nth(message).locator("a.element-link", has_text="[1]").first.click()
        page.locator("#side-view-content h3", has_text=wanted).wait_for()


def test_not_right_reaches_the_inbox(window: Watched, built_home: Path, capsys: pytest.CaptureFixture[str]) -> None:
    before = inbox.entries(built_home / "eval").entries
    reason, at = "It forgets <b>clause 5</b> | *badly*", ("--home", str(built_home), "eval", "inbox")
    page = window.open("/chat")
    ask(page, "May I use GPL-3.0 code in a closed product?")
    page.get_by_role("button", name="Right", exact=True).wait_for()
    page.get_by_role("button", name="Not right", exact=True).click()
    page.get_by_text("Your next message is kept as the reason").wait_for()
    page.locator("#chat-input").click()
    page.keyboard.type(reason)
    page.keyboard.press("Enter")
    page.get_by_text("Your message is kept as the reason").wait_for()
    page.get_by_role("button", name="Not right", exact=True).wait_for(state="detached")
    shown = printed(capsys, *at)
    found = re.search(r"\| (\w{6}) \| not right \| May I use GPL-3.0", shown)
    assert found
    assert inbox.find(built_home / "eval", found[1]).reason == reason
    # Another question is a question again, with its own buttons; the answer's markers still open their clauses.
    ask(page, QUESTION, answers=2)
    page.locator(".ai-message").last.locator("a.element-link", has_text="[1]").first.click()
    page.locator("#side-view-content h3").wait_for()
    page.get_by_role("button", name="Right", exact=True).click()
    page.get_by_text("for a person to review").wait_for()
    new = [each for each in inbox.entries(built_home / "eval").entries if each not in before]
    for entry in new:
        inbox.reject(built_home / "eval", entry.id, "a test")
    assert [entry.rating for entry in new] == ["down", "up"]


def test_a_starter_asks_at_once(window: Watched) -> None:
    page = window.open("/chat")
    page.locator("#starters button").first.click()
    page.get_by_text("Information, not legal advice.", exact=True).wait_for()
    assert QUESTION in page.locator("[data-step-type=user_message]").inner_text()


def test_a_question_that_cannot_be_read_is_one_line(window: Watched) -> None:
    page = window.open("/chat")
    ready(page)
    page.locator("#chat-input").click()
    page.keyboard.insert_text("x" * 100_000)
    page.keyboard.press("Enter")
    line = page.locator(".ai-message").last
    line.wait_for()
    assert "\n" not in line.inner_text().strip()


def test_the_viewer_is_read_by_keyboard(window: Watched) -> None:
    page = window.open(f"/source/{LICENSE}")
    paths = page.eval_on_selector_all(".clause", "all => all.map(each => each.id)")
    assert len(paths) > 10

    def at() -> str:
        return page.evaluate("document.querySelector('.clause:target').id")

    page.keyboard.press("j")
    page.keyboard.press("n")
    there = at()
    page.keyboard.press("j")
    assert paths.index(at()) == paths.index(there) + 1
    assert in_view(page.locator(".clause:target"))
    assert page.locator(".outline a[aria-current]").count() == 1
    page.keyboard.press("k")
    page.keyboard.press("p")
    assert paths.index(at()) == paths.index(there) - 1
    page.keyboard.press("/")
    page.keyboard.type("700 million")
    assert page.locator(".clause:visible").count() == 1
    assert page.locator("#matches").inner_text() == f"1 of {len(paths)}"
    page.keyboard.press("Enter")
    assert "700 million" in page.locator(".clause:target").inner_text()
    page.keyboard.press("/")
    page.keyboard.press("Escape")
    assert page.locator(".clause:visible").count() == len(paths)


def test_a_copied_citation_leads_back_to_its_words(window: Watched, site: Served) -> None:
    page = window.open(f"/source/{LICENSE}")
    clause = page.locator(".clause", has_text="700 million").last
    clause.hover()
    clause.locator(".copy").click()
    page.get_by_text("Copied", exact=False).first.wait_for()
    copied = page.evaluate("navigator.clipboard.readText()")
    title = page.locator("h1").inner_text()
    found = re.fullmatch(re.escape(title) + r" \((.+?)\), clause (\S+): “(.+)” (http\S+)", copied, re.S)
    assert found
    assert found[2] == clause.locator(".cite a").inner_text()
    page.goto(found[4])
    assert folded("".join(page.locator("mark").all_inner_texts())) == folded(found[3])


def test_a_selection_is_what_gets_cited(window: Watched) -> None:
    page = window.open(f"/source/{LICENSE}")
    words = page.evaluate(
        """() => {
            const all = [...document.querySelectorAll('.clause')];
            const clause = all.find(each => each.innerText.includes('700 million'));
            const walker = document.createTreeWalker(clause.querySelector('.text'), NodeFilter.SHOW_TEXT);
            while (walker.nextNode()) {
                const at = walker.currentNode.data.indexOf('700 million');
                if (at < 0) continue;
                getSelection().setBaseAndExtent(walker.currentNode, at, walker.currentNode, at + 11);
                clause.querySelector('.copy').click();
                return String(getSelection());
            }
        }"""
    )
    assert words == "700 million"
    page.get_by_text("Copied", exact=False).first.wait_for()
    copied = page.evaluate("navigator.clipboard.readText()")
    assert "“700 million”" in copied
    page.goto(copied.rsplit(" ", 1)[1])
    assert page.locator("mark").inner_text() == "700 million"


def test_the_viewer_reads_without_javascript(chromium, site: Served) -> None:
    plain = Watched(chromium, site.base, java_script_enabled=False)
    page = plain.open(f"/source/{LICENSE}?start=0&end=20")
    assert page.locator("mark").last.is_visible()
    assert not page.locator(".copy:visible").count()
    links = page.locator(".outline a")
    assert links.count() == page.locator(".clause").count()
    links.last.click()
    target = page.locator(".clause:target")
    assert target.count() == 1
    assert in_view(target)
    plain.close()


def test_the_page_fits_a_small_screen_a_printer_and_the_dark(chromium, site: Served) -> None:
    small = Watched(chromium, site.base, color_scheme="dark")
    small.page.set_viewport_size({"width": 390, "height": 844})
    page = small.open(f"/source/{LICENSE}")
    assert page.evaluate("document.documentElement.scrollWidth <= document.documentElement.clientWidth")
    ground = page.evaluate("getComputedStyle(document.body).backgroundColor")
    assert sum(map(int, re.findall(r"\d+", ground)[:3])) < 150
    page.emulate_media(media="print")
    assert not page.locator(".outline").is_visible()
    assert page.locator(".clause").first.is_visible()
    small.close()


def test_without_a_store_the_chat_says_what_to_do(chromium, tmp_path: Path) -> None:
    with served(tmp_path / "empty", tmp_path / "served") as running:
        watched = Watched(chromium, running.base)
        page = watched.open("/chat")
        page.locator("#starters button").first.click()
        page.get_by_text("clausewise index build").wait_for()
        assert QUESTION in page.locator("[data-step-type=user_message]").inner_text()
        watched.close()


@pytest.mark.skipif(
    not Path("/proc/self/status").exists(),
    reason="waits for /proc, from which memory is read: make test-browser on Linux",
)
def test_the_server_stays_small(window: Watched, site: Served) -> None:
    page = window.open("/chat")
    ask(page, QUESTION)
    assert site.peak_memory() <= 1.2e9, f"{site.peak_memory() / 1e6:.0f} MB"


def test_a_terminated_server_leaves_no_folder_behind(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("TMPDIR", str(tmp_path))
    with served(tmp_path / "empty", tmp_path / "served"):
        assert any(name.startswith("clausewise-chat-") for name in os.listdir(tmp_path))
    assert not any(name.startswith("clausewise-chat-") for name in os.listdir(tmp_path))
