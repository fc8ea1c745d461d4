"""The matrix of rights: a license with what is read with it, the strictest of several, as table and as a file."""

import csv
import io
import json
from collections.abc import Mapping
from pathlib import Path

import pytest
from small_store import build, printed

from corpus import catalog
from corpus.errors import UnknownDocument
from corpus.types import Document, Modality, Origin, Span, Term
from ui import matrix

CATALOG = catalog.parse("""
[[license]]
id = "acme-1.0"
title = "=SUM(A1) Acme"
class = "open-weight"
bundle = ["acme-policy"]

[[license]]
id = "acme-policy"
title = "Acme Use Policy"
class = "other"
kind = "policy"
belongs_to = "acme-1.0"
""")


class Texts:
    """A license that allows, and a policy read with it that leaves a territory out."""

    def __init__(self) -> None:
        texts = {"acme-1.0": "You may sell it. You may not sell it to Mars.", "acme-policy": "Not in Atlantis."}
        origin = Origin("test", "0" * 64)
        self.documents: Mapping[str, Document] = {
            id: Document(id, id, "license", text, None, None, origin) for id, text in texts.items()
        }

    def terms(self, id: str) -> tuple[Term, ...]:
        if id == "acme-policy":
            return (said("acme-policy#p1", (0, 16), "territory", "prohibited"),)
        return (
            said("acme-1.0#1", (0, 16), "sell", "permitted"),
            said("acme-1.0#2", (17, 45), "sell", "prohibited"),
            said("acme-1.0#1", (0, 0), "naming", "not-addressed"),
        )


def said(clause: str, at: tuple[int, int], act: str, modality: Modality) -> Term:
    return Term(clause, Span(*at), "material", act, modality)


def test_a_cell_is_the_strictest_of_the_license_and_what_is_read_with_it() -> None:
    (row,) = matrix.matrix(CATALOG, Texts(), ["acme-1.0"])["licenses"]
    assert row["acts"]["sell"] == {
        "modality": "prohibited",
        "document": "acme-1.0",
        "clause": "2",
        "start": 17,
        "end": 45,
        "origin": "rule",
    }
    assert (row["acts"]["territory"]["document"], row["acts"]["territory"]["clause"]) == ("acme-policy", "p1")
    assert (row["acts"]["naming"]["modality"], row["acts"]["naming"]["clause"]) == ("not-addressed", "")
    assert row["acts"]["modify"] is None


def test_a_text_that_is_not_on_file_is_refused() -> None:
    with pytest.raises(UnknownDocument, match=r"near are acme-1\.0"):
        matrix.matrix(CATALOG, Texts(), ["acme-1.1"])


def test_a_file_holds_every_cell_and_no_formula() -> None:
    found = matrix.matrix(CATALOG, Texts(), ["acme-1.0"])
    head, row = csv.reader(io.StringIO(matrix.as_csv(found)))
    cells = dict(zip(head, row, strict=True))
    assert cells["id"] == "acme-1.0"
    assert cells["title"] == "'=SUM(A1) Acme"
    assert cells["sell"] == "prohibited 2"
    assert cells["territory"] == "prohibited acme-policy p1"
    assert cells["naming"] == "not-addressed"
    assert cells["modify"] == ""


def test_the_matrix_on_the_command_line(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    arguments = ("--home", str(build(tmp_path / "home")), "licenses", "matrix")
    rows = json.loads(printed(capsys, *arguments, "mit", "bsd-new", "--json"))
    assert [row["id"] for row in rows["licenses"]] == ["mit", "bsd-new"]
    assert rows["licenses"][0]["acts"]["sell"]["modality"] == "permitted"
    assert printed(capsys, *arguments).count("\n| ") == 3
