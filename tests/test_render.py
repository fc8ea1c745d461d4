"""An answer as Markdown: everything stands in it, and nothing a document says is more than text."""

from dataclasses import replace

from hypothesis import given
from hypothesis import strategies as st
from markdown_it import MarkdownIt

from rag.types import Answer, Citation, Coverage, Duty, Facts, Finding, LeadIn, MissingFact, Statement
from ui.render import FOOTER, clean, escape, markdown

CITATION = Citation(
    n=1,
    document="acme-1.0",
    title="Acme License",
    version="2024-07-23",
    clause="1.b.i",
    heading="Redistribution and Use",
    quote="provide a copy of this Agreement\nwith any such materials",
    start=10,
    end=66,
    lead_in=LeadIn(0, 9, "You shall:"),
    page=3,
    sha256="0" * 64,
    url="/source/acme-1.0#1.b.i",
)
ANSWER = Answer(
    id="q1",
    question="Can I sell it?",
    verdict="conditional",
    basis="express-grant",
    text="You may sell it if you pass the license on [1].",
    statements=(Statement("You may sell it if you pass the license on.", "text", (1,)),),
    citations=(CITATION,),
    documents=("acme-1.0",),
    depends_on=("duties", "facts"),
    findings=(
        Finding("sell", "adapter", "acme-1.0", "conditional", "express-grant", (1,)),
        Finding("train-on-outputs", "outputs", "acme-1.0", "no", "express-prohibition"),
    ),
    conditions=(
        Duty("display-mark", "Built with Acme", "distributor", "distribution", "condition", "Display the mark.", (1,)),
    ),
    facts=Facts(
        {"commercial": True, "revenue": 1000000},
        {"users": "below 700 million"},
        (MissingFact("principal_place", "Where is your principal place of business?", "Outside the EU: no change."),),
    ),
    coverage=(Coverage("acme-1.0", 31, 40),),
    problems=("The model's license is unverified.",),
)
MARKDOWN = MarkdownIt("commonmark").enable(["table", "strikethrough"])


def shown(text: str) -> str:
    """Return what a Markdown reader shows of `text`, one line a block."""
    blocks = (token.children or () for token in MARKDOWN.parse(text) if token.type == "inline")
    return "\n".join("".join("\n" if t.type == "softbreak" else t.content for t in block) for block in blocks)


def test_every_part_of_the_answer_is_shown() -> None:
    text = shown(markdown(ANSWER, base_url="http://127.0.0.1:8000"))
    assert text.splitlines() == [
        "Verdict: conditional (express grant; depends on duties, facts)",
        "You may sell it if you pass the license on [1].",
        *("Document", "Act", "Asset", "Verdict", "Basis", "Sources"),
        *("acme-1.0", "sell", "adapter", "conditional", "express grant", "[1]"),
        *("acme-1.0", "train on outputs", "outputs", "no", "express prohibition", ""),
        "Conditions",
        "[ ] Display the mark. Exact words: “Built with Acme”. (who: distributor; when: distribution) [1]",
        "Facts",
        "Given: commercial: yes; revenue: 1,000,000",
        "Assumed: users: below 700 million",
        "Missing: Where is your principal place of business? Outside the EU: no change.",
        "Read: acme-1.0, 31 of 40 clauses.",
        "Note",
        "The model's license is unverified.",
        "Sources",
        "[1] Acme License (2024-07-23), 1.b.i, Redistribution and Use, page 3: “You shall:” … "
        "“provide a copy of this Agreement with any such materials” open",
        FOOTER,
    ]


def test_the_link_leads_to_the_clause_in_the_viewer() -> None:
    assert "[open](http://127.0.0.1:8000/source/acme-1.0#1.b.i)" in markdown(ANSWER, "http://127.0.0.1:8000")
    assert "[open](/source/acme-1.0#1.b.i)" in markdown(ANSWER)


def test_a_bare_answer_has_verdict_text_and_footer_only() -> None:
    bare = Answer("q", "?", "abstain", "not-on-file", "No text on file says so.", (), (), ())
    assert shown(markdown(bare)).splitlines() == ["Verdict: abstain (not on file)", "No text on file says so.", FOOTER]


def test_exact_words_that_the_condition_holds_are_not_said_twice() -> None:
    held = replace(ANSWER.conditions[0], text="Display “Built with Acme”.")
    assert "[ ] Display “Built with Acme”. (who" in markdown(replace(ANSWER, conditions=(held,)))


def test_one_finding_is_the_headline_and_needs_no_table() -> None:
    assert "| Document |" not in markdown(replace(ANSWER, findings=ANSWER.findings[:1]))


def test_a_hostile_quote_neither_links_nor_formats_nor_steers_the_terminal() -> None:
    hostile = "![x](http://evil.example/p.png) <script>alert(1)</script> | **no** \x1b[2J\u202egnp.exe `code` [1]: x"
    nasty = replace(CITATION, quote=hostile, title="# A | B\n- c", url="/source/x#a) [y](http://evil.example) <b>")
    tokens = MARKDOWN.parse(markdown(replace(ANSWER, citations=(nasty,))))
    inline = [t for token in tokens for t in token.children or ()]
    assert not {t.type for t in inline} & {"image", "html_inline", "code_inline"}
    assert not {t.type for t in tokens} & {"html_block", "heading_open", "fence"}
    links = [t.attrs["href"] for t in inline if t.type == "link_open"]
    assert links == ["/source/x#a%29%20%5By%5D%28http://evil.example%29%20%3Cb%3E"]
    assert "\x1b" not in markdown(replace(ANSWER, citations=(nasty,), text="\x1b]0;title\x07"))


@given(st.text(alphabet=st.characters(codec="utf-8"), max_size=60))
def test_escaped_text_reads_as_it_was_written(text: str) -> None:
    written = " ".join(clean(text).split())
    assert shown(escape(text)) == written
    assert shown(f"- {escape(text)}") == written


@given(st.text(alphabet="|*_\\`<>[]#-+=~0123. \n", max_size=30))
def test_escaped_text_fills_one_cell_of_a_table(text: str) -> None:
    row = f"| a | b |\n| --- | --- |\n| {escape(text)} | x |"
    assert shown(row).splitlines()[3:] == ["x"] if not text.split() else shown(row).endswith("\nx")


def test_clean_keeps_the_letters_of_every_script() -> None:
    assert clean("Ünïcode – 中文 עברית\tx\r\ny\rz") == "Ünïcode – 中文 עברית\tx\ny\nz"
    assert clean("a\x00b\x9bc\ud800d") == "a\ufffdb\ufffdc\ufffdd"
