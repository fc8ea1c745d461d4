"""Lines of a text as laid out: indentation, decoration, blank lines, and where a new unit may start."""

import re
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass

WIDE = 130  # a line longer than this was not hard-wrapped: every line break in its block is meant

_LINE = re.compile(r"[^\r\n]*(?:\r\n|\n|\r|\Z)")
_COMMENT = re.compile(r"[ \t]*(//+|/?\*+/?|#+|;+|--+|%+|dnl|REM|rem|>)(?=[ \t]|$)")
_RULE = re.compile(r"[-=_*#~+.·]{3,}\s*\Z|\W{8,}\Z")
_PAGE = re.compile(r"(?:page\s+)?[-–—|\[ ]*\d{1,3}(?:\s*(?:of|/)\s*\d{1,3})?[-–—|\] ]*\Z", re.I)
_ENDED = re.compile(r"[.:;!?。；：！？][\"'”’»)\]*_]*\Z")
_DASHED = re.compile(r"[ \t]*([-=*_~#])\1+[ \t]+(?P<words>\S.*\S)[ \t]+\1{2,}\Z")
_UNIT_END = re.compile(r"(?:[.;:]|[;,]? (?:and|or|and/or))\Z")
_REFERS = re.compile(
    r"\b(?:sections?|sec\.|§§?|articles?|art\.|paragraphs?|clauses?|subsections?|versions?|exhibits?|attachments?"
    r"|appendix|schedules?|under|of|in|the|by|to|v\.?|no\.|and/or|e\.g\.|i\.e\.)\Z",
    re.I,
)


@dataclass(slots=True)
class Line:
    """One line. `at` and `stop` bound its content, which is `text`; `gap`: nothing or a blank line comes before it.

    `deliberate`: the break before it was meant, for its first word would have fitted above. `ended`: what stands above
    ends there. `refers`: it ends with a word such as Section. `wide`: each line of its block is a paragraph.
    """

    start: int
    at: int
    stop: int
    indent: int
    text: str
    blank: bool = False
    gap: bool = True
    gap_after: bool = True
    deliberate: bool = True
    ended: bool = True
    refers: bool = False
    wide: bool = False
    underlined: bool = False
    hanging: int = 0

    @property
    def fresh(self) -> bool:
        """Return True if a new unit may start with this line."""
        return self.gap or (not self.refers and (self.deliberate or self.ended))


def read_lines(text: str) -> list[Line]:
    """Return the lines of `text` that hold words; rules, page numbers and blank lines only mark their neighbours."""
    raw = [m for m in _LINE.finditer(text) if m.end() > m.start()]
    prefix = _decoration([m.group() for m in raw])
    inside = {} if prefix else _block_comments([m.group() for m in raw])
    lines = [_measure(m.start(), m.group(), inside.get(i, prefix)) for i, m in enumerate(raw)]
    words: list[Line] = []
    gap = True
    for line in lines:
        if line.blank:
            if words and not gap and _RULE.match(line.text) and line.text[:1] in "-=~^":
                words[-1].underlined = True
            gap = gap or not _PAGE.match(line.text) or not line.text
            continue
        line.gap = gap
        if words:
            words[-1].gap_after = gap
        words.append(line)
        gap = False
    _relate(words)
    return words


def indent_of(raw: str) -> int:
    """Return the width of the white space that `raw` starts with; a tab reaches the next multiple of four."""
    width = 0
    for char in raw:
        if char == "\t":
            width += 4 - width % 4
        elif char in " \u00a0\u3000\ufeff":
            width += 1
        else:
            break
    return width


def _decoration(raw: list[str]) -> str:
    """Return the comment sign that most lines start with in one column (`*`, `#`, `//`), or nothing."""
    found = [m for m in map(_COMMENT.match, raw) if m]
    filled = sum(bool(line.strip()) for line in raw)
    if filled < 5 or len(found) < 0.75 * filled:
        return ""
    (sign, count), *_ = Counter(m.group(1)[0] for m in found).most_common(1)
    column = Counter(m.start(1) for m in found if m.group(1)[0] == sign).most_common(1)[0][1]
    # a text of bullets has them in several columns, and none on a line of its own
    bare = sign != "*" or any(
        m.group(1) in ("/*", "/**", "*/") or m.group() == line.rstrip() for m, line in _pairs(raw)
    )
    return sign if count >= 0.75 * filled and column >= 0.9 * count and bare else ""


def _block_comments(raw: list[str]) -> dict[int, str]:
    """Return the sign of each line of a comment: between `/*` and `*/`, or one of four or more with `#` or `//`."""
    found: dict[int, str] = {}
    start = None
    for i, line in enumerate(raw):
        if start is None and line.lstrip().startswith("/*"):
            start = i
        if start is not None and "*/" in line:
            stars = sum(row.lstrip().startswith(("*", "/*")) for row in raw[start : i + 1])
            if stars * 4 >= 3 * (i + 1 - start):
                found.update(dict.fromkeys(range(start, i + 1), "*"))
            start = None
    for sign in ("#", "//"):
        run: list[int] = []
        for i, line in enumerate([*raw, ""]):
            if line.lstrip().startswith(sign):
                run.append(i)
                continue
            if len(run) > 3:
                found.update(dict.fromkeys(run, sign[0]))
            run = []
    return found


def _pairs(raw: list[str]) -> Iterator[tuple[re.Match[str], str]]:
    for line in raw:
        found = _COMMENT.match(line)
        if found:
            yield found, line


def _measure(start: int, raw: str, prefix: str) -> Line:
    """Return the line that starts at offset `start`, without its decoration."""
    body = raw.rstrip("\r\n")
    low = 0
    found = _COMMENT.match(body) if prefix else None
    if found and found.group(1)[0] == prefix:
        low = found.end()
    high = len(body.rstrip())
    boxed = high >= 40 and body.lstrip()[:1] == "*" and body[high - 1] == "*" and body[:high].strip("* \t")
    if boxed:
        low = max(low, body.index("*") + 1)
        high = len(body[: high - 1].rstrip())
    dashes = _DASHED.match(body, low, high)
    if dashes:
        low, high = dashes.span("words")
    indent = indent_of(body[low:])
    at = low + len(body[low:]) - len(body[low:].lstrip(" \t\u00a0\u3000\ufeff\f\v"))
    content = body[at:high] if at < high else ""
    blank = not content or bool(_RULE.match(content)) or bool(_PAGE.match(content))
    return Line(start, start + at, start + max(at, high), 0 if boxed else indent, content, blank)


def _relate(words: list[Line]) -> None:
    """Set what depends on the neighbours: width of the block, deliberate breaks, endings, hanging indentation."""
    edges = sorted(_edge(line) for line in words)
    usual = min(edges[len(edges) * 7 // 10], 90) if edges else 0
    first = 0
    while first < len(words):
        last = first
        while last + 1 < len(words) and not words[last + 1].gap:
            last += 1
        longest = max(_edge(line) for line in words[first : last + 1])
        width = max(longest, usual)
        wide = longest > WIDE or (last - first > 1 and all(_UNIT_END.search(x.text) for x in words[first:last]))
        for i in range(first, last + 1):
            line, above = words[i], words[i - 1] if i else None
            line.wide = wide
            line.hanging = min(line.indent, words[i + 1].indent) if i < last and not line.wide else line.indent
            if above is None:
                continue
            line.ended = bool(_ENDED.search(above.text))
            if i > first:
                word = len(line.text.split(None, 1)[0])
                line.deliberate = line.wide or above.underlined or _edge(above) + 1 + word < width - 4
                line.refers = not line.wide and bool(_REFERS.search(above.text))
        first = last + 1


def _edge(line: Line) -> int:
    """Return the column at which the line ends."""
    return line.indent + line.stop - line.at
