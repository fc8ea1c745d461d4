"""The review queue: nothing that a reader said is lost or altered, and nothing becomes gold that does not hold."""

import json
import subprocess
import sys
from dataclasses import replace
from pathlib import Path
from tempfile import TemporaryDirectory

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from small_store import build, fails, printed

from corpus.errors import InputError, StoreError
from corpus.store import Store
from evals import feedback, inbox, items
from evals.admission import Decision
from evals.feedback import RATINGS, Cited, Correction, Entry, Published
from rag.types import Turn

ROOT = Path(__file__).parent.parent
GRANT = "to deal in the Software without restriction"
ANSWER = Published("yes", "You may [1].", (Cited("mit", "p1", GRANT, "0" * 64),))
ENTRY = Entry("down", "May I sell MIT code?", ANSWER, (Turn("user", "hello"), Turn("assistant", "hi")), "It depends.")

# Texts hold whatever a browser can send; line ends of every kind must not tear a line of the file.
texts = st.text(st.characters(codec="utf-8") | st.sampled_from('\n\r\v\f\x1c\x85\u2028\u2029"\\'), max_size=40)
named = st.text(st.characters(codec="utf-8"), max_size=20)
entries = st.builds(
    Entry,
    st.sampled_from(RATINGS),
    texts.filter(bool),
    st.builds(Published, st.sampled_from(sorted(items.VERDICTS)), texts, st.tuples(st.builds(Cited, *[named] * 4))),
    st.lists(st.builds(Turn, named.filter(bool), texts), max_size=3).map(tuple),
    texts,
    st.none() | st.builds(Correction, st.sampled_from(sorted(items.VERDICTS)), named, named, texts),
)


@pytest.fixture(scope="module")
def home(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return build(tmp_path_factory.mktemp("home"))


@pytest.fixture(scope="module")
def store(home: Path) -> Store:
    return Store.open(home)


def lines(path: Path) -> list[dict]:
    return [json.loads(line) for line in path.read_bytes().split(b"\n")[:-1]]


# The queue


@settings(max_examples=20)  # each is written through to the disk
@given(st.lists(entries, max_size=4))
def test_what_was_said_comes_back_to_the_letter(said: list[Entry]) -> None:
    with TemporaryDirectory() as folder:
        ids = [inbox.add(Path(folder), each).id for each in said]
        queue = inbox.entries(Path(folder))
    assert len(set(ids)) == len(said)
    assert [each.id for each in queue.entries] == ids
    assert [replace(each, id="", time="") for each in queue.entries] == said
    assert queue.problems == ()


def test_an_entry_tells_when_in_utc(tmp_path: Path) -> None:
    inbox.add(tmp_path, ENTRY)
    assert inbox.entries(tmp_path).entries[0].time.endswith("+00:00")


@pytest.mark.parametrize(
    ("wrong", "told"),
    [
        (replace(ENTRY, reason="x" * 2_001), "reason has 2,001 characters; 0 to 2,000"),
        (replace(ENTRY, question=""), "question has 0 characters"),
        (replace(ENTRY, question="\ud800"), "question holds half a sign"),
        (replace(ENTRY, rating="sideways"), "rating is none of up, down"),
        (replace(ENTRY, answer=replace(ANSWER, verdict="maybe")), "'maybe' is no verdict"),
        (replace(ENTRY, answer=replace(ANSWER, citations=ANSWER.citations * 301)), "citations is no list of at most"),
        (replace(ENTRY, history=ENTRY.history * 26), "history is no list of at most 50"),
    ],
)
def test_what_does_not_fit_is_refused_and_nothing_is_written(tmp_path: Path, wrong: Entry, told: str) -> None:
    with pytest.raises(InputError, match=told):
        inbox.add(tmp_path, wrong)
    assert not (tmp_path / inbox.INBOX).exists()


def test_a_full_queue_takes_no_more(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(inbox, "MOST_ENTRIES", 1)
    inbox.add(tmp_path, ENTRY)
    with pytest.raises(InputError, match="accept or reject some first"):
        inbox.add(tmp_path, ENTRY)


WRITER = """
import sys
from pathlib import Path
from evals import inbox
from evals.feedback import Entry, Published
for n in range(40):
    inbox.add(Path(sys.argv[1]), Entry("up", f"{sys.argv[2]} {n} " + "x" * 5000, Published("yes", "")))
"""


def test_two_processes_that_write_at_once_lose_nothing(tmp_path: Path) -> None:
    commands = [[sys.executable, "-c", WRITER, str(tmp_path), name] for name in ("a", "b")]
    running = [subprocess.Popen(command, cwd=ROOT) for command in commands]
    assert [each.wait(60) for each in running] == [0, 0]
    queue = inbox.entries(tmp_path)
    assert queue.problems == ()
    assert len({each.id for each in queue.entries}) == 80
    for name in ("a", "b"):
        mine = [each.question.split()[1] for each in queue.entries if each.question.startswith(name)]
        assert mine == list(map(str, range(40)))


def test_the_half_line_of_a_killed_writer_is_told_and_cut(tmp_path: Path) -> None:
    first = inbox.add(tmp_path, ENTRY).id
    path = tmp_path / inbox.INBOX
    whole = path.read_bytes()
    path.write_bytes(whole + whole[: len(whole) // 2])
    queue = inbox.entries(tmp_path)
    assert [each.id for each in queue.entries] == [first]
    assert "line 2 is cut off" in queue.problems[0]
    kept = inbox.add(tmp_path, ENTRY)
    assert "killed writer" in kept.told
    queue = inbox.entries(tmp_path)
    assert [each.id for each in queue.entries] == [first, kept.id]
    assert queue.problems == ()


def test_bad_lines_are_told_with_their_number_and_survive_what_is_settled(tmp_path: Path) -> None:
    first = inbox.add(tmp_path, ENTRY).id
    path = tmp_path / inbox.INBOX
    good = path.read_bytes()
    bad = b'\xff\n[]\n{}\n"x"\nnonsense\n' + b"[" * 100_000 + b"\n"
    path.write_bytes(bad + good + good)
    queue = inbox.entries(tmp_path)
    assert [each.id for each in queue.entries] == [first]
    assert [problem.split("line ")[1].split()[0] for problem in queue.problems] == ["1", "2", "3", "4", "5", "6", "8"]
    assert all("\n" not in problem and len(problem) < 250 + len(str(path)) for problem in queue.problems)
    inbox.reject(tmp_path, first, "twice")
    assert path.read_bytes() == bad


def test_a_queue_that_cannot_be_written_is_one_line(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("")
    with pytest.raises(StoreError, match="cannot write"):
        inbox.add(tmp_path / "file" / "eval", ENTRY)
    (tmp_path / inbox.INBOX).mkdir()
    with pytest.raises(InputError, match="cannot be read"):
        inbox.add(tmp_path, ENTRY)


# Accepting and rejecting


def test_what_is_rejected_leaves_the_queue_and_is_kept_with_the_reason(tmp_path: Path) -> None:
    ids = [inbox.add(tmp_path, ENTRY).id for _ in range(3)]
    inbox.reject(tmp_path, ids[1], "a joke")
    assert [each.id for each in inbox.entries(tmp_path).entries] == [ids[0], ids[2]]
    (done,) = lines(tmp_path / inbox.DONE)
    assert (done["id"], done["question"], done["done"]["why"]) == (ids[1], ENTRY.question, "a joke")
    for id, why, told in ((ids[1], "again", "no entry"), (ids[0], " ", "give a reason"), (ids[0], "x" * 2001, "2,000")):
        with pytest.raises(InputError, match=told):
            inbox.reject(tmp_path, id, why)


def test_an_accepted_entry_is_a_gold_question(tmp_path: Path, store: Store) -> None:
    gold = tmp_path / "gold.jsonl"
    gold.write_text('{"id": "U007", "question": "Another?"}', encoding="utf-8")  # without a line end
    odd = replace(ENTRY, question="May\u2028I sell\x85 it?")
    id = inbox.add(tmp_path, odd).id
    decision = Decision(("conditional", "yes"), (("mit", GRANT.replace(" in ", "\n  in ")),))
    item = inbox.accept(tmp_path, id, decision, store, gold)
    assert items.load(gold)[1] == item
    assert list(items.problems([item], store)) == []
    assert (item.id, item.question, item.history) == ("U008", odd.question, odd.history)
    assert (item.verdicts, item.slices, item.licenses) == (("conditional", "yes"), ("from-chat",), ("mit",))
    assert item.rationale == "It depends."
    assert item.evidence[0].clause
    row = json.loads(gold.read_bytes().split(b"\n")[1])
    (done,) = lines(tmp_path / inbox.DONE)
    assert done["time"] in row["author_note"]
    assert done["done"]["item"] == "U008"
    assert inbox.entries(tmp_path).entries == ()


@pytest.mark.parametrize(
    ("decision", "told"),
    [
        (Decision(("yes",), (("mit", "to resell in the Software for ever"),)), "does not stand in mit"),
        (Decision(("yes",), (("mit", "deal"),)), "a quote has 4 characters"),
        (Decision(("yes",), (("mit", "  "),)), "a quote has 0 characters"),
        (Decision(("yes",), (("mitt", GRANT),)), "mitt"),
        (Decision(("maybe",), (("mit", GRANT),)), "'maybe' is no verdict; choose with --verdict from abstain"),
        (Decision((), (("mit", GRANT),)), "no verdict is given"),
        (Decision(("yes",)), "no quote is given"),
    ],
)
def test_what_does_not_hold_is_refused_and_nothing_changes(
    tmp_path: Path, store: Store, decision: Decision, told: str
) -> None:
    id = inbox.add(tmp_path, ENTRY).id
    with pytest.raises(InputError, match=told):
        inbox.accept(tmp_path, id, decision, store, tmp_path / "gold.jsonl")
    assert [each.id for each in inbox.entries(tmp_path).entries] == [id]
    assert not (tmp_path / "gold.jsonl").exists()
    assert not (tmp_path / inbox.DONE).exists()


def test_the_same_question_is_not_accepted_twice(tmp_path: Path, store: Store) -> None:
    first, second = (inbox.add(tmp_path, ENTRY).id for _ in range(2))
    decision = Decision(("abstain",))
    assert inbox.accept(tmp_path, first, decision, store, tmp_path / "gold.jsonl").id == "U001"
    with pytest.raises(InputError, match="as U001 already"):
        inbox.accept(tmp_path, second, decision, store, tmp_path / "gold.jsonl")


# The command line


def test_an_entry_goes_from_the_list_into_a_gold_file(home: Path, capsys: pytest.CaptureFixture[str]) -> None:
    at = ("--home", str(home), "eval", "inbox")
    assert printed(capsys, *at) == "The inbox is empty.\n"
    id = inbox.add(home / "eval", replace(ENTRY, question="May *I* sell\n\x1b[31m it? " + "x" * 100)).id
    shown = printed(capsys, *at)
    assert f"| {id} | not right | May \\*I\\* sell" in shown
    assert "\x1b" not in shown
    assert "… | yes | It depends. |" in shown
    shown = printed(capsys, *at, "show", id)
    assert GRANT in shown
    assert "hello" in shown
    gold = home / "gold.jsonl"
    quote = ("--quote", "mit", GRANT)
    told = printed(
        capsys, *at, "accept", id, "--verdict", "yes", *quote, "--into", str(gold), "--rationale", "So it is."
    )
    assert told == f"{id} stands as U001 in {gold}.\n"
    assert items.load(gold)[0].rationale == "So it is."
    id = inbox.add(home / "eval", ENTRY).id
    assert fails(capsys, *at, "reject", id) == (2, "give a reason of at most 2,000 characters with --reason")
    assert printed(capsys, *at, "reject", id, "--reason", "no question") == f"{id} is rejected.\n"
    assert printed(capsys, *at) == "The inbox is empty.\n"


COPIED = f"MIT License (2), clause 1: “{GRANT}” http://127.0.0.1:8000/source/mit?start=1&end=9#p1"


@pytest.mark.parametrize(
    ("reason", "verdict", "document", "clause"),
    [
        ("It forgets a clause.", None, "", ""),
        ("The verdict is what I doubt", None, "", ""),
        ("no such verdict, or yes", None, "", ""),
        ("Verdict: no", "no", "", ""),
        ("the verdict should be *conditional*, I think", "conditional", "", ""),
        (f"Read this: {COPIED} Thanks", "", "mit", "p1"),
        (f"verdict: yes\n{COPIED}", "yes", "mit", "p1"),
        (COPIED.replace("mit?", "a%2Bb?").replace("#p1", "#1.a%7E2"), "", "a+b", "1.a~2"),
        ("“a quote” https://example.org/#p1", None, "", ""),
    ],
)
def test_a_reason_may_hold_a_correction(reason: str, verdict: str | None, document: str, clause: str) -> None:
    found = feedback.correction(reason)
    quote = GRANT if document else ""
    assert found == (None if verdict is None else Correction(verdict, document, clause, quote))


def test_what_the_reader_corrected_is_what_is_accepted(home: Path, capsys: pytest.CaptureFixture[str]) -> None:
    at, gold = ("--home", str(home), "eval", "inbox"), home / "corrected.jsonl"
    said = replace(ENTRY, correction=feedback.correction(f"verdict: conditional {COPIED}"))
    id = inbox.add(home / "eval", said).id
    assert f"**Should be:** conditional; mit, p1: “{GRANT}”" in printed(capsys, *at, "show", id)
    printed(capsys, *at, "accept", id, "--into", str(gold))
    (item,) = items.load(gold)
    assert (item.verdicts, [e.quote for e in item.evidence]) == (("conditional",), [GRANT])
    id = inbox.add(home / "eval", replace(said, question="Another?")).id
    printed(capsys, *at, "accept", id, "--into", str(gold), "--verdict", "no")
    assert items.load(gold)[1].verdicts == ("no",)


def test_what_goes_wrong_is_one_line(home: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    at = ("--home", str(home), "eval", "inbox")
    assert fails(capsys, *at, "show", "none") == (2, "no entry 'none' waits; list them with: clausewise eval inbox")
    id = inbox.add(home / "eval", ENTRY).id
    accept = (*at, "accept", id, "--verdict", "yes", "--quote", "mit", GRANT, "--into")
    for place in (tmp_path, tmp_path / "none" / "gold.jsonl"):
        status, line = fails(capsys, *accept, str(place))
        assert status == 2
        assert "cannot be written" in line
        assert "--into" in line
    (tmp_path / "bad.jsonl").write_text('{"id": "G1", "question": "?"}\nnonsense\n', encoding="utf-8")
    status, line = fails(capsys, *accept, str(tmp_path / "bad.jsonl"))
    assert (status, "line 2" in line) == (2, True)
    assert inbox.find(home / "eval", id).question == ENTRY.question
    inbox.reject(home / "eval", id, "done")
    status, _ = fails(capsys, "--home", str(tmp_path), "eval", "inbox", "accept", "x", "--verdict", "yes")
    assert status == 3  # no store


def test_a_bad_line_is_told_beside_the_list(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    from ui import cli

    id = inbox.add(tmp_path / "eval", ENTRY).id
    with (tmp_path / "eval" / inbox.INBOX).open("ab") as file:
        file.write(b"nonsense\n")
    assert cli.main(["--home", str(tmp_path), "eval", "inbox"]) == 0
    out, err = capsys.readouterr()
    assert id in out
    assert "line 2 is no entry" in err
