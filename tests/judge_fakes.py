"""A judge whose verdicts can be reckoned by hand: a statement is a sentence, and it is supported if it stands in the text."""

import json
import re
import sys
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from scripted import Reply, Scripted

from evals.judge_model import JudgeSettings
from evals.judge_report import Report
from evals.samples import Sample

ROOT = Path(__file__).parent.parent
QUESTION = "May I sell it?"
# The first is right in part; the second says no; the third was given from nothing.
SAMPLES = (
    Sample(
        "a",
        QUESTION,
        "You may sell it. You must keep the notice. Fees are yours.",
        ("The notice stays.", "You may sell it. Fees are yours."),
        "You may sell it. You must keep the notice.",
    ),
    Sample("b", QUESTION, "No.", ("You may sell it.",), "You may sell it."),
    Sample("c", QUESTION, "You may sell it.", (), "You may sell it."),
)
METRICS = (
    "answer_relevancy",
    "context_precision",
    "context_recall",
    "factual_correctness",
    "faithfulness",
    "noise_sensitivity",
)
# In another process: a pass whose connections and files can be looked at.
PASS = """
import socket, sys
from pathlib import Path
sys.path[:0] = [sys.argv[1], sys.argv[1] + "/tests"]
connect = socket.socket.connect
def noted(self, address):
    if self.family != socket.AF_UNIX:
        with open(sys.argv[4], "a") as file:
            file.write(f"{address[0]}:{address[1]}\\n")
    return connect(self, address)
socket.socket.connect = noted
import judge_fakes
from evals.judge import JudgeSettings, judge, offline
offline(judge_fakes.SAMPLES)
settings = JudgeSettings(sys.argv[2], at_once=1)
sys.stdout.write(judge(judge_fakes.SAMPLES, settings, Path(sys.argv[3])).to_json())
"""


def command(url: str, folder: Path, connections: Path) -> list[str]:
    """Return how to run `PASS`, with all warnings as errors."""
    return [sys.executable, "-W", "error", "-c", PASS, str(ROOT), url, str(folder), str(connections)]


def sentences(text: str) -> list[str]:
    return re.findall(r"[^.]+\.", text.replace("\n", " "))


def form(body: dict[str, Any]) -> str:
    return str(body["response_format"]["json_schema"]["schema"]["title"])


def asked(body: dict[str, Any]) -> dict[str, Any]:
    """Return what the prompt asks about: the last object in it."""
    prompt = body["messages"][-1]["content"]
    start = prompt.rindex("input: {") + len("input: ")
    found: dict[str, Any] = json.JSONDecoder().raw_decode(prompt[start:])[0]
    return found


def verdicts(statements: Sequence[str], text: str) -> list[dict[str, Any]]:
    return [{"statement": s, "reason": "r", "verdict": int(s.strip() in text)} for s in statements]


def told(body: dict[str, Any]) -> dict[str, Any]:
    """Return the verdicts of the judge on what is asked."""
    about = asked(body)
    match form(body):
        case "StatementGeneratorOutput":
            return {"statements": sentences(about["answer"])}
        case "ClaimDecompositionOutput":
            return {"claims": sentences(about["response"])}
        case "NLIStatementOutput" | "StatementFaithfulnessOutput":
            return {"statements": verdicts(about["statements"], about["context"])}
        case "ContextPrecisionOutput":
            useful = any(s.strip() in about["context"] for s in sentences(about["answer"]))
            return {"reason": "r", "verdict": int(useful)}
        case "ContextRecallOutput":
            found = verdicts(sentences(about["answer"]), about["context"])
            return {"classifications": [{**one, "attributed": one.pop("verdict")} for one in found]}
        case "AnswerRelevanceOutput":
            return {"question": QUESTION, "noncommittal": int("sell" not in about["response"])}
    raise AssertionError(form(body))


def reply(body: dict[str, Any]) -> Reply:
    return Reply(json.dumps(told(body)), piece=4000)


def settings(server: Scripted, **fields: Any) -> JudgeSettings:
    return JudgeSettings(server.url, **{"timeout": 20.0, **fields})


def values(report: Report, metric: str, id: str) -> list[float | None]:
    return [one.value for one in report.judgments if (one.metric, one.id) == (metric, id)]


def lines(folder: Path) -> int:
    return sum(path.read_bytes().count(b"\n") for path in folder.rglob("judgments.jsonl"))
