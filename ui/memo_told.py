"""What a memo says beside the answer: what was assumed, what to ask counsel, and what it was made of."""

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from importlib import metadata
from typing import Any

from corpus.manifest import Manifest
from rag.types import Value
from ui import fact_form
from ui.memo import shown
from ui.words import basis, plain, said, words

Json = Mapping[str, Any]
STANDING = (
    "The facts given are taken as stated; nobody has verified them.",
    "The texts listed under “Texts” are those that govern, in the versions listed, and no other agreement with the licensor changes them.",
)


def judgment(answer: Json) -> tuple[str, str]:
    """Return the verdict of an answer, or of a claim that was checked, in words, and what it rests on as a sentence."""
    claim = words()["claim"].get(answer.get("claim", ""))
    if claim:
        return claim["word"], f"{_capital(claim['basis'])}."
    verdict, depends = str(answer["verdict"]), [said("depends", each) for each in answer["depends_on"]]
    listed = " and ".join(each for each in (", ".join(depends[:-1]), *depends[-1:]) if each)
    told = f"{_capital(basis(verdict, answer['basis']))}.{f' It depends {listed}.' if listed else ''}"
    return shown(said("verdict", verdict)), shown(told)


def fact(key: str, value: Value) -> str:
    """Return a fact with its name, as the form of the chat calls it."""
    return shown(": ".join(fact_form.named(key, value)))


def _capital(words: str) -> str:
    return f"{words[:1].upper()}{words[1:]}"


def open_fact(missing: Json) -> str:
    """Return what to ask for a fact that is missing, and what each value would change."""
    changes = str(missing["changes"]).strip().rstrip(".")
    return shown(f"{missing['ask']} ({changes})" if changes else str(missing["ask"]))


def assumptions(answers: Sequence[Json]) -> tuple[str, ...]:
    """Return what the answers assume, and what every memo does."""
    found = [
        (number, fact(key, value))
        for number, each in enumerate(answers, start=1)
        for key, value in each["facts"]["assumed"].items()
    ]
    return (*_numbered(found, len(answers)), *STANDING)


def counsel(answers: Sequence[Json], title: Callable[[str], str]) -> tuple[str, ...]:
    """Return the questions that the answers leave to a lawyer; `title` gives a document's title."""
    found = [(number, line) for number, each in enumerate(answers, start=1) for line in _questions(each, title)]
    return _numbered(found, len(answers))


def _numbered(found: Iterable[tuple[int, str]], of: int) -> tuple[str, ...]:
    """Return each line once; of several answers it says to which it belongs."""
    lines: dict[str, list[str]] = {}
    for number, line in found:
        lines.setdefault(line, []).append(str(number))
    if of == 1:
        return tuple(lines)
    return tuple(
        f"{line} ({'question' if len(set(numbers)) == 1 else 'questions'} {', '.join(dict.fromkeys(numbers))})"
        for line, numbers in lines.items()
    )


def _questions(answer: Json, title: Callable[[str], str]) -> Iterator[str]:
    asks = words()["counsel"]
    yield from (asks["fact"].format(ask=open_fact(missing)) for missing in answer["facts"]["missing"])
    for finding in answer["findings"]:
        asked = asks["basis"].get(finding["basis"])
        if asked is not None:
            act, asset = plain(finding["act"]), plain(finding["asset"])
            yield shown(asked.format(title=title(str(finding["license"])), act=act, asset=asset))
    yield from (asks["depends"][each] for each in answer["depends_on"] if each in asks["depends"])


def made_of(origins: Sequence[Sequence[str]], now: tuple[str, ...]) -> tuple[str, ...]:
    """Return what the answers and the memo were made of, a line each.

    `origins` are those of the answers, empty for one that was given just now; `now` is what the memo was checked with.
    """
    before = dict.fromkeys(tuple(map(shown, each)) for each in origins if each)
    if set(before) <= {now}:
        return now
    told = [line for each in before for line in (f"Answered with: {' '.join(each)}",)]
    return (*told, f"Quotations checked with: {' '.join(now)}")


def origin(manifest: Manifest) -> tuple[str, ...]:
    """Return which texts and which program answer now, a line each."""
    return (
        shown(
            f"Corpus: {manifest.counts.get('documents', 0)} texts, built {manifest.created} from ScanCode "
            f"{manifest.scancode} (inputs sha256 {manifest.inputs})."
        ),
        shown(f"Engine: Clausewise {_version()}, rules {manifest.rules}."),
    )


def _version() -> str:
    try:
        return metadata.version("clausewise")
    except metadata.PackageNotFoundError:
        return "of unknown version"
