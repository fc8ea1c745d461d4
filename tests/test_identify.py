"""Which known license a text is: every catalog text knows itself, damaged ones are still known, and differences are shown."""

import json
import random
import re
import sys
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from corpus import catalog, pinned, scancode, sync
from corpus.errors import EngineError
from evals import identification
from evals.damage import DAMAGES
from rag import known as known_texts
from rag import opinion, prints
from rag.identify import identify
from rag.opinion import Detection, Opinion
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


def test_a_text_that_is_no_license_is_unknown(known: Prints) -> None:
    prose = "The wren is a small bird. It sings in hedges, and it may be granted that it sings without charge, subject to rain. "
    shuffled = text_of("apache-2.0").split()
    random.Random(1).shuffle(shuffled)
    for text in (prose * 20, " ".join(shuffled), "", "—", "All rights reserved."):
        assert identify(text, known, text_of) == (), text[:60]


@pytest.mark.parametrize("damage", DAMAGES)
def test_each_damage_changes_a_text_and_leaves_it_known(damage: str, known: Prints) -> None:
    text = DAMAGES[damage](text_of("apache-2.0"), text_of("isc"), random.Random(damage))
    assert text != text_of("apache-2.0")
    keys = {found.key for found in identify(text, known, text_of)}
    assert keys == ({"apache-2.0", "isc"} if damage == "two licenses" else {"apache-2.0"})


def test_what_two_licenses_have_in_common_counts_for_both(known: Prints) -> None:
    few = prints.make((key, text_of(key)) for key in ("apache-2.0", "openatom-model-1.0", "mit"))
    for pair in (("openatom-model-1.0", "apache-2.0"), ("mit", "mit")):
        both = "\n\n----\n\n".join(map(text_of, pair))
        assert {(m.key, m.how) for m in identify(both, few, text_of)} == {(key, "contained") for key in pair}


def test_fetched_texts_are_known_too(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(scancode, "keys", lambda: ("mit", "isc"))
    found = next(iter(pinned.load()))
    text = (
        "You may use the Finch Model for anything but the catching of finches, as long as you keep this text with it."
    )
    item = sync.Document(found, "Finch License", "license", text, None, found, sync.Origin("x", "y"))
    monkeypatch.setattr(sync, "documents", lambda texts, home: iter([item]))
    texts = known_texts.load(tmp_path)
    assert [(m.key, m.how) for m in texts.identify(text.upper())] == [(found, "exact")]
    assert (texts.text(found), texts.document("mit").title) == (text, "MIT License")
    monkeypatch.setattr(sync, "documents", lambda texts, home: iter(()))
    assert known_texts.load(tmp_path).identify(text) == ()


# ScanCode's engine beside ours


def replies(program: str) -> tuple[str, ...]:
    return (sys.executable, "-c", program)


def test_a_second_opinion_is_read_from_the_reply_of_another_process() -> None:
    rows = [{"expression": "mit AND (isc OR bsd-new)", "matches": [{"start_line": 1, "end_line": 9}]}]
    found = opinion.ask("text", command=replies(f"import sys; sys.stdin.read(); print({json.dumps(rows)!r})"))
    assert found.keys == {"mit", "isc", "bsd-new"}
    assert opinion.ask("text", command=replies("print('[]')")).keys == set()


@pytest.mark.parametrize(
    ("program", "why"),
    [
        ("import time; time.sleep(30)", "took more than 0.5 s"),
        ("import wren_that_is_not_installed", "No module named"),
        ("import os; os.kill(os.getpid(), 9)", "was ended by signal 9, as when memory runs out"),
        ("print('birds')", "gave no usable reply"),
        ("print('[{}]')", "gave no usable reply"),
    ],
)
def test_an_engine_that_cannot_be_had_is_one_line(program: str, why: str) -> None:
    timeout = 0.5 if "sleep" in program else 20.0
    with pytest.raises(EngineError, match=why) as found:
        opinion.ask("text", timeout=timeout, command=replies(program))
    assert "\n" not in str(found.value)
    with pytest.raises(EngineError, match="no second opinion"):
        opinion.ask("text", command=("./no-such-program",))


def test_a_second_opinion_on_the_command_line(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(scancode, "keys", lambda: ("mit", "isc"))
    file = tmp_path / "LICENSE"
    file.write_text(text_of("mit"), encoding="utf-8")
    match = {"rule": "r", "expression": "mit", "coverage": 100.0, "score": 100.0, "start_line": 1, "end_line": 17}
    for key, agrees in (("mit", True), ("isc", False)):
        said = Opinion("scancode 1", (Detection(key, (match,)),))
        monkeypatch.setattr(opinion, "ask", lambda text, said=said: said)
        assert cli.main(["--home", str(tmp_path), "identify", str(file), "--second-opinion", "--json"]) == 0
        assert json.loads(capsys.readouterr().out)["second_opinion"]["agrees"] is agrees
    assert cli.main(["--home", str(tmp_path), "identify", str(file), "--second-opinion"]) == 0
    assert "isc, lines 1 to 17" in capsys.readouterr().out

    def fail(text: str) -> Opinion:
        raise EngineError("no second opinion: no memory")

    monkeypatch.setattr(opinion, "ask", fail)
    assert cli.main(["--home", str(tmp_path), "identify", str(file), "--second-opinion"]) == 4
    shown = capsys.readouterr()
    assert ("MIT License" in shown.out, shown.err) == (True, "clausewise: no second opinion: no memory\n")


@pytest.mark.slow
def test_the_real_engine_gives_a_second_opinion_without_being_imported() -> None:
    found = opinion.ask(f"{text_of('mit')}\n\n{ADDED}", timeout=600)
    assert found.keys == {"mit"}
    assert found.detections[0].matches[0]["start_line"] >= 1
    assert not any(name.split(".")[0] == "licensedcode" for name in sys.modules)


# Every text of the catalog


@pytest.mark.slow
def test_damaged_texts_are_still_known_and_others_are_not() -> None:
    of = identification.known()
    ids = sorted(catalog.load().licenses)
    assert [id for id, _ in identification.lost(of, ids)] == []
    # Every text meets every damage in `python -m evals.identification`; here each meets every fifth.
    score = identification.Score()
    for n, damages in enumerate(zip(*[iter(DAMAGES)] * 5, strict=True)):
        one = identification.measure(of, ids[n % 5 :: 5], damages)
        score.right, score.given, score.wanted = (
            score.right + one.right,
            score.given + one.given,
            score.wanted + one.wanted,
        )
    seen, taken = identification.refused(of, identification.strangers(ids[::3]))
    assert len(seen) == 4
    assert min(seen.values()) >= 50
    assert score.right / (score.given + taken.total()) >= 0.98, taken
    assert score.recall >= 0.98
    # Exact and near-exact within a tenth of a second, the longest texts too.
    for change in (str, lambda text: f"{text}\n\n{ADDED}"):
        assert identification.timed(of, ids, change)[-1] <= 100
