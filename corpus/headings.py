"""Headings without numbers, headings that run into their paragraph, and defined terms."""

import re
from dataclasses import dataclass

from corpus.layout import Line

_MARKDOWN = re.compile(r"(#{1,6})[ \t]+(\S.*?)[ \t]*#*\Z")
_BOLD = re.compile(r"(\*\*|__)(?P<title>[^*_]{2,120}?)[:.]?\1[:.]?\Z")
_NO_TITLE = re.compile(
    r"^copyright|copyright (?:\(c\)|©|\d)|\(c\)|©|https?:|www\.|@|<|>|\bversion \d|\bdated?\b|\b(?:19|20)\d\d\b"
    r"|all rights reserved|\bpage\b|^by:|\w\.\w{2,}|\b(?:inc|ltd|corp|co|llc|no|vs|mr|dr|st)\.?\Z",
    re.I,
)
_VERB = re.compile(
    r"\b(?:shall|may|must|will|is|are|be|was|has|have|had|do|does|can|cannot|could|should|would|you|we|i|they"
    r"|agree[sd]?|means?|grants?|provided?|makes?)\b",
    re.I,
)
_SMALL = frozenset(
    [
        "a",
        "an",
        "and",
        "as",
        "at",
        "by",
        "for",
        "from",
        "in",
        "into",
        "of",
        "on",
        "or",
        "the",
        "to",
        "under",
        "upon",
        "with",
        "without",
        "&",
        "-",
        "–",
        "—",
        "/",
        "your",
        "our",
        "its",
    ]
)
_BOLD_RUN = re.compile(r"(\*\*|__)(?P<title>[^*\n]{2,80}?)[ ]?[.:]?\1[.:]?[ \t]+(?=\S)")
_STOP_RUN = re.compile(r"(?P<title>[A-Z][^.:;!?\n]{2,75})\.[ \t]+(?=[A-Z“\"(])")
_COLON_RUN = re.compile(r"(?P<title>[A-Z][\w’'/&-]*(?:[ ,]+[\w’'/&-]+){0,5}):[ \t]+(?=\S)")
_QUOTED = (
    r"(?:\*\*|__)?[\"“”«„]+(?:\*\*|__)?(?P<term>[^\"“”«»\n]{1,60}?)(?:\*\*|__)?[,.]?[\"“”»]+(?:\*\*|__)?"
    r"(?P<more>(?:,?\s*(?:and|or|and/or)?,?\s*(?:\*\*)?[“\"][^\"“”\n]{1,60}[”\"](?:\*\*)?)*)"
    r"(?:\s*\([^)\n]{0,120}\))?:?\s*(?:form\s+)?,?\s*"
)
_MEANS = (
    r"是指|means?|(?:shall|will)\s+(?:also\s+)?mean|(?:is|are)\s+defined|refers?\s+to|shall\s+refer"
    r"|(?:has|have)\s+the\s+meaning"
)
_DEFINED = re.compile(
    _QUOTED + rf"(?P<verb>{_MEANS}|includes?|is\s+(?:an?|the|any)\b|are\s+(?:any|all|the)\b|shall\s+have|of\s+an?\b"
    r"|for\s+the\s+purposes?|:|-|–|—)",
    re.I,
)
_DEFINED_LOOSELY = re.compile(
    r"(?:(?:The|An?|To|Each|Any|This)\s+)?"
    + _QUOTED
    + rf"(?:[^.;:\"“”]{{0,60}}?\s)?(?:also\s+)?(?:{_MEANS}|is\s+(?:either|an?|the)\b)"
)
_DEFINING = re.compile(r"defin|glossary|interpretation|meaning|terms used", re.I)
_ITEM_START = re.compile(r"(?:To|For|In|By|With|Without|As|On|From|Any|[A-Z][a-z]{2,}ing)\b")


@dataclass(frozen=True, slots=True)
class Heading:
    """A heading without number: `level` 1 to 6 for Markdown, 7 on a line of its own, 9 run into its paragraph."""

    title: str
    level: int


def defined_term(text: str, loosely: bool = False) -> str | None:
    """Return the term that a paragraph starting with `text` defines (`"Model" means ...`), or None.

    `loosely` admits what only a section of definitions uses (`A "covered work" means`, `To "modify" a work means`).
    """
    found = _DEFINED.match(text) or (_DEFINED_LOOSELY.match(text) if loosely else None)
    return found["term"].strip(" *_") if found else None


def defining(title: str) -> bool:
    """Return True if a clause of that title holds definitions."""
    return bool(_DEFINING.search(title))


def heading(line: Line, after: Line | None, above: str) -> Heading | None:
    """Return the heading that stands on `line`, or None; `after` is the next line, `above` the text before."""
    text = line.text
    found = _MARKDOWN.match(text)
    if found:
        return Heading(found.group(2).strip(" *_"), len(found.group(1)))
    if not line.fresh or len(text) > 110:
        return None
    bold = _BOLD.match(text)
    if bold and bold["title"][0] not in '"“' and _ends_here(line, after):
        return Heading(bold["title"].strip(), 8)
    if line.underlined and len(text) < 90:
        return Heading(text.strip(" *_"), 7)
    if _NO_TITLE.search(text) or not text[0].isalpha():
        return None
    if line.gap and after and not after.gap and after.gap_after and (text + after.text).isupper():
        both = f"{text} {after.text}"
        return Heading(both.strip(" :."), 7) if len(both) < 140 and _is_capitals(both, line, None) else None
    if not _ends_here(line, after):
        return None
    title = text.rstrip(" :")
    if text[-1] == ":" and not (line.gap and (after is None or after.text[-1] != ":")):
        return None
    if _is_capitals(title, line, after) or _is_title(title, line, after) or _is_phrase(text, line, after, above):
        return Heading(title.rstrip("."), 7)
    return None


def run_in(text: str, colons: bool, usual: bool) -> Heading | None:
    """Return the heading that runs into the paragraph `text` (`Trademarks. You may not ...`), or None.

    `colons` says that the document sets such headings with a colon, `usual` that others were found before.
    """
    found = _BOLD_RUN.match(text)
    if found and len(found["title"].split()) <= 12:
        return Heading(found["title"].strip(" .:"), 9)
    found = _STOP_RUN.match(text)
    if found and not _NO_TITLE.search(found["title"]):
        phrase = usual and len(found["title"].split()) <= 4 and not _VERB.search(found["title"])
        if phrase or titled(found["title"]):
            return Heading(found["title"], 9)
    found = _COLON_RUN.match(text) if colons else None
    return Heading(found["title"], 9) if found and not _NO_TITLE.search(found["title"]) else None


def colon_run(text: str) -> bool:
    """Return True if `text` may be a paragraph whose heading ends in a colon."""
    return bool(_COLON_RUN.match(text)) and len(text) > 60


def own_title(text: str, line_end: bool) -> str:
    """Return the heading of a numbered clause whose words are `text`: its first sentence or line if that is a title."""
    bold = _BOLD_RUN.match(text + " x") if text[:2] in ("**", "__") else None
    if bold:
        return bold["title"].strip(" .:")
    plain = text.replace("**", "").replace("__", "").strip(" *_#")
    if plain[:1] > "\u2e80":
        return plain if line_end and len(plain) <= 20 and not re.search("[。，；：]", plain) else ""
    first = re.match(
        r"(.{2,90}?)(?:\.(?=\s+[A-Z“\"(]|\s+[a-zA-Z\d]{1,3}[.)]\s|\s*\Z|[A-Z][a-z])|:(?=\s|\Z)"
        r"|\s+[-–—]{1,2}\s|\Z)",
        plain,
    )
    if not first:
        return ""
    title = first.group(1).strip()
    whole = first.end() >= len(plain)
    if whole and not line_end:
        return ""
    if (titled(title) and plain[-1:] != ";") or (
        whole and line_end and len(title) < 60 and plain[-1:] not in ".;,:" and title[:1].isupper()
    ):
        return title
    phrase = len(title.split()) <= 8 and title[0].isupper() and not _VERB.search(title)
    return title if phrase and not whole and plain[first.end() - 1] != ":" else ""


def titled(text: str) -> bool:
    """Return True if all long words of `text` start with a capital, as in a title of a few words."""
    words = text.split()
    if not words or len(words) > 12 or not words[0][:1].isupper():
        return False
    large = [w.lstrip("(\"“'‘[/") for w in words if w.lower() not in _SMALL]
    return bool(large) and all(w[:1].isupper() or not w[:1].isalpha() for w in large) and any(len(w) > 3 for w in large)


def list_item(text: str) -> bool:
    """Return True if `text` reads like an item whose lead-in stands above (`To harm ...`, `In any way ...`)."""
    return bool(_ITEM_START.match(text)) or text[:1].islower()


def _ends_here(line: Line, after: Line | None) -> bool:
    """Return True if the line is the last of its paragraph."""
    if after is None or line.gap_after or line.underlined:
        return True
    return after.deliberate and not after.text[:1].islower()


def _is_capitals(text: str, line: Line, after: Line | None) -> bool:
    letters = [c for c in text if c.isalpha()]
    if len(letters) < 4 or len(text) > 140 or text[-1] in ",;" or any(c.islower() for c in letters):
        return False
    if after is not None and not after.gap and after.text[:24].isupper() and len(after.text) > 60:
        return False
    if not (line.gap or line.ended) or (_VERB.search(text) and (line.text[-1] == "." or len(text.split()) > 7)):
        return False
    return (
        len(text.split()) <= 14
        and len(letters) > 0.6 * len(text.replace(" ", ""))
        and any(c.isascii() for c in letters)
    )


def _is_title(text: str, line: Line, after: Line | None) -> bool:
    if any(c > "\u2e80" for c in text):
        return len(text) <= 20 and not any(c in "。，；、" for c in text)
    if text.isupper() or len(text) > 80 or text[-1] in ",;!" or len(text.split()) > 11 or "," in text[:8]:
        return False
    if text.endswith(".") and (after is None or not line.gap or (after.gap and after.indent <= line.indent)):
        return False
    return titled(text.rstrip(".")) and (line.gap or line.ended)


def _is_phrase(text: str, line: Line, after: Line | None, above: str) -> bool:
    """Return True for a heading in sentence case (`Prohibited uses`): alone, short, without punctuation."""
    if not (line.gap and line.gap_after) or after is None or text[-1] in ".,;:!" or not text[0].isupper():
        return False
    if len(text) > 72 or not 1 < len(text.split()) <= 10 or any(c in text for c in '“”"=_|,'):
        return False
    body = len(after.text) > len(text) or after.text[-1] in ",;:."
    return body and not above.rstrip().endswith((":", ";", ","))
