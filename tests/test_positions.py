"""Positions: what was signed is named beside later answers to the same, with what has changed, and changes no verdict."""

from dataclasses import replace
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st
from test_memo import answer
from web_fakes import Shelf

from corpus.errors import DataError, InputError
from corpus.types import Origin
from rag.types import Facts, Finding
from ui import positions
from ui.positions import Held, Position

BY = positions.signature(" Ada  Lovelace ", "2026-02-03", "Ask first.")


def signed(home: Path, owner: str = "", **changes: object) -> Position:
    return positions.sign(home, owner, ("id", answer(**changes)), BY)


def test_a_position_comes_back_as_it_was_signed(tmp_path: Path) -> None:
    made = signed(tmp_path)
    assert positions.of_owner(tmp_path, "") == Held((made,), ())
    assert made.signature.name == "Ada Lovelace"
    assert all(path.stat().st_mode & 0o077 == 0 for path in tmp_path.rglob("*.json"))
    assert made.about == (("acme-open-2", "sell", "weights"), ("acme-open-1", "train", "outputs"))


def test_a_form_that_is_sent_twice_signs_once(tmp_path: Path) -> None:
    made = signed(tmp_path)
    assert signed(tmp_path) == made
    other = positions.sign(tmp_path, "", ("id", answer()), positions.signature("Bob", "2026-02-04"))
    assert positions.of_owner(tmp_path, "").positions == (other, made)


def test_a_later_answer_to_the_same_names_it_and_keeps_its_verdict(tmp_path: Path) -> None:
    signed(tmp_path)
    later = answer(findings=(Finding("sell", "weights", "acme-open-2", "yes", "express-grant", (1,)),), verdict="yes")
    noted = positions.noted(tmp_path, "", later, Shelf().records)
    (row,) = noted.pop("positions")
    assert noted == later
    assert (row["verdict"], row["signed_by"], row["date"], row["changed"]) == (
        "conditional",
        "Ada Lovelace",
        "2026-02-03",
        [],
    )
    assert positions.sentence(row).startswith(
        "Position of 2026-02-03, signed by Ada Lovelace: On conditions (“May we sell"
    )


def test_what_stops_all_business_concerns_each_act_that_was_signed(tmp_path: Path) -> None:
    signed(tmp_path)
    stopped = (Finding("commercial-use", "weights", "acme-open-2", "no", "separate-license", (1,)),)
    later = answer(findings=stopped, facts=Facts(given={"users": 800_000_000}))
    (row,) = positions.noted(tmp_path, "", later, Shelf().records)["positions"]
    assert row["changed"] == [
        "monthly active users: 1,000,000 then, 800,000,000 now",
        "place: DE then, not given now",
        "commercial purpose: Yes then, not given now",
    ]


@pytest.mark.parametrize(
    ("license", "act", "asset"),
    [("acme-open-2", "train", "weights"), ("acme-policy", "sell", "weights"), ("acme-open-2", "sell", "outputs")],
)
def test_an_answer_to_something_else_does_not(tmp_path: Path, license: str, act: str, asset: str) -> None:
    signed(tmp_path)
    other = answer(findings=(Finding(act, asset, license, "no", "silent", (1,)),))  # type: ignore[arg-type]
    assert positions.noted(tmp_path, "", other, Shelf().records) == other


def test_an_answer_without_findings_is_the_same_question_only(tmp_path: Path) -> None:
    signed(tmp_path, findings=(), question="Which  court?")
    same, other = answer(findings=(), question="which court?"), answer(findings=(), question="Which law?")
    assert len(positions.noted(tmp_path, "", same, Shelf().records)["positions"]) == 1
    assert "positions" not in positions.noted(tmp_path, "", other, Shelf().records)


def test_it_is_flagged_when_its_texts_or_facts_have_changed(tmp_path: Path) -> None:
    made = signed(tmp_path)
    records = Shelf().records
    record = records["acme-open-2"]
    records["acme-open-2"] = replace(record, origin=Origin("file", "0" * 64))
    assert positions.changed_texts(made, records) == ("the text of Acme Open License 2 <beta> has changed",)
    assert positions.changed_texts(made, {}) == ("acme-open-2 is no longer on file",)
    later = answer(
        facts=Facts(given={"commercial": False, "users": 1_000_000, "growth": True}, assumed={"place": "FR"})
    )
    (row,) = positions.noted(tmp_path, "", later, Shelf().records)["positions"]
    assert row["changed"] == [
        "place: DE then, FR now",
        "commercial purpose: Yes then, No now",
        "growth comes later: not given then, Yes now",
    ]
    assert "To be reviewed: place: DE then" in positions.sentence(row)


def test_what_goes_without_saying_is_no_change(tmp_path: Path) -> None:
    signed(tmp_path, facts=Facts(given={"users": 1}))
    later = answer(facts=Facts(given={"users": 1, "growth": False}))
    (row,) = positions.noted(tmp_path, "", later, Shelf().records)["positions"]
    assert row["changed"] == []


def test_nobody_else_sees_or_withdraws_it(tmp_path: Path) -> None:
    made = signed(tmp_path, "ada")
    assert positions.of_owner(tmp_path, "bob") == Held((), ())
    assert "positions" not in positions.noted(tmp_path, "bob", answer(), Shelf().records)
    for key in (made.key, "0" * 32, "../x", ""):
        with pytest.raises(InputError, match="no such position"):
            positions.withdraw(tmp_path, "bob", key)
    positions.withdraw(tmp_path, "ada", made.key)
    assert positions.of_owner(tmp_path, "ada") == Held((), ())
    with pytest.raises(InputError, match="no such position"):
        positions.withdraw(tmp_path, "ada", made.key)


def test_all_of_a_user_go_and_nobody_elses(tmp_path: Path) -> None:
    made = signed(tmp_path, "ada")
    signed(tmp_path, "bob")
    next((tmp_path / "positions").glob("*/*")).with_name("damaged.json").write_text("{")
    positions.forget(tmp_path, "bob")
    positions.forget(tmp_path, "nobody")
    assert positions.of_owner(tmp_path, "bob") == Held((), ())
    assert positions.of_owner(tmp_path, "ada").positions == (made,)


@pytest.mark.parametrize(
    ("name", "day", "note", "told"),
    [
        (" ", "2026-01-01", "", "reviewer's name"),
        ("x" * 121, "2026-01-01", "", "reviewer's name"),
        ("Ada", "yesterday", "", "is not a date"),
        ("Ada", "9999-01-01", "", "still to come"),
        ("Ada", "2026-01-01", "x" * 2_001, "2,001 characters"),
    ],
)
def test_what_is_no_signature_is_one_clear_line(name: str, day: str, note: str, told: str) -> None:
    with pytest.raises(InputError, match=told):
        positions.signature(name, day, note)


@given(st.text(max_size=50), st.text(max_size=20))
def test_any_text_signs_or_is_refused(name: str, day: str) -> None:
    try:
        made = positions.signature(name, day)
    except InputError:
        return
    assert made.name
    assert len(made.date) == 10


def test_a_damaged_file_is_told_and_hides_no_other(tmp_path: Path) -> None:
    signed(tmp_path)
    (path,) = tmp_path.rglob("*.json")
    whole = path.read_bytes()
    named = path.stem.encode()
    other = positions.sign(tmp_path, "", ("id", answer()), positions.signature("Bob", "2026-02-04"))
    damages = (
        b"{",
        b"[]",
        b'{"key": "x"}',
        whole.replace(b'"about": [[', b'"about": [[1, '),
        whole.replace(named, b"x"),
    )
    for damaged in damages:
        path.write_bytes(damaged)
        noted = positions.noted(tmp_path, "", answer(), Shelf().records)
        assert noted["problems"][-1].endswith("is damaged; mend or remove it")
        assert [row["id"] for row in noted["positions"]] == [other.key]
        assert positions.noted(tmp_path, "ada", answer(), Shelf().records) == answer()


def test_what_is_no_answer_is_not_signed(tmp_path: Path) -> None:
    with pytest.raises(DataError, match="cannot be read"):
        positions.sign(tmp_path, "", ("id", {"question": "q"}), BY)
    assert not list(tmp_path.rglob("*.json"))
