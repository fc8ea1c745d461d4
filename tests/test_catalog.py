"""The catalog: its data against the real texts, and what a wrong line in it says."""

import dataclasses
from collections import Counter

import pytest

from corpus import catalog, scancode
from corpus.errors import DataError

HASH = "0" * 64


@pytest.fixture(scope="module")
def real() -> catalog.Catalog:
    return catalog.load()


def test_every_text_is_on_file_and_the_one_described(real: catalog.Catalog) -> None:
    assert list(catalog.drift(real)) == []
    assert all(entry.sha256 for entry in real.licenses.values())


def test_there_is_enough(real: catalog.Catalog) -> None:
    assert len(real.licenses) >= 240
    tags = Counter(tag for entry in real.licenses.values() for tag in entry.tags)
    assert tags["ai"] >= 60
    assert tags["data"] >= 50
    assert tags["creative-commons"] >= 20
    classes = Counter(entry.class_ for entry in real.licenses.values())
    assert set(classes) == set(catalog.CLASSES)
    assert classes["source-available"] >= 40


def test_no_text_is_there_twice_or_empty(real: catalog.Catalog) -> None:
    assert max(Counter(entry.sha256 for entry in real.licenses.values()).values()) == 1
    assert all(scancode.read(id).text.strip() for id in real.licenses)


def test_addresses_of_external_policies_stand_in_the_text(real: catalog.Catalog) -> None:
    found = [(entry.id, policy) for entry in real.licenses.values() for policy in entry.external]
    assert len(found) >= 8
    for id, policy in found:
        assert policy.address in scancode.read(id).text, id


def test_dates_agree_with_the_key(real: catalog.Catalog) -> None:
    """A key that ends in a year or a date is that of the text."""
    checked = 0
    for entry in real.licenses.values():
        year = next((part for part in entry.id.split("-") if part.isdigit() and len(part) == 4), None)
        if year and entry.version_date:
            checked += 1
            assert entry.version_date.startswith(year), entry.id
    assert checked > 40


def test_spdx_ids_are_those_of_scancode_or_newer(real: catalog.Catalog) -> None:
    newer = {"openmdw-1.0", "wordnet"}
    for entry in real.licenses.values():
        listed = scancode.metadata(entry.id).get("spdx_license_key", "")
        if entry.id not in newer:
            assert entry.spdx == (None if listed.startswith("LicenseRef") else listed), entry.id


def test_every_tag_is_used_and_every_entry_tagged(real: catalog.Catalog) -> None:
    assert {tag for entry in real.licenses.values() for tag in entry.tags} == set(real.tags)
    assert all(entry.tags for entry in real.licenses.values())


def test_every_entry_has_a_family_and_names(real: catalog.Catalog) -> None:
    for entry in real.licenses.values():
        assert entry.family in real.families, entry.id
        assert len({catalog.fold(name) for name in entry.aliases}) == len(entry.aliases), entry.id


def test_a_bundle_is_found_from_each_of_its_parts(real: catalog.Catalog) -> None:
    assert real.bundle("llama-4-cla-2025") == ("llama-4-cla-2025", "llama-4-license-2025")
    assert real.bundle("llama-4-license-2025") == ("llama-4-license-2025", "llama-4-cla-2025")
    assert real.licenses["llama-4-license-2025"].kind == "policy"
    for id in ("gemma-tou-2024-04-01", "gemma-tou-2025-03-24"):
        assert real.bundle(id) == (id, "gemma-pup-2024-02-21")
    assert real.bundle("mit") == ("mit",)
    assert real.bundle("acme-policy") == ("acme-policy",)


def test_a_family_has_all_versions_in_order(real: catalog.Catalog) -> None:
    llama = real.families["llama"]
    assert [real.licenses[id].version for id in llama.members] == ["1", "2", "3.1", "3.2", "3.3", "4"]
    assert any("Llama 3 " in title for title in llama.not_on_file)
    assert real.licenses["llama-4-license-2025"].family == "llama"
    assert real.licenses["gpl-3.0-plus"].family == "gpl"
    assert real.families["mit"].members == ("mit",)


def test_describe_gives_a_document_what_the_catalog_knows(real: catalog.Catalog) -> None:
    policy = real.describe(scancode.read("gemma-pup-2024-02-21"))
    assert (policy.kind, policy.version, policy.license) == ("policy", "2024-02-21", "gemma-tou-2025-03-24")
    assert real.describe(scancode.read("llama-3.1-license-2024")).version == "2024-07-23"
    assert (
        real.describe(scancode.read("cc-by-nc-4.0")).title
        == "Creative Commons Attribution-NonCommercial 4.0 International"
    )
    stranger = dataclasses.replace(policy, id="acme-policy")
    assert real.describe(stranger) is stranger


@pytest.mark.parametrize(
    ("name", "id"),
    [
        ("Llama 3.1 Community License", "llama-3.1-license-2024"),
        ("Apache 2", "apache-2.0"),
        ("ALv2", "apache-2.0"),
        ("BSD 3-clause", "bsd-new"),
        ("CC BY-NC 4.0", "cc-by-nc-4.0"),
        ("CC-BY-NC-4.0", "cc-by-nc-4.0"),
        ("GPLv3", "gpl-3.0"),
        ("GPL-3.0-only", "gpl-3.0"),
        ("GPL-3.0-or-later", "gpl-3.0-plus"),
        ("CreativeML Open RAIL-M", "stable-diffusion-2022-08-22"),
        ("BigScience RAIL 1.0", "bigscience-rail-1.0"),
        ("Tongyi Qianwen License", "tongyi-qianwen-2023"),
        ("ELv2", "elastic-license-v2"),
        ("Modified MIT", "moonshot-ai-modified-mit-2025"),
        ("BSL-1.0", "boost-1.0"),
        ("BUSL-1.1", "bsl-1.1"),
    ],
)
def test_names_people_write(real: catalog.Catalog, name: str, id: str) -> None:
    names = (
        entry.id
        for entry in real.licenses.values()
        if catalog.fold(name) in {catalog.fold(other) for other in (entry.id, entry.spdx or "", *entry.aliases)}
    )
    assert tuple(names) == (id,)


def entry(id: str = "a", *lines: str) -> str:
    """Return a row of a catalog that is right except for what `lines` say."""
    fields = {"id": f'"{id}"', "title": f'"License {id.upper()}"', "class": '"open-source"'}
    fields |= dict(line.split(" = ", 1) for line in lines)
    body = "\n".join(f"{key} = {value}" for key, value in fields.items() if value != "-")
    return f"[[license]]\n{body}\n"


def family(name: str, members: str, *lines: str) -> str:
    return "\n".join(("[[family]]", f'name = "{name}"', f'title = "{name}"', f"members = {members}", *lines, ""))


@pytest.mark.parametrize(
    ("text", "says"),
    [
        ("[[license]\n", "not TOML"),
        ("[other]\n", "other: other: is not a table"),
        ("license = 1\n", r"write each as \[\[license\]\]"),
        ("license = [1]\n", r"license 1: license: write each as \[\[license\]\]"),
        ("renamed = 1\n", r"renamed: renamed: write \[renamed\]"),
        (entry("a", "id = -"), "license 1: id: is missing"),
        (entry("a", "title = -"), "a: title: is missing"),
        (entry("a", "class = -"), "a: class: is missing"),
        (entry("a", "colour = 1"), "a: colour: is not a field"),
        (entry("a", "title = 1"), "a: title: must be a str"),
        (entry("a", 'title = ""'), "a: title: is empty"),
        (entry("a", 'aliases = "A"'), "a: aliases: must be a list"),
        (entry("a", "aliases = []"), "a: aliases: is empty"),
        (entry("a", "aliases = [1]"), "a: aliases: must hold strings"),
        (entry("a", 'aliases = ["A1", "A1"]'), "a: aliases: names something twice"),
        (entry("a", 'osi_approved = "yes"'), "a: osi_approved: must be a bool"),
        (entry("A b"), "A b: id: must be lower case"),
        (entry("a") + entry("a"), "a: id: stands twice"),
        (entry("a", 'kind = "poem"'), "a: kind: 'poem' is none of license"),
        (entry("a", 'class = "free"'), "a: class: 'free' is none of open-source"),
        (entry("a", 'sha256 = "12"'), "a: sha256: must be 64"),
        (entry("a", 'tags = ["ai"]'), r"a: tags: 'ai' is not in \[tags\]"),
        (entry("a", 'version_date = "July 2024"'), "a: version_date: is not a date"),
        (entry("a", 'version_date = "2024-13"'), "a: version_date: is not a date"),
        (entry("a", 'version_date = "2023-02-29"'), "a: version_date: is not a date"),
        (entry("a", "external = 1"), "a: external: write each"),
        (entry("a", 'external = [{ title = "Use policy" }]'), "a: external: needs title and address"),
        (entry("a", 'external = [{ title = "Use policy", address = "" }]'), "a: external: must hold strings"),
        (entry("a", 'bundle = ["b"]'), "a: bundle: 'b' is not an id"),
        (entry("a", 'predecessor = "b"'), "a: predecessor: 'b' is not an id"),
        (entry("a", 'belongs_to = "b"'), "a: belongs_to: 'b' is not an id"),
        (entry("a", 'same_text_as = "b"'), "a: same_text_as: 'b' is not an id"),
        (entry("a", 'predecessor = "a"'), "a: predecessor: names the entry itself"),
        (entry("a", 'predecessor = "b"') + entry("b", 'predecessor = "a"'), "a: predecessor: leads back"),
        (entry("a", 'bundle = ["b"]') + entry("b"), "a: bundle: 'b' has no belongs_to"),
        (entry("a") + entry("b", 'belongs_to = "a"'), "b: belongs_to: 'a' does not have it in its bundle"),
        (
            entry("a", 'bundle = ["b"]')
            + entry("b", 'belongs_to = "a"', 'bundle = ["c"]')
            + entry("c", 'belongs_to = "b"'),
            "c: belongs_to: 'b' belongs to another license itself",
        ),
        (
            entry("a", 'version_date = "2024-07-23"') + entry("b", 'version_date = "2024-06"', 'predecessor = "a"'),
            "b: predecessor: 'a' is of a later date",
        ),
        (
            entry("a", 'version_date = "2024"') + entry("b", 'version_date = "2023-07-18"') + family("f", '["a", "b"]'),
            "f: members: 'a' is later than 'b'",
        ),
        (entry("a") + family("f", '["b"]'), "f: members: 'b' is not an id"),
        (entry("a") + family("f", '["a"]') + family("g", '["a"]'), "g: members: 'a' is already in 'f'"),
        (entry("a") + family("f", '["a"]') + family("f", '["a"]', "umbrella = true"), "f: name: stands twice"),
        (entry("a") + entry("b") + family("b", '["a"]'), "b: id: is also the name of a family"),
        (entry("a") + family("f", '["a"]', 'colour = "red"'), "f: colour: is not a field"),
        (entry("a", 'aliases = ["One"]') + entry("b", 'aliases = ["ONE"]'), "b: aliases: 'one' already names 'a'"),
        (entry("a", 'aliases = ["B"]') + entry("b"), "b: aliases: 'b' already names 'a'"),
        (entry("a", 'spdx = "One"') + entry("b", 'aliases = ["one"]'), "b: aliases: 'one' already names 'a'"),
        (
            entry("a", 'aliases = ["One  Two"]') + family("f", '["a"]', 'aliases = ["one two"]'),
            "'one two' already names",
        ),
        (
            entry("a", 'aliases = ["One"]') + entry("b", 'shared_aliases = ["one"]'),
            "b: shared_aliases: 'one' is not marked as shared in 'a'",
        ),
        ('renamed = { old = "new" }\n' + entry("a"), "renamed: old: 'new' is not an id"),
        ('renamed = { a = "a" }\n' + entry("a"), "renamed: a: is still an id"),
        ('tags = { ai = "" }\n', "tags: ai: must be a text"),
    ],
)
def test_a_wrong_line_is_named(text: str, says: str) -> None:
    with pytest.raises(DataError, match=says) as caught:
        catalog.parse(text)
    assert "\n" not in str(caught.value)


def test_what_is_allowed() -> None:
    found = catalog.parse(
        'renamed = { old-a = "a" }\ntags = { ai = "for models" }\n'
        + entry("a", 'tags = ["ai"]', 'shared_aliases = ["Both"]', 'version_date = "2024"', 'bundle = ["p"]')
        + '[[license.external]]\ntitle = "Use policy"\naddress = "a.example/use"\n'
        + entry("b", 'shared_aliases = ["Both"]', 'version_date = "2024-02"', 'predecessor = "a"', 'aliases = ["Bee"]')
        + entry("b-plus", 'same_text_as = "b"')
        + entry("p", 'kind = "policy"', 'belongs_to = "a"', f'sha256 = "{HASH}"')
        + family("f", '["a", "b"]', 'aliases = ["Eff"]', 'not_on_file = ["C"]')
        + family("all", '["b", "a"]', "umbrella = true")
    )
    assert found.get("old-a") is found.licenses["a"]
    assert found.get("old-b") is None
    assert found.licenses["b"].aliases == ("Bee", "Both")
    assert {id: entry.family for id, entry in found.licenses.items()} == {"a": "f", "b": "f", "b-plus": "f", "p": "f"}
    assert found.licenses["a"].external == (catalog.ExternalPolicy("Use policy", "a.example/use"),)
    assert found.families["f"].not_on_file == ("C",)
    assert found.families["all"].members == ("b", "a")
    assert found.bundle("p") == ("p", "a")


def test_drift_names_missing_and_changed_texts() -> None:
    found = catalog.parse(entry("mit", f'sha256 = "{HASH}"') + entry("mitt", f'sha256 = "{HASH}"'))
    changed, missing = catalog.drift(found)
    assert changed.startswith("mit: the text in ScanCode")
    assert missing.startswith("mitt: not in ScanCode")


def test_an_unreadable_file_gives_one_clear_line(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(catalog, "_PATH", catalog._PATH.with_name("nowhere.toml"))
    with pytest.raises(DataError, match="the catalog cannot be read"):
        catalog.load.__wrapped__()
