"""Facts in questions: amounts with their units, purpose, places, growth."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from rag import facts


@pytest.mark.parametrize(
    ("text", "users"),
    [
        ("we have 40M MAU", 40_000_000),
        ("900 million monthly users", 900_000_000),
        ("about 1.2bn active users", 1_200_000_000),
        ("150,000 users", 150_000),
        ("MAU is 12 million", 12_000_000),
        ("we use Foo-70B", None),
        ("three engineers", None),
    ],
)
def test_users(text, users):
    assert facts.given(text).get("users") == users


@pytest.mark.parametrize(
    ("text", "amount"),
    [
        ("our revenue is $2 million", 2_000_000),
        ("EUR 900k annual turnover", 900_000),
        ("a 49 USD download", None),
    ],
)
def test_revenue(text, amount):
    assert facts.given(text).get("revenue") == amount


@pytest.mark.parametrize(
    ("text", "commercial"),
    [
        ("we sell it to customers", True),
        ("a paid subscription", True),
        ("an unfunded academic project", False),
        ("a free demo for hobbyists, no revenue", False),
        ("a charity whose page has a donate button", None),
        ("what does it say", None),
    ],
)
def test_purpose(text, commercial):
    assert facts.purpose(text) is commercial


@pytest.mark.parametrize(
    ("text", "region"),
    [
        ("We're a GmbH headquartered in Berlin.", "EU"),
        ("Dutch company here.", "EU"),
        ("US corporation, HQ in Austin; a few engineers sit in a Dublin branch.", "US"),
        ("Our principal place of business is in Zurich.", "CH"),
        ("We are the German subsidiary of a US company.", "EU"),
        ("Our parent is a US company; we are a German GmbH.", "EU"),
        ("tell us more", None),
        ("users in Germany like it", None),
    ],
)
def test_home(text, region):
    assert facts.home_region(text) == region


def test_growth_is_told_from_the_present():
    assert facts.given("we may pass 700M users in 2028, later on")["growth"] is True
    assert facts.given("we have 700M users")["growth"] is False


@given(st.text(max_size=400))
def test_any_text_is_read(text):
    for key, value in facts.given(text).items():
        assert isinstance(key, str)
        assert isinstance(value, str | int | float | bool)


@pytest.mark.parametrize(
    ("text", "way"),
    [
        ("We run a modified database server for our customers. Must we publish the source?", "hosted"),
        ("We host a modified copy. Do we have to share the code of our changes?", "hosted"),
        ("We publish the weights. Must we release the source of our server as well?", "weights"),
        ("Only our own staff use it. Must we publish our changes?", "internal"),
        ("Must we publish the source?", None),
    ],
)
def test_a_duty_that_is_asked_about_is_not_how_it_reaches_people(text, way):
    assert facts.given(text).get("distribution") == way
