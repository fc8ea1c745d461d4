"""Claims: does the text say what a sentence says it says? Supported, contradicted, or not enough information, with the clause.

A claim is read for what it asserts (allowed, forbidden, required, freed, a plain description), its acts and topics, numbers,
places and owners; then for each the best lines of the text are asked whether they say the same, the opposite, or nothing.
"""

import re
import tomllib
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from importlib import resources

from corpus.terms import pattern, readable
from corpus.types import Modality
from rag import duties, lookup
from rag.case import Case, Evidence, unique
from rag.facts import places
from rag.sheet import words

Patterns = tuple[re.Pattern[str], ...]
LABELS = ("supported", "contradicted", "not_enough_info")
# Below this a line only shares a word or two with the claim.
_CLEAR, _RELATED, _TOPICAL = 0.34, 0.22, 0.15
_CITED, _FEW, _LOOKED, _DEEP = 2, 4, 8, 12
# Part of every grant; it says nothing on who owns what is made with the material.
_BOILERPLATE = re.compile(r"rights? owned by|owned or controlled by", re.IGNORECASE)
_EXCEPTION = re.compile(
    r"\((other than|excluding|except)[^)]{3,200}\)|\b(other than through|does not apply to|shall not apply to|will not apply to|excluding)\b[^.;,]{3,120}",
    re.IGNORECASE,
)
_NUMBER = re.compile(r"\d[\d,.]*\d|\d")
_SCALED = {"million": 1e6, "billion": 1e9, "thousand": 1e3}
_COMMON = frozenset(("use", "commercial-use"))


@dataclass(frozen=True, slots=True)
class Language:
    """The patterns of `claims.toml`."""

    assertion: Mapping[str, Patterns]
    world: Patterns
    owner: Mapping[str, re.Pattern[str]]
    contrast: tuple[tuple[re.Pattern[str], re.Pattern[str]], ...]


@dataclass(frozen=True, slots=True)
class Judgment:
    """What a text says to a claim: the label, why in words, and the lines that show it."""

    label: str
    why: str
    evidence: tuple[Evidence, ...] = ()


@cache
def language() -> Language:
    """Return the language of claims."""
    data = tomllib.loads(resources.files("rag").joinpath("data/claims.toml").read_text(encoding="utf-8"))
    return Language(
        {name: tuple(map(pattern, sources)) for name, sources in data["assertion"].items()},
        tuple(map(pattern, data["scope"]["world"])),
        {name: pattern(source) for name, source in data["owner"].items()},
        tuple((pattern(claim), pattern(text)) for claim, text in data["contrast"]["pairs"]),
    )


def assertion(text: str) -> str:
    """Return what a claim asserts: forbids, frees, allows, requires, or describes."""
    words = language().assertion
    for kind in ("forbids", "frees", "requires", "allows"):
        if any(p.search(text) for p in words[kind]):
            return kind
    return "describes"


def beyond_texts(text: str) -> bool:
    """Return True if a claim is about history, courts, prices or quality, of which no license text speaks."""
    return any(p.search(text) for p in language().world)


def judge(case: Case) -> Judgment:
    """Return what the license of a case says to the claim that the case's question holds."""
    lines = _lines(case)
    kind = assertion(case.question.rest)
    if not lines:
        return Judgment("not_enough_info", "no clause speaks of it")
    last = (_modality, _excepted) if kind == "forbids" else (_excepted, _modality)
    for check in (_use, _owner, _number, _place, _contrast, *last):
        found = check(case, kind, lines)
        if found is not None:
            return found
    best = lines[0]
    unsaid = kind == "forbids" and not any(p.search(best.text) for p in language().assertion["forbids"])
    if best.score < _CLEAR or unsaid:
        return Judgment("not_enough_info", "no clause settles it", lines[:1])
    return Judgment("supported", "the clause says so", lines[:_CITED])


def _lines(case: Case) -> tuple[Evidence, ...]:
    """Return the lines that a claim is about, best first: those that speak of its topics and match its words."""
    found = list(lookup.look_up(case, 4).evidence)
    found.extend(e for topic in case.question.topics for act in topic.terms for e in case.all(act)[:1])
    for act in case.question.acts:
        if act.name not in _COMMON or len(case.question.acts) == 1:
            found.extend(e for cover in act.covers[:2] for e in case.all(cover)[:1])
    topical = [Evidence(e.sheet, e.line, e.act, case.score(e.sheet, e.line) + _TOPICAL) for e in found]
    return unique(sorted((*topical, *case.ranked(3)), key=lambda e: -e.score))[:_LOOKED]


def _use(case: Case, kind: str, lines: tuple[Evidence, ...]) -> Judgment | None:
    """Support a claim that a use is forbidden which an item of the use policy names without exception."""
    plain = [e for e in _named(case) if not _EXCEPTION.search(readable(e.text))]
    if kind != "forbids" or not plain:
        return None
    return Judgment("supported", "an item of the use policy names it", tuple(plain[:1]))


def _owner(case: Case, kind: str, lines: tuple[Evidence, ...]) -> Judgment | None:
    """Judge a claim on who owns something."""
    words, text = language().owner, case.question.rest
    if not words["verbs"].search(text):
        return None
    outputs = any(t.name == "outputs" for t in case.question.topics)
    first, second = ("output-rights", "derivative-ownership") if outputs else ("derivative-ownership", "output-rights")
    owned = [e for e in (*case.all(first), *case.all(second), *lines) if _owned_by(e.text)]
    if not owned:
        return None
    says = _owned_by(owned[0].text)
    verb = words["verbs"].search(text)
    user = verb is not None and words["claimed_user"].search(text[: verb.start()] or text) is not None
    user = (
        user
        or re.search(r"\bto (the|its|those|whoever|users?|licensees?)\b", text[verb.end() :] if verb else "")
        is not None
    )
    same = says == "user" if user else says == "licensor"
    if kind in ("forbids", "frees") or re.search(r"\bno\b|\bnot\b", text):
        same = says in ("nobody", "user") if not user else says != "user"
    label = "supported" if same else "contradicted"
    return Judgment(label, "the clause on ownership decides", tuple(owned[:1]))


def _owned_by(text: str) -> str:
    words = language().owner
    text = _BOILERPLATE.sub(" ", text)
    for who in ("nobody", "user", "licensor"):
        if words[who].search(text) and words["verbs"].search(text):
            return who
    return ""


def _amounts(text: str) -> set[float]:
    """Return the numbers of a text that state an amount; section numbers and versions do not count."""
    found = set()
    for m in re.finditer(r"(?P<n>\d[\d,]*(?:[.․]\d+)?)[ -]?(?P<s>million|billion|thousand)?", text.lower()):
        value = float(m.group("n").replace(",", "").replace("․", "."))
        value *= _SCALED.get(m.group("s") or "", 1.0)
        if m.group("s") or value >= 1000:
            found.add(value)
    return found


def _number(case: Case, kind: str, lines: tuple[Evidence, ...]) -> Judgment | None:
    """Contradict a claim whose amount is not the one that the text states for the same thing."""
    claimed = {n for n in _amounts(case.question.rest) if not 1990 <= n <= 2100}
    stated = [(e, _amounts(e.text)) for e in (*case.all("threshold"), *case.all("threshold-display"), *lines)]
    stated = [(e, n) for e, n in stated if n]
    if not claimed or not stated or kind == "frees":
        return None
    if not any(claimed & numbers for _, numbers in stated):
        return Judgment("contradicted", "the text states another amount", (stated[0][0],))
    return None


def _place(case: Case, kind: str, lines: tuple[Evidence, ...]) -> Judgment | None:
    """Judge a claim on governing law or courts by the place it names."""
    table = places()
    topics = {t.name for t in case.question.topics}
    named = {table.region[m.group(1).lower()] for m in table.finder.finditer(case.question.rest)}
    law = [*case.all("governing-law"), *case.all("forum")]
    if "governing-law" not in topics or not named or not law:
        return None
    spots = {m.group(1).lower() for m in table.finder.finditer(case.question.rest)}
    law.sort(key=lambda e: (not any(spot in e.text.lower() for spot in spots), -case.score(e.sheet, e.line)))
    for e in law:
        here = {table.region[m.group(1).lower()] for m in table.finder.finditer(e.text)}
        if named & here:
            return Judgment("supported", "the clause names that place", (e,))
    stated = [e for e in law if table.finder.search(e.text)]
    return Judgment("contradicted", "the clause names another place", tuple(stated[:1])) if stated else None


def _contrast(case: Case, kind: str, lines: tuple[Evidence, ...]) -> Judgment | None:
    """Contradict a claim that says one of two things of which the text says the other."""
    text = case.question.rest
    asked = {act for topic in case.question.topics for act in topic.terms[:2]}
    for claim, said in language().contrast:
        if not claim.search(text) or said.search(text):
            continue
        for e in (*lines, *case.ranked(_DEEP)):
            if (e.score >= _RELATED or e.act in asked) and said.search(readable(e.text)):
                return Judgment("contradicted", "the clause says otherwise", (e,))
    return None


def _joined(text: str) -> set[str]:
    """Return the words of a text, compounds also written as one: `counter-claim` meets `counterclaim`."""
    return {*words(text), *words(re.sub(r"(?<=\w)-(?=\w)", "", text))}


def _excepted(case: Case, kind: str, lines: tuple[Evidence, ...]) -> Judgment | None:
    """Judge a claim on what the best clause excepts: a word of the claim that stands in the exception alone."""
    asked = _joined(case.question.rest)
    for e in lines[:_FEW]:
        text = readable(e.text)
        for exception in _EXCEPTION.finditer(text):
            inside = _joined(exception.group()) & asked
            outside = _joined(text[: exception.start()] + text[exception.end() :])
            if inside - outside:
                said = kind in ("frees", "forbids") or _EXCEPTION.search(case.question.rest) is not None
                label = "supported" if said else "contradicted"
                return Judgment(label, "the clause excepts it", (e,))
    return None


_FORBIDDING: tuple[Modality, ...] = ("prohibited", "requires-separate-license")
_ALLOWING: tuple[Modality, ...] = ("permitted", "permitted-if")
_GRANTS = frozenset(("use", "redistribute", "modify", "commercial-use", "sell", "sublicense"))


def _modality(case: Case, kind: str, lines: tuple[Evidence, ...]) -> Judgment | None:
    """Judge what is allowed, forbidden or asked for by the terms of the act or topic that the claim speaks of."""
    if kind == "describes":
        return None
    topics = [t for t in case.question.topics if t.name not in ("duties", "class")]
    if kind in ("requires", "frees"):
        return _duty(case, kind, lines, [a for t in topics for a in t.terms])
    if kind == "forbids":
        against = _named(case) or [
            e for t in topics for a in t.terms for e in case.all(a, *_FORBIDDING) if _fits(case, e)
        ]
        if against:
            return Judgment("supported", "the clause forbids it", tuple(against[:1]))
    specific = [a for a in case.question.acts if a.name not in _COMMON] or list(case.question.acts)
    for act in specific:
        forbidden = case.all(act.covers[0], *_FORBIDDING)
        granted = [e for cover in act.covers[:2] for e in case.all(cover, *_ALLOWING)]
        if kind == "allows" and (granted or forbidden):
            chosen = tuple(granted[:1]) or forbidden[:1]
            return Judgment("supported" if granted else "contradicted", "the clause on the act decides", chosen)
        if forbidden and _fits(case, forbidden[0]):
            return Judgment("supported", "the clause forbids it", forbidden[:1])
        if granted and not forbidden:
            return Judgment("contradicted", "the clause allows it", tuple(granted[:1]))
    return None


def _fits(case: Case, evidence: Evidence) -> bool:
    return case.score(evidence.sheet, evidence.line) >= _RELATED


def _named(case: Case) -> list[Evidence]:
    """Return the items of a use policy that name a use of the claim."""
    return [e for use in case.question.uses for e in case.all("prohibited-use") if use.clause.search(e.text)]


def _duty(case: Case, kind: str, lines: tuple[Evidence, ...], acts: list[str]) -> Judgment | None:
    """Judge a claim that something is required, or that it is not, where its topic is clear."""
    kinds = list(dict.fromkeys([*acts, *(duties.triggered(case) if kind == "requires" else ())]))
    if not kinds:
        return None
    asked = [e for act in kinds for e in case.all(act, "must", "requires-separate-license", "prohibited")]
    asked.sort(key=lambda e: -case.score(e.sheet, e.line))
    if kind == "requires":
        if asked and _fits(case, asked[0]):
            return Judgment("supported", "the clause asks for it", unique(asked)[:_CITED])
        return None
    freeing = [e for act in acts for e in case.all(act, "permitted") if act not in _GRANTS and _fits(case, e)]
    freeing += [e for e in lines if any(p.search(e.text) for p in language().assertion["frees"])]
    if freeing:
        return Judgment("supported", "the clause says so", tuple(freeing[:1]))
    if not asked:
        grant = case.any(("use", "redistribute", "commercial-use"), "permitted", "permitted-if")
        return Judgment("supported", "the grant stands and no clause asks for it", grant[:1])
    return Judgment("contradicted", "the clause asks for it", tuple(asked[:1]))
