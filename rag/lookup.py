"""Answers to questions about what a text says: the lines that speak of the topics asked about, best match first."""

import re
from dataclasses import dataclass

from rag import duties
from rag.case import Case, Evidence, is_referred, unique
from rag.lexicon import Topic
from rag.signs import sign

_KEEP, _SILENT = 0.55, 0.6
_WEIGHT_STEP = 0.08
_A_NAME = 0.5  # share of names from which quoted words are a name themselves
_OF_REFERRED = 2  # lines of a clause that the question refers to
_GENERAL = frozenset(("use", "commercial-use", "sell", "redistribute", "fine-tune"))


@dataclass(frozen=True, slots=True)
class Found:
    """What a lookup found: the lines, and the topics of which the text says nothing."""

    evidence: tuple[Evidence, ...]
    silent: tuple[Topic, ...]


def _scaled(case: Case, evidence: Evidence) -> float:
    """Return how likely a line is asked for, on the scale of scores."""
    return 0.3 + 0.1 * case.odds(evidence)


def _score(case: Case, topic: Topic, position: int, evidence: Evidence) -> float:
    """Return a line's fitness for a topic: how well it matches the words, less where the topic's term stands late in its list."""
    term = evidence.term
    only_defines = term is not None and term.rule.endswith("definition") and topic.name != "definition"
    return (
        (_scaled(case, evidence) if case.ranks else evidence.score)
        + 0.6
        - _WEIGHT_STEP * position
        - (0.15 if only_defines else 0.0)
    )


def of_topic(case: Case, topic: Topic) -> tuple[Evidence, ...]:
    """Return the lines that speak of a topic, best first."""
    ranked: dict[tuple[str, int], tuple[float, Evidence]] = {}
    for position, act in enumerate(topic.terms):
        for evidence in case.all(act):
            score = _score(case, topic, position, evidence)
            if evidence.key not in ranked or ranked[evidence.key][0] < score:
                ranked[evidence.key] = (score, evidence)
    rows = sorted(ranked.values(), key=lambda row: (-row[0], row[1].key))
    return tuple(Evidence(e.sheet, e.line, e.act, score) for score, e in rows)


def _defined(case: Case) -> tuple[Evidence, ...]:
    """Return the lines that define a word quoted in the question."""
    names = [q.lower() for q in case.question.quoted]
    found = []
    for name in names:
        for evidence in (
            *case.all("definition"),
            *case.all("derivative-definition"),
            *case.all("distribution-definition"),
        ):
            if re.match(rf"\W*(\w{{1,4}}[.)]\s*)?[“\"‘']{re.escape(name)}", evidence.text.lower()):
                found.append(evidence)
    return tuple(found)


def _referred(case: Case) -> list[Evidence]:
    """Return the likeliest lines of the clauses that the question refers to by number, in the order of the text."""
    if not case.question.references:
        return []
    lines = [
        Evidence(sheet, line, next(iter(sorted(line.acts)), ""), case.score(sheet, line))
        for sheet in case.sheets
        for line in sheet.lines
        if is_referred(line.unit.clause.path, case.question)
    ]
    likeliest = sorted(lines, key=lambda e: -case.odds(e))[:_OF_REFERRED]
    return sorted(likeliest, key=lambda e: e.key)


def look_up(case: Case, limit: int) -> Found:
    """Return the lines that answer a lookup, at most `limit`, and the topics without any line.

    Topics of the question come first; where none was recognised, or their lines match poorly, the lines that match its words best.
    """
    chosen: list[Evidence] = [*_defined(case)[:1], *_referred(case)]
    silent = []
    topics = case.question.topics
    per_topic = max(1, limit // max(1, len(topics)))
    lists = []
    for topic in topics:
        lines = duty_lines(case) if topic.name == "duties" else of_topic(case, topic)
        if not lines:
            silent.append(topic)
        lists.append((topic, lines))
    lists.sort(key=lambda row: -(row[1][0].score if row[1] else 0.0))
    for _, lines in lists:
        best = lines[0].score if lines else 0.0
        chosen.extend(e for e in lines[: per_topic + 1] if e.score >= _KEEP * best)
    if not topics or not chosen:
        told = [e for a in case.question.acts if a.name not in _GENERAL for e in case.all(a.covers[0])]
        chosen.extend(sorted(told, key=lambda e: -e.score)[:2])
    words = case.likely(3)
    if topics and not chosen and words and words[0].score < _SILENT:
        # Nothing speaks of what is asked: one line that comes near is enough.
        return Found(words[:1], tuple(silent))
    if words and (not chosen or words[0].score > 0.75 or not topics):
        chosen = [words[0], *chosen] if words[0].score > 0.75 else [*chosen, *words]
    return Found(unique(chosen)[:limit], tuple(silent))


def duty_lines(case: Case) -> tuple[Evidence, ...]:
    """Return the duties that the acts of the question set off; for a question without acts those of distribution."""
    return duties.evidence(case)


def missing_reference(case: Case) -> str | None:
    """Return the first part of the document that the question names and the document lacks, or None."""
    paths = {c.path for s in case.sheets for c in s.clauses}
    text = " ".join(s.document.text for s in case.sheets).lower()
    for reference in case.question.references:
        known = reference in paths or any(
            p.startswith((reference + ".", reference + "~")) or p.endswith("." + reference) for p in paths
        )
        words = reference.replace("-", " ").replace(".", r"\W*")
        if not known and not re.search(rf"\b{words}\b", text):
            return reference
    return None


def missing_words(case: Case) -> str | None:
    """Return the words in quotation marks that the question says the text prescribes and that stand nowhere in it, or None."""
    if not re.search(
        r"\b(makes?|require[sd]?|demand\w*|prescrib\w+|says?|asks?|must|oblig\w+|state[sd]?)\b",
        case.question.text,
        re.IGNORECASE,
    ):
        return None
    text = " ".join(" ".join(s.document.text for s in case.sheets).lower().split())
    for words in case.question.quoted:
        if sign("own_name").search(case.question.text[: case.question.text.find(words)]):
            continue  # what the user calls a thing of his own
        named = sum(len(text) for text in {m.text for m in case.question.mentions} if text in words)
        if named >= _A_NAME * len(words):
            continue  # the name of a license is not what it prescribes
        if " ".join(words.lower().split()) not in text:
            return words
    return None
