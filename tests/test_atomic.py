import errno
import json
import os
import resource
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest

from corpus import atomic
from corpus.errors import StoreBusy, StoreError


def names(folder: Path) -> list[str]:
    return sorted(path.name for path in folder.iterdir())


def test_a_file_is_replaced_in_one_step(tmp_path: Path) -> None:
    target = tmp_path / "current"
    atomic.replace(target, b"one")
    atomic.replace(target, b"two")
    assert target.read_bytes() == b"two"
    assert names(tmp_path) == ["current"]


def test_a_failed_replacement_leaves_the_old_file(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    target = tmp_path / "current"
    atomic.replace(target, b"one")

    def full(*_: object) -> None:
        raise OSError(errno.ENOSPC, "No space left on device")

    monkeypatch.setattr(os, "replace", full)
    with pytest.raises(StoreError, match=r"current: the disk is full; free some space"):
        atomic.replace(target, b"two")
    assert target.read_bytes() == b"one"
    assert names(tmp_path) == ["current"]


def test_a_staged_folder_appears_whole(tmp_path: Path) -> None:
    with atomic.staged(tmp_path / "build") as aside:
        atomic.make_folder(aside / "texts")
        atomic.write(aside / "texts" / "a.txt", b"a")
        assert not (tmp_path / "build").exists()
    assert names(tmp_path) == ["build"]
    assert (tmp_path / "build" / "texts" / "a.txt").read_bytes() == b"a"


def test_a_file_gets_a_second_name_where_the_file_system_can(tmp_path: Path) -> None:
    atomic.write(tmp_path / "a", b"a")
    assert atomic.link(tmp_path / "a", tmp_path / "b")
    assert (tmp_path / "b").read_bytes() == b"a"
    assert not atomic.link(tmp_path / "a", tmp_path / "b")
    assert not atomic.link(tmp_path / "gone", tmp_path / "c")


@pytest.mark.parametrize("error", [KeyboardInterrupt, ValueError])
def test_an_interrupted_folder_leaves_nothing(tmp_path: Path, error: type[BaseException]) -> None:
    def interrupted() -> None:
        with atomic.staged(tmp_path / "build") as aside:
            atomic.write(aside / "a.txt", b"a")
            raise error

    with pytest.raises(error):
        interrupted()
    assert names(tmp_path) == []


def test_a_sweep_removes_only_what_a_killed_build_left(tmp_path: Path) -> None:
    (tmp_path / ".tmp-old-17" / "texts").mkdir(parents=True)
    (tmp_path / ".tmp-current-17").write_bytes(b"half")
    (tmp_path / "20260101").mkdir()
    atomic.sweep(tmp_path)
    assert names(tmp_path) == ["20260101"]


@pytest.mark.parametrize(
    ("code", "said"),
    [
        (errno.ENOSPC, "the disk is full"),
        (errno.EDQUOT, "the disk is full"),
        (errno.EROFS, "no permission; make the folder writable"),
        (errno.EACCES, "no permission; make the folder writable"),
        (errno.EIO, "Input/output error; name another folder with --home"),
    ],
)
def test_errors_of_the_file_system_are_one_clear_line(code: int, said: str) -> None:
    message = str(atomic.explain(OSError(code, os.strerror(code)), Path("home/x")))
    assert message.startswith("cannot write home/x: ")
    assert said in message
    assert "\n" not in message


def test_a_file_that_does_not_fit_is_told(tmp_path: Path) -> None:
    limits = resource.getrlimit(resource.RLIMIT_FSIZE)
    # Python ignores the signal that comes with it, so that the limit acts as a full disk does.
    resource.setrlimit(resource.RLIMIT_FSIZE, (1000, limits[1]))
    try:
        with pytest.raises(StoreError, match="the disk is full"):
            atomic.write(tmp_path / "large", b"x" * 5000)
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, limits)


def test_a_folder_that_cannot_be_made_is_told(tmp_path: Path) -> None:
    (tmp_path / "file").write_bytes(b"")
    with pytest.raises(StoreError, match=r"cannot write .*; name another folder with --home"):
        atomic.make_folder(tmp_path / "file" / "store")


def test_the_second_owner_is_told_who_the_first_is(tmp_path: Path) -> None:
    with (
        atomic.lock(tmp_path),
        pytest.raises(StoreBusy, match=rf"process {os.getpid()} has been changing the store for \d+ s; wait"),
        atomic.lock(tmp_path),
    ):
        pass
    with atomic.lock(tmp_path):
        assert json.loads((tmp_path / "lock-owner.json").read_bytes())["pid"] == os.getpid()


def test_the_age_of_a_lock_is_told(tmp_path: Path) -> None:
    with atomic.lock(tmp_path):
        owner = tmp_path / "lock-owner.json"
        owner.write_text(json.dumps({"pid": 7, "since": time.time() - 90}))
        with (
            pytest.raises(StoreBusy, match=r"process 7 has been changing the store for (90|91) s"),
            atomic.lock(tmp_path),
        ):
            pass
        owner.write_text("{")
        with pytest.raises(StoreBusy, match="another process has just begun"), atomic.lock(tmp_path):
            pass


def test_the_lock_of_a_killed_process_is_free(tmp_path: Path) -> None:
    code = "import sys, time; from pathlib import Path; from corpus import atomic\n"
    code += "with atomic.lock(Path(sys.argv[1])): print('held', flush=True); time.sleep(60)"
    with subprocess.Popen(
        [sys.executable, "-c", code, str(tmp_path)], stdout=subprocess.PIPE, cwd=Path(__file__).parents[1]
    ) as process:
        assert process.stdout is not None
        assert process.stdout.readline() == b"held\n"
        with pytest.raises(StoreBusy, match=f"process {process.pid} "), atomic.lock(tmp_path):
            pass
        process.send_signal(signal.SIGKILL)
        process.wait()
    with atomic.lock(tmp_path):
        pass
