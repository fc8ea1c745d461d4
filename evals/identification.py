"""How well license texts are known again (`python -m evals.identification`): every catalog text with fifty kinds of damage, and texts that are none.

An answer is the first match of a text, the first two of a file of two licenses. It is right if the words of the known text that it
names are those of the one that was damaged: some texts stand in the catalog under two names. A match for a text that is no license is a
wrong answer.
"""

import argparse
import random
import statistics
import sys
import time
from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from functools import cache

from corpus import catalog, scancode
from evals.damage import DAMAGES
from rag import prints
from rag.identify import Match, identify
from rag.prints import Prints

# A text mixed from others: so few words of each that none of them stands in it.
_MIXED, _PASSAGE = 40, 30
_SYLLABLES = ("ba", "ko", "ri", "tel", "mun", "sa", "vor", "ne", "li", "dap", "os", "qui", "rem", "fu")


@dataclass(slots=True)
class Score:
    """Answers counted: right ones, those given, those wanted; `wrong` names text, damage and what was answered."""

    right: int = 0
    given: int = 0
    wanted: int = 0
    wrong: list[tuple[str, str, tuple[str, ...]]] = field(default_factory=list)

    @property
    def precision(self) -> float:
        """Return the share of right answers among those given; 1 if there are none."""
        return self.right / self.given if self.given else 1.0

    @property
    def recall(self) -> float:
        """Return the share of right answers among those wanted; 1 if there are none."""
        return self.right / self.wanted if self.wanted else 1.0


@cache
def text_of(key: str) -> str:
    """Return the text of a key."""
    return scancode.read(key).text


def known() -> Prints:
    """Return the fingerprints of all texts of the installed ScanCode package."""
    keys = scancode.keys()
    return prints.make((key, text_of(key)) for key in keys)


def measure(of: Prints, ids: Sequence[str], damages: Iterable[str] = tuple(DAMAGES)) -> Score:
    """Return how often the texts of `ids` are known again with each damage."""
    score = Score()
    whole = dict(zip(of.keys, of.whole.tolist(), strict=True))
    for n, id in enumerate(ids):
        for damage in damages:
            dice = random.Random(f"{id} {damage}")  # noqa: S311  (the same on every run)
            other = ids[(n + dice.randrange(1, len(ids))) % len(ids)] if len(ids) > 1 else id
            text = DAMAGES[damage](text_of(id), text_of(other), dice)
            wanted = {whole[id], whole[other]} if damage == "two licenses" else {whole[id]}
            found = identify(text, of, text_of)[: len(wanted)]
            right = len(wanted & {whole[match.key] for match in found})
            score.right += right
            score.given += len(found)
            score.wanted += len(wanted)
            if right < len(wanted):
                score.wrong.append((id, damage, tuple(match.key for match in found)))
    return score


def strangers(ids: Sequence[str]) -> Iterator[tuple[str, str]]:
    """Yield texts that are no known license, each with its kind: words shuffled, passages mixed, words made up, other prose."""
    for id in ids:
        dice = random.Random(id)  # noqa: S311  (the same on every run)
        words = text_of(id).split()
        dice.shuffle(words)
        yield "words shuffled", " ".join(words)
        yield "made up", " ".join("".join(dice.choices(_SYLLABLES, k=dice.randint(1, 4))) for _ in words)
    dice = random.Random(len(ids))  # noqa: S311
    long = [id for id in ids if len(text_of(id)) > 4_000]
    for _ in range(len(ids)):
        parts = [_passage(text_of(id).split(), dice) for id in dice.sample(long, min(_MIXED, len(long)))]
        yield "passages mixed", ". ".join(parts)
    for name in sorted(sys.stdlib_module_names):
        prose = getattr(sys.modules.get(name), "__doc__", None)
        if prose:
            yield "other prose", prose


def _passage(words: list[str], dice: random.Random) -> str:
    start = dice.randrange(max(1, len(words) - _PASSAGE))
    return " ".join(words[start : start + _PASSAGE])


def refused(of: Prints, texts: Iterable[tuple[str, str]]) -> tuple[Counter[str], Counter[str]]:
    """Return by kind how many texts that are no license there were, and how many of them were taken for one."""
    seen: Counter[str] = Counter()
    taken: Counter[str] = Counter()
    for kind, text in texts:
        seen[kind] += 1
        taken[kind] += bool(identify(text, of, text_of))
    return seen, taken


def timed(of: Prints, ids: Sequence[str], change: Callable[[str], str]) -> list[float]:
    """Return the milliseconds of processor time that each changed text takes, sorted: what else the machine does is left out."""
    spent = []
    for id in ids:
        text = change(text_of(id))
        started = time.process_time()
        identify(text, of, text_of)
        spent.append((time.process_time() - started) * 1000)
    return sorted(spent)


def lost(of: Prints, ids: Iterable[str]) -> list[tuple[str, tuple[Match, ...]]]:
    """Return the texts that do not identify themselves, word for word."""
    found = ((id, identify(text_of(id), of, text_of)) for id in ids)
    return [(id, matches) for id, matches in found if id not in {m.key for m in matches if m.how == "exact"}]


def main(arguments: Sequence[str] | None = None) -> None:
    """Print the figures."""
    parser = argparse.ArgumentParser(
        prog="python -m evals.identification", description="how well texts are known again"
    )
    parser.add_argument("--every", type=int, default=1, metavar="N", help="take only every Nth catalog text")
    args = parser.parse_args(arguments)
    of = known()
    ids = sorted(catalog.load().licenses)[:: max(1, args.every)]
    out = sys.stdout.write
    out(f"{len(ids)} catalog texts, {len(DAMAGES)} kinds of damage, {len(of.keys):,} known texts\n")
    out(f"identify themselves: {len(ids) - len(lost(of, ids))} of {len(ids)}\n")
    score = measure(of, ids)
    seen, taken = refused(of, strangers(ids))
    given = score.given + taken.total()
    out(f"precision {score.right / given:.4f}, recall {score.recall:.4f} ({score.wanted:,} answers wanted)\n")
    out("".join(f"no license, {kind}: {taken[kind]} of {seen[kind]} taken for one\n" for kind in seen))
    for name, change in (("exact", str), ("near-exact", lambda text: f"{text}\n\nOne sentence more.\n")):
        spent = timed(of, ids, change)
        out(f"{name}: p50 {statistics.median(spent):.1f} ms, longest {spent[-1]:.1f} ms\n")
    by_damage = Counter(damage for _, damage, _ in score.wrong)
    out("".join(f"wrong, {damage}: {count}\n" for damage, count in by_damage.most_common()))


if __name__ == "__main__":
    main()
