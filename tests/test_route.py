"""Routing: names first, contrasts aside, versions by their dates, the user's files by their titles."""

import pytest
from texts import document

from corpus import catalog, registry
from rag.question import understand
from rag.route import route
from rag.types import Request


def way(text, **fields):
    known, names = catalog.load(), registry.load()
    on_file = {id: document("T\n", id=id) for id in known.licenses}
    request = Request(text, **fields)
    return route(request, understand(request, names), known, on_file)


@pytest.mark.parametrize(
    ("text", "licenses"),
    [
        ("Can I sell a fine-tune of Llama 3.1 8B?", ("llama-3.1-license-2024",)),
        ("May we ship an Apache-2.0 library?", ("apache-2.0",)),
        ("May we put Mixtral under our own license instead of Apache?", ("apache-2.0",)),
        ("Do the Gemma 3 terms cap users the way Llama's license does?", ("gemma-tou-2025-03-24",)),
        ("What do the Gemma terms of April 2024 say on outputs?", ("gemma-tou-2024-04-01",)),
    ],
)
def test_documents_are_picked_by_name(text, licenses):
    assert way(text).licenses == licenses


def test_a_family_without_version_is_ambiguous_and_complete():
    found = way("Can I resell a Llama LoRA?")
    assert found.ambiguous
    assert len(found.licenses) >= 5


def test_the_name_of_a_family_tells_none_of_its_versions_apart():
    assert {"qwen-2024", "tongyi-qianwen-2023"} <= set(way("Can I use Qwen in my app?").licenses)


def test_a_license_brings_its_use_policy():
    found = way("May Llama 4 pick targets?")
    assert len(found.documents) == 2


def test_an_unknown_version_leads_nowhere():
    found = way("What does section 2 of the Llama 7 license say?")
    assert not found.documents
    assert found.unknown


def test_what_the_request_fixes_wins():
    assert way("Can I sell it?", licenses=("mit",)).licenses == ("mit",)
