"""Which way a line points."""

import dataclasses

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
6. People. Nobody may sell prints. Under no circumstances may staff lend the Model. Keys go to nobody who may lose them.
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
        ("Nobody may", "forbids"),
        ("Under no circumstances", "forbids"),
        ("Keys go", "allows"),
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


@pytest.mark.parametrize(
    ("text", "way"),
    [
        ("Rental counts as sale. Lending to a friend shall not be regarded as rental.", "forbids"),
        ("There are no exceptions, and the board may grant none.", "forbids"),
        ("No period for repair is available for a breach of rule 3.", "forbids"),
        ("Schools are exempt from rule 3.", "frees"),
        ("A change binds only those who download it later.", "frees"),
        ("Drawings may be kept on the server of the lab only.", "conditions"),
        ("The clerk must check that copies can be passed on.", "asks"),
        ("You may use it for any purpose that the list does not prohibit.", "allows"),
        ("You may lend it, but must keep a list.", "conditions"),
    ],
)
def test_more_lines_point_somewhere(text, way):
    sheet = case(f"Grebe Terms\n\n1. {text}\n", "What does it say?").sheets[0]
    assert polarity.way(Evidence(sheet, sheet.lines[-1], "")) == way


TABLE = """Grebe Rules

1. Lists

| Colour | Parts | Inside the house | In goods for customers |
|---|---|---|---|
| Blue | bolts, nuts | free | free, with a label |
| Black | springs | workshop lead | not allowed |
| White | glue | forbidden | head of sales in writing |
"""


@pytest.mark.parametrize(
    ("part", "asked", "way"),
    [
        ("Blue", "May we use bolts inside our house?", "allows"),
        ("Blue", "May bolts go into goods for customers?", "conditions"),
        ("Black", "May springs go into goods for customers?", "forbids"),
        ("Black", "May we use springs inside our house?", "consent"),
        ("White", "May glue go into goods for customers?", "consent"),
    ],
)
def test_a_row_points_where_the_cell_asked_for_points(part, asked, way):
    sheet = case(TABLE, asked, "policy").sheets[0]
    (found,) = [e for line in sheet.lines if f"| {part}" in (e := Evidence(sheet, line, "")).text]
    assert polarity.way(found, asked) == way


def test_a_heading_may_lead_into_a_ban():
    sheet = case("Grebe Terms\n\n1. Lend the key to a neighbour.\n", "May I lend it?").sheets[0]
    line = sheet.lines[-1]
    for heading, way in (("A member shall not", "forbids"), ("A member", "tells"), ("What shall not harm us", "tells")):
        below = dataclasses.replace(line, unit=dataclasses.replace(line.unit, context=f"Grebe Terms / {heading}"))
        assert polarity.way(Evidence(sheet, below, "")) == way
