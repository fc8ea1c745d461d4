"""Which of the user's own files a question names, by proper names and words of titles, and which other names are asked of beside them."""

import re
from collections import Counter
from collections.abc import Callable, Collection
from functools import lru_cache

from corpus.registry import Mention
from corpus.types import Document
from rag.language import senses, words

Common = Callable[[str], bool]

# Addresses and file names are written in lower case whatever they name.
_LOWER = re.compile(r"(?<![\w./@-])[a-z]{3,}(?![\w/@]|-\w|\.\w)")
# A word with a capital that no sentence starts with.
_INSIDE = re.compile(r"(?<=[a-z,;] )[A-Z][^\W\d_]{2,}")
_TOKEN = re.compile(r"[^\W\d_]{3,}")
# A number that a house gives its documents: `EP-27`.
_CODE = re.compile(r"\b[A-Z]{2,6}[- ]?\d{1,4}\b")
# The lines above the text proper: its owner, its title, its number.
_HEAD_LINES, _HEAD_WORDS = 4, 14
# Words of titles that tell no document from another.
_PLAIN = frozenset(
    words(
        "license licence agreement policy policies terms conditions use version community model general public inc company document our ai "
        "service services research open source data dataset end user internal acceptable eula api inc ltd llc gmbh"
    )
)
# What people call a file of their own, and the words of titles that such files have.
_CALLED = re.compile(
    r"\b(our|the|this|that|my|its|their|company|internal|uploaded|attached|signed)( own)?( \w[\w-]*){0,3}? "
    r"(policy|policies|guidelines?|handbook|contract|agreement|terms|eula|rules|document|file|pdf)\b",
    re.IGNORECASE,
)


# How often a text uses a name that is its subject: what it is about, though its title may name the owner alone.
_SUBJECT = 5
# What is done to a thing of one's own with a license that is not yet its own.
_GIVEN = re.compile(
    r"\b(publish|releas|licen[sc]|relicen[sc]|put|offer|shar|distribut|open-?sourc)\w*\b[^.?;]{0,80}\b(under|as) (the |a |an |plain |pure |simple |straight )*"
    r"$",
    re.IGNORECASE,
)
_OF_DOCUMENT = re.compile(
    r"\b\w+(\W{1,2}\w+){0,2}\W{1,2}(policy|terms|licen[sc]e|agreement|dua|eula|contract|rules|guidelines)\b",
    re.IGNORECASE,
)
_OURS = re.compile(r"(our|my|company|internal|uploaded|attached|signed)\b", re.IGNORECASE)


@lru_cache(maxsize=256)
def names(document: Document) -> frozenset[str]:
    """Return the proper names in a document, in lower case.

    These are words with a capital inside a sentence, and words of the title, that the text never writes in lower case.
    """
    low = set(_LOWER.findall(document.text))
    found = {t.lower() for t in _INSIDE.findall(document.text)}
    title = {t.lower() for t in _TOKEN.findall(f"{document.title} {document.id}")}
    return frozenset(w for w in (found | title) - low if not set(words(w)) & _PLAIN and not senses(words(w)))


@lru_cache(maxsize=256)
def _heads(document: Document) -> tuple[frozenset[str], frozenset[str]]:
    """Return the words of a document's title, id and first short lines, in lower case, and the numbers it goes by."""
    lines = [line for line in document.text[:2000].splitlines() if line.strip()][:_HEAD_LINES]
    short = [line for line in lines if len(line.split()) <= _HEAD_WORDS]
    head = "\n".join((document.title, document.id, *short))
    return frozenset(t.lower() for t in _TOKEN.findall(head)), frozenset(c.lower() for c in _CODE.findall(head))


@lru_cache(maxsize=256)
def _subjects(document: Document) -> frozenset[str]:
    """Return the proper names of what a document speaks of all along."""
    told = Counter(t.lower() for t in _TOKEN.findall(document.text) if t[0].isupper())
    return frozenset(name for name in names(document) if told[name] >= _SUBJECT)


def named(
    question: str, documents: Collection[Document], common: Common = lambda word: False, alone: bool = True
) -> tuple[str, ...]:
    """Return the ids of the user's files that a question names, best first.

    A file is named by a proper name in its title, or of what it speaks of all along, that is not `common` in the other texts on
    file, or by telling words of its title behind words such as `our policy`. Where the question names nothing else (`alone`), a
    proper name inside the file will do.
    """
    # Where something else is named too, a name is one only if it is written as one, or stands before a word for documents.
    asked = {t.lower() for t in _TOKEN.findall(question) if alone or t[0].isupper()}
    called = {t.lower() for m in _OF_DOCUMENT.finditer(question) for t in _TOKEN.findall(m.group())}
    codes = {c.lower() for c in _CODE.findall(question)}
    proper = []
    for document in documents:
        head, numbers = _heads(document)
        held = {name for name in names(document) & (asked | (called & head)) if not common(name)} | (codes & numbers)
        if held:
            in_title = held & (head | numbers)
            subject = held & _subjects(document)
            proper.append((-2 * len(in_title) - bool(subject - in_title), -len(held), document.id))
    if proper:
        best = min(proper)[0]
        # A name in the title tells more than one that another document only mentions.
        if best or alone:
            least = -1 if best == -1 else -2 if best else 0
            found = {id for in_title, _, id in proper if in_title <= least}
            ordered = [id for _, _, id in sorted(proper) if id in found]
            return _apart(question, [d for id in ordered for d in documents if d.id == id])
    return _by_title(question, documents, alone)


_WORD = re.compile(r"[^\W_]+(?:\.\d+)*")


def _apart(question: str, files: list[Document]) -> tuple[str, ...]:
    """Return the ids of files in their order; of those that share the name asked for, the ones whose title the question holds most of."""
    if len(files) < 2:
        return tuple(d.id for d in files)
    asked = {w.lower() for w in _WORD.findall(question)}
    heads = {d.id: {w.lower() for w in _WORD.findall(f"{d.title} {d.id}")} | _heads(d)[0] for d in files}
    named = {d.id: asked & heads[d.id] for d in files}
    # What is told of one file alone keeps it; a file that adds nothing to another's name goes.
    kept = [d.id for d in files if not any(named[d.id] < named[other.id] for other in files)]
    return tuple(kept)


def _by_title(question: str, documents: Collection[Document], alone: bool) -> tuple[str, ...]:
    """Return the files whose title the question holds in part, where it speaks of a document of one's own."""
    called = [set(words(m.group())) for m in _CALLED.finditer(question) if alone or _OURS.match(m.group())]
    asked = set(words(question))
    found = []
    for document in documents:
        title = set(words(document.title)) | set(words(document.id.replace("-", " ")))
        told = max((len(title & phrase) for phrase in called), default=0)
        rest = (title & asked) - _PLAIN
        if told >= 2 or (told and len(rest) >= 2) or (len(rest) >= 2 and rest == title - _PLAIN):
            found.append((-told, -len(rest), document.id))
    best = min(found)[0] if found else 0
    return tuple(id for told, _, id in sorted(found) if told == best)


def beside(
    text: str, mentions: tuple[Mention, ...], files: Collection[Document], permission: bool = True
) -> tuple[Mention, ...]:
    """Return the mentions that are asked of beside the user's files that a question names.

    Left out are words of a file's own title, families without a version of which a house policy is asked, and the terms that a work
    of one's own is to get; where no permission is asked for, all that a house policy is asked about.
    """
    if not files:
        return mentions
    titles = [" ".join(words(d.title)) for d in files]
    house = all(d.kind == "policy" for d in files)
    return tuple(
        m
        for m in mentions
        if not (house and (len(m.licenses) > 1 or not permission))
        and not any(" ".join(words(m.text)) in title for title in titles)
        and not (m.kind == "license" and _GIVEN.search(text[max(0, m.start - 120) : m.start]))
    )
