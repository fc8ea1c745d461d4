"""Entailment: whether a line of a text says what a claim says, denies it, or leaves it open.

A line speaks of a claim as far as it holds the claim's concepts; what it does with them (allow, forbid, require, free, say, deny)
is then held against what the claim says is done, exceptions turned round and opposites counted as denials.
"""

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from rag.actors import actor
from rag.asserted import CONDITION, TERMS, Claim
from rag.case import Case, Evidence
from rag.reading import Passage, concepts, near, opposites, passages, scoped, stance, telling

SUPPORTS, DENIES, OPEN = 1, -1, 0
_BESIDE, _HEADING, _OPPOSED = 0.35, 0.6, 0.8
_ASKED, _PLAIN, _SHORTEST = 0.08, 0.9, 4
_SCORE, _SHARED = 0.35, 0.65
# What a line says (second key) to what a claim says (first key); the second number is how clearly.
_RELATION: Mapping[str, Mapping[str, tuple[int, float]]] = {
    "allowed": {"allowed": (1, 1), "yes": (1, 0.7), "free": (1, 0.7), "forbidden": (-1, 1), "no": (-1, 0.8)},
    "forbidden": {"forbidden": (1, 1), "no": (1, 0.8), "allowed": (-1, 1), "yes": (-1, 0.5), "free": (-1, 0.7)},
    "required": {"required": (1, 1), "yes": (1, 0.8), "free": (-1, 1), "allowed": (-1, 0.5), "no": (-1, 0.7)},
    "free": {"free": (1, 1), "no": (1, 0.8), "required": (-1, 1), "allowed": (1, 0.6)},
    "yes": {
        "yes": (1, 1),
        "allowed": (1, 0.8),
        "required": (1, 0.9),
        "forbidden": (-1, 0.8),
        "no": (-1, 0.9),
        "free": (-1, 0.9),
    },
    "no": {
        "no": (1, 1),
        "forbidden": (1, 0.9),
        "free": (1, 0.9),
        "yes": (-1, 0.9),
        "allowed": (-1, 0.8),
        "required": (-1, 0.7),
    },
}
# What a line does with the opposite of an act is something it does with the act itself.
_TURNED = {
    "required": "forbidden",
    "forbidden": "required",
    "allowed": "forbidden",
    "yes": "no",
    "no": "yes",
    "free": "allowed",
}
# An exception to a rule does the contrary of the rule.
_EXCEPTED = {
    "required": "free",
    "forbidden": "allowed",
    "allowed": "forbidden",
    "yes": "no",
    "no": "yes",
    "free": "required",
}


# What holds in no case is denied.
_NEVER = {"required": "no", "allowed": "forbidden", "yes": "no"}
_MAIN, _COVERS = 4, 0.92
_DEFINING = frozenset(("definition", "derivative-definition", "distribution-definition", "noncommercial-definition"))
_DEFINED = 0.6
_IF_YOU, _IMPLIED = re.compile(r"\b(?:if|when|where) (?:you|licensee|a licensee)\b", re.IGNORECASE), 0.8
# What something is not, or goes without, tells nothing of what it is.
_BESIDES = re.compile(
    r"\W*(?:without|(?:and )?not|rather than|instead of|provided|as long as|so long as|on condition)\b", re.IGNORECASE
)
_CONTRASTED = re.compile(r"\W*(?:and )?not (?:one|an?|the|just|only|merely) ", re.IGNORECASE)
_NOT_THAT = re.compile(r"\W*not (?:a|an|one|the|any) ", re.IGNORECASE)
_DEFINES = re.compile(r"[”\"*]\s*(?:shall )?means?\b|\b(?:defin|counts? as|treat)", re.IGNORECASE)
_MUST = re.compile(
    r"\b(?:must|shall|required to|has to|have to)(?: also| not| be| conspicuously| prominently)* (?P<verb>\w+)", re.I
)
_DOING = ("allowed", "required", "forbidden")
_LISTED = "prohibited-use"
_MEANS = re.compile(r"\bmeans?\b[^/]{0,200}:\s*$", re.IGNORECASE)
# Disclaimers hold many words and say nothing of most of them.
_HAZARDS, _DISCLAIMING = frozenset(("warranty", "liability", "indemnify")), frozenset(("warranty", "liability"))
_DAMAGES = concepts("consequential incidental exemplary")
_PURPOSES, _WIDE = frozenset(("noncommercial", "nonproduction")), frozenset(("commercial", "production"))


@dataclass(frozen=True, slots=True)
class Match:
    """A line held against a claim: how much of the claim it speaks of (0 to about 1), and what it says to it, how clearly.

    `held` are the concepts of the claim of which the line itself speaks.
    """

    evidence: Evidence
    fit: float
    relation: int = OPEN
    clarity: float = 0.0
    stance: str = "yes"
    held: frozenset[str] = frozenset()

    @property
    def weight(self) -> float:
        """Return how much the line counts: how much it speaks of the claim, and how clearly it says something to it."""
        return self.fit * (1 + self.clarity) / 2


def matches(case: Case, claim: Claim, limit: int) -> tuple[Match, ...]:
    """Return the lines that speak most of a claim, best first, each with what it says to it."""
    found = []
    harmless = not _HAZARDS & claim.weights.keys()
    for sheet in case.sheets:
        bags = [concepts(line.unit.span.of(sheet.document.text)) for line in sheet.lines]
        for at, line in enumerate(sheet.lines):
            said = line.unit.span.of(sheet.document.text)
            if len(said.split()) < _SHORTEST or said.strip() == sheet.document.title.strip():
                continue
            if harmless and (
                (line.acts and line.acts <= _DISCLAIMING) or (_HAZARDS & bags[at] and _DAMAGES & bags[at])
            ):
                continue
            shared = _shared(claim, bags, at, sheet.lines[at].unit.context)
            score = case.score(sheet, line)
            fit = _SHARED * shared + _SCORE * min(1.0, score) + (_ASKED if line.acts & claim.acts else 0.0)
            found.append(Match(Evidence(sheet, line, "", fit), fit))
    found.sort(key=lambda m: (-m.fit, m.evidence.key))
    return tuple(_judged(claim, m) for m in found[:limit])


def _shared(claim: Claim, bags: Sequence[frozenset[str]], at: int, context: str) -> float:
    """Return the share of a claim's concepts that a line holds; its heading and the lines beside it count in part."""
    if not claim.total:
        return 0.0
    own = bags[at]
    above = concepts(context.partition(" / ")[2])
    beside = frozenset().union(*bags[max(0, at - 1) : at], *bags[at + 1 : at + 2])
    held = 0.0
    for concept, weight in claim.weights.items():
        if concept in own:
            held += weight
        elif opposites(concept) & own:
            held += weight * _OPPOSED
        elif concept in above or near(concept) & own:
            held += weight * _HEADING
        elif concept in beside:
            held += weight * _BESIDE
    return held / claim.total


def _judged(claim: Claim, match: Match) -> Match:
    text, context = match.evidence.text, match.evidence.line.unit.context
    found = passages(" ".join(text.split()))
    if not found:
        return match
    said, turned = _said(claim, found, context)
    if said == "yes" and any(t.act == _LISTED and t.modality == "prohibited" for t in match.evidence.line.terms):
        # An item of what may not be done says no more than its name.
        said = "forbidden"
    relation, clarity = _RELATION[claim.stance].get(said, (OPEN, 0.0))
    if turned:
        clarity = max(clarity, _PLAIN)
    relation = _held_open(claim, text, said, turned, relation)
    if claim.stance not in ("yes", "no") and said == "yes" and _MEANS.search(context):
        relation = OPEN
    relation, clarity = _put(claim, text, (said, turned), (relation, clarity))
    if claim.stance not in ("yes", "no") and match.evidence.line.acts & _DEFINING:
        relation, clarity = max(relation, OPEN), clarity * _DEFINED
    if relation == SUPPORTS and any(_NOT_THAT.match(p.text) and p.concepts & claim.weights.keys() for p in found):
        relation = OPEN
    other = claim.stance == "required" and match.fit < _COVERS and not turned and _other_duty(claim, found)
    if relation == SUPPORTS and other:
        relation = OPEN
    mine, theirs = actor(claim.text), actor(match.evidence.text)
    if mine and theirs and mine != theirs:
        relation = OPEN
    own = concepts(text)
    held = frozenset(c for c in claim.weights if (opposites(c) | near(c) | {c}) & own)
    return Match(match.evidence, match.fit, relation, clarity, said, held)


def _held_open(claim: Claim, text: str, said: str, turned: bool, relation: int) -> int:
    """Return the relation of a line to a claim, open where the words of the line carry it no further."""
    if len(claim.weights) == 1 and _DEFINES.search(text) and not _DEFINES.search(claim.text):
        # What a word means is not what is done with the thing.
        return OPEN
    if claim.stance == "free" and said == "allowed" and scoped("provided", text):
        # What is allowed on conditions is not free of them.
        return OPEN
    if relation != SUPPORTS:
        return relation
    defines = scoped("defines", text) or (claim.stance == "required" and _DEFINES.search(text) is not None)
    if claim.stance in _DOING and not turned and defines:
        # What a word means obliges nobody.
        return OPEN
    return OPEN if scoped("only", claim.text) and said == "allowed" and not scoped("only", text) else relation


def _put(claim: Claim, text: str, line: tuple[str, bool], found: tuple[int, float]) -> tuple[int, float]:
    """Return what a line says to a claim and how clearly, as the strength of its words changes that."""
    said, turned = line
    relation, clarity = found
    advised = scoped("advised_list", text) or (said in ("allowed", "yes") and scoped("advised", text))
    if claim.stance == "required" and relation == SUPPORTS and advised:
        # What is asked for kindly is no duty.
        return DENIES, _PLAIN
    if claim.stance == "required" and said == "allowed" and relation == DENIES and scoped("optional", text):
        return relation, _PLAIN
    if claim.stance == "allowed" and said == "required" and CONDITION.search(claim.text):
        return SUPPORTS, _PLAIN
    if claim.stance == "allowed" and said == "required" and scoped("only", claim.text) and not turned:
        # What may only be done in one way must be done so.
        return SUPPORTS, _PLAIN
    if claim.stance == "forbidden" and said == "required" and _IF_YOU.search(text):
        # Who must do something when doing an act is not forbidden to do it.
        return DENIES, _IMPLIED
    return relation, clarity


def _other_duty(claim: Claim, found: Sequence[Passage]) -> bool:
    """Return True if all that a line says must be done is something else than what the claim says must be done."""
    asked = claim.weights.keys()
    done = []
    for duty in (m for p in found for m in _MUST.finditer(p.text)):
        verb = telling(concepts(duty.group("verb")))
        if scoped("light", duty.group("verb")):
            return False
        done += [verb] if verb else []
    return bool(done) and not any(v & asked or any(near(c) & asked or opposites(c) & asked for c in v) for v in done)


def _said(claim: Claim, found: Sequence[Passage], context: str) -> tuple[str, bool]:
    """Return the stance of a line towards the concepts of a claim, and whether it was turned round."""
    weights = claim.weights

    def held(passage: Passage) -> float:
        return sum(w for c, w in weights.items() if c in passage.concepts or opposites(c) & passage.concepts)

    ruled = [n for n, p in enumerate(found) if not p.excepts]
    plain = [n for n in ruled if not _CONTRASTED.match(found[n].text)] or ruled or list(range(len(found)))
    best = max(plain, key=lambda n: (held(found[n]), -n))
    passage = found[best]
    main = _main(found, best)
    said = found[main].stance if found[main].stance != "yes" else _governing(found, main, context)
    if said == "yes" and scoped("imperative", passage.text):
        said = "required"
    if said == "allowed" and scoped("none", " ".join(p.text for p in found)):
        said = "forbidden"
    if any(scoped("no_case", p.text) for p in found):
        said = _NEVER.get(said, said)
    outside = frozenset().union(*(found[n].concepts for n in plain))
    if any(p.excepts and (p.concepts & weights.keys()) - outside for p in found):
        said = _EXCEPTED[said]
    whole = frozenset().union(*(p.concepts for p in found))
    # A purpose limits the whole sentence, wherever it stands.
    purpose = frozenset() if _WIDE & whole else _PURPOSES & whole
    seen = passage.concepts | found[main].concepts
    denied = sum(
        1
        for c in weights
        if c not in (seen if c in TERMS else whole) and opposites(c) & ((seen | purpose) - weights.keys())
    )
    if not denied % 2:
        return said, False
    if scoped("only", claim.text):
        # What is forbidden of the opposite is what "only" says.
        return (claim.stance if said in ("forbidden", "required", "no") else _TURNED[said]), True
    return ("free" if claim.stance == "required" and said == "allowed" else _TURNED[said]), True


def _main(found: Sequence[Passage], best: int) -> int:
    """Return the passage that says what follows where the best one is a condition; the best one itself otherwise."""
    conditions: set[int] = set()
    for n, passage in enumerate(found):
        if scoped("condition", passage.text) or (n - 1 in conditions and scoped("alternative", passage.text)):
            conditions.add(n)
    if best not in conditions:
        return best
    rest = [n for n in (*range(best + 1, len(found)), *range(best)) if n not in conditions and not found[n].excepts]
    return next((n for n in rest if len(found[n].text.split()) >= _MAIN), best)


def _governing(found: Sequence[Passage], best: int, context: str) -> str:
    """Return the stance that governs a passage which has none of its own: that of the words before it, or of what leads its list in."""
    for passage in reversed(found[:best]):
        if passage.stance != "yes" and not passage.excepts:
            return passage.stance
    lead = context.rpartition(" / ")[2] if " / " in context else ""
    if lead.rstrip().endswith((":", "—", "-")) and stance(lead) != "yes":
        return stance(lead)
    rest = (p for p in found[best + 1 :] if not p.excepts and not _BESIDES.match(p.text))
    behind = (p.stance for p in rest if p.stance != "yes")
    return next(behind, "yes")
