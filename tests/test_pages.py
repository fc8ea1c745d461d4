"""The pages beside the viewer over HTTP: what they show without JavaScript, escaped, and what they refuse in one line."""

import csv
import html
import io
import re
from pathlib import Path
from xml.etree import ElementTree

import pytest
from fastapi.testclient import TestClient
from web_fakes import Replies, opener

from rag.pipeline import Pipeline
from ui.api import create_app

META = "llama-3.1-license-2024"


@pytest.fixture(scope="module")
def http(over: Pipeline) -> TestClient:
    app = create_app(Path("home"), lambda home: over, chat=False)
    return TestClient(app, base_url="http://127.0.0.1:8000")


def rows(page: str) -> list[str]:
    """Return the ids of the rows of the catalog or the matrix that are not hidden."""
    shown = re.findall(r"<(?:li|tr) data-row[^>]*>.*?</(?:li|tr)>", page, re.S)
    return [re.search(r"/licenses/([^\"]+)\"", row)[1] for row in shown if not re.match(r"<[^>]* hidden>", row)]


def test_every_page_leads_to_every_other(http: TestClient) -> None:
    for path in ("/licenses", "/licenses/mit", "/matrix", "/compare", "/compare/mit/apache-2.0", "/choose", "/source"):
        page = http.get(path)
        assert page.status_code == 200
        nav = re.search(r'<nav class="site".*?</nav>', page.text, re.S)[0]
        assert re.findall(r'href="([^"]+)"', nav) == [
            "/chat",
            "/licenses",
            "/matrix",
            "/compare",
            "/choose",
            "/source",
            "/positions",
        ]
        (here,) = re.findall(r'href="([^"]+)" aria-current="page"', nav)
        assert path.startswith(here)


@pytest.mark.parametrize(
    ("query", "found"),
    [
        ("", ["apache-2.0", "llama-2-license-2023", META, "mit"]),
        ("?q=meta", ["llama-2-license-2023", META]),
        ("?class=open-source&osi=yes", ["apache-2.0", "mit"]),
        ("?limits/train-on-outputs=with", ["llama-2-license-2023"]),
        ("?limits/threshold=without&permissions/patent-use=with", ["apache-2.0"]),
        ("?q=nothing+like+it", []),
    ],
)
def test_the_catalog_is_filtered_by_its_address(http: TestClient, query: str, found: list[str]) -> None:
    page = http.get(f"/licenses{query}").text
    assert sorted(rows(page)) == sorted(found)
    assert f'role="status">{len(found)}</span> of 4' in page
    assert ('id="none" class="notice" hidden' in page) is bool(found)


def test_a_card_shows_each_fact_with_its_words_and_its_clause(http: TestClient, over: Pipeline) -> None:
    page = http.get(f"/licenses/{META}").text
    links = re.findall(r'href="/source/([^?"]+)\?start=(\d+)&amp;end=(\d+)#([^"]+)"', page)
    quotes = re.findall(r"<blockquote>(.*?)</blockquote>", page, re.S)
    assert len(links) == len(quotes) >= 20
    for (document, start, end, clause), quote in zip(links, quotes, strict=True):
        words = over.store.documents[document].text[int(start) : int(end)]
        assert html.unescape(quote) == words
        assert clause in {each.path for each in over.store.clauses(document)}
    assert "700,000,000" in page
    assert "Llama 3.1 Acceptable Use Policy" in page
    assert "taken in by reference, not on file" in page


def test_a_card_of_another_name_leads_to_the_license() -> None:
    http = TestClient(create_app(Path("home"), opener(Replies()), chat=False), base_url="http://127.0.0.1:8000")
    for name in ("acme-2", "acme-alias"):
        answer = http.get(f"/compare/{name}/acme-open-1", follow_redirects=False)
        assert answer.headers["location"] == "/compare/acme-open-2/acme-open-1"
        assert http.get(f"/licenses/{name}", follow_redirects=False).headers["location"] == "/licenses/acme-open-2"


def test_titles_are_escaped_everywhere() -> None:
    http = TestClient(create_app(Path("home"), opener(Replies()), chat=False), base_url="http://127.0.0.1:8000")
    for path in ("/licenses", "/matrix", "/matrix.svg", "/compare", "/compare/acme-open-2/acme-open-1"):
        page = http.get(path).text
        assert "Acme Open License 2 &lt;beta&gt;" in page
        assert "<beta>" not in page


def test_each_cell_of_the_matrix_leads_to_words_in_its_clause(http: TestClient, over: Pipeline) -> None:
    page = http.get("/matrix").text
    links = re.findall(
        r'class="m-[a-z-]+(?: by-rule)?"><a href="/source/([^?"]+)\?start=(\d+)&amp;end=(\d+)#([^"]+)"', page
    )
    assert len(links) >= 30
    for document, start, end, path in links:
        clause = over.store.clause(f"{document}#{path}")
        assert clause.span.start <= int(start) < int(end) <= clause.span.end
    assert rows(page) == ["apache-2.0", "llama-2-license-2023", META, "mit"]


def test_the_matrix_is_sorted_and_narrowed_by_its_address(http: TestClient) -> None:
    # What a text says of training on outputs: forbidden, with a condition, not a word.
    page = http.get("/matrix?sort=train-on-outputs").text
    assert rows(page)[:2] == ["llama-2-license-2023", META]
    assert 'aria-sort="ascending"><a data-query href="/matrix?sort=train-on-outputs&amp;dir=down"' in page
    assert rows(http.get("/matrix?sort=title&dir=down").text) == ["mit", META, "llama-2-license-2023", "apache-2.0"]
    chosen = http.get("/matrix?license=mit&license=apache-2.0&q=mit").text
    assert rows(chosen) == ["mit"]
    assert chosen.count("data-row") == 2
    assert http.get("/matrix?license=mit&license=mit").text == http.get("/matrix?license=mit").text


def test_the_files_of_the_matrix_hold_what_the_page_shows(http: TestClient) -> None:
    answer = http.get("/matrix.csv?class=open-weight&sort=title&dir=down")
    assert answer.headers["content-disposition"] == 'attachment; filename="matrix.csv"'
    lines = list(csv.DictReader(io.StringIO(answer.text)))
    assert [line["id"] for line in lines] == [META, "llama-2-license-2023"]
    assert lines[0]["threshold"] == "requires-separate-license 2"
    picture = http.get("/matrix.svg?license=mit")
    assert picture.headers["content-type"] == "image/svg+xml"
    drawn = ElementTree.fromstring(picture.text)
    words = [text.text.strip() for text in drawn.iter("{http://www.w3.org/2000/svg}text")]
    assert "MIT License" in words
    assert "Apache License 2.0" not in words
    assert words.count("yes") == 5


def test_two_texts_stand_side_by_side_to_the_word(http: TestClient, over: Pipeline) -> None:
    page = http.get(f"/compare/llama-2-license-2023/{META}").text
    body = page[page.index('id="clauses"') :]
    for id, column in (("llama-2-license-2023", 0), (META, 1)):
        sides = re.findall(r'<div class="sides"><div>(.*?)</div><div>(.*?)</div></div>', body, re.S)
        told = {}
        for side in sides:
            place = re.search(rf'href="/source/{id}\?start=\d+&amp;end=\d+#([^"]+)"', side[column])
            words = re.search(r'<p class="words">(.*?)</p>', side[column], re.S)
            if place:
                told[place[1]] = re.sub(r"<[^>]+>|&[#\w]+;|\W", "", words[1])
        for clause in over.store.clauses(id):
            text = re.sub(r"\W", "", clause.span.of(over.store.documents[id].text))
            # How a quotation mark is drawn is no difference, and blank clauses stand nowhere.
            assert told.get(clause.path, "") == text
    assert "<del>" in body
    assert "<ins>" in body


def test_the_chooser_leads_to_the_comparison(http: TestClient) -> None:
    answer = http.get(f"/compare?a=mit&b={META}", follow_redirects=False)
    assert answer.headers["location"] == f"/compare/mit/{META}"
    half = http.get("/compare?a=mit&b=").text
    assert 'name="a" list="texts" value="mit"' in half
    assert "Acme travel" in half


def test_choosing_shows_what_fits_and_the_clause_that_rules_out(http: TestClient) -> None:
    empty = http.get("/choose").text
    assert "appear here" in empty
    assert 'data-when="what=model" hidden disabled' in empty
    page = http.get("/choose?what=model&use=teach&purpose=commercial").text
    assert 'data-when="what=model">' in page
    out = page[page.index('<section id="ruled-out"') :]
    assert "/licenses/llama-2-license-2023" in out
    assert re.search(r'href="/source/llama-2-license-2023\?start=\d+&amp;end=\d+#1\.b\.v"', out)
    fits = page[page.index('<section id="fits"') : page.index('<section id="open"')]
    assert "/licenses/mit" in fits
    assert "<li>Phi-4" in fits


@pytest.mark.parametrize(
    ("path", "status", "says"),
    [
        ("/licenses/mitt", 404, "near are mit"),
        ("/licenses/%3Cb%3E", 404, "&lt;b&gt;"),
        ("/licenses?class=free", 400, "class: &#39;free&#39; is none of open-source"),
        ("/licenses?colour=red", 400, "nothing to filter by"),
        ("/matrix?license=mitt", 404, "near are mit"),
        ("/matrix?sort=beauty", 400, "sort: &#39;beauty&#39; is none of title, class"),
        ("/matrix?dir=left", 400, "is none of up, down"),
        ("/matrix.csv?sort=beauty", 400, "is none of title"),
        ("/compare/mit/mitt", 404, "near are mit"),
        ("/compare/mit/mit", 400, "both are the same text"),
        ("/compare?a=mitt&b=mit", 404, "near are mit"),
        ("/choose?what=boat", 400, "no answer to what"),
        ("/choose?boat=1", 400, "is no question"),
    ],
)
def test_what_cannot_be_shown_is_a_page_with_one_line(http: TestClient, path: str, status: int, says: str) -> None:
    answer = http.get(path)
    assert answer.status_code == status
    assert answer.headers["content-type"].startswith("text/html")
    (line,) = re.findall(r"<p>(.*?)</p>", answer.text, re.S)
    assert says in line
    assert "\n" not in line


def test_no_page_has_a_script_or_style_of_its_own(http: TestClient) -> None:
    for path in ("/licenses", f"/licenses/{META}", "/matrix", "/compare", f"/compare/mit/{META}", "/choose?what=model"):
        answer = http.get(path)
        assert "form-action 'self'" in answer.headers["content-security-policy"]
        assert not re.search(r"<script(?! src=\"/static/)|<style| style=| on\w+=\"", answer.text)
        sources = re.findall(r'(?:src|<link[^>]*href)="([^"]+)"', answer.text)
        assert all(source.startswith("/static/") for source in sources)
