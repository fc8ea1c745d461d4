"""Makes the PDF of the sample policy from its Markdown; the same source gives the same bytes."""

import sys
from pathlib import Path
from xml.sax.saxutils import escape

from reportlab.lib.pagesizes import A4
from reportlab.lib.styles import ParagraphStyle
from reportlab.pdfgen.canvas import Canvas
from reportlab.platypus import BaseDocTemplate, Paragraph, SimpleDocTemplate

SOURCE = Path(__file__).parent.parent / "corpus" / "data" / "policies" / "acme-robotics-ai-policy.md"

BODY = ParagraphStyle("body", fontName="Helvetica", fontSize=10, leading=13.5, spaceAfter=7)
ITEM = ParagraphStyle("item", parent=BODY, leftIndent=18)
HEADING = ParagraphStyle("heading", parent=BODY, fontName="Helvetica-Bold", fontSize=12, leading=15, spaceBefore=8)
TITLE = ParagraphStyle("title", parent=HEADING, fontSize=17, leading=21, spaceAfter=10)


def make(source: Path, target: Path) -> None:
    """Write the PDF of a Markdown file that consists of headings and paragraphs."""
    blocks = [block.strip() for block in source.read_text(encoding="utf-8").split("\n\n")]
    title = next(block.removeprefix("# ") for block in blocks if block.startswith("# "))
    # Without compression the bytes do not depend on the version of zlib.
    document = SimpleDocTemplate(
        str(target), pagesize=A4, title=title, author="Acme Robotics", invariant=1, pageCompression=0, topMargin=64
    )
    document.build([_paragraph(block) for block in blocks], onFirstPage=_footer, onLaterPages=_footer)


def _paragraph(block: str) -> Paragraph:
    if block.startswith("# "):
        return Paragraph(escape(block.removeprefix("# ")), TITLE)
    if block.startswith("## "):
        return Paragraph(escape(block.removeprefix("## ")), HEADING)
    return Paragraph(escape(block), ITEM if block.startswith("(") else BODY)


def _footer(canvas: Canvas, document: BaseDocTemplate) -> None:
    canvas.setFont("Helvetica", 8)
    canvas.drawString(72, 40, f"Acme Robotics · AI-POL-007 · Internal · Page {document.page}")


if __name__ == "__main__":
    make(SOURCE, SOURCE.with_suffix(".pdf"))
    sys.exit(0)
