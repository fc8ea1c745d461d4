"""Word files as tests need them: written by python-docx, and taken apart or blown up where no program would write them so."""

import io
import zipfile
from collections.abc import Callable, Mapping

import docx
from docx.document import Document


def made(write: Callable[[Document], object]) -> bytes:
    """Return the Word file that `write` fills."""
    document = docx.Document()
    write(document)
    data = io.BytesIO()
    document.save(data)
    return data.getvalue()


def of(*paragraphs: str) -> bytes:
    """Return a Word file of plain paragraphs."""
    return made(lambda document: [document.add_paragraph(text) for text in paragraphs])


def changed(data: bytes, parts: Mapping[str, Callable[[bytes], bytes]]) -> bytes:
    """Return a Word file with the content of some parts changed; a part that is new is added."""
    result = io.BytesIO()
    with zipfile.ZipFile(io.BytesIO(data)) as old, zipfile.ZipFile(result, "w", zipfile.ZIP_DEFLATED) as new:
        for name in dict.fromkeys((*old.namelist(), *parts)):
            content = old.read(name) if name in old.namelist() else b""
            new.writestr(name, parts[name](content) if name in parts else content)
    return result.getvalue()


def body(xml: str) -> bytes:
    """Return a Word file whose body is the given XML, with the prefix `w` and one of Word's lists, number 7, of three levels."""
    levels = "".join(
        f'<w:lvl w:ilvl="{at}"><w:pStyle w:val="Clause{at}"/><w:start w:val="{start}"/><w:numFmt w:val="{kind}"/><w:lvlText w:val="{form}"/></w:lvl>'
        for at, (start, kind, form) in enumerate(
            [(1, "decimal", "%1."), (1, "decimal", "%1.%2"), (2, "lowerRoman", "(%3)")]
        )
    )
    lists = (
        f'<w:abstractNum w:abstractNumId="90">{levels}</w:abstractNum>'
        '<w:abstractNum w:abstractNumId="91"><w:numStyleLink w:val="Clauses"/></w:abstractNum>'
        '<w:num w:numId="72"><w:abstractNumId w:val="91"/></w:num>'
        '<w:num w:numId="70"><w:abstractNumId w:val="90"/></w:num>'
        '<w:num w:numId="71"><w:abstractNumId w:val="90"/><w:lvlOverride w:ilvl="0"><w:startOverride w:val="4"/>'
        "</w:lvlOverride></w:num>"
    )

    def numbered(content: bytes) -> bytes:
        # Word wants abstract lists before the others; this reader does not mind.
        return content.replace(b"</w:numbering>", lists.encode() + b"</w:numbering>")

    def filled(content: bytes) -> bytes:
        start, end = content.index(b"<w:body>") + len(b"<w:body>"), content.index(b"<w:sectPr")
        return content[:start] + xml.encode() + content[end:]

    def styled(content: bytes) -> bytes:
        item = '<w:pPr><w:numPr><w:numId w:val="70"/></w:numPr></w:pPr>'
        styles = "".join(f'<w:style w:type="paragraph" w:styleId="Clause{at}">{item}</w:style>' for at in range(3))
        below = '<w:style w:type="paragraph" w:styleId="Own"><w:basedOn w:val="Clause1"/></w:style>'
        lists = f'<w:style w:type="numbering" w:styleId="Clauses">{item}</w:style>'
        return content.replace(b"</w:styles>", (styles + below + lists).encode() + b"</w:styles>")

    parts = {"word/numbering.xml": numbered, "word/document.xml": filled, "word/styles.xml": styled}
    return changed(of("x"), parts)


def styled(words: str, style: str, off: bool = False) -> str:
    """Return the XML of a paragraph of a style of `body`: Clause0 to Clause2, or Own, which stands on Clause1; `off` without its number."""
    number = '<w:numPr><w:numId w:val="0"/></w:numPr>' if off else ""
    return f'<w:p><w:pPr><w:pStyle w:val="{style}"/>{number}</w:pPr><w:r><w:t>{words}</w:t></w:r></w:p>'


def paragraph(words: str, level: int | None = None, number: int = 70) -> str:
    """Return the XML of a paragraph, an item of the list of `body` if a level is given."""
    item = (
        f'<w:pPr><w:numPr><w:ilvl w:val="{level}"/><w:numId w:val="{number}"/></w:numPr></w:pPr>'
        if level is not None
        else ""
    )
    return f"<w:p>{item}<w:r><w:t>{words}</w:t></w:r></w:p>"
