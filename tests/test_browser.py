"""The chat and the viewer in a real browser, over a real store: from the question to the highlighted clause."""

import os
import re
from collections.abc import Iterator
from pathlib import Path
from urllib.parse import urlsplit

import pytest
from served import Served, served

pytestmark = pytest.mark.browser
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
    page.locator(".cw-answer").nth(answers - 1).wait_for()


def in_view(locator) -> bool:
    box, size = locator.bounding_box(), locator.page.viewport_size
    return box["y"] >= 0 and box["y"] + min(box["height"], 40) <= size["height"]


def folded(text: str) -> str:
    return "".join(text.split())


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
