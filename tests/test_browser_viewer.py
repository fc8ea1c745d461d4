"""The source viewer in a real browser: keys, search, definitions, an answer's citations, printed pages."""

import re
import shutil
import uuid
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import long_policy
import pytest
from served import Served, served
from test_browser import Watched, folded, in_view

from corpus.store import Store
from rag import index
from ui import kept

pytestmark = pytest.mark.browser
LICENSE = "llama-3.1-license-2024"
LONG = "framework-agreement"


@dataclass(frozen=True)
class Site:
    """A running server, its home folder, and the id of an answer that is kept there."""

    served: Served
    home: Path
    answer: str


@pytest.fixture(scope="module")
def site(built_home: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Site]:
    """Serve the built store with a PDF of more than 300 clauses added, and an answer kept."""
    folder = tmp_path_factory.mktemp("viewer")
    home = folder / "home"
    shutil.copytree(built_home, home)
    index.add(home, [long_policy.pdf(folder)])
    answer = kept.keep(home, (str(uuid.uuid4()), ""), {"question": "May we?", "citations": citations(Store.open(home))})
    with served(home, folder / "site") as running:
        yield Site(running, home, answer.id)


def citations(store: Store) -> list[dict[str, object]]:
    """Return citations of two licenses and a page of the PDF."""
    found = []
    wanted = ((LICENSE, "700 million"), ("apache-2.0", "irrevocable"), (LONG, "rule 9-7 of the agreement"))
    for n, (id, words) in enumerate(wanted, start=1):
        document = store.documents[id]
        start = document.text.index(words)
        clause = next(each for each in store.clauses(id) if each.span.start <= start < each.span.end)
        place = {"start": start, "end": start + len(words), "sha256": document.origin.sha256}
        found.append({"n": n, "document": id, "clause": clause.path, "quote": words, **place})
    return found


@pytest.fixture
def window(chromium, site: Site) -> Iterator[Watched]:
    watched = Watched(chromium, site.served.base)
    yield watched
    watched.close()


def at(page) -> str:
    return page.evaluate("document.querySelector('.clause:target').id")


def test_the_viewer_is_read_by_keyboard(window: Watched) -> None:
    page = window.open(f"/source/{LICENSE}")
    paths = page.eval_on_selector_all(".clause", "all => all.map(each => each.id)")
    assert len(paths) > 10
    page.keyboard.press("j")
    page.keyboard.press("n")
    there = at(page)
    page.keyboard.press("j")
    assert paths.index(at(page)) == paths.index(there) + 1
    assert in_view(page.locator(".clause:target"))
    assert page.locator(".outline a[aria-current]").count() == 1
    page.keyboard.press("k")
    page.keyboard.press("p")
    assert paths.index(at(page)) == paths.index(there) - 1


def hits(page) -> int:
    return page.evaluate("CSS.highlights.get('found')?.size ?? 0")


def found_here(page) -> str:
    return page.evaluate("String([...(CSS.highlights.get('found-here') ?? [])][0] ?? '')")


def test_words_are_found_in_the_text_with_their_count(window: Watched, site: Site) -> None:
    page = window.open(f"/source/{LICENSE}")
    text = Store.open(site.home).documents[LICENSE].text
    wanted = len(re.findall("llama materials", " ".join(text.split()), re.IGNORECASE))
    page.keyboard.press("/")
    page.keyboard.type("Llama  MATERIALS")
    assert page.locator("#found").inner_text() == f"{wanted} found"
    assert hits(page) == wanted
    assert page.locator(".clause:visible").count() == page.locator(".clause").count()
    marked = page.eval_on_selector_all("[data-hits]", "all => all.map(each => Number(each.dataset.hits))")
    assert sum(marked) == wanted
    page.keyboard.press("Enter")
    assert page.locator("#found").inner_text() == f"1 of {wanted}"
    assert folded(found_here(page)).lower() == "llamamaterials"
    page.keyboard.press("Shift+Enter")
    assert page.locator("#found").inner_text() == f"{wanted} of {wanted}"
    top = page.evaluate("[...CSS.highlights.get('found-here')][0].getBoundingClientRect().top")
    assert 100 < top < 900
    page.locator("#found-after").click()
    assert page.locator("#found").inner_text() == f"1 of {wanted}"
    page.locator("h1").click()
    page.keyboard.press("n")
    assert page.locator("#found").inner_text() == f"2 of {wanted}"
    page.keyboard.press("/")
    page.keyboard.type("meta's")  # as one types it; the text has the printer's apostrophe
    assert hits(page) > 1
    page.keyboard.press("/")
    page.locator("#find").fill("no such words")
    assert page.locator("#found").inner_text() == "Not in this text"
    page.keyboard.press("Escape")
    assert hits(page) == 0
    assert not page.locator("#found-after").is_visible()
    shown = page.eval_on_selector_all(".text", "all => all.map(each => each.textContent).join('')")
    assert shown == text


def test_the_outline_follows_the_reader(window: Watched) -> None:
    page = window.open(f"/source/{LONG}")
    for share in (0.3, 0.6, 0.95):
        page.evaluate("share => window.scrollTo(0, share * document.documentElement.scrollHeight)", share)
        page.wait_for_timeout(150)
        marked = page.evaluate("document.querySelector('.outline [aria-current]').parentElement.dataset.for")
        first = page.evaluate(
            "[...document.querySelectorAll('.clause')].find(each => each.getBoundingClientRect().bottom > 84).id"
        )
        assert marked == first
        assert in_view(page.locator(".outline [aria-current]"))


def test_a_defined_term_is_explained_to_the_pointer_and_to_the_keyboard(window: Watched, site: Site) -> None:
    store = Store.open(site.home)
    page = window.open(f"/source/{LICENSE}#1.b.i")
    term = page.locator("[id='1.b.i'] .term", has_text="Llama Materials").first
    term.hover()
    card = page.locator(".meaning")
    card.locator("text=Clause").wait_for()
    clause = next(each for each in store.clauses(LICENSE) if each.path == "definitions.llama-materials")
    text = store.documents[LICENSE].text
    assert card.locator(".words").evaluate("each => each.textContent") == clause.span.of(text).rstrip()
    page.mouse.move(5, 5)
    card.wait_for(state="hidden")
    page.locator("[id='1.b.i']").focus()
    page.keyboard.press("Tab")
    page.keyboard.press("Tab")
    focused = page.evaluate("document.activeElement.className")
    assert focused == "term"
    card.wait_for(state="visible")
    page.keyboard.press("Escape")
    card.wait_for(state="hidden")
    described = page.evaluate(
        "document.getElementById(document.activeElement.getAttribute('aria-describedby')).textContent"
    )
    assert "means" in described
    page.keyboard.press("Enter")
    assert at(page).startswith("definitions.")


def test_a_finger_sees_the_words_first(chromium, site: Site) -> None:
    phone = Watched(chromium, site.served.base, has_touch=True)
    phone.page.set_viewport_size({"width": 390, "height": 844})
    page = phone.open(f"/source/{LICENSE}")
    term = page.locator(".clause .term").first
    term.tap()
    page.locator(".meaning").wait_for(state="visible")
    box = page.locator(".meaning").bounding_box()
    assert box["x"] >= 0
    assert box["x"] + box["width"] <= 390
    assert "#" not in page.url
    page.locator(".meaning a").tap()
    assert "#" in page.url
    phone.close()


def test_an_answers_citations_are_gone_along(window: Watched, site: Site) -> None:
    page = window.open(f"/source/{LICENSE}?answer={site.answer}&n=1")
    assert "Citation 1 of 3 of your answer" in page.locator(".trail").inner_text()
    assert page.locator("mark").inner_text() == "700 million"
    assert in_view(page.locator("mark"))
    page.get_by_role("link", name="Next citation").click()
    page.wait_for_url("**/source/apache-2.0?*")
    assert page.locator("mark").inner_text() == "irrevocable"
    page.keyboard.press("]")
    page.wait_for_url(f"**/source/{LONG}?*")
    assert page.locator("mark").all_inner_texts()
    assert in_view(page.locator("mark").first)
    page.locator(".clause:target .page").click()
    page.wait_for_url("**page=*")
    assert "Citation 3 of 3" in page.locator(".trail").inner_text()
    page.keyboard.press("[")
    page.wait_for_url("**/source/apache-2.0?*")


def test_a_printed_page_is_shown_beside_its_clause(window: Watched, site: Site) -> None:
    page = window.open(f"/source/{LONG}#5.3")
    page.locator("[id='5.3'] .page").click()
    page.wait_for_url("**page=*")
    picture = page.locator(".original img")
    page.wait_for_function("document.querySelector('.original img').naturalWidth > 500")
    assert in_view(page.locator("[id='5.3']"))
    assert picture.is_visible()
    title = page.locator("#original-title").inner_text()
    page.get_by_role("link", name="of the original").last.click()
    page.wait_for_function("before => document.querySelector('#original-title').innerText !== before", arg=title)
    page.get_by_role("link", name="Close").click()
    page.locator(".original").wait_for(state="detached")
    assert page.locator("mark").count() >= 1


def test_words_at_the_foot_of_a_page_are_brought_into_sight(chromium, site: Site) -> None:
    document = Store.open(site.home).documents[LONG]
    start, end = document.pages[3:5]
    shown = Watched(chromium, site.served.base)
    shown.page.set_viewport_size({"width": 390, "height": 844})
    for passage, low in (((start, start + 40), True), ((end - 60, end - 20), False)):
        page = shown.open(f"/source/{LONG}?page=4&start={passage[0]}&end={passage[1]}")
        page.wait_for_function("document.querySelector('.original img').naturalWidth > 500")
        page.wait_for_timeout(100)
        assert (page.evaluate("document.querySelector('.paper').scrollTop") < 10) is low
        mark, over = page.locator("mark").first.bounding_box(), page.locator(".original").bounding_box()
        assert 100 < mark["y"] < mark["y"] + mark["height"] <= over["y"]
    shown.close()


def test_a_page_that_cannot_be_drawn_is_one_line(chromium, site: Site) -> None:
    original = site.home / "files" / LONG / "original.pdf"
    whole = original.read_bytes()
    shown = Watched(chromium, site.served.base)
    page = shown.open(f"/source/{LONG}?page=2")
    try:
        original.write_bytes(whole[:200])
        page.reload()
        line = page.locator(".original .notice").first
        assert "was changed since it was added" in line.inner_text()
        assert not page.locator(".original img").count()
    finally:
        original.write_bytes(whole)
    page.route("**/page/2.png*", lambda route: route.fulfill(status=500, body="no"))
    page.reload()
    page.get_by_text("This page cannot be shown.").wait_for()
    assert not page.locator(".original img").is_visible()
    shown.complaints.clear()  # the browser's own word on the picture
    shown.close()


@pytest.mark.parametrize("scheme", ["light", "dark"])
@pytest.mark.parametrize("width", [1440, 390])
def test_axe_has_nothing_serious_to_say(chromium, site: Site, scheme: str, width: int) -> None:
    from axe_playwright_python.sync_playwright import Axe

    seen = Watched(chromium, site.served.base, color_scheme=scheme, bypass_csp=True)
    seen.page.set_viewport_size({"width": width, "height": 900})
    for path in (
        f"/source/{LICENSE}?answer={site.answer}&n=1",
        f"/source/{LONG}?page=3&start=6000&end=6100",
        "/source/odbl-1.0",
        "/source/none",
        "/source",
    ):
        page = seen.open(path)
        if page.locator(".meanings summary").count():
            page.locator(".meanings summary").click()
            page.locator(".term").first.hover()
            page.locator("#find").fill("the")
            page.keyboard.press("Enter")
        found = Axe().run(page).response["violations"]
        grave = [(each["id"], each["nodes"][0]["html"]) for each in found if each["impact"] in {"serious", "critical"}]
        assert grave == [], path
    seen.complaints.clear()  # a page that is not on file is a 404
    seen.close()


def test_the_print_has_all_of_the_text_and_its_foot_on_every_page(window: Watched, site: Site, tmp_path: Path) -> None:
    from pypdf import PdfReader

    store = Store.open(site.home)
    page = window.open("/source/apache-2.0")
    page.emulate_media(media="print")
    printed = tmp_path / "print.pdf"
    page.pdf(path=printed, prefer_css_page_size=True)
    pages = [each.extract_text() for each in PdfReader(printed).pages]
    record = store.records["apache-2.0"]
    for each in pages:
        assert record.origin.sha256 in folded(each)
        assert f"{site.served.base}/source/apache-2.0" in folded(each)
    together = folded("".join(pages))
    assert "4.a" in together
    for clause in store.clauses("apache-2.0"):
        words = folded(clause.span.of(store.documents["apache-2.0"].text))
        assert words[:60] in together
