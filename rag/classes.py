"""What a text of rules files under a class: the lines that name what a question names, and those on the class they give it."""

import re
from collections.abc import Iterable

from rag.question import Question
from rag.sheet import Line, Sheet

# Names that are told by their capitals, and numbered kinds: `AGPL`, `Class 3`.
_NAMES = re.compile(r"(?<![\w-])(?:[A-Z]{2,}[A-Za-z]*|[A-Z][a-z]+ (?:\d|[A-Z])\b)(?!\w)")
_VERSION = re.compile(r"[\s-]*v?\d[\w.]*$")
# A class is called by one word with a capital: the last heading above a line, or the first cell of a row.
_LABEL = re.compile(r"(?:[\d.]+\s+)?([A-Z][a-z]+)")
# A name or a class that more of the lines hold than this tells no line from another; one on a single line is no class.
_COMMON, _SHARED = 0.15, 2


def of(question: Question, sheet: Sheet) -> tuple[frozenset[int], frozenset[int]]:
    """Return the places of the lines that name what a question names, and of those that speak of the class such a line gives it."""
    if sheet.document.kind != "policy":
        return frozenset(), frozenset()
    texts = [line.unit.span.of(sheet.document.text) for line in sheet.lines]
    asked = {_VERSION.sub("", m.text) for m in question.mentions} | set(_NAMES.findall(question.text))
    named: frozenset[int] = frozenset()
    for name in asked:
        named |= _holding(name, texts) if len(name) > 1 else frozenset()
    classed: frozenset[int] = frozenset()
    for label in _labels(sheet.document.text, (sheet.lines[i] for i in named)):
        holding = _holding(label, texts)
        classed |= holding if len(holding) >= _SHARED else frozenset()
    return named, classed - named


def _holding(name: str, texts: list[str]) -> frozenset[int]:
    """Return the places of the texts that hold a name as it is written, none if too many of them do."""
    what = re.compile(rf"(?<!\w){re.escape(name)}(?!\w)")
    found = frozenset(i for i, text in enumerate(texts) if what.search(text))
    return found if len(found) <= max(_SHARED, _COMMON * len(texts)) else frozenset()


def _labels(text: str, lines: Iterable[Line]) -> frozenset[str]:
    """Return the classes that lines stand under."""
    found = set()
    for line in lines:
        above = line.unit.context.rpartition(" / ")[2]
        cell = line.unit.span.of(text).strip("| \n").partition("|")[0].strip()
        label = _LABEL.fullmatch(cell if above.startswith("|") else above)
        if label is not None:
            found.add(label.group(1))
    return frozenset(found)
