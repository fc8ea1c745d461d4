"""People with a password: names, hashes, and a file that nobody else reads."""

import json
import sys
from io import StringIO
from pathlib import Path

import pytest

from corpus.errors import DataError, InputError
from ui import users
from ui.cli import main

pytestmark = pytest.mark.usefixtures("quick_hashes")
WORDS = "correct horse battery"


def test_a_password_is_kept_as_a_hash_that_only_its_owner_reads(tmp_path: Path) -> None:
    assert users.add(tmp_path, " Jo@Acme.example ", WORDS) == "jo@acme.example"
    path = users.path_of(tmp_path)
    text = path.read_text(encoding="utf-8")
    assert WORDS not in text
    assert json.loads(text)["jo@acme.example"].startswith("$argon2id$")
    assert path.stat().st_mode & 0o077 == 0
    assert users.verified(tmp_path, "JO@acme.example", WORDS) == "jo@acme.example"
    assert users.verified(tmp_path, "jo@acme.example", WORDS + "x") is None
    assert users.verified(tmp_path, "somebody", WORDS) is None


def test_a_password_is_not_cut(tmp_path: Path) -> None:
    users.add(tmp_path, "jo", "x" * 1024)
    assert users.verified(tmp_path, "jo", "x" * 1024) == "jo"
    assert users.verified(tmp_path, "jo", "x" * 1025) is None


@pytest.mark.parametrize("name", ["", "*", "../jo", "jo/x", "a b", ".jo", "j" * 65, "jö", "jo\n", "<b>"])
def test_what_is_no_name_is_refused(tmp_path: Path, name: str) -> None:
    if name == "jo\n":
        assert users.name_of(name) == "jo"
        return
    with pytest.raises(InputError, match="is no name for a user"):
        users.add(tmp_path, name, WORDS)


def test_a_name_is_given_once_and_a_short_password_never(tmp_path: Path) -> None:
    with pytest.raises(InputError, match="a password has 10 to 1024 characters"):
        users.add(tmp_path, "jo", "short")
    assert users.names(tmp_path) == []
    users.add(tmp_path, "jo", WORDS)
    with pytest.raises(InputError, match="there is a user jo"):
        users.add(tmp_path, "Jo", WORDS)
    users.remove(tmp_path, "jo")
    assert users.verified(tmp_path, "jo", WORDS) is None
    with pytest.raises(InputError, match="there is no user jo"):
        users.remove(tmp_path, "jo")


@pytest.mark.parametrize("content", [b"", b"[]", b'{"jo": 1}', b"\xff", b'{"jo": "no hash"}'])
def test_a_damaged_file_lets_nobody_in(tmp_path: Path, content: bytes) -> None:
    path = users.path_of(tmp_path)
    path.parent.mkdir()
    path.write_bytes(content)
    with pytest.raises(DataError, match="is damaged; put a copy back"):
        users.verified(tmp_path, "jo", WORDS)


def test_the_commands(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> None:
    def run(*arguments: str, typed: str = "") -> tuple[int, str]:
        monkeypatch.setattr(sys, "stdin", StringIO(typed))
        status = main(["--home", str(tmp_path), "users", *arguments])
        said = capsys.readouterr()
        return status, said.out + said.err

    assert run("add", "jo", typed=f"{WORDS}\n") == (0, "jo can log in now\n")
    assert run("add", "jo", typed=f"{WORDS}\n")[0] == 2
    assert run("add", "mo", typed="short\n")[0] == 2
    assert run("list") == (0, "jo\n")
    assert run("password", "mo", typed=f"{WORDS}\n")[0] == 2
    assert run("password", "jo", typed="short\n")[0] == 2
    assert users.verified(tmp_path, "jo", WORDS) == "jo"
    other = f"{WORDS} staple"
    told = "jo has another password now, and is logged out everywhere\n"
    assert run("password", "JO", typed=f"{other}\n") == (0, told)
    assert users.verified(tmp_path, "jo", WORDS) is None
    status, line = run("remove", "jo")
    assert (status, line.count("\n")) == (2, 1)
    assert "add --yes" in line
    assert users.verified(tmp_path, "jo", other) == "jo"
