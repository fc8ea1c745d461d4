"""Places, thresholds and what is left open: the facts that would change an answer, with the point at which it flips."""

import pytest
from texts import OPEN, case

from rag import freedoms, rules, scope

TERRITORY = """Gannet License

1. Territory means the worldwide territory, excluding the European Union and South Korea.

2. Grant. We grant you, for the Territory only, a license to use, copy, modify and distribute the Model.

3. Limits. You must not use or distribute the Model or its outputs outside the Territory.
"""
RELEASE = """Skua License

1. Grant. You may use, copy, modify and distribute the Model.

2. Users. If, on the Skua 2 version release date, the monthly active users of your products are greater than 700
million monthly active users, you must request a license from us.
"""


def test_what_is_left_open_is_asked_for_with_the_point_at_which_the_answer_flips() -> None:
    outcome = rules.assess(case(OPEN, "May we host it as a service?"), 4)
    (users,) = outcome.missing
    assert users.key == "users"
    assert "above 5,000,000: no" in users.changes
    given = rules.assess(case(OPEN, "May we host it as a service? We have 2 million users."), 4)
    assert given.missing == ()
    refused = rules.assess(case(OPEN, "May we host it as a service? We have 9 million users."), 4)
    assert (refused.verdict, refused.missing) == ("no", ())


def test_a_place_of_work_outside_the_territory_is_outside_the_grant() -> None:
    seoul = scope.territory(case(TERRITORY, "Our team in Seoul would use the model for props. Any problem?"))
    assert seoul is not None
    assert (seoul.verdict, seoul.basis) == ("no", "outside-grant")
    assert scope.territory(case(TERRITORY, "Our team in Toronto would use the model.")) is None
    (place,) = [m for m in scope.open_facts(case(TERRITORY, "May we use it?")) if m.key == "principal_place"]
    assert "European Union" in place.changes


@pytest.mark.parametrize(
    ("asked", "verdict"),
    [
        ("We have 900 million users now. May we use it?", "no"),
        ("We have 900 million users now, at its release it was 6 million users. May we use it?", "conditional"),
    ],
)
def test_the_figure_of_the_release_date_decides_where_the_text_says_so(asked: str, verdict: str) -> None:
    reason = scope.threshold(case(RELEASE, asked))
    assert reason is not None
    assert reason.verdict == verdict


def test_a_license_is_classified_by_the_clauses_that_limit_the_four_freedoms() -> None:
    limited = freedoms.classify(case(TERRITORY, "Is it open source?"), 4)
    assert "to run it for any purpose" in limited.headline
    assert limited.evidence[0].act == "territory"
    free = freedoms.classify(
        case("Auk License\n\nYou may use, copy, modify and distribute the Work.\n", "Is it open source?"), 4
    )
    assert "none of the four freedoms is limited" in free.headline
