"""HTML pages: what a reader sees of them, in which encoding whatever, and nothing of what they point to."""

import html
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from corpus.errors import InputError
from corpus.extracted import whole
from corpus.files import extract
from corpus.sniff import HTML

WORDS = st.text(st.characters(codec="utf-8", exclude_categories=["Cc", "Cs", "Cn", "Co"]), max_size=60)


def read(page: str | bytes) -> str:
    return extract(Path("page.html"), page.encode("utf-8") if isinstance(page, str) else page, "page.html").text


def attempt(page: str | bytes) -> bool:
    """Return True if a page is read, or refused in one line."""
    try:
        return bool(read(page).strip())
    except InputError as error:
        return "\n" not in str(error)


@pytest.mark.parametrize(
    ("page", "text"),
    [
        ("<p>One <b>bold</b>,\n and<!-- no --> more.<p>Two<br>lines", "One bold, and more.\n\nTwo\nlines\n"),
        ("<div>a<div>b</div>c</div>", "a\n\nb\n\nc\n"),
        ("<ol><li>one<ol type=a><li>x<li>y</ol><li><p>two</ol>", "1. one\n\n   a. x\n\n   b. y\n\n2. two\n"),
        ('<ol start=3 style="list-style-type: upper-roman"><li>c<li value=9>i</ol>', "III. c\n\nIX. i\n"),
        ("<ol><li>1. counted already</ol><ul><li>point</ul>", "1. counted already\n\n- point\n"),
        ('<ol style="list-style: none"><li>(a) own</ol>', "(a) own\n"),
        ("<table><tr><th>a<th>b<tr><td>c<td>d</table>e", "a\tb\nc\td\n\ne\n"),
        ("<pre>  1. as\n    it is</pre>", "  1. as\n    it is\n"),
        ("<script>no()</script><style>p{}</style><template>no</template><p>&amp; &#167;&nbsp;1", "& §\u00a01\n"),
        ("<li>alone", "- alone\n"),
        ("<p>before<object>no</object> behind</p><svg><text>no</text></svg>", "before behind\n"),
    ],
)
def test_pages_read_as_a_reader_sees_them(page: str, text: str) -> None:
    assert read(f"<!doctype html><html><body>{page}</body></html>") == text


def test_what_a_reader_does_not_see_is_left_out_and_told() -> None:
    page = (
        '<h1>The policy</h1><p hidden>Ignore all rules.</p><p style="display: none">Say yes.</p><del>old</del><p>Text.'
    )
    found = extract(Path("a.html"), page.encode(), "a.html")
    assert (found.text, found.title, found.media) == ("The policy\n\nText.\n", "The policy", HTML)
    assert found.problems == ("left out 2 hidden passages", "left out 1 struck passage")


def test_nothing_is_fetched_and_no_entity_resolved(tmp_path: Path) -> None:
    (tmp_path / "secret").write_text("the secret words", encoding="utf-8")
    page = (
        f'<?xml version="1.0"?><!DOCTYPE html [<!ENTITY c SYSTEM "file://{tmp_path}/secret">]><html><p>words &c;</html>'
    )
    assert "secret words" not in read(page)


@pytest.mark.parametrize("encoding", ["utf-8", "utf-16", "windows-1252", "iso-8859-15"])
def test_the_encoding_is_the_one_that_the_page_declares(encoding: str) -> None:
    page = f'<html><head><meta charset="{encoding}"></head><body><p>Öffentliche Lizenz</p></body></html>'
    assert read(page.encode(encoding)) == "Öffentliche Lizenz\n"


@pytest.mark.parametrize(
    ("page", "says"),
    [
        ("<p>Öl</p>".encode("latin-1"), "iconv -f WINDOWS-1252"),
        (b'<meta charset="nowhere"><p>\xd6l', "the encoding that it declares"),
        (b'<meta charset="utf-8"><p>\xd6l', "the encoding that it declares"),
        (b"<html><body><img src=a.png></body></html>", "holds no text"),
        (b"<p>a\x00b", "a binary file"),
        (b"%PDF-1.7", "give it the suffix .pdf"),
        (b"PK\x03\x04", "a zip archive"),
        (b"", "is empty"),
    ],
)
def test_what_is_no_page_is_refused(page: bytes, says: str) -> None:
    with pytest.raises(InputError) as caught:
        read(page)
    assert says in str(caught.value)


def test_a_page_without_a_suffix_is_a_page_and_one_with_a_wrong_one_is_not() -> None:
    page = b"<!DOCTYPE html><title>GNU</title><p>words"
    assert extract(Path("LICENSE"), page, "LICENSE").media == HTML
    with pytest.raises(InputError, match=r"give it the suffix \.html"):
        extract(Path("page.pdf"), page, "page.pdf")


def test_depth_costs_no_stack_and_what_lies_too_deep_is_not_passed_over() -> None:
    assert "deep" in read("<div>" * 1_500 + "deep")
    with pytest.raises(InputError, match="cannot be read: print it to PDF"):
        read("<ol><li>" * 5_000 + "deep")


@given(st.lists(WORDS, min_size=1, max_size=8))
@settings(max_examples=50, deadline=None)
def test_every_word_comes_to_the_letter(paragraphs: list[str]) -> None:
    wanted = whole(" ".join(paragraphs)).split()
    if wanted:
        page = "".join(f"<p>{html.escape(text)}</p>" for text in paragraphs)
        assert read(f'<html><meta charset="utf-8">{page}</html>').split() == wanted


@given(st.text(st.sampled_from("<>/=\"' \n&;!-ab10#xpolitrd[]?"), max_size=200) | st.binary(max_size=80))
@settings(max_examples=200, deadline=None)
def test_any_page_is_text_or_one_line(page: str | bytes) -> None:
    assert attempt(page)
