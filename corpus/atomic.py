"""Writing so that a reader, or a killed writer, never meets half a file: write aside, flush to the disk, rename.

All bytes that the store keeps go through `write`, so that a full disk or a read-only folder is told in one place.
"""

import errno
import json
import os
import shutil
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

from corpus.errors import StoreBusy, StoreError

TEMPORARY = ".tmp-"
_OWNER = "lock-owner.json"
_FULL = frozenset({errno.ENOSPC, errno.EDQUOT, errno.EFBIG})
_FORBIDDEN = frozenset({errno.EROFS, errno.EACCES, errno.EPERM})


def explain(error: OSError, path: Path) -> StoreError:
    """Return the one line that tells a user what an error of the file system means for `path`."""
    if error.errno in _FULL:
        return StoreError(f"cannot write {path}: the disk is full; free some space and try again, nothing was lost")
    if error.errno in _FORBIDDEN:
        return StoreError(f"cannot write {path}: no permission; make the folder writable, or name another with --home")
    return StoreError(f"cannot write {path}: {error.strerror or error}; name another folder with --home")


@contextmanager
def guarded(path: Path) -> Iterator[None]:
    """Raise StoreError with one clear line in place of an OSError of the block, which works on `path`."""
    try:
        yield
    except OSError as error:
        raise explain(error, path) from error


def make_folder(path: Path) -> None:
    """Make a folder and its parents. Raise StoreError if that is not possible."""
    with guarded(path):
        path.mkdir(parents=True, exist_ok=True)


def write(path: Path, data: bytes) -> None:
    """Write a new file; `flush` brings it to the disk. Raise StoreError if it cannot be written whole."""
    with guarded(path), path.open("wb") as file:
        file.write(data)


def link(source: Path, target: Path) -> bool:
    """Give an existing file of an earlier build a second name in a new one; False if the file system cannot."""
    try:
        os.link(source, target)
    except OSError:
        return False
    return True


def flush(folder: Path) -> None:
    """Bring all files below `folder` and the folders themselves to the disk. Raise StoreError if that fails."""
    for parent, _, names in os.walk(folder):
        with guarded(Path(parent)):
            for path in [*(Path(parent, name) for name in names), Path(parent)]:
                # What has another name was brought to the disk under that; asking again costs milliseconds a file.
                if path.is_dir() or path.stat().st_nlink == 1:
                    _fsync(path)


def _fsync(path: Path) -> None:
    handle = os.open(path, os.O_RDONLY)
    try:
        os.fsync(handle)
    finally:
        os.close(handle)


def replace(path: Path, data: bytes, private: bool = False) -> None:
    """Put `data` in the place of the file in one step: a reader sees the old content or the new one.

    Of a `private` file nobody but its owner reads a byte at any time. Raise StoreError if that fails; the old file is then untouched.
    """
    aside = path.with_name(f"{TEMPORARY}{path.name}-{os.getpid()}")
    try:
        if private:
            with guarded(path):
                os.close(os.open(aside, os.O_CREAT | os.O_WRONLY, 0o600))
        write(aside, data)
        with guarded(path):
            _fsync(aside)
            os.replace(aside, path)
            _fsync(path.parent)
    finally:
        with suppress(OSError):
            aside.unlink(missing_ok=True)


@contextmanager
def staged(target: Path) -> Iterator[Path]:
    """Yield a new folder that becomes `target` when the block ends well; otherwise (also Ctrl-C) it is removed.

    Raise StoreError if it cannot be made or renamed.
    """
    aside = target.with_name(f"{TEMPORARY}{target.name}-{os.getpid()}")
    try:
        make_folder(aside)
        yield aside
        flush(aside)
        with guarded(target):
            os.rename(aside, target)
            _fsync(target.parent)
    finally:
        remove(aside)


def remove(path: Path) -> None:
    """Remove a folder or file if it is there; what cannot be removed stays for the next build."""
    with suppress(OSError):
        if path.is_dir() and not path.is_symlink():
            shutil.rmtree(path, ignore_errors=True)
        else:
            path.unlink(missing_ok=True)


def delete(path: Path) -> None:
    """Remove a folder or file for good. Raise StoreError if it stays."""
    remove(path)
    if path.exists():  # it may not be removed, or somebody wrote in it meanwhile
        with guarded(path):
            shutil.rmtree(path) if path.is_dir() else path.unlink(missing_ok=True)


def sweep(folder: Path) -> None:
    """Remove what killed builds left in `folder`. Call it under the lock only."""
    for path in folder.glob(f"{TEMPORARY}*"):
        remove(path)


@contextmanager
def lock(folder: Path) -> Iterator[None]:
    """Hold the one lock of `folder` for the block.

    The operating system frees it when its owner dies, so that no stale lock can stay. Raise StoreBusy, with process
    number and age, if another holds it; StoreError if the folder cannot be written.
    """
    from filelock import FileLock, Timeout  # only who writes needs it

    make_folder(folder)
    owner = folder / _OWNER
    guard = FileLock(folder / "lock", timeout=0)
    with guarded(folder):
        try:
            guard.acquire()
        # A kind of OSError, so that it must be met before others are.
        except Timeout:
            raise StoreBusy(f"{_describe(owner)}; wait until it is done, or end that process") from None
    try:
        replace(owner, json.dumps({"pid": os.getpid(), "since": time.time()}).encode())
        yield
    finally:
        remove(owner)
        guard.release()


def _describe(owner: Path) -> str:
    try:
        said = json.loads(owner.read_bytes())
        age = max(0, round(time.time() - float(said["since"])))
        return f"process {int(said['pid'])} has been changing the store for {age} s"
    except (OSError, ValueError, KeyError, TypeError):
        return "another process has just begun to change the store"
