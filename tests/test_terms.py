"""Terms by rules: what sentences say, and what a broken rules file is told."""

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from texts import CLOSED, OPEN, POLICY, document

from corpus.errors import DataError
from corpus.segment import segment
from corpus.terms import extract, load, parse, units


def found(text, act, kind="license"):
    doc = document(text, kind)
    return [(t, t.span.of(doc.text)) for t in extract(doc, segment(doc)) if t.act == act]


@pytest.mark.parametrize(
    ("text", "act", "modality", "words"),
    [
        (OPEN, "sell", "permitted", "modify and sell"),
        (OPEN, "license-copy", "must", "copy of this License"),
        (OPEN, "naming", "must", "at the beginning"),
        (OPEN, "governing-law", "defines", "laws of Iceland"),
        (OPEN, "forum", "defines", "courts of Reykjavik"),
        (OPEN, "termination", "defines", "terminate automatically"),
        (CLOSED, "noncommercial", "prohibited", "solely for non-commercial"),
        (CLOSED, "train-on-outputs", "prohibited", "improve any other"),
        (CLOSED, "patent-retaliation", "prohibited", "institute litigation"),
        (CLOSED, "prohibited-use", "prohibited", "military purposes"),
    ],
)
def test_what_sentences_say(text, act, modality, words):
    assert any(t.modality == modality and words in said for t, said in found(text, act))


def test_a_threshold_is_read_with_its_amount():
    ((term, _),) = [(t, s) for t, s in found(OPEN, "threshold") if t.trigger]
    assert (term.trigger.measure, term.trigger.amount, term.trigger.moment) == ("users", 5_000_000, "continuous")


def test_the_prescribed_words_are_kept_to_the_letter():
    conditions = [c for t, _ in found(OPEN, "naming") for c in t.conditions]
    assert [c.exact for c in conditions if c.kind == "name-prefix"] == ["Wren"]


def test_rules_for_houses_do_not_read_licenses():
    assert not found(OPEN, "rule")
    assert any("must not paste" in said and t.modality == "prohibited" for t, said in found(POLICY, "rule", "policy"))


def test_the_point_of_a_version_ends_no_sentence():
    text = "Licence\n\n1. If, on the Foo 3.1 release date, you have more than 2.5 million monthly active users, you must request a license.\n"
    ((term, _),) = found(text, "threshold")
    assert (term.trigger.amount, term.trigger.moment) == (2_500_000, "release-date")


@pytest.mark.parametrize(
    ("source", "said"),
    [
        ("[[rule]\n", "does not parse"),
        ('[[rule]]\nid = "a"\nmodality = "must"\nmatch = "x"\n', "either act or each"),
        ('[[rule]]\nid = "a"\nact = "use"\nmodality = "maybe"\nmatch = "x"\n', "known modality"),
        ('[[rule]]\nid = "a"\nact = "use"\nmodality = "must"\nmatch = "("\n', "does not compile"),
        ('[[rule]]\nid = "a"\nact = "use"\nmodality = "must"\nmatch = "x"\nmach = "y"\n', "unknown field mach"),
    ],
)
def test_a_broken_rules_file_is_named(source, said):
    with pytest.raises(DataError, match=said):
        parse(source)


def test_a_rule_that_stands_twice_is_refused():
    rule = '[[rule]]\nid = "a"\nact = "use"\nmodality = "must"\nmatch = "x"\n'
    with pytest.raises(DataError, match="stands twice"):
        parse(rule + rule)


def test_every_rule_is_of_a_known_form():
    assert len({r.id for r in load().rules}) > 80


@settings(max_examples=40)
@given(st.text(alphabet=st.sampled_from('You may not use 1. a) \n("Model"; means granted terminate.'), max_size=400))
def test_terms_lie_in_their_clauses(text):
    doc = document("T\n" + text)
    clauses = segment(doc)
    by_id = {c.id: c for c in clauses}
    for term in extract(doc, clauses):
        assert by_id[term.clause_id].span.contains(term.span)
    assert all(by_id[u.clause.id].span.contains(u.span) for u in units(doc, clauses))
