"""The way along the citations of an answer: over documents, by number, and what became of the words since."""

import json
import uuid
from pathlib import Path

import pytest
from fastapi.testclient import TestClient
from test_viewer import Reader
from web_fakes import OPEN, Replies, Shelf, opener

from corpus.errors import DataError, InputError
from ui import kept
from ui.api import create_app
from ui.trail import stands, trail

SHELF = Shelf()


def row(n: int, document: str, clause: str, quote: str, text: str) -> dict[str, object]:
    start = text.find(quote)
    sha256 = SHELF.records[document].origin.sha256 if document in SHELF.records else "0" * 64
    place = {"start": start, "end": start + len(quote), "sha256": sha256}
    return {"n": n, "document": document, "clause": clause, "quote": quote, **place}


ROWS = [
    row(1, "acme-open-2", "1", "copy & sell the Work", OPEN),
    row(2, "acme-policy", "p2", "Do no harm.", "Use policy\n\nDo no harm.\n"),
    row(3, "acme-open-2", "2.b", "sue — ever", OPEN),
]


def given(home: Path, rows: list[dict[str, object]], owner: str = "") -> kept.Kept:
    return kept.keep(home, (str(uuid.uuid4()), owner), {"question": "May we <sell> it?", "citations": rows})


def web(home: Path) -> TestClient:
    return TestClient(create_app(home, opener(Replies()), chat=False), base_url="http://127.0.0.1:8000")


def test_a_citation_is_marked_and_leads_to_those_before_and_after(tmp_path: Path) -> None:
    made = given(tmp_path, ROWS)
    page = web(tmp_path).get(f"/source/acme-policy?answer={made.id}&n=2").text
    assert "Citation 2 of 3" in page
    assert "May we &lt;sell&gt; it?" in page
    found = Reader(page)
    assert found.marked == "Do no harm."
    steps = {
        each["rel"]: each["href"] for tag, each in found.tags if tag == "a" and each.get("rel") in {"prev", "next"}
    }
    assert steps == {
        "prev": f"/source/acme-open-2?answer={made.id}&n=1#1",
        "next": f"/source/acme-open-2?answer={made.id}&n=3#2.b",
    }


def test_the_ends_of_the_way_are_said(tmp_path: Path) -> None:
    made = given(tmp_path, ROWS)
    first = web(tmp_path).get(f"/source/acme-open-2?answer={made.id}").text
    last = web(tmp_path).get(f"/source/acme-open-2?answer={made.id}&n=3").text
    assert ("First citation" in first, "Next citation" in first) == (True, True)
    assert ("Last citation" in last, "Previous citation" in last) == (True, True)


def test_a_citation_of_another_text_is_shown_there(tmp_path: Path) -> None:
    made = given(tmp_path, [*ROWS, row(4, "acme-alias", "1", "copy & sell the Work", OPEN)])
    reply = web(tmp_path).get(f"/source/acme-open-2?answer={made.id}&n=2", follow_redirects=False)
    assert reply.headers["location"] == f"/source/acme-policy?answer={made.id}&n=2#p2"
    former = web(tmp_path).get(f"/source/acme-alias?answer={made.id}&n=4", follow_redirects=False)
    assert former.headers["location"] == f"/source/acme-open-2?answer={made.id}&n=4"
    assert Reader(web(tmp_path).get(former.headers["location"]).text).marked == "copy & sell the Work"


def test_a_passage_of_its_own_goes_before_the_citation(tmp_path: Path) -> None:
    made = given(tmp_path, ROWS)
    page = web(tmp_path).get(f"/source/acme-open-2?answer={made.id}&n=1&start=0&end=4").text
    assert Reader(page).marked == "ACME"
    assert "Citation 1 of 3" in page


@pytest.mark.parametrize(
    ("change", "marked", "said"),
    [
        ({"sha256": "1" * 64}, "copy & sell the Work", "as they were"),
        ({"start": 0, "end": 20}, "copy & sell the Work", "now stand here"),
        ({"quote": "words that were there once"}, "", "no longer stand in it; ask the question again"),
    ],
)
def test_a_text_that_changed_since_the_answer_is_told_in_one_line(
    tmp_path: Path, change: dict[str, object], marked: str, said: str
) -> None:
    made = given(tmp_path, [{**ROWS[0], **change}])
    page = web(tmp_path).get(f"/source/acme-open-2?answer={made.id}&n=1").text
    assert page.count("This text has changed since the answer") == 1
    assert said in page
    assert Reader(page).marked == marked
    assert "".join(Reader(page).texts) == OPEN


def test_an_unchanged_text_is_not_remarked_upon(tmp_path: Path) -> None:
    made = given(tmp_path, ROWS)
    assert stands(trail(made, "1").here, SHELF.documents["acme-open-2"])[1] == ""
    assert 'class="notice"' not in web(tmp_path).get(f"/source/acme-open-2?answer={made.id}&n=1").text


@pytest.mark.parametrize(
    ("query", "said"),
    [
        ("answer=x&n=1", "no such answer is kept"),
        (f"answer={uuid.uuid4()}.{'0' * 32}&n=1", "no such answer is kept"),
        ("answer=../../etc&n=1", "no such answer is kept"),
        ("answer=GIVEN&n=9", "has 3 citations; there is no number 9"),
        ("answer=GIVEN&n=<b>", "there is no number &lt;b&gt;"),
    ],
)
def test_what_is_not_kept_is_said_and_the_text_is_shown(tmp_path: Path, query: str, said: str) -> None:
    made = given(tmp_path, ROWS)
    reply = web(tmp_path).get(f"/source/acme-open-2?{query.replace('GIVEN', made.id)}")
    assert reply.status_code == 200
    assert said.casefold() in reply.text.casefold()
    assert "Citations of your answer" not in reply.text
    assert "".join(Reader(reply.text).texts) == OPEN


def test_another_users_answer_shows_nothing(tmp_path: Path) -> None:
    made = given(tmp_path, ROWS, owner="ada")
    page = web(tmp_path).get(f"/source/acme-open-2?answer={made.id}&n=1").text
    assert "May we" not in page
    assert Reader(page).marked == ""


def test_an_answer_without_citations_or_with_damaged_ones_is_refused(tmp_path: Path) -> None:
    with pytest.raises(InputError, match="cites nothing"):
        trail(given(tmp_path, []), "")
    for rows in ([{"n": 1}], [{**ROWS[0], "start": -4}], ["no row"], 7):
        made = given(tmp_path, ROWS)
        path = next(tmp_path.rglob(f"{made.id.partition('.')[2]}.json"))
        path.write_text(json.dumps({**json.loads(path.read_text()), "answer": {"citations": rows}}))
        with pytest.raises(DataError, match="damaged"):
            trail(kept.load(tmp_path, made.id, ""), "1")
