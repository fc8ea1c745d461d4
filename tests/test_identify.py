"""Which known license a text is: every catalog text knows itself, damaged ones are still known, and differences are shown."""

import json
import random
import re
from collections.abc import Callable
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from corpus import catalog, scancode
from rag import prints
from rag.identify import identify
from rag.prints import Prints
from ui import cli

ADDED = (
    "If you operate a service with more than five million users, you must ask us for another license before you use it."
)


def text_of(key: str) -> str:
    return scancode.read(key).text


@pytest.fixture(scope="module")
def known() -> Prints:
    return prints.make((key, text_of(key)) for key in ("mit", "isc", "bsd-new", "apache-2.0", "gemma-tou-2025-03-24"))


def test_a_text_is_known_without_its_owner_marks_and_line_ends(known: Prints) -> None:
    text = "Copyright (c) 2026 Example Ltd. All rights reserved.\n\n" + re.sub(r"\s+", "\n", text_of("mit")).upper()
    (found,) = identify(text, known, text_of)
    assert (found.key, found.how, found.likeness) == ("mit", "exact", 1.0)


def test_an_added_clause_makes_a_changed_text(known: Prints) -> None:
    (found,) = identify(f"{text_of('mit')}\n\n{ADDED}", known, text_of)
    assert (found.key, found.how, found.coverage) == ("mit", "changed", 1.0)
    assert 0.8 < found.likeness < 1


def test_two_licenses_in_one_file_are_both_found(known: Prints) -> None:
    both = f"{text_of('gemma-tou-2025-03-24')}\n\n----\n\n{text_of('apache-2.0')}"
    assert {found.key for found in identify(both, known, text_of)} == {"gemma-tou-2025-03-24", "apache-2.0"}


@given(st.text(max_size=400))
def test_no_text_breaks_it_and_shares_stay_shares(text: str) -> None:
    few = prints.make([("a", "one two three four five six seven"), ("b", "")])
    for found in identify(text, few, {"a": "one two three four five six seven", "b": ""}.__getitem__):
        assert 0 <= found.likeness <= 1
        assert 0 <= found.coverage <= 1


def test_fingerprints_are_kept_and_made_again_when_damaged(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(scancode, "keys", lambda: ("mit", "isc"))
    first = prints.load(tmp_path)
    (path,) = (tmp_path / "prints").iterdir()
    monkeypatch.setattr(prints, "make", lambda texts: pytest.fail("made again"))
    assert prints.load(tmp_path).keys == first.keys == ("mit", "isc")
    monkeypatch.undo()
    monkeypatch.setattr(scancode, "keys", lambda: ("mit", "isc"))
    path.write_bytes(b"damaged")
    assert prints.load(tmp_path).keys == ("mit", "isc")


def test_identify_on_the_command_line(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(scancode, "keys", lambda: ("mit", "isc", "apache-2.0"))
    file = tmp_path / "LICENSE"
    file.write_text(f"{text_of('mit')}\n\n{ADDED}\n", encoding="utf-8")
    assert cli.main(["--home", str(tmp_path), "identify", str(file), "--json"]) == 0
    found = json.loads(capsys.readouterr().out)
    assert (found["matches"][0]["id"], found["matches"][0]["how"]) == ("mit", "changed")
    added = [change["after"]["text"] for change in found["differences"]["changes"] if change["kind"] == "added"]
    assert any("five million users" in text for text in added)
    assert cli.main(["--home", str(tmp_path), "identify", str(file)]) == 0
    assert "MIT License" in capsys.readouterr().out
    assert cli.main(["--home", str(tmp_path), "identify", str(tmp_path / "absent")]) == 2
    file.write_text("We like birds.\n", encoding="utf-8")
    assert cli.main(["--home", str(tmp_path), "identify", str(file)]) == 0
    assert "None of 3 known texts" in capsys.readouterr().out


def _without_a_clause(text: str, dice: random.Random) -> str:
    parts = text.split("\n\n")
    if len(parts) > 6:
        # A short paragraph: a text of which a third is gone is another text.
        short = [n for n, part in enumerate(parts) if len(part) < len(text) / 10]
        parts.pop(dice.choice(short or [0]))
    return "\n\n".join(parts)


DAMAGE: tuple[Callable[[str, random.Random], str], ...] = (
    lambda text, dice: re.sub(r"\s+", " ", text),
    lambda text, dice: "\n".join(re.findall(rf".{{1,{dice.randint(30, 90)}}}(?:\s|$)", re.sub(r"\s+", " ", text))),
    lambda text, dice: f"Copyright (c) {dice.randint(1990, 2030)} Example Ltd.\n\n{text}",
    lambda text, dice: text.upper(),
    lambda text, dice: text.replace('"', "”").replace("'", "’"),
    lambda text, dice: "".join(f"> {line}\n" for line in text.splitlines()),
    lambda text, dice: re.sub(r"\b20\d\d\b", str(dice.randint(2000, 2040)), text),
    lambda text, dice: f"THIRD PARTY NOTICES\n\nThis product contains the following component:\n\n{text}",
    lambda text, dice: f"{text}\n\n{ADDED}\n",
    _without_a_clause,
)


@pytest.mark.slow
def test_damaged_texts_are_still_known() -> None:
    every = prints.make(zip(scancode.keys(), map(text_of, scancode.keys()), strict=True))
    ids = [id for id in catalog.load().licenses if len(text_of(id)) > 600]
    dice = random.Random(7)
    right = answered = 0
    wrong = []
    for id in ids:
        for n, damage in enumerate(DAMAGE):
            text = damage(text_of(id), dice)
            found = identify(text, every, text_of)
            answered += bool(found)
            right += bool(found) and found[0].key == id
            if not found or found[0].key != id:
                wrong.append((id, n, [match.key for match in found]))
    precision, recall = right / answered, right / (len(ids) * len(DAMAGE))
    assert (precision >= 0.98, recall >= 0.98) == (True, True), (precision, recall, wrong[:20])


@pytest.mark.slow
def test_every_catalog_text_identifies_itself() -> None:
    every = prints.make(zip(scancode.keys(), map(text_of, scancode.keys()), strict=True))
    lost = [
        id for id in catalog.load().licenses if id not in {match.key for match in identify(text_of(id), every, text_of)}
    ]
    assert lost == []
