"""`index` and `licenses`: the store is built, filled, shown, checked and emptied."""

import json
from functools import partial
from pathlib import Path

import pytest
import word_files
from small_store import SMALL, Words, build, fails, printed

from corpus.store import Store
from rag import index
from ui import cli


@pytest.fixture(scope="module")
def home(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return build(tmp_path_factory.mktemp("home"))


@pytest.fixture
def small(monkeypatch: pytest.MonkeyPatch) -> None:
    """Let `clausewise index` work with two licenses and the encoder of words."""
    for name in ("build", "add", "remove"):
        monkeypatch.setattr(index, name, partial(getattr(index, name), catalog=SMALL, encoder=Words()))
    monkeypatch.setattr(index, "status", partial(index.status, encoder=Words()))
    monkeypatch.setattr(index, "verify", partial(index.verify, encoder=Words(), listed=SMALL))


# The store


@pytest.mark.usefixtures("small")
def test_a_store_is_built_filled_and_emptied(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    at, policy = ("--home", str(tmp_path / "home")), tmp_path / "Travel Rules.md"
    policy.write_text("# Travel rules\n\nTrips over 500 EUR need approval.\n", encoding="utf-8")
    assert cli.main([*at, "index", "build"]) == 0
    out, err = capsys.readouterr()
    assert "is ready: 2 documents" in out
    assert "embedding: " in err
    assert "nothing to do" in printed(capsys, *at, "index", "build")
    assert cli.main([*at, "index", "add", str(policy)]) == 0
    out = capsys.readouterr().out
    assert out.startswith(f"{policy} is travel-rules\n")
    assert "3 documents" in out
    assert printed(capsys, *at, "index", "text", "travel-rules") == policy.read_text(encoding="utf-8")
    assert cli.main([*at, "index", "remove", "travel-rules"]) == 0
    assert capsys.readouterr().out.startswith("removed travel-rules\n")
    assert fails(capsys, *at, "index", "remove", "mit")[0] == 2


@pytest.mark.usefixtures("small")
def test_word_files_and_pages_are_added_as_they_read(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    at = ("--home", str(build(tmp_path / "home")))
    (tmp_path / "own").mkdir()
    (tmp_path / "own" / "Travel.docx").write_bytes(word_files.of("Travel rules", "Trips over 500 EUR need approval."))
    (tmp_path / "own" / "Leave.html").write_text("<h1>Leave rules</h1><ol><li>Ask first.</ol>", encoding="utf-8")
    (tmp_path / "own" / "Broken.docx").write_bytes(b"PK")
    assert cli.main([*at, "index", "add", "--recursive", str(tmp_path / "own")]) == 0
    out, err = capsys.readouterr()
    assert "4 documents" in out
    assert "Broken.docx is not a Word file" in err + out
    assert printed(capsys, *at, "index", "text", "travel") == "Travel rules\n\nTrips over 500 EUR need approval.\n"
    assert printed(capsys, *at, "index", "text", "leave") == "Leave rules\n\n1. Ask first.\n"
    # A build from the originals reads them again.
    assert cli.main([*at, "index", "build"]) == 0


@pytest.mark.usefixtures("small")
def test_the_status_names_what_is_in_the_store(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    at, policy = ("--home", str(build(tmp_path / "home"))), tmp_path / "rules.md"
    policy.write_text("# House *rules*\n\nLog every use.\n", encoding="utf-8")
    assert cli.main([*at, "index", "add", str(policy)]) == 0
    capsys.readouterr()
    found = json.loads(printed(capsys, *at, "index", "status", "--json"))
    assert (found["counts"]["documents"], found["stale"], found["embedder"]["name"]) == (3, "", "words")
    assert [record["id"] for record in found["user"]] == ["rules"]
    shown = printed(capsys, *at, "index", "status")
    assert "| state | up to date |" in shown
    assert "- rules: House rules\n" in shown


@pytest.mark.usefixtures("small")
def test_verify_finds_a_changed_letter(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    at = ("--home", str(build(tmp_path)))
    assert "is as it should be: " in printed(capsys, *at, "index", "verify")
    text = next(tmp_path.glob("store/*/texts/mit.txt"))
    text.write_bytes(text.read_bytes().replace(b"Permission", b"Permissiom"))
    assert cli.main([*at, "index", "verify"]) == 1
    out, err = capsys.readouterr()
    assert f"{text} is not what was written\n" in out
    assert (err.count("\n"), "mend it with: clausewise index build" in err) == (1, True)


def test_a_text_is_printed_to_the_letter(home: Path, capfdbinary: pytest.CaptureFixture[bytes]) -> None:
    assert cli.main(["--home", str(home), "index", "text", "mit"]) == 0
    assert capfdbinary.readouterr().out == Store.open(home).documents["mit"].text.encode("utf-8")


def test_licenses_are_listed_and_shown(home: Path, capsys: pytest.CaptureFixture[str]) -> None:
    listed = json.loads(printed(capsys, "licenses", "list", "--json"))["licenses"]
    assert {"mit", "bsd-new"} <= {row["id"] for row in listed}
    assert "| mit | MIT License |" in printed(capsys, "licenses", "list")
    of = json.loads(printed(capsys, "licenses", "show", "mit", "--json", "--home", str(home)))
    assert (of["id"], of["class"], bool(of["facts"])) == ("mit", "open-source", True)
    assert printed(capsys, "licenses", "show", "mit", "--home", str(home)).startswith("# MIT License\n")
