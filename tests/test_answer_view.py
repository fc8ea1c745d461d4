"""The view of an answer says in words what the answer holds, adds nothing, and is plain JSON of modest size."""

import json
from dataclasses import replace

import pytest
from web_fakes import CATALOG, Replies, Shelf

from corpus import catalog
from rag.types import Answer, Coverage, Duty, Facts, Finding, MissingFact, Request, Statement
from ui.answer_view import Setting, answer_view
from ui.words import words

KNOWN = catalog.parse(CATALOG)


def answer(**changes: object) -> Answer:
    return replace(Replies().answer(Request("May I sell it?")), **changes)


def view(of: Answer, setting: Setting | None = None, id: str = "kept") -> dict:
    made = answer_view(of, Shelf(), KNOWN, setting or Setting(), id)
    assert json.loads(json.dumps(made)) == made
    return made


def test_the_verdict_stands_first_with_its_basis_in_words() -> None:
    made = view(answer(depends_on=("duties", "facts")))
    assert made["verdict"] == {"name": "conditional", "word": "On conditions"}
    assert made["basis"] == "the license grants it in so many words"
    assert made["depends"] == ["on duties to be kept", "on facts about you"]
    assert made["first"]["text"] == "You may sell it [1]."
    assert made["id"] == "kept"


def test_every_term_of_an_answer_has_words() -> None:
    from typing import get_args

    from rag.types import Basis, Source, State, Verdict

    for table, terms in (("verdict", Verdict), ("basis", Basis), ("source", Source), ("state", State)):
        assert set(get_args(terms)) <= set(words()[table]), table
    assert set(words()["source"]) == set(words()["source_means"])


def test_a_statement_that_quotes_is_cut_at_its_quotation() -> None:
    quoting = Statement("Right to sell, section 1: “You may: sell “it”.”", "text", (1,))
    plain = Statement("It follows: “so”", "inference", (2,))
    (group,) = view(answer(statements=(plain, quoting, plain)))["groups"]
    first, second = group["statements"]
    assert (first["text"], first["quote"]) == ("Right to sell, section 1", "You may: sell “it”.")
    assert (first["mark"], first["means"]) == ("Text", "a clause says so")
    assert (second["text"], second["quote"], second["mark"]) == ("It follows: “so”", "", "Inference")


def test_statements_stand_with_the_text_that_they_cite() -> None:
    of = answer()
    other = replace(of.citations[1], n=3, document="acme-open-1")
    third = replace(of.citations[1], n=4, document="house-rules")
    said = [Statement(f"s{n}", "text", (n,) if n else ()) for n in (0, 1, 0, 3, 4, 2)]
    groups = view(replace(of, statements=(said[0], *said), citations=(*of.citations, other, third)))["groups"]
    assert [group["title"] for group in groups] == [
        "Acme Open License 2 <beta>",
        "Acme Open License 1",
        "House rules",
        "Acme Open License 2 <beta>",
    ]
    assert [len(group["statements"]) for group in groups] == [3, 1, 1, 1]
    assert not any(group["open"] for group in groups)
    assert view(of)["groups"][0]["open"]


@pytest.mark.parametrize(
    ("findings", "title", "acts"),
    [
        ((), None, None),
        ((("sell", "acme-open-2"),), None, None),
        ((("sell", "acme-open-2"), ("modify", "acme-open-2")), "Finding by finding", True),
        ((("sell", "acme-open-2"), ("sell", "house-rules")), "Finding by finding", True),
    ],
)
def test_findings_are_a_table_where_there_are_several(findings: tuple, title: str | None, acts: bool | None) -> None:
    made = tuple(Finding(act, "weights", license, "no", "silent", (1,)) for act, license in findings)
    table = view(answer(findings=made))["table"]
    assert (table and table["title"], table and table["acts"]) == (title, acts)
    if table:
        assert table["rows"][0]["verdict"] == {"name": "no", "word": "No"}
        assert table["rows"][0]["act"] == "sell (weights)"


def test_versions_of_one_family_are_told_apart() -> None:
    family = {id: replace(KNOWN.licenses[id], family="acme") for id in ("acme-open-1", "acme-open-2")}
    known = catalog.Catalog({**KNOWN.licenses, **family}, KNOWN.families)
    rows = tuple(Finding("sell", "weights", id, "yes", "express-grant") for id in family)
    table = answer_view(answer(findings=rows), Shelf(), known, Setting(), "")["table"]
    assert (table["title"], table["acts"]) == ("Version by version", False)
    assert [row["version"] for row in table["rows"]] == ["2020", "2025-02-03"]


def test_a_condition_says_who_when_which_words_and_what_else() -> None:
    duty = Duty("display-mark", "Built with Acme", "distributor", "distribution", "condition",
                "Display the words “Built with Acme” (a condition of the grant).", (2,))  # fmt: skip
    (made,) = view(answer(conditions=(duty,)))["conditions"]
    assert made == {
        "text": "Display the words:",
        "under": [],
        "exact": "Built with Acme",
        "who": "distributor",
        "when": "distribution",
        "consequence": "without it the license does not allow the act",
        "citations": [2],
    }
    several = answer(conditions=(duty,), documents=("acme-open-2", "acme-open-1"))
    assert view(several)["conditions"][0]["under"] == ["Acme Open License 2 <beta>"]
    bare = replace(
        duty, exact=None, who=None, trigger=None, strength="encouraged", text="Say so (encouraged, not required)."
    )
    (made,) = view(answer(conditions=(bare,)))["conditions"]
    assert (made["text"], made["exact"], made["who"], made["consequence"]) == (
        "Say so",
        "",
        "",
        "asked for, not required",
    )


def test_facts_say_where_they_come_from_and_where_the_answer_flips() -> None:
    facts = Facts(
        given={"commercial": True, "users": 800, "growth": False, "revenue": 5},
        assumed={"users": "at most 700"},
        missing=(MissingFact("version", "Which version?", "A: no; B: yes"),),
    )
    rows = (
        Finding("sell", "weights", "acme-open-2", "yes", "silent"),
        Finding("sell", "weights", "acme-open-1", "no", "silent"),
    )
    made = view(answer(facts=facts, findings=rows), Setting({"users": "profile", "revenue": "form"}))["facts"]
    assert [(row["key"], row["value"], row["origin"]) for row in made["given"]] == [
        ("commercial", "yes", "from your question"),
        ("users", "800", "from your profile"),
        ("revenue", "5", "as you entered it"),
    ]
    assert made["assumed"] == [{"label": "Monthly active users", "value": "at most 700"}]
    (missing,) = made["missing"]
    assert (missing["ask"], missing["flips"], missing["kind"]) == ("Which version?", "A: no; B: yes", "version")
    assert [option["value"] for option in missing["options"]] == ["acme-open-2", "acme-open-1"]


@pytest.mark.parametrize(
    ("coverage", "line"),
    [
        ((), ""),
        ((("acme-open-2", 6, 6),), "Searched 6 of 6 clauses of Acme Open License 2 <beta>."),
        (
            (("acme-open-2", 6, 6), ("acme-policy", 2, 2)),
            "Searched 6 of 6 clauses of Acme Open License 2 <beta> and 2 of 2 of Acme use policy.",
        ),
        ((("acme-open-2", 6, 6), ("acme-open-1", 0, 1)), "Searched 6 of 7 clauses in 2 texts."),
        (
            (("acme-open-2", 6, 6), ("acme-open-1", 1, 1), ("acme-policy", 2, 2)),
            "Searched 9 of 9 clauses in 3 texts, one of them a policy read with its license.",
        ),
    ],
)
def test_coverage_is_one_sentence(coverage: tuple, line: str) -> None:
    assert view(answer(coverage=tuple(Coverage(*each) for each in coverage)))["coverage"] == line


def test_a_disagreement_of_the_engines_stands_apart_from_the_notes() -> None:
    made = view(answer(problems=("engines disagree: model yes, rules no", "read as: x")))
    assert made["disagreement"] == ["Yes", "No"]
    assert made["notes"] == ["Read as: x."]


def test_texts_and_citations_carry_date_hash_and_state() -> None:
    of = answer()
    repaired = replace(of, citations=(of.citations[0], replace(of.citations[1], state="repaired")))
    made = view(repaired)
    (text,) = made["texts"]
    assert (text["version"], text["retrieved"], len(text["sha256"])) == ("2025-02-03", "2026-01-02", 64)
    assert text["url"] == "/source/acme-open-2"
    assert [row["means"] for row in made["citations"]] == [
        "quoted to the letter",
        "the model's quotation was mended to the letter",
    ]
    assert made["footer"] == "Information, not legal advice."


def test_a_claim_is_put_into_words_of_its_own() -> None:
    made = view(answer(verdict="no", basis="premise-false"), Setting(claim="contradicted"))
    assert made["verdict"] == {"name": "no", "word": "Contradicted"}
    assert made["basis"] == "a clause says otherwise"


def test_what_steers_a_page_is_replaced() -> None:
    made = view(answer(question="a\u202eb\x1b", statements=(Statement("x\u202ey", "text"),)))
    assert made["question"] == "a\ufffdb\ufffd"
    assert made["first"]["text"] == "x\ufffdy"
