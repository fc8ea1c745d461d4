"""Gold items: what is read, what is refused with its line, what does not fit the texts."""

import json
from pathlib import Path

import pytest
import small_store
from hypothesis import given
from hypothesis import strategies as st

from corpus.errors import InputError
from corpus.store import Store
from evals import items

ITEM = {
    "id": "T1",
    "question": "Can I sell it?",
    "verdict": ["yes"],
    "evidence": [{"license": "mit", "quote": "to deal in the Software without restriction", "clause": "p1"}],
    "must_mention": [["sell", "sold"]],
    "history": [{"role": "user", "content": "Hello"}],
}


@pytest.fixture(scope="module")
def store(tmp_path_factory: pytest.TempPathFactory) -> Store:
    return Store.open(small_store.build(tmp_path_factory.mktemp("home")))


def written(path: Path, *rows: object) -> Path:
    path.write_text("\n".join(r if isinstance(r, str) else json.dumps(r) for r in rows) + "\n", encoding="utf-8")
    return path


def test_a_question_is_read_with_all_its_fields(tmp_path: Path) -> None:
    (item,) = items.load(written(tmp_path / "g.jsonl", ITEM, ""))
    assert (item.id, item.verdicts, item.must_mention) == ("T1", ("yes",), (("sell", "sold"),))
    assert item.evidence == (items.Evidence("mit", "to deal in the Software without restriction", "p1"),)
    assert item.history[0].content == "Hello"


@pytest.mark.parametrize(
    ("row", "says"),
    [
        ("not json", "line 2 is not a gold item"),
        ("[]", "line 2 is not a gold item"),
        ({"id": "x"}, "line 2 is not a gold item (KeyError('question'))"),
        ({**ITEM, "id": "T2", "verdict": ["perhaps"]}, "unknown verdict"),
        ({**ITEM, "id": "T2", "evidence": [{"license": "mit"}]}, "KeyError('quote')"),
        (ITEM, "the id T1 stands in line 1 too"),
    ],
)
def test_a_bad_line_is_named(tmp_path: Path, row: object, says: str) -> None:
    with pytest.raises(InputError) as caught:
        items.load(written(tmp_path / "g.jsonl", ITEM, row))
    assert says in str(caught.value)


def test_claims_are_read_and_refused(tmp_path: Path) -> None:
    row = {"id": "C1", "claim": "MIT allows sale", "label": "supported", "also_acceptable": "not_enough_info"}
    (claim,) = items.load_claims(written(tmp_path / "c.jsonl", row))
    assert claim.also == ("not_enough_info",)
    with pytest.raises(InputError, match="unknown label 'true'"):
        items.load_claims(written(tmp_path / "d.jsonl", {**row, "label": "true"}))


@pytest.mark.parametrize(
    ("evidence", "says"),
    [
        ({"license": "mit", "quote": "to deal in the Software without restriction"}, ""),
        ({"license": "mit", "quote": "to deal in the\nSoftware  without restriction", "clause": "p1"}, ""),
        ({"license": "gpl", "quote": "to deal in the Software"}, "gpl is not on file"),
        ({"license": "mit", "quote": "to deal out the Software"}, "does not stand in mit"),
        ({"license": "mit", "quote": "to deal in the Software", "clause": "9"}, "mit has no clause 9"),
        ({"license": "mit", "quote": "to deal in the Software", "clause": "p2"}, "does not begin in clause p2"),
        ({"license": "mit", "quote": "Software"}, "has 8 characters"),
    ],
)
def test_items_are_held_to_the_texts(store: Store, evidence: dict[str, str], says: str) -> None:
    found = list(items.problems([items.question({**ITEM, "evidence": [evidence]})], store))
    assert (says in found[0]) if says else found == []


@given(
    st.recursive(
        st.none() | st.booleans() | st.integers() | st.text(), lambda c: st.lists(c) | st.dictionaries(st.text(), c)
    )
)
def test_whatever_a_line_holds_it_is_read_or_refused(row: object) -> None:
    try:
        items.question(row)  # type: ignore[arg-type]
    except (ValueError, KeyError, TypeError, AttributeError):
        return
    raise AssertionError("no arbitrary value has an id, a question and nothing wrong")
