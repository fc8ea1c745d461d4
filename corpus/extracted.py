"""What a file says, whatever it was written in, and how it is called: its own title, else its first line."""

import re
from dataclasses import dataclass

from corpus.errors import InputError
from corpus.sniff import MARKDOWN

# A small file can unpack to gigabytes; no policy comes near this.
MAX_CHARACTERS = 10_000_000
# The lengths are bounded, and trailing marks taken off afterwards, so that no line costs more than one pass.
_ATX = re.compile(r"^ {0,3}#{1,6}[ \t]+(\S[^\r\n]{0,300})", re.MULTILINE)
_SETEXT = re.compile(r"^ {0,3}(\S[^\r\n]{0,300})\r?\n {0,3}=+[ \t]*\r?$", re.MULTILINE)
_MARKUP = re.compile(r"[*_`]{1,3}|\[([^\]]*)\]\([^)]*\)")
_TITLE_LENGTH = 120
_NO_TITLE = re.compile(
    r"(untitled|title|\W*anonymous\W*|document\d*|microsoft word\b.*|\W*)|.*\.(docx?|pdf|odt|tex|indd|md|txt)",
    re.IGNORECASE,
)
# A long first line that the next one carries on, in lower case, begins a paragraph and is no title.
_PROSE = re.compile(r"\s*[^\r\n]{60,300}\r?\n[a-z]")
# One glyph for two letters is typography, not text: a search for "office" must find it.
_LIGATURES = str.maketrans(
    {"ﬀ": "ff", "ﬁ": "fi", "ﬂ": "fl", "ﬃ": "ffi", "ﬄ": "ffl", "ﬅ": "st", "ﬆ": "st", "\u00ad": None, "\0": None}
)


@dataclass(frozen=True, slots=True)
class Extracted:
    """What a file says. `pages` holds the offset at which each page starts, `problems` remarks of one line each."""

    text: str
    title: str
    pages: tuple[int, ...]
    media: str
    problems: tuple[str, ...] = ()


def titled(text: str, media: str) -> str:
    """Return the title that a Markdown or plain text bears, or nothing."""
    return (_heading(text) if media == MARKDOWN else "") or ("" if _PROSE.match(text) else first_line(text))


def whole(text: str) -> str:
    """Return the text with surrogate pairs joined, lone ones replaced (no store takes them), ligatures taken apart."""
    return text.encode("utf-16", "surrogatepass").decode("utf-16", "replace").translate(_LIGATURES)


def _heading(text: str) -> str:
    """Return the first heading of a Markdown text without its markup, or nothing."""
    found = [match for match in (_ATX.search(text), _SETEXT.search(text)) if match]
    first = min(found, key=lambda match: match.start(), default=None)
    words = first.group(1).rstrip(" \t#") if first else ""
    return usable(_MARKUP.sub(lambda match: match.group(1) or "", words))


def first_line(text: str) -> str:
    """Return the first line that holds a letter if it is short enough to be a title, or nothing."""
    line = next((line for line in text.splitlines() if any(char.isalpha() for char in line)), "")
    return usable(line.strip(" \t#*_=-"))


def usable(title: str) -> str:
    """Return a title on one line, or nothing if it is too long or says nothing, as `untitled` does."""
    title = "".join(char for char in " ".join(title[: 4 * _TITLE_LENGTH].split()) if char.isprintable())
    return "" if len(title) > _TITLE_LENGTH or _NO_TITLE.fullmatch(title) else title


def checked(text: str, shown: str) -> str:
    """Return the text of a file. Raise InputError if it holds no words, or too many."""
    if len(text) > MAX_CHARACTERS:
        raise InputError(f"{shown} holds more than {MAX_CHARACTERS:,} characters: split it")
    if not text.strip():
        raise InputError(f"{shown} holds no text (pictures only?): nothing to add")
    return text
