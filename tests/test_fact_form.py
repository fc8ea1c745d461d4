"""What a reader types about facts is read once: amounts, places, yes and no; and a profile keeps it for its owner."""

from pathlib import Path

import pytest

from corpus.errors import DataError, InputError, StoreError
from ui import fact_form, profile


@pytest.mark.parametrize(
    ("key", "written", "value"),
    [
        ("users", "800 million", 800_000_000),
        ("users", " 800,000,000 ", 800_000_000),
        ("users", "1.5bn", 1_500_000_000),
        ("users", "40_000_000", 40_000_000),
        ("users", "40 000 000", 40_000_000),
        ("users", "12", 12),
        ("users", "0", 0),
        ("revenue", "2.5 million", 2_500_000),
        ("principal_place", "DE", "EU"),
        ("principal_place", "germany", "EU"),
        ("principal_place", "gb", "UK"),
        ("principal_place", "NZ", "NZ"),
        ("places", "EU, US", "EU US"),
        ("places", "DE FR", "EU"),
        ("commercial", "No", False),
        ("distribution", "hosted", "hosted"),
        ("license", "Apache 2.0", "Apache 2.0"),
    ],
)
def test_a_field_is_read_as_its_fact(key: str, written: str, value: object) -> None:
    assert fact_form.read({key: written}) == {key: value}


@pytest.mark.parametrize("key", ["users", "principal_place", "commercial"])
def test_an_empty_field_says_nothing(key: str) -> None:
    assert fact_form.read({key: "  "}) == {}


@pytest.mark.parametrize(
    ("form", "line"),
    [
        ({"users": "many"}, "Monthly active users: 'many' is no amount; write for example 40,000,000 or 40 million"),
        ({"users": "-5"}, "is no amount"),
        ({"users": "9" * 40}, "is no amount"),
        ({"users": "1e9"}, "is no amount"),
        ({"commercial": "perhaps"}, "Commercial purpose: answer yes or no"),
        ({"principal_place": "Atlantis"}, "'Atlantis' is no place known here; write a code as DE, EU or US"),
        ({"distribution": "carrier pigeon"}, "choose one of internal, hosted, weights"),
        ({"__class__": "x"}, "'__class__' is no fact"),
        ({"license": "x" * 201}, "at most 200 characters"),
    ],
)
def test_what_cannot_be_read_is_one_line_that_names_the_field(form: dict[str, str], line: str) -> None:
    with pytest.raises(InputError) as error:
        fact_form.read(form)
    assert line in str(error.value)
    assert "\n" not in str(error.value)


@pytest.mark.parametrize("value", [True, False, 0, 800_000_000, "hosted"])
def test_a_value_goes_into_its_field_and_comes_back(value: object) -> None:
    key = {bool: "commercial", int: "users", str: "distribution"}[type(value)]
    assert fact_form.read({key: fact_form.shown(key, value)}) == {key: value}


def test_a_fact_is_told_in_words() -> None:
    assert fact_form.told("users", 800_000_000) == "monthly active users: 800,000,000"
    assert fact_form.told("principal_place", "EU") == "principal place of business: European Union"
    assert fact_form.told("commercial", False) == "commercial purpose: No"
    assert fact_form.field("some_new-fact") == {
        "key": "some_new-fact",
        "label": "Some new fact",
        "kind": "shown",
        "hint": "",
        "options": [],
    }


def test_a_profile_is_kept_for_its_owner_alone(tmp_path: Path) -> None:
    assert profile.load(tmp_path, "") == {}
    profile.save(tmp_path, "", {"users": 5, "principal_place": "EU"})
    profile.save(tmp_path, "../../anna", {"users": 7})
    assert profile.load(tmp_path, "") == {"users": 5, "principal_place": "EU"}
    assert profile.load(tmp_path, "../../anna") == {"users": 7}
    assert profile.load(tmp_path, "bert") == {}
    assert {path.parent for path in tmp_path.rglob("*.json")} == {tmp_path / profile.FOLDER}
    profile.save(tmp_path, "", {})
    assert profile.load(tmp_path, "") == {}
    assert len(list(tmp_path.rglob("*.json"))) == 1


@pytest.mark.parametrize("content", ["{", "[]", '{"users": [1]}', '{"commercial": true}', '{"users": null}'])
def test_a_damaged_profile_is_said_and_can_be_entered_again(tmp_path: Path, content: str) -> None:
    profile.save(tmp_path, "", {"users": 5})
    (path,) = tmp_path.rglob("*.json")
    path.write_text(content)
    with pytest.raises(DataError, match="is damaged; enter it again in the settings"):
        profile.load(tmp_path, "")
    profile.save(tmp_path, "", {"users": 6})
    assert profile.load(tmp_path, "") == {"users": 6}


def test_a_profile_that_cannot_be_read_or_written_is_one_line(tmp_path: Path) -> None:
    (tmp_path / profile.FOLDER).write_text("a file")
    with pytest.raises(StoreError, match="cannot write"):
        profile.save(tmp_path, "", {"users": 5})
    with pytest.raises(StoreError, match="cannot read"):
        profile.load(tmp_path, "")


def test_what_a_question_states_goes_before_the_profile() -> None:
    known = {"users": 5, "revenue": 1000, "principal_place": "EU"}
    assert profile.defaults(known, ["May we ship it to 800 million users?"]) == {
        "revenue": 1000,
        "principal_place": "EU",
    }
    assert profile.defaults(known, ["And now?", "We are based in Japan."]) == {"users": 5, "revenue": 1000}
