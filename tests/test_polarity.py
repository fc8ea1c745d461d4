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
   (b) hide its origin.
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
    ],
)
def test_lines_point_somewhere(start, way):
    sheet = case(TEXT, "What does it say?").sheets[0]
    lines = [Evidence(sheet, line, "") for line in sheet.lines]
    (found,) = [e for e in lines if start in " ".join(e.text.split())]
    assert polarity.way(found) == way
