"""Reading a user's own files: PDF, Markdown and plain text, and every way in which a file is not what it should be."""

import os
import re
import time
from collections.abc import Callable
from pathlib import Path
from typing import TypeVar

import needs
import pytest
from hypothesis import given
from hypothesis import strategies as st
from make_policy_pdf import SOURCE, make
from pypdf import PdfReader, PdfWriter
from reportlab.pdfgen.canvas import Canvas

from corpus import files
from corpus import pdf as pdf_text
from corpus.errors import InputError
from corpus.extracted import whole
from corpus.files import expand, page_of, read_file, slug, stem
from corpus.sniff import MARKDOWN, PDF, TEXT, decode

Result = TypeVar("Result")
POLICY_PDF = SOURCE.with_suffix(".pdf")


def write(path: Path, data: bytes | str) -> Path:
    path.write_bytes(data.encode("utf-8") if isinstance(data, str) else data)
    return path


def pdf(path: Path, pages: list[list[str]], title: str | None = None) -> Path:
    canvas = Canvas(str(path), invariant=1)
    if title is not None:
        canvas.setTitle(title)
    for lines in pages:
        for number, line in enumerate(lines):
            canvas.drawString(72, 760 - 14 * number, line)
        canvas.showPage()
    canvas.save()
    return path


def refusal(path: Path) -> str:
    with pytest.raises(InputError) as caught:
        read_file(path)
    message = str(caught.value)
    assert "\n" not in message
    assert path.name in message or not path.name.isprintable()
    return message


def attempt(call: Callable[[], Result]) -> Result | InputError:
    """Return the call's result or its refusal, which must be of one line."""
    try:
        return call()
    except InputError as error:
        return error if "\n" not in str(error) else pytest.fail(f"two lines: {error}")


# The sample policy


def paragraphs(text: str) -> list[str]:
    return [" ".join(block.lstrip("# ").split()) for block in text.strip().split("\n\n")]


def test_the_policy_reads_alike_from_markdown_and_pdf() -> None:
    source, printed = read_file(SOURCE), read_file(POLICY_PDF)
    assert (source.media, printed.media) == (MARKDOWN, PDF)
    assert source.title == printed.title == "Acme Robotics: Policy on the Use of Open-Weight Models and Generative AI"
    assert source.text == SOURCE.read_text(encoding="utf-8")
    assert paragraphs(source.text) == paragraphs(printed.text)
    assert len(paragraphs(source.text)) > 50


def test_the_policy_keeps_its_page_numbers() -> None:
    printed = read_file(POLICY_PDF)
    assert len(printed.pages) == len(PdfReader(POLICY_PDF).pages) == 3
    assert printed.pages[0] == 0
    found = {heading: page_of(printed.pages, printed.text.index(heading)) for heading in ("1. Purpose", "11. Breach")}
    assert found == {"1. Purpose": 1, "11. Breach": 3}


def test_running_footers_are_left_out_and_reported() -> None:
    printed = read_file(POLICY_PDF)
    assert "· Page" not in printed.text
    assert printed.problems == ("left out the running line 'Acme Robotics · AI-POL-007 · Internal · Page 1'",)


def test_the_pdf_is_made_from_the_markdown_that_stands_beside_it(tmp_path: Path) -> None:
    make(SOURCE, tmp_path / "first.pdf")
    make(SOURCE, tmp_path / "second.pdf")
    assert (tmp_path / "first.pdf").read_bytes() == (tmp_path / "second.pdf").read_bytes()
    assert read_file(tmp_path / "first.pdf") == read_file(POLICY_PDF)


# PDF


def test_page_starts_are_offsets_of_the_text(tmp_path: Path) -> None:
    printed = read_file(pdf(tmp_path / "three.pdf", [["The first page ends here."], ["runs on"], ["The last page."]]))
    assert [printed.text[start:][:8] for start in printed.pages] == ["The firs", "runs on\n", "The last"]
    assert [page_of(printed.pages, offset) for offset in (0, printed.pages[1] - 1, printed.pages[1])] == [1, 1, 2]
    assert page_of((), 5) is None


def test_a_sentence_runs_over_the_end_of_a_page_and_a_paragraph_does_not(tmp_path: Path) -> None:
    printed = read_file(pdf(tmp_path / "over.pdf", [["You may not"], ["sell this."], ["Next rule."]]))
    assert printed.text == "You may not\nsell this.\n\nNext rule.\n\n"


def test_a_wider_gap_is_a_paragraph(tmp_path: Path) -> None:
    canvas = Canvas(str(tmp_path / "gap.pdf"))
    for height, line in ((760, "First line of"), (746, "the rule"), (732, "ends."), (708, "Second rule.")):
        canvas.drawString(72, height, line)
    canvas.save()
    assert read_file(tmp_path / "gap.pdf").text == "First line of\nthe rule\nends.\n\nSecond rule.\n\n"


def test_a_page_without_text_keeps_its_number_and_is_reported(tmp_path: Path) -> None:
    printed = read_file(pdf(tmp_path / "gap.pdf", [["One."], [], ["Three."]]))
    assert page_of(printed.pages, printed.text.index("Three")) == 3
    assert printed.problems == ("no text on page 2 of 3 (a picture?)",)


def test_ligatures_are_taken_apart() -> None:
    assert whole("o\ufb03ce \ufb01nal co\u00adop \ud83d\ude00 \ud800") == "office final coop \U0001f600 \ufffd"


@pytest.mark.parametrize(
    ("title", "expected"),
    [
        ("Model Policy 2026", "Model Policy 2026"),
        ("  ", "Heading of the page"),
        ("untitled", "Heading of the page"),
        ("Microsoft Word - policy v3.docx", "Heading of the page"),
        ("policy.docx", "Heading of the page"),
    ],
)
def test_the_title_of_a_pdf_is_its_own_or_its_first_line(tmp_path: Path, title: str, expected: str) -> None:
    assert read_file(pdf(tmp_path / "x.pdf", [["Heading of the page", "Some words."]], title)).title == expected


def test_an_owner_password_alone_does_not_keep_a_reader_out(tmp_path: Path) -> None:
    writer = PdfWriter(POLICY_PDF)
    writer.encrypt(user_password="", owner_password="owner", algorithm="AES-256")
    writer.write(tmp_path / "owner.pdf")
    assert read_file(tmp_path / "owner.pdf").text == read_file(POLICY_PDF).text


@pytest.mark.parametrize("algorithm", ["RC4-128", "AES-256"])
def test_an_encrypted_pdf_is_refused(tmp_path: Path, algorithm: str) -> None:
    writer = PdfWriter(POLICY_PDF)
    writer.encrypt("secret", algorithm=algorithm)
    writer.write(tmp_path / "locked.pdf")
    assert "encrypted: save a copy without a password" in refusal(tmp_path / "locked.pdf")


def test_a_scanned_pdf_is_refused_with_the_way_out(tmp_path: Path) -> None:
    canvas = Canvas(str(tmp_path / "scan.pdf"))
    canvas.rect(72, 72, 300, 300, fill=1)
    canvas.save()
    assert "run OCR on it first" in refusal(tmp_path / "scan.pdf")


@pytest.mark.parametrize(
    "data",
    [
        b"%PDF-1.7\n",
        b"%PDF-1.7\nnothing of the kind\n%%EOF\n",
        POLICY_PDF.read_bytes()[:700],
        POLICY_PDF.read_bytes().replace(b"/Pages", b"/Pagez"),
        POLICY_PDF.read_bytes().replace(b"/Kids", b"/Kidz"),
        b"%PDF-1.4\n1 0 obj<</Type/Catalog/Pages 1 0 R/Kids[1 0 R]>>endobj\ntrailer<</Root 1 0 R/Size 2>>\n%%EOF\n",
    ],
)
def test_a_broken_pdf_is_refused(tmp_path: Path, data: bytes) -> None:
    assert re.search("broken PDF|without text", refusal(write(tmp_path / "broken.pdf", data)))


@given(cut=st.integers(0, 14000), noise=st.binary(min_size=1, max_size=30))
def test_damage_never_escapes_as_anything_but_one_line(
    tmp_path_factory: pytest.TempPathFactory, cut: int, noise: bytes
) -> None:
    data = POLICY_PDF.read_bytes()
    path = write(tmp_path_factory.mktemp("noise") / "noise.pdf", data[:cut] + noise + data[cut + len(noise) :])
    read = attempt(lambda: read_file(path))
    assert isinstance(read, InputError) or read.text.encode("utf-8").strip()


def test_a_pdf_of_too_many_pages_or_characters_is_refused(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    path = pdf(tmp_path / "long.pdf", [["some words"]] * 3)
    monkeypatch.setattr(pdf_text, "MAX_CHARACTERS", 20)
    assert "more than 20 characters" in refusal(path)
    monkeypatch.setattr(pdf_text, "MAX_PAGES", 2)
    assert "more than 2 pages" in refusal(path)


# Markdown and plain text


def test_line_ends_stay_and_the_byte_order_mark_goes(tmp_path: Path) -> None:
    text = "Rules\r\n\r\n1. One\rtwo\n\u2028three\x85"
    assert read_file(write(tmp_path / "crlf.txt", "\ufeff" + text)).text == text
    assert read_file(write(tmp_path / "wide.txt", text.encode("utf-16"))).text == text


@given(st.text(min_size=1, alphabet=st.characters(codec="utf-8", exclude_categories=["Cc"])))
def test_decoding_returns_what_was_encoded(text: str) -> None:
    kept = text.removeprefix("\ufeff")
    assert decode(text.encode("utf-8"), "x") == kept
    assert decode(b"\xef\xbb\xbf" + kept.encode("utf-8"), "x") == kept
    assert decode(kept.encode("utf-16"), "x") == kept
    assert decode(kept.encode("utf-32"), "x") == kept


@given(st.binary(min_size=1, max_size=200))
def test_decoding_any_bytes_gives_their_characters_or_one_line(data: bytes) -> None:
    text = attempt(lambda: decode(data, "x"))
    if not isinstance(text, InputError):
        assert "\x00" not in text
        assert text.encode("utf-8").strip(b"\xef\xbb\xbf") == data.strip(b"\xef\xbb\xbf") or data[0] in b"\xff\xfe\x00"


@pytest.mark.parametrize(
    ("name", "text", "title"),
    [
        ("a.md", "Intro line\n\n## The *real* [title](x) ##\n", "The real title"),
        ("LICENSE", "Permission is hereby granted, free of charge, to any person obtaining\na copy.\n", "LICENSE"),
        ("a.md", "Set in old style\n=====\n\ntext\n", "Set in old style"),
        ("a.md", "no heading here\n", "no heading here"),
        ("a.txt", "\n***\nACME LICENSE\n\ntext", "ACME LICENSE"),
        ("Own Name 1.5.txt", "word " * 60, "Own Name 1.5"),
        ("LICENSE", "1234\n5678\n", "LICENSE"),
        ("a.LICENSE", "Acme Public License\nVersion 2", "Acme Public License"),
    ],
)
def test_titles(tmp_path: Path, name: str, text: str, title: str) -> None:
    read = read_file(write(tmp_path / name, text))
    assert (read.title, read.text, read.pages) == (title, text, ())
    assert read.media == (MARKDOWN if name.endswith(".md") else TEXT)


@pytest.mark.parametrize(
    ("name", "data", "says"),
    [
        ("program.pdf", b"MZ\x90\x00\x03\x00", "a Windows program"),
        ("program.txt", b"\x7fELF\x02\x01\x01\x00", "a Linux program"),
        ("archive.md", b"PK\x03\x04\x14\x00", "a zip archive"),
        ("picture.md", b"\x89PNG\r\n\x1a\n", "a picture"),
        ("old.txt", b"\xd0\xcf\x11\xe0\xa1\xb1", "an old Office file"),
        ("rich.txt", b"{\\rtf1\\ansi hello}", "a rich text file"),
        ("text.pdf", b"just some words", "not a PDF file"),
        ("hidden.txt", b"%PDF-1.7 ...", "give it the suffix .pdf"),
        ("binary.txt", b"some\x00thing", "a binary file"),
        ("control.txt", b"\x01\x02\x03\x04 abc", "a binary file"),
        ("noise.txt", b"\xff\x01\x02\x03\x04\x05", "a binary file"),
        ("latin.txt", "Öffentliche Lizenz für alle Zwecke".encode("latin-1"), "iconv -f WINDOWS-1252 -t UTF-8"),
        ("page.txt", b"<!DOCTYPE html>\n<html>", "an HTML page by its content: give it the suffix .html"),
        ("comment.txt", b"<!-- a --> <!-- b --><html lang=de>", "give it the suffix .html"),
        ("letter.docx", b"PK\x03\x04", "a zip archive by its content"),
        ("letter.docx", b"just some words", "not a Word file"),
        ("letter.docm", b"PK\x03\x04", "a Word file with macros, which is not supported: convert it to PDF, Word"),
        ("letter.doc", b"\xd0\xcf\x11\xe0", "an old Word file, which is not supported"),
        ("program.docx", b"MZ\x90\x00", "a Windows program"),
        ("empty.txt", b"", "is empty"),
        ("blank.md", b" \r\n\t\n", "only white space"),
        ("mark.txt", b"\xef\xbb\xbf", "only white space"),
    ],
)
def test_what_is_not_a_document_is_refused(tmp_path: Path, name: str, data: bytes, says: str) -> None:
    assert says in refusal(write(tmp_path / name, data))


@pytest.mark.parametrize("start", ["<!---->" * 600, "# a" + " " * 500_000 + "b", "=" * 300_000, "#" * 300_000])
def test_no_line_is_read_more_than_a_few_times(tmp_path: Path, start: str) -> None:
    path = write(tmp_path / "slow.md", start + "\nwords\n")
    began = time.perf_counter()
    assert read_file(path).title
    assert time.perf_counter() - began < 2


def test_a_text_that_only_speaks_of_pdf_is_a_text(tmp_path: Path) -> None:
    assert read_file(write(tmp_path / "about.txt", "A PDF file starts with %PDF-1.7.")).media == TEXT


def test_a_pdf_without_a_suffix_is_a_pdf(tmp_path: Path) -> None:
    assert read_file(write(tmp_path / "Policy 2.1", POLICY_PDF.read_bytes())).media == PDF


def test_the_size_limit_is_on_the_file(tmp_path: Path) -> None:
    write(tmp_path / "fits.txt", b"a" * files.MAX_BYTES)
    assert len(read_file(tmp_path / "fits.txt").text) == files.MAX_BYTES
    assert "larger than 20 MB" in refusal(write(tmp_path / "big.txt", b"a" * (files.MAX_BYTES + 1)))


def test_what_cannot_be_opened_is_one_line(tmp_path: Path) -> None:
    assert "there is no file" in refusal(tmp_path / "missing.txt")
    assert "add --recursive" in refusal(tmp_path)
    os.mkfifo(tmp_path / "pipe.txt")
    assert "not a regular file" in refusal(tmp_path / "pipe.txt")
    (tmp_path / "loop.txt").symlink_to(tmp_path / "loop.txt")
    assert "cannot read" in refusal(tmp_path / "loop.txt")
    assert "cannot be the name of a file" in refusal(tmp_path / "nul\0.txt")
    assert "there is no file" in refusal(tmp_path / "two\nlines.txt")


def test_a_file_that_may_not_be_read_is_one_line() -> None:
    with needs.foreign_folder("private.txt") as folder:
        assert "cannot read" in refusal(folder / "private.txt")


def test_a_name_that_is_not_utf8_still_gives_a_title_that_can_be_stored(tmp_path: Path) -> None:
    path = write(tmp_path / os.fsdecode(b"caf\xe9.txt"), "12345")
    assert read_file(path).title == "caf\ufffd"


# Names and folders


@pytest.mark.parametrize(
    ("name", "expected"),
    [("Acme 1.5", "acme-1.5"), ("..Acme__Policy (v2)..", "acme-policy-v2"), ("許可", "document"), ("a", "a")],
)
def test_slugs(name: str, expected: str) -> None:
    assert slug(name) == expected


@given(st.text())
def test_a_slug_is_made_of_safe_characters_and_stays_the_same(name: str) -> None:
    made = slug(name)
    assert re.fullmatch(r"[a-z0-9]([a-z0-9.-]*[a-z0-9])?", made)
    assert slug(made) == made == slug(name.lower())


def test_stems() -> None:
    names = ("Acme 1.5.txt", "Acme 1.5", "LICENSE", "x.LICENSE", "policy.pdf", ".txt")
    assert [stem(Path(name)) for name in names] == ["Acme 1.5", "Acme 1.5", "LICENSE", "x", "policy", ".txt"]


def test_folders_are_taken_on_request_in_order_and_each_file_once(tmp_path: Path) -> None:
    for name in ("b.md", "a.txt", "LICENSE", "LICENSE.doc", "code.py", ".hidden.txt", "sub/NOTICE", ".git/x.txt"):
        path = tmp_path / name
        path.parent.mkdir(exist_ok=True)
        write(path, "words")
    (tmp_path / "again.txt").symlink_to(tmp_path / "a.txt")
    (tmp_path / "gone.txt").symlink_to(tmp_path / "nowhere")
    (tmp_path / "sub" / "up").symlink_to(tmp_path)
    found = expand([tmp_path / "b.md", tmp_path], recursive=True)
    assert [path.relative_to(tmp_path).as_posix() for path in found] == ["b.md", "LICENSE", "a.txt", "sub/NOTICE"]


def test_folders_that_cannot_be_taken(tmp_path: Path) -> None:
    with pytest.raises(InputError, match="add --recursive"):
        expand([tmp_path], recursive=False)
    with pytest.raises(InputError, match="holds no PDF, Word, HTML, Markdown or text file"):
        expand([tmp_path], recursive=True)
    with pytest.raises(InputError, match="there is no file"):
        expand([tmp_path / "missing"], recursive=True)
