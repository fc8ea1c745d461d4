"""The source viewer: to the letter, by clause, with the passage marked; and how little it needs."""

import re
from html.parser import HTMLParser
from pathlib import Path

import pytest
from fastapi.testclient import TestClient
from hypothesis import given
from hypothesis import strategies as st
from web_fakes import OPEN, Replies, Shelf, clauses, opener

from corpus import catalog
from corpus.types import Clause, Document, Origin, Span
from ui.api import create_app
from ui.viewer import Asked, address, source, source_page

STATIC = Path(__file__).parent.parent / "ui" / "static"


class Reader(HTMLParser):
    """Reads a page as a browser does: what stands in which element, CR LF as LF unless written as a reference."""

    def __init__(self, page: str) -> None:
        super().__init__(convert_charrefs=False)
        self.stack: list[tuple[str, dict[str, str]]] = []
        self.tags: list[tuple[str, dict[str, str]]] = []
        self.texts: list[str] = []
        self.marked = ""
        self.headings: list[str] = []
        self.terms: list[tuple[str, dict[str, str]]] = []
        self.described: dict[str, str] = {}
        self.feed(page.replace("\r\n", "\n").replace("\r", "\n"))
        self.close()

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        found = {name: value or "" for name, value in attrs}
        self.tags.append((tag, found))
        if tag not in {"meta", "link", "img", "input", "br"}:
            self.stack.append((tag, found))
            if found.get("class") == "text":
                self.texts.append("")
            if found.get("class") == "term":
                self.terms.append(("", found))

    def handle_endtag(self, tag: str) -> None:
        assert self.stack.pop()[0] == tag

    def handle_data(self, data: str) -> None:
        self._add(data)

    def handle_charref(self, name: str) -> None:
        self._add(chr(int(name.removeprefix("x"), 16 if name.startswith("x") else 10)))

    def handle_entityref(self, name: str) -> None:
        self._add({"amp": "&", "lt": "<", "gt": ">", "quot": '"'}[name])

    def _add(self, text: str) -> None:
        within = [found.get("class", "") for _, found in self.stack]
        if "text" in within:
            self.texts[-1] += text
            if any(tag == "mark" for tag, _ in self.stack):
                self.marked += text
            if "heading" in within:
                self.headings.append(text)
            if "term" in within:
                self.terms[-1] = (self.terms[-1][0] + text, self.terms[-1][1])
        if "words" in within:
            id = next(found["id"] for tag, found in self.stack if tag == "dd")
            self.described[id] = self.described.get(id, "") + text


def http() -> TestClient:
    return TestClient(create_app(Path("home"), opener(Replies()), chat=False), base_url="http://127.0.0.1:8000")


def read(path: str) -> Reader:
    response = http().get(path)
    assert response.status_code == 200
    return Reader(response.text)


def attributes(reader: Reader, tag: str, name: str) -> list[str]:
    return [found[name] for each, found in reader.tags if each == tag and name in found]


def test_the_page_holds_the_text_to_the_letter() -> None:
    assert "".join(read("/source/acme-open-2").texts) == OPEN


# Any characters, and words that define terms, use them, and look like markup.
TEXTS = st.one_of(
    st.text(st.characters(exclude_categories=("Cs",), exclude_characters="\x00")),
    st.lists(
        st.sampled_from(
            (
                *'“Work” means "You" Work You work &amp; <a> \r\n \n\n . Grant Works WORKS'.split(" "),
                "\n\n",
                " ",
                "\r\n",
                "𝄞",
            )
        ),
        max_size=60,
    ).map(" ".join),
)


@given(TEXTS, st.data())
def test_any_text_is_shown_to_the_letter_and_marked_where_asked(text: str, data: st.DataObject) -> None:
    cut = data.draw(st.integers(0, len(text)))
    low, high = sorted((data.draw(st.integers(0, len(text))), data.draw(st.integers(0, len(text)))))
    document = Document("d", "t", "other", text, None, None, Origin("file", "0" * 64))
    parts = clauses("d", text, {"p1": 0, "p2": cut, "1": cut})
    found = Reader(source_page(source(document, parts, catalog.parse(""), {}, Asked(Span(low, high)))))
    assert "".join(found.texts) == text
    spans = [part.span for part in parts]
    visible = [Span(span.start, span.start + len(span.of(text).rstrip())) for span in spans]
    wanted = "".join(text[max(low, span.start) : max(min(high, span.end), low, span.start)] for span in visible)
    assert found.marked == wanted
    named = {each["id"] for tag, each in found.tags if tag == "dd" and "id" in each}
    assert {each["aria-describedby"] for _, each in found.terms} <= named


DEFINED = "“Work” means <what> “we”\r\nmade & sold.\n\nUse the Work, Works and WORKS.\n\nWorkers may use a work.\n"


def defined_page() -> tuple[str, Reader]:
    document = Document("d", "t", "other", DEFINED, None, None, Origin("file", "0" * 64))
    parts = clauses("d", DEFINED, {"p1": 0, "p2": DEFINED.index("Use"), "p3": DEFINED.index("Workers")})
    page = source_page(source(document, parts, catalog.parse(""), {}))
    return page, Reader(page)


def test_a_defined_term_leads_to_its_clause_and_is_described_by_its_words() -> None:
    page, found = defined_page()
    assert [(words, each["href"]) for words, each in found.terms] == [("Work", "#p1")]
    (described,) = {each["aria-describedby"] for _, each in found.terms}
    assert found.described[described] == DEFINED[: DEFINED.index("\n\n")]
    assert "1 defined term<" in page.replace("\n", "")


def test_a_long_definition_is_cut_at_a_word_and_said_to_go_on() -> None:
    text = f"“Work” means {'thing ' * 200}.\n\nThe Work.\n"
    document = Document("d", "t", "other", text, None, None, Origin("file", "0" * 64))
    parts = clauses("d", text, {"p1": 0, "p2": text.index("The Work")})
    (words,) = Reader(source_page(source(document, parts, catalog.parse(""), {}))).described.values()
    assert words.endswith("thing …")
    assert len(words) <= 602
    assert text.startswith(words.removesuffix(" …"))


def test_a_highlight_that_would_cut_a_term_leaves_it_whole() -> None:
    start = DEFINED.index("Work, Works") + 2
    document = Document("d", "t", "other", DEFINED, None, None, Origin("file", "0" * 64))
    parts = clauses("d", DEFINED, {"p1": 0, "p2": DEFINED.index("Use")})
    asked = Asked(Span(start, start + 8))
    found = Reader(source_page(source(document, parts, catalog.parse(""), {}, asked)))
    assert found.marked == "rk, Work"
    assert found.terms == []


def test_every_clause_is_a_link_target_and_stands_in_the_outline() -> None:
    found = read("/source/acme-open-2")
    targets = [each["id"] for tag, each in found.tags if tag == "section"]
    assert targets == ["p1", "1", "2", "2.a", "2.b", "3"]
    links = [href for href in attributes(found, "a", "href") if href.startswith("#")]
    assert {f"#{path}" for path in targets} <= set(links)
    assert len({each["id"] for _, each in found.tags if "id" in each}) == len(
        [1 for _, each in found.tags if "id" in each]
    )


def test_headings_are_set_apart() -> None:
    assert read("/source/acme-open-2").headings == ["Grant", "Limits"]


def test_the_passage_of_a_link_is_marked() -> None:
    start = OPEN.index("copy & sell")
    assert read(f"/source/acme-open-2?start={start}&end={start + 11}").marked == "copy & sell"
    assert read("/source/acme-open-2").marked == ""


def test_a_passage_over_two_clauses_is_marked_in_both() -> None:
    start, end = OPEN.index("remove"), OPEN.index("sue") + 3
    found = read(f"/source/acme-open-2?start={start}&end={end}")
    assert "".join(found.marked.split()) == "".join(OPEN[start:end].split())


@pytest.mark.parametrize(
    "query",
    ["start=9&end=5", "start=0&end=99999", "start=x&end=2", "start=1", "end=3", "start=5&end=5", "start=²&end=³"],
)
def test_a_passage_that_cannot_be_is_said_and_the_text_is_shown(query: str) -> None:
    page = http().get(f"/source/acme-open-2?{query}").text
    assert "is not in this text" in page
    assert "".join(Reader(page).texts) == OPEN


def test_the_head_says_what_the_text_is() -> None:
    page = http().get("/source/acme-open-2").text
    words = (
        "Acme Open License 2 &lt;beta&gt;",
        "2025-02-03",
        "Source available",
        "scancode:1.2.3",
        "Acme &amp; Sons",
        "LicenseRef-Acme-2",
        Shelf().records["acme-open-2"].origin.sha256,
        "read together",
        "/source/acme-policy",
        "/source/acme-open-1",
        "https://acme.example/brand",
    )
    assert [word for word in words if word not in page] == []
    older = http().get("/source/acme-open-1").text
    assert "later version" in older
    assert 'href="/compare/acme-open-1/acme-open-2"' in older
    assert "/source/acme-open-2" in http().get("/source/acme-policy").text


def test_pages_of_a_printed_file_are_named() -> None:
    page = http().get("/source/house-rules").text
    assert re.findall(r">page (\d)</a>", page) == ["1", "2"]
    assert "?page=2&amp;start=10&amp;end=19#p2" in page


def test_a_former_name_leads_to_the_text_with_its_passage() -> None:
    web = http()
    for name in ("acme-2", "acme-alias"):
        response = web.get(f"/source/{name}?start=1&end=9", follow_redirects=False)
        assert response.headers["location"] == "/source/acme-open-2?start=1&end=9"


def test_a_text_that_is_not_on_file_is_a_page() -> None:
    response = http().get("/source/<script>")
    assert response.status_code == 404
    assert "<script>" not in response.text
    assert "clausewise index status" in response.text


def test_all_texts_are_listed_by_class() -> None:
    page = http().get("/source").text
    titles = re.findall(r'<h2 id="group-\d">([^<]+)</h2>', page)
    assert titles == ["Your files", "Policies and notices", "Source available"]
    links = [href for href in attributes(Reader(page), "a", "href") if href.startswith("/source/")]
    assert sorted(links) == [f"/source/{id}" for id in sorted(Shelf().texts)]


def test_a_page_loads_nothing_from_elsewhere_and_runs_nothing_inline() -> None:
    for path in ("/source/acme-open-2", "/source", "/source/none"):
        found = Reader(http().get(path).text)
        loaded = [
            *attributes(found, "script", "src"),
            *attributes(found, "img", "src"),
            *attributes(found, "link", "href"),
        ]
        assert all(address.startswith("/static/") for address in loaded)
        assert "style" not in {tag for tag, _ in found.tags}
        assert not any(name == "style" or name.startswith("on") for _, each in found.tags for name in each)
        assert all("src" in each for tag, each in found.tags if tag == "script")


def test_the_static_files_name_no_other_host() -> None:
    files = [*STATIC.glob("*.css"), *STATIC.glob("*.js")]
    assert len(files) >= 4
    for file in files:
        assert not re.search(r"(?:https?:)?//[\w.-]+\.\w", file.read_text(encoding="utf-8")), file.name


def test_the_page_reads_without_a_script() -> None:
    """What only a script can do is hidden until the script shows it."""
    page = http().get("/source/acme-open-2").text
    for name in ('button type="button" class', 'p class="keys"', 'div class="find"', 'span class="count"'):
        found = re.findall(f"<{name}[^>]*>", page)
        assert found, name
        assert all(" hidden" in tag for tag in found), name


def test_landmarks_are_there() -> None:
    found = read("/source/acme-open-2")
    tags = [tag for tag, _ in found.tags]
    assert (tags.count("main"), tags.count("h1")) == (1, 1)
    assert {"header", "nav", "article", "footer"} <= set(tags)
    assert ("a", {"class": "skip", "href": "#main"}) in found.tags
    assert ("html", {"lang": "en"}) in found.tags


def luminance(colour: str) -> float:
    parts = [int(colour[at : at + 2], 16) / 255 for at in (1, 3, 5)]
    red, green, blue = (part / 12.92 if part <= 0.03928 else ((part + 0.055) / 1.055) ** 2.4 for part in parts)
    return 0.2126 * red + 0.7152 * green + 0.0722 * blue


def test_the_colours_have_contrast() -> None:
    css = (STATIC / "viewer.css").read_text(encoding="utf-8")
    themes = re.findall(r":root \{(.*?)\}", css, re.S)[:2]
    assert len(themes) == 2
    for theme in themes:
        colour = dict(re.findall(r"--([\w-]+): (#[0-9a-f]{6})", theme))
        for ink, paper in [
            ("ink", "paper"),
            ("soft", "paper"),
            ("soft", "panel"),
            ("accent", "paper"),
            ("accent", "target"),
            ("ink", "target"),
            ("ink", "accent-soft"),
            ("mark-ink", "mark"),
            ("mark-ink", "found"),
        ]:
            light, dark = sorted((luminance(colour[ink]), luminance(colour[paper])), reverse=True)
            assert (light + 0.05) / (dark + 0.05) >= 4.5, (ink, paper)


@pytest.mark.parametrize(
    ("parts", "path"),
    [
        (("mit",), "/source/mit"),
        (("mit", "1.b~2"), "/source/mit#1.b~2"),
        (("mit", "1", Span(3, 9)), "/source/mit?start=3&end=9#1"),
        (("a b", 'x"<y'), "/source/a%20b#x%22%3Cy"),
    ],
)
def test_an_address_is_safe_in_any_link(parts: tuple, path: str) -> None:
    assert address(*parts) == path


def test_clauses_in_a_circle_do_not_hang_the_page() -> None:
    text = "a\nb\n"
    spans = Span(0, 2), Span(2, 4)
    ring = (
        Clause("d#1", "d", "1", "", spans[0], spans[0], parent="d#2"),
        Clause("d#2", "d", "2", "", spans[1], spans[1], parent="d#1"),
    )
    document = Document("d", "t", "other", text, None, None, Origin("file", "0" * 64))
    assert "".join(Reader(source_page(source(document, ring, catalog.parse(""), {}))).texts) == text
