"""The audit of a stack: every component under every license that binds it, duties, impossible combinations, what to swap."""

from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass
from functools import cache, lru_cache
from typing import Protocol

from license_expression import ExpressionError, get_spdx_licensing

from corpus.registry import Registry
from rag import clashes, duties, lineage, quoted, rules
from rag.case import Case, Outcome
from rag.clashes import Found
from rag.lineage import Bond
from rag.question import Act, Question, lexicon
from rag.stack import Component, Stack, Use
from rag.types import Citation, Duty, Verdict

_LEVELS = ("error", "warning", "note")
_CODES: Mapping[str, str] = {
    "separate-license": "separate-license",
    "outside-grant": "outside-grant",
    "express-prohibition": "prohibited",
    "noncompliant-as-described": "noncompliant",
    "not-on-file": "not-on-file",
}
# What the use of a stack means in acts of the taxonomy.
_ACTS: Mapping[str | None, tuple[str, ...]] = {
    "internal": ("use",),
    "hosted": ("host-as-service",),
    "on-premises": ("redistribute", "embed-in-product"),
    "weights": ("redistribute",),
    None: ("use",),
}
_CANDIDATES = 5
_NO_WEIGHTS = frozenset(("proprietary", "other", "data"))


@dataclass(frozen=True, slots=True)
class Obligation:
    """A duty at a component, with the license and the component that it comes from."""

    component: str
    license: str
    root: str
    duty: Duty
    citations: tuple[Citation, ...]


@dataclass(frozen=True, slots=True)
class Bound:
    """A component with the licenses that bind it."""

    component: Component
    bonds: tuple[Bond, ...]
    verdict: Verdict


@dataclass(frozen=True, slots=True)
class Audit:
    """The result: the worst verdict, components, findings, obligations, and what to swap against which models."""

    verdict: Verdict
    components: tuple[Bound, ...]
    findings: tuple[Found, ...]
    obligations: tuple[Obligation, ...]
    swap: tuple[str, ...]
    candidates: tuple[str, ...]


class Auditor:
    """Audits stacks over the texts of one pipeline."""

    def __init__(self, registry: Registry, texts: "Texts") -> None:
        self.registry, self.texts = registry, texts
        self._blank = lru_cache(maxsize=512)(lambda id: texts.case(Question("", "permission"), id))

    def audit(self, stack: Stack) -> Audit:
        """Return the audit of a stack."""
        found: list[Found] = []
        own = {c.name: self._own(c, stack.use, found) for c in stack.components}
        bonds = lineage.bonds(stack.components, own, self._blank)
        obligations: list[Obligation] = []
        verdicts: dict[str, Verdict] = {}

        @cache
        def weigh(license: str, acts: tuple[str, ...]) -> Outcome:
            return self._weigh(stack.use, license, acts)

        for component in stack.components:
            worst: list[Verdict] = []
            if lineage.unknown(component):
                what = f"how it was made from {', '.join(component.derived_from)} is not known ({component.how or 'not said'})"
                found.append(Found("warning", component.name, "how-unknown", f"{what}; what passes on is unclear"))
                worst.append("unclear")
            for bond in bonds[component.name]:
                outcome = weigh(bond.license, _acts(stack.use, bond, component))
                worst.append(outcome.verdict)
                found.extend(_findings(component.name, bond, outcome))
                obligations.extend(_obligations(component.name, bond, outcome))
            clashing = [c.at(component.name) for c in clashes.clashes(bonds[component.name], stack.use, self._blank)]
            found.extend(clashing)
            worst += ["no" if clash.level == "error" else "unclear" for clash in clashing]
            verdicts[component.name] = min(worst, key=rules.SEVERITY.__getitem__, default="unclear")
        ordered = tuple(sorted(_once(found), key=lambda f: _LEVELS.index(f.level)))
        swap = _swap(ordered)
        return Audit(
            min(verdicts.values(), key=rules.SEVERITY.__getitem__),
            tuple(Bound(c, bonds[c.name], verdicts[c.name]) for c in stack.components),
            ordered,
            tuple(obligations),
            swap,
            tuple(self._candidates(stack.use, weigh)) if swap else (),
        )

    def _own(self, component: Component, use: Use, found: list[Found]) -> tuple[str, ...]:
        """Return the licenses that a component itself is under; what is not known or not on file becomes a finding."""
        if component.license is not None:
            return self._expression(component, component.license, use, found)
        if component.model is None:
            return ()
        mentions = [m for m in self.registry.mentions(component.model) if m.kind in ("model", "family", "license")]
        if not mentions:
            near = ", ".join(self.registry.nearest(component.model))
            text = f"the model {component.model} is not known; near are {near}"
            found.append(Found("error", component.name, "unknown-model", text, (), (component.name,)))
            return ()
        mention = mentions[0]
        on_file = tuple(id for id in mention.licenses if self.texts.has(id))
        row = self.registry.model(mention.model) if mention.model else None
        if row is not None and row.basis == "unverified":
            text = f"that {row.name} is under {', '.join(row.licenses) or row.missing} is unverified: check its license file"
            found.append(Found("note", component.name, "unverified", text))
        if not on_file:
            missing = (row.missing if row else None) or "its license"
            text = f"the text that governs {mention.name} is not on file ({missing})"
            found.append(Found("error", component.name, "not-on-file", text, (), (component.name,)))
        if mention.kind == "family" and len(on_file) > 1:
            titles = ", ".join(self.registry.title(id) for id in on_file)
            found.append(
                Found(
                    "warning",
                    component.name,
                    "which-version",
                    f"{mention.name} may be under {titles}: name the version",
                )
            )
        return on_file

    def _expression(self, component: Component, expression: str, use: Use, found: list[Found]) -> tuple[str, ...]:
        if self.texts.has(expression):
            if not quoted.only(self._blank(expression)):
                return (expression,)
            text = f"{expression} is a definition or regulation, which no component can be under; name its license"
            found.append(Found("error", component.name, "not-a-license", text, (), (component.name,)))
            return ()
        try:
            names = get_spdx_licensing().license_keys(expression, unique=True)
        except (ExpressionError, ValueError) as error:
            text = f"the license expression {expression!r} does not parse: {str(error).splitlines()[0]}"
            found.append(Found("error", component.name, "bad-expression", text, (), (component.name,)))
            return ()
        known = {
            name: next((d for m in self.registry.mentions(name) if m.kind == "license" for d in m.licenses), None)
            for name in names
        }
        for name, id in known.items():
            if id is None or not self.texts.has(id):
                near = ", ".join(self.registry.nearest(name))
                found.append(
                    Found(
                        "error",
                        component.name,
                        "unknown-license",
                        f"no text of {name} is on file; near are {near}",
                        (),
                        (component.name,),
                    )
                )
        ids = tuple(dict.fromkeys(id for id in known.values() if id is not None and self.texts.has(id)))
        if " OR " in expression.upper() and len(ids) > 1:
            best = max(ids, key=lambda id: rules.SEVERITY[self._weigh(use, id, _ACTS[use.distribution]).verdict])
            text = f"{expression} leaves a choice; taken is the one that asks for least, {self.registry.title(best)}"
            found.append(Found("note", component.name, "choice", text))
            return (best,)
        return ids

    def _weigh(self, use: Use, license: str, acts: tuple[str, ...]) -> Outcome:
        known = {act.name: act for act in lexicon().acts}
        chosen: tuple[Act, ...] = tuple(known[name] for name in acts if name in known)
        question = Question("", "permission", acts=chosen, facts=dict(use.facts))
        return rules.permission(self.texts.case(question, license))

    def _candidates(self, use: Use, weigh: Callable[[str, tuple[str, ...]], Outcome]) -> Iterator[str]:
        """Yield models of the registry whose license allows the use, those with a source first."""
        acts = (*_ACTS[use.distribution], "fine-tune")
        found = 0
        for row in sorted(self.registry.models, key=lambda row: (row.basis == "unverified", row.id)):
            ids = [id for id in row.licenses if self.texts.has(id)]
            # A service's terms give no weights that could take the place of a component.
            kinds = [entry.class_ for id in ids if (entry := self._blank(id).entry) is not None]
            fits = bool(ids) and len(ids) == len(row.licenses) == len(kinds) and not set(kinds) & _NO_WEIGHTS
            if fits and all(weigh(id, acts).verdict == "yes" for id in ids):
                yield row.id
                found += 1
            if found == _CANDIDATES:
                return


class Texts(Protocol):
    """What an audit needs of a pipeline: which texts are on file, and the case of a question under one of them."""

    def has(self, id: str) -> bool:
        """Return True if the text is on file."""

    def case(self, question: Question, id: str) -> Case:
        """Return the case of a question under a license with its bundle."""


def _acts(use: Use, bond: Bond, component: Component) -> tuple[str, ...]:
    if bond.kind == "generated":
        return ("use-outputs",)
    if bond.kind == "taught":
        return ("train-on-outputs",)
    acts = list(_ACTS[use.distribution])
    if use.facts.get("commercial"):
        acts.append("commercial-use")
    if bond.kind == "derivative" and set(bond.via) & lineage.CHANGED:
        acts.append("fine-tune")
    return tuple(acts)


def _findings(component: str, bond: Bond, outcome: Outcome) -> Iterator[Found]:
    where = f"{outcome.case.title}: {outcome.headline}"
    if bond.root != component:
        where += f" (it comes in through {bond.root}: {', '.join(filter(None, bond.via))})"
    if outcome.verdict == "no":
        code = _CODES.get(outcome.basis, "prohibited")
        yield Found("error", component, code, where, clashes.cited(outcome.evidence[:3]), (bond.root,))
    elif outcome.verdict == "unclear":
        yield Found("warning", component, "unclear", where, clashes.cited(outcome.evidence[:2]))
    elif outcome.basis == "not-on-file":
        yield Found("warning", component, "not-on-file", where, clashes.cited(outcome.evidence[:1]))
    for fact in outcome.missing:
        yield Found("note", component, "fact-missing", f"{outcome.case.title}: {fact.ask} {fact.changes}")


def _obligations(component: str, bond: Bond, outcome: Outcome) -> Iterator[Obligation]:
    if outcome.verdict not in ("yes", "conditional"):
        return
    for line in outcome.duty_lines:
        citations = clashes.cited((line,))
        for duty in duties.describe(line, 1):
            yield Obligation(component, bond.license, bond.root, duty, citations)


def _once(found: Iterable[Found]) -> Iterator[Found]:
    seen = set()
    for each in found:
        key = (each.level, each.component, each.code, each.text)
        if key not in seen:
            seen.add(key)
            yield each


def _swap(found: tuple[Found, ...]) -> tuple[str, ...]:
    """Return a small set of components without which no error is left: those that must go, then those in most clashes."""
    errors = [set(f.roots) for f in found if f.level == "error" and f.roots]
    chosen = {next(iter(roots)) for roots in errors if len(roots) == 1}
    left = [roots for roots in errors if not roots & chosen]
    while left:
        counts = {name: sum(name in roots for roots in left) for roots in left for name in roots}
        best = min(counts, key=lambda name: (-counts[name], name))
        chosen.add(best)
        left = [roots for roots in left if best not in roots]
    return tuple(sorted(chosen))
