"""What a model is asked: clauses under opaque keys, the question with the rules engine's findings, and the form of the reply.

Static parts stand first, then the documents, then the question, so that a server with a prefix cache reads a license once.
"""

import hashlib
import json
import tomllib
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from functools import cache
from importlib import resources
from typing import Any

from corpus.types import Clause
from rag.case import Case
from rag.sheet import Line, Sheet
from rag.types import Answer, Turn, Verdict

VERDICTS: tuple[Verdict, ...] = ("yes", "conditional", "no", "unclear", "informational", "abstain")
MOST_STATEMENTS, MOST_CITATIONS = 8, 3
LONGEST_STATEMENT, LONGEST_QUOTE = 600, 700
# No vowels and no digits that look like letters: keys are no words and no numbers.
_ALPHABET = "bcdfghjkmnpqrstvwxz"
_KEY_LENGTH = 6
_DECIDED = 1.0  # a clause that the rules engine cites outranks all that only match the question's words
_SHOWN_PROBLEMS = 6
Message = tuple[str, str]


@cache
def words() -> Mapping[str, str]:
    """Return the words of the prompts."""
    data = tomllib.loads(resources.files("rag").joinpath("data/prompts.toml").read_text(encoding="utf-8"))
    return {name: text.strip() for name, text in data.items()}


@dataclass(frozen=True, slots=True)
class Piece:
    """A clause as a model sees it: its key, its sheet, its lines, and how much it matters to the question."""

    key: str
    clause: Clause
    sheet: Sheet
    lines: tuple[Line, ...]
    score: float

    @property
    def text(self) -> str:
        """Return the clause's own words."""
        return self.clause.span.of(self.sheet.document.text)

    @property
    def shown(self) -> str:
        """Return the clause with its key, number, heading and the terms read in it."""
        terms = "; ".join(
            dict.fromkeys(_term(t.act, t.modality, t.conditions) for line in self.lines for t in line.terms)
        )
        head = " ".join(part for part in (f"[{self.key}]", self.clause.path, self.clause.heading) if part)
        return f"{head}{f' {{{terms}}}' if terms else ''}\n{self.text.strip()}\n"


def _term(act: str, modality: str, conditions: Iterable[Any]) -> str:
    exact = "".join(f" “{c.exact}”" for c in conditions if c.exact)
    return f"{act} {modality}{exact}"


def key_of(clause: Clause, sheet: Sheet) -> str:
    """Return the key of a clause: the same for the same text at every request, and not to be guessed from it."""
    digest = hashlib.sha256(f"{sheet.document.origin.sha256} {clause.id}".encode()).digest()
    return "".join(_ALPHABET[byte % len(_ALPHABET)] for byte in digest[:_KEY_LENGTH])


def pieces(cases: Sequence[Case], draft: Answer) -> tuple[Piece, ...]:
    """Return all clauses of the cases in the order of the documents, each with its rank for the question."""
    cited = {f"{c.document}#{c.clause}" for c in draft.citations}
    found: dict[str, Piece] = {}
    keys: dict[str, str] = {}
    for case in cases:
        for sheet in case.sheets:
            by_clause: dict[str, list[Line]] = {}
            for line in sheet.lines:
                by_clause.setdefault(line.unit.clause.id, []).append(line)
            for clause in sheet.clauses:
                lines = by_clause.get(clause.id, [])
                if not lines or clause.id in found:
                    continue
                key = key_of(clause, sheet)
                while keys.setdefault(key, clause.id) != clause.id:
                    key += _ALPHABET[len(keys) % len(_ALPHABET)]
                best = max(case.score(sheet, line) for line in lines)
                found[clause.id] = Piece(key, clause, sheet, tuple(lines), best + _DECIDED * (clause.id in cited))
    return tuple(found.values())


def documents(chosen: Sequence[Piece]) -> str:
    """Return the part of the prompt that holds the clauses, document by document."""
    sheets = list({p.sheet.document.id: p.sheet for p in chosen}.values())
    # A document cannot hold the mark that closes it: the mark is made from its hash.
    digest = hashlib.sha256(" ".join(s.document.origin.sha256 for s in sheets).encode()).hexdigest()
    mark = f"=={digest[:12]}=="
    parts = [words()["documents"].format(mark=mark), mark]
    for sheet in sheets:
        version = f" ({sheet.document.version})" if sheet.document.version else ""
        parts.append(f"# {sheet.document.title}{version}\n")
        parts += [p.shown for p in chosen if p.sheet.document.id == sheet.document.id]
    return "\n".join((*parts, mark))


def question(text: str, draft: Answer, chosen: Sequence[Piece]) -> str:
    """Return the part of the prompt that changes with every question."""
    keys = {p.clause.id: p.key for p in chosen}
    cited = dict.fromkeys(keys[id] for c in draft.citations if (id := f"{c.document}#{c.clause}") in keys)
    headlines = [s.text for s in draft.statements if s.source == "inference"][:3]
    return words()["question"].format(
        question=json.dumps(text, ensure_ascii=False),
        given=_facts(draft.facts.given),
        assumed=_facts(draft.facts.assumed),
        verdict=draft.verdict,
        basis=draft.basis,
        findings=" ".join(headlines) or "no headline",
        keys=", ".join(cited) or "none",
    )


def _facts(facts: Mapping[str, Any]) -> str:
    return json.dumps(dict(facts), ensure_ascii=False, default=str) if facts else "none"


def messages(context: str, asked: str) -> list[Message]:
    """Return the messages of a first attempt."""
    return [("system", words()["system"]), ("user", f"{context}\n\n{asked}")]


def again(first: Sequence[Message], problems: Sequence[str]) -> list[Message]:
    """Return the messages of the second attempt, which names what was refused."""
    listed = "\n".join(f"- {line}" for line in list(dict.fromkeys(problems))[:_SHOWN_PROBLEMS])
    *before, (role, last) = first
    return [*before, (role, f"{last}\n\n{words()['retry'].format(problems=listed)}")]


def rewriting(history: Sequence[Turn], asked: str) -> list[Message]:
    """Return the messages that ask for a question that stands alone."""
    turns = [{"role": t.role, "content": t.content[:1500]} for t in history[-6:]]
    material = json.dumps({"conversation": turns, "question": asked}, ensure_ascii=False)
    return [("system", words()["rewrite"]), ("user", material)]


def schema(keys: Sequence[str]) -> dict[str, Any]:
    """Return the JSON schema of a reply. The keys are those of this request's clauses, and there are no others."""
    citation = _object(
        {"key": {"type": "string", "enum": list(keys)}, "quote": {"type": "string", "maxLength": LONGEST_QUOTE}}
    )
    statement = _object(
        {
            "source": {"type": "string", "enum": ["text", "inference"]},
            "citations": {"type": "array", "minItems": 1, "maxItems": MOST_CITATIONS, "items": citation},
            "text": {"type": "string", "maxLength": LONGEST_STATEMENT},
        }
    )
    listed = {"type": "array", "minItems": 0, "maxItems": MOST_STATEMENTS, "items": statement}
    return _object({"verdict": {"type": "string", "enum": list(VERDICTS)}, "statements": listed})


def rewriting_schema(longest: int) -> dict[str, Any]:
    """Return the JSON schema of a rewritten question."""
    return _object({"question": {"type": "string", "maxLength": longest}})


def _object(properties: dict[str, Any]) -> dict[str, Any]:
    return {"type": "object", "properties": properties, "required": list(properties), "additionalProperties": False}
