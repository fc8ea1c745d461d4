"""Makes the pictures of the README from the real thing: python tests/make_screenshots.py [FOLDER OF A BUILT STORE]."""

import shutil
import sys
from contextlib import ExitStack
from pathlib import Path
from tempfile import TemporaryDirectory

from PIL import Image
from playwright.sync_api import Page, sync_playwright
from served import ARGUMENTS, CHROMIUM, ROOT, served

SHOTS = ROOT / "docs" / "screenshots"
QUESTION = "Can I resell a Llama LoRA?"
COMPARED = (
    *("mit", "apache-2.0", "gpl-3.0", "agpl-3.0", "cc-by-4.0", "cc-by-nc-4.0", "llama-2-license-2023"),
    *("llama-3.1-license-2024", "llama-4-cla-2025", "gemma-tou-2025-03-24", "bigscience-open-rail-m"),
)
SIZE = {"width": 1360, "height": 850}


def chat(page: Page, base: str) -> tuple[str, str]:
    """Take the chat with a clause opened beside the answer; return the addresses of that clause and of the answer's memo."""
    page.goto(f"{base}/chat")
    page.locator("#starters button:not([disabled])").first.click()
    page.locator(".cw-answer").wait_for()
    # Of the versions that the answer tells apart, the one most people mean.
    page.locator("tr", has_text="Llama 3.1").locator(".cw-marker").first.click()
    link = page.locator("#side-view-content").get_by_text("Open in the viewer")
    link.wait_for()
    page.locator(".message-content").first.scroll_into_view_if_needed()
    page.mouse.move(5, 400)
    page.wait_for_timeout(800)  # the panel slides in
    page.screenshot(path=SHOTS / "chat.png")
    memo = page.locator(".cw-leave a", has_text="Read and sign off")
    return str(link.get_attribute("href")), str(memo.get_attribute("href"))


def viewer(page: Page, address: str) -> None:
    """Take the clause in the viewer."""
    page.goto(address)
    page.locator("mark").first.wait_for()
    page.screenshot(path=SHOTS / "viewer.png")


def memo(page: Page, address: str) -> None:
    """Take the answer as a memo."""
    page.goto(address)
    page.locator(".memo .part").wait_for()
    page.screenshot(path=SHOTS / "memo.png")


def matrix(page: Page, base: str) -> None:
    """Take the matrix of the licenses that people ask about most."""
    page.goto(f"{base}/matrix?{'&'.join(f'license={id}' for id in COMPARED)}")
    page.locator(".matrix td a").first.wait_for()
    page.screenshot(path=SHOTS / "matrix.png")


def main(home: Path) -> None:
    """Take all pictures, of conversations in a copy of the store."""
    SHOTS.mkdir(parents=True, exist_ok=True)
    with TemporaryDirectory() as folder, ExitStack() as open_now:
        for part in ("store", "files", "prints"):  # and nobody's conversations
            if (home / part).exists():
                shutil.copytree(home / part, Path(folder) / "home" / part)
        site = open_now.enter_context(served(Path(folder) / "home", Path(folder) / "served"))
        play = open_now.enter_context(sync_playwright())
        browser = play.chromium.launch(executable_path=str(CHROMIUM), args=list(ARGUMENTS))
        page = browser.new_page(viewport=SIZE, color_scheme="light")  # type: ignore[arg-type]
        clause, answer = chat(page, site.base)
        viewer(page, site.base + clause)
        memo(page, site.base + answer)
        matrix(page, site.base)
        browser.close()
    for path in SHOTS.glob("*.png"):
        # A clone carries every picture that there ever was: a palette makes them a third as large.
        few = Image.open(path).convert("RGB").quantize(128, Image.Quantize.MEDIANCUT, dither=Image.Dither.NONE)
        few.save(path, optimize=True)


if __name__ == "__main__":
    main(Path(sys.argv[1]) if len(sys.argv) > 1 else ROOT / ".home")
