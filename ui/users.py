"""People with a password: one file below the home folder, with an argon2 hash for each name.

No password is kept, and no name is taken that a page, a path or a log could misread.
"""

import json
import re
from functools import cache
from hashlib import sha256
from pathlib import Path
from typing import TYPE_CHECKING

from corpus import atomic
from corpus.errors import DataError, InputError, StoreError

if TYPE_CHECKING:
    from argon2 import PasswordHasher

SHORTEST = 10
_LONGEST = 1024  # a longer one is no password; hashing it would only keep the processor busy
_NAME = re.compile(r"[a-z0-9][a-z0-9._@+-]{0,63}")


def name_of(written: str) -> str:
    """Return a name in the form that counts: names differ in more than capitals.

    Raise InputError if it is none.
    """
    name = written.strip().lower()
    if not _NAME.fullmatch(name):
        raise InputError(
            f"{written!r} is no name for a user; take up to 64 letters, digits and . _ @ + -, a letter or digit first"
        )
    return name


def path_of(home: Path) -> Path:
    """Return where the users of a home folder are kept."""
    return home / "users" / "users.json"


def names(home: Path) -> list[str]:
    """Return all names. Raise DataError if the file is damaged, StoreError if it cannot be read."""
    return sorted(_load(home))


def stamp(home: Path, name: str) -> str | None:
    """Return what changes with the user's password and tells nothing of it, None if there is no such user. Raise as `names` does."""
    kept = _load(home).get(name)
    return None if kept is None else sha256(kept.encode()).hexdigest()[:16]


def add(home: Path, written: str, password: str, new: bool = True) -> str:
    """Add a user, or give one that is not `new` another password, and return the name.

    Raise InputError if the name is taken, or there is none to change, or if the password is too short.
    """
    name = free(home, written) if new else known(home, written)
    if not SHORTEST <= len(password) <= _LONGEST:
        raise InputError(f"a password has {SHORTEST} to {_LONGEST} characters; several words make a good one")
    hashed = _hasher().hash(password)
    with atomic.lock(path_of(home).parent):
        (free if new else known)(home, name)
        _save(home, {**_load(home), name: hashed})
    return name


def free(home: Path, written: str) -> str:
    """Return a name in the form that counts. Raise InputError if it is none, or taken."""
    name = name_of(written)
    if name in _load(home):
        raise InputError(f"there is a user {name}; choose another name, or change the password: users password {name}")
    return name


def known(home: Path, written: str) -> str:
    """Return a user's name in the form that counts. Raise InputError if there is none of that name."""
    name = name_of(written)
    if name not in _load(home):
        raise InputError(f"there is no user {name}; clausewise users list names all")
    return name


def remove(home: Path, written: str) -> None:
    """Remove a user. Raise InputError if there is none of that name."""
    with atomic.lock(path_of(home).parent):
        name = known(home, written)
        _save(home, {other: hashed for other, hashed in _load(home).items() if other != name})


def verified(home: Path, written: str, password: str) -> str | None:
    """Return the name if this is its password, else None: for an unknown name after the same time as for a known one.

    Raise DataError if the file is damaged, StoreError if it cannot be read.
    """
    from argon2.exceptions import InvalidHashError, VerificationError

    name = written.strip().lower()
    kept = _load(home).get(name)
    try:
        good = _hasher().verify(_decoy() if kept is None else kept, password[:_LONGEST])
    except VerificationError:
        return None
    except InvalidHashError:
        raise _damaged(home) from None
    return name if good and kept is not None and len(password) <= _LONGEST else None


@cache
def _hasher() -> "PasswordHasher":
    from argon2 import PasswordHasher

    return PasswordHasher()


@cache
def _decoy() -> str:
    return _hasher().hash("nobody has this one")


def _load(home: Path) -> dict[str, str]:
    path = path_of(home)
    try:
        kept = json.loads(path.read_bytes())
    except FileNotFoundError:
        return {}
    except OSError as error:
        raise StoreError(f"cannot read {path}: {error.strerror or error}") from None
    except ValueError:
        raise _damaged(home) from None
    if not isinstance(kept, dict) or not all(isinstance(each, str) for each in kept.values()):
        raise _damaged(home)
    return kept


def _damaged(home: Path) -> DataError:
    return DataError(f"{path_of(home)} is damaged; put a copy back, or remove it and add the users again")


def _save(home: Path, kept: dict[str, str]) -> None:
    path = path_of(home)
    atomic.replace(path, json.dumps(kept, indent=1, sort_keys=True).encode(), private=True)
