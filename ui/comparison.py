"""Two texts clause by clause, as JSON and as Markdown: what `clausewise licenses compare` shows."""

from collections.abc import Mapping
from typing import Any

from corpus.types import Clause, Document
from rag.compare import Change, Comparison, Fact, Texts, compare
from ui.near import unknown
from ui.render import bullets, escape

_SHORT = 160


def compared(texts: Texts, first: str, second: str) -> dict[str, Any]:
    """Return the comparison of two documents by the names of the published interface.

    Raise UnknownDocument, naming near ids, if one of them is not on file.
    """
    for id in (first, second):
        if id not in texts.documents:
            raise unknown("license", id, set(texts.documents), "clausewise licenses list")
    found = compare(texts, first, second)
    a, b = texts.documents[first], texts.documents[second]
    return {
        "a": _head(a),
        "b": _head(b),
        "changes": [_change(change, a, b) for change in found.changes],
        "counts": _counts(found),
        "lost": [_fact(fact) for fact in found.lost],
        "gained": [_fact(fact) for fact in found.gained],
    }


def _head(document: Document) -> dict[str, Any]:
    return {"id": document.id, "title": document.title, "version": document.version, "sha256": document.origin.sha256}


def _counts(found: Comparison) -> dict[str, int]:
    kinds = [change.kind for change in found.changes]
    return {kind: kinds.count(kind) for kind in ("same", "changed", "moved", "added", "dropped")}


def _change(change: Change, a: Document, b: Document) -> dict[str, Any]:
    return {
        "kind": change.kind,
        "before": _clause(change.before, a),
        "after": _clause(change.after, b),
        "words": [{"op": piece.op, "text": piece.text} for piece in change.words],
    }


def _clause(clause: Clause | None, document: Document) -> dict[str, Any] | None:
    if clause is None:
        return None
    span = clause.span
    text = span.of(document.text)
    return {"clause": clause.path, "heading": clause.heading, "start": span.start, "end": span.end, "text": text}


def _fact(fact: Fact) -> dict[str, Any]:
    return {
        "act": fact.act,
        "modality": fact.modality,
        "exact": list(fact.exact),
        "amount": fact.amount,
        "document": fact.document,
        "clause": fact.clause,
    }


def markdown(of: Mapping[str, Any]) -> str:
    """Return a comparison as Markdown: facts first, then every clause that is not the same."""
    a, b = of["a"], of["b"]
    counts = ", ".join(f"{number} {kind}" for kind, number in of["counts"].items() if number)
    parts = [
        f"# {escape(a['title'])} and {escape(b['title'])}",
        f"Clauses: {counts}.",
        differences(of, a["title"], b["title"]),
        "*Information, not legal advice.*",
    ]
    return "\n\n".join(part for part in parts if part) + "\n"


def differences(of: Mapping[str, Any], first: str = "the known text", second: str = "this file") -> str:
    """Return facts that one text has and the other lacks, and the clauses that differ, as Markdown."""
    parts = (
        bullets(f"Only in {escape(first)}", (fact_line(fact) for fact in of["lost"])),
        bullets(f"Only in {escape(second)}", (fact_line(fact) for fact in of["gained"])),
        bullets("Clauses that differ", (_change_line(change) for change in of["changes"] if change["kind"] != "same")),
    )
    return "\n\n".join(part for part in parts if part)


def fact_line(fact: Mapping[str, Any]) -> str:
    """Return a fact that one text has and the other lacks, as Markdown, with its clause."""
    place = f"({fact['document']}, clause {fact['clause']})"
    return f"{fact_words(fact)} {escape(place)}"


def fact_words(fact: Mapping[str, Any]) -> str:
    """Return a fact that one text has and the other lacks, as Markdown."""
    exact = "".join(f" “{words}”" for words in fact["exact"])
    above = f" above {fact['amount']:,.0f}" if fact["amount"] else ""
    return escape(f"{fact['act'].replace('-', ' ')}: {fact['modality'].replace('-', ' ')}{above}{exact}")


def _change_line(change: Mapping[str, Any]) -> str:
    before, after = change["before"], change["after"]
    place = " → ".join(dict.fromkeys(side["clause"] for side in (before, after) if side))
    if change["words"]:
        said = "".join(_marked(piece["op"], piece["text"]) for piece in change["words"])
        said = said.replace("~~**", "~~ **")  # what is dropped and what stands in its place are two words
    else:
        said = _cut(" ".join((after or before)["text"].split()), "")
    return f"**{change['kind']}** {escape(place)}: {said}"


def _marked(op: str, text: str) -> str:
    """Return a piece with its mark, blanks outside of it so that Markdown sees the mark."""
    bare = text.strip()
    if not bare:
        return text
    mark = {"delete": "~~", "insert": "**"}.get(op, "")
    blanks = text[: len(text) - len(text.lstrip())], text[len(text.rstrip()) :]
    return f"{blanks[0]}{mark}{_cut(bare, op)}{mark}{blanks[1]}"


def _cut(text: str, op: str) -> str:
    """Return a piece short enough to read; long stretches that are equal are left out in their middle."""
    if len(text) <= _SHORT:
        return escape(text)
    return escape(f"{text[: _SHORT // 2]} … {text[-_SHORT // 2 :]}" if op == "equal" else f"{text[:_SHORT]} …")
