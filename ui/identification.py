"""`clausewise identify`: which known license a file is or holds, and where it differs from the known text."""

from argparse import Namespace
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from corpus import catalog, scancode
from corpus.files import read_file
from corpus.records import sha256
from corpus.segment import segment
from corpus.terms import extract
from corpus.types import Clause, Document, Origin, Term
from rag import prints
from rag.identify import Match, identify
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
    found = identified(args.file, home)
    if args.json:
        terminal.json_text(found)
    else:
        terminal.markdown(markdown(found))
    return 0


def identified(path: Path, home: Path) -> dict[str, Any]:
    """Return what a file is, by the names of the published interface; with its differences if it is one text that was changed.

    Raise InputError if the file cannot be read, StoreError if the fingerprints cannot be kept.
    """
    text = read_file(path).text
    known = prints.load(home)
    matches = identify(text, known, lambda key: scancode.read(key).text)
    first = matches[0] if matches else None
    differences = _differences(text, first.key) if first is not None and first.how == "changed" else None
    return {
        "file": path.name,
        "sha256": sha256(text.encode("utf-8")),
        "searched": len(known.keys),
        "matches": [_match(match) for match in matches],
        "differences": differences,
    }


def _match(match: Match) -> dict[str, Any]:
    entry = catalog.load().get(match.key)
    return {
        "id": match.key,
        "title": entry.title if entry else scancode.read(match.key).title,
        "spdx": entry.spdx if entry else None,
        "in_catalog": entry is not None,
        "how": match.how,
        "likeness": match.likeness,
        "coverage": match.coverage,
    }


def _differences(text: str, key: str) -> dict[str, Any]:
    known = catalog.load().describe(scancode.read(key))
    origin = Origin("file", sha256(text.encode("utf-8")))
    # The file is titled as the known text, so that a title is no difference and rules on titles read both alike.
    file = Document("file", known.title, known.kind, text, None, None, origin)
    found = comparison.compared(Pair({key: known, "file": file}), key, "file")
    changes = [change for change in found["changes"] if change["kind"] != "same"]
    return {"counts": found["counts"], "changes": changes, "lost": found["lost"], "gained": found["gained"]}


def markdown(of: Mapping[str, Any]) -> str:
    """Return what a file is as Markdown."""
    lines = [
        f"**{escape(match['title'])}** ({escape(match['id'])}) {_HOW[match['how']]}"
        + (f": {match['likeness']:.1%} of the words agree" if match["how"] == "changed" else "")
        for match in of["matches"]
    ]
    none = f"None of {of['searched']:,} known texts is this file or stands in it."
    parts = [f"# {escape(of['file'])}", bullets("This is", lines) if lines else none]
    if of["differences"]:
        parts.append(comparison.differences(of["differences"]))
    parts.append("*Information, not legal advice.*")
    return "\n\n".join(part for part in parts if part) + "\n"
