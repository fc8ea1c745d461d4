"""The one place of the answering side that reads the environment."""

import os
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

from corpus.errors import InputError


@dataclass(frozen=True, slots=True)
class Settings:
    """What the environment decides. `home` is the data folder (store, the user's files)."""

    home: Path


def load(environ: Mapping[str, str] | None = None, home: str | Path | None = None) -> Settings:
    """Return the settings from `environ` (the process's own by default); an explicit `home` wins.

    Raise InputError if CLAUSEWISE_HOME names something that is not a folder.
    """
    env = os.environ if environ is None else environ
    chosen = Path(home or env.get("CLAUSEWISE_HOME") or Path.home() / ".clausewise").expanduser()
    if chosen.exists() and not chosen.is_dir():
        raise InputError(f"CLAUSEWISE_HOME={chosen} is not a folder; name a folder or remove the file")
    return Settings(home=chosen.absolute())
