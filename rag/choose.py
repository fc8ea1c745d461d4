"""Choosing by a few questions: which licenses and models on file fit a plan, and for each other one the clause that rules it out.

The questions are data (`data/choose.toml`); what a license says to the answers is read by the rules that answer questions.
"""

import dataclasses
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Literal, Protocol

from corpus.catalog import Catalog, License
from corpus.errors import InputError
from corpus.model_rows import Model
from corpus.registry import Registry
from corpus.types import Modality
from rag import clashes, duties, freedoms, replace, rules, set_off, weighed
from rag.case import Case, Evidence, Outcome
from rag.choose_tree import Option, Step, applies
from rag.lexicon import lexicon
from rag.question import Question
from rag.set_off import is_reviewed
from rag.types import Citation, MissingFact, Value

Answers = Mapping[str, tuple[Option, ...]]
Place = Literal["fits", "open", "unsettled", "ruled-out"]
# Where the licenses of a model part, the model stands with the one that is least in its favour.
_ORDER: tuple[Place, ...] = ("fits", "open", "unsettled", "ruled-out")
_CITED = 2
_FREE = frozenset(("permissive", "copyleft", "public-domain"))
_NOT_FREE = frozenset(("non-commercial", "no-derivatives", "use-restrictions", "no-competition", "internal-use"))
_DEPENDS = "{}, depending on what is not yet said"
_DOUBTED = "rules alone read the clause so ({}), and what the catalog knows does not bear it out: read it"


class Texts(Protocol):
    """What choosing needs of a pipeline."""

    catalog: Catalog
    registry: Registry

    def has(self, id: str) -> bool:
        """Return True if a text is on file."""

    def case(self, question: Question, id: str) -> Case:
        """Return the case of a question under a license with its bundle."""


@dataclass(frozen=True, slots=True)
class Ruling:
    """What one license says to a plan: where it stands, why in words, the clauses that say so, and what comes with it.

    `asks` are facts that would turn it, `assumed` those taken for granted; `models` are the models under it that are asked for.
    `reviewed` tells that reviewers read what is cited; else rules alone did.
    """

    license: License
    place: Place
    reason: str
    citations: tuple[Citation, ...]
    duties: tuple[str, ...] = ()
    asks: tuple[MissingFact, ...] = ()
    assumed: Mapping[str, Value] | None = None
    models: tuple[Model, ...] = ()
    reviewed: bool = False


def read(steps: Sequence[Step], given: Mapping[str, Sequence[str]]) -> Answers:
    """Return the options that were chosen, by question; answers to questions that are not put are left aside.

    Raise InputError for a question or an option that there is not, or for two answers where one is asked for.
    """
    known = {step.id: step for step in steps}
    if strange := sorted(set(given) - set(known)):
        raise InputError(f"{strange[0][:40]!r} is no question; the questions are {', '.join(known)}")
    found: dict[str, tuple[Option, ...]] = {}
    for step in steps:
        chosen = dict.fromkeys(each for each in given.get(step.id, ()) if each)
        ids = [option.id for option in step.options]
        if wrong := [each for each in chosen if each not in ids]:
            raise InputError(f"{wrong[0][:40]!r} is no answer to {step.id}; answers are {', '.join(ids)}")
        if len(chosen) > 1 and not step.many:
            raise InputError(f"{step.id} takes one answer; {len(chosen)} were given")
        if chosen and applies(step, {id: [option.id for option in options] for id, options in found.items()}):
            found[step.id] = tuple(option for option in step.options if option.id in chosen)
    return found


def choose(texts: Texts, answers: Answers) -> tuple[Ruling, ...]:
    """Return what each license that the answers ask for says to them, what fits first."""
    options = [option for chosen in answers.values() for option in chosen]
    models = _models(texts, options)
    rulings = {entry.id: _ruling(texts, entry, options) for entry in _looked_at(texts, options, models)}
    under = _under(rulings, models if any(option.models or option.does for option in options) else ())
    done = [dataclasses.replace(ruling, models=under.get(id, ())) for id, ruling in rulings.items()]
    return tuple(sorted(done, key=_rank))


def _rank(ruling: Ruling) -> tuple[int, bool, int, str]:
    """Return the order to read in: what fits first, what models are under before what none is, few duties before many."""
    return _ORDER.index(ruling.place), not ruling.models, len(ruling.duties), ruling.license.title.casefold()


def _models(texts: Texts, options: Iterable[Option]) -> tuple[Model, ...]:
    kinds = {option.does for option in options if option.does}
    return tuple(model for model in texts.registry.models if not kinds or replace.does(model) in kinds)


def _looked_at(texts: Texts, options: Sequence[Option], models: Iterable[Model]) -> Iterator[License]:
    """Yield the licenses on file that the answers ask for: all of them where nothing was said."""
    tags = {tag for option in options for tag in option.tags}
    of_models = {id for model in models for id in model.licenses}
    with_models, only_models = any(o.models for o in options), any(o.does for o in options)
    for entry in texts.catalog.every():
        if entry.kind != "license" or not texts.has(entry.id):
            continue
        asked = not tags or bool(tags & set(entry.tags)) or (with_models and entry.id in of_models)
        if asked and (not only_models or entry.id in of_models):
            yield entry


def _ruling(texts: Texts, entry: License, options: Sequence[Option]) -> Ruling:
    """Return what stands most against a plan: what it does comes first, then what its maker cannot accept, in the order asked."""
    facts = {key: value for option in options for key, value in option.facts.items()}
    planned = [act for option in options for act in option.acts]

    def case(acts: Iterable[str]) -> Case:
        chosen = tuple(act for act in lexicon().acts if act.name in acts)
        return texts.case(Question("", "permission", acts=chosen, facts=facts), entry.id)

    plan = case(planned)
    found = [_by_rules(entry, rules.permission(plan if planned else case(["use"])))]
    for option in options:
        found.extend(_barred(plan, entry, option))
        if option.free and (not planned or set_off.done(plan) & set(option.by)):
            # Silence does not stand in the way here: only a clause against it does.
            reasons = rules.permission(case(option.free)).reasons
            barring = (reason for reason in reasons if reason.verdict == "no" and reason.act in option.free)
            found.extend(_against(entry, option, r.headline, r.evidence[:_CITED], bool(planned)) for r in barring)
    return max(found, key=lambda ruling: _ORDER.index(ruling.place))


def _barred(case: Case, entry: License, option: Option) -> Iterator[Ruling]:
    """Yield the rulings of an option that a term, a duty which the plan sets off, or the want of an approval is against."""
    line = next((e for act, modality in option.without if (e := _first(case, act, modality))), None)
    if line is not None:
        yield _against(entry, option, option.says, (line,))
    for line, due in set_off.duties(case, option.due, option.by):
        if due is not False:
            yield _against(entry, option, option.says, (line,), bool(case.question.acts) and due is True)
            if due:
                break
    if option.approved and entry.osi_approved is not True:
        limiting = [line for _, line in freedoms.limited(case) if line is not None and is_reviewed(line)]
        yield Ruling(entry, "ruled-out", option.says, clashes.cited(limiting[:1]), reviewed=True)


def _first(case: Case, act: str, modality: Modality) -> Evidence | None:
    """Return the line to show for a term, one that reviewers read before one that a rule found."""
    return next(iter(sorted(case.all(act, modality), key=lambda line: not is_reviewed(line))), None)


def _against(entry: License, option: Option, reason: str, lines: Sequence[Evidence], said: bool = True) -> Ruling:
    """Return the ruling of lines against an option. What rules alone found counts if the catalog's tags bear it out."""
    cited, reviewed = clashes.cited(lines), any(map(is_reviewed, lines))
    if not (reviewed or not option.borne or set(option.borne) & set(entry.tags)):
        return Ruling(entry, "unsettled", _DOUBTED.format(reason), cited)
    place: Place = "ruled-out" if said else "open"
    return Ruling(entry, place, reason if said else _DEPENDS.format(reason), cited, reviewed=reviewed)


def _by_rules(entry: License, outcome: Outcome) -> Ruling:
    citations = clashes.cited(outcome.evidence[:_CITED])
    reviewed = any(map(is_reviewed, outcome.evidence[:_CITED]))
    # Of a license that is free for all, what rules alone read against it is a reading to be doubted.
    doubted = _is_free(entry) and not reviewed
    if outcome.verdict == "no" and doubted:
        return Ruling(entry, "unsettled", _DOUBTED.format(outcome.headline), citations)
    if outcome.verdict == "no":
        return Ruling(entry, "ruled-out", outcome.headline, citations, reviewed=reviewed)
    if outcome.verdict == "unclear":
        return Ruling(entry, "unsettled", outcome.headline, citations, reviewed=reviewed)
    asks = tuple(fact for fact in outcome.missing if fact.key not in outcome.assumed and not doubted)
    turns = weighed.verdict(outcome) == "conditional" and (asks or set(outcome.depends_on) - {"duties", "facts"})
    place: Place = "open" if turns else "fits"
    due = tuple(_duties((*outcome.also_due, *outcome.duty_lines)))
    return Ruling(entry, place, outcome.headline, citations, due, asks, outcome.assumed, reviewed=reviewed)


def _is_free(entry: License) -> bool:
    """Return True if the catalog has a license as one that leaves use, change and passing on to everybody."""
    tags = set(entry.tags)
    return entry.class_ == "open-source" or bool(tags & _FREE and not tags & _NOT_FREE)


def _duties(lines: Iterable[Evidence]) -> Iterator[str]:
    """Yield what must be done, each once."""
    yield from dict.fromkeys(duty.text for line in lines for duty in duties.describe(line, 1))


def _under(rulings: Mapping[str, Ruling], models: Iterable[Model]) -> dict[str, tuple[Model, ...]]:
    """Return the models by the license that is least in their favour, those that a source speaks for first."""
    found: dict[str, list[Model]] = {}
    for model in models:
        if model.licenses and all(id in rulings for id in model.licenses):
            worst = max(model.licenses, key=lambda id: _ORDER.index(rulings[id].place))
            found.setdefault(worst, []).append(model)
    return {
        id: tuple(sorted(mine, key=lambda m: (m.basis == "unverified", m.name.casefold())))
        for id, mine in found.items()
    }
