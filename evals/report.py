"""A run as one HTML file that needs nothing else, and as Markdown for a pull request.

Everything that comes from questions, texts and answers is escaped; charts are inline SVG.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from jinja2 import Environment, FileSystemLoader, StrictUndefined

from corpus.store import Store
from evals import measures
from evals.compare import Comparison
from evals.intervals import Interval
from evals.measures import Row, Table
from evals.recall import Found, fold, touches
from evals.running import Head, Results
from evals.systems import SYSTEMS

_COLUMNS = ("right", "verdict", "evidence", "precision", "mention", "recall@5", "recall@10", "mrr", "p50_ms", "p99_ms")
_COUNTS = ("items", "errors", "answered", "false_abstentions", "missed_abstentions", "wrong_facts", "length")
_AROUND = 240  # characters of context on either side of a quotation
_TEMPLATES = Path(__file__).parent / "templates"


@dataclass(frozen=True, slots=True)
class Part:
    """One store's share of a run: its name, its texts, its results, and the rows of its items."""

    name: str
    store: Store
    results: Results
    rows: tuple[Row, ...]


def html(title: str, parts: Sequence[Part], others: Mapping[str, Table], against: Comparison | None = None) -> str:
    """Return the report of a run over one or two stores; `others` are the tables of other systems by name."""
    rows = tuple(row for part in parts for row in part.rows)
    table = measures.table(rows)
    environment = Environment(loader=FileSystemLoader(_TEMPLATES), autoescape=True, undefined=StrictUndefined)
    return environment.get_template("report.html").render(
        title=title,
        heads=[part.results.head for part in parts],
        bars=[{"name": name, "value": i.value, "low": i.low, "high": i.high} for name, i in table.intervals.items()],
        summary=[_line(name, value, table.intervals.get(name)) for name, value in table.figures.items()],
        columns=_COLUMNS,
        systems=[_system(name, found) for name, found in others.items()],
        slices=[_slice(name, measures.table(held)) for name, held in measures.slices(rows).items()],
        comparison=_comparison(against) if against else [],
        failed=[_failed(row, part) for part in parts for row in part.rows if row.score and not row.score.right],
        asked=len(rows),
    )


def markdown(heads: Sequence[Head], rows: Sequence[Row], others: Mapping[str, Table]) -> str:
    """Return the summary of a run as Markdown."""
    table = measures.table(rows)
    lines = ["| figure | value | 95 % interval |", "| --- | ---: | --- |"]
    for name, value in table.figures.items():
        told = _line(name, value, table.intervals.get(name))
        lines.append(f"| {name} | {told['value']} | {told['interval']} |")
    if others:
        lines += ["", f"| system | {' | '.join(_COLUMNS)} |", f"| --- |{' ---: |' * len(_COLUMNS)}"]
        for name, found in others.items():
            row = _system(name, found)
            lines.append(f"| {row['title']} | {' | '.join(row['cells'])} |")
    held = measures.slices(rows)
    lines += [
        "",
        "| slice | items | right | 95 % interval | verdict | evidence |",
        "| --- | ---: | ---: | --- | ---: | ---: |",
    ]
    for name in (n for n in held if not n.startswith(("family ", "category ", "license "))):
        row = _slice(name, measures.table(held[name]))
        lines.append(
            f"| {name} | {row['items']} | {row['right']} | {row['interval']} | {row['verdict']} | {row['evidence']} |"
        )
    told_heads = "; ".join(f"{h.system}, {h.items} items {h.gold}, texts {h.corpus}, code {h.code}" for h in heads)
    return "\n".join([*lines, "", f"({told_heads})"]) + "\n"


def _number(name: str, value: float | None) -> str:
    if value is None:
        return "–"
    if name.endswith("_ms"):
        return f"{value:.0f} ms"
    return f"{value:.0f}" if name in _COUNTS else f"{value:.3f}"


def _line(name: str, value: float, interval: Interval | None) -> dict[str, str]:
    ends = f"{interval.low:.3f} to {interval.high:.3f}" if interval else ""
    return {"name": name, "value": _number(name, value), "interval": ends, "n": str(interval.n) if interval else ""}


def _system(name: str, table: Table) -> dict[str, Any]:
    title = SYSTEMS[name][0] if name in SYSTEMS else name
    return {"title": title, "cells": [_number(column, table.figures.get(column)) for column in _COLUMNS]}


def _slice(name: str, table: Table) -> dict[str, str]:
    interval = table.intervals.get("right")
    told = {key: _number(key, table.figures.get(key)) for key in ("items", "right", "verdict", "evidence")}
    ends = f"{interval.low:.3f} to {interval.high:.3f}" if interval else ""
    return {"name": name, **told, "interval": ends, "recall": _number("recall@5", table.figures.get("recall@5"))}


def _comparison(found: Comparison) -> list[dict[str, str]]:
    rows = []
    for name, change in found.differences.items():
        pair = found.pairs.get(name)
        counts = {"wins": str(pair.wins), "losses": str(pair.losses), "p": f"{pair.p:.3f}"} if pair else {}
        ends = f"{change.low:+.3f} to {change.high:+.3f}"
        rows.append(
            {"name": name, "value": f"{change.value:+.3f}", "interval": ends, "wins": "", "losses": "", "p": ""}
            | counts
        )
    return rows


def _failed(row: Row, part: Part) -> dict[str, Any]:
    item, score = row.item, row.score
    assert score is not None  # noqa: S101 - only scored rows fail
    answer = part.results.given[item.id].answer if item.id in part.results.given else {}
    cited = [Found(str(c["document"]), str(c["quote"])) for c in answer.get("citations") or ()]
    said = fold(str(answer.get("text") or ""))
    why = [
        "" if score.accepted else f"verdict {score.verdict}",
        "" if score.evidence in (None, 1) else "evidence is missing",
        "" if score.mentioned == score.to_mention else "a required fact is not stated",
        "a forbidden statement" if score.wrong else "",
        "a citation that no text holds" if score.unsound else "",
        row.error,
    ]
    return {
        "id": item.id,
        "category": item.category,
        "slices": item.slices,
        "history": item.history,
        "question": item.question,
        "why": "; ".join(filter(None, why)),
        "accepted": " or ".join(item.verdicts),
        "rationale": item.rationale,
        "evidence": [
            {"document": e.document, "clause": e.clause, "quote": e.quote, "cited": any(touches(c, e) for c in cited)}
            for e in item.evidence
        ],
        "mention": [
            {"words": " or ".join(group), "said": any(word.lower() in said for word in group)}
            for group in item.must_mention
        ],
        "verdict": score.verdict,
        "text": str(answer.get("text") or ""),
        "citations": [_cited(c, item.evidence, part.store) for c in answer.get("citations") or ()],
    }


def _cited(citation: Mapping[str, Any], evidence: Sequence[Any], store: Store) -> dict[str, Any]:
    document = str(citation["document"])
    text = store.documents[document].text if document in store.documents else ""
    start, end = int(citation["start"]), int(citation["end"])
    found = Found(document, str(citation["quote"]))
    return {
        "document": document,
        "clause": citation["clause"],
        "quote": citation["quote"],
        "before": ("… " if start > _AROUND else "") + text[max(0, start - _AROUND) : start],
        "after": text[end : end + _AROUND] + (" …" if end + _AROUND < len(text) else ""),
        "touches": any(touches(found, e) for e in evidence),
    }
