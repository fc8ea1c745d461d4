"""Definitions and regulations: quoted by answers, never applied to a case, declared by files, named where they are not on file."""

from dataclasses import replace
from pathlib import Path

import pytest
from small_store import SMALL, Words
from texts import case

from corpus import catalog, pinned, registry
from corpus.catalog import Catalog
from corpus.declared import declared
from corpus.errors import DataError, InputError
from corpus.store import Store
from corpus.types import Kind
from rag import index, quoted, rules
from rag.pipeline import Pipeline
from rag.retrieve import Retriever
from rag.stack import parse
from rag.types import Answer, Request
from ui import cli

# A text of our own in the manner of the real one.
DEFINITION = """Open Things Definition

1. An open thing grants the freedom to use it for any purpose.

2. Data information. The description of the data must be detailed enough to build a like thing.
"""
KNOWN: Catalog = replace(SMALL, by_hand=catalog.load().by_hand)


def home_with(home: Path, **files: str) -> Path:
    for name, text in files.items():
        (home / f"{name.replace('__', '.').replace('_', '-')}").write_text(text, encoding="utf-8")
    paths = sorted(path for path in home.iterdir() if path.is_file())
    index.add(home / "data", paths, catalog=KNOWN, encoder=Words())
    return home / "data"


def pipeline(home: Path) -> Pipeline:
    store = Store.open(home)
    return Pipeline(store, catalog.load(), registry.load(), Retriever(store, Words()))


@pytest.fixture(scope="module")
def asked(tmp_path_factory: pytest.TempPathFactory) -> Pipeline:
    home = tmp_path_factory.mktemp("home")
    rules = "---\nkind: regulation\ntitle: Birdsong Regulation\n---\n\n1. Birdsong at night is subject to a permit.\n"
    return pipeline(home_with(home, osaid_1__0__txt=DEFINITION, birdsong__txt=rules))


def ask(pipeline: Pipeline, text: str) -> Answer:
    return pipeline.ask(Request(text))


@pytest.mark.parametrize("kind", sorted(quoted.KINDS))
def test_a_text_that_may_be_quoted_only_draws_no_conclusion(kind: Kind) -> None:
    of = case(DEFINITION, "May we use an open thing for any purpose?", kind)
    assert quoted.only(of)
    found = quoted.outcome(of, 3)
    assert (found.verdict, found.basis) == ("informational", "out-of-scope")
    assert "a question of law" in found.headline
    assert found.evidence
    assert not quoted.only(case(DEFINITION, "May we use it?", "license"))
    # As a license the same words would be a permission.
    assert rules.assess(case(DEFINITION, "May we use an open thing for any purpose?"), 3).verdict != "informational"


def test_what_a_definition_says_is_quoted(asked: Pipeline) -> None:
    found = ask(asked, "What does the Open Source AI Definition say about data information?")
    assert (found.verdict, found.basis, found.documents) == ("informational", "express-grant", ("osaid-1.0",))
    assert "detailed enough" in found.text
    plan = ask(asked, "May we sell a model under the Open Source AI Definition?")
    assert (plan.verdict, plan.basis, plan.findings) == ("informational", "out-of-scope", ())
    both = ask(asked, "Is software under the MIT license open source under the OSAID?")
    assert both.documents == ("mit", "osaid-1.0")
    assert {c.document for c in both.citations} == {"mit", "osaid-1.0"}


def test_a_file_says_itself_what_kind_of_document_it_is(asked: Pipeline) -> None:
    item = asked.store.documents["birdsong"]
    assert (item.kind, item.title) == ("regulation", "Birdsong Regulation")
    assert item.text.startswith("---\n")
    found = ask(asked, "May we let birdsong sound at night under the Birdsong Regulation?")
    assert (found.verdict, found.documents) == ("informational", ("birdsong",))
    known = asked.store.documents["osaid-1.0"]
    assert (known.kind, known.title) == ("definition", "Open Source AI Definition 1.0")


@pytest.mark.parametrize(
    ("text", "kind", "title"),
    [
        ("---\nkind: definition\n---\nBody", "definition", None),
        ("---\r\ntitle: 'A B'\r\nkind: policy \r\n---\r\nBody", "policy", "A B"),
        ("---\nauthor: [\n---\nBody", None, None),
    ],
)
def test_front_matter_declares_kind_and_title(text: str, kind: str | None, title: str | None) -> None:
    found = declared(text, "x.txt")
    assert found is not None
    assert (found.kind, found.title, found.rest) == (kind, title, "Body")


def test_front_matter_that_declares_no_kind_there_is_is_refused(tmp_path: Path) -> None:
    assert declared("Body\n---\nkind: definition\n---\n", "x.txt") is None
    with pytest.raises(InputError, match=r"^law\.txt says it is of kind 'statute'; the kinds are license, policy,"):
        home_with(tmp_path, law__txt="---\nkind: statute\n---\nBody\n")
    assert not list((tmp_path / "data" / "files").glob("*/*"))


def test_a_text_that_is_added_by_hand_is_asked_for_where_it_is_not_on_file(tmp_path: Path) -> None:
    index.build(tmp_path, catalog=KNOWN, encoder=Words())
    without = pipeline(tmp_path)
    found = ask(without, "What does the Open Source AI Definition ask about data?")
    page = pinned.by_hand()["osaid-1.0"].page
    assert (found.verdict, found.basis) == ("abstain", "not-on-file")
    assert f"save its text from {page} as osaid-1.0.txt, then: clausewise index add osaid-1.0.txt" in found.text
    law = ask(without, "Does the EU AI Act's open-source exemption apply to Llama 3.1?")
    assert (law.verdict, law.basis) == ("abstain", "out-of-scope")
    assert law.text.count("clausewise index add eu-ai-act-art-") == 2
    # The name of a definition takes no license's place.
    beside = ask(without, "Is the MIT license open source under the OSAID?")
    assert (beside.documents, len(beside.problems)) == (("mit",), 1)
    assert "clausewise index add osaid-1.0.txt" in beside.problems[0]


def test_no_component_is_under_a_definition(asked: Pipeline) -> None:
    found = asked.audit(parse("[[component]]\nname = 'a'\nlicense = 'osaid-1.0'\n"))
    assert [(f.level, f.code) for f in found.findings] == [("error", "not-a-license")]


def test_sync_names_what_is_added_by_hand(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert cli.main(["--home", str(tmp_path), "sync", "--check"]) == 1
    shown = capsys.readouterr().out
    assert all(f"{id}: no address always gives the same text" in shown for id in pinned.by_hand())


@pytest.mark.parametrize(
    ("wrong", "why"),
    [
        ("[[by_hand]]\nid = 'a'", "needs id, title, kind, class and page"),
        ("[[by_hand]]\nid = 'a'\nurl = 'b'", "unknown"),
        (
            "[[by_hand]]\nid='a'\ntitle='A'\nkind='definition'\nclass='other'\npage='http://a'",
            "must be an https address",
        ),
        ("[[by_hand]]\nid='a'\ntitle='A'\nkind='statute'\nclass='other'\npage='https://a'", "is none of"),
        ("x =", "not TOML"),
    ],
)
def test_a_wrong_list_of_texts_added_by_hand_is_named(wrong: str, why: str) -> None:
    with pytest.raises(DataError, match=why):
        pinned.parse_by_hand(wrong)
