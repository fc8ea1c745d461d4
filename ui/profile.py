"""What a reader's company is, kept in the home folder so that nobody types it twice: users, revenue, places.

One JSON file for each owner, `profiles/NAME.json`, NAME the hash of the owner's name, so that no name is ever a path.
"""

import hashlib
import json
from collections.abc import Iterable, Mapping
from pathlib import Path

from corpus import atomic
from corpus.errors import DataError, StoreError
from rag import facts
from rag.types import Value
from ui.fact_form import COMPANY

FOLDER = "profiles"


def save(home: Path, owner: str, known: Mapping[str, Value]) -> None:
    """Write the facts of a profile down; without any the profile goes. Raise StoreError if it cannot be written."""
    path = _path(home, owner)
    if not known:
        atomic.delete(path)
        return
    atomic.make_folder(path.parent)
    atomic.replace(path, json.dumps(dict(known), ensure_ascii=False).encode(), private=True)


def load(home: Path, owner: str) -> dict[str, Value]:
    """Return the facts of a profile, none if there is no profile.

    Raise DataError if its file is damaged, StoreError if it cannot be read.
    """
    path = _path(home, owner)
    try:
        row = json.loads(path.read_bytes())
    except FileNotFoundError:
        return {}
    except OSError as error:
        raise StoreError(f"cannot read {path}: {error.strerror or error}") from None
    except ValueError:
        row = None
    if not isinstance(row, dict) or not all(key in COMPANY and isinstance(row[key], int | str) for key in row):
        raise DataError(f"your profile {path} is damaged; enter it again in the settings")
    return row


def defaults(known: Mapping[str, Value], said: Iterable[str]) -> dict[str, Value]:
    """Return the facts of a profile that hold for a question: what its words or those before it state goes first."""
    stated = {key for text in said for key in facts.given(text)}
    return {key: value for key, value in known.items() if key not in stated}


def _path(home: Path, owner: str) -> Path:
    return home / FOLDER / f"{hashlib.sha256(owner.encode()).hexdigest()[:32]}.json"
