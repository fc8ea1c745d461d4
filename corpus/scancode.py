"""The license texts that the installed ScanCode package carries, read as plain package data.

ScanCode's license texts and metadata are CC-BY-4.0 data by nexB Inc. and others, https://github.com/aboutcode-org/scancode-toolkit.
Nothing is copied: a text is read from the package each time. The engine itself is never imported (8 s and 1.4 GB).
"""

import difflib
import hashlib
import importlib.metadata
import importlib.util
import re
from functools import cache
from pathlib import Path
from typing import Any

import yaml

from corpus.errors import DataError, UnknownDocument
from corpus.types import Document, Origin

_SUFFIX = ".LICENSE"
_DISTRIBUTIONS = ("scancode-toolkit-mini", "scancode-toolkit")
_MEND = "install the requirements again (make setup)"
# The closing line is a line of its own: nine texts have `---` inside their front matter, two below it.
_FRONT = re.compile(r"\A---[ \t]*\r?\n(?P<front>.*?)^---[ \t]*(?:\r?\n|\Z)", re.DOTALL | re.MULTILINE)
_LOADER = getattr(yaml, "CSafeLoader", yaml.SafeLoader)


@cache
def data_dir() -> Path:
    """Return the folder of the license files.

    Raise DataError if ScanCode is not installed or has no such folder.
    """
    spec = importlib.util.find_spec("licensedcode")
    for place in (spec.submodule_search_locations if spec else None) or ():
        folder = Path(place) / "data" / "licenses"
        if folder.is_dir():
            return folder
    raise DataError(f"the license texts are missing: scancode-toolkit-mini is not installed; {_MEND}")


@cache
def version() -> str:
    """Return the version of the installed ScanCode package.

    Raise DataError if it is not installed.
    """
    for name in _DISTRIBUTIONS:
        try:
            return importlib.metadata.version(name)
        except importlib.metadata.PackageNotFoundError:
            continue
    raise DataError(f"the version of scancode-toolkit-mini cannot be read; {_MEND}")


@cache
def keys() -> tuple[str, ...]:
    """Return the keys of all texts, sorted."""
    return tuple(sorted(path.name.removesuffix(_SUFFIX) for path in data_dir().glob(f"*{_SUFFIX}")))


@cache
def _known() -> frozenset[str]:
    return frozenset(keys())


def split(raw: bytes) -> tuple[str, str]:
    """Return front matter and text of one license file; line ends stay as they are, a byte-order mark is dropped.

    Without front matter the first part is empty. Raise UnicodeDecodeError if `raw` is not UTF-8.
    """
    whole = raw.decode("utf-8").removeprefix("\ufeff")
    match = _FRONT.match(whole)
    if match is None:
        return "", whole
    return match["front"], whole[match.end() :].removeprefix("\ufeff")


def _parts(key: str) -> tuple[str, str]:
    # Looked up among the listed names first, so that a key can never lead out of the folder.
    if key not in _known():
        near = difflib.get_close_matches(key, keys(), n=3)
        hint = f"; near: {', '.join(near)}" if near else ""
        raise UnknownDocument(f"ScanCode {version()} has no license {key!r}{hint}")
    try:
        return split((data_dir() / f"{key}{_SUFFIX}").read_bytes())
    except (OSError, UnicodeDecodeError) as error:
        raise DataError(f"the text of {key} cannot be read ({error}); {_MEND}") from error


def _parse(key: str, front: str) -> dict[str, Any]:
    try:
        parsed = yaml.load(front, Loader=_LOADER)  # noqa: S506 - safe, in C where libyaml is there
    except yaml.YAMLError as error:
        raise DataError(f"the front matter of {key} is damaged; {_MEND}") from error
    if parsed is not None and not isinstance(parsed, dict):
        raise DataError(f"the front matter of {key} is damaged; {_MEND}")
    return parsed or {}


def sha256(text: str) -> str:
    """Return the hash by which a text is known: SHA-256 of its UTF-8 bytes, in hexadecimal."""
    return hashlib.sha256(text.encode("utf-8")).hexdigest()


def metadata(key: str) -> dict[str, Any]:
    """Return the front matter of a license: `name`, `category`, `owner`, `spdx_license_key` and so on.

    Raise UnknownDocument if there is no such key.
    """
    return _parse(key, _parts(key)[0])


def read(key: str) -> Document:
    """Return the text of a license, titled as ScanCode names it; the catalog knows kind, version and bundle.

    Raise UnknownDocument if there is no such key.
    """
    front, text = _parts(key)
    title = str(_parse(key, front).get("name") or key)
    origin = Origin(source=f"scancode:{version()}", sha256=sha256(text))
    return Document(id=key, title=title, kind="license", text=text, version=None, license=key, origin=origin)
