"""A user's text for which no rule was written: the line that is asked for decides."""

import dataclasses

import pytest
from texts import case

from rag import plain
from rag.case import Case

TERMS = """Bittern Terms

1. Storage. Records may be kept on the house server.
2. Sale. You must not sell the drawings. Prints of the drawings on paper may be sold.
3. Access. Cards may be lent to guests only with the consent of the warden. Silence is not a consent.
4. Breach. A breach of rule 2.1 ends with a note. There is no way back from it.
"""


def ranked(asked: str, *starts: str) -> Case:
    """Return the case of a question whose likeliest lines are those that begin so, in that order, about as likely."""
    found = case(TERMS, asked, "contract")
    sheet = found.sheets[0]
    odds = {}
    for line in sheet.lines:
        text = line.unit.span.of(sheet.document.text)
        place = next((n for n, start in enumerate(starts) if start in text), None)
        odds[sheet.document.id, line.order] = -9.0 if place is None else 3.0 - 0.2 * place
    return dataclasses.replace(found, ranks=odds)


@pytest.mark.parametrize(
    ("asked", "starts", "verdict"),
    [
        ("May we keep records on the server?", ("Records may",), "yes"),
        ("May we sell the drawings?", ("You must not sell",), "no"),
        ("May we sell prints on paper?", ("You must not sell", "Prints of"), "conditional"),
        ("May I lend my card? The warden has not answered.", ("Cards may", "Silence is"), "no"),
        ("May I lend my card to a guest?", ("Cards may",), "conditional"),
    ],
)
def test_the_line_asked_for_decides(asked, starts, verdict):
    outcome = plain.decided(ranked(asked, *starts))
    assert outcome is not None
    assert outcome.verdict == verdict
    assert starts[0] in outcome.evidence[0].text


def test_where_no_line_is_sure_nothing_is_decided():
    assert plain.decided(ranked("May we paint the door?")) is None


def test_lines_that_are_hardly_asked_for_are_not_told():
    assert len(plain.told(ranked("May we keep records?", "Records may", "You must not", "Cards may"), 4)) == 3
