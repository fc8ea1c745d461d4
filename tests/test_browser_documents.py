"""Documents of one's own in a real browser: attached, refused without losing a word, asked, identified, opened in the viewer."""

import html
import re
from collections.abc import Iterator
from pathlib import Path
from urllib.parse import urlsplit

import pytest
from reportlab.lib.styles import getSampleStyleSheet
from reportlab.platypus import PageBreak, Paragraph, SimpleDocTemplate, Spacer
from served import Served, served
from test_browser import Watched, ask, folded, ready

from corpus import scancode

pytestmark = pytest.mark.browser
PAGES, TELLING = 60, 37
RULE = "Nobody may sell adapters of open-weight models to customers outside of the group."
FILLER = (
    "Each department keeps a list of the models that it uses, and names a person who answers for it. The list says where "
    "a model came from, under which terms, and for what it is used. It is shown to the auditors when they ask for it."
)


@pytest.fixture(scope="session")
def site(built_home: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Served]:
    with served(built_home, tmp_path_factory.mktemp("served") / "documents") as running:
        yield running
        assert not running.connections.exists(), running.connections.read_text(encoding="utf-8")
        assert "adapters" not in running.log.read_text(encoding="utf-8")


@pytest.fixture
def window(chromium, site: Served) -> Iterator[Watched]:
    watched = Watched(chromium, site.base)
    yield watched
    # What is refused is an error of a request, and meant to be one.
    watched.complaints = [line for line in watched.complaints if not re.search(r"status of 4\d\d|ERR_FAILED", line)]
    watched.close()


@pytest.fixture(scope="module")
def handbook(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Return a PDF of sixty pages with one rule on adapters."""
    path = tmp_path_factory.mktemp("own") / "Wren handbook.pdf"
    style = getSampleStyleSheet()["Normal"]
    parts = [Paragraph("Wren Instruments: handbook of models", style), Spacer(1, 12)]
    for page in range(1, PAGES + 1):
        for rule in range(1, 7):
            words = RULE if (page, rule) == (TELLING, 3) else FILLER
            parts += [Paragraph(f"{page}.{rule} {words} (rule {page * 7 + rule})", style), Spacer(1, 10)]
        parts.append(PageBreak())
    SimpleDocTemplate(str(path), title="Wren Instruments: handbook of models").build(parts)
    return path


def attach(page, file: Path) -> None:
    page.locator("input[type=file]").first.set_input_files(file)


def attached(page, file: Path) -> None:
    """Attach a file and wait until the page has it."""
    with page.expect_response(lambda response: "/project/file" in response.url) as sent:
        attach(page, file)
    assert sent.value.status == 200, sent.value.text()


def toast(page) -> str:
    shown = page.locator("[data-sonner-toast]").first
    shown.wait_for()
    return str(shown.inner_text())


def typed(page, words: str) -> None:
    page.locator("#chat-input").click()
    page.keyboard.type(words)


def test_a_document_of_sixty_pages_is_asked_and_cited_by_its_page(
    window: Watched, site: Served, handbook: Path
) -> None:
    page = window.open("/chat")
    ready(page)
    attached(page, handbook)
    ask(page, "May we sell adapters?")
    told = page.get_by_text("is on file for this conversation alone").first.inner_text()
    assert "Wren Instruments: handbook of models" in told
    assert f"{PAGES} pages" in told
    answer = page.locator(".ai-message").last
    assert "37.3" in answer.inner_text()
    assert answer.locator(".cw-verdict .cw-badge").inner_text() == "No"
    answer.locator(".cw-marker", has_text="[1]").first.click()
    panel = page.locator(".cw-clause")
    panel.get_by_text("Open in the viewer").wait_for()
    assert f"page {TELLING}" in panel.inner_text()
    assert folded(RULE) in folded(panel.inner_text())
    with window.context.expect_page() as opened:
        panel.get_by_text("Open in the viewer").click()
    viewer = opened.value
    viewer.wait_for_load_state()
    assert folded(RULE) in folded("".join(viewer.locator("mark").all_inner_texts()))
    # Its printed page is shown, and the memo quotes it: both find it where it is kept.
    id = urlsplit(viewer.url).path.removeprefix("/source/")
    picture = page.request.get(f"{site.base}/source/{id}/page/{TELLING}.png")
    assert (picture.status, picture.body()[:4]) == (200, b"\x89PNG")
    memo = page.request.get(site.base + answer.locator(".cw-leave a", has_text="sign off").get_attribute("href")).text()
    assert folded(RULE) in folded(html.unescape(memo))
    assert "Attention:" not in memo
    # Another conversation knows nothing of it.
    other = window.open("/chat")
    ready(other)
    ask(other, "What does the Wren handbook say about adapters?")
    assert "37.3" not in other.locator(".ai-message").last.inner_text()


def test_a_license_file_is_identified_with_its_differences(window: Watched, tmp_path: Path) -> None:
    file = tmp_path / "LICENSE"
    known = scancode.read("mit").text
    file.write_text(known.replace("free of charge", "against a yearly fee"), encoding="utf-8")
    page = window.open("/chat")
    ready(page)
    attached(page, file)
    ask(page, "May we sell it?")
    told = page.locator(".ai-message").first
    assert "MIT License" in told.inner_text()
    assert "of the words agree" in told.inner_text()
    assert "free" in "".join(told.locator("del").all_inner_texts())
    assert "yearly fee" in "".join(told.locator("strong, .font-bold").all_inner_texts())
    # Another time its owner still decides over it.
    page.wait_for_url("**/chat/thread/*")
    page.reload()
    page.get_by_role("button", name="Remove").click()
    page.get_by_text("The document is removed").wait_for()
    page.get_by_role("button", name="Remove").wait_for(state="detached")


def test_what_cannot_be_taken_in_is_one_line_and_loses_no_word(window: Watched, tmp_path: Path) -> None:
    page = window.open("/chat")
    ready(page)
    words = "May we sell adapters of Llama 3.1?"
    typed(page, words)
    program = tmp_path / "invoice.pdf"
    program.write_bytes(b"MZ\x90\x00" + bytes(1000))
    attach(page, program)
    assert "invoice.pdf: this file is a Windows program by its content" in toast(page)
    huge = tmp_path / "huge.pdf"
    with huge.open("wb") as file:
        file.truncate(600 << 20)
    page.locator("[data-sonner-toast]").first.wait_for(state="detached")
    attach(page, huge)
    assert re.search(r"larger|large", toast(page))
    page.locator("[data-sonner-toast]").first.wait_for(state="detached")
    small = tmp_path / "small.txt"
    small.write_text("Nobody sells.", encoding="utf-8")
    page.route("**/project/file*", lambda route: route.abort())
    attach(page, small)
    assert "Not attached: small.txt" in toast(page)
    page.unroute("**/project/file*")
    assert page.locator("#chat-input").input_value() == words
    again = tmp_path / "again.txt"
    again.write_text("Nobody sells.", encoding="utf-8")
    attached(page, again)
    page.locator("#chat-input").click()
    page.keyboard.press("Enter")
    page.get_by_text("is on file for this conversation alone").wait_for()
    page.locator(".cw-answer").first.wait_for()
    assert words in page.locator(".message-content").first.inner_text()
