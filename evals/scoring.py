"""Scores of one answer against its gold item, and the figures over many. Pure functions; the texts decide what is sound.

A citation is sound if its quote has 25 to 600 characters and stands in its document's text (white space and table bars folded,
case ignored). Unsound citations prove nothing, and two citations of context are free.
"""

import re
from collections import defaultdict
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from evals.items import Item
from evals.recall import Found, fold, touches

_QUOTE = range(25, 601)
_FREE = 2
_READ = 3000  # characters of an answer that a reader is supposed to take in
_FEW = 5

_HEADLINE = re.compile(r"\W*(yes, on conditions|yes|no|unclear)\b(?=[:,.]| *$)", re.IGNORECASE)

Text = Callable[[str], str | None]


@dataclass(frozen=True, slots=True)
class Score:
    """How one answer does. Fractions 0 to 1; None where there is nothing to measure.

    `verdict` is the answer's, `accepted` whether it is among the gold ones; `mention` and `wrong` count required facts that
    are stated and forbidden ones; `unsound` are citations that no text holds.
    """

    id: str
    verdict: str
    accepted: bool
    evidence: float | None
    precision: float | None
    mentioned: int
    to_mention: int
    wrong: int
    cited: int
    unsound: int
    length: int

    @property
    def right(self) -> bool:
        """Return True if the verdict is accepted, all evidence cited, all facts stated, none forbidden, every citation sound."""
        told = self.mentioned == self.to_mention and not self.wrong
        return self.accepted and self.evidence in (None, 1) and told and not self.unsound


def score(item: Item, answer: Mapping[str, Any], text: Text) -> Score:
    """Return the score of an answer in its published form; an empty one counts as missing.

    `text` gives the folded text of a document, or None.
    """
    verdict = str(answer.get("verdict", "missing"))
    cited = _unique(answer.get("citations") or ())
    good = [c for c in cited if _sound(c, text)]
    silent = verdict == "abstain" and "abstain" in item.verdicts
    evidence = None
    if item.evidence and not silent:
        evidence = sum(any(touches(c, e) for c in good) for e in item.evidence) / len(item.evidence)
    wanted = (*item.evidence, *item.optional)
    hits = sum(any(touches(c, e) for e in wanted) for c in good)
    precision = hits / max(len(cited) - _FREE, hits, 1) if wanted and cited else None
    said = fold(str(answer.get("text") or ""))
    read = said[:_READ]
    groups = () if silent else item.must_mention
    return Score(
        item.id,
        verdict,
        verdict in item.verdicts,
        evidence,
        precision,
        sum(any(_states(a, read) for a in group) for group in groups),
        len(groups),
        sum(_states(fact, read) for fact in item.must_not_mention),
        len(cited),
        len(cited) - len(good),
        len(said),
    )


def figures(items: Mapping[str, Item], scores: Sequence[Score]) -> dict[str, float]:
    """Return the figures over scores, each 0 to 1 and higher better, apart from counts (`items`, `wrong_facts`, `false_abstentions`,
    `missed_abstentions`) and `length`, the mean of characters.

    Rates over nothing are left out.
    """
    abstained = [s for s in scores if s.verdict == "abstain"]
    rightly = sum(s.accepted for s in abstained)
    false = len(abstained) - rightly
    missed = sum(s.verdict != "abstain" and items[s.id].verdicts == ("abstain",) for s in scores)
    cited = sum(s.cited for s in scores)
    facts = sum(s.to_mention for s in scores)
    answered = [s for s in scores if s.verdict not in ("abstain", "missing")]
    known = [s.evidence for s in scores if s.evidence is not None]
    found: dict[str, float | None] = {
        "items": len(scores),
        "answered": sum(s.verdict != "missing" for s in scores),
        "right": mean(s.right for s in scores),
        "verdict": mean(s.accepted for s in scores),
        "balanced": _balanced(items, scores),
        "evidence": mean(known),
        "complete": mean(e == 1 for e in known),
        "precision": mean(s.precision for s in scores if s.precision is not None),
        "mention": sum(s.mentioned for s in scores) / facts if facts else None,
        "abstain_f1": 2 * rightly / (2 * rightly + false + missed) if rightly else 0.0,
        "false_abstentions": false,
        "missed_abstentions": missed,
        "coverage": len(answered) / len(scores) if scores else None,
        "selective": mean(s.accepted for s in answered),
        "quotes": 1 - sum(s.unsound for s in scores) / cited if cited else 0.0,
        "wrong_facts": sum(s.wrong for s in scores),
        "length": mean(s.length for s in scores),
    }
    return {name: value for name, value in found.items() if value is not None}


def mean(values: Iterable[float]) -> float | None:
    """Return the mean, None of nothing."""
    all = list(values)
    return sum(all) / len(all) if all else None


def _balanced(items: Mapping[str, Item], scores: Iterable[Score]) -> float | None:
    """Return the mean recall over the verdicts that are the only accepted one of at least five items."""
    single: dict[str, list[bool]] = defaultdict(list)
    for one in scores:
        if len(items[one.id].verdicts) == 1:
            single[items[one.id].verdicts[0]].append(one.accepted)
    return mean(sum(rows) / len(rows) for rows in single.values() if len(rows) >= _FEW)


def _unique(citations: Iterable[Mapping[str, Any]]) -> list[Found]:
    found = (Found(str(c.get("document")), str(c.get("quote") or "")) for c in citations)
    return list({(c.document, fold(c.text)): c for c in found}.values())


def _sound(citation: Found, text: Text) -> bool:
    quote, whole = fold(citation.text), text(citation.document)
    return len(quote) in _QUOTE and whole is not None and quote in whole


def _states(words: str, text: str) -> bool:
    edge = r"(?<!\w)" if words[:1].isalnum() else ""
    return re.search(edge + re.escape(words.lower()), text) is not None


def inexact(answer: Mapping[str, Any], text: Text) -> list[str]:
    """Return the citations of an answer whose quote is not what stands at its span; `text` gives texts as they are on file."""
    wrong = []
    for each in answer.get("citations") or ():
        whole = text(str(each.get("document")))
        if whole is None or whole[int(each.get("start", 0)) : int(each.get("end", 0))] != each.get("quote"):
            wrong.append(f"{each.get('document')}#{each.get('clause')}")
    return wrong


def contradicts(answer: Mapping[str, Any]) -> str:
    """Return the verdict that an answer's own first words give against its verdict, or nothing."""
    told = _HEADLINE.match(str(answer.get("text") or ""))
    if told is None:
        return ""
    said = told.group(1).lower()
    verdict = "conditional" if said.endswith("conditions") else said
    return "" if verdict == answer.get("verdict") else verdict
