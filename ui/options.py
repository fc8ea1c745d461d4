"""The options of the command line: what each command takes, with examples. It imports no part of the product."""

from argparse import SUPPRESS, ArgumentParser, ArgumentTypeError, RawDescriptionHelpFormatter
from pathlib import Path
from typing import Any, NoReturn

from corpus.errors import InputError
from ui import eval_options, user_options

ENGINES = ("auto", "rules", "llm")
MOST_HITS = 1000

_DESCRIPTION = """\
Ask a license question, get the clause: answers about AI-model and software licenses, and about your own policy
documents, with a verdict, the conditions that come with it and the clauses that say so, quoted to the letter."""
_EXAMPLES = """\
examples:
  clausewise index build                                   make the store, once
  clausewise ask "Can I resell a Llama LoRA?"
  clausewise serve                                         chat, viewer and REST on http://127.0.0.1:8000

exit status: 0 done, 1 a check found something, 2 bad usage or input, 3 no store or one that does not match,
4 the engine asked for cannot be used"""
_ASK = """\
examples:
  clausewise ask "Can I resell a Llama 3.1 LoRA?"
  clausewise ask "May we host it for customers?" --license mit --fact commercial=yes --json
  clausewise ask "May we sell a Mistral fine-tune?" --memo memo.docx
  clausewise ask --jsonl questions.jsonl > answers.jsonl   one {"id", "question", "history"?, "facts"?} a line"""
_CLAIM = """\
examples:
  clausewise claim "Llama 3.1 forbids using its outputs to train other models"
  clausewise claim --jsonl claims.jsonl > checked.jsonl     one {"id", "claim"} a line"""
_SEARCH = """\
examples:
  clausewise search "name of a derivative model" -k 5
  clausewise search --jsonl queries.jsonl -k 10            one {"id", "query"} a line"""
_INDEX = """\
examples:
  clausewise index build
  clausewise index add policies/ --recursive
  clausewise index text apache-2.0 > apache.txt
  clausewise index verify

A text file may say in front matter what it is (kind: license, policy, regulation, definition, contract or other) and what
it is called (title: ...). Definitions and regulations are quoted by answers and never applied to a case."""
_LICENSES = """\
examples:
  clausewise licenses list
  clausewise licenses show llama-3.1-license-2024 --json
  clausewise licenses compare llama-2-license-2023 llama-3.1-license-2024
  clausewise licenses matrix mit apache-2.0 gpl-3.0"""
_IDENTIFY = """\
examples:
  clausewise identify LICENSE
  clausewise identify model/LICENSE.txt --json
  clausewise identify LICENSE --second-opinion

A text that is none of the known ones, and holds none, is unknown: the nearest is not guessed.
Exit status 4 if the second opinion cannot be had; what we found ourselves is printed all the same."""
_AUDIT = """\
examples:
  clausewise audit stack.toml
  clausewise audit my-model/ --format json

A stack file names the use and the components:
  [use]
  distribution = "hosted"          internal, hosted, on-premises, weights
  purposes = ["commercial"]
  [[component]]
  name = "answerer"
  model = "meta-llama/Llama-3.1-8B-Instruct"
  [[component]]
  name = "our-lora"
  derived_from = ["answerer"]
  how = "lora"

exit status 1 if an error was found"""
_SYNC = """\
examples:
  clausewise sync                      fetch what is missing, then: clausewise index build
  clausewise sync --check              say what is missing, ask no address
  clausewise sync --from https://mirror.example/licenses

Each text must have the hash that the catalog pins; nothing is overwritten. Texts for which no address always gives the
same bytes are named with their page: save them and add them with clausewise index add."""
_SERVE = """\
examples:
  clausewise serve
  clausewise serve --port 8080

  clausewise serve --host 192.0.2.7

Without log-in it answers on this machine only. With CLAUSEWISE_AUTH=password (then: clausewise users add NAME), header
(a reverse proxy names the user in CLAUSEWISE_AUTH_HEADER) or oauth (CLAUSEWISE_AUTH_ALLOW says who) everybody sees their own
conversations only, and it may listen elsewhere. CLAUSEWISE_PUBLIC_URL is the address that browsers use, where a proxy with
TLS stands before it. Conversations are kept in a file of the data folder, or in PostgreSQL with CLAUSEWISE_DATABASE_URL."""


class Parser(ArgumentParser):
    """A parser that raises what is wrong instead of printing usage and leaving."""

    def __init__(self, *args: Any, **options: Any) -> None:
        options.setdefault("formatter_class", RawDescriptionHelpFormatter)
        # Abbreviated options would change their meaning with every new option.
        options["allow_abbrev"] = False
        super().__init__(*args, **options)

    def error(self, message: str) -> NoReturn:
        """Raise InputError with the message and where to read on."""
        raise InputError(f"{message}; see {self.prog} --help")


def parser() -> Parser:
    """Return the parser of the whole command line."""
    top = Parser("clausewise", description=_DESCRIPTION, epilog=_EXAMPLES)
    top.add_argument("--version", action="store_true", help="print the version and leave")
    _home(top, None)
    commands = top.add_subparsers(title="commands", dest="command", metavar="COMMAND")
    _ask(_command(commands, "ask", "answer a question", _ASK))
    _claim(_command(commands, "claim", "check what somebody says of a license", _CLAIM))
    _search(_command(commands, "search", "find the passages nearest to a query", _SEARCH))
    _index(_command(commands, "index", "build, fill, show and check the store", _INDEX))
    _licenses(_command(commands, "licenses", "list licenses, show a rights card, compare texts", _LICENSES))
    _identify(_command(commands, "identify", "say which known license a file is, and where it differs", _IDENTIFY))
    _audit(_command(commands, "audit", "check a stack of components, or a model folder", _AUDIT))
    _sync(_command(commands, "sync", "fetch license texts that ScanCode lacks", _SYNC))
    eval_options.add(
        _command(commands, "eval", "run the evaluation suite on the gold set", eval_options.EXAMPLES), _command, _count
    )
    _serve(_command(commands, "serve", "chat, viewer and REST in one process", _SERVE))
    user_options.add(
        _command(commands, "users", "add, list and remove who may log in", user_options.EXAMPLES), _command
    )
    _command(commands, "doctor", "check the installation", "")
    return top


def _home(to: ArgumentParser, default: object) -> None:
    to.add_argument(
        "--home",
        metavar="DIR",
        type=Path,
        default=default,
        help="the data folder (otherwise CLAUSEWISE_HOME, otherwise ~/.clausewise)",
    )


def _command(commands: Any, name: str, does: str, epilog: str) -> Parser:
    added: Parser = commands.add_parser(name, help=does, description=f"{does[0].upper()}{does[1:]}.", epilog=epilog)
    # SUPPRESS: what stands before the command is not overwritten by the default of what stands behind it.
    _home(added, SUPPRESS)
    return added


def _json(to: Parser) -> None:
    to.add_argument("--json", action="store_true", help="print JSON")


def _jsonl(to: Parser, what: str) -> None:
    to.add_argument("--jsonl", metavar="FILE", help=f"a file of {what}, one JSON object a line; - is standard input")


def _ask(to: Parser) -> None:
    to.add_argument("question", nargs="*", metavar="QUESTION", help="the question")
    _jsonl(to, "questions")
    _json(to)
    to.add_argument("--engine", choices=ENGINES, default="auto", help="who writes the answer (auto)")
    repeated: dict[str, Any] = {"action": "append", "default": []}
    to.add_argument("--license", metavar="ID", help="answer from this license and what is read with it", **repeated)
    to.add_argument("--document", metavar="ID", help="answer from this document", **repeated)
    to.add_argument("--as-of", metavar="DATE", help="the versions in force on this date, as 2025-01-31")
    to.add_argument("--fact", metavar="KEY=VALUE", help="a fact of your case, as commercial=yes", **repeated)
    to.add_argument("--memo", metavar="FILE", type=Path, help="write a memo too: .docx, .pdf or .md")


def _claim(to: Parser) -> None:
    to.add_argument("claim", nargs="*", metavar="CLAIM", help="the sentence to check")
    _jsonl(to, "claims")
    _json(to)


def _search(to: Parser) -> None:
    to.add_argument("query", nargs="*", metavar="QUERY", help="what to look for")
    _jsonl(to, "queries")
    _json(to)
    to.add_argument("-k", type=_count, default=5, metavar="N", help="how many passages (5)")


def _index(to: Parser) -> None:
    actions = to.add_subparsers(title="actions", dest="action", metavar="ACTION", required=True)
    build = _command(actions, "build", "make the store, or bring it up to date", "")
    build.add_argument("--only", choices=("scancode",), help="leave out your own files")
    add = _command(actions, "add", "add your own files (PDF, Word, HTML, Markdown, plain text)", "")
    add.add_argument("paths", nargs="+", type=Path, metavar="PATH", help="a file or a folder")
    add.add_argument("--recursive", action="store_true", help="folders with all folders in them")
    remove = _command(actions, "remove", "remove files that you added", "")
    remove.add_argument("ids", nargs="+", metavar="ID", help="a document")
    text = _command(actions, "text", "print the text of a document, to the letter", "")
    text.add_argument("id", metavar="ID", help="a document")
    _json(_command(actions, "status", "show what is in the store", ""))
    _command(actions, "verify", "check the store against its hashes and its sources", "")


def _licenses(to: Parser) -> None:
    actions = to.add_subparsers(title="actions", dest="action", metavar="ACTION", required=True)
    _json(_command(actions, "list", "list the licenses of the catalog", ""))
    show = _command(actions, "show", "show the rights card of a license", "")
    show.add_argument("id", metavar="ID", help="a license, or another document on file")
    _json(show)
    compare = _command(actions, "compare", "show what two texts say differently, clause by clause", "")
    compare.add_argument("first", metavar="A", help="a license, or another document on file")
    compare.add_argument("second", metavar="B", help="the one to compare it with")
    _json(compare)
    matrix = _command(actions, "matrix", "show rights and duties of several licenses in one table", "")
    matrix.add_argument("ids", nargs="*", metavar="ID", help="the licenses (all if none is named)")
    _json(matrix)


def _identify(to: Parser) -> None:
    to.add_argument("file", type=Path, metavar="FILE", help="a license file (text, Markdown, HTML, Word, PDF)")
    to.add_argument(
        "--second-opinion",
        action="store_true",
        help="ask ScanCode's own engine too, in a process of its own (8 s, 1.4 GB)",
    )
    _json(to)


def _audit(to: Parser) -> None:
    to.add_argument("path", type=Path, metavar="PATH", help="a stack file (.toml, .yaml) or a model folder")
    to.add_argument("--format", choices=("text", "json"), default="text", help="what to print (text)")


def _sync(to: Parser) -> None:
    to.add_argument(
        "--check", action="store_true", help="only say which texts are kept; exit status 1 if any is missing"
    )
    to.add_argument(
        "--from", dest="mirror", metavar="URL", help="fetch ID.txt from this address; the hashes must be the same"
    )
    to.add_argument("--limit", type=_count, metavar="S", help="stop asking after S seconds; what is left is no error")


def _serve(to: Parser) -> None:
    to.add_argument("--host", default="127.0.0.1", metavar="H", help="an address of this machine (127.0.0.1)")
    to.add_argument("--port", type=_port, default=8000, metavar="P", help="the port (8000)")


def _count(written: str) -> int:
    return _between(written, 1, MOST_HITS)


def _port(written: str) -> int:
    return _between(written, 1, 65535)


def _between(written: str, least: int, most: int) -> int:
    if not written.isascii() or not written.isdigit() or not least <= int(written[:9]) <= most:
        raise ArgumentTypeError(f"{written!r} is not a whole number from {least} to {most}")
    return int(written)
