"""The three forms of a memo, read back: each quotation to the letter, each note and link where it leads."""

import io
import re
from dataclasses import replace
from pathlib import Path

import docx
import pytest
from docx.opc.constants import RELATIONSHIP_TYPE
from docx.oxml.ns import qn
from hypothesis import given, settings
from hypothesis import strategies as st
from markdown_it import MarkdownIt
from pypdf import PdfReader
from reportlab.pdfbase import pdfmetrics
from test_memo import answer, memo
from web_fakes import Shelf

from corpus.errors import InputError, StoreError
from corpus.types import Document, Origin
from ui import memo_fonts, memo_forms
from ui.memo import DISCLAIMER, Memo, SignOff, shown
from ui.memo_fonts import lacking

ODD = st.text(st.characters(exclude_categories=("Cs",)), min_size=1, max_size=60)


def folded(text: str) -> str:
    return "".join(text.split())


def word(made: Memo) -> tuple[str, str, "docx.document.Document"]:
    """Return the words of the body, those of the footnotes, and the document."""
    document = docx.Document(io.BytesIO(memo_forms.written(made, "docx")))
    notes = document.part.part_related_by(RELATIONSHIP_TYPE.FOOTNOTES)
    part = docx.oxml.parse_xml(notes.blob)
    return _words(document.element), _words(part), document


def _words(element) -> str:
    return "".join(each.text or "" for each in element.iter(qn("w:t")))


def pdf(made: Memo) -> tuple[str, PdfReader]:
    reader = PdfReader(io.BytesIO(memo_forms.written(made, "pdf")))
    return printed(reader), reader


def printed(reader: PdfReader) -> str:
    """Return the words of the pages without white space and page feet, so that what runs over a page is whole."""
    pages = []
    for number, page in enumerate(reader.pages, start=1):
        foot, text = folded(f"{DISCLAIMER} Page {number}"), folded(page.extract_text())
        assert foot in text
        pages.append(text.replace(foot, "", 1))
    return "".join(pages)


def markdown(made: Memo) -> str:
    """Return what a reader of Markdown sees, footnotes as they stand."""
    text = memo_forms.written(made, "md").decode()
    tokens = MarkdownIt("commonmark").enable("table").parse(text)
    inline = [child for token in tokens for child in token.children or ()]
    return " ".join(child.content for child in inline if child.type in ("text", "code_inline"))


def odd(text: str) -> Memo:
    """Return the memo of an answer that asks, quotes and says `text`."""
    shelf = Shelf()
    shelf.documents["odd"] = Document("odd", text, "other", text, None, None, Origin("file", "f" * 64))
    one = answer(question=text, problems=(text,), facts=replace_facts(text))
    one["citations"][0].update(document="odd", title=text, quote=text, start=0, end=len(text), sha256="f" * 64)
    one["citations"][0].update(clause=text, heading=text, version=text)
    one["conditions"][0].update(exact=text, text="Say so.")
    one["positions"] = [
        {"date": "2026-01-01", "signed_by": text, "verdict": "no", "question": text, "note": text, "changed": [text]}
    ]
    one["positions"][0]["url"] = "/positions#x"
    return memo(one, shelf=shelf)


def replace_facts(text: str):
    from rag.types import Facts, MissingFact

    return Facts({"k": text}, {"k": text}, (MissingFact("k", text, text),))


def test_word_has_real_footnotes_with_the_quotations_and_links() -> None:
    made = memo(answer())
    body, notes, document = word(made)
    for note in made.notes:
        assert f"“{note.quote}” {note.source}" in notes
        assert note.quote not in body
    assert "“You may not:” … “(a) remove *notices*" in notes
    numbers = [int(each.get(qn("w:id"))) for each in document.element.iter(qn("w:footnoteReference"))]
    assert numbers == [1, 2]
    fields = [each.get(qn("w:instr")) for each in document.element.iter(qn("w:fldSimple"))]
    assert fields
    assert all(re.fullmatch(r" NOTEREF note_[12] \\f \\h ", field) for field in fields)
    marks = {each.get(qn("w:name")) for each in document.element.iter(qn("w:bookmarkStart"))}
    assert marks == {"note_1", "note_2"}
    part = document.part.part_related_by(RELATIONSHIP_TYPE.FOOTNOTES)
    links = {each.target_ref for each in part.rels.values() if each.is_external}
    assert links == {note.url for note in made.notes}


def test_word_says_all_that_a_memo_must() -> None:
    body, _, document = word(memo(answer()))
    for heading in (
        "Answer",
        "Facts",
        "Findings",
        "Reasons",
        "Conditions",
        "Assumptions",
        "Questions for counsel",
        "Texts",
    ):
        assert heading in {each.text for each in document.paragraphs}
    boxes = list(document.element.iter("{http://schemas.microsoft.com/office/word/2010/wordml}checkbox"))
    assert (len(boxes), body.count("☐")) == (4, 4)  # a condition, and three decisions to choose from
    assert " PAGE " in document.sections[0].footer.part.element.xml
    assert "Exact words: “Built & sold”" in body
    for text in memo(answer()).texts:
        assert text.sha256 in body
    assert "Signature" in body
    assert "Information, not legal advice." in body


def test_pdf_has_numbered_notes_linked_both_ways_and_to_the_viewer() -> None:
    made = memo(answer())
    text, reader = pdf(made)
    for note in made.notes:
        assert folded(note.quote) in text
    annotations = [each.get_object() for page in reader.pages for each in page.get("/Annots", ())]
    outside = {each["/A"]["/URI"] for each in annotations if "/A" in each and "/URI" in each["/A"]}
    assert {note.url for note in made.notes} <= outside
    # Two notes, and where each is first referred to: page and height on it.
    inside = {tuple(map(str, each["/Dest"])) for each in annotations if "/Dest" in each}
    assert len(inside) == 4
    for said in ("Assumptions", "Questions for counsel", "Signature", "Information, not legal advice.", "a" * 64):
        assert folded(said) in text
    fonts = [font.get_object() for page in reader.pages for font in page["/Resources"]["/Font"].values()]
    assert fonts
    assert all("/FontFile2" in font["/FontDescriptor"] for font in fonts)  # it looks the same on any machine
    assert reader.metadata is not None
    assert reader.metadata.title == "License memo"


def test_markdown_has_footnotes_and_stays_text() -> None:
    made = memo(answer())
    text = memo_forms.written(made, "md").decode()
    for note in made.notes:
        assert f"[^{note.n}]: " in text
        assert note.url in text
        assert folded(note.quote) in folded(markdown(made))
    assert "<freely>" not in re.sub(r"\\.", "", text)


def test_warnings_and_sign_offs_stand_in_every_form() -> None:
    shelf = Shelf()
    del shelf.documents["acme-open-2"]
    made = memo(answer(), shelf=shelf)
    by = SignOff("Ada & Co.", "2026-02-03", "See minutes.")
    made = replace(made, parts=(replace(made.parts[0], signed=(by,)),))
    for shown_text in (word(made)[0], pdf(made)[0], markdown(made)):
        assert folded("is no longer on file") in folded(shown_text)
        assert folded("Signed off by Ada & Co. on 2026-02-03. See minutes.") in folded(shown_text)


@settings(max_examples=10, deadline=None)
@given(ODD)
def test_any_text_stands_in_the_word_file(text: str) -> None:
    made = odd(text)
    body, notes, _ = word(made)
    assert folded(f"“{shown(text)}”") in folded(notes)
    assert folded(shown(text)) in folded(body)


@settings(max_examples=10, deadline=None)
@given(ODD)
def test_any_text_stands_in_the_markdown_file_as_text(text: str) -> None:
    assert folded(f"“{shown(text)}”") in folded(markdown(odd(text)))


@settings(max_examples=8, deadline=None)
@given(st.text("ab<>&\"'/;#{}\\*[]“”’é–€|`~\x00\x0b\u202e \n", min_size=1, max_size=200))
def test_any_markup_stands_in_the_pdf_file_as_text(text: str) -> None:
    wanted = shown(text).replace(
        "\N{REPLACEMENT CHARACTER}", "[U+FFFD]" if lacking("\N{REPLACEMENT CHARACTER}") else "\N{REPLACEMENT CHARACTER}"
    )
    assert folded(f"“{wanted}”") in pdf(odd(text))[0]


@pytest.mark.slow
@pytest.mark.parametrize("text", ["x" * 5_000, "Ω " * 400, "<b>" * 300])
def test_very_long_words_are_broken_and_whole(text: str) -> None:
    made = odd(text)
    assert folded(shown(text)) in pdf(made)[0]
    assert folded(shown(text)) in folded(word(made)[1])


def test_a_pdf_says_what_it_cannot_show() -> None:
    rare = "\U0001f9ff"
    text = pdf(odd(f"a {rare} b"))[0]
    if lacking(rare):
        assert "[U+1F9FF]" in text
        assert folded("no font of this machine has 1 of the signs") in text
    assert folded("read from right to left are set from left to right") in pdf(odd("שלום"))[0]


def forget_fonts() -> None:
    memo_fonts._fonts.cache_clear()
    memo_fonts._font.cache_clear()


@pytest.mark.parametrize("files", [{}, {"LiberationSerif-Regular.ttf": "/nowhere", "DejaVuSans.ttf": __file__}])
def test_a_machine_without_fonts_sets_a_pdf_all_the_same(
    monkeypatch: pytest.MonkeyPatch, files: dict[str, str]
) -> None:
    brought = {name: name for name in memo_fonts._BROUGHT}
    with monkeypatch.context() as patch:
        patch.setattr(memo_fonts, "_files", lambda: files | brought)
        patch.setattr(pdfmetrics, "_fonts", {k: v for k, v in pdfmetrics._fonts.items() if not k.startswith("memo-")})
        patch.setattr(pdfmetrics, "_dynFaceNames", {})
        forget_fonts()
        text, reader = pdf(memo(answer(question="Šta — „ovo“ ő?")))
    forget_fonts()
    fonts = {str(font["/BaseFont"]) for page in reader.pages for font in page["/Resources"]["/Font"].values()}
    assert all("BitstreamVera" in name for name in fonts)
    assert "Šta—„ovo“[U+0151]?" in text
    assert "[]agreed[]agreedwithchanges" in text


@pytest.mark.parametrize("name", ["memo.xls", "memo", "none/memo.pdf"])
def test_a_file_that_cannot_be_is_refused(tmp_path: Path, name: str) -> None:
    with pytest.raises(InputError, match=r"--memo .*: (name a file that ends in|there is no folder)"):
        memo_forms.save(memo(answer()), tmp_path / name)


def test_a_file_is_written_whole_or_not_at_all(tmp_path: Path) -> None:
    memo_forms.save(memo(answer()), tmp_path / "memo.MD")
    assert (tmp_path / "memo.MD").read_bytes().startswith(b"# License memo")
    (tmp_path / "memo.pdf").mkdir()
    with pytest.raises(StoreError, match="cannot write"):
        memo_forms.save(memo(answer()), tmp_path / "memo.pdf")
    assert sorted(path.name for path in tmp_path.iterdir()) == ["memo.MD", "memo.pdf"]
