"""Pages of a user's PDF as pictures: the words marked where they are printed, and every way in which that cannot be."""

import shutil
from io import BytesIO
from pathlib import Path

import numpy as np
import pytest
from fastapi.testclient import TestClient
from hypothesis import given
from hypothesis import strategies as st
from make_policy_pdf import SOURCE
from PIL import Image
from test_viewer import Reader
from web_fakes import Replies, Shelf, opener

from corpus import library
from corpus.errors import DataError, InputError
from corpus.files import read_file
from corpus.types import Document, Origin, Span
from ui import original
from ui.api import create_app
from ui.page_program import found

PDF = SOURCE.with_suffix(".pdf")
MARK = (255, 230, 138)


def document(path: Path = PDF) -> Document:
    read = read_file(path)
    return Document("policy", "The policy", "policy", read.text, None, None, Origin("file", "0" * 64), read.pages)


def kept(home: Path, path: Path = PDF) -> Path:
    """Keep a file as an original and return the folder that holds it."""
    library.keep(home, "policy", path, path.read_bytes())
    return library.folder(home) / "policy"


def marked(png: bytes) -> tuple[int, int, int, int] | None:
    """Return the box of what is marked in a picture."""
    rows, columns = np.nonzero((np.asarray(Image.open(BytesIO(png))) == MARK).all(axis=-1))
    return (int(columns.min()), int(rows.min()), int(columns.max()), int(rows.max())) if len(rows) else None


@pytest.mark.slow
def test_the_cited_words_are_marked_on_their_page(tmp_path: Path) -> None:
    kept(tmp_path)
    shown = document()
    start = shown.text.index("5.2 Weights obtained")
    number = sum(page <= start for page in shown.pages)
    plain = original.page_png(tmp_path, shown, number, None)
    assert marked(plain) is None
    box = marked(original.page_png(tmp_path, shown, number, Span(start, start + 40)))
    assert box is not None
    left, top, right, bottom = box
    assert right - left > 200  # the words stand on one line
    assert bottom - top < 40
    before = marked(original.page_png(tmp_path, shown, number, Span(start - 40, start)))
    assert before is not None
    assert before[1] < top


@pytest.mark.slow
def test_words_that_stand_twice_are_told_apart_and_words_over_a_page_end_are_marked_on_both(tmp_path: Path) -> None:
    from reportlab.pdfgen.canvas import Canvas

    path = tmp_path / "twice.pdf"
    canvas = Canvas(str(path), invariant=1)
    for lines in (
        ["The same words.", "Other words here.", "The same words.", "A sentence that runs"],
        ["over the page."],
    ):
        for n, line in enumerate(lines):
            canvas.drawString(72, 760 - 60 * n, line)
        canvas.showPage()
    canvas.save()
    kept(tmp_path, path)
    shown = document(path)
    first = shown.text.index("The same")
    second = shown.text.index("The same", first + 1)
    boxes = [marked(original.page_png(tmp_path, shown, 1, Span(at, at + 15))) for at in (first, second)]
    assert boxes[0] is not None
    assert boxes[1] is not None
    assert boxes[0][3] < boxes[1][1]
    over = Span(shown.text.index("A sentence"), shown.text.index("page.") + 5)
    assert all(marked(original.page_png(tmp_path, shown, number, over)) for number in (1, 2))


@pytest.mark.slow
def test_a_picture_is_bounded_however_large_the_page_says_it_is(tmp_path: Path) -> None:
    from reportlab.pdfgen.canvas import Canvas

    for size in ((14_000, 200), (200, 14_000), (14_000, 14_000), (3, 3)):
        path = tmp_path / "odd.pdf"
        canvas = Canvas(str(path), pagesize=size, invariant=1)
        canvas.drawString(0, 1, "words")
        canvas.showPage()
        canvas.save()
        shutil.rmtree(tmp_path / "files", ignore_errors=True)
        kept(tmp_path, path)
        picture = Image.open(BytesIO(original.page_png(tmp_path, document(path), 1, None)))
        assert max(picture.size) <= 2480
        assert picture.size[0] <= 1240


@pytest.mark.parametrize("number", [0, 4, 10**8])
def test_a_page_that_is_not_there_is_one_line(tmp_path: Path, number: int) -> None:
    kept(tmp_path)
    with pytest.raises(InputError, match=f"has 3 pages; there is no page {number}"):
        original.page_png(tmp_path, document(), number, None)


def test_an_original_that_is_gone_or_was_changed_is_one_line(tmp_path: Path) -> None:
    shown = document()
    with pytest.raises(InputError, match="no longer in the home folder; add it again"):
        original.page_png(tmp_path, shown, 1, None)
    folder = kept(tmp_path)
    (folder / "original.pdf").write_bytes(PDF.read_bytes() + b"\n")
    with pytest.raises(DataError, match="was changed since it was added; add it again"):
        original.page_png(tmp_path, shown, 1, None)
    (folder / library.METADATA).write_text("[]")
    with pytest.raises(InputError, match="no longer in the home folder"):
        original.page_png(tmp_path, shown, 1, None)
    (folder / library.METADATA).unlink()
    with pytest.raises(InputError, match="no longer in the home folder"):
        original.page_png(tmp_path, shown, 1, None)


@pytest.mark.slow
@pytest.mark.parametrize("data", [b"%PDF-1.4\nbroken", PDF.read_bytes()[:900], b"\0" * 50, b""])
def test_a_broken_original_is_one_line_and_harms_nothing(tmp_path: Path, data: bytes) -> None:
    path = tmp_path / "broken.pdf"
    path.write_bytes(data)
    kept(tmp_path, path)
    with pytest.raises(DataError, match="page 1 of The policy cannot be drawn; open the file itself") as told:
        original.page_png(tmp_path, document(), 1, None)
    assert "\n" not in str(told.value)


@pytest.mark.slow
def test_a_page_that_takes_too_long_is_given_up(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    kept(tmp_path)
    monkeypatch.setattr(original, "TIMEOUT_S", 0.001)
    with pytest.raises(DataError, match="cannot be drawn"):
        original.page_png(tmp_path, document(), 1, None)


def test_words_are_found_by_their_letters_and_digits() -> None:
    page = "The o\ufb03ce of-\r\nfers 25\u00a0% “more”."
    assert found(page, 'before\nThe office offers 25 % "more".', 7, 25) == (0, 18)
    assert found(page, "office", 0, 6) == (4, 8)
    assert found(page, "something else", 0, 9) is None
    assert found(page, "... ", 0, 3) is None


@given(st.text(st.characters(exclude_categories=("Cs",)), max_size=80), st.data())
def test_a_passage_is_found_in_its_own_text(text: str, data: st.DataObject) -> None:
    low, high = sorted((data.draw(st.integers(0, len(text))), data.draw(st.integers(0, len(text)))))
    place = found(text, text, low, high)
    wanted = [char for char in text[low:high] if char.isalnum()]
    if place is not None:
        assert low <= place[0]
        assert place[1] <= high
    elif wanted:
        # Folding may take a letter to nothing that counts, never all plain ones.
        assert not any(char.isascii() for char in wanted)


def web(home: Path) -> TestClient:
    return TestClient(create_app(home, opener(Replies()), chat=False), base_url="http://127.0.0.1:8000")


@pytest.mark.parametrize(
    ("path", "status", "said"),
    [
        ("house-rules/page/9.png", 400, "has 2 pages; there is no page 9"),
        ("house-rules/page/0.png", 400, "there is no page 0"),
        ("house-rules/page/x.png", 400, "is no page number"),
        ("house-rules/page/1.png", 404, "no longer in the home folder"),
        ("acme-open-2/page/1.png", 400, "it has no pages to show"),
        ("none/page/1.png", 404, "clausewise index status"),
    ],
)
def test_a_picture_that_cannot_be_is_a_page_of_one_line(tmp_path: Path, path: str, status: int, said: str) -> None:
    reply = web(tmp_path).get(f"/source/{path}")
    assert reply.status_code == status
    assert said in reply.text
    assert reply.headers["content-type"].startswith("text/html")


@pytest.mark.parametrize(
    ("page", "said"), [("9", "there is no page 9"), ("1", "no longer in the home folder"), ("²", "is no page number")]
)
def test_beside_the_text_it_is_said_as_well(tmp_path: Path, page: str, said: str) -> None:
    reply = web(tmp_path).get(f"/source/house-rules?page={page}")
    assert reply.status_code == 200
    assert said in reply.text
    assert '<img src="/source' not in reply.text
    assert "".join(Reader(reply.text).texts) == "Page one.\nPage two.\n"


def test_the_page_beside_the_text_names_its_picture_with_the_passage(tmp_path: Path) -> None:
    library.keep(tmp_path, "house-rules", PDF, PDF.read_bytes())
    reply = Reader(web(tmp_path).get("/source/house-rules?page=2&start=10&end=14").text)
    pictures = [each["src"] for tag, each in reply.tags if tag == "img"]
    assert "/source/house-rules/page/2.png?start=10&end=14" in pictures
    assert ("aside", {"class": "original", "aria-labelledby": "original-title"}) in reply.tags
    links = [each["href"] for tag, each in reply.tags if tag == "a"]
    assert "?page=1&start=10&end=14#p2" in links
    assert "/source/house-rules?start=10&end=14#p2" in links


def test_only_a_file_that_a_user_added_offers_its_pages() -> None:
    shelf = Shelf()
    assert original.has_pages(shelf.records["house-rules"])
    assert not original.has_pages(shelf.records["acme-open-2"])
    assert not original.has_pages(None)
