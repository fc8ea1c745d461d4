"""The order of lines for a question, and the fit of its weights."""

import dataclasses
import json

import numpy as np
import pytest
from texts import OPEN, case

from corpus.errors import InputError
from evals import ranking
from evals.ranking import Group
from rag import rerank
from rag.language import senses, words


def test_words_of_one_sense_meet():
    assert senses(words("hand it to a stranger")) & senses(words("distribute copies to third parties"))
    assert not senses(words("sue in court")) & senses(words("display a badge"))


def test_every_line_has_all_features_and_a_rank():
    asked = case(OPEN, "When do we lose our rights?")
    keys, matrix = rerank.features(asked)
    assert matrix.shape == (len(asked.sheets[0].lines), len(rerank.NAMES))
    assert len(set(keys)) == len(keys)
    assert np.isfinite(matrix).all()
    assert set(rerank.ranks(asked)) == set(keys)


@pytest.mark.parametrize(
    ("asked", "start"),
    [
        ("When do we lose our rights?", "If you fail to comply"),
        ("Which law applies, and where would we sue?", "The courts of Reykjavik"),
        ("We have 9 million active users. May we go on?", "If your product or service"),
        ("What must the name of our fine-tune begin with?", 'b. You shall include "Wren"'),
    ],
)
def test_the_line_asked_for_comes_early(asked, start):
    found = case(OPEN, asked)
    ranked = dataclasses.replace(found, ranks=rerank.ranks(found))
    first = [" ".join(e.text.split()) for e in ranked.likely(3)]
    assert any(text.startswith(start) for text in first), first


def groups(count: int) -> list[Group]:
    """Return cases of four lines of which the one with the second feature is right."""
    rng = np.random.default_rng(7)
    made = []
    for n in range(count):
        matrix = rng.normal(size=(4, len(rerank.NAMES))) * 0.1
        right = n % 4
        matrix[right, 1] += 1.0
        hits = tuple(frozenset({0}) if i == right else frozenset() for i in range(4))
        made.append(Group(f"q{n}", matrix, hits, 1, np.zeros(4), matrix[:, 0]))
    return made


def test_a_fit_finds_the_feature_that_tells():
    made = groups(60)
    beta = ranking.fit(made)
    assert int(np.argmax(beta[:-1])) == 1
    assert ranking.unseen(made)[1] > 0.95 > ranking.recalls(made, lambda g: g.before)[1]


def test_weights_are_written_with_the_remarks_above_them(tmp_path):
    path = tmp_path / "ranking.toml"
    path.write_text('# What this is.\n\n[weights]\n"old" = 1\n', encoding="utf-8")
    ranking.write(np.arange(len(rerank.NAMES) + 1, dtype=float), path)
    text = path.read_text(encoding="utf-8")
    assert text.startswith("# What this is.\n\n[weights]\n")
    assert '"shared words" = 0.000' in text
    assert f'"constant" = {len(rerank.NAMES)}.000' in text
    assert "old" not in text
    ranking.write(np.zeros(len(rerank.PLACES) + 1), path, files=True)
    text = path.read_text(encoding="utf-8")
    assert '"directly behind" = 0.000' in text
    assert '"shared words" = 0.000' in text


NOTED = """Plover Terms

1. Logs. Prompts typed into the assistant are stored for 30 days. Supervisors have no access to them.

2. Colours. The logo is green. It is printed on paper with soy ink, and no other ink will do.
"""


def test_in_a_file_what_limits_a_rule_is_found_behind_it():
    found = case(NOTED, "For how long are prompts typed into the assistant stored?")
    assert found.entry is None
    ranked = dataclasses.replace(found, ranks=rerank.ranks(found))
    texts = [e.text for e in ranked.likely(2)]
    assert texts[0].endswith("30 days.")
    assert texts[1].startswith("Supervisors")


def test_a_gold_line_that_does_not_parse_is_named(tmp_path):
    path = tmp_path / "gold.jsonl"
    path.write_text(json.dumps({"id": "X"}) + "\n", encoding="utf-8")
    with pytest.raises(InputError, match="line 1 is not a gold item"):
        ranking.items.load(path)
