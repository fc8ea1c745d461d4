"""Numbers, letters and roman numerals at the start of a clause, with words such as Section, Article, Attachment."""

import re
import unicodedata
from dataclasses import dataclass

_ROMAN = re.compile(r"(?=[ivxlc])(xc|xl|l?x{0,3})(ix|iv|v?i{0,3})\Z")
_ROMAN_DIGITS = {"i": 1, "v": 5, "x": 10, "l": 50, "c": 100}
_ORDINALS = {
    w: i
    for i, w in enumerate(
        [
            "one",
            "two",
            "three",
            "four",
            "five",
            "six",
            "seven",
            "eight",
            "nine",
            "ten",
            "eleven",
            "twelve",
        ],
        1,
    )
}
_HAN = {c: i for i, c in enumerate("一二三四五六七八九", 1)}

_DECOR = r"(?:\#{1,6}[ \t]+)?(?:\*\*|__)?"
_AFTER = r"(?=\s|\Z|\*\*|__)"
_TIGHT = r"(?=\s|\Z|\*\*|__|[A-Z“\"«‘\u0400-\uffff])"
_PAREN = re.compile(_DECOR + r"\((\d{1,3}|[a-zA-Z]|[ivxlIVXL]{1,6}|([a-zA-Z])\2)\)(?=\s|\Z|[\w“\"«‘(])\.?")
_DECIMAL = re.compile(_DECOR + r"(\d{1,3}(?:\.\d{1,3}){1,4})\\?(?:[.):]|\.-)?" + _TIGHT)
_PLAIN = re.compile(_DECOR + r"(\d{1,3}[a-z]?|[a-zA-Z]|[ivxlIVXL]{1,6}|([a-z])\2)(?:\*\*|\\)?(\.-|\.\)|[.)])" + _TIGHT)
_DASH = re.compile(_DECOR + r"(\d{1,2})[ \t]*(?:[-–—:])[ \t]+(?=[A-Z“\"])")
_SPACE = re.compile(_DECOR + r"(\d{1,2})[ \t\u00a0]+(?=[A-Z“\"][^\n]{2,70}\Z)")
_HAN_MARK = re.compile(
    _DECOR + r"(?:第([一二三四五六七八九十\d]{1,4})([条條款])|([（(]?)([一二三四五六七八九十]{1,3})([、.．）)]))\s*"
)
_WORD = re.compile(
    _DECOR + r"(?P<word>section|sec\.|§{1,2}|article|art(?:ículo|ikel|icolo|igo)|clause|part|chapter|title"
    r"|第(?=.{1,4}[章节節编編]))"
    r"[ \t]*(?:(?P<num>\d{1,3}(?:\.\d{1,3})*)|(?P<roman>[IVXL]{1,6})|(?P<letter>[A-Z])"
    r"|(?P<han>[一二三四五六七八九十]{1,3})"
    r"|(?P<text>one|two|three|four|five|six|seven|eight|nine|ten|eleven|twelve))(?![A-Za-z0-9_])"
    r"(?P<delim>[章节節编編]|[ \t]*(?:[.:)]|[-–—]+)(?:[ \t]*[-–—])?(?=\s|\Z|[A-Z])|(?=[ \t]*(?:\*\*|__)?\Z)"
    r"|(?=[ \t]+[A-Z“\"(\[]))[ \t]*",
    re.I,
)
_ATTACH = re.compile(
    _DECOR + r"(?P<word>attachment|exhibit|appendix|annex|annexe|anhang|anexo|schedule|addendum)"
    r"(?:[ \t]+(?:no\.?[ \t]*)?(?P<label>[A-Z]|\d{1,2}|[IVX]{1,4}))?"
    r"(?:[ \t]*(?:[.:]|[-–—]+)(?=\s|\Z|[A-Z“\"])[ \t]*(?P<title>[^\n]{0,100})"
    r"|[ \t]+(?P<loose>[(“\"A-Z][^\n]{0,80}))?(?:\*\*|__)?[ \t]*\Z",
    re.I,
)
_BULLET = re.compile(r"([-*•●◦▪■□–—·»►‣⁃∙\uf0b7\uf0a7+])(?:[ \t]+|(?<=[•●▪·])(?=\w))|(o)[ \t]{2,}(?=[A-Z])")
_LEADERS = re.compile(r"(?:\.{4,}|(?:\s\.){4,}|…{2,}|\t+)\s*\d{1,3}\s*\Z|\]\(#")


@dataclass(frozen=True, slots=True)
class Reading:
    """One way to read a marker: `style` tells lists apart (`1.`, `a()`), `values` its numbers, `label` its path."""

    style: str
    values: tuple[int, ...]
    label: str


@dataclass(frozen=True, slots=True)
class Marker:
    """A marker with its possible readings; `size`: its length with the space after it; `word`: Section ..."""

    readings: tuple[Reading, ...]
    size: int
    word: str = ""
    title: str = ""


def roman(text: str) -> int:
    """Return the value of a roman numeral up to 99 in either case, or 0 if `text` is none."""
    low = text.lower()
    if not _ROMAN.match(low) or text not in (low, text.upper()):
        return 0
    total = 0
    for char, after in zip(low, [*low[1:], "i"], strict=True):
        value = _ROMAN_DIGITS[char]
        total += -value if value < _ROMAN_DIGITS[after] else value
    return total


def slug(text: str, limit: int = 40) -> str:
    """Return `text` as a part of a clause path: lower case, words joined by `-`, no other punctuation; or empty."""
    plain = unicodedata.normalize("NFKD", text).encode("ascii", "ignore").decode().lower()
    words = re.sub(r"[^a-z0-9]+", "-", re.sub(r"[\"'`()\[\]]", "", plain)).strip("-")
    return words if len(words) <= limit else words[: limit + 1].rpartition("-")[0] or words[:limit]


def bullet(text: str) -> re.Match[str] | None:
    """Return the match of a bullet at the start of `text`."""
    return _BULLET.match(text)


def contents_line(text: str) -> bool:
    """Return True if `text` is an entry of a table of contents: dots or a link, then a page."""
    return bool(_LEADERS.search(text))


def marker(text: str) -> Marker | None:
    """Return the number or letter that the line `text` starts with, or None."""
    found = _PAREN.match(text)
    if found:
        return _simple(found.group(1), "()", found, text)
    found = _DECIMAL.match(text)
    if found:
        values = tuple(int(v) for v in found.group(1).split("."))
        return Marker((Reading("1.1", values, found.group(1)),), _size(found, text))
    found = _PLAIN.match(text)
    if found:
        return _simple(
            found.group(1),
            found.group(3)[-1:] if found.group(3) != ".-" else ".",
            found,
            text,
        )
    found = _DASH.match(text) or _SPACE.match(text)
    if found:
        return Marker(
            (Reading("1 ", (int(found.group(1)),), str(int(found.group(1)))),),
            _size(found, text),
        )
    return _han(text)


def word_marker(text: str) -> Marker | None:
    """Return the marker of a line such as `Section 1 -- Definitions.` or `ARTICLE II`, or None."""
    found = _WORD.match(text)
    if not found:
        return None
    name = found["word"].lower().rstrip(".")
    word = {
        "sec": "section",
        "§": "section",
        "§§": "section",
        "clause": "section",
        "第": "chapter",
    }.get(name, name)
    word = "article" if word.startswith("art") else word
    label = (found["num"] or found["roman"] or found["letter"] or "").lower()
    if found["text"] or found["han"]:
        label = str(_ORDINALS.get((found["text"] or "").lower()) or _han_value(found["han"] or ""))
    rest = text[found.end() :]
    if word == "section" and not found["delim"].strip() and rest[:1].islower():
        return None
    if "." in label:
        values = tuple(int(v) for v in label.split("."))
        return Marker((Reading("1.1", values, label),), found.end(), word, rest)
    value = int(label) if label.isdigit() else roman(label) or ord(label[:1] or "`") - 96
    path = label if word == "section" else f"{word}-{label}"
    return Marker((Reading(word, (value,), path),), found.end(), word, rest.strip(" *_"))


def attachment(text: str) -> Marker | None:
    """Return the marker of a line such as `ATTACHMENT A` or `Appendix: How to apply`, or None."""
    found = _ATTACH.match(text)
    if not found or not found["word"][0].isupper():
        return None
    label = found["label"] or ""
    title = (found["title"] or found["loose"] or "").strip(" *_")
    if (label and label.islower() and label.isalpha()) or title[:1].islower():
        return None
    if found["loose"] and found["loose"][0] not in '(“"' and not (label and _titled(found["loose"])):
        return None
    path = "-".join(part for part in (found["word"].lower(), label.lower()) if part)
    return Marker((Reading("attachment", (0,), path),), len(text), found["word"].lower(), title)


def _titled(text: str) -> bool:
    return text[-1] not in ".;," and all(w[0].isupper() for w in re.findall(r"[^\W\d_]{4,}", text))


def _simple(label: str, delim: str, found: re.Match[str], text: str) -> Marker:
    """Return the marker of one number or letter with the readings that it allows."""
    readings = []
    digits = re.match(r"\d+", label)
    if digits:
        readings.append(
            Reading(
                f"1{delim}",
                (int(digits.group()),),
                label if label != digits.group() else str(int(label)),
            )
        )
    else:
        case = "a" if label.islower() else "A"
        if len(label) == 1:
            readings.append(Reading(case + delim, (ord(label.lower()) - 96,), label.lower()))
        elif label[0] == label[-1] and len(label) == 2:
            readings.append(Reading(case + delim, (26 + ord(label[0].lower()) - 96,), label.lower()))
        value = roman(label)
        if value and label.lower() not in ("c", "l", "d", "m"):
            readings.append(Reading(("i" if case == "a" else "I") + delim, (value,), label.lower()))
    return Marker(tuple(readings), _size(found, text))


def _size(found: re.Match[str], text: str) -> int:
    """Return the length of the marker and of the white space after it."""
    return len(text) - len(text[found.end() :].lstrip(" \t\u00a0"))


def _han_value(text: str) -> int:
    if text.isdigit():
        return int(text)
    tens, ten, ones = text.rpartition("十")
    return ((_HAN.get(tens, 1) * 10) if ten else 0) + _HAN.get(ones, 0)


def _han(text: str) -> Marker | None:
    found = _HAN_MARK.match(text)
    if not found:
        return None
    value = _han_value(found.group(1) or found.group(4))
    style = f"han{found.group(2) or found.group(3) + found.group(5)}"
    return Marker((Reading(style, (value,), str(value)),), found.end()) if value else None
