"""What a house policy files under a class."""

from texts import case

from rag import classes

RULES = """Wader House Rules

1. Lists

1.1 Blue

Screws by QRX and by Mills need a note.

1.2 Black

Screws by ZNT are kept out.

2. Use

Blue screws may be used in the yard. Black screws stay in the box. Blue screws are counted on Mondays. Gloves are worn.
The yard is swept.
Nails stay outside. Tea is at four. Rakes hang on hooks. Paint is kept cool.
The gate is locked at night. Guests sign the book. Boots are cleaned. Dogs stay outside.
"""


def told(asked: str, kind: str = "policy") -> tuple[list[str], list[str]]:
    """Return the lines that name what a question names, and those on the class."""
    found = case(RULES, asked, kind)
    sheet = found.sheets[0]
    texts = [line.unit.span.of(sheet.document.text) for line in sheet.lines]
    named, classed = classes.of(found.question, sheet)
    return [texts[i] for i in sorted(named)], [texts[i] for i in sorted(classed)]


def test_a_name_leads_to_its_line_and_to_the_rules_of_its_class():
    named, classed = told("May I use a QRX screw in the yard?")
    assert named == ["Screws by QRX and by Mills need a note."]
    assert [t for t in classed if t.startswith("Blue screws")] == [
        "Blue screws may be used in the yard.",
        "Blue screws are counted on Mondays.",
    ]
    assert not any(t.startswith("Black screws") for t in classed)


def test_only_policies_have_classes():
    assert told("May I use a QRX screw in the yard?", "license") == ([], [])
