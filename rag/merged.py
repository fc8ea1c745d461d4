"""The answer that a model wrote: its statements in one numbering with the rules engine's findings, and where the two differ.

The rules' conditions, facts and coverage stay: they are computed. Of two verdicts the stricter stands first.
"""

from collections.abc import Iterable
from dataclasses import replace

from rag.case import Evidence
from rag.compose import render
from rag.grounds import Grounded
from rag.quotes import cite
from rag.types import SEVERITY, Answer, Basis, Citation, Finding, Source, State, Statement, Verdict

_FORBIDS: tuple[Basis, Basis] = ("express-prohibition", "outside-grant")
_BASES: dict[str, Basis] = {"yes": "express-grant", "conditional": "express-grant", "unclear": "ambiguous"}
_SAID = {
    "yes": "yes",
    "conditional": "yes, on conditions",
    "no": "no",
    "unclear": "unclear",
    "informational": "a question about the text, with neither yes nor no",
    "abstain": "not to be answered from these texts",
}


class Numbering:
    """Numbers citations in the order in which they are shown; the same passage has one number."""

    def __init__(self) -> None:
        self._numbers: dict[tuple[str, int, int], int] = {}
        self._citations: dict[int, Citation] = {}

    def of(self, citation: Citation, state: State = "verified") -> int:
        """Return the number of a citation, a new one if its passage has none."""
        key = (citation.document, citation.start, citation.end)
        if key not in self._numbers:
            number = len(self._numbers) + 1
            self._numbers[key] = number
            self._citations[number] = replace(citation, n=number, state=state)
        return self._numbers[key]

    def line(self, evidence: Evidence, state: State) -> int:
        """Return the number of the citation of a line."""
        return self.of(cite(evidence, 0), state)

    def taken(self, numbers: Iterable[int]) -> tuple[Citation, ...]:
        """Return the citations of these numbers."""
        return tuple(self._citations[n] for n in sorted(set(numbers)))


def statement(grounded: Grounded, numbering: Numbering) -> Statement:
    """Return a statement with numbered citations."""
    source: Source = "text" if grounded.source == "text" else "inference"
    numbers = dict.fromkeys(numbering.line(e, grounded.state) for e in grounded.evidence)
    return Statement(grounded.text, source, tuple(numbers))


def of_rules(draft: Answer, numbering: Numbering) -> tuple[Statement, ...]:
    """Return the rules engine's first statement, and those that quote the clauses it rests on, renumbered."""
    first, *rest = draft.statements
    telling = [s for s in rest if set(s.citations) & set(first.citations)]
    return tuple(_renumbered(s, draft, numbering) for s in (first, *telling))


def _renumbered(said: Statement, draft: Answer, numbering: Numbering) -> Statement:
    return replace(said, citations=_numbers(said.citations, draft, numbering))


def _numbers(old: Iterable[int], draft: Answer, numbering: Numbering) -> tuple[int, ...]:
    by_number = {c.n: c for c in draft.citations}
    return tuple(numbering.of(by_number[n], by_number[n].state) for n in old if n in by_number)


def stricter(model: Verdict, rules: Verdict) -> Verdict:
    """Return the stricter of the two verdicts.

    One that permits nothing and forbids nothing is neither stricter nor milder: whether a question asks for permission, and
    whether the texts can answer it, the rules decide.
    """
    if {model, rules} & {"informational", "abstain"}:
        return rules
    return min(model, rules, key=SEVERITY.__getitem__)


def difference(model: Verdict, rules: Verdict) -> str:
    """Return the sentence that says how the engines differ."""
    return f"The engines disagree: the model reads it as {_SAID[model]}, the rules engine as {_SAID[rules]}; {_order(model, rules)} stands first."


def _order(model: Verdict, rules: Verdict) -> str:
    return "the rules engine's" if {model, rules} & {"informational", "abstain"} else "the stricter"


def merge(draft: Answer, verdict: Verdict, said: tuple[Statement, ...], numbering: Numbering) -> Answer:
    """Return the answer of the model's verdict and of all statements as shown, with what the rules engine computed."""
    kept = tuple(replace(d, citations=_numbers(d.citations, draft, numbering)) for d in draft.conditions)
    findings = tuple(replace(f, citations=_numbers(f.citations, draft, numbering)) for f in draft.findings)
    final = stricter(verdict, draft.verdict)
    basis = draft.basis
    problems = draft.problems
    if verdict != draft.verdict:
        problems = (*problems, f"engines disagree: model {verdict}, rules {draft.verdict}")
    if final != draft.verdict:
        cited = tuple(dict.fromkeys(n for s in said if s.source == "text" for n in s.citations))
        basis = _BASES.get(final, _FORBIDS[0] if cited else _FORBIDS[1])
        asked = findings[0] if findings else None
        license = asked.license if asked else next(iter(draft.documents), "")
        act, asset = (asked.act, asked.asset) if asked else ("use", "weights")
        findings = (Finding(act, asset, license, final, basis, cited[:3]), *findings)
    used = [n for s in said for n in s.citations]
    used += [n for f in findings for n in f.citations] + [n for d in kept for n in d.citations]
    return replace(
        draft,
        verdict=final,
        basis=basis,
        text=render(said),
        statements=said,
        citations=numbering.taken(used),
        findings=findings,
        conditions=kept,
        problems=problems,
    )
