"""Samples to be judged, in and out of their file."""

import json
from pathlib import Path

import pytest

from corpus.errors import InputError
from evals.samples import Sample, load, save

ROW = {"id": "a", "question": "May I?", "answer": "Yes.", "contexts": ["You may."], "reference": "Yes."}


def test_samples_go_through_their_file_sorted(tmp_path: Path) -> None:
    path = tmp_path / "samples.jsonl"
    second = Sample("b", "Dürfen wir das?", "", (), "", ("„Ja“",))
    first = Sample("a", "May I?", "Yes.\nNo.", ("You may.", "or not"), "Yes.")
    save(path, [second, first])
    assert load(path) == (first, second)


def test_the_hash_is_of_all_that_is_judged() -> None:
    sample = Sample("a", "May I?", "Yes.", ("x", "y"), "Yes.")
    others = [
        Sample("a", "May I?", "Yes.", ("x", "y"), "No."),
        Sample("a", "May I?", "Yes.", ("xy",), "Yes."),
        Sample("a", "May I?", "Yes.", ("x", "y"), "Yes.", ("z",)),
    ]
    assert len({sample.digest, *(other.digest for other in others)}) == 4
    assert sample.digest == Sample("a", "May I?", "Yes.", ("x", "y"), "Yes.").digest


@pytest.mark.parametrize(
    ("line", "says"),
    [
        ("{oops", "line 2 is not JSON"),
        ("[]", "line 2 is not a JSON object"),
        (b"\xff\xfe".decode("latin-1"), "line 2 is not JSON"),
        (json.dumps(ROW), "line 2 repeats the id 'a'"),
        (json.dumps({**ROW, "id": "b", "extra": 1}), "line 2 has a field 'extra'"),
        (json.dumps({k: v for k, v in ROW.items() if k != "answer"}), "line 2 has no answer"),
        (json.dumps({**ROW, "id": 7}), "line 2 has a field id that is no text"),
        (json.dumps({**ROW, "id": " "}), "line 2 has an empty id"),
        (json.dumps({**ROW, "id": "b", "question": ""}), "line 2 has an empty question"),
        (json.dumps({**ROW, "id": "b", "contexts": "one"}), "line 2 has contexts that are no list of texts"),
        (json.dumps({**ROW, "id": "b", "contexts": [1]}), "line 2 has contexts that are no list of texts"),
        (json.dumps({**ROW, "id": "b", "evidence": None}), "line 2 has evidence that are no list of texts"),
    ],
)
def test_a_bad_line_is_told_with_its_number(tmp_path: Path, line: str, says: str) -> None:
    path = tmp_path / "samples.jsonl"
    path.write_text(f"{json.dumps(ROW)}\n{line}\n")
    with pytest.raises(InputError, match=says) as caught:
        load(path)
    assert "\n" not in str(caught.value)


def test_bytes_that_are_no_text_are_told(tmp_path: Path) -> None:
    (tmp_path / "s").write_bytes(b'\xef\xbb\xbf{"id": "\xff"}\n')
    with pytest.raises(InputError, match="line 1 is not UTF-8"):
        load(tmp_path / "s")
