"""Measures how soon the viewer is painted and how smoothly it scrolls: python tests/measure_viewer.py [FOLDER OF A BUILT STORE].

Beside it, in the same run and browser, the same text without any page around it. Figures are written to `evals/bench/`.
"""

import json
import shutil
import statistics
import sys
from contextlib import ExitStack
from datetime import UTC, datetime
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

import long_policy
from playwright.sync_api import Browser, sync_playwright
from served import ARGUMENTS, CHROMIUM, ROOT, served

from corpus.store import Store
from evals import hardware
from rag import index

ROUNDS, FRAMES = 7, 90
LONG = "framework-agreement"  # a PDF of more than 300 clauses
PAINTED = """async () => {
    const paint = () => performance.getEntriesByName('first-contentful-paint')[0];
    while (!paint()) await new Promise(then => setTimeout(then, 5));
    return paint().startTime;
}"""
# Scrolls from end to end; how long each picture took, in milliseconds.
SCROLLED = """async (frames) => {
    const high = document.documentElement.scrollHeight, took = [];
    for (let step = 0; step < frames; step += 1) {
        window.scrollTo(0, high * step / frames);
        const before = performance.now();
        await new Promise(requestAnimationFrame);
        took.push(performance.now() - before);
    }
    return took;
}"""


def painted(browser: Browser, address: str) -> tuple[float, float]:
    """Return the first paint of an address, and the picture that took longest but for one in twenty, in milliseconds."""
    paints, frames = [], []
    for _ in range(ROUNDS):
        page = browser.new_page()
        page.goto(address)
        paints.append(float(page.evaluate(PAINTED)))
        frames += page.evaluate(SCROLLED, FRAMES)
        page.close()
    return statistics.median(paints), statistics.quantiles(frames, n=20)[-1]


def figures(browser: Browser, base: str, id: str, clauses: int) -> dict[str, Any]:
    """Return the figures of one text."""
    ours, frame = painted(browser, f"{base}/source/{id}")
    plain, _ = painted(browser, f"{base}/api/documents/{id}/text")
    told = {"first_paint_ms": ours, "plain_text_ms": plain, "times_plain": ours / plain, "frame_p95_ms": frame}
    return {"text": id, "clauses": clauses} | {name: round(value, 1) for name, value in told.items()}


def main(home: Path) -> None:
    """Measure the longest text on file and the PDF, print the figures and write them down."""
    with TemporaryDirectory() as folder, ExitStack() as open_now:
        copy = Path(folder) / "home"
        for part in ("store", "files"):
            if (home / part).exists():
                shutil.copytree(home / part, copy / part)
        index.add(copy, [long_policy.pdf(Path(folder))])
        store = Store.open(copy)
        longest = max((each for each in store.records.values() if each.id != LONG), key=lambda each: each.characters).id
        site = open_now.enter_context(served(copy, Path(folder) / "served"))
        play = open_now.enter_context(sync_playwright())
        browser = play.chromium.launch(executable_path=str(CHROMIUM), args=list(ARGUMENTS))
        rows = [figures(browser, site.base, id, len(store.clauses(id))) for id in (longest, LONG)]
        told = {"browser": browser.version, "texts": rows}
        browser.close()
    now = datetime.now(UTC)
    text = json.dumps(
        {"measured": now.isoformat(timespec="seconds"), "hardware": hardware.describe(), **told}, indent=2
    )
    path = ROOT / "evals" / "bench" / f"viewer-{now:%Y%m%dT%H%M%SZ}.json"
    path.write_text(text + "\n", encoding="utf-8")
    print(text)


if __name__ == "__main__":
    main(Path(sys.argv[1]) if len(sys.argv) > 1 else ROOT / ".home")
