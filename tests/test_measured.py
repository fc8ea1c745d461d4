"""A figure of the question against the limit of the line it asks for."""

from dataclasses import replace

import pytest
from texts import case

from rag import measured, rerank

TEXT = """Plover License

1. Trial. You may try the Model for fewer than 20 days.
2. Firms. The Model is free for a firm with no more than 50 total employees and contractors.
3. Price. We may raise the yearly price by no more than three percent (3%).
4. Audit. If an audit shows arrears of more than 4 percent, you bear the cost of the audit.
5. Turnover. If your turnover exceeds EUR 2 million, you must request a license from us.
"""


def _ranked(asked):
    found = case(TEXT, asked)
    return replace(found, ranks=rerank.ranks(found))


@pytest.mark.parametrize(
    ("text", "side", "unit", "value"),
    [
        ("no more than 50 employees", "most", "people", 50),
        ("for fewer than 20 days", "most", "time", 20),
        ("turnover does not exceed EUR 2 million", "most", "money", 2e6),
        ("the number of users is greater than 1 million", "above", "users", 1e6),
    ],
)
def test_limits_are_read(text, side, unit, value):
    (found,) = measured.limits(text)
    assert (found.side, found.unit, found.value) == (side, unit, value)


@pytest.mark.parametrize(
    ("asked", "verdict"),
    [
        ("Day 25 of the trial now. May we try the Model on?", "no"),
        ("Day 12 of the trial now. May we try the Model on?", None),
        ("We are a firm of 30 employees and 25 contractors. May we use the Model free?", "no"),
        ("May the yearly price rise by 5%? They raise it so.", "no"),
        ("Our turnover is EUR 3 million. May we go on without a license?", "no"),
    ],
)
def test_a_figure_past_the_limit_decides(asked, verdict):
    reason = measured.weighed(_ranked(asked))
    assert (reason.verdict if reason else None) == verdict


def test_a_duty_is_spared_below_its_figure():
    below = measured.spared(_ranked("The audit showed arrears of 2 percent. Must we bear the cost of the audit?"))
    assert below is not None
    assert "arrears" in below.text
    assert (
        measured.spared(_ranked("The audit showed arrears of 6 percent. Must we bear the cost of the audit?")) is None
    )
