"""Agreement and correction, by numbers reckoned by hand."""

import pytest

from evals.agreement import cohen_kappa, confusion, corrected, flip_rate, majority


def test_the_four_counts_and_what_they_give() -> None:
    truth = [True] * 5 + [False] * 5
    judged = [True, True, True, True, False, False, False, False, True, True]
    counts = confusion(truth, judged)
    assert (counts.true_positive, counts.false_negative, counts.true_negative, counts.false_positive) == (4, 1, 3, 2)
    assert counts.sensitivity == pytest.approx(0.8)
    assert counts.specificity == pytest.approx(0.6)


def test_a_rate_of_nothing_is_none() -> None:
    assert confusion([False, False], [True, False]).sensitivity is None
    assert confusion([True, True], [True, False]).specificity is None


def test_kappa_by_hand() -> None:
    # 50 items, Cohen's own kind of table: 20 yes-yes, 5 yes-no, 10 no-yes, 15 no-no. Agreed 0.7; by chance
    # 25/50 * 30/50 + 25/50 * 20/50 = 0.5; (0.7 - 0.5) / (1 - 0.5) = 0.4.
    first = [1] * 25 + [0] * 25
    second = [1] * 20 + [0] * 5 + [1] * 10 + [0] * 15
    assert cohen_kappa(first, second) == pytest.approx(0.4)


def test_kappa_at_its_ends() -> None:
    assert cohen_kappa("yynn", "yynn") == 1
    assert cohen_kappa("yynn", "nnyy") == -1
    assert cohen_kappa("yynn", "ynyn") == 0
    assert cohen_kappa("yyyn", "yyyy") == 0
    assert cohen_kappa("yy", "yy") is None  # chance alone would make them agree
    assert cohen_kappa([], []) is None


def test_kappa_of_three_labels() -> None:
    # Agreed 2 of 3; chance: a 2*1 + b 1*1 + c 0*1 = 3 of 9. (6 - 3) / (9 - 3).
    assert cohen_kappa("aab", "acb") == pytest.approx(0.5)


def test_the_true_rate_behind_a_judged_one() -> None:
    # 40 of 100 are good: 0.9 * 40 + 0.2 * 60 = 48 are called good.
    assert corrected(0.48, 0.9, 0.8) == pytest.approx(0.4)
    assert corrected(0.3, 1.0, 1.0) == pytest.approx(0.3)


def test_the_corrected_rate_stays_a_rate() -> None:
    assert corrected(0.05, 0.9, 0.8) == 0  # -0.15 / 0.7
    assert corrected(0.99, 0.9, 0.8) == 1


@pytest.mark.parametrize(("sensitivity", "specificity"), [(0.5, 0.5), (0.3, 0.6), (None, 0.9), (0.9, None)])
def test_nothing_is_corrected_by_a_judge_no_better_than_chance(
    sensitivity: float | None, specificity: float | None
) -> None:
    assert corrected(0.5, sensitivity, specificity) is None


def test_flips_are_counted_over_what_ran_twice() -> None:
    assert flip_rate([[True, True, True], [True, False, True], [False, False, False], [False, True, True]]) == 0.5
    assert flip_rate([[True], [True, True]]) == 0
    assert flip_rate([[True], [False]]) is None


def test_the_majority_of_runs_and_ties() -> None:
    assert majority([True, True, False])
    assert not majority([True, False])
    assert not majority([])


def test_lengths_must_agree() -> None:
    with pytest.raises(ValueError, match="shorter"):
        cohen_kappa([1, 2], [1])
    with pytest.raises(ValueError, match="shorter"):
        confusion([True, True], [True])
