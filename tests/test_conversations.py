"""A conversation beyond one page: what comes while it is deleted, what two tabs show, what a follow-up is read with."""

import time
import uuid
from pathlib import Path
from typing import Any

import jwt
import pytest
from test_history import SECRET, files_with, play, speaking, step, talk

from rag import shelf
from rag.settings import Access
from rag.types import Turn
from ui import kept, users
from ui.people import STAMP, People

# Chainlit's parts warn when they are imported.
pytestmark = [pytest.mark.slow, pytest.mark.filterwarnings("ignore::DeprecationWarning")]


def log_in_of(people: People, name: str) -> str:
    said = {"identifier": name, "metadata": {STAMP: users.stamp(people.home, name)}, "exp": time.time() + 60}
    return jwt.encode(said, people.secret, algorithm="HS256")


@pytest.mark.parametrize("gone", ["conversation", "user"])
def test_what_is_written_while_it_is_deleted_goes_too(tmp_path: Path, gone: str) -> None:
    people = People(tmp_path, Access("password"))
    users.add(tmp_path, "jo", "correct horse battery")

    async def scenario(history: Any) -> None:
        import chainlit
        from chainlit.user import User

        from ui import conversations

        thread = str(uuid.uuid4())

        async def reply(message: object) -> None:
            if gone == "user":
                users.remove(tmp_path, "jo")
            else:
                history.deleted.add(thread)
            kept.keep(tmp_path, (thread, "jo"), {"question": SECRET, "text": "No."})
            attached = tmp_path / shelf.CONVERSATIONS / thread
            attached.mkdir(parents=True)
            (attached / "policy.md").write_text(SECRET, encoding="utf-8")

        with speaking(User(identifier="jo"), thread) as session:
            session.token = log_in_of(people, "jo")
            await conversations.within(chainlit, history, people)(reply)(None)
        assert files_with(tmp_path, b"Zanzibar") == []

    play(people, scenario)


def test_a_page_drawn_anew_in_mid_answer_is_drawn_again_at_its_end(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The other tab finishes first: what it sends does not hold this tab's answer yet."""
    people, drawn = People(tmp_path), []

    async def scenario(history: Any) -> None:
        import chainlit

        from ui import conversations

        thread = await talk(history, "jo", SECRET)
        user = await history.get_user("jo")

        def page(name: str, session: Any) -> Any:
            async def emit(event: str, data: Any) -> None:
                drawn.append((name, event))

            session.emit = emit
            return session

        with speaking(user, thread) as session:
            other = page("other", session)
        with speaking(user, thread) as session:
            one = page("one", session)
            monkeypatch.setattr(conversations, "_sessions", lambda thread: [one, other])

            async def reply(message: object) -> None:
                with speaking(user, thread, other):
                    await conversations.share(chainlit, history)

            await conversations.within(chainlit, history, people)(reply)(None)
        assert drawn == [(name, "resume_thread") for name in ("one", "other", "one")]

    play(people, scenario)


def test_nothing_is_kept_of_who_is_no_longer_logged_in(tmp_path: Path) -> None:
    people = People(tmp_path, Access("password"))

    async def scenario(history: Any) -> None:
        from chainlit.user import User

        thread = str(uuid.uuid4())
        with speaking(User(identifier="jo"), thread):
            await history.create_step(step(thread, SECRET))
        assert await history.get_user("jo") is None
        assert files_with(tmp_path, b"Zanzibar") == []

    play(people, scenario)


def test_a_follow_up_is_read_with_the_last_answer(tmp_path: Path) -> None:
    from ui.conversations import turns

    thread = str(uuid.uuid4())
    assert turns(tmp_path, thread, "jo") == ()
    before = (Turn("user", "a"), Turn("assistant", "b"))
    kept.keep(tmp_path, (thread, "jo"), {"question": "c", "text": "d"}, before)
    assert turns(tmp_path, thread, "jo") == (*before, Turn("user", "c"), Turn("assistant", "d"))
    assert turns(tmp_path, thread, "mo") == ()
