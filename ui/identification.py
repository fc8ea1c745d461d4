"""`clausewise identify`: which known license a file is or holds, and where it differs from the known text."""

from argparse import Namespace
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from corpus import catalog
from corpus.errors import EngineError
from corpus.files import read_file
from corpus.records import sha256
from corpus.segment import segment
from corpus.terms import extract
from corpus.types import Clause, Document, Origin, Term
from rag import known, opinion
from rag.identify import Match
from rag.known import Known
from rag.opinion import Opinion
from ui import comparison, terminal
from ui.render import bullets, escape

_HOW = {
    "exact": "is this text, word for word",
    "changed": "is this text, changed",
    "contained": "stands in the file",
}


@dataclass(frozen=True, slots=True)
class Pair:
    """Two texts to compare, cut when they are asked for."""

    documents: Mapping[str, Document]

    def clauses(self, id: str) -> tuple[Clause, ...]:
        """Return the clauses of one of them."""
        return segment(self.documents[id])

    def terms(self, id: str) -> tuple[Term, ...]:
        """Return the terms that the rules find in one of them; reviewed facts exist for one side only and would count as a loss."""
        return extract(self.documents[id], self.clauses(id))


def run(args: Namespace, home: Path) -> int:
    """Identify the file of the command line; return the exit status."""
    text = read_file(args.file).text
    found = identified(args.file.name, text, known.load(home))
    status = 0
    if args.second_opinion:
        try:
            found["second_opinion"] = _second(opinion.ask(text), found["matches"])
        except EngineError as error:
            # What we found ourselves stands; that the other engine did not answer is told beside it.
            found["second_opinion"] = None
            terminal.error(f"clausewise: {error}")
            status = error.exit_status
    if args.json:
        terminal.json_text(found)
    else:
        terminal.markdown(markdown(found))
    return status


def identified(name: str, text: str, texts: Known) -> dict[str, Any]:
    """Return what a text is, by the names of the published interface; with its differences if it is one text that was changed."""
    matches = texts.identify(text)
    first = matches[0] if matches else None
    differences = (
        _differences(text, texts.document(first.key)) if first is not None and first.how == "changed" else None
    )
    return {
        "file": name,
        "sha256": sha256(text.encode("utf-8")),
        "searched": len(texts.prints.keys),
        "result": "known" if matches else "unknown",
        "matches": [_match(match, texts) for match in matches],
        "differences": differences,
    }


def _second(second: Opinion, matches: list[dict[str, Any]]) -> dict[str, Any]:
    """Return what ScanCode's engine found, and whether both name the same: any license of ours among its, or none on either side."""
    ours = {match["id"] for match in matches}
    theirs = {key for key in second.keys if not key.startswith("unknown")}
    return {
        "engine": second.engine,
        "agrees": bool(ours & theirs) if ours and theirs else not ours and not theirs,
        "detections": [{"expression": d.expression, "matches": list(d.matches)} for d in second.detections],
    }


def _match(match: Match, texts: Known) -> dict[str, Any]:
    entry = catalog.load().get(match.key)
    return {
        "id": match.key,
        "title": entry.title if entry else texts.document(match.key).title,
        "spdx": entry.spdx if entry else None,
        "in_catalog": entry is not None,
        "how": match.how,
        "likeness": match.likeness,
        "coverage": match.coverage,
    }


def _differences(text: str, known: Document) -> dict[str, Any]:
    origin = Origin("file", sha256(text.encode("utf-8")))
    # The file is titled as the known text, so that a title is no difference and rules on titles read both alike.
    file = Document("file", known.title, known.kind, text, None, None, origin)
    found = comparison.compared(Pair({known.id: known, "file": file}), known.id, "file")
    changes = [change for change in found["changes"] if change["kind"] != "same"]
    return {"counts": found["counts"], "changes": changes, "lost": found["lost"], "gained": found["gained"]}


def markdown(of: Mapping[str, Any]) -> str:
    """Return what a file is as Markdown."""
    parts = [f"# {escape(of['file'])}", told(of), "*Information, not legal advice.*"]
    return "\n\n".join(part for part in parts if part) + "\n"


def told(of: Mapping[str, Any]) -> str:
    """Return which known licenses a file is or holds as Markdown, and where it differs from the known text."""
    lines = [
        f"**{escape(match['title'])}** ({escape(match['id'])}) {_HOW[match['how']]}"
        + (f": {match['likeness']:.1%} of the words agree" if match["how"] == "changed" else "")
        for match in of["matches"]
    ]
    none = f"**Unknown.** None of {of['searched']:,} known texts is this file or stands in it."
    parts = [bullets("This is", lines) if lines else none, _second_words(of)]
    if of["differences"]:
        parts.append(comparison.differences(of["differences"]))
    return "\n\n".join(part for part in parts if part)


def _second_words(of: Mapping[str, Any]) -> str:
    second = of.get("second_opinion")
    if second is None:
        return ""
    lines = [
        f"{escape(d['expression'])}, lines {min(m['start_line'] for m in d['matches'])} to {max(m['end_line'] for m in d['matches'])}"
        for d in second["detections"]
        if d["matches"]
    ]
    said = "the same" if second["agrees"] else "something else"
    return bullets(f"Second opinion ({escape(second['engine'])}): {said}", lines or ["no license detected"])
