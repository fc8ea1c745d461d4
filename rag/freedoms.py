"""What kind of license a text is: its class, whether the OSI approved it, and the clause that limits each of the four freedoms."""

from collections.abc import Iterable, Iterator, Mapping

from corpus.types import Term
from rag import lookup
from rag.case import Case, Evidence, Outcome, unique

# For each freedom the acts that limit it, in the order in which a reader would name them, with the modality that does.
_FREEDOMS: tuple[tuple[str, tuple[tuple[str, str], ...]], ...] = (
    (
        "to run it for any purpose",
        (
            ("noncommercial", "prohibited"),
            ("use-policy", "must"),
            ("territory", "prohibited"),
            ("threshold", "requires-separate-license"),
            ("prohibited-use", "prohibited"),
            ("compete", "prohibited"),
            ("host-as-service", "prohibited"),
            ("production-use", "prohibited"),
            ("production-use", "requires-separate-license"),
            ("train-on-outputs", "prohibited"),
        ),
    ),
    ("to study and change it", (("modify", "prohibited"), ("reverse-engineer", "prohibited"))),
    ("to pass on copies", (("redistribute", "prohibited"), ("sell", "prohibited"), ("flow-down", "must"))),
    ("to pass on changed versions", (("share-derivatives", "prohibited"), ("naming", "must"))),
)
_COPYLEFT = ("same-license", "network-source", "disclose-source")
_CLASSES = {
    "open-source": "open source",
    "open-weight": "open weight: the weights may be had, on conditions that open source does not know",
    "research-only": "for research or non-commercial use only",
    "source-available": "source-available",
    "proprietary": "proprietary",
    "data": "a license for data or content",
}


def classify(case: Case, limit: int) -> Outcome:
    """Return the outcome of a question for the class of a license: no label alone, but the clauses that put it there."""
    first = {name: line for name, line in limited(case) if line is not None}
    copyleft = case.any(_COPYLEFT, "must")
    lines = [first[name] for name, _ in _FREEDOMS if name in first]
    grant = case.any(("redistribute", "use", "modify"), "permitted", "permitted-if")
    asked = lookup.look_up(case, limit).evidence
    evidence = unique((*lines, *copyleft[:1], *(asked[:1] if not lines else ()), *grant[:1]))
    return Outcome(
        case, "informational", "express-grant", _headline(case, tuple(first), bool(copyleft)), evidence[:limit]
    )


def limited(case: Case) -> tuple[tuple[str, Evidence | None], ...]:
    """Return for each of the four freedoms the line that limits it first, or None."""
    return tuple((name, next(_lines(case, limits), None)) for name, limits in _FREEDOMS)


def limiting(case: Case) -> Mapping[str, Evidence]:
    """Return the acts by which a text limits a freedom, each with the line that does."""
    found = ((act, next(_lines(case, ((act, modality),)), None)) for _, limits in _FREEDOMS for act, modality in limits)
    return {act: line for act, line in found if line is not None}


def limits(terms: Iterable[Term]) -> tuple[str, ...]:
    """Return the acts by which any of the terms limits a freedom, in the order in which a reader would name them."""
    said = {(term.act, term.modality) for term in terms}
    return tuple(dict.fromkeys(act for _, rows in _FREEDOMS for act, modality in rows if (act, modality) in said))


def limiting_acts() -> tuple[str, ...]:
    """Return all acts by which a text can limit a freedom."""
    return tuple(dict.fromkeys(act for _, rows in _FREEDOMS for act, _ in rows))


def _lines(case: Case, limits: tuple[tuple[str, str], ...]) -> Iterator[Evidence]:
    for act, modality in limits:
        yield from (e for e in case.all(act) if any(t.act == act and t.modality == modality for t in e.line.terms))


def _headline(case: Case, limited: tuple[str, ...], copyleft: bool) -> str:
    words = []
    if case.entry is not None and case.entry.class_ in _CLASSES:
        words.append(_CLASSES[case.entry.class_])
    if case.entry is not None and case.entry.osi_approved is not None:
        words.append("approved by the OSI" if case.entry.osi_approved else "not approved by the OSI")
    if copyleft:
        words.append("copyleft: works based on it stay under it")
    if limited:
        words.append(f"of the four freedoms it limits the one {' and the one '.join(limited)}, by the clauses quoted")
    else:
        searched = sum(len(s.clauses) for s in case.sheets)
        words.append(f"none of the four freedoms is limited by a clause ({searched} of {searched} clauses read)")
    return "; ".join(words)
