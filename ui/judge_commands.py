"""`clausewise eval judge` and `eval calibrate`: a served model's judgment of answers, and how far people agree with it."""

from argparse import Namespace
from collections.abc import Callable
from functools import partial
from pathlib import Path

from corpus import atomic
from corpus.errors import InputError
from evals import calibration, sampled
from evals.judge_model import JudgeSettings
from evals.judge_report import Report
from evals.measures import MEANS, Row
from evals.runs import Whole
from rag import settings

_REPORT = "judge.json"


def judge(args: Namespace, whole: Whole, folder: Path, progress: Callable[[str, int, int], None]) -> str:
    """Return the table of a judgment over a run; the report lies beside its results.

    Raise InputError if no judge is named, ModelError if it cannot be used.
    """
    from evals import judge as ragas_judge  # importing ragas takes seconds

    found = [sample for part in whole.parts for sample in sampled.samples(part)]
    found.sort(key=lambda sample: sample.id)
    chosen = found[: args.limit] if args.limit else found

    def told(done: int, of: int) -> None:
        progress("judging", done, of)

    asked = None if args.offline else _settings(args)
    work = folder / "judge"
    report = ragas_judge.judge(chosen, asked, work, told) if asked else ragas_judge.offline(chosen, progress=told)
    atomic.replace(folder / _REPORT, report.to_json().encode())
    tables = [report.table()]
    if args.offline:
        ours = [
            ragas_judge.discrete("answer", _whether, ("right", "wrong")),
            *(ragas_judge.numeric(name, partial(_part, name)) for name in MEANS),
        ]
        wanted = {sample.id for sample in chosen}
        rows = {row.item.id: row for row in whole.rows if row.item.id in wanted and row.score}
        tables.append(ragas_judge.measured(ours, rows).table())
    return "\n\n".join([*tables, f"{len(chosen)} answers; the report: {folder / _REPORT}"]) + "\n"


def _whether(row: Row) -> str | None:
    return None if row.score is None else "right" if row.score.right else "wrong"


def _part(name: str, row: Row) -> float | None:
    return None if row.score is None else MEANS[name](row.score)


def calibrate(args: Namespace) -> str:
    """Return how a judge's report agrees with people's labels. Raise InputError if a file cannot be read."""
    try:
        text = args.report.read_text(encoding="utf-8")
    except (OSError, UnicodeDecodeError) as error:
        raise InputError(f"{args.report} cannot be read ({error}); make it with clausewise eval judge") from None
    labels, problems = calibration.load(args.labels)
    return calibration.calibrate(labels, Report.from_json(text, str(args.report)), problems).table() + "\n"


def _settings(args: Namespace) -> JudgeSettings:
    served = settings.model_server()
    url = args.url or (served.url if served else "")
    if not url:
        raise InputError("no judge is named; give --url http://127.0.0.1:8001/v1, or --offline for what needs none")
    # The key of the environment belongs to the server of the environment, and goes to no other.
    own = served if served is not None and url == served.url else None
    model = args.model or (own.name if own else None)
    return JudgeSettings(url, model, own.key if own else None, args.seed, args.runs)
