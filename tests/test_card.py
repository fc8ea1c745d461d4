"""Rights cards: what stands in the catalog and in the terms, and that each fact's quote is the text at its span."""

import json
from collections.abc import Mapping

import pytest

from corpus import catalog
from corpus.errors import UnknownDocument
from corpus.types import Condition, Document, Modality, Origin, Span, Term, Trigger
from ui import card, licenses

CATALOG = catalog.parse("""
[[license]]
id = "acme-1.0"
title = "Acme *Model* License"
class = "open-weight"
spdx = "LicenseRef-acme"
version = "1.0"
version_date = "2024-07-23"
licensor = "Acme"
osi_approved = false
bundle = ["acme-policy"]
external = [{ title = "Brand rules", address = "https://acme.example/brand" }]

[[license]]
id = "acme-policy"
title = "Acme Use Policy"
class = "other"
kind = "policy"
belongs_to = "acme-1.0"

[renamed]
"acme" = "acme-1.0"
""")
LICENSE = "You may distribute the model if you keep this notice.\nYou may not use the name Acme. " + "Long, " * 200
POLICY = "You agree not to build weapons with it."


class Texts:
    """A store of two documents and one of the user's own."""

    def __init__(self) -> None:
        texts = {"acme-1.0": LICENSE, "acme-policy": POLICY, "house-rules": "All use must be logged by the team."}
        self.documents: Mapping[str, Document] = {
            id: Document(id, id.replace("-", " ").title(), "policy", text, None, None, Origin("test", "0" * 64))
            for id, text in texts.items()
        }

    def resolve(self, id: str) -> str:
        found = {"house": "house-rules"}.get(id, id)
        if found not in self.documents:
            raise UnknownDocument(f"no document {id!r} is on file")
        return found

    def terms(self, id: str) -> tuple[Term, ...]:
        return {
            "acme-1.0": (
                term(
                    "acme-1.0#1", LICENSE, "You may distribute", "redistribute", "permitted-if", duty("retain-notice")
                ),
                term("acme-1.0#2", LICENSE, "You may not use the name Acme.", "use-name-or-logo", "prohibited"),
                term("acme-1.0#3", LICENSE, "Long, " * 200, "liability", "defines"),
            ),
            "acme-policy": (term("acme-policy#p1", POLICY, POLICY, "prohibited-use", "prohibited"),),
            "house-rules": (),
        }[id]


def term(clause: str, text: str, words: str, act: str, modality: Modality, *duties: Condition) -> Term:
    start = text.index(words)
    limit = Trigger("licensee", "monthly-active-users", 7e8, "group", "release") if duties else None
    return Term(clause, Span(start, start + len(words)), "weights", act, modality, duties, limit, "test")


def duty(kind: str) -> Condition:
    return Condition(kind, "Built with *Acme*", "distributor", "distribution")


def test_the_card_has_the_fields_of_the_interface() -> None:
    of = card.card(CATALOG, Texts(), "acme-1.0")
    assert {
        key: of[key] for key in ("id", "title", "spdx", "family", "version", "class", "osi_approved", "bundle")
    } == {
        "id": "acme-1.0",
        "title": "Acme *Model* License",
        "spdx": "LicenseRef-acme",
        "family": "acme-1.0",
        "version": "1.0",
        "class": "open-weight",
        "osi_approved": False,
        "bundle": ["acme-policy"],
    }
    assert of["facts"][0] == {
        "asset": "weights",
        "act": "redistribute",
        "modality": "permitted-if",
        "conditions": [
            {
                "kind": "retain-notice",
                "exact": "Built with *Acme*",
                "who": "distributor",
                "trigger": "distribution",
                "strength": "condition",
            }
        ],
        "trigger": {
            "subject": "licensee",
            "measure": "monthly-active-users",
            "amount": 7e8,
            "scope": "group",
            "moment": "release",
        },
        "document": "acme-1.0",
        "clause": "1",
        "quote": "You may distribute",
        "start": 0,
        "end": 18,
        "origin": "rule",
    }
    assert of["tags"] == {
        "permissions": ["commercial-use", "distribution", "private-use"],
        "conditions": ["include-copyright"],
        "limitations": ["trademark-use", "liability"],
    }
    assert json.loads(json.dumps(of)) == of


def test_every_quote_is_the_text_at_its_span_and_short_enough_to_be_one() -> None:
    store = Texts()
    facts = card.card(CATALOG, store, "acme-1.0")["facts"]
    assert [fact["document"] for fact in facts] == ["acme-1.0"] * 3 + ["acme-policy"]
    for fact in facts:
        assert store.documents[fact["document"]].text[fact["start"] : fact["end"]] == fact["quote"]
        assert 0 < len(fact["quote"]) <= 600


def test_a_policys_card_holds_the_license_it_belongs_to() -> None:
    of = card.card(CATALOG, Texts(), "acme-policy")
    assert (of["id"], of["bundle"]) == ("acme-policy", ["acme-1.0"])
    assert [fact["document"] for fact in of["facts"]] == ["acme-policy"] + ["acme-1.0"] * 3


def test_a_former_key_and_an_alias_lead_to_the_document() -> None:
    assert card.card(CATALOG, Texts(), "acme")["id"] == "acme-1.0"
    assert card.card(CATALOG, Texts(), "house")["id"] == "house-rules"


def test_a_document_of_the_user_has_a_card_without_catalog_facts() -> None:
    of = card.card(CATALOG, Texts(), "house-rules")
    assert (of["title"], of["class"], of["osi_approved"], of["spdx"], of["facts"]) == (
        "House Rules",
        "other",
        None,
        None,
        [],
    )


def test_an_unknown_license_is_refused_with_near_names() -> None:
    with pytest.raises(UnknownDocument, match=r"^no license 'acme-1\.1' is on file; near are acme-1\.0"):
        card.card(CATALOG, Texts(), "acme-1.1")
    with pytest.raises(UnknownDocument, match=r"on file; see clausewise licenses list$"):
        card.card(CATALOG, Texts(), "§" * 500)


def test_the_card_reads_as_markdown_with_every_fact() -> None:
    text = card.markdown(card.card(CATALOG, Texts(), "acme-1.0"))
    assert text.startswith(
        "# Acme \\*Model\\* License\n\nid acme-1.0, SPDX LicenseRef-acme, version 1.0, of 2024-07-23, by Acme"
    )
    assert "- Brand rules, https://acme.example/brand\n" in text
    assert "- conditions: include-copyright\n" in text
    assert (
        "**Permitted under conditions**\n\n- **redistribute** (weights), clause 1: “You may distribute” (retain notice "
        "“Built with \\*Acme\\*” on distribution; licensee, monthly-active-users above 700,000,000, group, release)\n"
    ) in text
    assert "- **prohibited use** (weights), acme-policy clause p1: “You agree not to build weapons with it.”" in text


def test_what_one_sentence_says_of_several_acts_is_one_line() -> None:
    class Both(Texts):
        def terms(self, id: str) -> tuple[Term, ...]:
            words = "You may not use the name Acme."
            return tuple(term("acme-1.0#2", LICENSE, words, act, "prohibited") for act in ("use-name-or-logo", "sell"))

    of = card.card(CATALOG, Both(), "acme-1.0")
    assert [fact["act"] for fact in of["facts"][:2]] == ["use-name-or-logo", "sell"]
    assert "- **use name or logo, sell** (weights), clause 2: “You may not" in card.markdown(of)


def test_the_list_has_a_row_for_each_entry_of_the_catalog() -> None:
    rows = card.listing(CATALOG)
    assert [row["id"] for row in rows] == ["acme-1.0", "acme-policy"]
    assert licenses.markdown(rows).splitlines()[2] == "| acme-1.0 | Acme \\*Model\\* License | open-weight | no |"


def test_every_license_of_the_product_has_a_row() -> None:
    rows = card.listing(catalog.load())
    assert [row["id"] for row in rows] == sorted(catalog.load().licenses)
    assert json.loads(json.dumps(rows)) == rows
