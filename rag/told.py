"""A stack told in words: what a question says a model was made from, and what follows for each license in it.

The same lineage and the same clashes decide as for a stack file. What a question does not say is not guessed: a name without such words
stands beside the others, under its own license.
"""

import re
import tomllib
from collections.abc import Mapping
from dataclasses import dataclass, replace
from functools import cache
from importlib import resources

from corpus.registry import Mention
from corpus.terms import pattern
from rag import clashes, lineage
from rag.case import Case, Outcome, unique
from rag.clashes import Clash
from rag.lexicon import Act, lexicon
from rag.lineage import Bond
from rag.question import Question
from rag.stack import HOWS, Component, Use

_WINDOW = 70
_SENTENCE = re.compile(r"[.;?!]\s+(?=[A-Z])")
# Acts of a teacher's license: its weights are not passed on with the student.
_TAUGHT_ACTS = frozenset(("train-on-outputs", "use-outputs", "compete"))
_RESULT = "the model"


@dataclass(frozen=True, slots=True)
class Relation:
    """Words that tell how a name was used: patterns for what ends right before it, and for what begins right behind it."""

    how: str
    before: tuple[re.Pattern[str], ...]
    after: tuple[re.Pattern[str], ...]


@dataclass(frozen=True, slots=True)
class _Language:
    relations: tuple[Relation, ...]
    gap: str
    join: re.Pattern[str]


@cache
def _language() -> _Language:
    data = tomllib.loads(resources.files("rag").joinpath("data/relations.toml").read_text(encoding="utf-8"))
    gap = data["gap"]
    relations = tuple(
        Relation(
            row["how"],
            tuple(pattern(f"(?:{p}){gap}") for p in row["before"]),
            tuple(pattern(f"^(?:{p})") for p in row["after"]),
        )
        for row in data["relation"]
    )
    return _Language(relations, gap, pattern(data["join"]))


def relations(question: Question) -> Mapping[str, str]:
    """Return for each license that the question names how its material was used, as a stack file would say it; others are left out."""
    text = question.text
    found: dict[str, str] = {}
    before: tuple[int, str | None] = (0, None)
    earlier: str | None = None
    for mention in sorted(question.mentions, key=lambda m: m.start):
        if text[mention.start : mention.end] != mention.text:
            continue
        start, last = before
        between = text[start : mention.start]
        how = _how(text, mention, start)
        joined = last is not None and start > 0 and _language().join.match(between)
        if how is None and joined:
            how = last
        if how == "link" and last is None and start and earlier is not None:
            # What something is linked into is the work that takes it in.
            found.setdefault(earlier, "copy")
        earlier = mention.licenses[0] if len(mention.licenses) == 1 else None
        before = (mention.end, how)
        if how is None or len(mention.licenses) != 1:
            continue
        license = mention.licenses[0]
        # Of two roles of one license the one that makes the whole its derivative counts.
        if license not in found or (how in lineage.CHANGED and found[license] not in lineage.CHANGED):
            found[license] = how
    return found


def _how(text: str, mention: Mention, since: int) -> str | None:
    """Return the relation whose words stand nearest to a mention, within its sentence and behind the mention before it."""
    window = text[max(since, mention.start - _WINDOW) : mention.start]
    window = _SENTENCE.split(window)[-1]
    behind = text[mention.end : mention.end + 40]
    for relation in _language().relations:
        if any(p.search(behind) for p in relation.after):
            return relation.how
    nearest: tuple[int, str] | None = None
    for relation in _language().relations:
        for words in relation.before:
            for hit in words.finditer(window):
                if nearest is None or hit.start() > nearest[0]:
                    nearest = (hit.start(), relation.how)
    return nearest[1] if nearest else None


def narrowed(question: Question, license: str, hows: Mapping[str, str], text: Case) -> Question:
    """Return the question as one license of a stack is asked it: a teacher's about its outputs, a base's without them."""
    how = hows.get(license)
    if how is None or question.kind != "permission" or len(set(hows.values())) < 2:
        return question
    if how in lineage.TAUGHT:
        if text.all("train-on-outputs", "defines"):
            return question
        acts = tuple(a for a in question.acts if a.name in _TAUGHT_ACTS)
        return replace(question, acts=acts or _act("train-on-outputs"))
    acts = tuple(a for a in question.acts if a.name != "train-on-outputs")
    return replace(question, acts=acts or _act("fine-tune"))


def _act(name: str) -> tuple[Act, ...]:
    return tuple(a for a in lexicon().acts if a.name == name)


def clashing(outcomes: tuple[Outcome, ...], hows: Mapping[str, str]) -> tuple[Outcome, ...]:
    """Return the outcomes with those refused whose licenses cannot be met together in the one model that the question tells of."""
    told = [o for o in outcomes if o.case.license in hows]
    if len(told) < 2:
        return outcomes
    cases = {o.case.license: o.case for o in told}
    bonds = _bonds(hows, cases)
    found = clashes.clashes(bonds, _use(told[0].case.question), cases.__getitem__)
    for clash in found:
        open_ = any(hows[license] not in HOWS for license in clash.licenses)
        outcomes = tuple(_refused(o, _possible(clash) if open_ else clash) for o in outcomes)
    return outcomes


def _possible(clash: Clash) -> Clash:
    """Return a clash as one that depends on whether the parts become one work, which is not said."""
    return replace(
        clash, level="warning", text=f"if they become one work, {clash.text}; how they are combined is not said"
    )


def _bonds(hows: Mapping[str, str], cases: Mapping[str, Case]) -> tuple[Bond, ...]:
    """Return what binds the model that was made: a component for each license, and one for each way of making."""
    parents = tuple(Component(license, license=license) for license in cases)
    made = tuple(
        Component(f"{_RESULT}: {how}", None, None, tuple(id for id in cases if hows[id] == how), _as_if(how))
        for how in dict.fromkeys(hows[id] for id in cases)
    )
    bound = lineage.bonds((*parents, *made), {id: (id,) for id in cases}, cases.__getitem__)
    return tuple(bond for component in made for bond in bound[component.name])


def _as_if(how: str) -> str:
    """Return a way of making that a stack file knows: where none is said, that of one work, so that what may clash is found."""
    return how if how in HOWS else "merge"


def _use(question: Question) -> Use:
    acts = {a.name for a in question.acts}
    shared = acts & {"redistribute", "embed-in-product", "relicense", "transfer"}
    hosted = "host-as-service" in acts and not shared
    inside = question.facts.get("internal") is True and not shared
    where = "hosted" if hosted else "internal" if inside else "weights"
    return Use(where, (), dict(question.facts))


def _refused(outcome: Outcome, clash: Clash) -> Outcome:
    """Return an outcome with what a clash makes of it: refused, or unclear where it only comes to bear later."""
    license = outcome.case.license
    own = {sheet.document.id for sheet in outcome.case.sheets}
    lines = tuple(e for e in clash.lines if e.sheet.document.id in own)
    if license not in clash.licenses or not lines or outcome.verdict == "no":
        return outcome
    if clash.level != "error":
        headline = f"{outcome.headline}; but {clash.text}" if outcome.headline else clash.text
        verdict, basis = (outcome.verdict, outcome.basis) if clash.later else ("unclear", "ambiguous")
        return replace(
            outcome, verdict=verdict, basis=basis, headline=headline, evidence=unique((*lines, *outcome.evidence))
        )
    return replace(
        outcome,
        verdict="no",
        basis="noncompliant-as-described",
        headline=clash.text,
        evidence=lines,
        duty_lines=(),
    )
