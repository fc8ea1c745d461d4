"""An answer as Markdown, for the terminal and the chat.

Documents are data: whatever a quotation holds, it stays text. Markdown signs in it are escaped, control characters and
signs that reorder text are replaced. The answer's own `text` is Markdown already and only loses control characters.
"""

import re
from collections.abc import Iterable, Mapping

from rag.types import Answer, Citation, Coverage, Duty, Facts, Finding, Value

FOOTER = "Information, not legal advice."

_CONTROL = re.compile("[\x00-\x08\x0b-\x1f\x7f-\x9f\u2028\u2029\u202a-\u202e\u2066-\u2069\ud800-\udfff\ufeff]")
_SIGNS = re.compile(r"([\\`*_\[\]<>|~$&{}])")
_BLOCK = re.compile(r"^(#{1,6}|[-+=]+|\d{1,9}[.)])(?=\s|$)")


def clean(text: str) -> str:
    """Return `text` without characters that steer a terminal or reorder what is read; tabs and line ends stay."""
    return _CONTROL.sub("\N{REPLACEMENT CHARACTER}", text.replace("\r\n", "\n").replace("\r", "\n"))


def escape(text: str) -> str:
    """Return `text` on one line such that a Markdown reader shows it letter by letter (white space folded)."""
    line = _SIGNS.sub(r"\\\1", " ".join(clean(text).split()))
    return _BLOCK.sub(lambda m: m[0][:-1] + "\\" + m[0][-1], line)


def markdown(answer: Answer, base_url: str = "", beside: Iterable[str] = ()) -> str:
    """Return the answer as Markdown: verdict, text with [n] markers, findings, conditions, facts, coverage and sources.

    `base_url` stands before the viewer's links, for readers outside the server's own pages; `beside` are sentences on
    positions that were signed off.
    """
    parts = (
        _headline(answer),
        clean(answer.text).strip(),
        _findings(answer.findings),
        _conditions(answer.conditions),
        _facts(answer.facts),
        _coverage(answer.coverage),
        bullets("Note", map(escape, answer.problems)),
        bullets("Positions", map(escape, beside)),
        _sources(answer.citations, base_url),
        f"*{_written_by(answer)}{FOOTER}*",
    )
    return "\n\n".join(part for part in parts if part) + "\n"


def _written_by(answer: Answer) -> str:
    return f"Written by {escape(answer.model)}, each quotation checked. " if answer.model else ""


def table(head: Iterable[str], rows: Iterable[Iterable[str]]) -> str:
    """Return a Markdown table; the cells must be escaped already."""
    names = tuple(head)
    lines = [names, ("---",) * len(names), *rows]
    return "\n".join("| " + " | ".join(cells) + " |" for cells in lines)


def markers(numbers: Iterable[int]) -> str:
    """Return citation numbers as markers, `[1] [3]`, with the space that separates them from what stands before."""
    return "".join(f" [{n}]" for n in numbers)


def bullets(title: str, lines: Iterable[str]) -> str:
    """Return a list under a bold title, nothing if there are no lines."""
    listed = "\n".join(f"- {line}" for line in lines)
    return f"**{title}**\n\n{listed}" if listed else ""


def value(of: Value) -> str:
    """Return a fact's value as a person writes it."""
    if isinstance(of, bool):
        return "yes" if of else "no"
    return f"{of:,}" if isinstance(of, int) else escape(str(of))


def _headline(answer: Answer) -> str:
    depends = f"; depends on {escape(', '.join(answer.depends_on))}" if answer.depends_on else ""
    return f"**Verdict: {answer.verdict}** ({_words(answer.basis)}{depends})"


def _words(name: str) -> str:
    return escape(name.replace("-", " ").replace("_", " "))


def _findings(findings: tuple[Finding, ...]) -> str:
    if len(findings) < 2:
        return ""
    rows = (
        (
            escape(f.license),
            _words(f.act),
            _words(f.asset),
            f.verdict,
            _words(f.basis),
            markers(f.citations).strip(),
        )
        for f in findings
    )
    return table(("Document", "Act", "Asset", "Verdict", "Basis", "Sources"), rows)


def _conditions(duties: tuple[Duty, ...]) -> str:
    return bullets("Conditions", (_duty(duty) for duty in duties))


def _duty(duty: Duty) -> str:
    named = (("who", duty.who), ("when", duty.trigger), ("how strong", _unusual(duty.strength)))
    notes = "; ".join(f"{label}: {_words(word)}" for label, word in named if word)
    exact = f" Exact words: “{escape(duty.exact)}”." if duty.exact and duty.exact not in duty.text else ""
    return f"[ ] {escape(duty.text)}{exact}" + (f" ({notes})" if notes else "") + markers(duty.citations)


def _unusual(strength: str) -> str | None:
    return None if strength == "condition" else strength


def _facts(facts: Facts) -> str:
    lines = [*_fact_line("Given", facts.given), *_fact_line("Assumed", facts.assumed)]
    lines += [f"Missing: {escape(fact.ask)} {escape(fact.changes)}".strip() for fact in facts.missing]
    return bullets("Facts", lines)


def _fact_line(label: str, facts: Mapping[str, Value]) -> list[str]:
    listed = "; ".join(f"{_words(key)}: {value(of)}" for key, of in facts.items())
    return [f"{label}: {listed}"] if listed else []


def _sources(citations: tuple[Citation, ...], base_url: str) -> str:
    return bullets("Sources", (_source(citation, base_url) for citation in citations))


def _source(citation: Citation, base_url: str) -> str:
    version = f" ({escape(citation.version)})" if citation.version else ""
    place = ", ".join(escape(part) for part in (citation.clause, citation.heading) if part)
    page = f", page {citation.page}" if citation.page else ""
    lead = f"“{escape(citation.lead_in.quote)}” … " if citation.lead_in else ""
    opens = link("open", base_url + citation.url)
    return f"[{citation.n}] {escape(citation.title)}{version}, {place}{page}: {lead}“{escape(citation.quote)}” {opens}"


def short(text: str, most: int) -> str:
    """Return a text in full, or its beginning up to a blank; folded to one line."""
    line = " ".join(text.split())
    return line if len(line) <= most else line[:most].rsplit(" ", 1)[0] + " …"


def link(words: str, url: str) -> str:
    """Return a link; nothing in its words or its address can end it."""
    return f"[{escape(words)}]({_address(url)})"


def _address(url: str) -> str:
    """Return `url` such that nothing in it can end the link it stands in."""
    return re.sub(r"[\s()<>\\\"`\[\]]", lambda m: "".join(f"%{byte:02X}" for byte in m[0].encode()), clean(url))


def _coverage(coverage: tuple[Coverage, ...]) -> str:
    listed = "; ".join(f"{escape(c.document)}, {c.clauses_considered} of {c.of} clauses" for c in coverage)
    return f"Read: {listed}." if listed else ""
