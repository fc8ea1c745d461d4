"""Typing errors in names: what may be one, what it means, and whether that is sure enough. Digits are never mended."""

from collections.abc import Iterable, Sequence
from dataclasses import replace

from rapidfuzz import process
from rapidfuzz.distance import OSA

from corpus.names import Token, Words

_SHORTEST = 4  # shorter words are too like others
_LONG = 8  # a word as long as this may have two slips
_MOST = 48  # words of a text that are compared with all names; the rest must be spelled right
_SURE = 5  # letters that must be right beside a slip, or a word's own length, for the name to be sure
_FIGURES = ("number", "size", "mark")


class Speller:
    """Mends words that are one slip away from a word in a name."""

    def __init__(self, sequences: Iterable[tuple[str, ...]], words: Words) -> None:
        self._words = words
        self._known = frozenset(text for sequence in sequences for text in sequence)
        self._not_typos = self._known | words.not_typos
        self._by_first: dict[str, list[str]] = {}
        for text in sorted(self._known):
            if len(text) >= _SHORTEST and text.isalpha() and text.isascii():
                self._by_first.setdefault(text[0], []).append(text)

    def mend(self, text: str, read: Sequence[Token], taken: set[int]) -> tuple[list[Token], dict[int, float]]:
        """Return the tokens with typing errors mended, and how like the word each mended token was (1.0 is equal).

        Tokens in `taken` are left alone.
        """
        mended, scores = list(read), dict[int, float]()
        for i, token in enumerate(read):
            if len(scores) == _MOST:
                break
            if i not in taken and self._may_be_typo(text, read, i):
                right = self._nearest(token.text)
                if right is not None:
                    scores[i] = round(1 - OSA.normalized_distance(token.text, right), 2)
                    mended[i] = replace(token, text=right)
        return mended, scores

    def sure(self, text: str, read: Sequence[Token], span: range, slips: Sequence[int]) -> bool:
        """Return True if enough of the name is spelled right, or the word is too particular to be anything else."""
        rest = [read[k] for k in span if k not in slips]
        if any(token.kind in _FIGURES for token in rest) or sum(len(token.text) for token in rest) > _SURE:
            return True
        word = read[slips[0]]
        return (
            len(word.text) > _SURE
            and text[word.start].isupper()
            and word.text not in self._words.ordinary | self._words.generic
        )

    def _may_be_typo(self, text: str, read: Sequence[Token], i: int) -> bool:
        """Return True for an unknown word with a capital letter, or beside a figure or a word that stands in names."""
        token = read[i]
        if token.kind != "word" or len(token.text) < _SHORTEST or token.text in self._not_typos:
            return False
        following = read[i + 1] if i + 1 < len(read) and read[i + 1].joined else None
        beside = following is not None and (following.kind in _FIGURES or following.text in self._known)
        return text[token.start].isupper() or beside or (token.joined and read[i - 1].text in self._known)

    def _nearest(self, word: str) -> str | None:
        most = 2 if len(word) >= _LONG else 1
        near = [text for text in self._by_first.get(word[0], ()) if abs(len(text) - len(word)) <= most]
        best = process.extractOne(word, near, scorer=OSA.distance, score_cutoff=most)
        return best[0] if best else None
