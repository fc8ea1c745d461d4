"""What looks like the name of a license or model without being one that is known: 'Wombat License 2.0', 'FooLM-13B'."""

import re
from bisect import bisect_left
from collections.abc import Iterator, Sequence

from corpus.names import Words

_LICENSE = re.compile(
    r"(?<![\w.+&-])((?:[A-Z][\w.+&-]*[ \t]+){1,4})Licen[sc]e\b(?:[ \t]+(?:[vV](?:ersion[ \t]+)?)?[0-9]+(?:\.[0-9]+)*)?"
)
_MODEL = re.compile(r"(?<![\w/.-])(?:[A-Z]|[\w-]+/[A-Za-z])[\w.]*(?:-[\w.]+)*-[0-9]+(?:\.[0-9]+)?[bB]\b(?:-[\w.]+)*")


def likenesses(text: str, taken: Sequence[tuple[int, int]], words: Words) -> Iterator[tuple[int, int]]:
    """Yield start and end of each likeness that is not on characters already `taken`."""
    spans = sorted(taken)
    for match in (*_LICENSE.finditer(text), *_MODEL.finditer(text)):
        start, end = _start_of_name(match, words) if match.re is _LICENSE else match.start(), match.end()
        before = bisect_left(spans, (end, end))
        if start is None or (before and spans[before - 1][1] > start):
            continue
        spans.insert(before, (start, end))
        yield start, end


def _start_of_name(match: re.Match[str], words: Words) -> int | None:
    """Return where the name starts, after words such as 'The' or 'Our'; None if all its words are of that kind."""
    for word in re.finditer(r"\S+", match.group(1)):
        if word.group().lower() not in words.generic:
            return match.start() + word.start()
    return None
