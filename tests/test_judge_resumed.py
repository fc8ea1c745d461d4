"""A pass over samples that breaks off, and the next one that goes on where it was: nothing is lost, and nothing is asked twice."""

import dataclasses
import os
import signal
import subprocess
import time
from pathlib import Path
from typing import Any

import judge_fakes
import pytest
from filelock import FileLock
from judge_fakes import SAMPLES, lines, settings, values
from scripted import Reply, Scripted

from corpus.errors import InputError, StoreError
from evals.judge import judge
from evals.judge_report import Report
from evals.judgments import Journal

pytestmark = [pytest.mark.slow, pytest.mark.usefixtures("no_pause")]


def test_a_server_that_goes_down_loses_no_row_and_is_asked_again(known: Scripted, tmp_path: Path) -> None:
    whole = judge(SAMPLES, settings(known), tmp_path / "whole")
    asked = len(known.asked)

    def failing(body: dict[str, Any]) -> Reply:
        if len(known.asked) - asked > 20:
            return Reply(status=500, body="{}")
        return judge_fakes.reply(body)

    known.by = failing
    part = judge(SAMPLES, settings(known, at_once=1), tmp_path / "part")
    assert [(one.metric, one.id, one.run) for one in part.judgments] == [
        (one.metric, one.id, one.run) for one in whole.judgments
    ]
    gone = [one.error for one in part.judgments if "not asked: the judge's server failed 5 times" in one.error]
    assert len(gone) > 20
    assert len(known.asked) - asked < 20 + 2 * 5 + 2  # each was tried twice, then no more
    kept = lines(tmp_path / "part")
    assert 0 < kept < len(whole.judgments)
    known.by = judge_fakes.reply
    assert judge(SAMPLES, settings(known, at_once=1), tmp_path / "part").figures == whole.figures
    assert lines(tmp_path / "part") == len(whole.judgments)


def test_a_run_that_was_killed_goes_on_and_touches_nothing_else(
    known: Scripted, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """SIGKILL in mid-run; the second run asks for the rest only. Neither writes into the home nor speaks to anybody else."""
    home, folder, connections = tmp_path / "home", tmp_path / "out", tmp_path / "connections"
    home.mkdir()
    environ = {**os.environ, "HOME": str(home), "XDG_DATA_HOME": str(home / "data"), "XDG_CACHE_HOME": str(home / "c")}
    command = judge_fakes.command(known.url, folder, connections)
    expected = judge(SAMPLES, settings(known), tmp_path / "whole")
    asked = len(known.asked)
    known.by = lambda body: dataclasses.replace(judge_fakes.reply(body), wait=0.05)
    process = subprocess.Popen(command, env=environ, stdout=subprocess.PIPE, stderr=subprocess.PIPE)
    end = time.monotonic() + 60
    while (not folder.exists() or lines(folder) < 8) and process.poll() is None and time.monotonic() < end:
        time.sleep(0.02)
    process.send_signal(signal.SIGKILL)
    _, errors = process.communicate()
    assert process.returncode == -signal.SIGKILL, errors.decode()
    done = lines(folder)
    assert 8 <= done < len(expected.judgments)
    journal = next(folder.glob("faithfulness-*/judgments.jsonl"))
    with journal.open("ab") as file:
        file.write(b'{"id": "a", "run": 2, "val')  # as it may have been killed in mid-line
    first, known.by = len(known.asked) - asked, judge_fakes.reply
    finished = subprocess.run(command, env=environ, capture_output=True, check=False)
    assert finished.returncode == 0, finished.stderr.decode()
    report = Report.from_json(finished.stdout.decode())
    assert report.judgments == expected.judgments
    assert lines(folder) == len(expected.judgments)  # none twice
    # What was under way when it was killed is asked again, no more: at most all requests of one judgment.
    assert len(known.asked) - asked - asked < 10
    assert first < asked
    assert list(home.iterdir()) == []
    assert set(connections.read_text().split()) == {known.url.removeprefix("http://").removesuffix("/v1")}
    monkeypatch.chdir(tmp_path)


def test_two_judges_share_nothing_and_one_judge_everything(known: Scripted, tmp_path: Path) -> None:
    def count(**fields: Any) -> int:
        before = len(known.asked)
        judge(SAMPLES[:1], settings(known, **{"runs": 1, **fields}), tmp_path)
        return len(known.asked) - before

    first = count()
    assert first > 6
    assert count() == 0
    assert count(model="tiny", key="k", timeout=5.0) == 0  # the same judge, asked in another way
    assert count(seed=1) == first
    known.models = [{"id": "other", "max_model_len": 32768}]
    assert count() == first
    assert count(runs=2) == first
    assert len(list(tmp_path.glob("faithfulness-*"))) == 3


def test_another_answer_under_the_same_id_is_judged_anew(known: Scripted, tmp_path: Path) -> None:
    old = judge(SAMPLES[1:2], settings(known, runs=1), tmp_path)
    new = judge([dataclasses.replace(SAMPLES[1], answer="You may sell it.")], settings(known, runs=1), tmp_path)
    assert values(old, "faithfulness", "b") == [0]
    assert values(new, "faithfulness", "b") == [1]


def test_progress_counts_what_is_there_already(known: Scripted, tmp_path: Path) -> None:
    judge(SAMPLES[:1], settings(known, runs=1), tmp_path)
    told: list[tuple[int, int]] = []
    judge(SAMPLES[:1], settings(known, runs=2), tmp_path, lambda done, of: told.append((done, of)))
    assert told == [(done, 12) for done in range(6, 13)]


def test_a_run_that_was_broken_off_asks_no_more(known: Scripted, tmp_path: Path) -> None:
    def pressed(done: int, of: int) -> None:
        if done == 5:
            raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt) as caught:
        judge(SAMPLES, settings(known, at_once=2), tmp_path, pressed)
    asked = len(known.asked)
    time.sleep(0.3)
    assert len(known.asked) == asked, caught  # the exception, and with it the frames, are still held
    assert lines(tmp_path) == 5
    judge(SAMPLES, settings(known), tmp_path)
    assert lines(tmp_path) == 54


def test_two_processes_do_not_judge_in_one_folder(known: Scripted, tmp_path: Path) -> None:
    with FileLock(tmp_path / ".lock"), pytest.raises(InputError, match="another process judges in"):
        judge(SAMPLES, settings(known), tmp_path)
    assert known.asked == []


def test_a_full_disk_ends_the_run_and_the_rest_is_kept(
    known: Scripted, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    add, written = Journal.add, 0

    def full(journal: Journal, digest: str, judgment: Any) -> None:
        nonlocal written
        if written == 5:
            monkeypatch.setattr(os, "fsync", _no_space)
        written += 1
        add(journal, digest, judgment)

    with monkeypatch.context() as patched:
        patched.setattr(Journal, "add", full)
        with pytest.raises(StoreError, match="the disk is full"):
            judge(SAMPLES, settings(known, at_once=1), tmp_path)
    monkeypatch.undo()
    assert lines(tmp_path) >= 5
    report = judge(SAMPLES, settings(known), tmp_path)
    assert lines(tmp_path) == len(report.judgments) == 3 * 3 * 6


def _no_space(_: int) -> None:
    raise OSError(28, "No space left on device")


def test_a_damaged_journal_is_told_with_its_line(known: Scripted, tmp_path: Path) -> None:
    judge(SAMPLES[:2], settings(known, runs=1), tmp_path)
    journal = next(tmp_path.glob("context_recall-*/judgments.jsonl"))
    first, second = journal.read_text().splitlines()
    for bad in ("oops", "[]", '{"id": "a"}', first.replace("0.5", "7"), first.replace('"error": ""', '"error": "x"')):
        journal.write_text(f"{bad}\n{second}\n")
        with pytest.raises(InputError, match=r"judgments.jsonl line 1 .*; delete the line"):
            judge(SAMPLES[:2], settings(known, runs=1), tmp_path)
