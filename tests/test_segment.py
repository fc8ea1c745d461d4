"""Clauses: they partition any text, nest, and are numbered as a lawyer cites them."""

import textwrap
import time
from dataclasses import dataclass

import needs
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from segment_cases import LICENSES, OWN_TEXTS
from segment_checks import checked, document, paths, words

from corpus import scancode
from corpus.segment import segment
from corpus.types import Document

# --- any text


PIECES = st.sampled_from(
    [
        *"\n\t .:;aZ,-*",
        *("\n\n", "\r\n", "\r", "\f", "# ", "## ", "**", "1. ", "2. ", "3) ", "(a) ", "(b) ", "(i) ", "(ii) ", "i. "),
        *("1.1 ", "1.2. ", "II. ", "- ", "* ", "• ", "    ", "Section 1: ", "Section 2 ", "Article 3 - ", "§ 4 "),
        *(
            "EXHIBIT A\n",
            "Appendix: Use\n",
            "第一条 ",
            "“Model” means ",
            "You may not:\n",
            "Terms. The text ",
            "=====\n",
        ),
        *("Prohibited Uses", "NO WARRANTY", "it ends here.\n", "\u2028", "\ufeff", "…", "1. 1. 1. ", "99999999999. "),
    ]
)


@settings(max_examples=150)
@given(st.one_of(st.text(max_size=300), st.lists(PIECES, max_size=60).map("".join)))
def test_any_text_is_partitioned_into_clauses_with_unique_ids(text: str) -> None:
    assert checked(document(text)) == segment(document(text))


def test_an_empty_text_has_no_clause() -> None:
    assert segment(document("")) == ()


def test_white_space_alone_is_one_clause() -> None:
    assert paths(" \n\n\t ") == ["p1"]


# --- structured texts: what was numbered must come back


@dataclass(frozen=True)
class Layout:
    gaps: bool
    indent: int
    width: int
    crlf: bool


STYLES = (
    ("{n}. ", "{a}. ", "{r}. "),
    ("{n}. ", "({a}) ", "({r}) "),
    ("{n}) ", "{a}) ", "{r}) "),
    ("Section {n}: ", "({a}) ", "({r}) "),
    ("{R}. ", "{A}. ", "{n}. "),
    ("{n}. ", "{d} ", "({a}) "),
)
ROMAN = ("i", "ii", "iii", "iv", "v", "vi", "vii", "viii", "ix", "x", "xi", "xii")
SENTENCES = st.sampled_from(
    [
        "You may copy the software for any purpose that this agreement names, and for no other.",
        "The licensor gives no warranty of any kind, and is not liable under section\n2 of this agreement.",
        "This grant covers (i) source code and (ii) object code, each as described in version 2.0 of the manual.",
        "Nothing in this text limits the rights of third parties under Article 11 of the treaty of 1996.",
        "Each party must keep the other's secrets for 5 years, e.g. prices, plans and source code.",
    ]
)
TREES = st.recursive(
    st.lists(SENTENCES, min_size=2, max_size=4),
    lambda below: st.lists(st.tuples(SENTENCES, below), min_size=2, max_size=4),
    max_leaves=12,
)
LAYOUTS = st.builds(Layout, st.booleans(), st.sampled_from([0, 4]), st.sampled_from([72, 9999]), st.booleans())


def written(tree: list, style: tuple[str, ...], layout: Layout) -> tuple[str, list[str]]:
    """Return a text of that outline and layout, and the paths that its clauses must have."""
    blocks: list[str] = ["THE AGREEMENT"]
    expected = ["p1"]

    def write(nodes: list, depth: int, above: tuple[int, ...], base: str) -> None:
        for i, node in enumerate(nodes, 1):
            sentence, below = node if isinstance(node, tuple) else (node, [])
            number = (*above, i)
            names = {"n": str(i), "a": "abcdefgh"[i - 1], "r": ROMAN[i - 1], "d": ".".join(map(str, number))}
            names |= {"A": names["a"].upper(), "R": names["r"].upper()}
            mark = style[depth].format(**names)
            pad = " " * (layout.indent * depth)
            text = mark + words(sentence)
            blocks.append(textwrap.fill(text, layout.width, initial_indent=pad, subsequent_indent=pad))
            label = {"{n}": names["n"], "{a}": names["a"], "{A}": names["a"], "{r}": names["r"], "{R}": names["r"]}
            part = next((v for k, v in label.items() if k in style[depth]), str(i))
            path = f"{base}.{part}" if base else part
            expected.append(path)
            if below and depth < 2:
                write(below, depth + 1, number, path)

    write(tree, 0, (), "")
    end = "\r\n" if layout.crlf else "\n"
    return ("\n\n" if layout.gaps else "\n").join(blocks).replace("\n", end), expected


@settings(max_examples=120)
@given(TREES, st.sampled_from(STYLES), LAYOUTS)
def test_a_numbered_text_is_cited_by_its_numbers(tree: list, style: tuple[str, ...], layout: Layout) -> None:
    text, expected = written(tree, style, layout)
    assert paths(text) == expected


@settings(max_examples=60)
@given(st.lists(SENTENCES, min_size=1, max_size=8), st.booleans())
def test_unnumbered_paragraphs_are_counted(found: list[str], crlf: bool) -> None:
    text = "\n\n".join(textwrap.fill(words(s), 72) for s in found)
    assert paths(text.replace("\n", "\r\n") if crlf else text) == [f"p{i}" for i in range(1, len(found) + 1)]


# --- the installed license texts


QUICK = scancode.keys()[::25]


@pytest.mark.parametrize("key", QUICK)
def test_a_sample_of_the_installed_texts(key: str) -> None:
    checked(scancode.read(key))


@pytest.mark.slow
def test_all_installed_texts_in_under_a_minute() -> None:
    texts = [doc for doc in map(scancode.read, scancode.keys()) if doc.text.strip()]
    assert len(texts) > 2500
    start = time.process_time()
    first = [segment(doc) for doc in texts]
    assert time.process_time() - start < 60
    for doc, clauses in zip(texts, first, strict=True):
        assert checked(doc) == clauses


@pytest.mark.slow
def test_line_ends_change_no_id() -> None:
    for key in scancode.keys()[::10]:
        doc = scancode.read(key)
        unix = doc.text.replace("\r\n", "\n").replace("\r", "\n")
        dos = unix.replace("\n", "\r\n")
        assert [c.path for c in segment(document(unix))] == [c.path for c in segment(document(dos))], key


@pytest.mark.parametrize("key", sorted(LICENSES))
def test_clauses_are_numbered_as_a_lawyer_cites_them(key: str) -> None:
    holds(scancode.read(key), LICENSES[key])


def test_the_table_covers_the_ai_and_data_licenses() -> None:
    assert len(LICENSES) >= 30


@needs.texts
@pytest.mark.parametrize("key", sorted(OWN_TEXTS))
def test_texts_that_scancode_lacks(key: str) -> None:
    text = (needs.TEXTS / f"{key}.txt").read_bytes().decode("utf-8").removeprefix("\ufeff")
    holds(document(text), OWN_TEXTS[key])


def holds(doc: Document, expected: dict[str, str]) -> None:
    """Check that the clause of each path starts with the words expected there."""
    found = {c.path: words(c.span.of(doc.text)) for c in checked(doc)}
    for path, start in expected.items():
        assert path in found, f"{path} is missing"
        assert found[path].startswith(start), (path, found[path][:80])
