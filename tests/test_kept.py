"""Answers as they were given: kept whole, read by their owner alone, gone when their conversation is."""

import json
import uuid
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from corpus.errors import DataError, InputError, StoreError
from rag.types import Turn
from ui import kept

ANSWER = {"id": "q1", "verdict": "no", "text": "No. „“ \u2028", "citations": [{"n": 1, "quote": "shall not"}]}


def thread() -> str:
    return str(uuid.uuid4())


def test_an_answer_comes_back_as_it_was_kept(tmp_path: Path) -> None:
    turns = (Turn("user", "May we?"), Turn("assistant", "No."))
    made = kept.keep(tmp_path, (thread(), "ada"), ANSWER, turns, ("Corpus: 3 texts.",))
    assert kept.load(tmp_path, made.id, "ada") == made
    assert made.answer == ANSWER
    assert (made.history, made.origin) == (turns, ("Corpus: 3 texts.",))
    assert all(
        path.stat().st_mode & 0o077 == 0 for path in tmp_path.rglob("*.json")
    )  # it is nobody else's on the machine


def test_another_user_learns_nothing_of_it(tmp_path: Path) -> None:
    made = kept.keep(tmp_path, (thread(), "ada"), ANSWER)
    with pytest.raises(InputError) as others:
        kept.load(tmp_path, made.id, "bob")
    with pytest.raises(InputError) as nobodys:
        kept.load(tmp_path, f"{thread()}.{'0' * 32}", "bob")
    assert str(others.value) == str(nobodys.value)


def test_the_answers_of_a_conversation_come_in_order_and_go_together(tmp_path: Path) -> None:
    here, there = thread(), thread()
    made = [kept.keep(tmp_path, (here, ""), {**ANSWER, "id": str(n)}) for n in range(9)]
    other = kept.keep(tmp_path, (there, ""), ANSWER)
    assert kept.of_thread(tmp_path, here, "") == made
    kept.forget(tmp_path, here)
    assert kept.of_thread(tmp_path, here, "") == []
    assert kept.load(tmp_path, other.id, "") == other
    assert not list(tmp_path.rglob(f"*{here}*"))


@given(st.text(max_size=80))
def test_what_is_no_id_names_no_file(name: str) -> None:
    with pytest.raises(InputError):
        kept.load(Path("/nowhere"), f"{name}/../x", "")
    with pytest.raises(InputError):
        kept.forget(Path("/nowhere"), f"../{name}")


def test_a_damaged_file_is_told_and_stays(tmp_path: Path) -> None:
    made = kept.keep(tmp_path, (thread(), ""), ANSWER)
    (path,) = tmp_path.rglob("*.json")
    for damaged in (b"{", json.dumps({"id": made.id}).encode(), b"[]"):
        path.write_bytes(damaged)
        with pytest.raises(DataError, match="damaged"):
            kept.load(tmp_path, made.id, "")
        assert path.read_bytes() == damaged


def test_a_folder_that_cannot_be_made_is_told(tmp_path: Path) -> None:
    (tmp_path / kept.FOLDER).write_text("in the way")
    with pytest.raises(StoreError, match="cannot write"):
        kept.keep(tmp_path, (thread(), ""), ANSWER)
