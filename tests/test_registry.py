"""The registry finds the names in a text, leads each to the right license, and says what it does not know."""

import time
import tomllib
from collections.abc import Iterator
from datetime import date
from itertools import pairwise
from pathlib import Path

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st
from mention_cases import FAMILIES, LICENSES, MODELS, ORDINARY, TYPOS, UNKNOWN

from corpus import catalog, names
from corpus.errors import DataError
from corpus.mention import Mention
from corpus.model_rows import Model, parse
from corpus.names import forms
from corpus.registry import Registry, load

DATA = Path(names.__file__).parent / "data" / "models.toml"


@pytest.fixture(scope="module")
def registry() -> Registry:
    return load()


def only(registry: Registry, text: str) -> Mention:
    mentions = registry.mentions(text)
    assert len(mentions) == 1, [(mention.kind, mention.text) for mention in mentions]
    return mentions[0]


# Names


@pytest.mark.parametrize(("text", "model"), MODELS.items())
def test_a_model_is_found_as_people_write_it(registry: Registry, text: str, model: str) -> None:
    mention = only(registry, text)
    assert (mention.kind, mention.model) == ("model", model)
    assert mention.licenses == registry.model(model).licenses


@pytest.mark.parametrize(("text", "license"), LICENSES.items())
def test_a_license_is_found_as_people_write_it(registry: Registry, text: str, license: str) -> None:
    mention = only(registry, text)
    assert (mention.kind, mention.licenses) == ("license", (license,))


@pytest.mark.parametrize(("text", "licenses"), FAMILIES.items())
def test_a_name_that_does_not_decide_is_a_family(registry: Registry, text: str, licenses: tuple[str, ...]) -> None:
    mention = only(registry, text)
    assert mention.kind == "family"
    assert [id for id in mention.licenses if id in licenses] == list(licenses), (
        "members must be there, in version order"
    )


@pytest.mark.parametrize(("text", "prefix"), UNKNOWN.items())
def test_a_version_that_does_not_exist_is_unknown(registry: Registry, text: str, prefix: str) -> None:
    mention = only(registry, text)
    assert (mention.kind, mention.licenses, mention.model) == ("unknown", (), None)
    assert mention.near
    assert all(id.startswith(prefix) for id in mention.near)


@pytest.mark.parametrize(("text", "id"), TYPOS.items())
def test_a_typing_error_is_mended(registry: Registry, text: str, id: str) -> None:
    mention = only(registry, text)
    assert mention.model == id or id in mention.licenses
    assert mention.score < 1


@pytest.mark.parametrize("sentence", ORDINARY)
def test_ordinary_sentences_name_nothing(registry: Registry, sentence: str) -> None:
    assert registry.mentions(sentence) == ()


@pytest.mark.parametrize(("text", "version"), [("Lama 3.9", "3.9"), ("Gema 13", "13"), ("Apahce 5.0", "5.0")])
def test_digits_are_never_mended(registry: Registry, text: str, version: str) -> None:
    assert version not in {number for mention in registry.mentions(text) for number in mention.licenses}
    assert all(mention.kind == "unknown" for mention in registry.mentions(text))


def test_every_listed_name_leads_to_its_own_model(registry: Registry) -> None:
    for model in registry.models:
        for alias in model.aliases:
            assert only(registry, alias).model == model.id, alias


def test_every_license_is_found_by_its_title(registry: Registry) -> None:
    for entry in catalog.load().licenses.values():
        if ", English text" in entry.title:
            continue  # a remark of the catalog, no part of the name
        assert entry.id in {id for mention in registry.mentions(entry.title) for id in mention.licenses}, entry.title


# Names in sentences


def found(registry: Registry, text: str) -> list[tuple[str, str]]:
    return [(mention.text, mention.model or "+".join(mention.licenses)) for mention in registry.mentions(text)]


def test_all_names_of_a_sentence_are_found_in_order(registry: Registry) -> None:
    text = "We trained OLMo 2 (Apache-2.0) on outputs of both Llama 3.1 405B and Qwen2.5-72B; MIT or CC BY-SA 4.0?"
    assert found(registry, text) == [
        ("OLMo 2", "olmo-2"),
        ("Apache-2.0", "apache-2.0"),
        ("Llama 3.1 405B", "llama-3.1"),
        ("Qwen2.5-72B", "qwen2.5-72b"),
        ("MIT", "mit"),
        ("CC BY-SA 4.0", "cc-by-sa-4.0"),
    ]


@pytest.mark.parametrize(
    ("text", "ids"),
    [
        ("Llama 3.1 and 3.2", ["llama-3.1", "llama-3.2"]),
        ("Llama 3.1, 3.2 and 3.3?", ["llama-3.1", "llama-3.2", "llama-3.3"]),
        ("Gemma 2 or 3?", ["gemma-2", "gemma-3"]),
        ("GPL-2.0 vs 3.0", ["gpl-2.0", "gpl-3.0"]),
        ("Llama 3.1 and 99.9 % of users", ["llama-3.1"]),
        ("Llama 3.1 and 3 engineers", ["llama-3.1"]),
    ],
)
def test_a_version_goes_on_from_the_name_before(registry: Registry, text: str, ids: list[str]) -> None:
    assert [id for _, id in found(registry, text)] == ids


def test_a_hub_id_is_one_mention_and_a_copy_by_others_is_marked(registry: Registry) -> None:
    own = only(registry, "see meta-llama/Llama-3.1-8B-Instruct, please")
    copy = only(registry, "see unsloth/Llama-3.1-8B-Instruct-GGUF, please")
    assert own.text == "meta-llama/Llama-3.1-8B"
    assert (own.model, own.score) == ("llama-3.1", 1.0)
    assert (copy.model, copy.score) == ("llama-3.1", 0.9)
    assert [id for _, id in found(registry, "Apache/MIT")] == ["apache-2.0", "mit"]
    assert [id for _, id in found(registry, "mit vs apache 2.0")] == ["mit", "apache-2.0"]
    assert [id for _, id in found(registry, "can I ship an mit file")] == ["mit"]


def test_a_generation_without_a_text_on_file_names_its_siblings(registry: Registry) -> None:
    mention = only(registry, "Llama 3")
    model = registry.model("llama-3")
    assert (mention.kind, mention.licenses) == ("model", ())
    assert mention.near == ("llama-3.1", "llama-3.2", "llama-3.3")
    assert model.missing.startswith("Meta Llama 3 Community License")
    assert "not on file" in model.note


def test_a_family_also_names_the_models_whose_license_is_not_on_file(registry: Registry) -> None:
    mention = only(registry, "Qwen2.5")
    assert "qwen2.5-3b" in mention.near
    assert registry.model("qwen2.5-3b").licenses == ()


def test_modified_mit_is_never_the_mit_license(registry: Registry) -> None:
    mention = only(registry, "modified MIT")
    assert "mit" not in mention.licenses
    assert {"kimi-k2", "kimi-k2.5", "minimax-m2", "gpt-2"} <= set(mention.near)


def test_what_looks_like_a_name_is_unknown_and_names_what_is_near(registry: Registry) -> None:
    for text in ("the Wombat Public License 2.0", "our MedNote-8B", "acme/foolm-7b"):
        mention = only(registry, text)
        assert (mention.kind, mention.score) == ("unknown", 0.5)
        assert mention.near
    assert registry.mentions("The Software License, Our Model License and Any Commercial License") == ()


def test_a_size_before_and_a_version_before_belong_to_the_name(registry: Registry) -> None:
    assert only(registry, "the 72B Qwen2.5").text == "72B Qwen2.5"
    assert only(registry, "version 2 of the GPL").licenses == ("gpl-2.0",)


def test_a_genitive_does_not_part_a_name(registry: Registry) -> None:
    assert only(registry, "bilibili's model license").licenses == ("bilibili-model-ula-2025-09-09",)
    assert found(registry, "Meta’s Llama 3.1") == [("Meta’s Llama 3.1", "llama-3.1")]
    assert found(registry, "DeepSeek-R1's outputs") == [("DeepSeek-R1", "deepseek-r1")]


def test_other_languages_do_not_hide_names(registry: Registry) -> None:
    assert found(registry, "使用Llama 3.1可以商用吗") == [("Llama 3.1", "llama-3.1")]
    assert found(registry, "Darf ich mit Gemma 3 Geld verdienen?") == [("Gemma 3", "gemma-3")]


def test_nearest_names_for_error_messages(registry: Registry) -> None:
    assert "Llama 3.1" in registry.nearest("lama 3.1")
    assert any("GNU General Public License" in name for name in registry.nearest("gnu public license 3"))
    assert len(registry.nearest("x", 2)) <= 2
    assert registry.title("mit") == "MIT License"
    assert registry.title("no-such-id") == "no-such-id"
    assert registry.model("no-such-id") is None


# Any text

fragments = st.sampled_from(
    [
        "Llama",
        "3.1",
        "-",
        "/",
        " ",
        "(",
        "[dev]",
        "GPL",
        "v",
        "or",
        "8B",
        ",",
        "\n",
        "License",
        "MIT",
        "Apahce",
        "ſ",
        "İ",
        "²",
    ]
)


@settings(max_examples=200)
@given(st.one_of(st.text(max_size=200), st.lists(fragments, max_size=40).map("".join)))
@example("9" * 5000)
@example("Llama " * 50)
@example("\x00Llama 3.1\ud800".encode("utf-8", "replace").decode())
def test_mentions_are_in_order_apart_and_to_the_letter(text: str) -> None:
    mentions = load().mentions(text)
    assert all(text[mention.start : mention.end] == mention.text != "" for mention in mentions)
    assert all(first.end <= second.start for first, second in pairwise(mentions))
    assert all(set(mention.licenses) <= set(catalog.load().licenses) for mention in mentions)


@pytest.mark.parametrize("text", ["A" * 100_000, "Aaaa " * 20_000, "a-1." * 25_000, "Lama 3 " * 14_000, "x/" * 50_000])
def test_a_long_text_takes_time_in_proportion(registry: Registry, text: str) -> None:
    start = time.process_time()
    registry.mentions(text)
    assert time.process_time() - start < 5


# The data


def rows() -> Iterator[Model]:
    yield from load().models


def test_pages_have_an_address_and_a_date() -> None:
    for model in rows():
        if model.basis == "page":
            assert model.source.startswith("https://"), model.id
            assert date(2026, 1, 1) <= date.fromisoformat(model.checked) <= date(2026, 12, 31), model.id
        else:
            assert model.checked is None, model.id


def test_there_are_enough_models_and_most_families_rest_on_evidence() -> None:
    by_basis = {
        basis: sum(model.basis == basis for model in rows()) for basis in ("page", "license-text", "unverified")
    }
    assert sum(by_basis.values()) >= 150
    assert by_basis["page"] + by_basis["license-text"] >= 80


def test_every_ai_license_family_of_the_catalog_has_a_model() -> None:
    used = {id for model in rows() for id in (*model.licenses, *model.assets.values())}
    weights = {
        entry.id
        for entry in catalog.load().licenses.values()
        if entry.class_ in ("open-weight", "research-only") and "ai" in entry.tags and entry.belongs_to is None
    }
    without = weights - used
    assert len(without) <= len(weights) / 4, sorted(without)


def test_a_model_without_a_license_on_file_says_which_is_missing() -> None:
    assert all(model.licenses or model.missing for model in rows())


def test_no_two_rows_share_a_name() -> None:
    seen: dict[tuple[str, ...], str] = {}
    for model in rows():
        for alias in model.aliases:
            form = forms(alias, names.load())
            assert seen.setdefault(form, model.id) == model.id, alias


def test_words_versions_and_sizes_are_in_normal_form() -> None:
    for model in rows():
        for text in (*model.words, *model.may, *model.versions, *model.sizes):
            assert forms(text, names.load()) == (text,) or text == "+", (model.id, text)


def test_every_row_can_be_reached_by_a_name(registry: Registry) -> None:
    """A row that others always go before would never be found."""
    stems = {series["name"]: series["stems"][0] for series in tomllib.loads(DATA.read_text())["series"]}
    for model in rows():
        version = f" {model.versions[-1]}" if model.versions and not model.first else ""
        size = f" {model.sizes[-1]}" if model.sizes else ""
        words = "".join(f" {word}" for word in model.words)
        text = f"{stems[model.series]}{words}{version}{size}".replace(" +", "+")
        reached = {id for mention in registry.mentions(text) for id in (mention.model, *mention.near)}
        assert model.id in reached, text


# Damaged data

SERIES = '[[series]]\nname = "foo"\nstems = ["Foo"]\n'
MODEL = '[[model]]\nid = "foo-1"\nname = "Foo 1"\nseries = "foo"\nlicenses = ["mit"]\nbasis = "unverified"\n'


@pytest.mark.parametrize(
    ("text", "problem"),
    [
        ("[[model]", "is not TOML"),
        ("[[shelf]]\n", "is not a table"),
        (SERIES + MODEL + MODEL, "stands twice"),
        (SERIES + MODEL.replace('"mit"', '"mitt"'), "is not an id of the catalog"),
        (SERIES + MODEL.replace('["mit"]', "[]"), "must name the license whose text is not on file"),
        (SERIES + MODEL.replace("unverified", "hearsay"), "is none of page"),
        (SERIES + MODEL.replace("unverified", "page"), "https address"),
        (
            SERIES + MODEL.replace("unverified", "page") + 'source = "https://x.org"\nchecked = "2026-13-01"\n',
            "the date",
        ),
        (SERIES + MODEL + 'checked = "2026-01-01"\n', "only for a row whose basis is a page"),
        (SERIES + MODEL + 'near = ["bar"]\n', "is not a model"),
        (SERIES + MODEL + 'conflicts = [{ license = "x" }]\n', "needs license and https source"),
        (SERIES + MODEL + "colour = 1\n", "is not a field"),
        (SERIES + MODEL + 'sizes = "7b"\n', "must be a list"),
        (MODEL, "is not a series"),
        ('decoys = "x"\n', "decoys"),
    ],
)
def test_a_damaged_file_names_row_and_field(text: str, problem: str) -> None:
    with pytest.raises(DataError, match=problem):
        parse(text, {"mit"})


def test_damaged_word_lists_are_refused() -> None:
    with pytest.raises(DataError, match=r"names\.toml"):
        names.words_from("join = []")
