"""A memo as a Word document: headings, a checklist, tables, and the quotations as real footnotes with links."""

import io
from collections.abc import Iterable, Sequence
from datetime import UTC, datetime
from typing import Any

import docx
from docx.document import Document
from docx.enum.table import WD_TABLE_ALIGNMENT
from docx.oxml import OxmlElement, parse_xml
from docx.oxml.ns import nsdecls, qn
from docx.shared import Mm, Pt, RGBColor
from docx.table import Table, _Cell, _Row
from docx.text.paragraph import Paragraph

from ui.memo import BOX, DISCLAIMER, SIGN, TITLE, Condition, Memo, Note, Part
from ui.memo_footnotes import LINK, Footnotes, link

INK, SOFT = RGBColor(0x1F, 0x23, 0x28), RGBColor(0x5B, 0x63, 0x6D)
_WARNED, _SHADE = "FFF4D6", "F4F2EE"
_MONO = "Consolas"
_TICK = (
    f'<w:sdt {nsdecls("w")} xmlns:w14="http://schemas.microsoft.com/office/word/2010/wordml"><w:sdtPr><w14:checkbox>'
    '<w14:checked w14:val="0"/><w14:checkedState w14:val="2612" w14:font="MS Gothic"/>'
    '<w14:uncheckedState w14:val="2610" w14:font="MS Gothic"/></w14:checkbox></w:sdtPr>'
    f"<w:sdtContent><w:r><w:t>{BOX}</w:t></w:r></w:sdtContent></w:sdt>"
)
_Cells = Sequence[tuple[str | int, ...]]


def write(memo: Memo) -> bytes:
    """Return the memo as a .docx file."""
    return _Writer(memo).bytes()


class _Writer:
    def __init__(self, memo: Memo) -> None:
        self.memo = memo
        self.document = docx.Document()
        _set_up(self.document)
        self.footnotes = Footnotes(self.document)
        self._write()

    def bytes(self) -> bytes:
        file = io.BytesIO()
        self.document.save(file)
        return file.getvalue()

    def _write(self) -> None:
        memo = self.memo
        self.document.add_heading(TITLE, 0)
        self._soft(f"Made on {memo.made} by Clausewise.")
        for warning in memo.warnings:
            _shade(self._line((f"Attention: {warning}",)), _WARNED)
        for heading, part in memo.headed():
            self._part(heading, part)
        self._list("Assumptions", memo.assumptions)
        self._list("Questions for counsel", memo.questions)
        self._texts()
        self._sign_off()
        self.document.add_heading("How this memo was made", 2)
        for line in memo.origin:
            self._soft(line)
        self._soft(DISCLAIMER)

    def _part(self, heading: str, part: Part) -> None:
        self.document.add_heading(heading, 1)
        asked = self.document.add_paragraph()
        asked.add_run(part.question).font.size = Pt(12)
        if part.read_as:
            self._soft(f"Read as: {part.read_as}")
        if part.time:
            self._soft(f"Answered {part.time}.")
        self.document.add_heading("Answer", 2)
        verdict = self.document.add_paragraph()
        verdict.add_run(f"{part.verdict.word}.").bold = True
        verdict.add_run(f" {part.basis}")
        _shade(verdict, _SHADE)
        self._line(part.answer.runs)
        for position in part.positions:
            link(self._line((f"{position.words} ",)), self.document.part, "Open", position.url)
        for remark in part.remarks:
            self._line((remark,))
        if part.facts:
            self.document.add_heading("Facts", 2)
            self._table(("Kind", "Fact"), (((kind,), (words,)) for kind, words in part.facts), (22, 138))
        if part.rows:
            self.document.add_heading("Findings", 2)
            rows: Iterable[_Cells] = (
                ((row.document,), (row.act,), (row.verdict.word,), (row.basis,), row.notes) for row in part.rows
            )
            self._table(("Document", "Act", "Verdict", "Basis", "Notes"), rows, (44, 30, 24, 46, 16))
        if part.reasons:
            self.document.add_heading("Reasons", 2)
        for reason in part.reasons:
            line = self._line(reason.line.runs, "List Bullet")
            if reason.source != "text":
                line.add_run(f" ({reason.source})").font.color.rgb = SOFT
        if part.conditions:
            self.document.add_heading("Conditions", 2)
        for condition in part.conditions:
            self._condition(condition)
        if part.also:
            self._line(("Also quoted: ", *part.also))
        self._soft(" ".join(each for each in (part.coverage, part.engine) if each))
        for each in part.signed:
            self._line((each.words,))

    def _condition(self, condition: Condition) -> None:
        line = self.document.add_paragraph()
        _tick(line)
        self._runs(line, ("\t", *condition.line.runs))
        if condition.exact:
            line.add_run(" Exact words: “")
            line.add_run(condition.exact).font.name = _MONO
            line.add_run("”.")
        if condition.details:
            line.add_run(f" ({condition.details})").font.color.rgb = SOFT
        _hang(line)

    def _texts(self) -> None:
        self.document.add_heading("Texts", 2)
        table = self._table(("Text", "Version", "Source", "SHA-256"), (), (50, 22, 32, 56))
        for text in self.memo.texts:
            cells = _row(table)
            link(cells[0].paragraphs[0], self.document.part, text.title, text.url)
            cells[1].paragraphs[0].add_run(text.version or "none given")
            cells[2].paragraphs[0].add_run(text.source or "not on file")
            run = cells[3].paragraphs[0].add_run(text.sha256)
            run.font.name, run.font.size = _MONO, Pt(7.5)

    def _sign_off(self) -> None:
        self.document.add_heading("Reviewer’s sign-off", 2)
        table = self._table(("", ""), (), (40, 120), headed=False)
        for label, words in SIGN:
            cells = _row(table)
            cells[0].paragraphs[0].add_run(label)
            filled = cells[1].paragraphs[0]
            filled.paragraph_format.space_after = Pt(10)
            before, *choices = words.split(BOX)
            filled.add_run(before)
            for choice in choices:
                _tick(filled)
                filled.add_run(choice)

    def _list(self, title: str, lines: Iterable[str]) -> None:
        # Numbers of ours: Word's own would go on counting from one list to the next.
        self.document.add_heading(title, 2)
        for number, line in enumerate(lines, start=1):
            _hang(self._line((f"{number}.\t{line}",)))

    def _table(
        self,
        head: Sequence[str],
        rows: Iterable[_Cells],
        widths: Sequence[int],
        headed: bool = True,
    ) -> Table:
        table: Table = self.document.add_table(rows=0, cols=len(head), style="Table Grid")
        table.alignment, table.autofit = WD_TABLE_ALIGNMENT.LEFT, False
        for column, width in zip(table.columns, widths, strict=True):
            column.width = Mm(width)
        if headed:
            cells = _row(table)
            _repeat(table.rows[0])
            for cell, words in zip(cells, head, strict=True):
                cell.paragraphs[0].add_run(words).bold = True
        for row in rows:
            cells = _row(table)
            for cell, runs in zip(cells, row, strict=True):
                self._runs(cell.paragraphs[0], runs)
        return table

    def _line(self, runs: Iterable[str | int], style: str | None = None) -> Paragraph:
        paragraph = self.document.add_paragraph(style=style)
        self._runs(paragraph, runs)
        return paragraph

    def _soft(self, words: str) -> None:
        run = self.document.add_paragraph().add_run(words)
        run.font.color.rgb, run.font.size = SOFT, Pt(9)

    def _runs(self, paragraph: Paragraph, runs: Iterable[str | int]) -> None:
        before: str | int = ""
        for run in runs:
            if isinstance(run, int) and isinstance(before, int):
                paragraph.add_run(", ").font.superscript = True  # 1 and 2 are not 12
            before = run
            if isinstance(run, str):
                paragraph.add_run(run)
            elif self.footnotes.refer(paragraph, run):
                self._footnote(self.memo.note(run))

    def _footnote(self, note: Note) -> None:
        paragraph = self.footnotes.note(note.n)
        if note.lead_in:
            paragraph.add_run(f"“{note.lead_in}” … ")
        paragraph.add_run(f"“{note.quote}” ")
        link(paragraph, self.footnotes.part, note.source, note.url)


def _tick(paragraph: Paragraph) -> None:
    """Add a box that Word ticks at a click."""
    paragraph._p.append(parse_xml(_TICK))


def _hang(paragraph: Paragraph) -> None:
    form = paragraph.paragraph_format
    form.left_indent, form.first_line_indent = Mm(7), Mm(-7)
    form.tab_stops.add_tab_stop(Mm(7))


def _set_up(document: Document) -> None:
    section = document.sections[0]
    section.page_width, section.page_height = Mm(210), Mm(297)
    section.left_margin = section.right_margin = Mm(25)
    section.top_margin = section.bottom_margin = Mm(22)
    properties = document.core_properties
    properties.author, properties.title, properties.comments = "Clausewise", TITLE, ""
    properties.created = properties.modified = datetime.now(UTC).replace(tzinfo=None)
    styles = document.styles
    for name in ("Title", "Heading 1", "Heading 2"):
        styles[name].font.color.rgb = INK
        _face(styles[name], "Arial")
    _face(styles["Normal"], "Times New Roman")
    rule = styles["Title"].element.find(f".//{qn('w:pBdr')}/{qn('w:bottom')}")
    rule.set(qn("w:color"), str(LINK))
    styles["Normal"].font.size = Pt(10.5)
    styles["Normal"].paragraph_format.space_after = Pt(4)
    styles["Footer"].font.size, styles["Footer"].font.color.rgb = Pt(8), SOFT
    footer = section.footer.paragraphs[0]
    footer.add_run(f"{DISCLAIMER} Page ")
    footer._p.append(OxmlElement("w:fldSimple", {qn("w:instr"): " PAGE "}))


def _face(style: Any, name: str) -> None:
    """Set a style's font; what names the theme's font would win over it."""
    style.font.name = name
    fonts = style.element.rPr.rFonts
    for key in [key for key in fonts.attrib if key.endswith("Theme")]:
        del fonts.attrib[key]


def _shade(paragraph: Paragraph, colour: str) -> None:
    shade = OxmlElement("w:shd", {qn("w:val"): "clear", qn("w:color"): "auto", qn("w:fill"): colour})
    paragraph._p.get_or_add_pPr().append(shade)


def _repeat(row: _Row) -> None:
    """Let the head of a table stand on each page that the table reaches."""
    row._tr.get_or_add_trPr().append(OxmlElement("w:tblHeader"))


def _row(table: Table) -> tuple[_Cell, ...]:
    """Return the cells of a new row, which stands on one page."""
    row: _Row = table.add_row()  # type: ignore[no-untyped-call]
    row._tr.get_or_add_trPr().append(OxmlElement("w:cantSplit"))
    for cell in row.cells:
        cell.paragraphs[0].paragraph_format.space_after = Pt(1)
    return tuple(row.cells)
