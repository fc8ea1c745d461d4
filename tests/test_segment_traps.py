"""Traps of the segmenter: what looks like a number and is none, lost numbers, lists without marks, policies."""

from segment_checks import by_path, paths, words

from corpus import scancode


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
