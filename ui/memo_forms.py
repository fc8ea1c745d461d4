"""The forms in which a memo leaves: Word, PDF and Markdown, each written by its own module, loaded when it is wanted."""

from collections.abc import Callable, Mapping
from pathlib import Path

from corpus import atomic
from corpus.errors import InputError
from ui.memo import Memo

TYPES: Mapping[str, str] = {
    "docx": "application/vnd.openxmlformats-officedocument.wordprocessingml.document",
    "pdf": "application/pdf",
    "md": "text/markdown; charset=utf-8",
}


def written(memo: Memo, kind: str) -> bytes:
    """Return the memo as a file of that kind, a key of TYPES."""
    return _writer(kind)(memo)


def kind_of(path: Path) -> str:
    """Return the kind that a file's suffix names. Raise InputError if it names none, or the folder is not there."""
    kind = path.suffix.removeprefix(".").lower()
    if kind not in TYPES:
        raise InputError(f"--memo {path}: name a file that ends in .docx, .pdf or .md")
    if not path.parent.is_dir():
        raise InputError(f"--memo {path}: there is no folder {path.parent}; make it first")
    return kind


def save(memo: Memo, path: Path) -> None:
    """Write the memo to a file in one step, in the form that its suffix names.

    Raise InputError for another suffix, StoreError if the file cannot be written.
    """
    atomic.replace(path, written(memo, kind_of(path)))


def _writer(kind: str) -> Callable[[Memo], bytes]:
    # Loaded here: python-docx and reportlab take a third of a second each.
    if kind == "docx":
        from ui import memo_docx

        return memo_docx.write
    if kind == "pdf":
        from ui import memo_pdf

        return memo_pdf.write
    from ui import memo_markdown

    return memo_markdown.write
