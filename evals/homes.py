"""The stores that are evaluated on: ScanCode's texts alone, and beside them the files that gold questions about users' files need.

They stand in a folder of their own, so that neither what a user has added nor what the network gave changes a figure.
"""

import shutil
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

from corpus import atomic, sync
from corpus.errors import InputError
from evals.items import TEXTS, USER_FILE, Item
from rag import index

Progress = Callable[[str, int, int], None]


@dataclass(frozen=True, slots=True)
class Homes:
    """The data folder for questions on licenses, and the one for questions on users' files."""

    licenses: Path
    files: Path

    def of(self, item: Item) -> Path:
        """Return the data folder that a question is asked of."""
        return self.files if USER_FILE in item.slices else self.licenses


def prepare(folder: Path, progress: Progress | None = None, fetched: Path | None = None) -> Homes:
    """Return the data folders in `folder`, their stores built or brought up to date; an unchanged one is left alone.

    With `fetched`, a data folder, the texts that `sync` fetched there stand beside ScanCode's. Raise InputError if the files of
    the gold set are missing, StoreError if the folder cannot be written.
    """
    files = sorted(path for path in TEXTS.iterdir() if path.is_file()) if TEXTS.is_dir() else []
    if not files:
        raise InputError(f"{TEXTS} holds no texts; check out the whole repository")
    homes = Homes(folder / "licenses", folder / "files")
    if fetched is not None:
        for home in (homes.licenses, homes.files):
            _take(fetched / sync.FOLDER, home / sync.FOLDER)
    index.build(homes.licenses, only_scancode=fetched is None, progress=progress)
    if not (homes.files / "store").is_dir():
        # What is embedded there already need not be embedded again.
        with atomic.staged(homes.files / "store") as begun:
            shutil.copytree(homes.licenses / "store", begun, dirs_exist_ok=True)
    index.add(homes.files, files, progress=progress)
    return homes


def _take(source: Path, target: Path) -> None:
    """Copy the fetched texts that are not there yet. Raise InputError if none was fetched."""
    if not source.is_dir():
        raise InputError(f"{source} holds no fetched texts; fetch them first: clausewise sync")
    with atomic.guarded(target):
        shutil.copytree(source, target, dirs_exist_ok=True)
