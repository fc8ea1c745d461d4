"""What to swap: the smallest set of components, and models that do the same and fit the use."""

from functools import cache

import pytest
from hypothesis import given
from hypothesis import strategies as st
from test_audit import Library

from corpus import registry
from rag.audit import Auditor
from rag.replace import does, smallest
from rag.stack import parse

NAMES = st.frozensets(st.sampled_from("abcdef"), min_size=1, max_size=3)


@pytest.mark.parametrize(
    ("errors", "swap"),
    [
        ([], ""),
        (["a"], "a"),
        (["ab"], "a"),
        (["ab", "bc"], "b"),
        (["ab", "b"], "b"),
        # Taking what is in most errors first would take a, and then one of each pair: four.
        (["ab", "ac", "ad", "be", "cf", "dg"], "bcd"),
        (["ab", "cd", "ef"], "ace"),
    ],
)
def test_the_smallest_set_leaves_no_error(errors: list[str], swap: str) -> None:
    assert smallest(map(frozenset, errors)) == tuple(swap)


@given(st.lists(NAMES, max_size=8))
def test_no_smaller_set_leaves_no_error(errors: list[frozenset[str]]) -> None:
    found = set(smallest(errors))
    assert all(causes & found for causes in errors)
    for n in range(2**6):
        other = {name for bit, name in enumerate("abcdef") if n >> bit & 1}
        assert len(other) >= len(found) or not all(causes & other for causes in errors)


def test_a_large_tangle_is_still_answered() -> None:
    errors = [frozenset((f"a{n}", f"b{n}")) for n in range(40)]
    found = set(smallest(errors))
    assert len(found) == 40
    assert all(causes & found for causes in errors)


@cache
def auditor() -> Auditor:
    return Auditor(registry.load(), Library())


def swapped(components: str, distribution: str = "hosted") -> dict[str, tuple[str, ...]]:
    use = f"[use]\ndistribution = '{distribution}'\npurposes = ['commercial']\n"
    return {r.component: r.candidates for r in auditor().audit(parse(use + components)).replacements}


@pytest.mark.parametrize(
    ("component", "kind"),
    [
        ("name = 'reranker'\nlicense = 'cc-by-nc-4.0'", "reranking"),
        ("name = 'search'\nmodel = 'jinaai/jina-embeddings-v3'", "embedding"),
        ("name = 'painter'\nmodel = 'black-forest-labs/FLUX.1-dev'", "image"),
        ("name = 'answerer'\nlicense = 'cc-by-nc-4.0'", "text"),
        ("name = 'core'\nlicense = 'exaone-ai-model-1.1-nc'", "text"),
    ],
)
def test_candidates_do_what_the_component_does(component: str, kind: str) -> None:
    (candidates,) = swapped(f"[[component]]\n{component}\n").values()
    models = [registry.load().model(id) for id in candidates]
    assert candidates
    assert {does(model) for model in models if model} == {kind}
    # Each fits the use as it stands: put in its place it leaves no error.
    for id in candidates:
        assert swapped(f"[[component]]\nname = 'x'\nmodel = '{id}'\n") == {}


def test_what_is_no_model_has_no_candidates() -> None:
    assert swapped("[[component]]\nname = 'search'\nlicense = 'elastic-license-v2'\n") == {"search": ()}
    assert swapped("[[component]]\nname = 'corpus'\nlicense = 'cc-by-nc-4.0'\n") == {"corpus": ()}


def test_a_candidate_clashes_with_nothing_in_the_work_it_goes_into() -> None:
    teachers = (
        "[[component]]\nname = 'one'\nlicense = 'llama-3.3-license-2024'\n"
        "[[component]]\nname = 'two'\nlicense = 'hyperclova-x-seed-2025'\n"
        "[[component]]\nname = 'student'\nderived_from = ['one', 'two']\nhow = 'train-on-outputs'\n"
    )
    ((name, candidates),) = swapped(teachers, "weights").items()
    assert name == "one"
    assert candidates
    series = [model.series for id in candidates if (model := registry.load().model(id))]
    assert "llama" not in series
    assert len(set(series)) == len(series)
