"""Makes the pictures of the README from the real thing: python tests/make_screenshots.py [FOLDER OF A BUILT STORE]."""

import sys
from pathlib import Path
from tempfile import TemporaryDirectory

from playwright.sync_api import Page, sync_playwright
from served import ARGUMENTS, CHROMIUM, ROOT, served

SHOTS = ROOT / "docs" / "screenshots"
QUESTION = "Can I resell a Llama LoRA?"
SIZE = {"width": 1360, "height": 850}


def chat(page: Page, base: str) -> str:
    """Take the chat with a clause opened beside the answer; return the address of that clause in the viewer."""
    page.goto(f"{base}/chat")
    page.locator("#starters button:not([disabled])").first.click()
    page.get_by_text("Information, not legal advice.", exact=True).wait_for()
    # Of the versions that the answer tells apart, the one most people mean.
    page.locator("tr", has_text="Llama 3.1").locator("a.element-link").first.click()
    link = page.locator("#side-view-content").get_by_text("Open in the viewer")
    link.wait_for()
    page.locator(".message-content").first.scroll_into_view_if_needed()
    page.mouse.move(5, 400)
    page.wait_for_timeout(800)  # the panel slides in
    page.screenshot(path=SHOTS / "chat.png")
    return str(link.get_attribute("href"))


def viewer(page: Page, address: str) -> None:
    """Take the clause in the viewer."""
    page.goto(address)
    page.locator("mark").first.wait_for()
    page.screenshot(path=SHOTS / "viewer.png")


def main(home: Path) -> None:
    """Take both pictures."""
    SHOTS.mkdir(parents=True, exist_ok=True)
    with TemporaryDirectory() as folder, served(home, Path(folder) / "served") as site, sync_playwright() as play:
        browser = play.chromium.launch(executable_path=str(CHROMIUM), args=list(ARGUMENTS))
        page = browser.new_page(viewport=SIZE, color_scheme="light")  # type: ignore[arg-type]
        viewer(page, site.base + chat(page, site.base))
        browser.close()


if __name__ == "__main__":
    main(Path(sys.argv[1]) if len(sys.argv) > 1 else ROOT / ".home")
