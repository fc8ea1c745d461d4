"""Word files: paragraphs with the numbers that Word counts, tables, tracked changes, and files that are not what they should be."""

import time
from pathlib import Path

import pytest
import word_files
from hypothesis import given, settings
from hypothesis import strategies as st
from word_files import body, paragraph, styled

from corpus import word
from corpus.errors import InputError
from corpus.files import extract
from corpus.sniff import WORD

WORDS = st.text(st.characters(codec="utf-8", exclude_categories=["Cc", "Cs", "Cn", "Co"]), max_size=60)


def read(data: bytes) -> str:
    return extract(Path("policy.docx"), data, "policy.docx").text


def refusal(data: bytes) -> str:
    with pytest.raises(InputError) as caught:
        read(data)
    message = str(caught.value)
    assert "\n" not in message
    return message


def attempt(data: bytes) -> bool:
    """Return True if a file is read, or refused in one line."""
    try:
        return bool(read(data).strip())
    except InputError as error:
        return "\n" not in str(error)


def folded(text: str) -> list[str]:
    return text.split()


def test_paragraphs_and_tables_come_in_order() -> None:
    def write(document) -> None:
        document.core_properties.title = "Acme Model Policy"
        document.add_heading("Use of models", 1)
        table = document.add_table(2, 2)
        for cell, words in zip(
            (cell for row in table.rows for cell in row.cells), "Act Rule Sell Never".split(), strict=True
        ):
            cell.text = words
        document.add_paragraph("The end.")

    found = extract(Path("a.docx"), word_files.made(write), "a.docx")
    assert found.text == "Use of models\n\nAct\tRule\nSell\tNever\n\nThe end.\n"
    assert (found.title, found.media, found.pages) == ("Acme Model Policy", WORD, ())


def test_the_numbers_that_word_counts_stand_before_their_paragraphs() -> None:
    xml = "".join(
        [
            paragraph("Grant", 0),
            paragraph("Scope", 1),
            paragraph("one", 2),
            paragraph("two", 2),
            paragraph("Term", 1),
            paragraph("between"),
            paragraph("Duties", 0),
            paragraph("Notices", 1),
            paragraph("Anew", 0, number=71),
        ]
    )
    lines = [line for line in read(body(xml)).splitlines() if line]
    assert [line.strip() for line in lines] == [
        "1. Grant",
        "1.1 Scope",
        "(ii) one",
        "(iii) two",
        "1.2 Term",
        "between",
        "2. Duties",
        "2.1 Notices",
        "4. Anew",
    ]
    assert [len(line) - len(line.lstrip()) for line in lines[:4]] == [0, 3, 6, 6]


def test_styles_number_their_paragraphs_and_those_of_styles_that_stand_on_them() -> None:
    xml = "".join(
        [
            styled("Grant", "Clause0"),
            styled("Scope", "Clause1"),
            styled("Term", "Own"),
            styled("bare", "Clause1", off=True),
            paragraph("by a list style", 1, number=72),
            styled("End", "Clause1"),
        ]
    )
    lines = [line.strip() for line in read(body(xml)).splitlines() if line]
    assert lines == ["1. Grant", "1.1 Scope", "1.2 Term", "bare", "1.1 by a list style", "1.3 End"]


def test_a_list_style_numbers_its_paragraphs() -> None:
    def write(document) -> None:
        for words in ("first", "second"):
            document.add_paragraph(words, style="List Number")
        document.add_paragraph("point", style="List Bullet")

    assert read(word_files.made(write)) == "1. first\n\n2. second\n\n- point\n"


def test_tracked_changes_are_read_as_accepted_and_told() -> None:
    xml = (
        "<w:p><w:r><w:t>You may </w:t></w:r><w:del><w:r><w:delText>not </w:delText><w:t>never </w:t></w:r></w:del>"
        "<w:ins><w:r><w:t>freely </w:t></w:r></w:ins><w:r><w:t>sell</w:t><w:tab/><w:t>it.</w:t></w:r></w:p>"
    )
    found = extract(Path("a.docx"), body(xml), "a.docx")
    assert found.text == "You may freely sell\tit.\n"
    assert found.problems == ("read with its tracked changes accepted",)


def test_content_controls_and_text_boxes_are_read_once() -> None:
    box = f"<w:txbxContent>{paragraph('boxed')}</w:txbxContent>"
    compatible = "http://schemas.openxmlformats.org/markup-compatibility/2006"
    xml = (
        f"<w:sdt><w:sdtContent>{paragraph('controlled')}</w:sdtContent></w:sdt>"
        f'<w:p><w:r><mc:AlternateContent xmlns:mc="{compatible}"><mc:Choice>{box}</mc:Choice>'
        f"<mc:Fallback>{box}</mc:Fallback></mc:AlternateContent><w:t>anchor</w:t></w:r></w:p>"
    )
    assert read(body(xml)) == "controlled\n\nanchor\n\nboxed\n"


def test_what_unpacks_to_too_much_is_refused_before_it_is_unpacked(monkeypatch: pytest.MonkeyPatch) -> None:
    bomb = word_files.changed(word_files.of("words"), {"word/media/a.png": lambda _: bytes(300 * 1024 * 1024)})
    assert len(bomb) < 1024 * 1024
    began = time.perf_counter()
    assert "unpacks to more than 200 MB" in refusal(bomb)
    assert time.perf_counter() - began < 0.5
    monkeypatch.setattr(word, "MAX_PARTS", 3)
    assert "unpacks to more" in refusal(word_files.of("words"))


def test_entities_are_neither_blown_up_nor_fetched(tmp_path: Path) -> None:
    (tmp_path / "secret").write_text("the secret words", encoding="utf-8")
    head = '<!DOCTYPE x [<!ENTITY a "ha"><!ENTITY b "&a;&a;&a;&a;"><!ENTITY c SYSTEM "file://%s">]>' % (
        tmp_path / "secret"
    )

    def with_entities(content: bytes) -> bytes:
        declared, _, rest = content.partition(b"?>")
        return declared + b"?>" + head.encode() + rest.replace(b"words", b"words &b; &c;")

    data = word_files.changed(word_files.of("words"), {"word/document.xml": with_entities})
    try:
        text = read(data)
    except InputError as error:
        text = str(error)
    assert "secret" not in text
    assert "haha" not in text


def test_broken_and_empty_files_are_one_line() -> None:
    whole = word_files.of("some words")
    assert "not a Word file" in refusal(b"no zip at all")
    assert "a zip archive by its content" in refusal(whole[: len(whole) // 2])
    assert "broken Word file" in refusal(word_files.changed(whole, {"word/document.xml": lambda _: b"<w:document"}))
    assert "broken Word file" in refusal(word_files.changed(whole, {"[Content_Types].xml": lambda _: b"<Types/>"}))
    assert "holds no text" in refusal(word_files.of(" "))


@given(st.lists(WORDS, min_size=1, max_size=8))
@settings(max_examples=25, deadline=None)
def test_every_word_comes_to_the_letter(paragraphs: list[str]) -> None:
    wanted = [each for text in paragraphs for each in folded(text.replace("\u00ad", ""))]
    if not wanted:
        return
    ligatures = {"ﬀ", "ﬁ", "ﬂ", "ﬃ", "ﬄ", "ﬅ", "ﬆ"}
    if not ligatures & set("".join(wanted)):
        assert folded(read(word_files.of(*paragraphs))) == wanted


@given(cut=st.integers(0, 36_000), noise=st.binary(min_size=1, max_size=40))
@settings(max_examples=60, deadline=None)
def test_damage_never_escapes_as_anything_but_one_line(cut: int, noise: bytes) -> None:
    data = word_files.of("some words of a policy", "and more of them")
    assert attempt(data[:cut] + noise + data[cut + len(noise) :])
