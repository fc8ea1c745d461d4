"""Intervals and tests: known values, and what must hold whatever the numbers."""

import math

import pytest
from hypothesis import given
from hypothesis import strategies as st

from evals import intervals


def test_wilson_as_published() -> None:
    # Newcombe 1998, table I: 81 of 263 gives 0.2553 to 0.3662 without continuity correction.
    found = intervals.wilson(81, 263)
    assert (round(found.low, 4), round(found.high, 4)) == (0.2553, 0.3662)
    with pytest.raises(ValueError, match="nothing"):
        intervals.wilson(0, 0)


def test_mcnemar_is_the_exact_binomial_test() -> None:
    new = {str(n): n < 9 for n in range(20)}
    old = {str(n): n in (8, 9) for n in range(20)}
    found = intervals.paired(new, old)
    # Eight wins and one loss: two tails of the binomial with n = 9, p = 1/2.
    assert (found.wins, found.losses, found.ties) == (8, 1, 11)
    assert math.isclose(found.p, 2 * (1 + 9) / 2**9)
    assert intervals.paired(new, new).p == 1


def test_questions_on_one_family_widen_the_interval() -> None:
    values = [1.0] * 20 + [0.0] * 20
    apart = intervals.bootstrap(values, [str(n) for n in range(40)])
    together = intervals.bootstrap(values, [str(n // 10) for n in range(40)])
    assert together.high - together.low > 1.5 * (apart.high - apart.low)
    assert apart == intervals.bootstrap(values, [str(n) for n in range(40)])


@given(st.lists(st.floats(0, 1), min_size=1, max_size=30), st.integers(1, 5))
def test_an_interval_holds_its_value_and_stays_in_range(values: list[float], groups: int) -> None:
    found = intervals.bootstrap(values, [str(n % groups) for n in range(len(values))])
    assert min(values) - 1e-9 <= found.low <= found.high <= max(values) + 1e-9
    assert found.n == len(values)
    assert math.isclose(found.value, sum(values) / len(values), abs_tol=1e-9)


def test_a_difference_is_over_the_items_of_both() -> None:
    found = intervals.difference({"a": 1.0, "b": 0.0, "c": 1.0}, {"a": 0.0, "b": 0.0}, {"a": "x", "b": "y"})
    assert (found.value, found.n) == (0.5, 2)
