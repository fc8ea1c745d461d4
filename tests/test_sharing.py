"""Links that share an answer: they lead to it and nowhere else, until they are revoked or it is gone."""

import uuid
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from corpus.errors import DataError, InputError
from ui import kept, sharing
from ui.kept import Kept


def given_answer(home: Path, owner: str = "ada") -> Kept:
    return kept.keep(home, (str(uuid.uuid4()), owner), {"question": "May we?"})


def test_a_link_leads_to_its_answer(tmp_path: Path) -> None:
    answer = given_answer(tmp_path)
    link = sharing.share(tmp_path, answer)
    assert sharing.shared(tmp_path, link.token) == answer
    assert sharing.share(tmp_path, answer) == link
    assert sharing.of_owner(tmp_path, "ada") == [link]
    (path,) = (tmp_path / "shared").iterdir()
    assert path.stat().st_mode & 0o077 == 0  # who can read the token has the answer


def test_tokens_are_long_and_differ(tmp_path: Path) -> None:
    tokens = {sharing.share(tmp_path, given_answer(tmp_path)).token for _ in range(20)}
    assert len(tokens) == 20
    assert all(len(token) == 43 for token in tokens)


def test_a_revoked_link_leads_nowhere(tmp_path: Path) -> None:
    link = sharing.share(tmp_path, given_answer(tmp_path))
    with pytest.raises(InputError, match="no such link of yours"):
        sharing.revoke(tmp_path, "bob", link.token)
    assert sharing.shared(tmp_path, link.token)
    sharing.revoke(tmp_path, "ada", link.token)
    with pytest.raises(InputError, match="leads to no answer"):
        sharing.shared(tmp_path, link.token)
    assert sharing.of_owner(tmp_path, "ada") == []


def test_a_link_goes_dead_with_its_conversation(tmp_path: Path) -> None:
    answer = given_answer(tmp_path)
    link = sharing.share(tmp_path, answer)
    kept.forget(tmp_path, answer.thread)
    with pytest.raises(InputError, match="leads to no answer"):
        sharing.shared(tmp_path, link.token)


def test_a_forgotten_conversation_takes_its_links_along(tmp_path: Path) -> None:
    answer, other = given_answer(tmp_path), given_answer(tmp_path)
    sharing.share(tmp_path, answer)
    stays = sharing.share(tmp_path, other)
    (tmp_path / "shared" / f"{'x' * 43}.json").write_bytes(b"{")
    sharing.forget(tmp_path, answer.thread)
    assert {path.stem for path in (tmp_path / "shared").glob("*.json")} == {stays.token, "x" * 43}


def test_a_damaged_link_keeps_nobody_from_their_own(tmp_path: Path) -> None:
    link = sharing.share(tmp_path, given_answer(tmp_path))
    (tmp_path / sharing.FOLDER / f"{'x' * 43}.json").write_bytes(b"{")
    assert sharing.of_owner(tmp_path, "ada") == [link]
    sharing.revoke(tmp_path, "ada", link.token)
    assert sharing.of_owner(tmp_path, "ada") == []


def test_nobody_sees_the_links_of_others(tmp_path: Path) -> None:
    sharing.share(tmp_path, given_answer(tmp_path, "ada"))
    assert sharing.of_owner(tmp_path, "bob") == []


@given(st.text(max_size=80))
def test_what_is_no_token_names_no_file(token: str) -> None:
    with pytest.raises(InputError):
        sharing.shared(Path("/nowhere"), token)


def test_a_damaged_or_renamed_file_is_told(tmp_path: Path) -> None:
    link = sharing.share(tmp_path, given_answer(tmp_path))
    path = tmp_path / sharing.FOLDER / f"{link.token}.json"
    other = path.with_name(f"{'x' * 43}.json")
    other.write_bytes(path.read_bytes())
    with pytest.raises(DataError, match="damaged"):
        sharing.shared(tmp_path, "x" * 43)
    other.unlink()
    path.write_bytes(b"{")
    with pytest.raises(DataError, match="damaged"):
        sharing.shared(tmp_path, link.token)
