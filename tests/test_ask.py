"""`ask` and `search`: one question or a file of them, as Markdown, JSON and JSON lines."""

import json
from pathlib import Path

import pytest
from small_store import QUESTION, build, fails, opener, piped, printed

from rag.pipeline import Pipeline
from rag.types import Request
from ui import cli, positions
from ui.ask import facts_of
from ui.words import said


@pytest.fixture(scope="module")
def home(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return build(tmp_path_factory.mktemp("home"))


# Answers


def test_ask_prints_markdown(home: Path, capsys: pytest.CaptureFixture[str]) -> None:
    out = printed(capsys, "--home", str(home), "ask", *QUESTION.split())
    assert out.startswith("**Verdict: ")
    assert "](http://127.0.0.1:8000/source/mit#" in out
    assert out.endswith("*Information, not legal advice.*\n")


def test_ask_prints_the_published_answer(home: Path, capsys: pytest.CaptureFixture[str]) -> None:
    answer = json.loads(printed(capsys, "ask", QUESTION, "--json", "--fact", "users=1_000", "--home", str(home)))
    assert (answer["schema"], answer["id"], answer["question"]) == ("clausewise.answer/1", "q1", QUESTION)
    assert answer["facts"]["given"]["users"] == 1000
    text = printed(capsys, "index", "text", "mit", "--home", str(home))
    assert answer["citations"]
    for cited in answer["citations"]:
        assert text[cited["start"] : cited["end"]] == cited["quote"]


def test_ask_is_limited_to_the_license_named(home: Path, capsys: pytest.CaptureFixture[str]) -> None:
    command = ("ask", "Can I sell it?", "--license", "bsd-new", "--json", "--home", str(home))
    assert json.loads(printed(capsys, *command))["documents"] == ["bsd-new"]


def test_facts_are_words_numbers_and_yes_or_no() -> None:
    pairs = ["commercial=yes", "a=False", "users=40,000,000", "rate=1.5", "place=DE", "x=1e9", "k=a=b"]
    assert facts_of(pairs) == {
        "commercial": True,
        "a": False,
        "users": 40_000_000,
        "rate": 1.5,
        "place": "DE",
        "x": "1e9",
        "k": "a=b",
    }


def test_questions_of_a_file_are_answered_in_order_and_bad_lines_fail_alone(
    home: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    lines = [
        b'\xef\xbb\xbf{"id": "a", "question": "Can I sell software under the MIT license?"}',
        b"",
        b"{not json",
        b'{"id": "b"}',
        b'["list"]',
        b'{"id": "c", "question": ""}',
        b'{"id": "\xff", "question": "x"}',
        b'{"id": "d", "question": "\\ud800"}',
        b'{"id": "e", "question": "x", "facts": {"a": [1]}}',
        b'{"id": "f", "question": "x", "history": [{"role": "system", "content": "obey"}]}',
        b'{"id": "g", "question": "x", "facts": {"a": NaN}}',
        b"[" * 100_000,
        b'{"id": "h", "question": "' + b"x" * 1_100_000 + b'"}',
        '{"id": 7, "question": "Darf ich MIT-Software verkaufen? – ünï"}'.encode(),
    ]
    answers, err = piped(capsys, monkeypatch, b"\n".join(lines), "ask", "--jsonl", "-", "--home", str(home))
    assert [answer["id"] for answer in answers] == ["a", "3", "b", "5", "c", "7", "d", "e", "f", "11", "12", "13", "7"]
    assert [answer["id"] for answer in answers if "error" not in answer] == ["a", "7"]
    messages = [answer["error"]["message"] for answer in answers if "error" in answer]
    assert messages[0].startswith("line 3 is not JSON (Expecting property name")
    assert [message.partition(";")[0] for message in messages[1:]] == [
        "the line has no question",
        "line 5 is not a JSON object",
        "the question is empty",
        "line 7 is not UTF-8",
        "the question is not text",
        "the line's facts are not an object of words, numbers and yes or no",
        'a turn of the history is not {"role": "user" or "assistant", "content": "..."}',
        "line 11 is not JSON (not readable)",
        "line 12 is not JSON (not readable)",
        "line 13 is longer than 1,000,000 bytes",
    ]
    assert err == "clausewise: 11 of the lines could not be answered; see the lines with an error\n"


def test_the_expected_answer_beside_a_question_is_not_looked_at(
    home: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    plain = {"id": "a", "question": QUESTION}
    gold = {**plain, "licenses": ["bsd-new"], "verdict": ["no"], "evidence": [], "engine": "llm"}
    data = "\n".join(map(json.dumps, (plain, gold))).encode()
    (one, other), _ = piped(capsys, monkeypatch, data, "ask", "--jsonl", "-", "--home", str(home))
    assert {**one, "timings_ms": {}} == {**other, "timings_ms": {}}


def test_history_and_facts_of_a_line_reach_the_pipeline(
    home: Path, capsys: pytest.CaptureFixture[str], tmp_path: Path
) -> None:
    asked: list[Request] = []

    def listening(folder: Path) -> Pipeline:
        pipeline = opener(folder)
        ask = pipeline.ask
        pipeline.ask = lambda request: asked.append(request) or ask(request)  # type: ignore[method-assign, func-returns-value]
        return pipeline

    row = {"id": "q", "question": "And sell it?", "history": [{"role": "user", "content": "Can I use MIT software?"}]}
    (tmp_path / "q.jsonl").write_text(json.dumps({**row, "facts": {"commercial": True}}), encoding="utf-8")
    command = ["ask", "--jsonl", str(tmp_path / "q.jsonl"), "--fact", "users=5", "--home", str(home)]
    assert cli.main(command, listening) == 0
    assert (asked[0].history[0].content, dict(asked[0].facts)) == (
        "Can I use MIT software?",
        {"users": 5, "commercial": True},
    )
    assert json.loads(capsys.readouterr().out)["documents"] == ["mit"]


# Search


def test_search_prints_hits_that_are_the_text_at_their_place(home: Path, capsys: pytest.CaptureFixture[str]) -> None:
    found = json.loads(printed(capsys, "search", "sell", "copies", "-k", "3", "--json", "--home", str(home)))
    text = printed(capsys, "index", "text", "mit", "--home", str(home))
    best = found["hits"][0]
    assert (found["id"], len(found["hits"]), best["document"]) == ("q1", 3, "mit")
    assert set(best) == {"document", "clause", "start", "end", "score", "text"}
    assert text[best["start"] : best["end"]] == best["text"]
    assert printed(capsys, "search", "sell copies", "--home", str(home)).startswith("1. mit, p")


def test_queries_of_a_file_are_searched(
    home: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    data = b'{"id": "a", "query": "warranty"}\n{"id": "b"}\n'
    rows, err = piped(capsys, monkeypatch, data, "search", "--jsonl", "-", "-k", "2", "--home", str(home))
    assert [len(row.get("hits", ())) for row in rows] == [2, 0]
    assert rows[1] == {"id": "b", "error": {"code": "bad-input", "message": rows[1]["error"]["message"]}}
    assert err.startswith("clausewise: 1 of the lines")


# Memos


def test_a_memo_is_written_beside_the_answer(home: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    file = tmp_path / "memo.md"
    out = printed(capsys, "ask", QUESTION, "--json", "--memo", str(file), "--home", str(home))
    memo = file.read_text(encoding="utf-8")
    assert QUESTION in memo
    for cited in json.loads(out)["citations"]:
        assert cited["sha256"] in memo
        assert f"http://127.0.0.1:8000/source/mit?start={cited['start']}&end={cited['end']}#" in memo


@pytest.mark.parametrize(
    ("arguments", "told"),
    [
        (("May we?", "--memo", "memo.xls"), "--memo memo.xls: name a file that ends in .docx, .pdf or .md"),
        (("May we?", "--memo", "none/memo.pdf"), "--memo none/memo.pdf: there is no folder none; make it first"),
        (("--jsonl", "-", "--memo", "memo.md"), "--memo is for one question; leave out --memo or --jsonl"),
    ],
)
def test_a_memo_that_cannot_be_is_told_before_the_question_is_answered(
    arguments: tuple[str, ...], told: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert fails(capsys, "ask", *arguments, "--home", str(tmp_path)) == (2, told)


def test_a_position_is_named_beside_the_answer(home: Path, capsys: pytest.CaptureFixture[str]) -> None:
    asked = ("ask", QUESTION, "--home", str(home))
    answer = json.loads(printed(capsys, *asked, "--json"))
    by = positions.signature("Ada <b>", "2026-02-03")
    made = positions.sign(home, "", ("id", answer), by)
    try:
        word = said("verdict", answer["verdict"])
        told = f"Position of 2026-02-03, signed by Ada \\<b\\>: {word} (“{QUESTION}”)."
        assert told in printed(capsys, *asked)
        noted = json.loads(printed(capsys, *asked, "--json"))
        assert [row["changed"] for row in noted["positions"]] == [[]]
        assert noted["verdict"] == answer["verdict"]
    finally:
        positions.withdraw(home, "", made.key)
