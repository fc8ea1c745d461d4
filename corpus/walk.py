"""What the walk over the lines of a text knows: the lines, the outline so far, and what a first look found."""

import re
from dataclasses import dataclass, field

from corpus.headings import colon_run
from corpus.layout import Line, read_lines
from corpus.markers import contents_line, marker, word_marker
from corpus.numbering import Places
from corpus.outline import Node, Outline

INLINE = re.compile(r"(?<=[.;:)”])[ \t]{1,4}(?=\(?(?:\d{1,2}|[a-zA-Z]|[ivxIVX]{1,5})[.)][ \t]+[A-Z“\"])")


@dataclass(slots=True)
class Walk:
    """The state of one walk. `contents` are the lines of a table of contents; `colons`: headings end in a colon here.

    `run_parents` remembers by indentation where the run-in headings belong; `titled` says that the title was found.
    """

    lines: list[Line]
    outline: Outline
    places: Places
    contents: set[int]
    colons: bool
    titled: bool = False
    run_parents: dict[int, Node] = field(default_factory=dict)


def start_walk(text: str) -> Walk:
    """Return the state before the first line."""
    lines = read_lines(text)
    contents = _contents(lines)
    colons = sum(line.gap and colon_run(line.text) for line in lines) >= 3
    return Walk(lines, Outline(text), _look_ahead(lines, contents), contents, colons)


def _contents(lines: list[Line]) -> set[int]:
    """Return the indexes of the lines that are a table of contents: leaders, or titles that come again below."""
    last: dict[str, int] = {}
    keys: list[str] = []
    for i, line in enumerate(lines):
        short = len(line.text) < 90 and line.text[-1] not in ".;:,!?" and (marker(line.text) or word_marker(line.text))
        key = re.sub(r"[\W\d]*\d*\W*\Z", "", line.text.lower()).strip(" .\t") if short else ""
        keys.append(key if len(key) > 5 and re.search(r"[^\W\d]{3}", key) else "")
        if keys[-1]:
            last[keys[-1]] = i
    found = {i for i, line in enumerate(lines) if contents_line(line.text)}
    for i, key in enumerate(keys):
        neighbours = [j for j in (i - 1, i + 1) if 0 <= j < len(keys) and keys[j] and last[keys[j]] > j]
        if key and last[key] > i and neighbours:
            found.add(i)
    return found


def _look_ahead(lines: list[Line], contents: set[int]) -> Places:
    """Return all markers, so that a list can be told from a single letter."""
    places = Places()
    for i, line in enumerate(lines):
        if i in contents:
            continue
        at, words = line.at, line.text
        for _ in range(3):
            found = marker(words)
            if found is None:
                break
            for reading in found.readings:
                places.note(reading, at)
            at, words = at + found.size, words[found.size :]
        for match in INLINE.finditer(line.text, 1):
            inside = marker(line.text[match.end() :])
            for reading in inside.readings if inside else ():
                places.note(reading, line.at + match.end())
    return places
