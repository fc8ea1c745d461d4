"""Runs: what is done is not done again, what is half written is cut, what does not belong together is refused."""

import errno
import json
from dataclasses import replace
from pathlib import Path

import evaluated
import pytest
from evaluated import ITEMS

from corpus.errors import InputError, StoreError
from corpus.store import Store
from evals import running
from evals.items import Item
from evals.systems import Given


@pytest.fixture(scope="module")
def home(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return evaluated.home(tmp_path_factory.mktemp("home"))


def quiet(done: int, of: int) -> None:
    """Nobody watches."""


def test_rows_in_are_rows_out_and_read_back_the_same(home: Path, tmp_path: Path) -> None:
    path = tmp_path / "deep" / "r.jsonl"
    found, _ = evaluated.results(home, path)
    assert list(found.given) == sorted(item.id for item in ITEMS)
    assert found.given["E"].error == "it failed"
    assert running.load(path) == found


def test_a_killed_run_goes_on_and_repeats_no_row(home: Path, tmp_path: Path) -> None:
    path, store, asked = tmp_path / "r.jsonl", Store.open(home), list[str]()
    head = running.head("ours", store, ITEMS)
    ask = evaluated.system(home, asked)

    def killed(item: Item) -> Given:
        if len(asked) == 2:
            raise KeyboardInterrupt
        return ask(item)

    with pytest.raises(KeyboardInterrupt):
        running.run(killed, ITEMS, head, path, quiet)
    # A kill in the middle of a line leaves a half one.
    with path.open("ab") as file:
        file.write(b'{"id": "E", "answer": {"ver')
    with pytest.raises(InputError, match=r"has 3 of|is no line of results"):
        running.load(path)
    whole = running.run(ask, ITEMS, head, path, quiet)
    assert sorted(asked) == sorted(item.id for item in ITEMS)
    assert running.load(path) == whole


def test_a_full_disk_is_one_clear_line_and_what_was_written_is_kept(
    home: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    path, store, asked = tmp_path / "r.jsonl", Store.open(home), list[str]()
    head = running.head("ours", store, ITEMS)
    ask = evaluated.system(home, asked)

    def full(descriptor: int) -> None:
        raise OSError(errno.ENOSPC, "No space left on device")

    with monkeypatch.context() as patched:
        patched.setattr(running.os, "fsync", full)
        with pytest.raises(StoreError, match="the disk is full"):
            running.run(ask, ITEMS, head, path, quiet)
    assert len(running.run(ask, ITEMS, head, path, quiet).given) == len(ITEMS)
    assert len(asked) == len(set(asked))


@pytest.mark.parametrize("changed", [{"code": "0"}, {"corpus": "0"}, {"gold": "0"}, {"system": "bm25"}])
def test_another_run_is_not_continued(home: Path, tmp_path: Path, changed: dict[str, str]) -> None:
    path = tmp_path / "r.jsonl"
    found, _ = evaluated.results(home, path)
    before = path.read_bytes()
    with pytest.raises(InputError, match="holds a run of other texts, code or items"):
        running.run(evaluated.system(home), ITEMS, replace(found.head, **changed), path, quiet)
    assert path.read_bytes() == before


def test_the_head_knows_texts_and_items(home: Path) -> None:
    store = Store.open(home)
    head = running.head("ours", store, ITEMS)
    assert head == running.head("ours", store, ITEMS[::-1])
    assert running.head("ours", store, ITEMS[:2]).gold != head.gold


@pytest.mark.parametrize(
    ("damage", "says"),
    [
        (lambda lines: [], "is empty"),
        (lambda lines: ["{}", *lines[1:]], "line 1 is no line of results"),
        (lambda lines: [*lines, lines[1]], "line 6: R stands twice"),
        (lambda lines: [*lines[:2], "prose", *lines[3:]], "line 3 is no line of results"),
        (lambda lines: lines[:3], "has 2 of 4 items; finish it"),
        (lambda lines: [*lines[:4], json.dumps({"id": "A"})], "line 5 is no line of results"),
    ],
)
def test_a_damaged_file_is_one_clear_line(home: Path, tmp_path: Path, damage: object, says: str) -> None:
    path = tmp_path / "r.jsonl"
    evaluated.results(home, path)
    lines = damage(path.read_text(encoding="utf-8").splitlines())  # type: ignore[operator]
    path.write_text("".join(f"{line}\n" for line in lines), encoding="utf-8")
    with pytest.raises(InputError) as caught:
        running.load(path)
    assert says in str(caught.value)
    assert "\n" not in str(caught.value)
