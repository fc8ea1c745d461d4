"""What a reader says of an answer reaches the inbox once, with the answer as it was; nothing else of a page does."""

import asyncio
from pathlib import Path
from types import SimpleNamespace

import pytest
from chat_room import Room
from web_fakes import Replies, opener

from evals import inbox
from evals.feedback import LONGEST_REASON, Entry
from rag.types import Turn
from ui import chat, chat_feedback
from ui.opened import Opened


@pytest.fixture
def room(tmp_path: Path) -> Room:
    made = Room()
    chat_feedback.register(made, tmp_path)
    return made


def say(room: Room, home: Path, *messages: str) -> Replies:
    pipeline = Replies()
    reply = chat._reply(room, Opened(home, opener(pipeline)))
    for message in messages:
        asyncio.run(reply(SimpleNamespace(content=message)))
    return pipeline


def queued(home: Path) -> tuple[Entry, ...]:
    return inbox.entries(home / "eval").entries


def test_right_is_kept_at_once_with_the_answer_as_it_was(room: Room, tmp_path: Path) -> None:
    say(room, tmp_path, "First?", "May I sell it?")
    assert room.labels == ["Right", "Not right"] * 2
    assert [each.icon for each in room.buttons[:2]] == ["thumbs-up", "thumbs-down"]
    room.press("Right")
    (entry,) = queued(tmp_path)
    answer = Replies().answer(SimpleNamespace(id="", question=""))
    assert (entry.rating, entry.question, entry.reason) == ("up", "May I sell it?", "")
    assert entry.history == (Turn("user", "First?"), Turn("assistant", answer.text))
    assert (entry.answer.verdict, entry.answer.text) == (answer.verdict, answer.text)
    assert [(c.document, c.clause, c.quote, c.sha256) for c in entry.answer.citations] == [
        (c.document, c.clause, c.quote, c.sha256) for c in answer.citations
    ]
    assert room.last == ("Message", chat_feedback.THANKS)
    assert "on this machine" in chat_feedback.THANKS
    assert room.labels == ["Right", "Not right"]  # those of the first answer


def test_not_right_takes_the_next_message_as_the_reason(room: Room, tmp_path: Path) -> None:
    pipeline = say(room, tmp_path, "May I sell it?")
    room.press("Not right")
    room.press("Not right")  # twice: asked once
    assert [text for _, text, _ in room.said].count(chat_feedback.ASKED) == 1
    assert queued(tmp_path) == ()
    say(room, tmp_path, "Clause 2 <b>says</b> | *otherwise*\x1b[31m")
    (entry,) = queued(tmp_path)
    assert (entry.rating, entry.reason) == ("down", "Clause 2 <b>says</b> | *otherwise*\ufffd[31m")
    assert room.last == ("Message", chat_feedback.TAKEN)
    assert room.labels == []
    assert len(pipeline.asked) == 1
    # The next message is a question again, and the reason is no part of its history.
    (request,) = say(room, tmp_path, "And now?").asked
    assert [turn.content for turn in request.history if turn.role == "user"] == ["May I sell it?"]


def test_a_reason_with_a_verdict_is_kept_as_a_correction(room: Room, tmp_path: Path) -> None:
    say(room, tmp_path, "May I sell it?")
    room.press("Not right")
    say(room, tmp_path, "verdict: no, look at clause 2")
    (entry,) = queued(tmp_path)
    assert entry.correction is not None
    assert entry.correction.verdict == "no"


def test_cancelled_it_asks_no_longer_and_can_be_rated_again(room: Room, tmp_path: Path) -> None:
    say(room, tmp_path, "May I sell it?")
    room.press("Not right")
    assert room.labels == ["Right", "Not right", "Keep without a reason", "Cancel"]
    room.press("Cancel")
    assert room.labels == ["Right", "Not right"]
    assert len(say(room, tmp_path, "Another question?").asked) == 1
    assert queued(tmp_path) == ()
    room.press("Not right", at=0)
    room.press("Keep without a reason")
    assert [(entry.rating, entry.question, entry.reason) for entry in queued(tmp_path)] == [
        ("down", "May I sell it?", "")
    ]


def test_the_answer_last_asked_about_gets_the_reason(room: Room, tmp_path: Path) -> None:
    say(room, tmp_path, "First?", "Second?")
    room.press("Not right", at=0)
    room.press("Not right", at=1)
    room.press("Cancel", at=0)  # the first's
    say(room, tmp_path, "because")
    assert [(entry.question, entry.reason) for entry in queued(tmp_path)] == [("Second?", "because")]


def test_a_reason_too_long_is_said_and_can_be_written_again(room: Room, tmp_path: Path) -> None:
    say(room, tmp_path, "May I sell it?")
    room.press("Not right")
    say(room, tmp_path, "x" * (LONGEST_REASON + 1))
    assert "at most 2,000 characters, yours has 2,001" in room.last[1]
    assert queued(tmp_path) == ()
    say(room, tmp_path, "shorter")
    assert [entry.reason for entry in queued(tmp_path)] == ["shorter"]


@pytest.mark.parametrize("payload", [None, {}, {"key": "made-up"}, {"key": ["x"]}, "key"])
@pytest.mark.parametrize("name", [chat_feedback.RIGHT, chat_feedback.WRONG, chat_feedback.BARE, chat_feedback.CANCEL])
def test_a_button_that_is_gone_or_made_up_keeps_nothing(room: Room, tmp_path: Path, name: str, payload: object) -> None:
    say(room, tmp_path, "May I sell it?")
    room.press_any(name, payload)
    assert "ask again" in room.last[1]
    assert queued(tmp_path) == ()


def test_a_button_pressed_twice_keeps_once(room: Room, tmp_path: Path) -> None:
    say(room, tmp_path, "May I sell it?")
    button = room.buttons[0]
    room.press("Right")
    room.press_any(button.name, button.payload)
    assert len(queued(tmp_path)) == 1


def test_only_the_last_answers_can_be_rated(room: Room, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(chat_feedback, "RATEABLE", 2)
    say(room, tmp_path, "First?", "Second?", "Third?")
    room.press("Right", at=0)
    assert "too old" in room.last[1]
    room.press("Right", at=1)
    assert [entry.question for entry in queued(tmp_path)] == ["Second?"]


def test_an_inbox_that_cannot_be_written_is_one_line_and_questions_go_on(room: Room, tmp_path: Path) -> None:
    (tmp_path / "eval").write_text("a file")
    say(room, tmp_path, "May I sell it?")
    room.press("Right")
    kind, text = room.last
    assert kind == "ErrorMessage"
    assert text.startswith("This is not kept: cannot write ")
    assert "\n" not in text
    room.press("Not right")
    say(room, tmp_path, "wrong")
    assert room.last[0] == "ErrorMessage"
    assert len(say(room, tmp_path, "Another?").asked) == 1
    (tmp_path / "eval").unlink()
    room.press("Right", at=0)  # the first answer can still be rated
    assert [entry.question for entry in queued(tmp_path)] == ["May I sell it?"]


def test_an_error_of_ours_is_one_line(room: Room, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def fails(*arguments: object) -> None:
        raise KeyError("secret")

    monkeypatch.setattr(inbox, "add", fails)
    say(room, tmp_path, "May I sell it?")
    room.press("Right")
    assert room.last[0] == "ErrorMessage"
    assert "KeyError" in room.last[1]
    assert "secret" not in room.last[1]


def test_an_answer_that_broke_off_has_no_buttons(room: Room, tmp_path: Path) -> None:
    say(room, tmp_path, "late", "bug", "boom")
    assert room.labels == []


def test_a_half_line_that_was_cut_is_told(room: Room, tmp_path: Path) -> None:
    (tmp_path / "eval").mkdir()
    (tmp_path / "eval" / inbox.INBOX).write_text('{"id": "cut o')
    say(room, tmp_path, "May I sell it?")
    room.press("Right")
    assert "killed writer" in room.last[1]
    assert len(queued(tmp_path)) == 1
