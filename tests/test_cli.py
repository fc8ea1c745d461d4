"""The command line: its help, its exit statuses, and that whatever goes wrong is one line."""

import os
import pty
import resource
import shlex
import subprocess
import sys
from collections.abc import Callable
from contextlib import suppress
from pathlib import Path
from typing import Any

import pytest
from small_store import QUESTION, build, fails, printed

from corpus.errors import StoreError
from rag.pipeline import Pipeline
from ui import cli, options

ROOT = Path(__file__).parent.parent


@pytest.fixture(scope="module")
def home(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return build(tmp_path_factory.mktemp("home"))


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
        *(
            "",
            "ask",
            "claim",
            "search",
            "index",
            "licenses",
            "identify",
            "audit",
            "sync",
            "eval",
            "serve",
            "users",
            "users add",
            "users list",
            "users password",
            "users remove",
            "doctor",
            "licenses list",
            "licenses show",
            "licenses compare",
            "licenses matrix",
        ),
        *(f"eval {action}" for action in ("run", "compare", "report", "baseline", "gate", "mutate", "inbox")),
        *(f"eval inbox {step}" for step in ("show", "accept", "reject")),
        *(f"index {action}" for action in ("build", "add", "remove", "text", "status", "verify")),
        "eval",
        *(
            f"eval {action}"
            for action in ("run", "compare", "report", "baseline", "gate", "mutate", "judge", "calibrate")
        ),
    }


@pytest.mark.parametrize(
    ("arguments", "line"),
    [
        (
            (),
            "say what to do: ask, claim, search, index, licenses, identify, audit, sync, eval, serve, users or doctor; see clausewise --help",
        ),
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


def test_on_a_terminal_markdown_is_laid_out_and_escape_sequences_of_a_document_are_not_passed_on() -> None:
    probe = (
        "from ui import terminal\n"
        "terminal.markdown('**bold** [1]\\n\\n| a | b |\\n| --- | --- |\\n| c | d |\\n')\n"
        "terminal.document('\\x1b[2Jclear')\n"
        "with terminal.progress() as show:\n    show('embedding', 1, 2)\n"
    )
    ours, theirs = pty.openpty()
    plain = {name: value for name, value in os.environ.items() if name not in ("NO_COLOR", "FORCE_COLOR", "COLUMNS")}
    started = {"cwd": ROOT, "env": {**plain, "TERM": "xterm-256color"}}
    with subprocess.Popen((sys.executable, "-c", probe), stdout=theirs, stderr=theirs, **started) as process:
        os.close(theirs)
        shown = b""
        with suppress(OSError):  # Linux ends a terminal that nobody writes to any more with an error
            while data := os.read(ours, 4096):
                shown += data
        assert process.wait(30) == 0
    os.close(ours)
    text = shown.decode("utf-8")
    assert "\x1b[1mbold\x1b[0m" in text
    assert "---" not in text.partition("clear")[0]
    assert "\x1b[2J" not in text
    assert "\ufffd[2Jclear" in text
    assert "embedding" in text
    assert "1/2" in text


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
