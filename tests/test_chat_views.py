"""What the views ask for: clauses of kept answers, the same question with other facts, ratings; made-up requests get a line."""

import asyncio
from pathlib import Path
from types import SimpleNamespace

import pytest
from chat_room import Room
from web_fakes import Replies, opener

from evals import inbox
from evals.feedback import LONGEST_REASON, Correction, Entry
from rag.types import Turn
from ui import chat, chat_feedback, chat_settings, chat_views, kept, positions, profile
from ui.opened import Opened

QUESTION = "May I sell it to 5 million users?"


class Talk:
    """A conversation with one answer shown, over a home folder."""

    def __init__(self, home: Path, user: str = "") -> None:
        self.home, self.room, self.pipeline = home, Room(user), Replies()
        self.opened = Opened(home, opener(self.pipeline))
        chat_settings.register(self.room, self.opened)
        chat_views.register(self.room, self.opened, lambda answering: answering)
        chat_feedback.register(self.room, self.opened)
        self.say("First?", QUESTION)

    def say(self, *questions: str) -> None:
        reply = chat._reply(self.room, self.opened)
        for question in questions:
            asyncio.run(reply(SimpleNamespace(content=question, command=None)))

    @property
    def id(self) -> str:
        return self.room.view["id"]

    def entries(self) -> tuple[Entry, ...]:
        return inbox.entries(self.home / "eval").entries


@pytest.fixture
def talk(tmp_path: Path) -> Talk:
    return Talk(tmp_path)


def test_a_marker_opens_the_clause_of_the_kept_answer(talk: Talk) -> None:
    clause = talk.room.act(chat_views.CLAUSE, {"id": talk.id, "n": 2})["clause"]
    assert [piece["text"] for piece in clause["pieces"] if piece["marked"]] == [
        "(a) remove *notices* from the Work; or"
    ]


@pytest.mark.parametrize("name", [chat_views.CLAUSE, chat_views.AGAIN, chat_feedback.RATE])
@pytest.mark.parametrize("payload", [None, {}, {"id": "../../x"}, {"id": ["x"]}, {"id": f"{'0' * 8}-0000"}, "id"])
def test_an_answer_that_is_made_up_gets_one_line(talk: Talk, name: str, payload: object) -> None:
    reply = talk.room.act(name, payload)
    assert reply == {"line": "No such answer is kept, or its conversation was deleted; ask again."}
    assert talk.entries() == ()


@pytest.mark.parametrize("name", [chat_views.CLAUSE, chat_views.AGAIN, chat_feedback.RATE])
def test_somebody_elses_answer_is_none(talk: Talk, name: str, tmp_path: Path) -> None:
    other = Talk(tmp_path, "bert")
    reply = other.room.act(name, {"id": talk.id, "n": 1, "facts": {"users": "7"}, "rating": "up"})
    assert reply["line"].startswith("No such answer is kept")
    assert talk.entries() == ()


@pytest.mark.parametrize("n", [0, 99, "1", None])
def test_a_source_that_the_answer_lacks_is_said(talk: Talk, n: object) -> None:
    assert "no such source" in talk.room.act(chat_views.CLAUSE, {"id": talk.id, "n": n})["line"]


def test_a_signed_answer_is_named_beside_later_ones(talk: Talk) -> None:
    assert talk.room.view["positions"] == []
    answer = kept.load(talk.home, talk.id, "")
    positions.sign(
        talk.home, "", (answer.id, answer.answer), positions.Signature("Ada\u202e", "2026-01-02", "Ask <b>.")
    )
    talk.say(QUESTION)
    (row,) = talk.room.view["positions"]
    assert row["line"].startswith("Position of 2026-01-02, signed by Ada\ufffd: ")
    assert "Note: Ask <b>." in row["line"]
    (path,) = (talk.home / "positions").rglob("*.json")
    assert row["url"] == f"/positions#{path.stem}"
    path.write_bytes(b"{")
    talk.say(QUESTION)
    assert talk.room.view["positions"] == []
    assert any("position cannot be named" in note for note in talk.room.view["notes"])


def test_other_facts_ask_the_same_question_again(talk: Talk) -> None:
    asked = len(talk.pipeline.asked)
    assert talk.room.act(chat_views.AGAIN, {"id": talk.id, "facts": {"users": "800 million", "revenue": ""}}) == {}
    request = talk.pipeline.asked[-1]
    assert len(talk.pipeline.asked) == asked + 1
    assert (request.question, dict(request.facts)) == (QUESTION, {"users": 800_000_000})
    assert [turn.content for turn in request.history if turn.role == "user"] == ["First?"]  # as when it was asked
    said = [(kind, text) for kind, text, _ in talk.room.said]
    assert said[-2] == ("User", "The same question, with monthly active users: 800,000,000")
    assert [what for name, what in talk.room.told if name == "task"] == ["start", "end"]
    assert kept.load(talk.home, talk.id, "").answer["question"] == QUESTION


def test_asking_again_is_answered_like_any_message(talk: Talk) -> None:
    seen: list[str] = []

    def within(answer):
        async def answered(message) -> None:
            seen.append(message.content)
            await answer(message)

        return answered

    chat_views.register(talk.room, talk.opened, within)
    talk.room.act(chat_views.AGAIN, {"id": talk.id, "facts": {"users": "7"}})
    assert seen == ["The same question, with monthly active users: 7"]
    assert dict(talk.pipeline.asked[-1].facts) == {"users": 7}


def test_what_the_question_states_is_not_stated_twice(talk: Talk) -> None:
    talk.room.act(chat_views.AGAIN, {"id": talk.id, "facts": {"users": "5,000,000", "commercial": "no"}})
    assert dict(talk.pipeline.asked[-1].facts) == {"commercial": False}


def test_a_version_that_is_chosen_limits_the_answer_and_a_name_joins_the_question(talk: Talk) -> None:
    talk.room.act(chat_views.AGAIN, {"id": talk.id, "facts": {"version": "acme-open-1", "license": "Acme Open"}})
    request = talk.pipeline.asked[-1]
    assert request.licenses == ("acme-open-1",)
    assert request.question == f"{QUESTION} (Acme Open)"
    assert talk.room.view["scope"] == ["Acme Open License 1"]
    talk.room.act(chat_views.AGAIN, {"id": talk.id, "facts": {"version": "acme-open-2"}})
    assert talk.room.said[-2][1] == "The same question, with version: Acme Open License 2 <beta>"


@pytest.mark.parametrize(
    ("form", "line"),
    [
        ({"users": "lots"}, "Monthly active users: 'lots' is no amount"),
        ({"shoe_size": "44"}, "'shoe_size' is no fact"),
        ({"users": 5}, "The form holds no facts"),
        ("users", "The form holds no facts"),
        (None, "The form holds no facts"),
    ],
)
def test_a_form_that_cannot_be_read_asks_nothing(talk: Talk, form: object, line: str) -> None:
    asked = len(talk.pipeline.asked)
    assert line in talk.room.act(chat_views.AGAIN, {"id": talk.id, "facts": form})["line"]
    assert len(talk.pipeline.asked) == asked


def test_an_error_of_ours_is_one_line(talk: Talk, monkeypatch: pytest.MonkeyPatch) -> None:
    def fails(*arguments: object) -> None:
        raise KeyError("secret")

    monkeypatch.setattr(inbox, "add", fails)
    line = talk.room.act(chat_feedback.RATE, {"id": talk.id, "rating": "up"})["line"]
    assert "KeyError" in line
    assert "secret" not in line


# The profile and the settings


def choose(talk: Talk, **settings: object) -> None:
    talk.room.act(
        "settings", {"scope": [], "users": "", "revenue": "", "principal_place": "", "places": "", **settings}
    )


def test_the_profile_fills_what_a_question_leaves_open(talk: Talk) -> None:
    choose(talk, users="800 million", principal_place="Germany")
    assert profile.load(talk.home, "") == {"principal_place": "EU", "users": 800_000_000}
    talk.say("May we ship it?")
    # What was said before in the conversation goes first: 5 million users.
    assert dict(talk.pipeline.asked[-1].facts) == {"principal_place": "EU"}
    fresh = Talk(talk.home)
    assert dict(fresh.pipeline.asked[0].facts) == {"principal_place": "EU", "users": 800_000_000}
    assert dict(fresh.pipeline.asked[1].facts) == {"principal_place": "EU"}


def test_facts_of_the_profile_are_shown_as_such_when_asked_again(talk: Talk) -> None:
    choose(talk, principal_place="DE")
    talk.room.act(chat_views.AGAIN, {"id": talk.id, "facts": {"principal_place": "EU", "revenue": "7"}})
    again = chat_views.with_facts(
        kept.load(talk.home, talk.id, ""), {"principal_place": "EU", "revenue": "7"}, {"principal_place": "EU"}
    )
    assert again.origins == {"principal_place": "profile", "revenue": "form"}


def test_the_scope_lasts_as_long_as_the_conversation(talk: Talk) -> None:
    choose(talk, scope=["acme-open-2"])
    talk.say("May I sell it?")
    assert talk.pipeline.asked[-1].licenses == ("acme-open-2",)
    assert talk.room.view["scope"] == ["Acme Open License 2 <beta>"]
    assert Talk(talk.home).pipeline.asked[-1].licenses == ()


@pytest.mark.parametrize(
    ("settings", "line"),
    [({"users": "lots"}, "no amount"), ({"scope": ["gone"], "users": "5"}, "gone is not on file")],
)
def test_settings_that_cannot_be_kept_are_said_and_change_nothing(talk: Talk, settings: dict, line: str) -> None:
    choose(talk, revenue="7")
    choose(talk, **settings)
    assert talk.room.last[0] == "ErrorMessage"
    assert line in talk.room.last[1]
    assert profile.load(talk.home, "") == {"revenue": 7}
    assert chat_settings.scope(talk.room) == ()


def test_a_conversation_begins_with_commands_and_the_profile(talk: Talk) -> None:
    choose(talk, users="5 million")
    asyncio.run(chat._begin(talk.room, talk.opened, None)())
    (_, commands), (_, inputs) = talk.room.told[-2:]
    assert [row["id"] for row in commands] == ["compare", "claim", "stack", "license", "sources"]
    assert [row["id"] for row in inputs] == ["scope", "principal_place", "places", "users", "revenue"]
    assert [row["initial"] for row in inputs] == [[], "", "", "5,000,000", ""]
    assert list(inputs[0]["items"].values()) == ["acme-open-1", "acme-open-2"]


def test_a_conversation_that_is_picked_up_again_keeps_its_scope(talk: Talk) -> None:
    later = Talk(talk.home)
    later.room.user_session.set("chat_settings", {"scope": ["acme-open-2", "gone", ["x"]], "users": "9"})
    asyncio.run(chat_settings.open_settings(later.room, later.opened))
    assert later.room.told[-1][1][0]["initial"] == ["acme-open-2"]
    later.say("May I sell it?")
    assert later.pipeline.asked[-1].licenses == ("acme-open-2",)


def test_a_sentence_on_a_stack_is_read_with_scope_and_profile(talk: Talk) -> None:
    choose(talk, scope=["acme-open-2"], revenue="7")
    reply = chat._reply(talk.room, talk.opened)
    asyncio.run(reply(SimpleNamespace(content="We sell a fine-tune of it.", command="stack")))
    asked = talk.pipeline.asked[-1]
    assert (asked.licenses, dict(asked.facts)) == (("acme-open-2",), {"revenue": 7})
    assert talk.room.view["scope"] == ["Acme Open License 2 <beta>"]


def test_a_damaged_profile_is_said_before_any_answer(talk: Talk) -> None:
    choose(talk, users="5 million")
    next((talk.home / profile.FOLDER).iterdir()).write_text("{")
    talk.say("And now?")
    assert talk.room.last[0] == "ErrorMessage"
    assert "enter it again in the settings" in talk.room.last[1]
    asyncio.run(chat_settings.open_settings(talk.room, talk.opened))
    assert [row["initial"] for row in talk.room.told[-1][1]] == [[], "", "", "", ""]


def test_who_writes_can_be_chosen_where_a_model_is_served(talk: Talk) -> None:
    assert talk.room.act("profiles", None) == []
    talk.pipeline.writer = object()
    offered = talk.room.act("profiles", None)
    assert [each["name"] for each in offered] == ["Model-written", "Rules only"]
    assert chat_settings.engine(talk.room) == "auto"
    talk.room.user_session.set("chat_profile", "Rules only")
    talk.say("And now?")
    assert talk.pipeline.asked[-1].engine == "rules"


# Ratings


def test_right_is_kept_with_the_answer_as_it_was(talk: Talk) -> None:
    reply = talk.room.act(chat_feedback.RATE, {"id": talk.id, "rating": "up"})
    assert reply == {"done": True, "line": chat_feedback.THANKS}
    (entry,) = talk.entries()
    answer = Replies().answer(SimpleNamespace(id="", question=""))
    assert (entry.rating, entry.question, entry.reason, entry.correction) == ("up", QUESTION, "", None)
    assert entry.history == (Turn("user", "First?"), Turn("assistant", answer.text))
    assert (entry.answer.verdict, entry.answer.text) == (answer.verdict, answer.text)
    assert [(c.document, c.clause, c.quote, c.sha256) for c in entry.answer.citations] == [
        (c.document, c.clause, c.quote, c.sha256) for c in answer.citations
    ]


COPIED = "Acme (2025), clause 2: “You may not:” http://127.0.0.1:8000/source/acme-open-2?start=1&end=9#2"


@pytest.mark.parametrize(
    ("said", "correction"),
    [
        ({}, None),
        ({"verdict": "no"}, Correction("no")),
        ({"clause": COPIED}, Correction("", "acme-open-2", "2", "You may not:")),
        ({"verdict": "no", "clause": COPIED}, Correction("no", "acme-open-2", "2", "You may not:")),
        ({"reason": "verdict: yes, I say"}, Correction("yes")),
        ({"reason": "verdict: yes, I say", "verdict": "no"}, Correction("no")),
    ],
)
def test_what_is_wrong_is_kept_with_its_correction(talk: Talk, said: dict, correction: Correction | None) -> None:
    talk.room.act(chat_feedback.RATE, {"id": talk.id, "rating": "down", "reason": "Clause 2 <b>\x1b[31m", **said})
    (entry,) = talk.entries()
    assert (entry.rating, entry.correction) == ("down", correction)
    assert entry.reason == said.get("reason", "Clause 2 <b>\ufffd[31m")


@pytest.mark.parametrize(
    ("said", "line"),
    [
        ({"rating": "sideways"}, "Say whether the answer is right or not"),
        ({"verdict": "maybe"}, "The right verdict is one of"),
        ({"reason": "x" * (LONGEST_REASON + 1)}, "at most 2,000 characters, yours has 2,001"),
        ({"clause": "“" * 300_000}, "A citation has at most 8,000 characters, yours has 300,000"),
        ({"clause": "clause 5"}, "is a citation as “Copy citation” gives it"),
        ({"reason": 5}, "Reason must be words"),
    ],
)
def test_what_cannot_be_kept_is_said_and_can_be_mended(talk: Talk, said: dict, line: str) -> None:
    assert line in talk.room.act(chat_feedback.RATE, {"id": talk.id, "rating": "down", **said})["line"]
    assert talk.entries() == ()
    assert talk.room.act(chat_feedback.RATE, {"id": talk.id, "rating": "down"})["done"]


def test_an_answer_is_rated_once(talk: Talk) -> None:
    talk.room.act(chat_feedback.RATE, {"id": talk.id, "rating": "up"})
    reply = talk.room.act(chat_feedback.RATE, {"id": talk.id, "rating": "down"})
    assert reply == {"line": "What you said of this answer is kept already."}
    assert [entry.rating for entry in talk.entries()] == ["up"]


def test_an_inbox_that_cannot_be_written_is_one_line_and_it_can_be_tried_again(talk: Talk) -> None:
    (talk.home / "eval").write_text("a file")
    line = talk.room.act(chat_feedback.RATE, {"id": talk.id, "rating": "up"})["line"]
    assert line.startswith("Cannot write ")
    assert "\n" not in line
    (talk.home / "eval").unlink()
    assert talk.room.act(chat_feedback.RATE, {"id": talk.id, "rating": "up"})["done"]


def test_a_half_line_that_was_cut_is_told(talk: Talk) -> None:
    (talk.home / "eval").mkdir()
    (talk.home / "eval" / inbox.INBOX).write_text('{"id": "cut o')
    assert "killed writer" in talk.room.act(chat_feedback.RATE, {"id": talk.id, "rating": "up"})["line"]
    assert len(talk.entries()) == 1
