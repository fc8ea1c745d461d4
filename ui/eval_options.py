"""The options of `clausewise eval`, the review queue of the chat among them. It imports no part of the product."""

from argparse import ArgumentParser
from collections.abc import Callable
from pathlib import Path
from typing import Any

EXAMPLES = """\
examples:
  clausewise eval run                    answer every gold question, print figures, write a report
  clausewise eval run --system all       beside others, on the same store
  clausewise eval compare NEW OLD        item by item: wins, losses, McNemar's exact test
  clausewise eval gate                   exit 1 if answers got worse than the committed baseline
  clausewise eval baseline --reason "rules for trials added"
  clausewise eval mutate                 do the metrics notice damaged answers?
  clausewise eval judge --offline        ragas' metrics that need no model
  clausewise eval inbox                  what readers of the chat said of answers

Results lie below the data folder in eval/; a run that was interrupted goes on where it stopped."""
_JUDGE = """\
examples:
  clausewise eval judge --offline
  clausewise eval judge --url http://127.0.0.1:8001/v1 --limit 50

The server of CLAUSEWISE_LLM_URL, with its key and model, is asked unless another is named. Every judgment is kept: an
interrupted run goes on where it stopped. Errors count as failures."""
_INBOX = """\
examples:
  clausewise eval inbox                            list what waits
  clausewise eval inbox show 3f09c2
  clausewise eval inbox accept 3f09c2 --verdict conditional --quote apache-2.0 "retain, in the Source form"
  clausewise eval inbox reject 3f09c2 --reason "asks for legal advice"

Under each answer the chat has two buttons, Right and Not right. A reason may hold a verdict and a copied citation: `accept`
takes them where you name none. What is said lies in eval/inbox.jsonl of the data folder, on
this machine alone, until you accept it as a gold question or reject it; then it moves to eval/inbox-done.jsonl."""

# How `options` makes a command: where, its name, what it does, examples.
Command = Callable[[Any, str, str, str], ArgumentParser]


def add(to: ArgumentParser, command: Command, count: Callable[[str], int]) -> None:
    """Add the actions of `clausewise eval`."""
    actions = to.add_subparsers(title="actions", dest="action", metavar="ACTION", required=True)
    run = command(actions, "run", "answer every gold question and report", "")
    run.add_argument("--system", action="append", default=[], metavar="NAME", help="what to run (ours); all for all")
    run.add_argument("--synced", action="store_true", help="on a store with the texts that sync has fetched as well")
    run.add_argument("--against", type=Path, metavar="RUN", help="the folder of an earlier run to compare with")
    compare = command(actions, "compare", "compare two runs item by item", "")
    compare.add_argument("new", type=Path, metavar="NEW", help="the folder of a run")
    compare.add_argument("old", type=Path, metavar="OLD", help="the folder of an earlier run")
    report = command(actions, "report", "write the report of a run as HTML", "")
    report.add_argument("run", type=Path, metavar="RUN", help="the folder of a run")
    baseline = command(actions, "baseline", "write the baseline that the gate holds answers to", "")
    baseline.add_argument("--reason", default="", metavar="TEXT", help="why it may change")
    gate = command(actions, "gate", "exit 1 if answers got worse than the baseline", "")
    mutate = command(actions, "mutate", "damage answers and see whether the metrics notice", "")
    judge = command(actions, "judge", "have a served model judge the answers, by ragas' metrics", _JUDGE)
    _judge(judge, count)
    calibrate = command(actions, "calibrate", "hold a judge's report against people's labels", "")
    calibrate.add_argument("labels", type=Path, metavar="LABELS", help='lines of {"id", "metric", "label": 0 or 1}')
    calibrate.add_argument("report", type=Path, metavar="REPORT", help="judge.json of a run")
    for each in (run, compare, report, baseline, gate, mutate, judge):
        each.add_argument("--gold", type=Path, metavar="FILE", help="gold questions (evals/gold/questions.jsonl)")
    for each in (run, baseline, gate, mutate, judge):
        each.add_argument("--out", type=Path, metavar="DIR", help="where results lie (eval/ in the data folder)")
    _inbox(command(actions, "inbox", "review what readers of the chat said of answers", _INBOX), command)


def _judge(to: ArgumentParser, count: Callable[[str], int]) -> None:
    to.add_argument("--system", default="ours", metavar="NAME", help="whose answers (ours)")
    to.add_argument("--url", metavar="URL", help="an OpenAI-compatible server without a key (CLAUSEWISE_LLM_URL)")
    to.add_argument("--model", metavar="NAME", help="the judge's model (the one that the server lists)")
    to.add_argument("--offline", action="store_true", help="only what needs no model")
    to.add_argument("--limit", type=count, metavar="N", help="judge the first N answers")
    to.add_argument("--runs", type=count, default=3, metavar="N", help="how often each judgment is made (3)")
    to.add_argument("--seed", type=int, default=0, metavar="N", help="the judge's seed (0)")


def _inbox(to: ArgumentParser, command: Command) -> None:
    steps = to.add_subparsers(title="what to do with an entry (without one, list all)", dest="step", metavar="ACTION")
    show = command(steps, "show", "show an entry: question, answer, what was said of it", "")
    accept = command(steps, "accept", "write an entry into the gold set as a question", "")
    reject = command(steps, "reject", "remove an entry from the queue", "")
    for each in (show, accept, reject):
        each.add_argument("id", metavar="ID", help="an entry, as the list names it")
    repeated: dict[str, Any] = {"action": "append", "default": []}
    accept.add_argument("--verdict", metavar="V", help="a right verdict; a second where readers may differ", **repeated)
    accept.add_argument(
        "--quote", nargs=2, metavar=("DOC", "WORDS"), help="a text and words of it that must be cited", **repeated
    )
    accept.add_argument("--rationale", default="", metavar="TEXT", help="why (otherwise what the reader said)")
    accept.add_argument("--into", type=Path, metavar="FILE", help="the gold file (evals/gold/questions.jsonl)")
    reject.add_argument("--reason", default="", metavar="TEXT", help="why it is no gold question")
