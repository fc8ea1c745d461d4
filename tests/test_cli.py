"""The command line: what it prints, its exit statuses, and that whatever goes wrong is one line."""

import io
import json
import os
import resource
import shlex
import subprocess
import sys
from collections.abc import Callable
from functools import partial
from hashlib import sha256
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from corpus import catalog, registry
from corpus.catalog import Catalog
from corpus.errors import StoreError
from corpus.manifest import Embedder
from corpus.store import Store
from rag import index
from rag.embed import Progress, Vectors
from rag.pipeline import Pipeline
from rag.retrieve import Retriever
from rag.types import Request
from ui import cli, options
from ui.ask import facts_of

ROOT = Path(__file__).parent.parent
SMALL = Catalog({id: catalog.load().licenses[id] for id in ("mit", "bsd-new")}, {})
QUESTION = "Can I sell software under the MIT license?"
Lines = list[dict[str, Any]]


class Words:
    """An encoder that hashes words: near is what shares words."""

    identity = Embedder("words", 64, sha256(b"words").hexdigest())

    def encode(self, text: str) -> Vectors:
        vector = np.full(64, 1e-3, dtype=np.float32)
        for word in text.lower().split():
            vector[sha256(word.encode()).digest()[0] % 64] += 1
        return vector / np.float32(np.linalg.norm(vector))

    def encode_many(self, texts: list[str], progress: Progress) -> Vectors:
        progress(len(texts), len(texts))
        return np.array([self.encode(text) for text in texts], dtype=np.float32).reshape(-1, 64)

    def count(self, texts: list[str]) -> list[int]:
        return [len(text.split()) for text in texts]


def opener(home: Path) -> Pipeline:
    store = Store.open(home)
    return Pipeline(store, catalog.load(), registry.load(), Retriever(store, Words()))


@pytest.fixture(scope="module")
def home(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("home")
    index.build(folder, catalog=SMALL, encoder=Words())
    return folder


@pytest.fixture
def small(monkeypatch: pytest.MonkeyPatch) -> None:
    """Let `clausewise index` work with two licenses and the encoder of words."""
    for name in ("build", "add", "remove"):
        monkeypatch.setattr(index, name, partial(getattr(index, name), catalog=SMALL, encoder=Words()))


def fails(capsys: pytest.CaptureFixture[str], *arguments: str) -> tuple[int, str]:
    """Run a command that must fail; return its status and its one line on standard error."""
    status = cli.main(arguments, opener)
    out, err = capsys.readouterr()
    assert out == ""
    assert err.count("\n") == 1
    assert err.startswith("clausewise: ")
    return status, err.removeprefix("clausewise: ").strip()


def printed(capsys: pytest.CaptureFixture[str], *arguments: str) -> str:
    """Run a command that must succeed silently; return what it printed."""
    status = cli.main(arguments, opener)
    out, err = capsys.readouterr()
    assert (status, err) == (0, "")
    return out


def piped(
    capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch, data: bytes, *arguments: str
) -> tuple[Lines, str]:
    """Run a command with `data` on standard input; return the lines that it printed and its standard error."""
    monkeypatch.setattr(sys, "stdin", io.TextIOWrapper(io.BytesIO(data)))
    assert cli.main(arguments, opener) == 0
    out, err = capsys.readouterr()
    return [json.loads(line) for line in out.splitlines()], err


# Help and usage


def every_command() -> list[tuple[tuple[str, ...], Any]]:
    """Return the words and the parser of each command and action."""
    found: list[tuple[tuple[str, ...], Any]] = []

    def walk(words: tuple[str, ...], parser: Any) -> None:
        found.append((words, parser))
        for action in parser._actions:
            if hasattr(action, "choices") and isinstance(action.choices, dict):
                for name, below in action.choices.items():
                    walk((*words, name), below)

    walk((), options.parser())
    return found


@pytest.mark.parametrize(("words", "parser"), every_command(), ids=lambda of: " ".join(of) if type(of) is tuple else "")
def test_help_names_every_option(words: tuple[str, ...], parser: Any, capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(SystemExit) as left:
        cli.main([*words, "--help"])
    assert left.value.code == 0
    out = capsys.readouterr().out
    named = [name for action in parser._actions for name in action.option_strings]
    assert "--home" in named
    assert [name for name in named if name not in out] == []
    assert all(action.help for action in parser._actions if action.metavar not in ("COMMAND", "ACTION"))


def test_the_examples_of_the_help_are_valid() -> None:
    shown = "\n".join(parser.epilog or "" for _, parser in every_command())
    lines = [line.strip() for line in shown.splitlines() if line.strip().startswith("clausewise ")]
    assert len(lines) >= 12
    for line in lines:
        command = line.partition("   ")[0].partition(" > ")[0]
        options.parser().parse_args(shlex.split(command)[1:])


def test_the_commands_are_those_of_the_interface() -> None:
    words = {" ".join(words) for words, _ in every_command()}
    assert words == {
        *("", "ask", "search", "index", "licenses", "serve", "doctor", "licenses list", "licenses show"),
        *(f"index {action}" for action in ("build", "add", "remove", "text", "status", "verify")),
    }


@pytest.mark.parametrize(
    ("arguments", "line"),
    [
        ((), "say what to do: ask, search, index, licenses, serve or doctor; see clausewise --help"),
        (("nope",), "argument COMMAND: invalid choice: 'nope'"),
        (("ask",), "ask needs a question; write clausewise ask"),
        (("ask", ""), "the question is empty; ask in words"),
        (("ask", "?!"), "the question is empty; ask in words"),
        (("ask", "x" * 100_000), "the question has 100,000 characters; ask in at most 8,000"),
        (("ask", "a\0b"), "the question is not text; ask in words"),
        (("ask", "caf\udce9"), "the question is not text; ask in words"),
        (("ask", "x", "--jsonl", "f"), "ask takes a question or --jsonl FILE, not both; leave one out"),
        (("ask", "x", "--fact", "users"), "--fact 'users' is not KEY=VALUE; write for example --fact commercial=yes"),
        (("ask", "x", "--fact", "a=1", "--fact", "a=2"), "--fact a is given twice; leave one out"),
        (("ask", "x", "--as-of", "May"), "--as-of 'May' is not a date; write it as 2025-01-31"),
        (("ask", "x", "--engine", "gpt"), "argument --engine: invalid choice: 'gpt'"),
        (("ask", "x", "--eng", "rules"), "unrecognized arguments: --eng rules; see clausewise"),
        (("ask", "--jsonl", "/no/such/file"), "/no/such/file cannot be read (No such file or directory); give a file"),
        (("search",), "search needs a query"),
        (("search", "x", "-k", "0"), "argument -k: '0' is not a whole number from 1 to 1000; see clausewise search"),
        (("search", "x", "-k", "9" * 99), "argument -k: '999"),
        (("serve", "--port", "http"), "argument --port: 'http' is not a whole number from 1 to 65535"),
        (("index",), "the following arguments are required: ACTION; see clausewise index --help"),
        (("index", "add"), "the following arguments are required: PATH; see clausewise index add --help"),
        (("licenses", "show"), "the following arguments are required: ID; see clausewise licenses show --help"),
    ],
)
def test_bad_usage_is_one_line_and_status_2(
    arguments: tuple[str, ...], line: str, home: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    status, err = fails(capsys, "--home", str(home), *arguments)
    assert (status, err[: len(line)]) == (2, line)


def test_home_is_taken_before_and_after_the_command(home: Path, capsys: pytest.CaptureFixture[str]) -> None:
    before = printed(capsys, "--home", str(home), "index", "text", "mit")
    assert before == printed(capsys, "index", "--home", str(home), "text", "mit")
    assert before == printed(capsys, "--home", "/elsewhere", "index", "text", "mit", "--home", str(home))


def test_home_is_taken_from_the_environment(
    home: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("CLAUSEWISE_HOME", str(home))
    assert "Permission is hereby granted" in printed(capsys, "index", "text", "mit")


# No store, and what else can go wrong


@pytest.mark.parametrize(
    "arguments",
    [("ask", "x"), ("search", "x"), ("index", "text", "mit"), ("licenses", "show", "mit"), ("serve",)],
)
def test_without_a_store_the_line_says_how_to_make_one(
    arguments: tuple[str, ...], tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    status, err = fails(capsys, "--home", str(tmp_path), *arguments)
    assert status == 3
    assert err == f"there is no store in {tmp_path}; make one with: clausewise index build"


def test_a_store_of_another_embedder_is_refused(home: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert cli.main(["--home", str(home), "search", "x"]) == 3
    assert "made with the embedder words" in capsys.readouterr().err


def test_the_model_engine_is_refused_with_status_4(
    home: Path, capsys: pytest.CaptureFixture[str], tmp_path: Path
) -> None:
    for command in (["ask", QUESTION], ["ask", "--jsonl", str(tmp_path / "q")]):
        (tmp_path / "q").write_text('{"id": "q1", "question": "Can I sell it?"}\n' * 2)
        status, err = fails(capsys, "--home", str(home), *command, "--engine", "llm")
        assert status == 4
        assert "--engine rules" in err


def test_unknown_ids_are_refused(home: Path, capsys: pytest.CaptureFixture[str]) -> None:
    at = ("--home", str(home))
    assert fails(capsys, *at, "licenses", "show", "mitt") == (2, "no license 'mitt' is on file; near are mit, mit-0")
    assert fails(capsys, *at, "ask", QUESTION, "--license", "mitt")[0] == 2
    assert fails(capsys, *at, "index", "text", "mitt")[0] == 2


def raising(error: BaseException) -> Callable[[Path], Pipeline]:
    def broken(home: Path) -> Pipeline:
        raise error

    return broken


@pytest.mark.parametrize(
    ("error", "status", "line"),
    [
        (KeyboardInterrupt(), 130, "clausewise: interrupted"),
        (StoreError("the store\nis old; build it"), 3, "clausewise: the store is old; build it\n"),
        (OSError(28, "No space left on device", "/full"), 2, "clausewise: /full: No space left on device; check"),
        (RuntimeError("\x1b[31mred"), 2, "clausewise: a defect, RuntimeError: \ufffd[31mred; please report"),
    ],
)
def test_whatever_goes_wrong_is_one_line(
    error: BaseException, status: int, line: str, capsys: pytest.CaptureFixture[str], tmp_path: Path
) -> None:
    assert cli.main(["--home", str(tmp_path), "ask", "May I sell it?"], raising(error)) == status
    out, err = capsys.readouterr()
    assert (out, err.count("\n"), err[: len(line)]) == ("", 1, line)


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


# The store


@pytest.mark.usefixtures("small")
def test_a_store_is_built_filled_and_emptied(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    at, policy = ("--home", str(tmp_path / "home")), tmp_path / "Travel Rules.md"
    policy.write_text("# Travel rules\n\nTrips over 500 EUR need approval.\n", encoding="utf-8")
    assert cli.main([*at, "index", "build"]) == 0
    out, err = capsys.readouterr()
    assert "is ready: 2 documents" in out
    assert "embedding: " in err
    assert "nothing to do" in printed(capsys, *at, "index", "build")
    assert cli.main([*at, "index", "add", str(policy)]) == 0
    out = capsys.readouterr().out
    assert out.startswith(f"{policy} is travel-rules\n")
    assert "3 documents" in out
    assert printed(capsys, *at, "index", "text", "travel-rules") == policy.read_text(encoding="utf-8")
    assert cli.main([*at, "index", "remove", "travel-rules"]) == 0
    assert capsys.readouterr().out.startswith("removed travel-rules\n")
    assert fails(capsys, *at, "index", "remove", "mit")[0] == 2


def test_a_text_is_printed_to_the_letter(home: Path, capfdbinary: pytest.CaptureFixture[bytes]) -> None:
    assert cli.main(["--home", str(home), "index", "text", "mit"]) == 0
    assert capfdbinary.readouterr().out == Store.open(home).documents["mit"].text.encode("utf-8")


def test_licenses_are_listed_and_shown(home: Path, capsys: pytest.CaptureFixture[str]) -> None:
    listed = json.loads(printed(capsys, "licenses", "list", "--json"))["licenses"]
    assert {"mit", "bsd-new"} <= {row["id"] for row in listed}
    assert "| mit | MIT License |" in printed(capsys, "licenses", "list")
    of = json.loads(printed(capsys, "licenses", "show", "mit", "--json", "--home", str(home)))
    assert (of["id"], of["class"], bool(of["facts"])) == ("mit", "open-source", True)
    assert printed(capsys, "licenses", "show", "mit", "--home", str(home)).startswith("# MIT License\n")


# Processes


def run(*arguments: str, **more: Any) -> subprocess.CompletedProcess[bytes]:
    command = (sys.executable, "-m", "ui.cli", *arguments)
    return subprocess.run(command, cwd=ROOT, capture_output=True, check=False, timeout=60, **more)


def test_help_starts_fast_because_no_part_of_the_product_is_imported() -> None:
    probe = (
        "import sys, ui.options, ui.cli\n"
        "heavy = {'numpy', 'faiss', 'rich', 'fastapi', 'pydantic', 'httpx', 'yaml', 'rag.pipeline', 'corpus.catalog'}\n"
        "print(sorted(heavy & set(sys.modules)))"
    )
    done = subprocess.run((sys.executable, "-c", probe), cwd=ROOT, capture_output=True, check=True)
    assert done.stdout == b"[]\n"
    assert min(_seconds_of_help() for _ in range(3)) < 0.3


def _seconds_of_help() -> float:
    """Return the processor time of a start: what else runs on the machine must not fail the test."""
    before = resource.getrusage(resource.RUSAGE_CHILDREN)
    assert run("--help").returncode == 0
    after = resource.getrusage(resource.RUSAGE_CHILDREN)
    return after.ru_utime + after.ru_stime - before.ru_utime - before.ru_stime


def test_a_reader_that_leaves_is_no_error() -> None:
    command = (sys.executable, "-m", "ui.cli", "licenses", "list", "--json")
    with subprocess.Popen(command, cwd=ROOT, stdout=subprocess.PIPE, stderr=subprocess.PIPE) as process:
        assert process.stdout
        assert process.stderr
        process.stdout.close()
        assert process.stderr.read() == b""
        assert process.wait(30) == cli.NOBODY_READS


def test_a_locale_without_umlauts_harms_nothing() -> None:
    bare = {**os.environ, "LC_ALL": "C", "PYTHONUTF8": "0", "PYTHONIOENCODING": "ascii"}
    done = run("ask", "ü?", "--license", "é", "--home", "/no/such/folder/ü", env=bare)
    assert (done.returncode, done.stderr.count(b"\n")) == (3, 1)
    assert b"there is no store in /no/such/folder/" in done.stderr
