"""Clauses: they partition the text, nest, keep their lead-in, and are numbered as a lawyer cites them."""

import os
import re
import textwrap
import time
from dataclasses import dataclass
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from segment_cases import LICENSES, OWN_TEXTS

from corpus import scancode
from corpus.segment import segment
from corpus.types import Clause, Document, Origin

PART = r"[a-z0-9]+(?:-[a-z0-9]+)*(?:~\d+)?"
PATH = re.compile(rf"{PART}(?:\.{PART})*\Z")


def document(text: str) -> Document:
    return Document("doc", "A document", "license", text, None, None, Origin("test", ""))


def paths(text: str) -> list[str]:
    return [c.path for c in checked(document(text))]


def words(text: str) -> str:
    return " ".join(text.split())


def by_path(text: str) -> dict[str, Clause]:
    return {c.path: c for c in checked(document(text))}


def checked(doc: Document) -> tuple[Clause, ...]:
    """Return the clauses of `doc` after checking all that must hold for any text."""
    clauses = segment(doc)
    assert "".join(c.span.of(doc.text) for c in clauses) == doc.text
    seen: dict[str, Clause] = {}
    last: dict[str | None, Clause] = {}
    end = 0
    for c in clauses:
        assert c.document_id == doc.id
        assert c.id == f"{doc.id}#{c.path}"
        assert c.id not in seen
        assert PATH.match(c.path), c.path
        assert c.span.start == end
        end = c.span.end
        assert len(clauses) == 1 or c.span.of(doc.text).strip()
        assert c.extent.start == c.span.start
        assert c.extent.end >= c.span.end
        if c.parent is not None:
            assert seen[c.parent].extent.contains(c.extent)
        if c.parent in last:
            assert last[c.parent].extent.end <= c.span.start
        if c.lead_in is not None:
            assert c.lead_in.end <= c.span.start
            assert c.lead_in.of(doc.text).strip()
        seen[c.id] = last[c.parent] = c
    assert end == len(doc.text)
    return clauses


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


@settings(deadline=None, max_examples=150)
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


@settings(deadline=None, max_examples=120)
@given(TREES, st.sampled_from(STYLES), LAYOUTS)
def test_a_numbered_text_is_cited_by_its_numbers(tree: list, style: tuple[str, ...], layout: Layout) -> None:
    text, expected = written(tree, style, layout)
    assert paths(text) == expected


@settings(deadline=None, max_examples=60)
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


@pytest.mark.parametrize("key", sorted(OWN_TEXTS))
def test_texts_that_scancode_lacks(key: str) -> None:
    folder = os.environ.get("CLAUSEWISE_TEST_TEXTS")
    if not folder:
        pytest.skip("CLAUSEWISE_TEST_TEXTS names no folder of texts")
    text = (Path(folder) / f"{key}.txt").read_bytes().decode("utf-8").removeprefix("\ufeff")
    holds(document(text), OWN_TEXTS[key])


def holds(doc: Document, expected: dict[str, str]) -> None:
    """Check that the clause of each path starts with the words expected there."""
    found = {c.path: words(c.span.of(doc.text)) for c in checked(doc)}
    for path, start in expected.items():
        assert path in found, f"{path} is missing"
        assert found[path].startswith(start), (path, found[path][:80])


# --- traps


def test_a_wrapped_line_that_starts_with_a_number_is_no_clause() -> None:
    gpl = by_path(scancode.read("gpl-3.0").text)
    text = scancode.read("gpl-3.0").text
    assert "11 of the WIPO copyright treaty" in words(gpl["3"].span.of(text))
    assert [p for p in gpl if p.isdigit()] == [str(n) for n in range(18)]


def test_references_years_and_versions_are_no_clauses() -> None:
    text = """1. Grant. You may use this under section
2. You may not sublicense it, except (i) to affiliates, or
(ii) to contractors listed in version
3. It ends as described in clause
1.2 of the main agreement, in
2024. Any other use is (a) prohibited and
(b) void.

2. Term. One year from 1.1 million downloads.
"""
    assert paths(text) == ["1", "2"]


def test_a_letter_i_goes_on_from_h_and_a_roman_i_starts_a_list() -> None:
    letters = "".join(f"({x}) item {x} of the list;\n" for x in "abcdefg")
    text = f"Rules\n\n{letters}(h) item h, namely:\n    (i) one;\n    (ii) two;\n(i) item i;\n(j) item j.\n"
    assert paths(text) == ["p1", *"abcdefgh", "h.i", "h.ii", "i", "j"]


def test_numbers_that_run_on_through_sections_leave_the_section_out() -> None:
    text = "Section I: First\n\n1. One.\n\n2. Two.\n\nSection II: Second\n\n3. Three.\n\n4. Four.\n"
    assert paths(text) == ["i", "1", "2", "ii", "3", "4"]
    assert by_path(text)["3"].parent == "doc#ii"


def test_numbers_that_start_again_in_each_article_keep_the_article() -> None:
    text = "Article 1 - First\n\n1. One.\n\n2. Two.\n\nArticle 2 - Second\n\n1. Three.\n\n2. Four.\n"
    assert paths(text) == ["article-1", "article-1.1", "article-1.2", "article-2", "article-2.1", "article-2.2"]


def test_repeated_numbers_get_a_count() -> None:
    text = "1. One here.\n\n2. Two here.\n\nOther terms follow.\n\n1. Three here.\n\n2. Four here.\n"
    assert [p for p in paths(text) if p[0] != "p"] == ["1", "2", "1~2", "2~2"]


def test_an_attachment_starts_its_own_numbers() -> None:
    text = "1. One here.\n\n2. Two here.\n\nATTACHMENT A\n\nYou agree not to:\n\n1. harm others;\n\n2. lie.\n"
    assert paths(text) == ["1", "2", "attachment-a", "attachment-a.1", "attachment-a.2"]
    assert by_path(text)["attachment-a"].parent is None


def test_an_attachment_named_in_a_sentence_starts_nothing() -> None:
    text = "1. Notices. They are set out in\nExhibit A of this License, and in\nAppendix B. Keep them.\n\n2. End. It ends.\n"
    assert paths(text) == ["1", "2"]


def test_an_item_keeps_its_lead_in_and_the_paragraph_after_the_list_does_not() -> None:
    text = "3. Limits\nYou may not:\n(a) sell it;\n(b) rent it.\nYou may lend it to a friend.\n\n4. End\nIt ends.\n"
    found = by_path(text)
    assert list(found) == ["p1", "3", "3.a", "3.b", "3.p1", "4"][1:]
    for item in ("3.a", "3.b"):
        lead = found[item].lead_in
        assert lead is not None
        assert lead.of(text) == "You may not:"
    assert found["3.p1"].lead_in is None


def test_items_of_a_list_inside_a_paragraph_stay_together_unless_each_is_a_sentence() -> None:
    kept = "1. Fees. You must (a) pay on time; and (b) keep records.\n\n2. End. It ends.\n"
    assert paths(kept) == ["1", "2"]
    split = "GENERAL TERMS\n\nThese apply. a. Names. You may not use ours. b. Law. The law of Rome applies.\n"
    assert paths(f"THE AGREEMENT\n\nIntroduction.\n\n{split}")[-2:] == ["general-terms.a", "general-terms.b"]


def test_a_text_without_line_breaks_is_cited_by_its_numbers() -> None:
    doc = scancode.read("llama-3.1-license-2024")
    found = paths(words(doc.text))
    assert {"1", "1.a", "1.b", "1.b.i", "1.b.ii", "1.b.iii", "1.b.iv", "2", "5.c", "7"} <= set(found)


def test_definitions_are_cited_by_their_term() -> None:
    text = "Definitions\n\n“Model” means a thing.\n\n“Derivative Work(s)” means another.\n\nPermitted Use\n\nAny use.\n"
    found = by_path(f"THE LICENSE\n\n{text}")
    assert list(found) == ["p1", "definitions", "definitions.model", "definitions.derivative-works", "permitted-use"]
    assert found["definitions.derivative-works"].heading == "Derivative Work(s)"


def test_a_markdown_policy() -> None:
    text = """# AI use

It applies to everyone.

## Approved tools

You may use:

- Copilot
- Claude, provided that:
  - no customer data is entered
  - outputs are reviewed

Other tools need approval.

### Exceptions

Ask first.

## Prohibited uses

**3.1. Data.** Employees must not:

1. upload source code;
2. decide on hiring.

**3.2. People.** Nobody may be watched.
"""
    found = by_path(text)
    assert list(found) == [
        *("p1", "p2", "approved-tools", "approved-tools.1", "approved-tools.2", "approved-tools.2.1"),
        *("approved-tools.2.2", "approved-tools.p1", "approved-tools.exceptions", "prohibited-uses"),
        *("3.1", "3.1.1", "3.1.2", "3.2"),
    ]
    assert found["3.1"].heading == "Data"
    assert found["approved-tools.2.1"].parent == "doc#approved-tools.2"


def test_a_table_of_contents_is_no_list_of_clauses() -> None:
    body = "1. Purpose\nThis has a purpose.\n2. Scope\nEveryone is in it.\n3. Rules\n3.1 Be nice.\n3.2 Be safe.\n"
    expected = ["1", "2", "3", "3.1", "3.2"]
    dots = "Policy\n\nContents\n\n1. Purpose ..... 2\n2. Scope ....... 3\n3. Rules ....... 4\n\n"
    plain = "Contents\n1. Purpose 2\n2. Scope 3\n3. Rules 4\n"
    assert [p for p in paths(dots + body) if p[0].isdigit()] == expected
    assert [p for p in paths(plain + body) if p[0].isdigit()] == expected


def test_items_that_have_only_their_indentation() -> None:
    text = "Policy\n\nYou may not:\n\n    harm people;\n\n    help others to:\n        lie;\n        cheat;\n\n    steal.\n"
    found = by_path(text)
    assert list(found) == ["p1", "p2", "p3", "p4", "p4.p1", "p4.p2", "p5"]
    assert all(c.lead_in for p, c in found.items() if p not in ("p1", "p2"))


def test_comment_signs_and_boxes_are_no_bullets() -> None:
    box = f"* 2. No Warranty {' ' * 40}*\n* It comes as it is, without any. {' ' * 23}*\n"
    assert paths(f"1. Grant\n\nYou may use it.\n\n{box}\n3. End\n\nIt ends.\n") == ["1", "2", "3"]
    comment = "".join(
        f" * {line}\n" for line in ("You may:", "1. use it;", "2. copy it;", "", "and no more.", "", "End.")
    )
    assert paths(f"/*\n{comment} */\n")[:3] == ["p1", "1", "2"]


def test_numbers_in_other_languages() -> None:
    german = "Bedingungen\n\n§ 1 Umfang\n\n(1) Sie gelten.\n\n(2) Immer.\n\n§ 2 Ende\n\n(1) Bald.\n\n(2) Jetzt.\n"
    assert paths(german) == ["p1", "1", "1.1", "1.2", "2", "2.1", "2.2"]
    chinese = "使用条款\n\n第一条 定义\n\n本协议中的模型。\n\n第二条 许可\n\n（一）您可以使用。\n（二）您不得转售。\n"
    assert paths(chinese) == ["p1", "1", "2", "2.1", "2.2"]


def test_the_paragraphs_of_a_page_long_clause_are_cited_one_by_one() -> None:
    paragraph = "This paragraph of the clause goes on for a while. " * 20
    text = f"Preamble\n\n{paragraph}\n\n{paragraph}\n\n{paragraph}\n\n1. Use.\n\n2. End.\n"
    assert paths("THE AGREEMENT\n\n" + text) == [
        "p1",
        "preamble",
        "preamble.p1",
        "preamble.p2",
        "preamble.p3",
        "1",
        "2",
    ]
