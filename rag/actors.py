"""Who acts in a sentence, licensee or licensor, and the names that a text gives its licensee."""

import re
from functools import lru_cache

from rag.case import Evidence
from rag.reading import concepts, known, scoped

_MODAL = re.compile(
    r"\b(?:may|can|cannot|must|shall|will|has to|have to|is (?:not )?authorized|has the right|reserves the right|agrees?)\b",
    re.IGNORECASE,
)
_NAMED = re.compile(r"(?:^|[.;] |\d )([A-Z]\w+)$")
# Words before the verb in which its subject stands.
_SUBJECT = 5
# Whom a passive is done by; "no one other than" tells who, not that nobody does.
_RESERVES = re.compile(r"\breserves? the right\b", re.IGNORECASE)
_BY = re.compile(r"\b(?:by|for) (?P<who>(?:the |any |a |an |every )?\w+)", re.IGNORECASE)
_ALIAS = re.compile(r"\(\s*(?:the )?[“\"](?P<one>\w+)[”\"],? or (?:the )?[“\"](?P<other>\w+)[”\"]\s*\)", re.IGNORECASE)
_YOU = frozenset(("you", "licensee"))


def actor(text: str) -> str:
    """Return who acts in a sentence, licensee or licensor, by what stands before its first verb of permission or duty; empty if unclear."""
    subject = _MODAL.split(text, maxsplit=1)
    if len(subject) < 2:
        return ""
    agent = _BY.match(" ".join(subject[1].split()[2:])) if scoped("passive", subject[1]) else None
    if agent is not None and _alone(agent.group("who")):
        return _alone(agent.group("who"))
    found = _alone(" ".join(subject[0].split()[-_SUBJECT:]))
    if found:
        return found
    if _RESERVES.search(text):
        return "licensor"
    named = _NAMED.search(subject[0].strip())
    strange = named is not None and not any(map(known, concepts(named.group(1))))
    return "licensor" if strange else ""


def _alone(words: str) -> str:
    """Return the one of the two parties that some words name; empty if they name none or both."""
    named = [who for who in ("licensee", "licensor") if scoped(who, words)]
    return named[0] if len(named) == 1 else ""


@lru_cache(maxsize=64)
def aliases(text: str) -> frozenset[str]:
    """Return the names that a text defines as other words for its licensee: ("you" or "Company")."""
    found = set()
    for m in _ALIAS.finditer(text):
        pair = (m.group("one"), m.group("other"))
        if any(name.lower() in _YOU for name in pair):
            found |= {name for name in pair if name.lower() not in _YOU}
    return frozenset(found)


def called(e: Evidence) -> str:
    """Return the words of a line with the licensee called so, whatever the text calls him."""
    names = aliases(e.sheet.document.text)
    return re.sub(rf"\b({'|'.join(map(re.escape, names))})\b", "Licensee", e.text) if names else e.text
