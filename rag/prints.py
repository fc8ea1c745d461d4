"""Fingerprints of all license texts at hand: hashes of short runs of words, sampled, so that a text is found by what it shares.

The hash of a run is a polynomial of the hashes of its words modulo 2^64; runs whose hash is divisible by `_SAMPLE` are kept,
the same ones in every text, so that two texts keep the same share of what they have in common.
"""

import hashlib
import html
import io
import re
import unicodedata
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from itertools import chain
from pathlib import Path
from types import MappingProxyType

import numpy as np
import numpy.typing as npt

from corpus import atomic, scancode

Hashes = npt.NDArray[np.uint64]
_RUN = 6
_SAMPLE = 4
# Shorter texts would keep too few runs.
SHORT = 400
_BASE = np.uint64(0x9E3779B97F4A7C15)
_SCHEMA = 4
# Whose copyright it is says nothing of which license it is.
_OWNERS = re.compile(
    r"^[^\w\n]*_*[^\w\n]*(copyright\b(?!\s+(notice|holder|owner|law|license|statement|and|interest|in|act|treat))|\(c\)\s|©)"
    r"[^\n]{0,120}$|\ball rights reserved\b\.?",
    re.IGNORECASE | re.MULTILINE,
)
_WORD = re.compile(r"[^\W_]+")
# How a text is packed: escapes of JSON, elements and entities of HTML, words broken at the end of a line, signs that nobody sees.
_ESCAPED = re.compile(r"\\(?:u([0-9a-fA-F]{4})|[nrt\"])")
_UNSEEN = re.compile(r"<(script|style|title)\b[^<>]{0,500}>.{0,100000}?</\1\s*>", re.IGNORECASE | re.DOTALL)
_ELEMENT = re.compile(r"</?[a-zA-Z!][^<>]{0,500}>")
_ENTITY = re.compile(r"&(?:#\d{1,6}|#x[0-9a-fA-F]{1,5}|[a-zA-Z]{2,24});")
_HYPHEN = re.compile(r"(?<=[^\W\d_])-(?:[ \t\r]*\n[\W_]*)?(?=[^\W\d_])")
_INVISIBLE = re.compile("[\u00ad\u200b-\u200f\u2060\ufeff]")


def words(text: str) -> list[str]:
    """Return the words of a text as they are compared: lower case, without marks, lines of copyright owners left out."""
    text = _unpacked(text)
    # A text that is nothing but such a line is compared with it.
    return _WORD.findall(_OWNERS.sub(" ", text).lower()) or _WORD.findall(text.lower())


def _unpacked(text: str) -> str:
    """Return a text without what it is packed in: the known texts go through the same, so that both are treated alike."""
    if "\\" in text:
        text = _ESCAPED.sub(lambda m: chr(int(m[1], 16)) if m[1] else "\n", text)
    if "<" in text:
        text = _ELEMENT.sub("\n", _UNSEEN.sub("\n", text))
    if "&" in text:
        text = _ENTITY.sub(lambda m: html.unescape(m[0]), text)
    if not text.isascii():
        text = unicodedata.normalize("NFKC", _INVISIBLE.sub("", text))
    return _HYPHEN.sub("", text)


def runs(tokens: Sequence[str]) -> Hashes:
    """Return the hashes of all runs of words, sorted, each once."""
    return np.unique(_hashed(tokens))


def counted(tokens: Sequence[str]) -> tuple[Hashes, npt.NDArray[np.int64]]:
    """Return the hashes of all runs of words as `runs` does, and how often each stands in the text."""
    return np.unique(_hashed(tokens), return_counts=True)


def _hashed(tokens: Sequence[str]) -> Hashes:
    if not tokens:
        return np.zeros(0, np.uint64)
    known: dict[str, int] = {}
    ids = [known.setdefault(token, len(known)) for token in tokens]
    table = np.array([_hash(token) for token in known], np.uint64)
    hashes = table[np.array(ids)]
    size = min(_RUN, len(hashes))
    with np.errstate(over="ignore"):
        mixed = np.zeros(len(hashes) - size + 1, np.uint64)
        for k in range(size):
            mixed = mixed * _BASE + hashes[k : len(hashes) - size + 1 + k]
        mixed ^= mixed >> np.uint64(29)
    return mixed


def sampled(hashes: Hashes) -> Hashes:
    """Return the runs that are kept of a long text."""
    chosen: Hashes = hashes[hashes % np.uint64(_SAMPLE) == 0]
    return chosen


def kept(tokens: Sequence[str]) -> Hashes:
    """Return the runs that are kept of a known text: the sampled ones, of a short one all."""
    return runs(tokens) if len(tokens) < SHORT else sampled(runs(tokens))


def _hash(token: str) -> int:
    return int.from_bytes(hashlib.blake2b(token.encode("utf-8", "surrogatepass"), digest_size=8).digest(), "little")


@dataclass(frozen=True, slots=True)
class Prints:
    """All texts by the runs they hold: `hashes` sorted, `texts` the index of the text of each; `whole` the hash of each text's words.

    `lengths` counts words, `sizes` kept runs.
    """

    keys: tuple[str, ...]
    hashes: Hashes
    texts: npt.NDArray[np.int32]
    lengths: npt.NDArray[np.int64]
    sizes: npt.NDArray[np.int64]
    whole: Hashes

    def shared(self, wanted: Hashes) -> npt.NDArray[np.int64]:
        """Return for each text how many of the wanted runs it holds."""
        left = np.searchsorted(self.hashes, wanted, "left")
        right = np.searchsorted(self.hashes, wanted, "right")
        rows = [self.texts[a:b] for a, b in zip(left.tolist(), right.tolist(), strict=True) if b > a]
        found = np.concatenate(rows) if rows else np.zeros(0, np.int32)
        return np.bincount(found, minlength=len(self.keys))


def digest(tokens: Sequence[str]) -> np.uint64:
    """Return one hash of all words in their order: texts with the same are the same but for marks and owners."""
    return np.uint64(_hash(" ".join(tokens)))


def make(texts: Iterable[tuple[str, str]]) -> Prints:
    """Return the fingerprints of texts given by key."""
    keys, lengths, whole, parts = [], [], [], []
    for key, text in texts:
        tokens = words(text)
        keys.append(key)
        lengths.append(len(tokens))
        whole.append(digest(tokens))
        parts.append(kept(tokens))
    sizes = np.array([len(part) for part in parts], np.int64)
    hashes = np.concatenate(parts) if parts else np.zeros(0, np.uint64)
    owner = np.repeat(np.arange(len(parts), dtype=np.int32), sizes)
    order = np.argsort(hashes, kind="stable")
    return Prints(
        tuple(keys), hashes[order], owner[order], np.array(lengths, np.int64), sizes, np.array(whole, np.uint64)
    )


def load(home: Path, more: Mapping[str, str] = MappingProxyType({})) -> Prints:
    """Return the fingerprints of all texts of the installed ScanCode package and of `more` by key; made once and kept in the data folder.

    Raise StoreError if the folder cannot be written.
    """
    state = hashlib.sha256("\0".join(part for row in sorted(more.items()) for part in row).encode()).hexdigest()[:12]
    path = home / "prints" / f"{scancode.version()}-{_SCHEMA}-{state}.npz"
    found = _read(path)
    if found is not None:
        return found
    keys = scancode.keys()
    made = make(chain(((key, scancode.read(key).text) for key in keys), more.items()))
    atomic.make_folder(path.parent)
    data = io.BytesIO()
    np.savez(
        data,
        keys=np.array(made.keys, dtype=np.str_),
        hashes=made.hashes,
        texts=made.texts,
        lengths=made.lengths,
        sizes=made.sizes,
        whole=made.whole,
    )
    atomic.replace(path, data.getvalue())
    return made


def _read(path: Path) -> Prints | None:
    """Return what a file of fingerprints holds, or None if there is none or it is damaged: then it is made again."""
    try:
        with np.load(path, allow_pickle=False) as data:
            return Prints(
                tuple(data["keys"].tolist()),
                data["hashes"],
                data["texts"],
                data["lengths"],
                data["sizes"],
                data["whole"],
            )
    except (OSError, ValueError, KeyError, EOFError):
        return None
