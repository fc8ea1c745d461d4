"""Fifty ways in which license texts are found changed in the wild: wrapped anew, in comments, on web pages, cut, added to, misread.

Each takes a text, another one that may stand beside it, and a source of chance, and returns the damaged text.
"""

import html
import json
import random
import re
import textwrap
from collections.abc import Callable, Mapping

Damage = Callable[[str, str, random.Random], str]

_ADDED = (
    "If you operate a service with more than five million users, you must ask us for another license before you use it.",
    "Every copy of the product must show the mark of the supplier on its first page, no smaller than any other mark there.",
)
_README = (
    "# Sparrow\n\nA small library that sorts sparrows by the length of their feathers. It runs wherever the interpreter runs and needs no "
    "other package. Install it with the package manager of your choice, then call the sorter with a list of birds; it gives the list "
    "back, the shortest feathers first. Large lists are sorted on disk. Bugs are kept in the tracker, questions are answered in the "
    "forum on Thursdays, and patches are welcome as long as the tests pass on both systems that we build for.\n\n"
)
_CODE = "\n\ndef feathers(bird):\n    total = 0\n    for wing in bird.wings:\n        total += len(wing.feathers)\n    return total / 2\n"
_TRANSLATED = {
    "definitions": "Begriffsbestimmungen",
    "termination": "Beendigung",
    "warranty": "Gewährleistung",
    "disclaimer": "Haftungsausschluss",
    "liability": "Haftung",
    "license": "Lizenz",
    "grant": "Einräumung",
    "redistribution": "Weitergabe",
    "conditions": "Bedingungen",
    "terms": "Bestimmungen",
    "miscellaneous": "Sonstiges",
    "scope": "Geltungsbereich",
    "patent": "Patent",
    "restrictions": "Beschränkungen",
}
_BRITISH = {
    "license": "licence",
    "authorized": "authorised",
    "modify": "alter",
    "program": "programme",
    "honor": "honour",
}
_MISREAD = (("rn", "m"), ("l", "1"), ("o", "0"), ("cl", "d"), ("e", "c"), ("h", "b"), ("i", "l"), ("u", "v"))


def _flat(text: str) -> str:
    return " ".join(text.split())


def _wrapped(width: int) -> Damage:
    return lambda text, other, dice: "\n\n".join(
        textwrap.fill(_flat(part), width, break_long_words=False) for part in _parts(text)
    )


def _parts(text: str) -> list[str]:
    return [part for part in re.split(r"\n[ \t\r]*\n", text) if part.strip()]


def _lined(before: str, after: str = "") -> Damage:
    return lambda text, other, dice: "".join(f"{before}{line}{after}\n" for line in text.splitlines())


def _around(before: str, after: str = "") -> Damage:
    return lambda text, other, dice: f"{before}{text}{after}"


def _words(change: Callable[[str, random.Random], str], one_in: int) -> Damage:
    """Return a damage that changes one word in so many."""
    return lambda text, other, dice: re.sub(
        r"[A-Za-z]{4,}", lambda m: change(m[0], dice) if dice.randrange(one_in) == 0 else m[0], text
    )


def _typo(word: str, dice: random.Random) -> str:
    at = dice.randrange(len(word) - 1)
    kind = dice.randrange(3)
    if kind == 0:
        return word[:at] + word[at + 1] + word[at] + word[at + 2 :]
    return word[:at] + word[at + 1 :] if kind == 1 else word[:at] + word[at] + word[at:]


def _misread(word: str, dice: random.Random) -> str:
    known = [pair for pair in _MISREAD if pair[0] in word]
    if not known:
        return word
    right, wrong = dice.choice(known)
    return word.replace(right, wrong, 1)


def _hyphenated(text: str, other: str, dice: random.Random) -> str:
    return re.sub(r"([a-z]{4})([a-z]{4,})", lambda m: f"{m[1]}-\n{m[2]}" if dice.randrange(12) == 0 else m[0], text)


def _paged(text: str, other: str, dice: random.Random) -> str:
    lines = text.splitlines()
    pages = [lines[n : n + 40] for n in range(0, len(lines), 40)]
    return "\n\f".join("\n".join([*page, "", f"Page {n} of {len(pages)}"]) for n, page in enumerate(pages, start=1))


def _spread(text: str, other: str, dice: random.Random) -> str:
    return re.sub(" ", lambda m: " " * dice.randint(1, 4), text)


def _web_page(text: str, other: str, dice: random.Random) -> str:
    body = "\n".join(f'<p class="legal">{html.escape(part)}</p>' for part in _parts(text))
    head = '<meta charset="utf-8"><title>Legal</title><style>p { margin: 1em }</style>'
    return f"<!DOCTYPE html>\n<html>\n<head>{head}</head>\n<body>\n{body}\n</body>\n</html>\n"


def _web_lines(text: str, other: str, dice: random.Random) -> str:
    lines = (html.escape(line).replace("  ", "&nbsp;&nbsp;").replace("'", "&#39;") for line in text.splitlines())
    return f'<div id="license"><span>{"<br/>".join(lines)}</span></div>'


def _markdown(text: str, other: str, dice: random.Random) -> str:
    title, *rest = _parts(text)
    return "\n\n".join(
        [f"## **{_flat(title)}**", *(f"* {part}" if dice.randrange(3) else f"_{part}_" for part in rest)]
    )


def _emphasis(text: str, other: str, dice: random.Random) -> str:
    return re.sub(r"\b[A-Z][a-z]{4,}\b", lambda m: f"**{m[0]}**" if dice.randrange(3) == 0 else m[0], text)


def _as_json(text: str, other: str, dice: random.Random) -> str:
    return json.dumps({"name": "sparrow", "license_text": text}, indent=2)


def _years(text: str, other: str, dice: random.Random) -> str:
    year = str(dice.randint(1990, 2030))
    return re.sub(r"\b(19|20)\d\d\b", year, text)


def _owned(text: str, other: str, dice: random.Random) -> str:
    lines = re.sub(r"(?im)^[ \t]*copyright\b[^\n]{0,90}$", "", text)
    return f"Copyright (c) {dice.randint(1990, 2030)}-present Example Ltd. and contributors\n\n{lines}"


def _clause_at(place: float, clause: str) -> Damage:
    def add(text: str, other: str, dice: random.Random) -> str:
        parts = _parts(text)
        parts.insert(round(place * len(parts)), clause)
        return "\n\n".join(parts)

    return add


def _without_clause(text: str, other: str, dice: random.Random) -> str:
    parts = _parts(text)
    # A short one: a text of which a tenth and more is gone is another text.
    short = [n for n, part in enumerate(parts) if len(part) < len(text) / 10]
    if short:
        parts.pop(dice.choice(short))
    return "\n\n".join(parts)


def _without_sentence(text: str, other: str, dice: random.Random) -> str:
    sentences = re.split(r"(?<=[.;])\s+(?=[A-Z])", text)
    short = [n for n, sentence in enumerate(sentences) if len(sentence) < len(text) / 10]
    if short:
        sentences.pop(dice.choice(short))
    return " ".join(sentences)


def _renumbered(text: str, other: str, dice: random.Random) -> str:
    marker = re.compile(r"^([ \t]*)\(?(\d{1,2}|[a-z])[.)]", re.MULTILINE)
    return marker.sub(lambda m: f"{m[1]}{dice.randint(1, 40)}.{dice.randint(1, 9)})", text)


def _translated(text: str, other: str, dice: random.Random) -> str:
    """Return the text with the words of its short lines (its headings) in another language."""

    def heading(line: str) -> str:
        if len(line) > 60 or line.rstrip().endswith((".", ",", ";")):
            return line
        return re.sub(r"[A-Za-z]+", lambda m: _TRANSLATED.get(m[0].lower(), m[0]), line)

    return "\n".join(map(heading, text.splitlines()))


def _british(text: str, other: str, dice: random.Random) -> str:
    known = re.compile(rf"\b({'|'.join(_BRITISH)})\b", re.IGNORECASE)
    return known.sub(lambda m: _BRITISH[m[0].lower()], text)


def _renamed(text: str, other: str, dice: random.Random) -> str:
    return re.sub(r"\b(licensor|copyright holders?|the authors?)\b", "Example Ltd", text, flags=re.IGNORECASE)


def _swapped(text: str, other: str, dice: random.Random) -> str:
    parts = _parts(text)
    if len(parts) > 2:
        at = dice.randrange(len(parts) - 1)
        parts[at], parts[at + 1] = parts[at + 1], parts[at]
    return "\n\n".join(parts)


def _twice_worded(text: str, other: str, dice: random.Random) -> str:
    return re.sub(r"\b\w+\b", lambda m: f"{m[0]} {m[0]}" if dice.randrange(80) == 0 else m[0], text)


def _missing_words(text: str, other: str, dice: random.Random) -> str:
    return re.sub(r"\b\w+\b ?", lambda m: "" if dice.randrange(60) == 0 else m[0], text)


def _several(*damages: Damage) -> Damage:
    def all_of_them(text: str, other: str, dice: random.Random) -> str:
        for damage in damages:
            text = damage(text, other, dice)
        return text

    return all_of_them


_CURLY = str.maketrans({"'": "’"})
_QUOTES = str.maketrans({'"': "''", "“": "«", "”": "»", "‘": "`", "’": "'", "'": "´"})
_LIGATURES = (("ffi", "ﬃ"), ("ffl", "ﬄ"), ("ff", "ﬀ"), ("fi", "ﬁ"), ("fl", "ﬂ"))


def _ligatures(text: str, other: str, dice: random.Random) -> str:
    for letters, one in _LIGATURES:
        text = text.replace(letters, one)
    return text


DAMAGES: Mapping[str, Damage] = {
    "on one line": lambda text, other, dice: _flat(text),
    "wrapped at 30": _wrapped(30),
    "wrapped at 66": _wrapped(66),
    "wrapped at 120": _wrapped(120),
    "other line ends": lambda text, other, dice: "\r\n".join(text.splitlines()),
    "a blank line after each": _lined("", "\n"),
    "indented": _lined("        "),
    "tabs": lambda text, other, dice: re.sub(r"^[ \t]*", "\t\t", text, flags=re.MULTILINE).replace("  ", "\t"),
    "justified": _spread,
    "hyphenated": _hyphenated,
    "pages with numbers": _paged,
    "in # comments": _lined("# "),
    "in // comments": _lined("// "),
    "in -- comments": _lined("-- "),
    "in a block comment": _several(_lined(" * "), _around("/*\n", " */\n")),
    "quoted in mail": _lined("> "),
    "in a docstring": _around('"""', '"""\n'),
    "a web page": _web_page,
    "web lines": _web_lines,
    "Markdown": _markdown,
    "emphasis": _emphasis,
    "in JSON": _as_json,
    "curly quotes": lambda text, other, dice: re.sub(r'"([^"\n]*)"', r"“\1”", text).translate(_CURLY),
    "other quotes": lambda text, other, dice: text.translate(_QUOTES),
    "long dashes": lambda text, other, dice: re.sub("--?", "—", text),
    "hard spaces": lambda text, other, dice: text.replace(" ", "\u00a0"),
    "invisible signs": lambda text, other, dice: "\ufeff" + text.replace("th", "t\u200bh"),
    "ligatures": _ligatures,
    "no punctuation": lambda text, other, dice: re.sub(r"[^\w\s-]", " ", text),
    "capitals": lambda text, other, dice: text.upper(),
    "small letters": lambda text, other, dice: text.lower(),
    "an owner": lambda text, other, dice: f"Copyright (c) {dice.randint(1990, 2030)} Example Ltd.\n\n{text}",
    "another owner": _owned,
    "other years": _years,
    "a preamble": _around("THIRD PARTY NOTICES\n\nThis product contains the following component:\n\n"),
    "a readme before it": _around(_README),
    "code behind it": _around("", _CODE),
    "a clause at the end": _clause_at(1, _ADDED[0]),
    "a clause in the middle": _clause_at(0.5, _ADDED[1]),
    "a clause dropped": _without_clause,
    "a sentence dropped": _without_sentence,
    "renumbered": _renumbered,
    "translated headings": _translated,
    "another spelling": _several(_british, _renamed),
    "paragraphs swapped": _swapped,
    "cut off": lambda text, other, dice: text[: round(len(text) * 0.85)],
    "typing errors": _words(_typo, 50),
    "misread": _words(_misread, 40),
    "words lost and doubled": _several(_missing_words, _twice_worded),
    "two licenses": lambda text, other, dice: f"{text}\n\n{'=' * 60}\n\n{other}",
}
