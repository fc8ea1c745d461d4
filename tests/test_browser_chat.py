"""The chat in a real browser, over a real store: the answer's view, its forms, the commands and the settings."""

import re
from collections.abc import Iterator
from pathlib import Path
from urllib.parse import urlsplit

import pytest
from axe_playwright_python.sync_playwright import Axe
from served import Served, served
from small_store import printed
from test_browser import LICENSE, QUESTION, Watched, ask, folded, in_view, ready

from evals import inbox
from ui import kept, profile

pytestmark = pytest.mark.browser
SHIP = "Can we ship Llama 3.1 in our product?"
# A dialog of Chainlit's own on narrow screens loses its title; ours gives it a name.
_TITLE = "`DialogContent` requires a `DialogTitle`"


@pytest.fixture(scope="module")
def site(built_home: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Served]:
    answers = built_home / kept.FOLDER
    before = set(answers.iterdir()) if answers.exists() else set()
    with served(built_home, tmp_path_factory.mktemp("chat") / "site") as running:
        yield running
        assert not running.connections.exists(), running.connections.read_text(encoding="utf-8")
        assert QUESTION not in running.log.read_text(encoding="utf-8")
    for folder in set(answers.iterdir()) - before:
        kept.forget(built_home, folder.name)
    profile.save(built_home, "", {})


@pytest.fixture
def window(chromium, site: Served) -> Iterator[Watched]:
    watched = Watched(chromium, site.base)
    watched.context.grant_permissions(["clipboard-read", "clipboard-write"], origin=site.base)
    yield watched
    watched.close()


def source(page, n: int, answer: int = -1):
    """Open a source of an answer and return the panel."""
    page.locator(".cw-answer").nth(answer).locator(".cw-marker", has_text=f"[{n}]").first.click()
    panel = page.locator(".cw-clause")
    panel.wait_for()
    page.locator("#side-view-title, [role=dialog]", has_text=f"Source {n}").first.wait_for()
    return panel


def command(page, name: str, line: str):
    """Give a command and return the message that answers it."""
    messages = page.locator(".ai-message")
    before = messages.count()
    page.locator("#chat-input").click()
    page.keyboard.type(f"/{name}")
    page.locator("[cmdk-item], .command-item", has_text=name).first.wait_for()
    page.keyboard.press("Enter")
    page.keyboard.type(line)
    page.keyboard.press("Enter")
    messages.nth(before).wait_for()
    return messages.nth(before)


def badge(page, answer: int = -1) -> str:
    return page.locator(".cw-answer").nth(answer).locator(".cw-verdict .cw-badge").inner_text()


def serious(page) -> list[str]:
    found = Axe().run(page).response["violations"]
    return [f"{v['id']}: {v['nodes'][0]['html']}" for v in found if v["impact"] in {"serious", "critical"}]


def test_a_question_leads_to_the_highlighted_clause(window: Watched, site: Served) -> None:
    page = window.open("/")
    assert page.url.rstrip("/") == f"{site.base}/chat"
    ask(page, QUESTION)
    panel = source(page, 1)
    assert "sha256" in panel.inner_text()
    assert page.evaluate("document.activeElement.textContent").startswith("Clause ")
    quote = folded("".join(panel.locator("mark").all_inner_texts()))
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
    for answer, wanted in ((0, "Llama"), (1, "General Public License"), (0, "LLaMA")):
        source(page, 1, answer)
        page.locator(".cw-clause .cw-soft", has_text=re.compile(wanted, re.IGNORECASE)).first.wait_for()
    source(page, 5, 0)
    page.locator(".cw-clause", has_text="Llama 2").wait_for()


def copy_citation(page) -> str:
    source(page, 1)
    page.get_by_role("button", name="Copy citation").click()
    page.get_by_role("button", name="Copied").wait_for()
    return str(page.evaluate("navigator.clipboard.readText()"))


def test_not_right_reaches_the_inbox(window: Watched, built_home: Path, capsys: pytest.CaptureFixture[str]) -> None:
    before = inbox.entries(built_home / "eval").entries
    reason, at = "It forgets <b>clause 5</b> | *badly*", ("--home", str(built_home), "eval", "inbox")
    page = window.open("/chat")
    ask(page, "May I use GPL-3.0 code in a closed product?")
    copied = copy_citation(page)
    page.get_by_role("button", name="Not right").click()
    page.get_by_label("What is wrong with it?").fill(reason)
    page.get_by_label("The right verdict").select_option("conditional")
    page.get_by_label("The clause that decides").fill("clause 5")
    page.get_by_role("button", name="Keep this").click()
    page.get_by_text("is a citation as “Copy citation” gives it").wait_for()
    page.get_by_label("The clause that decides").fill(copied)
    page.get_by_role("button", name="Keep this").click()
    thanks = page.get_by_text("Thank you. Question and answer are kept")
    thanks.wait_for()
    page.get_by_label("What is wrong with it?").wait_for(state="detached")
    page.wait_for_function("document.activeElement.innerText.startsWith('Thank you')")
    assert in_view(thanks)
    found = re.search(r"\| (\w{6}) \| not right \| May I use GPL-3.0", printed(capsys, *at))
    assert found
    entry = inbox.find(built_home / "eval", found[1])
    assert (entry.reason, entry.correction.verdict) == (reason, "conditional")
    assert entry.correction.quote in copied
    ask(page, QUESTION, answers=2)
    page.get_by_role("button", name="Right", exact=True).last.click()
    page.get_by_text("for a person to review").nth(1).wait_for()
    new = [each for each in inbox.entries(built_home / "eval").entries if each not in before]
    for entry in new:
        inbox.reject(built_home / "eval", entry.id, "a test")
    assert [entry.rating for entry in new] == ["down", "up"]


def test_a_starter_asks_at_once(window: Watched) -> None:
    page = window.open("/chat")
    page.locator("#starters button").first.click()
    page.locator(".cw-answer").wait_for()
    assert QUESTION in page.locator("[data-step-type=user_message]").inner_text()


def test_a_starter_may_be_a_command(window: Watched) -> None:
    page = window.open("/chat")
    ready(page)
    page.locator("#chat-input").click()
    page.keyboard.type("/")
    commands = page.locator("[cmdk-item]")
    commands.first.wait_for()
    page.wait_for_timeout(300)  # it slides in
    assert in_view(commands.first)
    assert commands.first.evaluate(
        "it => it.contains(document.elementFromPoint(it.getBoundingClientRect().x + 9, it.getBoundingClientRect().y + 9))"
    )
    page.keyboard.press("Backspace")
    page.get_by_role("button", name="Compare Llama 2 and Llama 3.1").click()
    page.get_by_text("Side by side").wait_for()


def test_a_question_that_cannot_be_read_is_one_line(window: Watched) -> None:
    page = window.open("/chat")
    ready(page)
    page.locator("#chat-input").click()
    page.keyboard.insert_text("x" * 100_000)
    page.keyboard.press("Enter")
    line = page.locator(".ai-message").last
    line.wait_for()
    assert "\n" not in line.inner_text().strip()


def test_without_a_store_the_chat_says_what_to_do(chromium, tmp_path: Path) -> None:
    with served(tmp_path / "empty", tmp_path / "served") as running:
        watched = Watched(chromium, running.base)
        page = watched.open("/chat")
        page.locator("#starters button").first.click()
        page.get_by_text("clausewise index build").wait_for()
        assert QUESTION in page.locator("[data-step-type=user_message]").inner_text()
        watched.close()


def test_a_copied_citation_names_everything_and_leads_back(window: Watched) -> None:
    page = window.open("/chat")
    ask(page, SHIP)
    copied = copy_citation(page)
    found = re.fullmatch(r"(.+) \((.+)\), clause (\S+): “(.+)” (http\S+)", copied, re.DOTALL)
    assert found
    assert found[1] == "Llama 3.1 Community License Agreement"
    page.goto(found[5])
    assert folded("".join(page.locator("mark").all_inner_texts())) == folded(found[4])


def test_a_missing_fact_is_filled_in_and_the_verdict_flips(window: Watched) -> None:
    page = window.open("/chat")
    ask(page, SHIP)
    assert badge(page) == "On conditions"
    first = page.locator(".cw-answer").first
    assert "The answer flips: above 700,000,000" in first.inner_text()
    again = first.get_by_role("button", name="Ask again with these facts")
    again.click()
    first.get_by_role("alert").get_by_text("Fill in or change a fact first.").wait_for()
    users = first.get_by_label("How many monthly active users")
    users.fill("a lot")
    again.click()
    first.get_by_role("alert").get_by_text("is no amount").wait_for()
    assert users.input_value() == "a lot"  # nothing that was typed is lost
    users.fill("800 million")
    page.keyboard.press("Enter")
    page.locator(".cw-answer").nth(1).wait_for()
    assert badge(page) == "No"
    page.wait_for_timeout(500)  # it scrolls there
    assert in_view(page.locator(".cw-verdict").nth(1))
    asked = page.locator("[data-step-type=user_message]").last.inner_text()
    assert asked == "The same question, with monthly active users: 800,000,000"
    second = page.locator(".cw-answer").nth(1)
    assert second.get_by_label("Monthly active users").input_value() == "800,000,000"
    assert "as you entered it" in second.inner_text()
    second.get_by_label("Monthly active users").fill("5,000")
    second.get_by_role("button", name="Ask again with these facts").click()
    page.locator(".cw-answer").nth(2).wait_for()
    assert badge(page) == "On conditions"


def test_an_answer_shows_conditions_coverage_texts_and_its_versions(window: Watched) -> None:
    page = window.open("/chat")
    ask(page, QUESTION)
    answer = page.locator(".cw-answer")
    rows = answer.locator("tbody tr")
    assert rows.count() >= 4
    assert {"No", "On conditions"} <= set(answer.locator("tbody .cw-badge").all_inner_texts())
    # The text that the view stands for is there to be copied, and not shown twice.
    assert page.locator(".message-content > div").filter(has_text="Verdict: conditional").last.is_hidden()
    condition = answer.locator(".cw-conditions li", has_text="Built with Llama").first
    condition.get_by_role("checkbox").check()
    condition.get_by_role("button", name="Copy: Built with Llama").click()
    condition.get_by_text("Copied").wait_for()
    assert page.evaluate("navigator.clipboard.readText()") == "Built with Llama"
    assert re.search(r"Searched \d+ of \d+ clauses in \d+ texts", answer.inner_text())
    answer.get_by_text("Texts and quotations").click()
    assert "quoted to the letter" in answer.inner_text()
    assert re.search(r"sha256 [0-9a-f]{12}…", answer.inner_text())
    # Of a version that is chosen the answer is its own.
    answer.get_by_label("Which version is it?").select_option(LICENSE)
    answer.get_by_role("button", name="Ask again with these facts").click()
    page.locator(".cw-answer").nth(1).wait_for()
    assert "Llama 3.1" in page.locator(".cw-answer .cw-first").last.inner_text()
    assert page.locator(".cw-answer").last.locator("tbody").count() == 0


def test_the_commands_answer_and_lead_on(window: Watched) -> None:
    page = window.open("/chat")
    ready(page)
    compared = command(page, "compare", "Llama 3.1 and Llama 3.2")
    compared.get_by_text("Side by side").wait_for()
    assert "Clauses that differ" in compared.inner_text()
    claim = command(page, "claim", "The Llama 3.1 license asks to display “Built with Llama”.")
    claim.locator(".cw-badge", has_text="Supported").wait_for()
    assert "Built with Llama" in source(page, 1).inner_text()
    card = command(page, "license", LICENSE)
    card.get_by_text("Read the text").wait_for()
    sources = command(page, "sources", "name of derivative models")
    with window.context.expect_page() as opened:
        sources.locator("a[href*='/source/']").first.click()
    opened.value.locator("mark").first.wait_for()
    stack = command(page, "stack", "We fine-tune Llama 3.1 and sell the result.")
    stack.locator(".cw-answer").wait_for()
    wrong = command(page, "compare", "apples")
    assert "compare" in wrong.inner_text() or "on file" in wrong.inner_text()


def test_the_profile_is_typed_once_and_told_apart(window: Watched, chromium, site: Served) -> None:
    page = window.open("/chat")
    ready(page)
    page.get_by_role("button", name="Settings").click()
    page.get_by_label("Monthly active users").fill("800 million")
    page.get_by_role("button", name="Confirm").click()
    page.get_by_role("dialog").wait_for(state="detached")
    ask(page, SHIP)
    assert badge(page) == "No"
    assert "from your profile" in page.locator(".cw-answer").inner_text()
    later = Watched(chromium, site.base)
    ask(later.open("/chat"), "Can we ship Llama 3.1 in our product to 5 million users?")
    assert badge(later.page) == "On conditions"  # what the question says goes first
    later.page.get_by_role("button", name="Settings").click()
    users = later.page.get_by_label("Monthly active users").last
    assert users.input_value() == "800,000,000"
    users.fill("")
    later.page.get_by_role("button", name="Confirm").click()
    later.page.get_by_role("dialog").wait_for(state="detached")
    ask(later.page, SHIP, answers=2)
    assert badge(later.page) == "On conditions"
    later.close()


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_the_chat_is_read_by_ear_and_by_keyboard(chromium, site: Served, scheme: str) -> None:
    watched = Watched(chromium, site.base, color_scheme=scheme)
    page = watched.open("/chat")
    ready(page)
    assert serious(page) == []
    ask(page, QUESTION)
    page.locator(".cw-marker").first.focus()
    page.keyboard.press("Enter")
    page.locator(".cw-clause").wait_for()
    page.get_by_role("button", name="Not right").click()
    assert serious(page) == []
    page.locator(".cw-clause h3").focus()
    page.keyboard.press("Escape")
    page.locator(".cw-clause").wait_for(state="detached")
    page.wait_for_function("document.activeElement.className.includes('cw-marker')")
    page.get_by_role("button", name="Settings").click()
    page.get_by_role("dialog").wait_for()
    page.wait_for_timeout(300)  # it fades in
    assert serious(page) == []
    page.get_by_role("dialog").locator("input").first.click()
    page.locator("[cmdk-item]").first.wait_for()
    assert serious(page) == []
    watched.close()


def test_the_answer_fits_a_small_screen(chromium, site: Served) -> None:
    small = Watched(chromium, site.base, color_scheme="dark")
    small.page.set_viewport_size({"width": 390, "height": 844})
    page = small.open("/chat")
    ask(page, QUESTION)
    page.wait_for_function("document.querySelector('.cw-verdict').getBoundingClientRect().top > 0")
    assert in_view(page.locator(".cw-verdict"))
    assert page.evaluate("document.documentElement.scrollWidth <= document.documentElement.clientWidth")
    wide = page.locator(".cw-wide")
    assert wide.evaluate("it => it.scrollWidth <= it.clientWidth")
    panel = source(page, 1)
    assert page.get_by_role("dialog", name=re.compile("Clause")).count() == 1
    assert panel.locator("mark").first.is_visible()
    small.complaints = [line for line in small.complaints if not line.startswith(_TITLE)]
    small.close()


def test_the_page_still_forbids_what_is_compiled_in_it(window: Watched) -> None:
    """The views come from scripts of this server; nothing else becomes a program, whatever stands in a text."""
    page = window.open("/chat")
    ask(page, SHIP)
    made = "new Function('exports', 'React', 'exports.default = clausewise.constructor')"
    for code in ("new Function('return 1')()", "Function('return 1')()", "(0, eval)('1')", made):
        # Later, by itself: what a driver evaluates is let through.
        tried = f"try {{ {code}; done('it ran') }} catch (error) {{ done(error.name) }}"
        assert page.evaluate(f"() => new Promise(done => setTimeout(() => {{ {tried} }}))") == "EvalError", code
    assert all("Content Security Policy" in line for line in window.complaints)
    window.complaints.clear()
