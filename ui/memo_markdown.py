"""A memo as Markdown with footnotes, as GitHub, Pandoc and most editors read them. All that is quoted stays text."""

from collections.abc import Iterable

from ui.memo import DISCLAIMER, SIGN, TITLE, Condition, Memo, Note, Part
from ui.render import bullets, escape, link, table


def write(memo: Memo) -> bytes:
    """Return the memo as a Markdown file."""
    blocks = [
        f"# {TITLE}",
        f"Made on {memo.made} by Clausewise.",
        *(f"> **Attention:** {escape(warning)}" for warning in memo.warnings),
        *(block for heading, part in memo.headed() for block in _part(heading, part)),
        _numbered("Assumptions", memo.assumptions),
        _numbered("Questions for counsel", memo.questions),
        "## Texts",
        table(
            ("Text", "Version", "Source", "SHA-256"),
            (
                (
                    link(text.title, text.url),
                    *map(escape, (text.version or "none given", text.source or "not on file", text.sha256)),
                )
                for text in memo.texts
            ),
        ),
        "## Reviewer’s sign-off",
        table(("", ""), ((label, box) for label, box in SIGN)),
        "## How this memo was made",
        "\n".join(f"- {escape(line)}" for line in memo.origin),
        f"*{DISCLAIMER}*",
        "\n\n".join(_note(note) for note in memo.notes),
    ]
    return ("\n\n".join(block for block in blocks if block) + "\n").encode()


def _part(heading: str, part: Part) -> Iterable[str]:
    rows = (
        (escape(row.document), escape(row.act), escape(row.verdict.word), escape(row.basis), _runs(row.notes))
        for row in part.rows
    )
    return (
        f"## {heading}",
        escape(part.question),
        f"*Read as: {escape(part.read_as)}*" if part.read_as else "",
        f"*Answered {escape(part.time)}.*" if part.time else "",
        f"**{escape(part.verdict.word)}.** {escape(part.basis)}",
        _runs(part.answer.runs),
        *(f"{escape(each.words)} {link('Open', each.url)}" for each in part.positions),
        *map(escape, part.remarks),
        bullets("Facts", (f"{kind}: {escape(words)}" for kind, words in part.facts)),
        f"**Findings**\n\n{table(('Document', 'Act', 'Verdict', 'Basis', 'Notes'), rows)}" if part.rows else "",
        bullets("Reasons", (f"{_runs(each.line.runs)}{_told(each.source)}" for each in part.reasons)),
        bullets("Conditions", map(_condition, part.conditions)),
        f"Also quoted: {_runs(part.also)}" if part.also else "",
        escape(" ".join(each for each in (part.coverage, part.engine) if each)),
        *(escape(each.words) for each in part.signed),
    )


def _told(source: str) -> str:
    return "" if source == "text" else f" ({escape(source)})"


def _condition(condition: Condition) -> str:
    exact = f" Exact words: “{escape(condition.exact)}”." if condition.exact else ""
    details = f" ({escape(condition.details)})" if condition.details else ""
    return f"[ ] {_runs(condition.line.runs)}{exact}{details}"


def _runs(runs: Iterable[str | int]) -> str:
    # A seam's space would be folded away with the rest.
    return "".join(f"[^{run}]" if isinstance(run, int) else _seamed(run) for run in runs)


def _seamed(run: str) -> str:
    before, after = " " * run[:1].isspace(), " " * (run[-1:].isspace() and bool(run.strip()))
    return f"{before}{escape(run)}{after}"


def _numbered(title: str, lines: Iterable[str]) -> str:
    listed = "\n".join(f"{number}. {escape(line)}" for number, line in enumerate(lines, start=1))
    return f"## {title}\n\n{listed}"


def _note(note: Note) -> str:
    lead = f"“{escape(note.lead_in)}” … " if note.lead_in else ""
    return f"[^{note.n}]: {lead}“{escape(note.quote)}” {link(note.source, note.url)}"
