"""The audit of a stack: every component under every license that binds it, duties, impossible combinations, what to swap."""

from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass
from functools import cache, lru_cache
from typing import Protocol

from corpus.errors import InputError
from corpus.registry import Registry
from rag import clashes, expression, lineage, quoted, rules, weighed
from rag.case import Case, Outcome
from rag.clashes import Found
from rag.lexicon import Act, lexicon
from rag.lineage import Bond
from rag.question import Question
from rag.replace import Ground, Replacement, replacements, smallest
from rag.stack import Component, Stack, Use
from rag.types import SEVERITY, Citation, Verdict
from rag.weighed import Obligation

_LEVELS = ("error", "warning", "note")
# What people ask of a whole product.
_ASKED = ("commercial-use", "host-as-service", "redistribute", "sell", "fine-tune", "train-on-outputs")


@dataclass(frozen=True, slots=True)
class Permission:
    """What the stack as a whole allows of one act: the worst of all licenses, with the component whose license that is."""

    act: str
    verdict: Verdict
    component: str
    license: str
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
    replacements: tuple[Replacement, ...]
    permissions: tuple[Permission, ...] = ()


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
            seen: set[tuple[str, tuple[str, ...]]] = set()
            for bond in bonds[component.name]:
                acts = weighed.acts(stack.use, bond)
                outcome = weigh(bond.license, acts)
                worst.append(weighed.verdict(outcome))
                # One license that came in through many parents is told once; a ban names each of them, since each may be swapped.
                if (bond.license, acts) not in seen or outcome.verdict == "no":
                    found.extend(weighed.findings(component.name, bond, outcome))
                if (bond.license, acts) not in seen:
                    obligations.extend(weighed.obligations(component.name, bond, outcome))
                seen.add((bond.license, acts))
            found.extend(self._derivatives(component.name, bonds[component.name]))
            clashing = [c.at(component.name) for c in clashes.clashes(bonds[component.name], stack.use, self._blank)]
            found.extend(clashing)
            worst += ["no" if clash.level == "error" else "unclear" for clash in clashing]
            unbound: Verdict = "yes" if lineage.apart(component) else "unclear"
            verdicts[component.name] = min(worst, key=SEVERITY.__getitem__, default=unbound)
        ordered = tuple(sorted(_once(found), key=lambda f: _LEVELS.index(f.level)))
        swap = smallest(frozenset(f.roots) for f in ordered if f.level == "error")
        ground = Ground(
            stack, own, self.texts.has, self._blank, lambda bond: weigh(bond.license, weighed.acts(stack.use, bond))
        )
        return Audit(
            min(verdicts.values(), key=SEVERITY.__getitem__),
            tuple(Bound(c, bonds[c.name], verdicts[c.name]) for c in stack.components),
            ordered,
            tuple(obligations),
            replacements(swap, ground, self.registry),
            tuple(_permissions(bonds, weigh)),
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
            found.append(self._which(component, mention.name, on_file))
        return on_file

    def _expression(self, component: Component, written: str, use: Use, found: list[Found]) -> tuple[str, ...]:
        if self.texts.has(written):
            if not quoted.only(self._blank(written)):
                return (written,)
            text = f"{written} is a definition or regulation, which no component can be under; name its license"
            found.append(Found("error", component.name, "not-a-license", text, (), (component.name,)))
            return ()
        try:
            parts = expression.parse(written)
        except InputError as error:
            found.append(Found("error", component.name, "bad-expression", str(error), (), (component.name,)))
            return ()
        known = {name: self._named(component, name, found) for name in expression.names(parts)}
        for name in (name for name, ids in known.items() if not ids):
            near = ", ".join(self.registry.nearest(name))
            text = f"no text of {name} is on file; near are {near}"
            found.append(Found("error", component.name, "unknown-license", text, (), (component.name,)))

        def rank(id: str) -> int:
            outcome = self._weigh(use, id, weighed.ACTS[use.distribution])
            # Of two that allow it alike the one without copyleft, then the one with fewer duties.
            copyleft = bool(outcome.case.all("same-license", "must"))
            return 1000 * SEVERITY[outcome.verdict] - 500 * copyleft - len(outcome.duty_lines)

        ids = expression.chosen(parts, known.__getitem__, rank)
        if {id for each in known.values() for id in each} - set(ids):
            titles = " and ".join(map(self.registry.title, ids))
            text = f"{written} leaves a choice; taken is the one that asks for least, {titles}"
            found.append(Found("note", component.name, "choice", text))
        return ids

    def _named(self, component: Component, written: str, found: list[Found]) -> tuple[str, ...]:
        """Return the licenses on file that a name of an expression stands for; an exception and an open version become findings."""
        name, _, exception = written.partition(" WITH ")
        ids = self.licenses(name)
        if ids and exception:
            text = f"the text of the exception {exception} is not on file; {name} is read without it"
            found.append(Found("warning", component.name, "exception", text))
        if len(ids) > 1:
            found.append(self._which(component, name, ids))
        return ids

    def licenses(self, name: str) -> tuple[str, ...]:
        """Return the licenses on file that the name of a license, or of the models that are under it, stands for."""
        for form in (name, name.lower()):
            if self.texts.has(form):
                return (form,)
        # A name that only holds that of a license is another name; hubs write in small letters what is known in capitals.
        mentions = [m for form in (name, name.upper()) for m in self.registry.mentions(form) if m.text == form]
        return tuple(id for m in mentions[:1] for id in m.licenses if self.texts.has(id))

    def _which(self, component: Component, name: str, ids: tuple[str, ...]) -> Found:
        titles = ", ".join(map(self.registry.title, ids))
        return Found("warning", component.name, "which-version", f"{name} may be under {titles}: name the version")

    def _derivatives(self, component: str, bonds: tuple[Bond, ...]) -> Iterator[Found]:
        """Yield on whose word what was made from a parent counts as its derivative."""
        for bond in bonds:
            if bond.kind == "derivative" and len(bond.via) == 1 and bond.via[0] not in ("copy", ""):
                line = lineage.says(bond, self._blank)
                title = self._blank(bond.license).title
                own = "by its own definition" if line else "though it defines no such word"
                text = f"what was made from {bond.root} ({bond.via[0]}) counts as a derivative under {title}, {own}"
                yield Found("note", component, "derivative", text, clashes.cited((line,)) if line else ())

    def _weigh(self, use: Use, license: str, acts: tuple[str, ...]) -> Outcome:
        known = {act.name: act for act in lexicon().acts}
        chosen: tuple[Act, ...] = tuple(known[name] for name in acts if name in known)
        question = Question("", "permission", acts=chosen, facts=dict(use.facts))
        return rules.permission(self.texts.case(question, license))


class Texts(Protocol):
    """What an audit needs of a pipeline: which texts are on file, and the case of a question under one of them."""

    def has(self, id: str) -> bool:
        """Return True if the text is on file."""

    def case(self, question: Question, id: str) -> Case:
        """Return the case of a question under a license with its bundle."""


def _permissions(
    bonds: Mapping[str, tuple[Bond, ...]], weigh: Callable[[str, tuple[str, ...]], Outcome]
) -> Iterator[Permission]:
    """Yield for each act the worst that a license of the stack says of it; of several the first component's."""
    roots = {bond.license: bond.root for mine in bonds.values() for bond in reversed(mine)}
    for act in _ASKED if roots else ():
        found = [(root, weigh(license, (act,))) for license, root in roots.items()]
        root, worst = min(found, key=lambda row: SEVERITY[row[1].verdict])
        yield Permission(act, worst.verdict, root, worst.case.license, clashes.cited(worst.evidence[:2]))


def _once(found: Iterable[Found]) -> Iterator[Found]:
    seen = set()
    for each in found:
        key = (each.level, each.component, each.code, each.text)
        if key not in seen:
            seen.add(key)
            yield each
