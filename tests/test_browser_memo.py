"""Memo, sign-off and shared link in a real browser, on a real answer: downloaded, read back, signed, shared, revoked."""

import json
import uuid
from collections.abc import Iterator
from pathlib import Path

import docx
import httpx
import pytest
from axe_playwright_python.sync_playwright import Axe
from docx.opc.constants import RELATIONSHIP_TYPE
from docx.oxml.ns import qn
from pypdf import PdfReader
from served import Served, served
from test_browser import LICENSE, QUESTION, Watched, folded
from test_memo_forms import printed

from ui import kept, positions, sharing
from ui.kept import Kept

pytestmark = pytest.mark.browser
SERIOUS = {"serious", "critical"}


@pytest.fixture(scope="module")
def site(built_home: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Served]:
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("CLAUSEWISE_SHARING", "1")
        with served(built_home, tmp_path_factory.mktemp("memo") / "site") as running:
            yield running
            assert not running.connections.exists(), running.connections.read_text(encoding="utf-8")


@pytest.fixture
def answers(site: Served, built_home: Path) -> Iterator[list[Kept]]:
    """Yield two answers of a conversation, as the chat keeps them; what the test made of them goes with them."""
    thread = str(uuid.uuid4())
    asked = (QUESTION, "May we host a product with Llama 3.1 for 800 million users and sell access to it?")
    given = [httpx.post(f"{site.base}/api/ask", json={"question": each}, timeout=60).json() for each in asked]
    yield [kept.keep(built_home, (thread, ""), answer) for answer in given]
    positions.forget(built_home, "")
    for link in sharing.of_owner(built_home, ""):
        sharing.revoke(built_home, "", link.token)
    kept.forget(built_home, thread)


@pytest.fixture
def window(chromium, site: Served) -> Iterator[Watched]:
    watched = Watched(chromium, site.base)
    yield watched
    watched.close()


def quotes(*answers: Kept) -> list[str]:
    return [citation["quote"] for each in answers for citation in each.answer["citations"]]


def fetched(page, kind: str, folder: Path) -> Path:
    with page.expect_download() as download:
        page.get_by_role("link", name=kind, exact=True).click()
    path = folder / download.value.suggested_filename
    download.value.save_as(path)
    return path


def test_a_memo_is_downloaded_and_quotes_to_the_letter(window: Watched, answers: list[Kept], tmp_path: Path) -> None:
    page = window.open(f"/memo/{answers[0].id}")
    word = fetched(page, "Word", tmp_path)
    document = docx.Document(str(word))
    part = docx.oxml.parse_xml(document.part.part_related_by(RELATIONSHIP_TYPE.FOOTNOTES).blob)
    notes = folded("".join(each.text or "" for each in part.iter(qn("w:t"))))
    reader = PdfReader(fetched(page, "PDF", tmp_path))
    pages = printed(reader)
    fonts = [font.get_object() for each in reader.pages for font in each["/Resources"]["/Font"].values()]
    assert all("/FontFile2" in font["/FontDescriptor"] for font in fonts)
    text = fetched(page, "Markdown", tmp_path).read_text(encoding="utf-8")
    assert QUESTION in text
    assert len(quotes(answers[0])) >= 5
    for quote in quotes(answers[0]):
        assert folded(quote) in notes
        assert folded(quote) in pages
    page.goto(f"{window.base}/memo/thread/{answers[0].thread}")
    pages = printed(PdfReader(fetched(page, "PDF", tmp_path)))
    for quote in quotes(*answers):
        assert folded(quote) in pages


def test_a_note_leads_to_the_clause_in_the_viewer(window: Watched, answers: list[Kept]) -> None:
    page = window.open(f"/memo/{answers[1].id}")
    page.locator(".short sup a").first.click()
    note = page.locator(".notes li:target")
    quote = note.locator("q").inner_text()
    note.get_by_role("link").click()
    page.wait_for_url(f"**/source/{LICENSE}?**")
    assert folded("".join(page.locator("mark").all_inner_texts())) == folded(quote)


def test_signed_shared_and_revoked_without_javascript(chromium, site: Served, answers: list[Kept]) -> None:
    window = Watched(chromium, site.base, java_script_enabled=False)
    page = window.open(f"/memo/{answers[1].id}")
    page.get_by_label("Reviewer").fill("Ada <b>Lovelace</b>")
    page.get_by_label("Date").fill("2026-01-31")
    page.get_by_role("textbox", name="Note").fill("Ask the licensor first.")
    page.get_by_role("button", name="Sign off").click()
    page.get_by_text("Signed off by Ada <b>Lovelace</b> on 2026-01-31. Ask the licensor first.").wait_for()
    page.get_by_text("This answer is signed off").wait_for()
    page.get_by_role("button", name="Make a link").click()
    address = page.locator(".address").inner_text()
    reader = Watched(chromium, site.base)
    shared = reader.open(address.removeprefix(site.base))
    shared.get_by_text("Shared to read.").wait_for()
    seen = folded(shared.locator("main").inner_text())
    for quote in quotes(answers[1]):
        assert folded(quote) in seen
    assert shared.locator("form").count() == 0
    reader.close()
    page.get_by_role("button", name="Revoke the link").click()
    page.wait_for_url("**/shared")
    assert httpx.get(address).status_code == 404
    # The same act under the same license, asked again: the position is named, and the verdict is the text's.
    again = {"question": answers[1].answer["question"], "facts": {"users": 900_000_000}}
    answer = httpx.post(f"{site.base}/api/ask", json=again, timeout=60).json()
    assert answer["verdict"] == answers[1].answer["verdict"]
    assert [row["signed_by"] for row in answer["positions"]] == ["Ada <b>Lovelace</b>"]
    assert "900,000,000" in json.dumps(answer["positions"])
    window.close()


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_the_pages_read_well_for_everybody(
    chromium, site: Served, answers: list[Kept], scheme: str, built_home: Path
) -> None:
    by = positions.signature("Ada", "2026-01-31", "A note.")
    positions.sign(built_home, "", (answers[0].id, answers[0].answer), by)
    link = sharing.share(built_home, answers[0])
    context = chromium.new_context(viewport={"width": 390, "height": 844}, color_scheme=scheme, bypass_csp=True)
    page = context.new_page()
    for path in (f"/memo/{answers[0].id}", f"/shared/{link.token}", "/positions", "/shared"):
        page.goto(site.base + path)
        found = [each["id"] for each in Axe().run(page).response["violations"] if each["impact"] in SERIOUS]
        assert found == [], path
        assert page.evaluate("document.documentElement.scrollWidth <= innerWidth"), path
    context.close()
