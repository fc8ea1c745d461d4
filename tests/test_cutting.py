import io
import json
from dataclasses import asdict

import pytest

from corpus import cutting, scancode
from corpus.catalog import load
from corpus.cutting import all_terms
from corpus.errors import DataError
from corpus.records import decode, encode, parse_clause, parse_term
from corpus.segment import segment
from corpus.types import Document, Origin

IDS = ("mit", "llama-3.1-license-2024", "isc")


@pytest.fixture(scope="module")
def documents() -> list[Document]:
    catalog = load()
    strange = Document("strange", "Größe", "other", "1. a\r\n\u2028\U0001f600\n", None, None, Origin("x", "0"), (0, 3))
    return [*(catalog.describe(scancode.read(id)) for id in IDS), strange]


@pytest.fixture
def shared(monkeypatch: pytest.MonkeyPatch) -> None:
    """Let a few documents be much, so that they are shared out."""
    monkeypatch.setattr(cutting, "_MUCH", 0)


@pytest.fixture(scope="module")
def alone(documents: list[Document]) -> dict[str, cutting.Lines]:
    """Return what one process finds."""
    return {item.id: cutting.cut(item) for item in documents}


def test_lines_are_clauses_and_terms(documents: list[Document]) -> None:
    for item in documents:
        lines = cutting.cut(item)
        assert decode(lines.clauses, parse_clause, "x") == segment(item)
        assert decode(lines.terms, parse_term, "x") == all_terms(item, segment(item))


@pytest.mark.usefixtures("shared")
def test_processes_find_what_one_finds(documents: list[Document], alone: dict[str, cutting.Lines]) -> None:
    told: list[tuple[int, int]] = []
    assert cutting.cut_many(documents, lambda *done: told.append(done), cores=2) == alone
    assert told == [(done, len(documents)) for done in range(1, len(documents) + 1)]


@pytest.mark.usefixtures("shared")
@pytest.mark.parametrize("command", ["no-such-program", "false"])
def test_what_processes_leave_undone_is_done_here(
    documents: list[Document], alone: dict[str, cutting.Lines], monkeypatch: pytest.MonkeyPatch, command: str
) -> None:
    monkeypatch.setattr(cutting.sys, "executable", command)
    assert cutting.cut_many(documents, lambda done, total: None, cores=2) == alone


@pytest.mark.usefixtures("shared")
def test_what_is_wrong_comes_to_light_here(documents: list[Document], monkeypatch: pytest.MonkeyPatch) -> None:
    def damaged(_: Document) -> cutting.Lines:
        raise DataError("terms.toml does not parse")

    monkeypatch.setattr(cutting, "cut", damaged)
    monkeypatch.setattr(cutting.sys, "executable", "false")
    with pytest.raises(DataError, match=r"terms.toml does not parse"):
        cutting.cut_many(documents, lambda done, total: None, cores=2)


@pytest.mark.usefixtures("shared")
def test_processes_end_with_an_interrupt(documents: list[Document], monkeypatch: pytest.MonkeyPatch) -> None:
    started = []
    popen = cutting.subprocess.Popen

    def remembered(*arguments: object, **options: object) -> object:
        started.append(popen(*arguments, **options))  # type: ignore[call-overload]
        return started[-1]

    def interrupted(done: int, total: int) -> None:
        raise KeyboardInterrupt

    monkeypatch.setattr(cutting.subprocess, "Popen", remembered)
    with pytest.raises(KeyboardInterrupt):
        cutting.cut_many(documents, interrupted, cores=2)
    assert [process.poll() is not None for process in started] == [True, True]


def test_a_process_answers_line_by_line(documents: list[Document], alone: dict[str, cutting.Lines]) -> None:
    answers = io.BytesIO()
    cutting.serve(io.BytesIO(encode(map(asdict, documents))), answers)
    rows = [json.loads(line) for line in answers.getvalue().splitlines()]
    assert {id: cutting.Lines(clauses.encode(), terms.encode()) for id, clauses, terms in rows} == alone
