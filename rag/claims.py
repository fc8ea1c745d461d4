"""Claims: does the text say what a sentence says it says? Supported, contradicted, or not enough information, with the clause.

A claim on owners, places or figures is decided by what the clause states of them; any other by the lines that speak of it:
whether they do the same with the same act, the contrary, or leave it open. What is not shown is not supported.
"""

import re
from dataclasses import dataclass, replace

from corpus.terms import readable
from corpus.types import Modality
from rag import actors, asserted, bounds, entail, figures, parlance, propositions
from rag.asserted import Claim
from rag.case import Case, Evidence, unique
from rag.entail import DENIES, OPEN, SUPPORTS, Match
from rag.reading import concepts, scoped

LABELS = ("supported", "contradicted", "not_enough_info")
# How much of a claim a line must speak of to decide it, and how far behind the best line another may stand.
_SUPPORT, _DENY, _FIGURE, _PAIR, _WAVED = 0.53, 0.46, 0.38, 0.3, 0.28
_EQUAL, _SURE = 0.93, 0.58
_BEHIND, _ALIKE, _DOUBT, _LOOKED, _CITED = 0.2, 0.1, 0.9, 8, 2
_FITS, _PLAIN, _RARE = 0.22, 2, 2
# The share of a claim's concepts of which the line itself must speak before it says so.
_HALF, _LEAST = 0.5, 0.42
# Part of every grant; it says nothing on who owns what is made with the material.
_BOILERPLATE = re.compile(r"rights? owned by|owned or controlled by", re.IGNORECASE)
_FORBIDDING: tuple[Modality, ...] = ("prohibited", "requires-separate-license")
_ALLOWING: tuple[Modality, ...] = ("permitted", "permitted-if")
_OUTSIDE = re.compile(r"\b(outside|except|not) (of |in )?(the )?[A-Z][\w.]+( [A-Z][\w.]+)*")
_DISPUTES = frozenset(("law", "court", "arbitrate", "dispute", "sue"))
# What is asked for or bought apart is not what this license grants.
_APART = frozenset(("ask", "purchase"))
_OTHERWISE = frozenset(("noncommercial", "output"))
_SOMEWHERE = re.compile(r"\b[Cc]ourts? (?:of|in|at) ([A-Z]\w+)")
# Which wording of a license goes before another is no matter of places.
_LANGUAGES = frozenset(("language", "prevail"))
_COMMON = frozenset(("use", "commercial-use"))
# Words of a claim on commercial use that narrow it to nothing in particular.
_MONEY, _PLAINLY = frozenset(("commercial",)), frozenset(("distribute", "modify", "copy", "sell", "include", "code"))


@dataclass(frozen=True, slots=True)
class Judgment:
    """What a text says to a claim: the label, why in words, and the lines that show it."""

    label: str
    why: str
    evidence: tuple[Evidence, ...] = ()
    fit: float = 0.0


def judge(case: Case) -> Judgment:
    """Return what the license of a case says to the claim that the case's question holds."""
    claim = asserted.read(case, parlance.words(case.question))
    found = entail.matches(case, claim, _LOOKED)
    if not found:
        return Judgment("not_enough_info", "no clause speaks of it")
    for check in (_use, _common, _owner, _place, _territory, _quoted, _contrast, _figure, _lines, _terms):
        judged = check(case, claim, found)
        if judged is not None:
            return replace(judged, fit=found[0].fit)
    return Judgment("not_enough_info", "no clause settles it", (found[0].evidence,))


def _use(case: Case, claim: Claim, found: tuple[Match, ...]) -> Judgment | None:
    """Judge a claim on a use that an item of the use policy names without exception."""
    named = [e for use in case.question.uses for e in case.all("prohibited-use") if use.clause.search(e.text)]
    plain = [e for e in named if not scoped("except", readable(e.text))]
    if not plain or claim.stance not in ("forbidden", "allowed"):
        return None
    if claim.stance == "forbidden":
        return Judgment("supported", "an item of the use policy names it", tuple(plain[:1]))
    fits = [m.evidence for m in found if m.evidence.key in {e.key for e in plain} and m.fit >= _DENY]
    return Judgment("contradicted", "an item of the use policy names it", tuple(fits[:1])) if fits else None


def _common(case: Case, claim: Claim, found: tuple[Match, ...]) -> Judgment | None:
    """Judge a claim of what licenses commonly say by the lines that say it or the contrary."""
    settled = propositions.settled(case, claim)
    if settled is None:
        return None
    side, line, name = settled
    label = "supported" if side == propositions.HOLDS else "contradicted"
    return Judgment(label, f"the clause decides ({name})", (line,))


def _owner(case: Case, claim: Claim, found: tuple[Match, ...]) -> Judgment | None:
    """Judge a claim on who owns something."""
    words, text = parlance.language().owner, claim.text
    verb = words["verbs"].search(text)
    if verb is None or "court" in concepts(text):
        return None
    outputs = any(t.name == "outputs" for t in case.question.topics)
    first, second = ("output-rights", "derivative-ownership") if outputs else ("derivative-ownership", "output-rights")
    owned = [
        e for e in (*case.all(first), *case.all(second), *(m.evidence for m in found)) if _owned_by(actors.called(e))
    ]
    if not owned:
        return None
    says = _owned_by(actors.called(owned[0]))
    user = words["claimed_user"].search(text[: verb.start()] or text) is not None
    user = user or words["given_user"].search(text[verb.end() :]) is not None
    same = says == "user" if user else says == "licensor"
    if claim.stance in ("forbidden", "free", "no") or re.search(r"\bno\b|\bnot\b", text):
        same = says in ("nobody", "user") if not user else says != "user"
    return Judgment("supported" if same else "contradicted", "the clause on ownership decides", tuple(owned[:1]))


def _owned_by(text: str) -> str:
    words = parlance.language().owner
    text = _BOILERPLATE.sub(" ", text)
    for who in ("nobody", "user", "licensor"):
        if words[who].search(text) and words["verbs"].search(text):
            return who
    return ""


def _place(case: Case, claim: Claim, found: tuple[Match, ...]) -> Judgment | None:
    """Judge a claim on governing law, courts or arbitration by the place it names."""
    claimed, asked = figures.places(_OUTSIDE.sub(" ", claim.text)), concepts(claim.text)
    if not asked & _DISPUTES or asked >= _LANGUAGES:
        return None
    if not claimed:
        return _elsewhere(case, claim)
    acts = ("governing-law", "forum") if "law" in asked else ("forum", "governing-law")
    lines = next((rows for act in acts if (rows := [e for e in case.all(act) if figures.places(e.text)])), [])
    settled = [e for e in lines if figures.named(figures.places(e.text), claimed)]
    if settled:
        return Judgment("supported", "the clause names that place", tuple(settled[:1]))
    if lines:
        return Judgment("contradicted", "the clause names another place", tuple(lines[:1]))
    return Judgment("not_enough_info", "no clause names a law or court", (found[0].evidence,))


def _elsewhere(case: Case, claim: Claim) -> Judgment | None:
    """Leave a claim on courts open if it names a place that we do not know and that no clause on courts names."""
    told = " ".join(e.text for act in ("forum", "governing-law") for e in case.all(act))
    strange = [name for name in _SOMEWHERE.findall(claim.text) if name not in told]
    return Judgment("not_enough_info", "no clause names that place") if told and strange else None


def _territory(case: Case, claim: Claim, found: tuple[Match, ...]) -> Judgment | None:
    """Judge a claim on a place in which the license holds, or does not, by the places that the text leaves out."""
    claimed, out = figures.places(claim.text), scoped("out", claim.text)
    if not claimed or not (out or claim.stance in ("allowed", "yes")):
        return None
    for e in case.all("territory", "prohibited"):
        if figures.touched(figures.places(e.text), claimed):
            label = "supported" if out else "contradicted"
            return Judgment(label, "the clause leaves that place out", (e,))
    return None


def _quoted(case: Case, claim: Claim, found: tuple[Match, ...]) -> Judgment | None:
    """Contradict a claim that quotes words which the text does not hold, where the text prescribes others."""
    texts = [" ".join(s.document.text.lower().split()) for s in case.sheets]
    strange = [q for q in case.question.quoted if not any(q.lower().rstrip(".,") in text for text in texts)]
    if not strange or found[0].fit < _FIGURE:
        return None
    if re.search(r"[“\"][^”\"]{2,80}[”\"]", found[0].evidence.text):
        return Judgment("contradicted", "the clause prescribes other words", (found[0].evidence,))
    return Judgment("not_enough_info", "the words quoted stand in no clause", (found[0].evidence,))


def _contrast(case: Case, claim: Claim, found: tuple[Match, ...]) -> Judgment | None:
    """Contradict a claim that says one of two things of which the text says the other."""
    asked = {act for topic in case.question.topics for act in topic.terms}
    lines = [m.evidence for m in found if m.fit >= _PAIR] + [e for act in sorted(asked) for e in case.all(act)]
    for claimed, said in parlance.language().contrast:
        if not claimed.search(claim.text) or said.search(claim.text):
            continue
        for e in lines:
            if said.search(readable(e.text)):
                return Judgment("contradicted", "the clause says otherwise", (e,))
    return None


def _figure(case: Case, claim: Claim, found: tuple[Match, ...]) -> Judgment | None:
    """Contradict a claim whose figures are not those that the text states for the same thing."""
    if claim.stance == "free" and not figures.amounts(claim.text).keys() & {"time"}:
        return None
    rows = [(bounds.figures_differ(claim, m.evidence.text), m) for m in found]
    told = [(differ, m) for differ, m in rows if differ is not None and m.fit >= found[0].fit - _BEHIND]
    if not told:
        claimed = figures.amounts(claim.text)
        open_ = Judgment("not_enough_info", "no clause states such a figure", (found[0].evidence,))
        return open_ if {"money", "percent", "users", "devices"} & claimed.keys() else None
    if all(differ for differ, _ in told) and told[0][1].fit >= _FIGURE:
        return Judgment("contradicted", "the text states another figure", (told[0][1].evidence,))
    return None


def _lines(case: Case, claim: Claim, found: tuple[Match, ...]) -> Judgment | None:
    """Judge a claim by the lines that speak of it: the one that says most clearly the same or the contrary decides."""
    close = [m for m in found if m.fit >= found[0].fit - _BEHIND]
    limited = scoped("only", claim.text) and any(
        m.relation == SUPPORTS and (m.stance == "required" or scoped("only", m.evidence.text)) for m in close
    )
    for m in () if limited else close:
        if m.fit >= _DENY and bounds.too_wide(claim, m):
            return Judgment("contradicted", "the clause sets a limit", (m.evidence,))
    waved = next((m for m in found if bounds.waved(claim, m) and m.fit >= _WAVED), None)
    said = sorted((m for m in close if m.relation != OPEN), key=lambda m: -m.weight)
    if waved is not None and (not said or said[0].weight < _SUPPORT):
        return Judgment("contradicted", "the clause rules all of it out", (waved.evidence,))
    if not said:
        return None
    best = bounds.fuller(said[0], found)
    if len(claim.weights) < _PLAIN and bounds.torn(said):
        return Judgment("not_enough_info", "clauses speak for it and against it", (best.evidence,))
    against = next((m for m in said if m.relation == DENIES and m.fit * m.clarity >= _DENY), None)
    if best.relation == SUPPORTS and against is not None and against.weight >= _DOUBT * best.weight:
        if against.weight < _EQUAL * best.weight or against.fit < _SURE:
            return Judgment("not_enough_info", "clauses speak for it and against it", (best.evidence,))
        best = against
    if best.relation == DENIES and best.stance == "no" and best.clarity < _DOUBT:
        others = (m for m in said if m.relation == SUPPORTS and m.weight >= _DOUBT * best.weight)
        if any(others):
            return Judgment("not_enough_info", "clauses speak for it and against it", (best.evidence,))
    least = _WAVED if bounds.waved(claim, best) else _DENY
    if best.relation == DENIES and best.fit * best.clarity >= least:
        return Judgment("contradicted", "the clause says otherwise", (best.evidence,))
    if best.relation == SUPPORTS and best.fit >= _DENY and bounds.asks_for(claim, best.evidence.text):
        return Judgment("contradicted", "the clause asks for it", (best.evidence,))
    if best.relation == SUPPORTS and best.fit >= _DENY:
        beside = bounds.denied_beside(claim, best)
        if beside is not None:
            return Judgment("contradicted", "the clause leaves it out", unique((best.evidence, beside)))
        if bounds.part_only(claim, best.evidence.text):
            return Judgment("contradicted", "the clause speaks of a part", (best.evidence,))
        if bounds.either(claim, best.evidence.text):
            return Judgment("contradicted", "the clause takes either of the two", (best.evidence,))
        if claim.stance != "free" and bounds.excepted(claim, best.evidence.text):
            return Judgment("contradicted", "the clause leaves out just that", (best.evidence,))
    if best.relation == SUPPORTS and claim.stance != "free" and bounds.counts_more(claim, best):
        return Judgment("not_enough_info", "no clause states such a figure", (best.evidence,))
    counted = bounds.figures_differ(claim, best.evidence.text) is False
    spoken = counted or bounds.share(claim, best.evidence.text) >= _LEAST
    if best.relation == SUPPORTS and best.weight >= _SUPPORT and spoken:
        more = [o.evidence for o in found if o.relation == SUPPORTS and o.fit >= best.fit - _ALIKE]
        return Judgment("supported", "the clause says so", unique((best.evidence, *more))[:_CITED])
    return None


def _terms(case: Case, claim: Claim, found: tuple[Match, ...]) -> Judgment | None:
    """Judge what is allowed or forbidden by the terms of the acts that the claim names."""
    if claim.stance == "forbidden" and case.question.uses:
        return None  # a grant of all uses does not tell that none is named elsewhere
    if claim.stance not in ("allowed", "forbidden") or actors.actor(claim.text) == "licensor":
        return None
    bare = len(claim.weights) <= _PLAIN
    acts = [a for a in case.question.acts if a.name not in _COMMON] or list(case.question.acts)
    apart = _APART & concepts(claim.text) and not scoped("without", claim.text)
    said = concepts(claim.text)
    money = (any(a.commercial for a in acts) or _MONEY & said) and not apart and not _OTHERWISE & said
    opened = case.all("commercial-use", "permitted") if money else ()
    closed = case.all("noncommercial", *_FORBIDDING) if money and not opened else ()
    if closed:
        label = "supported" if claim.stance == "forbidden" else "contradicted"
        return Judgment(label, "the license is for other purposes", closed[:1])
    plainly = _MONEY & said and claim.weights.keys() <= _PLAINLY | _MONEY and not figures.amounts(claim.text)
    if opened and plainly and claim.stance == "forbidden" and not case.all("noncommercial", *_FORBIDDING):
        return Judgment("contradicted", "the license allows it", opened[:1])
    for act in acts:
        if not bare and (act.name in _COMMON or len(case.all(act.covers[0])) > _RARE):
            continue
        against = [e for e in case.all(act.covers[0], *_FORBIDDING) if e.score >= _FITS]
        granted = [e for e in case.all(act.covers[0], *_ALLOWING) if e.score >= _FITS]
        chosen, other = (granted, against) if claim.stance == "allowed" else (against, granted)
        if chosen and not other and bounds.share(claim, chosen[0].text, _MONEY) >= _HALF:
            return Judgment("supported", "the clause on the act decides", tuple(chosen[:1]))
        if other and not chosen:
            return Judgment("contradicted", "the clause on the act decides", tuple(other[:1]))
    return None
