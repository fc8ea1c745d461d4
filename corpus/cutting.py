"""Documents to the lines that the store keeps of them: clauses and terms. Much text is shared out to all cores.

The rules for terms look at every sentence, seconds of work for hundreds of licenses. A process for each core is this very
module, given documents as JSON and giving lines back; nothing is pickled. What a process leaves undone is done here.
"""

import json
import os
import subprocess
import sys
from collections.abc import Callable, Generator, Sequence
from contextlib import ExitStack, closing
from dataclasses import asdict, dataclass
from pathlib import Path
from queue import SimpleQueue
from threading import Thread
from typing import IO

from corpus import curated
from corpus.records import clause_row, encode, term_row
from corpus.segment import segment
from corpus.terms import extract
from corpus.types import Clause, Document, Origin, Term

# Below this much text the processes would take longer to start than the work takes.
_MUCH = 500_000
_MOST = 8


@dataclass(frozen=True, slots=True)
class Lines:
    """The JSON lines of one document's clauses and terms."""

    clauses: bytes
    terms: bytes


def all_terms(document: Document, clauses: tuple[Clause, ...]) -> tuple[Term, ...]:
    """Return the terms that the rules find in a document, then those that reviewers wrote."""
    return (*extract(document, clauses), *curated.terms(document, clauses, curated.load(document.id)))


def cut(document: Document) -> Lines:
    """Return the clauses and terms of one document."""
    clauses = segment(document)
    return Lines(encode(map(clause_row, clauses)), encode(map(term_row, all_terms(document, clauses))))


def cut_many(
    documents: Sequence[Document], progress: Callable[[int, int], None], cores: int | None = None
) -> dict[str, Lines]:
    """Return the clauses and terms of each document by id; `progress` is told how many are done."""
    found: dict[str, Lines] = {}
    many = min(cores or os.cpu_count() or 1, _MOST)
    if many > 1 and sum(len(item.text) for item in documents) > _MUCH:
        with closing(_shared(documents, many)) as coming:
            for id, lines in coming:
                found[id] = lines
                progress(len(found), len(documents))
    for item in documents:
        if item.id not in found:
            found[item.id] = cut(item)
            progress(len(found), len(documents))
    return found


def _shared(documents: Sequence[Document], many: int) -> Generator[tuple[str, Lines], None, None]:
    """Yield what `many` processes make of the documents, as it comes."""
    # The longest first and in turn, so that all have about the same to do.
    order = sorted(documents, key=lambda item: -len(item.text))
    done: SimpleQueue[tuple[str, Lines] | None] = SimpleQueue()
    running = 0
    with ExitStack() as stack:
        for part in range(many):
            try:
                process = subprocess.Popen(
                    [sys.executable, "-m", "corpus.cutting"],
                    cwd=Path(__file__).parent.parent,
                    stdin=subprocess.PIPE,
                    stdout=subprocess.PIPE,
                    stderr=subprocess.DEVNULL,
                )
            except OSError:
                continue
            running += 1
            stack.callback(process.wait)
            # After Ctrl-C nobody waits for their results.
            stack.callback(process.kill)
            Thread(target=_talk, args=(process, order[part::many], done), daemon=True).start()
        while running:
            item = done.get()
            if item is None:
                running -= 1
            else:
                yield item


def _talk(
    process: "subprocess.Popen[bytes]", part: Sequence[Document], done: "SimpleQueue[tuple[str, Lines] | None]"
) -> None:
    """Give a process its documents and pass on what it answers; None tells that no more will come."""
    try:
        if process.stdin is None or process.stdout is None:
            return
        with process.stdin as given, process.stdout as answers:
            given.write(encode(map(asdict, part)))
            given.close()
            for line in answers:
                id, clauses, terms = json.loads(line)
                done.put((id, Lines(clauses.encode("utf-8"), terms.encode("utf-8"))))
    except (OSError, ValueError):
        # It died. Its documents are cut here, and what is wrong with them comes to light then.
        pass
    finally:
        done.put(None)


def serve(given: IO[bytes], answers: IO[bytes]) -> None:
    """Answer each line, a document, with a line: id, clauses, terms."""
    for row in map(json.loads, given.readlines()):
        item = Document(**(row | {"origin": Origin(**row["origin"]), "pages": tuple(row["pages"])}))
        lines = cut(item)
        answers.write(encode([[item.id, lines.clauses.decode("utf-8"), lines.terms.decode("utf-8")]]))
        answers.flush()


if __name__ == "__main__":
    serve(sys.stdin.buffer, sys.stdout.buffer)
