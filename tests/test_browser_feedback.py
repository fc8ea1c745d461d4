"""What a reader says of an answer, in a real browser: from the button to the list of the command line."""

import re
from pathlib import Path

import pytest
from small_store import printed
from test_browser import Watched, ask, chromium, site, window  # noqa: F401  (fixtures)

from evals import inbox

pytestmark = [pytest.mark.browser, pytest.mark.slow]
QUESTION = "May I use GPL-3.0 code in a closed product?"
REASON = "It forgets <b>clause 5</b> | *badly*"


def test_what_is_not_right_is_found_in_the_inbox(
    window: Watched,  # noqa: F811
    built_home: Path,
    capsys: pytest.CaptureFixture[str],
) -> None:
    at = ("--home", str(built_home), "eval", "inbox")
    page = window.open("/chat")
    ask(page, QUESTION)
    page.get_by_role("button", name="Right", exact=True).wait_for()
    page.get_by_role("button", name="Not right", exact=True).click()
    page.get_by_text("Your next message is kept as the reason").wait_for()
    page.locator("#chat-input").click()
    page.keyboard.type(REASON)
    page.keyboard.press("Enter")
    page.get_by_text("Your message is kept as the reason").wait_for()
    page.get_by_role("button", name="Not right", exact=True).wait_for(state="detached")
    shown = printed(capsys, *at)
    found = re.search(r"\| (\w{6}) \| not right \| May I use GPL-3.0", shown)
    assert found
    assert inbox.find(built_home / "eval", found[1]).reason == REASON
    # Another question is a question again, with its own buttons; the answer's markers still open their clauses.
    ask(page, "Can I resell a Llama LoRA?", answers=2)
    page.locator(".ai-message").last.locator("a.element-link", has_text="[1]").first.click()
    page.locator("#side-view-content h3").wait_for()
    page.get_by_role("button", name="Right", exact=True).click()
    page.get_by_text("for a person to review").wait_for()
    for entry in inbox.entries(built_home / "eval").entries:
        inbox.reject(built_home / "eval", entry.id, "a test")
    assert printed(capsys, *at) == "The inbox is empty.\n"
