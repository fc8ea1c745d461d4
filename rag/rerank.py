"""Ranks the lines of a case for its question: shared words, nearness of meaning, shared senses, and what each line speaks of.

A linear model, fitted on gold questions (`data/ranking.toml`): a better order than half words and half meaning, which stays
the measure of how well a single line matches. In a file of the user a second one follows, which reads each line in its place:
what limits a rule stands behind it, in words that a question need not share.
"""

import math
import re
import tomllib
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from importlib import resources

import numpy as np
import numpy.typing as npt

from rag import classes, duties
from rag.case import Case, defines_word, is_example, is_frame, is_referred
from rag.language import senses, words
from rag.matching import NONE, Key, telling
from rag.question import Question
from rag.sheet import Line, Sheet

Features = npt.NDArray[np.float64]

# The columns of a feature matrix, in this order.
NAMES = (
    "shared words",
    "meaning",
    "meaning below best",
    "shared words by length",
    "place by shared words",
    "shared senses",
    "shared words above",
    "shared words beside",
    "topic",
    "act",
    "duty set off",
    "restricted use",
    "prohibits",
    "may on conditions",
    "permits",
    "defines",
    "says nothing known",
    "asked for permission and prohibits",
    "asked for meaning and defines",
    "length",
    "short",
    "frame",
    "example",
    "defines a word asked",
    "referred to",
    "warranty",
    "policy",
)
# The columns of the second model: the odds of a line by itself, and those of the lines around it.
PLACES = (
    "odds",
    "behind a likely line",
    "in a likely section",
    "directly behind",
    "limits what stands before",
    "names what is asked",
    "of its class",
)
# How many lines before one are read with it, and the log odds from which a line counts as likely.
_BEFORE, _LIKELY = 3, 1.0
_LIMITS = re.compile(r"\b(not|no|never|except|unless|exempt\w*|free from|however|only)\b", re.IGNORECASE)
_WARRANTY = frozenset(("warranty", "liability"))
_LONG, _SHORT = 80, 6
_GENERAL = frozenset(("use", "commercial-use"))


@cache
def _data() -> Mapping[str, Mapping[str, float]]:
    return tomllib.loads(resources.files("rag").joinpath("data/ranking.toml").read_text(encoding="utf-8"))


@cache
def weights(table: str = "weights", names: tuple[str, ...] = NAMES) -> tuple[Features, float]:
    """Return the weight of each feature of `names` in a table of `ranking.toml`, and the constant."""
    known = _data()[table]
    return np.array([known[name] for name in names]), float(known["constant"])


@dataclass(frozen=True, slots=True)
class _Asked:
    """What the features need of a question, once for all lines."""

    question: Question
    senses: frozenset[int]
    topics: Mapping[str, float]
    main: frozenset[str]
    covered: frozenset[str]
    due: frozenset[str]


def _asked(case: Case) -> _Asked:
    question = case.question
    topics: dict[str, float] = {}
    for topic in question.topics:
        for position, act in enumerate(topic.terms):
            topics[act] = max(topics.get(act, 0.0), 1 - 0.1 * position)
    return _Asked(
        question,
        senses(words(question.text if case.entry is None else question.rest)),
        topics,
        frozenset(a.covers[0] for a in question.acts if a.name not in _GENERAL),
        frozenset(c for a in question.acts for c in a.covers),
        frozenset(duties.triggered(case)),
    )


def _kinds(asked: _Asked, sheet: Sheet, line: Line, text: str) -> list[float]:
    """Return the features of what a line says, from `topic` on."""
    question, acts, path = asked.question, line.acts, line.unit.clause.path
    how = {t.modality for t in line.terms}
    permission, meaning = question.kind == "permission", question.kind != "permission"
    size = sum(line.bag.values())
    return [
        max((asked.topics.get(a, 0.0) for a in acts), default=0.0),
        max((1.0 if a in asked.main else 0.4 if a in asked.covered else 0.0 for a in acts), default=0.0),
        float(bool(acts & asked.due)),
        float("prohibited-use" in acts and any(u.clause.search(text) for u in question.uses)),
        float("prohibited" in how),
        float("permitted-if" in how),
        float("permitted" in how),
        float("defines" in how),
        float(not how),
        float(permission and "prohibited" in how),
        float(meaning and "defines" in how),
        min(size, _LONG) / _LONG,
        float(size < _SHORT),
        float(is_frame(path, text)),
        float(is_example(text)),
        float(defines_word(text, question)),
        float(is_referred(path, question)),
        float(bool(acts & _WARRANTY)),
        float(sheet.document.kind == "policy"),
    ]


def _of_sheet(case: Case, asked: _Asked, sheet: Sheet) -> Features:
    """Return the features of all lines of a sheet."""
    found = [case.matches.get((sheet.document.id, line.order), NONE) for line in sheet.lines]
    shared, meaning = [m.shared for m in found], [m.meaning for m in found]
    best, count = max(meaning, default=0.0), len(sheet.lines)
    query, rarity = set(telling(case.question, sheet, case.entry is None)), sheet.rarity
    known = sum(rarity.get(w, 3.0) for w in query) or 1.0
    told: dict[int, int] = {}
    for line in sheet.lines:
        for group in line.senses & asked.senses:
            told[group] = told.get(group, 0) + 1
    weight = {group: math.log(1 + count / n) for group, n in told.items()}
    whole = sum(weight.values()) or 1.0
    place = {i: r for r, i in enumerate(sorted(range(count), key=lambda i: -shared[i]))}
    rows = []
    for i, line in enumerate(sheet.lines):
        text = line.unit.span.of(sheet.document.text)
        beside = [j for j in (i - 1, i + 1) if 0 <= j < count and sheet.lines[j].unit.clause.id == line.unit.clause.id]
        size = sum(line.bag.values())
        rows.append(
            [
                shared[i],
                meaning[i],
                meaning[i] - best,
                sum(rarity[w] for w in query if w in line.bag) / (10 + 0.2 * size),
                1 / (1 + place[i]),
                sum(weight[g] for g in line.senses & asked.senses) / whole,
                sum(rarity.get(w, 1.0) for w in query & line.above) / known,
                max((shared[j] for j in beside), default=0.0),
                *_kinds(asked, sheet, line, text),
            ]
        )
    return np.array(rows).reshape(-1, len(NAMES))


def features(case: Case) -> tuple[tuple[Key, ...], Features]:
    """Return document and order of every line of a case, and the lines' features: shape (lines, features)."""
    asked = _asked(case)
    keys = tuple((s.document.id, line.order) for s in case.sheets for line in s.lines)
    return keys, np.concatenate([_of_sheet(case, asked, s) for s in case.sheets])


def places(case: Case, odds: Features) -> Features:
    """Return the features of every line of a case in its place, from the odds of the lines by themselves: shape (lines, `PLACES`)."""
    rows: list[list[float]] = []
    for sheet in case.sheets:
        named, classed = classes.of(case.question, sheet)
        begin, clauses = len(rows), [line.unit.clause for line in sheet.lines]
        mine = odds[begin : begin + len(clauses)]
        sections = [c.path.split(".")[0] for c in clauses]
        for i, line in enumerate(sheet.lines):
            before = [mine[j] for j in range(max(0, i - _BEFORE), i) if clauses[j].id == clauses[i].id]
            around = [mine[j] for j, s in enumerate(sections) if s == sections[i] and j != i]
            likely = bool(before) and max(before) >= _LIKELY
            limits = likely and _LIMITS.search(line.unit.span.of(sheet.document.text)) is not None
            rows.append(
                [
                    mine[i],
                    _chance(before),
                    _chance(around),
                    float(bool(before) and mine[i - 1] >= _LIKELY),
                    float(limits),
                    float(i in named),
                    float(i in classed),
                ]
            )
    return np.array(rows).reshape(-1, len(PLACES))


def _chance(odds: list[float]) -> float:
    """Return how likely the likeliest of some lines is, 0 to 1; 0 for none."""
    return 1 / (1 + math.exp(_LIKELY - max(odds))) if odds else 0.0


def ranks(case: Case) -> Mapping[Key, float]:
    """Return for each line how likely it is one that the question asks for: the log odds under the model."""
    keys, matrix = features(case)
    by, constant = weights()
    odds = matrix @ by + constant
    if case.entry is None:
        by, constant = weights("files", PLACES)
        odds = places(case, odds) @ by + constant
    return dict(zip(keys, odds.tolist(), strict=True))
