"""Two texts side by side: clauses, words, facts; the command line and REST."""

import json
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st
from small_store import build, printed
from texts import document

from corpus.cutting import all_terms
from corpus.errors import UnknownDocument
from corpus.segment import segment
from corpus.types import Clause, Document, Term
from rag import compare
from ui import cli, comparison

OLD = """Auk License

1. Grant. You may use, copy and distribute the Model.

2. Outputs. You will not use the Model or any output of the Model to improve any other large language model.

3. Copies. You must give recipients a copy of this License.

4. Law. This License is governed by the laws of Iceland.
"""
NEW = """Auk License

1. Grant. You may use, copy, modify and distribute the Model.

2. Copies. You must give recipients a copy of this License.

3. Users. If your product has more than 5 million monthly active users, you must request a license from us.

4. Law. This License is governed by the laws of Norway.
"""


@dataclass
class Shelf:
    """Texts in memory."""

    documents: Mapping[str, Document] = field(default_factory=dict)

    def clauses(self, id: str) -> tuple[Clause, ...]:
        """Return the clauses of a document."""
        return segment(self.documents[id])

    def terms(self, id: str) -> tuple[Term, ...]:
        """Return the terms of a document."""
        return all_terms(self.documents[id], self.clauses(id))


def shelf(**texts: str) -> Shelf:
    return Shelf({id: document(text, id=id) for id, text in texts.items()})


def test_clauses_are_aligned_and_facts_compared() -> None:
    found = compare.compare(shelf(old=OLD, new=NEW), "old", "new")
    kinds = {(c.before.path if c.before else "", c.after.path if c.after else ""): c.kind for c in found.changes}
    assert kinds["1", "1"] == "changed"
    assert kinds["2", ""] == "dropped"
    assert kinds["", "3"] == "added"
    assert kinds["4", "4"] == "changed"
    assert {fact.act for fact in found.lost} == {"train-on-outputs"}
    gained = {fact.act: fact for fact in found.gained}
    assert {"modify", "threshold"} <= set(gained)
    assert gained["threshold"].amount == 5_000_000


def test_a_text_compared_with_itself_or_with_other_quotation_marks_is_the_same() -> None:
    quoted = OLD.replace("Model.", '"Model".')
    texts = shelf(a=quoted, b=quoted.replace('"M', "“M").replace('l"', "l”"), c=quoted)
    for other in "bc":
        found = compare.compare(texts, "a", other)
        assert {change.kind for change in found.changes} == {"same"}
        assert (found.lost, found.gained) == ((), ())


def test_a_clause_in_another_place_was_moved() -> None:
    parts = OLD.split("\n\n")
    texts = shelf(
        a="\n\n".join(f"{p}" for p in parts), b="\n\n".join([parts[0], parts[3], parts[1], parts[2], parts[4]])
    )
    kinds = [change.kind for change in compare.compare(texts, "a", "b").changes]
    assert kinds.count("moved") == 1
    assert set(kinds) == {"same", "moved"}


@given(st.text(alphabet="ab c.,", max_size=60), st.text(alphabet="ab c.,", max_size=60))
def test_the_pieces_of_a_change_give_both_texts_back(before: str, after: str) -> None:
    pieces = compare.words(before, after)
    assert "".join(p.text for p in pieces if p.op != "insert") == before
    assert "".join(p.text for p in pieces if p.op != "delete") == after


@pytest.fixture(scope="module")
def home(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return build(tmp_path_factory.mktemp("home"))


def test_comparison_on_the_command_line(home: Path, capsys: pytest.CaptureFixture[str]) -> None:
    arguments = ("--home", str(home), "licenses")
    found = json.loads(printed(capsys, *arguments, "compare", "mit", "bsd-new", "--json"))
    assert (found["a"]["id"], found["b"]["id"]) == ("mit", "bsd-new")
    assert sum(found["counts"].values()) == len(found["changes"])
    shown = printed(capsys, *arguments, "compare", "mit", "bsd-new")
    assert shown.startswith("# MIT License and ")
    assert "Clauses that differ" in shown


def test_an_unknown_text_is_named_with_near_ones(home: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert cli.main(["--home", str(home), "licenses", "compare", "mit", "bsd-nev"]) == 2
    assert "bsd-new" in capsys.readouterr().err
    with pytest.raises(UnknownDocument):
        comparison.compared(shelf(a=OLD), "a", "b")


def test_marks_stand_around_words_not_blanks() -> None:
    texts = shelf(
        a="Auk License\n\n1. You may use it for research.\n", b="Auk License\n\n1. You may use it for any purpose.\n"
    )
    shown = comparison.markdown(comparison.compared(texts, "a", "b"))
    assert "~~research~~" in shown
    assert "** any" not in shown
