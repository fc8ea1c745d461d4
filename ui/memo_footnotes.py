"""Real footnotes for python-docx, which has none: the part that holds them, and what refers to them in the body.

Word counts footnotes itself, in the order of the body. A footnote that is referred to again is no second footnote but a
field that shows the first one's number and leads there.
"""

from typing import Any

from docx.document import Document
from docx.enum.style import WD_STYLE_TYPE
from docx.opc.constants import CONTENT_TYPE, RELATIONSHIP_TYPE
from docx.opc.packuri import PackURI
from docx.opc.part import XmlPart
from docx.oxml import OxmlElement, parse_xml
from docx.oxml.ns import nsdecls, qn
from docx.shared import Pt, RGBColor
from docx.text.paragraph import Paragraph

# Word knows these two by name; python-docx makes the ids by leaving out the space.
REFERENCE, TEXT = "footnote reference", "footnote text"
LINK = RGBColor(0x1F, 0x5F, 0x6B)
_FIRST = 1  # 0 and -1 are the lines that separate footnotes from the text
_EMPTY = (
    f"<w:footnotes {nsdecls('w', 'r')}>"
    '<w:footnote w:type="separator" w:id="-1"><w:p><w:r><w:separator/></w:r></w:p></w:footnote>'
    '<w:footnote w:type="continuationSeparator" w:id="0"><w:p><w:r><w:continuationSeparator/></w:r></w:p></w:footnote>'
    "</w:footnotes>"
)


class Footnotes:
    """The footnotes of a document. `refer` sets a reference; `note` gives a footnote its paragraph, to be filled."""

    def __init__(self, document: Document) -> None:
        _add_styles(document)
        self.part = XmlPart(
            PackURI("/word/footnotes.xml"), CONTENT_TYPE.WML_FOOTNOTES, parse_xml(_EMPTY), document.part.package
        )
        document.part.relate_to(self.part, RELATIONSHIP_TYPE.FOOTNOTES)
        self._known: set[int] = set()

    def refer(self, paragraph: Paragraph, n: int) -> bool:
        """Set a reference to footnote `n` at the paragraph's end; return True if it is the first one."""
        first = n not in self._known
        self._known.add(n)
        if first:
            _reference(paragraph, n)
        else:
            _again(paragraph, n)
        return first

    def note(self, n: int) -> Paragraph:
        """Return the paragraph of a new footnote, which begins with its number."""
        element = OxmlElement("w:footnote", {qn("w:id"): str(n - 1 + _FIRST)})
        paragraph = OxmlElement("w:p")
        element.append(paragraph)
        self.part.element.append(element)
        made = Paragraph(paragraph, self)  # type: ignore[arg-type]
        style = OxmlElement("w:pStyle", {qn("w:val"): _id(TEXT)})
        paragraph.get_or_add_pPr().append(style)
        run = _superscript(made)
        run.append(OxmlElement("w:footnoteRef"))
        made.add_run(" ")
        return made


def link(paragraph: Paragraph, part: Any, words: str, url: str) -> None:
    """Add a link to an outside address; `part` is the one that the paragraph stands in."""
    id = part.relate_to(url, RELATIONSHIP_TYPE.HYPERLINK, is_external=True)
    element = OxmlElement("w:hyperlink", {qn("r:id"): id})
    run = paragraph.add_run(words)
    run.font.color.rgb = LINK
    run.underline = True
    element.append(run._r)
    paragraph._p.append(element)


def _add_styles(document: Document) -> None:
    styles = document.styles
    reference: Any = styles.add_style(REFERENCE, WD_STYLE_TYPE.CHARACTER, builtin=True)
    reference.font.superscript = True
    text: Any = styles.add_style(TEXT, WD_STYLE_TYPE.PARAGRAPH, builtin=True)
    text.base_style = styles["Normal"]
    text.font.size = Pt(8.5)
    text.paragraph_format.space_after = Pt(3)


def _reference(paragraph: Paragraph, n: int) -> None:
    """Add the footnote's mark within a bookmark, so that later fields find it."""
    name = {qn("w:id"): str(n), qn("w:name"): _bookmark(n)}
    paragraph._p.append(OxmlElement("w:bookmarkStart", name))
    _superscript(paragraph).append(OxmlElement("w:footnoteReference", {qn("w:id"): str(n - 1 + _FIRST)}))
    paragraph._p.append(OxmlElement("w:bookmarkEnd", {qn("w:id"): str(n)}))


def _again(paragraph: Paragraph, n: int) -> None:
    field = OxmlElement("w:fldSimple", {qn("w:instr"): rf" NOTEREF {_bookmark(n)} \f \h "})
    run = paragraph.add_run(str(n), style=REFERENCE)
    field.append(run._r)
    paragraph._p.append(field)


def _id(style: str) -> str:
    return style.replace(" ", "")


def _bookmark(n: int) -> str:
    return f"note_{n}"


def _superscript(paragraph: Paragraph) -> Any:
    run = OxmlElement("w:r")
    properties = OxmlElement("w:rPr")
    properties.append(OxmlElement("w:rStyle", {qn("w:val"): _id(REFERENCE)}))
    run.append(properties)
    paragraph._p.append(run)
    return run
