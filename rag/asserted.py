"""What a claim asserts: its concepts with their weights, its stance, the acts it asks for."""

import math
import re
from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass

from rag.case import Case
from rag.reading import concepts, known, scoped, stance, telling, wordings

_HEAVIEST = 2.5
_MAIN, _SUBJECT = 4, 5
# What tells the subject of a claim from others is not what the claim says of it.
_RELATIVE = re.compile(
    r"\b(?:that|which|who|whose)\b[^,;]*?(?=\b(?:may|must|can|cannot|shall|has to|have to)\b)", re.IGNORECASE
)
_OBJECT = re.compile(r"(?<!say )(?<!says )(?<!state )(?<!states )\b(?:that|which|who|whose)\b", re.IGNORECASE)
_ASIDE, _LESS = re.compile(r"(?<=\w )\b(?:who|whose)\b[^,]*$", re.IGNORECASE), 0.5
_LEADING = re.compile(r"^\W*(?:where|if|when|whenever|once|as soon as)\b[^,]*,\s*", re.IGNORECASE)
_DOING = ("allowed", "required", "forbidden")
_SPARED = re.compile(r"\bwithout\b.*", re.IGNORECASE)
CONDITION = re.compile(
    r"\b(?:as long as|so long as|provided that|on condition that|if|once|when|unless|subject to)\b", re.IGNORECASE
)
TERMS = frozenset(("same_terms", "own_terms"))


@dataclass(frozen=True, slots=True)
class Claim:
    """A claim as it is held against lines: its words without names, its concepts with their weights, its stance, the acts it asks for."""

    text: str
    weights: Mapping[str, float]
    stance: str
    acts: frozenset[str] = frozenset()

    @property
    def total(self) -> float:
        """Return the weight of all its concepts."""
        return sum(self.weights.values())


def read(case: Case, text: str) -> Claim:
    """Return a claim read against the documents of a case: a word weighs more the fewer lines hold it."""
    lines = [concepts(line.unit.span.of(s.document.text)) for s in case.sheets for line in s.lines]
    counts = Counter(c for found in lines for c in found)
    # What a claim sets aside is not what it says.
    said = concepts(wordings().scope["aside"].sub(" ", _without_contrast(text))) - _names(case)
    asked = telling(said) or said or concepts(text)
    lettered = [c for c in asked if any(map(str.isalpha, c))]
    weights = {c: min(_HEAVIEST, math.log(1 + len(lines) / (counts[c] or 1))) for c in lettered}
    weights.update({c: _HEAVIEST for c in weights if c in TERMS})
    main = concepts(_ASIDE.sub(" ", text)) if len(_ASIDE.sub(" ", text).split()) >= _SUBJECT else said
    # Of whom something is said matters less than what is said.
    weights.update({c: _LESS * w for c, w in weights.items() if c not in main})
    return Claim(text, weights, _stance(text), _asked(case))


def _names(case: Case) -> frozenset[str]:
    """Return the words of a license's name that mean nothing else: they tell no line of it from another."""
    return frozenset(c for s in case.sheets[:1] for c in concepts(s.document.title) if not known(c))


def _stance(text: str) -> str:
    """Return what a claim says is done; a condition behind it does not decide, and what is spared is part of what is allowed."""
    text = _without_contrast(text)
    main = CONDITION.split(_RELATIVE.sub(" ", _LEADING.sub("", text)))[0]
    head = _OBJECT.split(main)[0]
    if len(head.split()) >= _MAIN and stance(head) in _DOING:
        main = head
    said = stance(main if len(main.split()) >= _MAIN else text)
    spared = stance(_SPARED.sub(" ", main))
    if said in ("forbidden", "no") and scoped("ban_lifted", main):
        return "allowed"
    # "without" is of the manner: what happens without something does happen.
    return spared if (said, spared) in (("free", "allowed"), ("no", "yes")) else said


def _without_contrast(text: str) -> str:
    """Return a claim without what it says it does not mean: "one for all, not one each"."""
    main = wordings().scope["contrast"].sub("", text)
    return main if len(main.split()) >= _MAIN else text


def _asked(case: Case) -> frozenset[str]:
    acts = {act for topic in case.question.topics for act in topic.terms[:2]}
    return frozenset(acts | {act.covers[0] for act in case.question.acts})
