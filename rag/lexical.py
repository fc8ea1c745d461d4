"""Words that a passage shares with the question, weighed by BM25.

bm25s works the weights out once, when the index is built; they are kept as plain arrays. Reading them back needs NumPy
only: importing bm25s (and with it SciPy) would take longer than a hundred questions.
"""

import io
import json
import re
from collections import Counter
from collections.abc import Sequence
from functools import lru_cache
from pathlib import Path

import numpy as np
import numpy.typing as npt

from corpus.errors import StoreError
from corpus.records import MEND

Scores = npt.NDArray[np.float32]

FOLDER = "bm25"
K1, B = 1.5, 0.75
_ARRAYS = ("data", "indices", "indptr")
# Version numbers stay whole; `llama3.1` and `llama 3.1`, `8b` and `8 b` are the same words.
_TOKEN = re.compile(r"\d+(?:[.,]\d+)*|[^\W\d_]+")
_STOP_WORDS = """
    a an and are as at be been being but by did do does for from had has have he her his how i if in into is it its me
    my of on or our s she so such t that the their them then there these they this those to us was we were what when
    where which who whom whose why will with would you your
"""
_STOP = frozenset(_STOP_WORDS.split())


def tokens(text: str) -> list[str]:
    """Return the words of a text that count: lower case, without stop words, plural endings and digit separators."""
    found = (match.group() for match in _TOKEN.finditer(text.casefold()))
    return [_stem(word) for word in found if word not in _STOP]


@lru_cache(maxsize=65_536)
def _stem(word: str) -> str:
    """Return the word without a plural ending (Harman's rules), in American spelling where the law differs most."""
    if word[0].isdigit():
        return word.replace(",", "")
    if len(word) > 3:
        if word.endswith("ies") and not word.endswith(("eies", "aies")):
            word = f"{word[:-3]}y"
        elif word.endswith("s") and not word.endswith(("us", "ss", "is")):
            word = word[:-1]
    return word.replace("licenc", "licens")


def build(texts: Sequence[str]) -> dict[str, bytes]:
    """Return the files of the index of the texts, by name."""
    import bm25s

    words = [tokens(text) for text in texts]
    vocabulary = {word: number for number, word in enumerate(sorted({word for row in words for word in row}))}
    index = bm25s.BM25(k1=K1, b=B, method="lucene", backend="numpy")
    if vocabulary:
        numbers = [[vocabulary[word] for word in row] for row in words]
        index.index((numbers, vocabulary), show_progress=False, create_empty_token=False)
        arrays = [np.asarray(index.scores[name]) for name in _ARRAYS]
    else:
        arrays = [np.zeros(0, np.float32), np.zeros(0, np.int32), np.zeros(1, np.int32)]
    files = {f"{name}.npy": _saved(array) for name, array in zip(_ARRAYS, arrays, strict=True)}
    return files | {"vocabulary.json": json.dumps([len(texts), list(vocabulary)], ensure_ascii=False).encode("utf-8")}


def _saved(array: npt.NDArray[np.generic]) -> bytes:
    buffer = io.BytesIO()
    np.save(buffer, array, allow_pickle=False)
    return buffer.getvalue()


class LexicalIndex:
    """A saved index, ready to score."""

    def __init__(self, folder: Path) -> None:
        try:
            self._data, self._rows, self._starts = (
                np.load(folder / f"{name}.npy", allow_pickle=False) for name in _ARRAYS
            )
            self._count, words = json.loads((folder / "vocabulary.json").read_bytes())
            self._number = {word: number for number, word in enumerate(words)}
        except (OSError, ValueError, TypeError, EOFError) as error:
            raise StoreError(f"{folder} is damaged; mend the store with: {MEND}") from error
        if len(self._starts) != len(self._number) + 1 or len(self._data) != len(self._rows):
            raise StoreError(f"{folder} is damaged: its parts do not fit; mend the store with: {MEND}")

    def __len__(self) -> int:
        return int(self._count)

    def scores(self, query: str) -> Scores:
        """Return the BM25 score of every passage; 0 where none of the query's words stands."""
        result = np.zeros(len(self), dtype=np.float32)
        for word, times in sorted(Counter(tokens(query)).items()):
            number = self._number.get(word)
            if number is not None:
                part = slice(self._starts[number], self._starts[number + 1])
                # A word stands once in the postings of a passage, so that plain indexed addition is right.
                result[self._rows[part]] += self._data[part] * np.float32(times)
        return result
