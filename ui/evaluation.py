"""`clausewise eval`: the gold set answered, scored, compared with earlier runs and with the committed baseline."""

from argparse import Namespace
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path

from corpus import atomic
from corpus.errors import InputError
from evals import claim_scores, compare, gate, items, mutation, report, runs, systems
from evals.claim_scores import Judged
from evals.runs import Evaluation, Whole
from rag.pipeline import Pipeline
from ui import inbox_commands, judge_commands, terminal

_OURS = "ours"
_SUMMARY, _REPORT = "summary.md", "report.html"


def run(args: Namespace, home: Path) -> int:
    """Run one action of the evaluation suite; return 1 if a check found something, else 0."""
    if args.action == "calibrate":
        terminal.markdown(judge_commands.calibrate(args))
        return 0
    if args.action == "inbox":  # it needs neither gold items nor the stores that are evaluated on
        return inbox_commands.run(args, home)
    with terminal.progress() as progress:
        synced = args.action == "run" and args.synced
        folder = home / ("eval-synced" if synced else "eval")
        evaluation = Evaluation(folder, args.gold or items.QUESTIONS, progress, home if synced else None)
        if args.action == "judge":
            whole = evaluation.run(args.system, args.out)
            told, status = judge_commands.judge(args, whole, _folder(args, evaluation, whole), progress), 0
        else:
            told, status = _ACTIONS[args.action](args, evaluation)
    terminal.markdown(told)
    return status


def _run(args: Namespace, evaluation: Evaluation) -> tuple[str, int]:
    names = tuple(systems.SYSTEMS) if "all" in args.system else tuple(args.system) or (_OURS,)
    done = [evaluation.run(name, args.out) for name in names]
    out = _folder(args, evaluation, done[0])
    judged = _claims(args, evaluation)
    against = None
    if args.against:
        against = compare.compare(done[0].rows, runs.load(args.against, done[0].system, evaluation).rows)
    others = {whole.system: whole.table for whole in done}
    told = report.markdown([p.results.head for p in done[0].parts], done[0].rows, others)
    told += _told_claims(judged) if judged else ""
    if against:
        told += "\n" + compare.markdown(against, str(out), str(args.against))
    atomic.replace(out / _SUMMARY, told.encode())
    atomic.replace(out / _REPORT, report.html(done[0].system, done[0].parts, others, against).encode())
    return f"{told}\nThe report: {out / _REPORT}\n", 0


def _compare(args: Namespace, evaluation: Evaluation) -> tuple[str, int]:
    new, old = (runs.load(folder, _OURS, evaluation) for folder in (args.new, args.old))
    return compare.markdown(compare.compare(new.rows, old.rows), str(args.new), str(args.old)), 0


def _report(args: Namespace, evaluation: Evaluation) -> tuple[str, int]:
    found = {name: _loaded(args.run, name, evaluation) for name in systems.SYSTEMS}
    known = {name: whole for name, whole in found.items() if whole}
    if _OURS not in known:
        raise InputError(f"{args.run} holds no results of ours; make them with clausewise eval run")
    tables = {name: whole.table for name, whole in known.items()}
    atomic.replace(args.run / _REPORT, report.html(_OURS, known[_OURS].parts, tables).encode())
    return f"The report: {args.run / _REPORT}\n", 0


def _baseline(args: Namespace, evaluation: Evaluation) -> tuple[str, int]:
    whole, judged = evaluation.run(_OURS, args.out), _claims(args, evaluation)
    heads = {part.name: part.results.head for part in whole.parts}
    gate.write(heads, {part.name: part.rows for part in whole.parts}, judged, args.reason)
    return f"{gate.BASELINE} is written.\n", 0


def _gate(args: Namespace, evaluation: Evaluation) -> tuple[str, int]:
    baseline = gate.read()
    whole = evaluation.run(_OURS, args.out)
    of = {part.name: [row.item for row in part.rows] for part in whole.parts}
    wrong = [fault for part in whole.parts for fault in gate.faults(part.results, of[part.name], part.store)]
    wrong += gate.fallen(whole.rows, baseline)
    wrong += gate.fallen_claims(_claims(args, evaluation), baseline)
    figures = whole.table.figures
    told = ", ".join(f"{name} {figures[name]:.3f}" for name in gate.MAIN if name in figures)
    if wrong:
        return "\n".join([f"- {each}" for each in wrong] + ["", f"The gate is shut: {told}."]) + "\n", 1
    return f"The gate is open: {told} (baseline of {baseline.written[:10]}: {baseline.reason}).\n", 0


def _mutate(args: Namespace, evaluation: Evaluation) -> tuple[str, int]:
    whole = evaluation.run(_OURS, args.out)
    found = [
        mutant
        for part in whole.parts
        for mutant in mutation.mutants(part.results, [row.item for row in part.rows], part.store)
    ]
    lines = ["| damage | caught | mutants |", "| --- | ---: | ---: |"]
    lines += [f"| {kind} | {caught} | {of} |" for kind, (caught, of) in mutation.share(found).items()]
    missed = [f"{m.id}: {m.kind}" for m in found if not m.caught]
    score = 1 - len(missed) / len(found) if found else 0.0
    lines += ["", f"Mutation score {score:.3f}" + (f"; missed: {', '.join(missed[:20])}" if missed else "")]
    return "\n".join(lines) + "\n", 1 if missed or not found else 0


def _folder(args: Namespace, evaluation: Evaluation, whole: Whole) -> Path:
    code = whole.parts[0].results.head.code
    return args.out or evaluation.folder / "runs" / code


def _loaded(folder: Path, name: str, evaluation: Evaluation) -> Whole | None:
    return runs.load(folder, name, evaluation) if any(folder.glob(f"{name}-*.jsonl")) else None


def _claims(args: Namespace, evaluation: Evaluation) -> tuple[Judged, ...]:
    """Return the scores of the gold claims; none for other gold questions than the product's own."""
    if args.gold is not None:
        return ()
    return claim_scores.run(items.load_claims(items.CLAIMS), Pipeline.open(evaluation.homes.files))


def _told_claims(judged: Sequence[Judged]) -> str:
    figures, interval = claim_scores.figures(judged)
    return (
        f"\nClaims: {figures['claims']:.0f}, accuracy {figures['accuracy']:.3f} "
        f"({interval.low:.3f} to {interval.high:.3f}), evidence {figures.get('evidence', 0.0):.3f}, "
        f"on the opposite side {figures['wrong_side']:.0f}\n"
    )


_ACTIONS: Mapping[str, Callable[[Namespace, Evaluation], tuple[str, int]]] = {
    "run": _run,
    "compare": _compare,
    "report": _report,
    "baseline": _baseline,
    "gate": _gate,
    "mutate": _mutate,
}
