"""A memo as a PDF: set with reportlab, its quotations as numbered notes at the end, linked both ways and to the viewer."""

import io
from collections.abc import Callable, Iterable, Iterator, Sequence
from functools import partial
from typing import Any
from xml.sax.saxutils import quoteattr

from reportlab.lib.colors import HexColor
from reportlab.lib.enums import TA_LEFT
from reportlab.lib.pagesizes import A4
from reportlab.lib.styles import ParagraphStyle
from reportlab.lib.units import mm
from reportlab.platypus import KeepTogether, LongTable, Paragraph, SimpleDocTemplate, Spacer, TableStyle

from ui.memo import BOX, DISCLAIMER, SIGN, TITLE, Condition, Memo, Note, Part
from ui.memo_fonts import BOLD, TEXT, box, lacking, leftwards, markup, prepare

_INK, _SOFT, _LINE, _LINK = HexColor("#1f2328"), HexColor("#5b636d"), HexColor("#d5d0c6"), "#1f5f6b"
_SHADE, _WARNED = HexColor("#f4f2ee"), HexColor("#fff4d6")
_WIDTH = A4[0] - 50 * mm

_BODY = ParagraphStyle(
    "body",
    fontName=TEXT,
    fontSize=10.5,
    leading=14,
    textColor=_INK,
    spaceAfter=4,
    alignment=TA_LEFT,
    bulletFontName=TEXT,
)
_style = partial(ParagraphStyle, parent=_BODY)
_NAMED = _style("title", fontName=BOLD, fontSize=20, leading=25, spaceAfter=8)
_FIRST = _style("first", fontName=BOLD, fontSize=13, leading=17, spaceBefore=14, spaceAfter=4, keepWithNext=1)
_SECOND = _style("second", fontName=BOLD, fontSize=11, leading=14, spaceBefore=10, spaceAfter=3, keepWithNext=1)
_ASKED = _style("asked", fontSize=12.5, leading=16.5)
_QUIET = _style("quiet", fontSize=9, leading=12, textColor=_SOFT)
_BADGE = _style("badge", backColor=_SHADE, borderPadding=(4, 6, 4, 6), spaceBefore=5, spaceAfter=9)
_ALERT = _style("alert", backColor=_WARNED, borderPadding=(4, 6, 4, 6), spaceBefore=5, spaceAfter=9)
_ITEM = _style("item", leftIndent=7 * mm, bulletIndent=0)
_CELL = _style("cell", fontSize=9.5, leading=12, spaceAfter=0)
_HASH = _style("hash", fontSize=7.5, leading=9.5, spaceAfter=0)
_NOTE = _style("note", fontSize=9, leading=11.8, leftIndent=7 * mm, bulletIndent=0)
_GRID = TableStyle(
    [
        ("GRID", (0, 0), (-1, -1), 0.5, _LINE),
        ("FONTNAME", (0, 0), (-1, -1), TEXT),  # named though all cells are paragraphs: the default is not in the file
        ("VALIGN", (0, 0), (-1, -1), "TOP"),
        ("TOPPADDING", (0, 0), (-1, -1), 3),
        ("BOTTOMPADDING", (0, 0), (-1, -1), 4),
    ]
)


def write(memo: Memo) -> bytes:
    """Return the memo as a PDF file."""
    prepare()
    file = io.BytesIO()
    document = SimpleDocTemplate(
        file,
        pagesize=A4,
        leftMargin=25 * mm,
        rightMargin=25 * mm,
        topMargin=22 * mm,
        bottomMargin=24 * mm,
        title=TITLE,
        author="Clausewise",
        creator="Clausewise",
        subject=DISCLAIMER,
        lang="en",
        initialFontName=TEXT,
    )
    document.build(list(_story(memo)), onFirstPage=_foot, onLaterPages=_foot)
    return file.getvalue()


def _foot(canvas: Any, document: Any) -> None:
    canvas.saveState()
    canvas.setFont(TEXT, 8)
    canvas.setFillColor(_SOFT)
    canvas.drawString(25 * mm, 13 * mm, DISCLAIMER)
    canvas.drawRightString(A4[0] - 25 * mm, 13 * mm, f"Page {document.page}")
    canvas.restoreState()


def _story(memo: Memo) -> Iterator[Any]:
    yield Paragraph(TITLE, _NAMED)
    yield Paragraph(f"Made on {memo.made} by Clausewise. {markup(DISCLAIMER)}", _QUIET)
    for warning in (*memo.warnings, *_letters(memo)):
        yield Paragraph(f"{_bold('Attention:')} {markup(warning)}", _ALERT)
    first: set[int] = set()
    for heading, part in memo.headed():
        yield from _part(heading, part, first)
    yield from _numbered("Assumptions", memo.assumptions)
    yield from _numbered("Questions for counsel", memo.questions)
    if memo.notes:
        yield Paragraph("Notes", _SECOND)
    yield from (_note(note) for note in memo.notes)
    yield Paragraph("Texts", _SECOND)
    rows = (
        (
            _cell(_link(text.url, text.title)),
            *(_cell(markup(each)) for each in (text.version or "none given", text.source or "not on file")),
            Paragraph(markup(text.sha256), _HASH),
        )
        for text in memo.texts
    )
    yield _table(("Text", "Version", "Source", "SHA-256"), rows, (0.32, 0.15, 0.18, 0.35))
    yield KeepTogether([Paragraph("Reviewer’s sign-off", _SECOND), _sign_off(), Spacer(1, 6)])
    yield Paragraph("How this memo was made", _SECOND)
    yield from (Paragraph(markup(line), _QUIET) for line in memo.origin)


def _letters(memo: Memo) -> Iterator[str]:
    """Yield what this form of the memo cannot show as the others do."""
    words = _all_words(memo)
    missing = lacking(words)
    if missing:
        yield (
            f"no font of this machine has {len(missing)} of the signs in this memo; they are written as their numbers, as "
            f"[U+{ord(missing[0]):04X}]. The Word and Markdown forms hold them as they are."
        )
    if leftwards(words):
        yield "words that are read from right to left are set from left to right here; the Word and Markdown forms show them in order."


def _all_words(value: Any) -> str:
    """Return all that a memo says, as one text."""
    if isinstance(value, str):
        return value
    if isinstance(value, tuple):
        return " ".join(map(_all_words, value))
    names = getattr(value, "__slots__", ())
    return " ".join(_all_words(getattr(value, name)) for name in names)


def _part(heading: str, part: Part, first: set[int]) -> Iterator[Any]:
    runs = partial(_runs, first=first)
    yield Paragraph(heading, _FIRST)
    yield Paragraph(markup(part.question), _ASKED)
    if part.read_as:
        yield Paragraph(markup(f"Read as: {part.read_as}"), _QUIET)
    if part.time:
        yield Paragraph(markup(f"Answered {part.time}."), _QUIET)
    yield Paragraph("Answer", _SECOND)
    yield Paragraph(f"{_bold(part.verdict.word)}. {markup(part.basis)}", _BADGE)
    yield Paragraph(runs(part.answer.runs), _BODY)
    yield from (Paragraph(f"{markup(each.words)} {_link(each.url, 'Open')}", _BODY) for each in part.positions)
    yield from (Paragraph(markup(each), _BODY) for each in part.remarks)
    if part.facts:
        yield Paragraph("Facts", _SECOND)
        yield _table(("Kind", "Fact"), ([_cell(markup(each)) for each in fact] for fact in part.facts), (0.14, 0.86))
    if part.rows:
        yield Paragraph("Findings", _SECOND)
        rows = (
            [
                *(_cell(markup(each)) for each in (row.document, row.act, row.verdict.word, row.basis)),
                _cell(runs(row.notes)),
            ]
            for row in part.rows
        )
        yield _table(("Document", "Act", "Verdict", "Basis", "Notes"), rows, (0.28, 0.18, 0.14, 0.3, 0.1))
    if part.reasons:
        yield Paragraph("Reasons", _SECOND)
    for reason in part.reasons:
        told = "" if reason.source == "text" else f" {_soft(f'({reason.source})')}"
        yield Paragraph(runs(reason.line.runs) + told, _ITEM, bulletText="•")
    if part.conditions:
        yield Paragraph("Conditions", _SECOND)
    yield from (_condition(each, runs) for each in part.conditions)
    if part.also:
        yield Paragraph(f"Also quoted: {runs(part.also)}", _BODY)
    yield Paragraph(markup(" ".join(each for each in (part.coverage, part.engine) if each)), _QUIET)
    for each in part.signed:
        yield Paragraph(markup(each.words), _BODY)


def _condition(condition: Condition, runs: "Callable[[Iterable[str | int]], str]") -> Paragraph:
    exact = f" Exact words: “{_bold(condition.exact)}”." if condition.exact else ""
    details = f" {_soft(f'({condition.details})')}" if condition.details else ""
    return Paragraph(
        f'<bullet><font size="13">{markup(box())}</font></bullet>{runs(condition.line.runs)}{exact}{details}', _ITEM
    )


def _bold(text: str) -> str:
    return f'<font name="{BOLD}">{markup(text)}</font>'


def _soft(text: str) -> str:
    return f'<font color="#5b636d">{markup(text)}</font>'


def _runs(runs: Iterable[str | int], first: set[int]) -> str:
    """Return a line's markup; the first reference to each note is where the note leads back to."""
    said: list[str] = []
    before: str | int = ""
    for run in runs:
        if isinstance(run, str):
            said.append(markup(run))
        else:
            comma = ", " if isinstance(before, int) else ""
            anchor = "" if run in first else f'<a name="at{run}"/>'
            first.add(run)
            said.append(f'<super size="7.5">{comma}{anchor}<a href="#note{run}" color="{_LINK}">{run}</a></super>')
        before = run
    return "".join(said)


def _note(note: Note) -> Paragraph:
    lead = f"“{markup(note.lead_in)}” … " if note.lead_in else ""
    # A link within a bullet leads nowhere in reportlab, so that the way back stands at the end.
    back = f'<a href="#at{note.n}" color="{_LINK}">back</a>'
    words = f'<a name="note{note.n}"/>{lead}“{markup(note.quote)}” {_link(note.url, note.source)} · {back}'
    return Paragraph(words, _NOTE, bulletText=str(note.n))


def _link(url: str, words: str) -> str:
    return f'<a href={quoteattr(url)} color="{_LINK}">{markup(words)}</a>'


def _numbered(title: str, lines: Iterable[str]) -> Iterator[Paragraph]:
    yield Paragraph(title, _SECOND)
    for number, line in enumerate(lines, start=1):
        yield Paragraph(markup(line), _ITEM, bulletText=f"{number}.")


def _cell(words: str) -> Paragraph:
    return Paragraph(words, _CELL)


def _table(head: Sequence[str], rows: Iterable[Sequence[Any]], shares: Sequence[float]) -> LongTable:
    heads = [Paragraph(_bold(each), _CELL) for each in head]
    table = LongTable(
        [heads, *map(list, rows)], colWidths=[_WIDTH * share for share in shares], repeatRows=1, splitInRow=1
    )
    table.setStyle(_GRID)
    return table


def _sign_off() -> LongTable:
    rows = [[_cell(markup(label)), _cell(markup(words.replace(BOX, box())))] for label, words in SIGN]
    table = LongTable(rows, colWidths=[_WIDTH * 0.22, _WIDTH * 0.78], rowHeights=[9 * mm] * len(rows))
    table.setStyle(_GRID)
    return table
