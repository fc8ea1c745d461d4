"""From outcomes to the answer: statements around verbatim quotes, one numbering of citations, the worst finding first."""

import tomllib
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from functools import cache
from importlib import resources
from typing import Any

from rag import companions, duties
from rag.case import Evidence, Outcome
from rag.checked import Checked
from rag.quotes import cite
from rag.types import (
    SEVERITY,
    Answer,
    Citation,
    Coverage,
    Duty,
    Facts,
    Finding,
    MissingFact,
    Request,
    Statement,
    Verdict,
)

_WORDS = {
    "yes": "Yes",
    "conditional": "Yes, on conditions",
    "no": "No",
    "unclear": "Unclear",
    "informational": "",
    "abstain": "",
}
# How many lines stand beside those that decide: more in a text that no rule was written for.
_TOTAL, _DECISIVE, _BESIDE = 5, 3, (1, 3)
_LEAD = 160  # a longer lead-in would hide its item


@cache
def phrases() -> Mapping[str, Any]:
    """Return the words for acts and for refusals."""
    return tomllib.loads(resources.files("rag").joinpath("data/phrases.toml").read_text(encoding="utf-8"))


@dataclass
class Draft:
    """Collects citations and statements; the same line is cited once."""

    citations: list[Citation] = field(default_factory=list)
    statements: list[Statement] = field(default_factory=list)
    conditions: list[Duty] = field(default_factory=list)
    numbers: dict[tuple[str, int, int], int] = field(default_factory=dict)
    quoted: set[int] = field(default_factory=set)

    def number(self, evidence: Evidence) -> int:
        """Return the citation number of a line, cited anew if it is not yet."""
        made = cite(evidence, len(self.citations) + 1)
        key = (made.document, made.start, made.end)
        if key not in self.numbers:
            self.numbers[key] = made.n
            self.citations.append(made)
        return self.numbers[key]

    def say(self, text: str, source: Any, citations: Iterable[int] = ()) -> None:
        """Add a statement."""
        self.statements.append(Statement(text, source, tuple(citations)))

    def quote(self, evidence: Evidence, titled: bool) -> int:
        """Add the statement that quotes a line unless one stands already; return its citation number."""
        n = self.number(evidence)
        if n in self.quoted:
            return n
        self.quoted.add(n)
        citation = self.citations[n - 1]
        what = phrases()["acts"].get(evidence.act) or phrases()["acts"].get(_topic(evidence), "The text")
        lead = ""
        if citation.lead_in is not None and len(citation.lead_in.quote) <= _LEAD:
            lead = f" (after “{' '.join(citation.lead_in.quote.split())}”)"
        self.say(f"{what}, {_place(citation, titled)}{lead}: “{' '.join(citation.quote.split())}”", "text", (n,))
        return n


def _topic(evidence: Evidence) -> str:
    """Return what a line is about: what it allows, forbids or asks for before what it only mentions."""
    terms = sorted(evidence.line.terms, key=lambda t: t.modality == "defines")
    return next((t.act for t in terms), "")


def _place(citation: Citation, titled: bool) -> str:
    number = citation.clause if citation.clause[:1].isdigit() else citation.clause.replace("-", " ")
    spot = f"section {number}" if citation.clause[:1].isdigit() else number
    return f"{citation.title}, {spot}" if titled else spot


def _headline(outcome: Outcome, alone: bool) -> str:
    """Return the sentence that answers for one license."""
    case, word = outcome.case, _WORDS[outcome.verdict]
    if outcome.verdict == "informational" and not outcome.headline:
        labels = [t.label for t in case.question.topics if t not in outcome.silent][:2]
        if outcome.silent and not labels:
            return f"{case.title} has no clause on {' or '.join(t.label for t in outcome.silent[:2])}: {_searched(outcome)}."
        on = " on " + " and ".join(labels) if labels else ""
        return f"{case.title} says{on}:"
    if not word:
        return f"{case.title}: {outcome.headline}."
    return (
        f"{word}: under {case.title}, {outcome.headline}."
        if alone
        else f"{case.title}: {word.lower()}; {outcome.headline}."
    )


def _lines(outcome: Outcome, share: int) -> tuple[tuple[Evidence, ...], tuple[Evidence, ...]]:
    """Return the deciding lines, and the lines beside them: at most `share` with the duties, and one that is nearest to the question."""
    deciding = outcome.verdict in ("no", "unclear")
    decisive = outcome.evidence[: min(_DECISIVE, share) if deciding else min(2, max(share - 1, 1))]
    if outcome.verdict == "informational":
        told = outcome.evidence[:share]
        return told, companions.of(outcome.case, told[:1])[: max(_TOTAL - len(told), 0)]
    shown = (*decisive, *outcome.duty_lines[: max(share - len(decisive), 0)])
    known = {e.key for e in shown}
    # A line shown because it is near may carry a duty that applies: then it is shown as one.
    due = {e.key: e for e in outcome.duty_lines}
    beside = [due.get(e.key, e) for e in outcome.beside if e.key not in known][: _BESIDE[outcome.case.entry is None]]
    known |= {e.key for e in beside}
    beside += [due.get(e.key, e) for e in companions.of(outcome.case, decisive) if e.key not in known]
    return decisive, (*beside, *shown[len(decisive) :])


def _statements(draft: Draft, outcome: Outcome, share: int, several: bool) -> tuple[int, ...]:
    """Add the statements of one outcome; return the numbers of its deciding citations."""
    decisive, dutiful = _lines(outcome, share)
    numbers = tuple(draft.number(e) for e in decisive)
    draft.say(_headline(outcome, not several), "text" if numbers and not outcome.headline else "inference", numbers)
    titled = several or len(outcome.case.sheets) > 1
    for evidence in decisive:
        draft.quote(evidence, titled)
    shown = {e.key for e in decisive}
    for evidence in outcome.also_due:
        if evidence.key in shown:
            draft.conditions.extend(duties.describe(evidence, draft.number(evidence)))
    for evidence in dutiful:
        number = draft.quote(evidence, titled)
        # What only matches the words of the question is shown, but asks for nothing.
        draft.conditions.extend(duties.describe(evidence, number) if evidence.act else ())
    told = outcome.verdict == "informational" and set(outcome.silent) == set(outcome.case.question.topics)
    for topic in () if told and not outcome.headline else outcome.silent:
        draft.say(f"{outcome.case.title} contains no such clause on {topic.label}: {_searched(outcome)}.", "inference")
    return numbers


def _searched(outcome: Outcome) -> str:
    """Return how much was read to find nothing."""
    searched = sum(len(s.clauses) for s in outcome.case.sheets)
    return f"nothing in {searched} of {searched} clauses"


def _findings(outcome: Outcome, numbers: tuple[int, ...]) -> tuple[Finding, ...]:
    case = outcome.case
    if outcome.verdict in ("informational", "abstain"):
        return ()
    acts = case.question.acts[:3]
    worst = min(outcome.reasons, key=lambda r: SEVERITY[r.verdict]).act if outcome.reasons else ""
    name = worst or (acts[0].name if acts else "use")
    asset = next((a.asset for a in acts if a.name == name), "weights")
    return (Finding(name, asset, case.license, outcome.verdict, outcome.basis, numbers),)


def compose(request: Request, outcomes: tuple[Outcome, ...], versions: bool) -> Answer:
    """Return the answer made of the outcomes of all licenses. `versions` tells that they are versions of one family, of which one binds."""
    draft = Draft()
    worst = min(outcomes, key=lambda o: SEVERITY[o.verdict])
    differ = versions and len({o.verdict for o in outcomes}) > 1
    verdict: Verdict = "conditional" if differ else worst.verdict
    several = len(outcomes) > 1
    share = _TOTAL if not several else max(2, min(3, 8 // len(outcomes)))
    if several and not versions and verdict not in ("informational", "abstain"):
        word = _WORDS[verdict]
        draft.say(
            f"{word}: taken together, the strictest text decides, {worst.case.title}: {worst.headline}.", "inference"
        )
    if versions and several:
        draft.say(_versions(outcomes, differ), "inference")
    findings: list[Finding] = []
    for outcome in outcomes if versions else sorted(outcomes, key=lambda o: SEVERITY[o.verdict]):
        numbers = _statements(draft, outcome, share, several)
        findings.extend(_findings(outcome, numbers))
    return Answer(
        id=request.id,
        question=request.question,
        verdict=verdict,
        basis=next((o.basis for o in outcomes if o.verdict == verdict), worst.basis),
        text=render(draft.statements, _table(outcomes, findings) if versions and several else ""),
        statements=tuple(draft.statements),
        citations=tuple(draft.citations),
        documents=tuple(dict.fromkeys(s.document.id for o in outcomes for s in o.case.sheets)),
        depends_on=tuple(dict.fromkeys([d for o in outcomes for d in o.depends_on] + (["facts"] if differ else []))),
        findings=tuple(findings),
        conditions=_once(draft.conditions),
        facts=Facts(
            given=dict(worst.case.question.facts),
            assumed={k: v for o in outcomes for k, v in o.assumed.items()},
            missing=_missing(outcomes, differ),
        ),
        coverage=tuple(
            {
                s.document.id: Coverage(s.document.id, len(s.clauses), len(s.clauses))
                for o in outcomes
                for s in o.case.sheets
            }.values()
        ),
    )


def confirmed(request: Request, found: Checked, documents: tuple[str, ...]) -> Answer:
    """Return the answer to a statement put as a question ("..., correct?"): confirmed by the texts, or corrected."""
    supported = found.label == "supported"
    first = f"{'Yes' if supported else 'No'}: {found.why}."
    statements = [Statement(first, "inference", tuple(c.n for c in found.citations))]
    statements += [
        Statement(f"{_place(c, titled=True)}: “{' '.join(c.quote.split())}”", "text", (c.n,)) for c in found.citations
    ]
    return Answer(
        id=request.id,
        question=request.question,
        verdict="yes" if supported else "no",
        basis="express-grant" if supported else "premise-false",
        text=render(statements),
        statements=tuple(statements),
        citations=found.citations,
        documents=documents,
    )


def _versions(outcomes: tuple[Outcome, ...], differ: bool) -> str:
    """Return the first sentence where one of several versions binds."""
    if all(o.verdict == "informational" for o in outcomes):
        return f"{len(outcomes)} versions are on file; each says for itself, and which one it is decides."
    if not differ:
        word = _WORDS[outcomes[0].verdict]
        return f"{word + ': ' if word else ''}all {len(outcomes)} versions on file lead to the same; which one is it?"
    by_verdict: dict[Verdict, list[str]] = {}
    for outcome in outcomes:
        by_verdict.setdefault(outcome.verdict, []).append(outcome.case.title)
    parts = "; ".join(f"{verdict} under {', '.join(titles)}" for verdict, titles in by_verdict.items())
    return f"It depends on the version: {parts}. Which version is it?"


def _missing(outcomes: tuple[Outcome, ...], differ: bool) -> tuple[MissingFact, ...]:
    """Return the facts to ask for, each once; the version first where versions differ."""
    asked = {m.key: m for o in outcomes for m in o.missing}
    if not differ:
        return tuple(asked.values())
    changes = "; ".join(f"{o.case.title}: {o.verdict}" for o in outcomes)
    return (MissingFact("version", "Which version is it?", changes), *asked.values())


def _once(conditions: list[Duty]) -> tuple[Duty, ...]:
    return tuple({(d.kind, d.exact): d for d in reversed(conditions)}.values())[::-1]


def _table(outcomes: tuple[Outcome, ...], findings: list[Finding]) -> str:
    """Return a Markdown table of the versions with their verdicts."""
    by_license = {f.license: f for f in findings}
    rows = ["| version | verdict | clause |", "|---|---|---|"]
    for o in outcomes:
        finding = by_license.get(o.case.license)
        cited = " ".join(f"[{n}]" for n in finding.citations) if finding else ""
        rows.append(f"| {o.case.title} | {o.verdict} | {cited} |")
    return "\n".join(rows)


def render(statements: Iterable[Statement], table: str = "") -> str:
    """Return the Markdown text of statements: the first stands alone, the rest as a list; markers follow each statement."""
    texts = [s.text + "".join(f" [{n}]" for n in s.citations) for s in statements]
    if not texts:
        return ""
    parts = [texts[0], table, "\n".join(f"- {t}" for t in texts[1:])]
    return "\n\n".join(p for p in parts if p)


def refuse(request: Request, reason: str, basis: Any, extra: str = "", facts: Facts | None = None) -> Answer:
    """Return an abstention: `reason` is a key of the phrases or, if it is none, the sentence itself."""
    text = phrases()["outside"].get(reason, reason)
    statements = [Statement(text, "inference")]
    if extra:
        statements.append(Statement(extra, "inference"))
    return Answer(
        id=request.id,
        question=request.question,
        verdict="abstain",
        basis=basis,
        text=render(statements),
        statements=tuple(statements),
        citations=(),
        documents=(),
        facts=facts or Facts(),
    )
