"""Propositions: what licenses commonly say or say the contrary of, known in a claim and in a line by how it is put (`propositions.toml`)."""

import re
import tomllib
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from functools import cache
from importlib import resources

from corpus.terms import pattern, readable
from rag import figures
from rag.asserted import Claim
from rag.bounds import figures_differ
from rag.case import Case, Evidence
from rag.reading import stance

Patterns = tuple[re.Pattern[str], ...]
HOLDS, FAILS = 1, -1
# How a claim's stance reads for each kind of proposition; of any other stance nothing follows.
_STANCES: Mapping[str, Mapping[str, int]] = {
    "duty": {"required": HOLDS, "yes": HOLDS, "free": FAILS, "no": FAILS},
    "right": {"allowed": HOLDS, "yes": HOLDS, "free": HOLDS, "forbidden": FAILS, "no": FAILS},
    "fact": {"yes": HOLDS, "required": HOLDS, "allowed": HOLDS, "no": FAILS, "forbidden": FAILS, "free": FAILS},
}
# Words before what a claim says in which it may be denied.
_BEFORE = 2
_WORD = re.compile(r"\{([a-z]+)\}")
# Figures that a line must state before it shows what a claim says of them.
_COUNTED = frozenset(("money", "users", "percent", "time", "people"))


@dataclass(frozen=True, slots=True)
class Proposition:
    """One proposition: the ways in which claims say, deny or touch it, and in which texts say or deny it."""

    name: str
    kind: str
    claim: Patterns
    denial: Patterns
    about: Patterns
    holds: Patterns
    fails: Patterns
    acts: frozenset[tuple[str, str]]
    needs: re.Pattern[str] | None
    unless: re.Pattern[str] | None

    def said(self, claim: Claim) -> int:
        """Return whether a claim says that it holds or fails; 0 if it says neither."""
        text = claim.text
        if self.needs is not None and self.needs.search(text) is None:
            return 0
        if any(p.search(text) for p in self.denial):
            return FAILS
        sides = _STANCES[self.kind]
        for m in filter(None, (p.search(text) for p in self.claim)):
            before = " ".join(text[: m.start()].split()[-_BEFORE:])
            return sides.get(stance(f"{before} {m.group()}"), HOLDS)
        return sides.get(claim.stance, 0) if any(p.search(text) for p in self.about) else 0

    def told(self, line: Evidence) -> int:
        """Return whether a line says that it holds or fails; 0 if it says neither, or both."""
        text = readable(line.text)
        if self.unless is not None and self.unless.search(text):
            return 0
        holds = any(p.search(text) for p in self.holds) or any(
            (t.act, t.modality) in self.acts for t in line.line.terms
        )
        return holds - any(p.search(text) for p in self.fails)


@cache
def propositions() -> tuple[Proposition, ...]:
    """Return the product's propositions."""
    data = tomllib.loads(resources.files("rag").joinpath("data/propositions.toml").read_text(encoding="utf-8"))
    words = data["words"]

    def compiled(source: str) -> re.Pattern[str]:
        return pattern(_WORD.sub(lambda m: words[m.group(1)], source))

    def every(sources: Iterable[str]) -> Patterns:
        return tuple(map(compiled, sources))

    found = []
    for row in data["proposition"]:
        claim, denial, about, holds, fails = (
            every(row.get(k, ())) for k in ("claim", "denial", "about", "holds", "fails")
        )
        needs, unless = (compiled(row[key]) if key in row else None for key in ("needs", "unless"))
        acts = frozenset(
            (act, modality) for act, _, modality in (entry.partition(":") for entry in row.get("acts", ()))
        )
        found.append(Proposition(row["name"], row["kind"], claim, denial, about, holds, fails, acts, needs, unless))
    return tuple(found)


def settled(case: Case, claim: Claim) -> tuple[int, Evidence, str] | None:
    """Return what the lines of a case say to a claim by the first proposition that both speak of: the side, the line, its name."""
    for proposition in propositions():
        said = proposition.said(claim)
        if not said:
            continue
        lines = [(side, e) for e in _lines(case) if (side := proposition.told(e))]
        lines.sort(key=lambda row: -row[1].score)
        if not lines or len({side for side, _ in lines}) > 1:
            continue
        for side, line in lines:
            differ = figures_differ(claim, line.text)
            if differ is not None:
                return (FAILS if differ else said * side), line, proposition.name
        if _COUNTED & figures.amounts(claim.text).keys() and said * lines[0][0] == HOLDS:
            continue
        return said * lines[0][0], lines[0][1], proposition.name
    return None


def _lines(case: Case) -> list[Evidence]:
    return [Evidence(sheet, line, "", case.score(sheet, line)) for sheet in case.sheets for line in sheet.lines]
