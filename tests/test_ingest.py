import dataclasses
from pathlib import Path

import pytest
from store_fakes import small

from corpus import ingest, library, scancode
from corpus.errors import InputError
from corpus.files import Extracted
from corpus.library import Original
from corpus.types import Document

ORIGINAL = Original("acme-policy", "Acme Policy.md", "0" * 64, "2026-01-02", "original.md")


def own(text: str, title: str = "Acme model policy", original: Original = ORIGINAL) -> tuple[Original, Document]:
    return original, ingest.own_document(original, Extracted(text, title, (), "text/markdown"))


def test_the_texts_are_those_that_the_catalog_names() -> None:
    found = ingest.collect(small("mit", "isc"))
    assert [item.id for item in found.documents] == ["isc", "mit"]
    assert found.documents[1].text == scancode.read("mit").text
    assert (found.files, found.aliases, found.problems) == ({}, {}, ())


def test_a_file_of_the_user_becomes_a_document() -> None:
    found = ingest.collect(small("mit"), [own("# Acme model policy\r\n\r\nAsk first.\r\n")])
    item = found.documents[0]
    assert (item.id, item.title, item.kind, item.license) == ("acme-policy", "Acme model policy", "policy", None)
    assert item.text == "# Acme model policy\r\n\r\nAsk first.\r\n"
    assert (item.origin.source, item.origin.retrieved) == ("file:Acme Policy.md", "2026-01-02")
    assert found.files == {"acme-policy": ORIGINAL.sha256}


def test_a_text_that_is_on_file_is_an_alias() -> None:
    first, second, third = (dataclasses.replace(ORIGINAL, id=id) for id in ("a", "b", "c"))
    files = [own(scancode.read("mit").text, original=first), own("Ask.", original=second), own("Ask.", original=third)]
    found = ingest.collect(small("mit"), files)
    assert found.aliases == {"a": "mit", "c": "b"}
    assert [item.id for item in found.documents] == ["b", "mit"]
    assert set(found.files) == {"b"}


def test_an_id_of_the_catalog_is_never_shadowed() -> None:
    taken = dataclasses.replace(ORIGINAL, id="mit", name="MIT.txt")
    found = ingest.collect(small("mit"), [own("Our own text.", original=taken)])
    assert [item.id for item in found.documents] == ["mit", "mit-2"]
    assert found.problems == ("MIT.txt is now mit-2: the catalog has a text of its own called mit",)
    assert found.documents[1].text == "Our own text."


def test_a_text_that_scancode_no_longer_has_is_reported() -> None:
    given = small("mit")
    gone = dataclasses.replace(given.licenses["mit"], id="gone-1.0")
    found = ingest.collect(dataclasses.replace(given, licenses={**given.licenses, "gone-1.0": gone}))
    assert [item.id for item in found.documents] == ["mit"]
    assert found.problems[0].startswith("gone-1.0: ScanCode ")


def test_characters_that_are_none_are_refused() -> None:
    with pytest.raises(InputError, match=r"Acme Policy.md holds characters that are no text \(surrogates\)"):
        own("half a pair \ud83d")


def test_a_file_without_a_title_is_called_after_its_name() -> None:
    assert own("x", title="original")[1].title == "Acme Policy"


@pytest.mark.parametrize(
    ("name", "kind"),
    [
        ("Acme open-source policy", "policy"),
        ("model_usage_guidelines.md", "policy"),
        ("License of the Foo model", "license"),
        ("EULA.txt", "license"),
        ("Master services agreement", "contract"),
        ("EU AI Act", "regulation"),
        ("Notes from Tuesday", "other"),
    ],
)
def test_kinds_follow_what_a_file_calls_itself(name: str, kind: str) -> None:
    assert ingest.kind_of(name) == kind


def test_the_same_sources_have_the_same_hash() -> None:
    first = ingest.collect(small("mit", "isc"))
    assert ingest.inputs(first, "e") == ingest.inputs(ingest.collect(small("isc", "mit")), "e")
    titled = dataclasses.replace(first.documents[0], title="Other")
    others = [
        ingest.inputs(first, "f"),
        ingest.inputs(ingest.collect(small("mit")), "e"),
        ingest.inputs(dataclasses.replace(first, documents=(titled, first.documents[1])), "e"),
        ingest.inputs(dataclasses.replace(first, aliases={"x": "mit"}), "e"),
    ]
    assert ingest.inputs(first, "e") not in others


def test_a_changed_copy_is_read_again(tmp_path: Path) -> None:
    library.keep(tmp_path, "a", Path("a.md"), b"# One\n")
    assert [item.text for _, item in ingest.own_documents(tmp_path, None)] == ["# One\n"]
