"""The report of an evaluation in a real browser: it stands on its own, and nothing in it runs."""

from pathlib import Path

import evaluated
import pytest

from evals import measures, report

pytestmark = pytest.mark.browser


def test_the_report_shows_figures_and_failed_items_and_asks_nobody(chromium, tmp_path: Path) -> None:
    part = evaluated.part(evaluated.home(tmp_path / "home"), tmp_path / "r.jsonl")
    path = tmp_path / "report.html"
    path.write_text(report.html("ours", [part], {"ours": measures.table(part.rows)}), encoding="utf-8")
    context = chromium.new_context(viewport={"width": 1200, "height": 900})
    page = context.new_page()
    said: list[str] = []
    asked: list[str] = []
    page.on("console", lambda line: said.append(line.text))
    page.on("pageerror", lambda error: said.append(str(error)))
    page.on("dialog", lambda dialog: said.append(dialog.message))
    page.on("request", lambda request: asked.append(request.url))
    page.goto(path.as_uri())
    assert page.title() == "Evaluation: ours"
    assert page.locator("svg rect").count() == len(measures.table(part.rows).intervals)
    assert page.locator("section.item").count() == 2
    wrong = page.locator("section#W")
    assert "<script>alert(1)</script>" in wrong.inner_text()
    assert wrong.locator("mark").count() > 0
    box = page.locator("body").bounding_box()
    assert box is not None
    assert page.evaluate("document.documentElement.scrollWidth") <= 1200
    assert said == []
    assert asked == [path.as_uri()]
    context.close()
