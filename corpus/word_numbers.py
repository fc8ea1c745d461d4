"""The numbers that Word counts out for numbered paragraphs: they stand in no paragraph's text, only in the file's lists."""

import re
from dataclasses import dataclass
from typing import Any

from corpus.numerals import KINDS, numeral

W = "{http://schemas.openxmlformats.org/wordprocessingml/2006/main}"
_PLACE = re.compile(r"%([1-9])")
_MOST_LEVELS = 9
_LONGEST_CHAIN = 20  # styles that are based on each other


@dataclass(frozen=True, slots=True)
class _Level:
    start: int
    kind: str  # of the numerals; "bullet" and "none" are what they say
    form: str  # `%1.%2`
    legal: bool  # all its numbers in digits


class Numbers:
    """Counts the numbered paragraphs of one file, in the order in which they are asked for."""

    def __init__(self, numbering: Any, styles: Any) -> None:
        self._abstract: dict[str, dict[int, _Level]] = {}
        self._of_style: dict[str, tuple[str, int]] = {}  # abstract list and level of a paragraph style
        self._lists: dict[str, tuple[str, dict[int, int]]] = {}  # list to abstract list, and where it begins anew
        self._styles = {each.get(f"{W}styleId"): each for each in styles.iter(f"{W}style")}
        self._counts: dict[str, dict[int, int]] = {}
        self._begun: set[tuple[str, int]] = set()
        if numbering is not None:
            self._read(numbering)

    def label(self, paragraph: Any) -> tuple[str, int]:
        """Return what stands before a paragraph, and how deep it is in its list; nothing for one without a number."""
        found = self._place(paragraph)
        if found is None:
            return "", 0
        list_id, depth = found
        abstract, anew = self._lists[list_id]
        levels = self._abstract.get(abstract, {})
        level = levels.get(depth)
        if level is None:
            return "", 0
        if level.kind == "bullet":
            return "-", depth
        counts = self._counts.setdefault(abstract, {})
        if depth in anew and (list_id, depth) not in self._begun:
            counts.pop(depth, None)
        self._begun.add((list_id, depth))
        counts[depth] = counts.get(depth, anew.get(depth, level.start) - 1) + 1
        for deeper in [each for each in counts if each > depth]:
            del counts[deeper]

        def number(place: re.Match[str]) -> str:
            at = int(place[1]) - 1
            of = levels.get(at)
            if of is None or of.kind in ("bullet", "none"):
                return ""
            return numeral(counts.get(at, of.start), "1" if level.legal else of.kind)

        return ("" if level.kind == "none" and "%" not in level.form else _PLACE.sub(number, level.form).strip()), depth

    def _read(self, numbering: Any) -> None:
        for each in numbering.iter(f"{W}abstractNum"):
            id = each.get(f"{W}abstractNumId")
            for level in each.iter(f"{W}lvl"):
                depth = _number(level.get(f"{W}ilvl"), 0)
                self._abstract.setdefault(id, {})[depth] = _level(level)
                style = _value(level, "pStyle")
                if style:
                    self._of_style[style] = (id, depth)
        for each in numbering.iter(f"{W}num"):
            anew = {}
            for override in each.iter(f"{W}lvlOverride"):
                start = override.find(f"{W}startOverride")
                if start is not None:
                    anew[_number(override.get(f"{W}ilvl"), 0)] = _number(start.get(f"{W}val"), 1)
            self._lists[each.get(f"{W}numId")] = (_value(each, "abstractNumId"), anew)
        for each in numbering.iter(f"{W}abstractNum"):
            self._borrow(each)

    def _borrow(self, abstract: Any) -> None:
        """Give an abstract list that names a list style the levels of that style's list."""
        style = self._styles.get(_value(abstract, "numStyleLink"))
        below = style.find(f"{W}pPr") if style is not None else None
        if below is not None:
            lender, _ = self._lists.get(_listed(below)[0], ("", {}))
            self._abstract.setdefault(abstract.get(f"{W}abstractNumId"), self._abstract.get(lender, {}))

    def _place(self, paragraph: Any) -> tuple[str, int] | None:
        """Return the list and the level of a paragraph: its own, else those of its style and the styles below that."""
        properties = paragraph.find(f"{W}pPr")
        if properties is None:
            return None
        list_id, depth = _listed(properties)
        style = self._styles.get(_value(properties, "pStyle"))
        for _ in range(_LONGEST_CHAIN):
            if list_id or style is None:
                break
            name = style.get(f"{W}styleId")
            below = style.find(f"{W}pPr")
            if below is not None:
                list_id, own = _listed(below)
                linked = self._of_style.get(name)
                if list_id and depth is None:
                    depth = own if own is not None else linked[1] if linked else 0
            style = self._styles.get(_value(style, "basedOn"))
        if list_id not in self._lists:  # also "0", which takes a number away
            return None
        return list_id, min(max(depth or 0, 0), _MOST_LEVELS - 1)


def _level(level: Any) -> _Level:
    kind = _value(level, "numFmt") or "decimal"
    known = kind if kind in ("bullet", "none") else KINDS.get(kind, "1")
    legal = level.find(f"{W}isLgl") is not None
    return _Level(_number(_value(level, "start"), 1), known, _value(level, "lvlText"), legal)


def _listed(properties: Any) -> tuple[str, int | None]:
    found = properties.find(f"{W}numPr")
    if found is None:
        return "", None
    depth = _value(found, "ilvl")
    return _value(found, "numId"), _number(depth, 0) if depth else None


def _value(element: Any, name: str) -> str:
    found = element.find(f"{W}{name}")
    return "" if found is None else found.get(f"{W}val") or ""


def _number(text: str | None, default: int) -> int:
    return int(text) if text and text.isascii() and text.isdigit() and len(text) < 9 else default
