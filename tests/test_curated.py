"""Curated facts: the files hold, every anchor stands in its clause, and what reviewers settled replaces what the rules found."""

import hashlib
import re

import needs
import pytest
from texts import document

from corpus import catalog, curated, scancode
from corpus.errors import DataError
from corpus.segment import segment
from corpus.terms import extract
from corpus.types import Document, Span
from evals import extraction
from rag import sheet

TEXT = """EXAMPLE LICENSE

1. Grant. You may use, copy and distribute
the model. You may not sell it.

2. Names. If you distribute the model, you must display "Built with Example" on a web page.
"""
GRANT = """
license = "example"
absent = ["territory"]

[[fact]]
acts = ["redistribute", "use"]
modality = "permitted-if"
clause = "1"
anchor = "copy and distribute the model"

[[fact]]
acts = ["naming"]
modality = "must"
clause = "2"
anchor = "you must display"
conditions = [{ kind = "display-mark", exact = "Built with Example", who = "distributor", trigger = "distribution" }]
"""


def test_a_fact_becomes_a_term_on_the_sentence_that_holds_its_anchor() -> None:
    item = document(TEXT, id="example")
    grant, use, naming, absent = curated.terms(item, segment(item), curated.parse(GRANT, "example"))
    assert (grant.act, use.act, naming.act, absent.act) == ("redistribute", "use", "naming", "territory")
    assert grant.span.of(item.text).endswith("the model.")
    assert grant.at is not None
    assert grant.at.of(item.text) == "copy and distribute\nthe model"
    assert naming.conditions[0].exact == "Built with Example"
    assert (absent.modality, absent.span) == ("not-addressed", Span(0, 0))
    assert {term.rule for term in (grant, use, naming, absent)} == {"curated"}


def test_an_act_with_a_fact_that_lost_its_place_is_left_out_whole() -> None:
    item = document(TEXT, id="example")
    more = (
        GRANT + '[[fact]]\nacts = ["use"]\nmodality = "prohibited"\nclause = "1"\nanchor = "words of another version"\n'
    )
    facts = curated.parse(more, "example")
    assert [fact.anchor for fact in curated.unplaced(item, segment(item), facts)] == ["words of another version"]
    assert {term.act for term in curated.terms(item, segment(item), facts)} == {"redistribute", "naming", "territory"}


def test_what_reviewers_settled_replaces_what_the_rules_found() -> None:
    item = document(TEXT, id="example")
    clauses = segment(item)
    terms = (*extract(item, clauses), *curated.terms(item, clauses, curated.parse(GRANT, "example")))
    with_facts, without = (sheet.make(item, clauses, terms, facts) for facts in (True, False))
    assert with_facts.settled == {"redistribute", "use", "naming", "territory"}
    assert without.settled == frozenset()
    assert {t.rule for line in with_facts.with_act("naming") for t in line.terms if t.act == "naming"} == {"curated"}
    assert {t.rule for line in without.with_act("naming") for t in line.terms} & {"curated"} == set()
    assert with_facts.has("sell", "prohibited")


@pytest.mark.parametrize(
    ("wrong", "why"),
    [
        ('license = "other"', "must be 'example'"),
        ('license = "example"\nfacts = 1', "unknown field facts"),
        ('license = "example"\n[[fact]]\nacts = []', "acts must be a list of words"),
        ('license = "example"\n[[fact]]\nacts = ["use"]\nmodality = "permitted"', "needs clause and anchor"),
        (
            'license = "example"\n[[fact]]\nacts = ["use"]\nmodality = "fine"\nclause = "1"\nanchor = "a"',
            "'fine' is not a modality",
        ),
        (GRANT.replace('["territory"]', '["use"]'), "use cannot be absent and have a fact"),
        (GRANT.replace("who =", "whom ="), "unknown field whom"),
        (GRANT.replace('trigger = "distribution"', 'strength = "iron"'), "a strength of condition"),
        ("license =", "not TOML"),
    ],
)
def test_a_file_that_does_not_hold_is_named_with_its_entry(wrong: str, why: str) -> None:
    with pytest.raises(DataError, match=re.escape(why)):
        curated.parse(wrong, "example")


def test_a_document_without_a_file_has_no_facts() -> None:
    assert curated.load("no-such-license") is None
    assert curated.terms(document(TEXT, id="example"), (), None) == ()


PINNED = catalog.load().pinned


@pytest.mark.parametrize("id", [id for id in curated.ids() if id not in PINNED])
def test_every_anchor_and_exact_string_stands_in_the_text(id: str) -> None:
    _holds(id, catalog.load().describe(scancode.read(id)))


@needs.texts
@pytest.mark.parametrize("id", [id for id in curated.ids() if id in PINNED])
def test_every_anchor_stands_in_the_texts_that_scancode_lacks(id: str) -> None:
    data = (needs.TEXTS / f"{id}.txt").read_bytes()
    assert hashlib.sha256(data).hexdigest() == PINNED[id].sha256
    _holds(id, document(data.decode().removeprefix("\ufeff"), id=id))


def _holds(id: str, item: Document) -> None:
    facts = curated.load(id)
    assert facts is not None
    assert curated.unplaced(item, segment(item), facts) == ()
    whole = Span(0, len(item.text))
    exact = [c.exact for fact in facts.facts for c in fact.conditions if c.exact]
    assert [words for words in exact if curated.find(words, item.text, whole) is None] == []
    # Anchors of a few words are no copy of the text.
    assert [fact.anchor for fact in facts.facts if not 2 <= len(fact.anchor.split()) <= 14] == []


NEEDED = frozenset(
    "use commercial-use host-as-service redistribute modify fine-tune train-adapter train-on-outputs sell sublicense relicense "
    "use-name-or-logo patent-use attribution naming use-policy threshold territory termination downstream output-rights "
    "governing-law changes".split()
)


def test_every_ai_and_data_license_settles_the_core_acts_and_topics() -> None:
    known = catalog.load()
    wanted = [e.id for e in known.licenses.values() if {"ai", "data"} & set(e.tags) and e.kind == "license"]
    wanted += [id for id, text in known.pinned.items() if text.entry.kind == "license"]
    files = {id: curated.load(id) for id in wanted}
    assert [id for id, facts in files.items() if facts is None] == []
    gaps = {id: sorted(NEEDED - facts.acts) for id, facts in files.items() if facts and NEEDED - facts.acts}
    assert gaps == {}


def test_the_rules_are_scored_against_the_facts() -> None:
    found = extraction.score("llama-3.1-license-2024")
    assert 0.5 < found.precision <= 1
    assert 0.5 < found.recall <= 1
    assert extraction.Score(0, 0, 0).precision == 1
    with pytest.raises(LookupError):
        extraction.score("no-such-license")
