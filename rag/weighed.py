"""One license weighed for what a stack does with one component: which acts, the verdict, findings, duties."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass

from rag import clashes, duties, lineage
from rag.case import Outcome
from rag.clashes import Found
from rag.lineage import Bond
from rag.stack import Use
from rag.types import Citation, Duty, Verdict

_CODES: Mapping[str, str] = {
    "separate-license": "separate-license",
    "outside-grant": "outside-grant",
    "express-prohibition": "prohibited",
    "noncompliant-as-described": "noncompliant",
    "not-on-file": "not-on-file",
}
# What the use of a stack means in acts of the taxonomy.
ACTS: Mapping[str | None, tuple[str, ...]] = {
    "internal": ("use",),
    "hosted": ("host-as-service",),
    "on-premises": ("redistribute", "embed-in-product"),
    "weights": ("redistribute",),
    None: ("use",),
}


@dataclass(frozen=True, slots=True)
class Obligation:
    """A duty at a component, with the license and the component that it comes from."""

    component: str
    license: str
    root: str
    duty: Duty
    citations: tuple[Citation, ...]


def acts(use: Use, bond: Bond) -> tuple[str, ...]:
    """Return the acts that a use of a stack is under the license of one of its parents."""
    if bond.kind == "generated":
        return ("use-outputs",)
    if bond.kind == "taught":
        return ("train-on-outputs",)
    found = list(ACTS[use.distribution])
    if use.facts.get("commercial"):
        found.append("commercial-use")
    if bond.kind == "derivative" and set(bond.via) & lineage.CHANGED:
        found.append("fine-tune")
    return tuple(found)


def verdict(outcome: Outcome) -> Verdict:
    """Return the verdict for a use as it stands: a fact that is neither given nor taken for granted leaves it open."""
    turns = any(fact.key not in outcome.assumed for fact in outcome.missing)
    return "conditional" if outcome.verdict == "yes" and turns else outcome.verdict


def findings(component: str, bond: Bond, outcome: Outcome) -> Iterator[Found]:
    """Yield what a license finds against the use of a component, and the facts that would turn it."""
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


def obligations(component: str, bond: Bond, outcome: Outcome) -> Iterator[Obligation]:
    """Yield the duties of a use that is allowed."""
    if outcome.verdict not in ("yes", "conditional"):
        return
    told = set()
    for line in (*outcome.also_due, *outcome.duty_lines):
        citations = clashes.cited((line,))
        for duty in duties.describe(line, 1):
            # What is only a part of a work keeps its license; the work around it may have another one.
            around = bond.kind == "part" and duty.kind == "same-license"
            if not around and (duty.text, citations) not in told:
                told.add((duty.text, citations))
                yield Obligation(component, bond.license, bond.root, duty, citations)
