"""Sentences of a legal text: where one ends, and how a too long one is cut for a quotation.

A sentence ends at a blank line, before a list item on a line of its own or a row of a table, after a deliberately short (heading) line, and
at a full stop that is no abbreviation, number, initial or list marker. A hard-wrapped line ends nothing.
"""

import re

from corpus.types import Span


def _words(line: str) -> frozenset[str]:
    return frozenset(line.split())


# abbreviations that never end a sentence, that do before a word that often starts one, that need a number next
_NEVER = _words("e.g i.e cf vs mr mrs ms dr prof st resp viz ibid approx incl excl u.s.c p.o z.b d.h bzw")
_SOMETIMES = _words(
    "inc ltd pte u.n co corp llc l.l.c plc gmbh s.a s.r.l s.p.a n.v b.v u.s u.s.a u.k e.u d.c p.r.c etc jr sr "
    "a.m p.m ph.d al"
)
_BEFORE_NUMBER = _words(
    "no nos sec secs art arts fig figs ver v p pp para paras par ch cl vol ed rev reg eq tel ext stat "
    "jan feb mar apr jun jul aug sep sept oct nov dec"
)
_STARTERS = _words(
    "the you your this these those if in any we our us it its such no nothing except for to by upon under unless "
    "subject each neither notwithstanding as where when while an a however every other please see"
)
_REFERENCE = _words(
    "section sections attachment exhibit appendix annex schedule paragraph clause article part version class type level"
)
_BLANK = re.compile(r"\n[ \t\r\f\v]*(?:\n[ \t\r\f\v]*)+|[\u2029\f]")
_STOP = re.compile(r"[.!?…]+[\"'”’»)\]*_]*(?=\s)|[。！？]+[”’」』）]*")
_ITEM = re.compile(
    r"\n[ \t]*(?=(?:[-*•●◦▪–—·][ \t]+\S)|(?:\((?:[a-z]{1,2}|[A-Z]|[ivxlc]{1,6}|[IVXLC]{1,6}|\d{1,3})\)[ \t])"
    r"|(?:(?:[a-zA-Z]|[ivxlc]{1,5}|[IVXLC]{1,5}|\d{1,2}(?:\.\d{1,2}){0,3})[.)][ \t]+\S)"
    r"|(?:\d{1,2}(?:\.\d{1,2}){1,3}[ \t]+[A-Z]))"
)
# Before a row of a table that is no line of dashes, and behind its last row.
_ROW = re.compile(r"\n(?=[ \t]*\|(?![ \t:|-]+(?:\n|\Z)))|(?<=\|)[ \t]*\n(?![ \t]*\|)")
_BULLET = frozenset("-*•●◦▪·")
_NEXT = re.compile(r"\s*[\"'“‘«(\[*_]*")
_TOKEN = re.compile(r"[^\s\"'“‘«(\[]+\Z")
_MARKER_ONLY = re.compile(
    r"[\s\"“(*#_]*(?:(?:section|article|clause|§)\s*)?\(?(?:\d{1,3}(?:\.\d{1,3})*|[a-z]{1,2}|[ivxlc]{1,6})\)?\.?[\"”)*_]*\Z",
    re.I,
)
_BREAK = re.compile(r"\n")


def sentences(text: str, span: Span) -> tuple[Span, ...]:
    """Return the sentences of `text` within `span`, in order, without outer white space; together they hold all."""
    cuts = {m.start() for m in _BLANK.finditer(text, span.start, span.end)}
    cuts.update(_item_breaks(text, span))
    cuts.update(_heading_breaks(text, span))
    cuts.update(m.start() for m in _ROW.finditer(text, span.start, span.end))
    marks = sorted(cuts)
    found: list[Span] = []
    start = span.start
    for end in [*marks, span.end]:
        if end > start:
            found.extend(_split_stops(text, start, end))
            start = end
    return tuple(found)


def quote_span(text: str, span: Span, lo: int = 25, hi: int = 600) -> Span:
    """Return `span` without outer white space and, if longer than `hi`, cut before its last `;` or `,` (or space).

    At least `lo` characters are kept; a span shorter than that comes back as it is: nothing is widened.
    """
    start, end = _strip(text, span.start, span.end)
    if end - start <= hi:
        return Span(start, end)
    limit = start + hi
    for marks in (";,；，", " \n\t"):
        at = max(text.rfind(mark, start + lo, limit) for mark in marks)
        if at > start:
            return Span(*_strip(text, start, at))
    return Span(*_strip(text, start, limit))


def deliberate_break(text: str, at: int, line_start: int, width: int) -> bool:
    """Return True if the line break at `at` was meant: the next word would have fitted into `width` characters."""
    rest = text[at + 1 : at + 80].lstrip(" \t")
    word = len(rest.split(None, 1)[0]) if rest.strip() else 0
    return at - line_start + 1 + word < width - 4


def _strip(text: str, start: int, end: int) -> tuple[int, int]:
    """Return the range without white space at either end."""
    while start < end and text[start].isspace():
        start += 1
    while end > start and text[end - 1].isspace():
        end -= 1
    return start, end


def _item_breaks(text: str, span: Span) -> list[int]:
    """Return the offsets of line breaks before which a text ended and after which a list item starts."""
    found = []
    for match in _ITEM.finditer(text, span.start, span.end):
        before = text[max(span.start, match.start() - 200) : match.start()].rstrip()
        bullet = text[match.end()] in _BULLET
        line = before.rsplit("\n", 1)[-1].strip()
        last_word = line.rsplit(None, 1)[-1].lower() if line else ""
        # a wrapped reference ("... under version\n3. You may") goes on; an item follows an end or a short line
        ended = not line or line[-1] in '.;:,!?)”"' or last_word in ("and", "or", "and/or") or len(line) < 50
        if (bullet or ended) and last_word not in _REFERENCE:
            found.append(match.start())
    return found


def _heading_breaks(text: str, span: Span) -> list[int]:
    """Return the line breaks after heading lines: first of their paragraph, short on purpose, no sentence."""
    found = []
    paragraph = span.start
    for gap in [*_BLANK.finditer(text, span.start, span.end), None]:
        end = gap.start() if gap else span.end
        lines = [m.start() for m in _BREAK.finditer(text, paragraph, end)]
        if lines:
            width = max(b - a for a, b in zip([paragraph, *lines], [*lines, end], strict=True))
            start, _ = _strip(text, paragraph, end)
            for at in lines:
                if at <= start:
                    continue
                if not _is_heading(text, start, at, width):
                    break
                found.append(at)
                start = at + 1
        paragraph = gap.end() if gap else end
    return found


def _is_heading(text: str, start: int, end: int, width: int) -> bool:
    """Return True if the line `text[start:end]` reads as a heading and was broken off on purpose."""
    line = text[start:end].strip()
    following = text[end + 1 : end + 120].lstrip()
    if not line or len(line) > 80 or line[-1] in ",;-" or not following or following[0].islower():
        return False
    if (line.isupper() and following[:16].isupper()) or not deliberate_break(text, end, start, width):
        return False
    words = [w for w in re.findall(r"[^\W\d_]+", line) if len(w) > 3]
    return line[-1] == ":" or all(w[0].isupper() for w in words)


def _split_stops(text: str, start: int, end: int) -> list[Span]:
    """Return the sentences of a range that holds no blank line and no item break."""
    found: list[Span] = []
    begin = start
    for match in _STOP.finditer(text, start, end):
        if match.start() >= begin and _ends(text, begin, match, end):
            _collect(found, text, begin, match.end())
            begin = match.end()
    _collect(found, text, begin, end)
    return found


def _collect(found: list[Span], text: str, start: int, end: int) -> None:
    """Add the range to the sentences found; one without letter or digit (a stray full stop) joins the one before."""
    low, high = _strip(text, start, end)
    if high > low:
        if found and not any(c.isalnum() for c in text[low:high]):
            low = found.pop().start
        found.append(Span(low, high))


def _ends(text: str, begin: int, match: re.Match[str], end: int) -> bool:
    """Return True if the punctuation of `match` ends the sentence that starts at `begin`."""
    if text[match.start()] in "。！？":
        return True
    after = _NEXT.match(text, match.end(), end)
    at = after.end() if after else end
    if at >= end:
        return True
    following = text[at]
    if not (following.isupper() or following.isdigit() or (following.isalpha() and not following.islower())):
        return False
    if text[match.start()] != ".":
        return True
    if match.start() - begin < 16 and _MARKER_ONLY.match(text[begin : match.start()]):
        return False
    return not (_abbreviation(text, begin, match.start(), at, end) or _quoting(text, begin, match.end(), end))


def _abbreviation(text: str, begin: int, stop: int, at: int, end: int) -> bool:
    """Return True if the full stop at `stop` belongs to an abbreviation or initial; the next word starts at `at`."""
    head = text[max(begin, stop - 40) : stop]
    token = _TOKEN.search(head)
    if token is None:
        return False
    word = token.group().lower().strip(")]*_")
    upcoming = re.match(r"[^\W\d_]+", text[at : min(end, at + 30)])
    starter = upcoming is not None and upcoming.group().lower() in _STARTERS
    if word in _NEVER:
        return True
    if word in _SOMETIMES:
        return not starter
    if word in _BEFORE_NUMBER:
        return text[at].isdigit()
    before = head[: token.start()].split()
    last = before[-1].lower() if before else ""
    if last in _REFERENCE:
        return False
    # a marker inside a sentence ("...; b. You must") and an initial ("John F. Kennedy")
    marks = bool(_MARKER_ONLY.match(word)) and (last[-1:] in (";", ":", ",") or last in ("and", "or", "and/or"))
    return marks or (len(word) == 1 and word.isalpha())


def _quoting(text: str, begin: int, at: int, end: int) -> bool:
    """Return True if `at` lies inside a curly quotation that closes soon: a notice to display stays whole."""
    if text.rfind("“", begin, at) <= text.rfind("”", begin, at):
        return False
    close = text.find("”", at, min(end, at + 300))
    return close >= 0 and text.find("“", at, close) < 0
