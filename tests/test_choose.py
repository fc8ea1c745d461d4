"""Choosing by questions: what the file may hold, which answers are taken, and where licenses and models end up."""

import pytest
from test_audit import Library, sheet

from corpus import catalog, registry
from corpus.errors import DataError, InputError
from rag import choose, choose_tree
from rag.lexicon import lexicon

STEPS = choose_tree.load()
ON_FILE = frozenset(
    ("mit", "apache-2.0", "gpl-3.0", "agpl-3.0", "cc-by-nc-4.0", "llama-3.1-license-2024", "llama-4-cla-2025")
)


class Few(Library):
    """Seven licenses, and all models."""

    catalog = catalog.load()
    registry = registry.load()

    def has(self, id: str) -> bool:
        return id in ON_FILE


def ruled(**given: str) -> dict[str, choose.Ruling]:
    answers = choose.read(STEPS, {name: value.split() for name, value in given.items()})
    return {ruling.license.id: ruling for ruling in choose.choose(Few(), answers)}


def of(license: str, **given: str) -> choose.Ruling:
    class One(Few):
        def has(self, id: str) -> bool:
            return id == license

    answers = choose.read(STEPS, {name: value.split() for name, value in given.items()})
    return next(iter(choose.choose(One(), answers)))


def places(**given: str) -> dict[str, str]:
    return {id: ruling.place for id, ruling in ruled(**given).items()}


def clauses(ruling: choose.Ruling) -> set[str]:
    return {f"{citation.document}#{citation.clause}" for citation in ruling.citations}


def test_a_commercial_service_is_not_for_a_noncommercial_license() -> None:
    found = ruled(use="host", purpose="commercial")
    assert found["mit"].place == "fits"
    assert found["cc-by-nc-4.0"].place == "ruled-out"
    assert "cc-by-nc-4.0#2.a.1.a" in clauses(found["cc-by-nc-4.0"])


def test_every_license_that_is_ruled_out_shows_its_words() -> None:
    found = ruled(use="ship sell", purpose="commercial", users="more", place="eu", limits="closed uses name")
    out = [ruling for ruling in found.values() if ruling.place == "ruled-out"]
    assert len(out) >= 4
    for ruling in out:
        assert ruling.citations
        for citation in ruling.citations:
            text = sheet(citation.document).document.text
            assert text[citation.start : citation.end] == citation.quote


def test_closed_changes_turn_on_who_gets_a_copy() -> None:
    """Changes may stay closed where nobody gets a copy, unless the license asks for source over a network."""
    shipped = places(use="ship", limits="closed")
    served = places(use="host", limits="closed")
    assert (shipped["gpl-3.0"], served["gpl-3.0"]) == ("ruled-out", "fits")
    assert (shipped["agpl-3.0"], served["agpl-3.0"]) == ("ruled-out", "ruled-out")
    assert (shipped["mit"], shipped["apache-2.0"]) == ("fits", "fits")


def test_figures_and_places_rule_out_by_their_clause() -> None:
    few = ruled(what="model", use="host", purpose="commercial", users="1m", place="us")
    many = ruled(what="model", use="host", purpose="commercial", users="more", place="us")
    assert few["llama-3.1-license-2024"].place == "fits"
    assert many["llama-3.1-license-2024"].place == "ruled-out"
    assert "llama-3.1-license-2024#2" in clauses(many["llama-3.1-license-2024"])
    assert many["mit"].place == "fits"


def test_what_is_left_open_is_asked_for_where_it_would_turn_the_answer() -> None:
    found = ruled(what="model", use="host", purpose="commercial")
    assert found["llama-4-cla-2025"].place == "open"
    assert [fact.key for fact in found["llama-4-cla-2025"].asks] == ["principal_place"]
    assert str(found["llama-4-cla-2025"].assumed["users"]).startswith("at most 700,000,000")
    noncommercial = ruled(use="inside")["cc-by-nc-4.0"]
    assert noncommercial.place == "open"
    assert [fact.key for fact in noncommercial.asks] == ["commercial"]


def test_a_duty_that_cannot_be_accepted_rules_out() -> None:
    found = ruled(use="publish", limits="name")
    assert found["llama-3.1-license-2024"].reason == "a name or words have to be shown"
    assert clauses(found["llama-3.1-license-2024"]) == {"llama-3.1-license-2024#1.b.i"}
    assert found["mit"].place == "fits"


def test_a_duty_rules_out_only_where_the_plan_sets_it_off() -> None:
    """Source is owed with a copy, and by who serves a changed version; a name is shown with what is handed over or served."""
    source = {use: places(use=use, limits="source") for use in ("inside", "host", "host change", "ship")}
    assert [found["gpl-3.0"] for found in source.values()] == ["fits", "fits", "fits", "ruled-out"]
    assert [found["agpl-3.0"] for found in source.values()] == ["fits", "fits", "ruled-out", "ruled-out"]
    assert clauses(ruled(use="host change", limits="source")["agpl-3.0"]) == {"agpl-3.0#13"}
    assert places(use="inside", limits="name")["llama-3.1-license-2024"] == "fits"
    assert places(use="host", limits="name")["llama-3.1-license-2024"] == "ruled-out"


def test_a_duty_of_a_plan_that_is_not_said_stays_open() -> None:
    found = ruled(limits="source name closed")
    assert (found["gpl-3.0"].place, found["llama-3.1-license-2024"].place) == ("open", "open")
    assert "not yet said" in found["gpl-3.0"].reason


def test_a_name_that_is_owed_for_another_model_alone_is_not_owed_for_a_service() -> None:
    assert of("qwen-2024", use="host", limits="name").place == "fits"
    assert of("qwen-2024", use="host teach", limits="name").place == "ruled-out"


def test_a_duty_above_a_figure_turns_on_the_figure() -> None:
    """A hundred million users, or twenty million dollars a month."""
    kimi = {"use": "host", "purpose": "commercial", "limits": "name"}
    assert of("moonshot-ai-modified-mit-2025", **kimi).place == "open"
    assert of("moonshot-ai-modified-mit-2025", **kimi, users="1m", revenue="100m").place == "fits"
    assert of("moonshot-ai-modified-mit-2025", **kimi, users="700m").place == "ruled-out"


def test_what_the_use_itself_forbids_is_told_before_what_cannot_be_accepted() -> None:
    ruling = of("exaone-ai-model-1.1-nc", use="host", purpose="commercial", limits="name")
    assert "non-commercial" in ruling.reason


@pytest.mark.parametrize(
    ("license", "given"),
    [
        ("afl-2.0", {"use": "publish", "limits": "source"}),
        ("python", {"use": "ship change", "limits": "closed"}),
        ("mulanpsl-2.0", {"use": "ship change", "limits": "closed"}),
        ("nasa-1.3", {"use": "inside", "purpose": "commercial"}),
        ("o-uda-1.0", {"use": "publish", "limits": "uses"}),
    ],
)
def test_what_rules_alone_read_against_what_the_catalog_knows_is_not_taken_for_settled(
    license: str, given: dict[str, str]
) -> None:
    ruling = of(license, **given)
    assert ruling.place == "unsettled"
    assert not ruling.reviewed
    assert ruling.citations


def test_only_approved_licenses_are_left_where_that_is_asked() -> None:
    found = ruled(use="inside", limits="osi")
    assert {id for id, ruling in found.items() if ruling.place == "fits"} == {
        "mit",
        "apache-2.0",
        "gpl-3.0",
        "agpl-3.0",
    }


def test_models_stand_with_the_license_that_is_least_in_their_favour() -> None:
    found = ruled(what="model", does="text", use="host", purpose="commercial", users="more")
    assert found["llama-3.1-license-2024"].models
    for ruling in found.values():
        for model in ruling.models:
            assert ruling.license.id in model.licenses
    every = [model.id for ruling in found.values() for model in ruling.models]
    assert len(every) == len(set(every)) >= 50
    first = next(iter(found.values()))
    assert first.place == "fits"
    assert first.models


def test_only_licenses_of_what_is_wanted_are_looked_at() -> None:
    assert set(ruled(what="software")) == {"mit", "apache-2.0", "gpl-3.0", "agpl-3.0"}
    assert set(ruled(what="content")) == {"cc-by-nc-4.0"}
    assert set(ruled(what="model", does="image")) <= set(ruled(what="model")) == ON_FILE


def test_a_question_that_is_not_put_is_not_answered() -> None:
    assert set(choose.read(STEPS, {"what": ["software"], "does": ["image"]})) == {"what"}
    assert choose.read(STEPS, {"what": ["", ""]}) == {}


@pytest.mark.parametrize(
    ("given", "says"),
    [
        ({"color": ["red"]}, "'color' is no question"),
        ({"what": ["a boat"]}, "'a boat' is no answer to what; answers are model, software"),
        ({"what": ["model", "software"]}, "what takes one answer; 2 were given"),
    ],
)
def test_what_cannot_be_answered_is_one_line(given: dict[str, list[str]], says: str) -> None:
    with pytest.raises(InputError, match=says):
        choose.read(STEPS, given)


OPTION = '[[question.option]]\nid = "x"\nlabel = "X"\n'


@pytest.mark.parametrize(
    ("source", "says"),
    [
        ("[[question]", "not TOML"),
        ('[[question]]\nid = "a"\n' + OPTION, "needs id and ask"),
        ('[[question]]\nid = "a"\nask = "?"\n', "has no option"),
        ('[[question]]\nid = "a"\nask = "?"\n' + OPTION * 2, "has an option twice"),
        ('[[question]]\nid = "a"\nask = "?"\nwhen = { b = ["x"] }\n' + OPTION, "no earlier answer"),
        (('[[question]]\nid = "a"\nask = "?"\n' + OPTION) * 2, "stands twice"),
        ('[[question]]\nid = "a"\nask = "?"\n' + OPTION + 'acts = ["fly"]\n', "an act that questions do not know"),
        ('[[question]]\nid = "a"\nask = "?"\n' + OPTION + 'without = [["sell", "perhaps"]]\n', "names no modality"),
        ('[[question]]\nid = "a"\nask = "?"\n' + OPTION + "approved = true\n", "does not say why"),
        ('[[question]]\nid = "a"\nask = "?"\n' + OPTION + 'color = "red"\n', "option x: needs id and label"),
    ],
)
def test_a_file_that_does_not_hold_what_it_must_is_refused(source: str, says: str) -> None:
    with pytest.raises(DataError, match=says):
        choose_tree.parse(source)


def test_every_term_of_the_file_is_one_that_texts_have() -> None:
    spoken = {term.act for id in ON_FILE for line in sheet(id).lines for term in line.terms}
    named = {act for step in STEPS for option in step.options for act, _ in option.without}
    assert named <= spoken
    owed = {c.kind for id in ON_FILE for line in sheet(id).lines for term in line.terms for c in term.conditions}
    assert {kind for step in STEPS for option in step.options for kind in option.due} <= owed
    triggers = {trigger for act in lexicon().acts for trigger in act.triggers}
    assert {each for step in STEPS for option in step.options for each in option.by} <= triggers
    tags = {tag for entry in catalog.load().every() for tag in entry.tags}
    assert {tag for step in STEPS for option in step.options for tag in (*option.tags, *option.borne)} <= tags
