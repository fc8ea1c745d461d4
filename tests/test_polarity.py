"""Which way a line points."""

import pytest
from texts import case

from rag import polarity
from rag.case import Evidence

TEXT = """Grebe License

1. Rules. You may not resell the Model. Trained models need not be deleted. Restriction 1 does not apply to end users.
2. Storage. Data may not be stored abroad unless we have agreed in writing. You may use outputs. You may publish results if you name us.
3. Duties. You must keep the notices. A Model is a set of weights.
4. Bans. You must not:
   (a) use it for weapons;
   (b) hide its origin. Outputs that are not marked may be removed.
5. Halves. Dealers may lend the Model to schools, but no dealer may name another dealer. Names that are not listed may be used.
   Silence is not a consent. Blurring does not turn a secret file into a public one. Copies are not allowed except if we publish them first.
"""


@pytest.mark.parametrize(
    ("start", "way"),
    [
        ("You may not resell", "forbids"),
        ("Trained models need not", "frees"),
        ("Restriction 1 does not apply", "frees"),
        ("Data may not", "consent"),
        ("You may use outputs", "allows"),
        ("You may publish", "conditions"),
        ("You must keep", "asks"),
        ("A Model is", "tells"),
        ("(a) use it", "forbids"),
        ("(b) hide", "forbids"),
        ("Outputs that are not", "allows"),
        ("Names that are not", "allows"),
        ("Silence is", "forbids"),
        ("Blurring", "forbids"),
        ("Copies are not", "conditions"),
    ],
)
def test_lines_point_somewhere(start, way):
    sheet = case(TEXT, "What does it say?").sheets[0]
    lines = [Evidence(sheet, line, "") for line in sheet.lines]
    (found,) = [e for e in lines if start in " ".join(e.text.split())]
    assert polarity.way(found) == way


@pytest.mark.parametrize(
    ("asked", "way"),
    [
        ("May a dealer lend the Model to two schools?", "allows"),
        ("May our dealer name another dealer abroad?", "forbids"),
    ],
)
def test_of_two_halves_the_one_asked_for_counts(asked, way):
    sheet = case(TEXT, asked).sheets[0]
    (found,) = [e for line in sheet.lines if "Dealers may" in (e := Evidence(sheet, line, "")).text]
    assert polarity.way(found, asked) == way
