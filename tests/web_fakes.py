"""A small store and a pipeline over it, in memory, for the tests of the server's faces."""

import hashlib
from collections.abc import Iterator, Mapping
from pathlib import Path

from corpus import catalog
from corpus.errors import InputError, StoreError, UnknownDocument
from corpus.manifest import Embedder, Manifest
from corpus.records import Record
from corpus.types import Clause, Document, Origin, Span, Term
from rag.types import (
    Answer,
    Citation,
    Done,
    Drafted,
    Event,
    Facts,
    Hit,
    LeadIn,
    MissingFact,
    Passage,
    Request,
    Retrieved,
    Statement,
)

OPEN = (
    "ACME OPEN LICENSE\r\nVersion 2\r\n\r\n"
    "1. Grant. You may use, copy & sell the Work <freely>.\r\n\r\n"
    "2. Limits. You may not:\r\n"
    "    (a) remove *notices* from the Work; or\r\n"
    "    (b) sue — ever.\r\n\r\n"
    "\f3. Law of Ōsaka 𝔄 applies; see http://acme.example/law.\r\n"
)
POLICY = "Use policy\n\nDo no harm.\n"
CATALOG = """
[[license]]
id = "acme-open-2"
title = "Acme Open License 2 <beta>"
class = "source-available"
licensor = "Acme & Sons"
spdx = "LicenseRef-Acme-2"
version_date = "2025-02-03"
predecessor = "acme-open-1"
bundle = ["acme-policy"]
external = [{ title = "Brand rules", address = "https://acme.example/brand" }]

[[license]]
id = "acme-open-1"
title = "Acme Open License 1"
class = "source-available"
version_date = "2020"

[[license]]
id = "acme-policy"
title = "Acme use policy"
class = "source-available"
kind = "policy"
belongs_to = "acme-open-2"

[[family]]
name = "acme"
title = "Acme licenses"
members = ["acme-open-1", "acme-open-2", "acme-policy"]

[renamed]
acme-2 = "acme-open-2"
"""


def clauses(id: str, text: str, starts: Mapping[str, int]) -> tuple[Clause, ...]:
    """Return clauses that partition the text; `2.a` hangs below `2`, whose words it takes as its lead-in."""
    ends = [*list(starts.values())[1:], len(text)]
    spans = {path: Span(start, end) for (path, start), end in zip(starts.items(), ends, strict=True)}
    found = []
    for path, span in spans.items():
        parent = path.rpartition(".")[0]
        below = [other.end for name, other in spans.items() if name.startswith(f"{path}.")]
        found.append(
            Clause(
                id=f"{id}#{path}",
                document_id=id,
                number="" if path.startswith("p") else path,
                heading={"1": "Grant", "2": "Limits"}.get(path, ""),
                span=span,
                extent=Span(span.start, max([span.end, *below])),
                parent=f"{id}#{parent}" if parent else None,
                lead_in=spans[parent] if parent else None,
            )
        )
    return tuple(found)


MANIFEST = Manifest(
    build="b1",
    created="2026-01-02T03:04:05+00:00",
    product="0.1.0",
    scancode="1.2.3",
    only_scancode=False,
    rules="a" * 64,
    passages="b" * 64,
    catalog=None,
    inputs="c" * 64,
    embedder=Embedder("words", 64, "d" * 64),
    counts={"documents": 4},
    files={},
    tables={},
)


class Shelf:
    """A store in memory."""

    manifest = MANIFEST

    def __init__(self) -> None:
        self.old = False
        self.texts = {
            "acme-open-2": ("Acme Open License 2 <beta>", "license", OPEN, "2025-02-03", "acme-open-2"),
            "acme-open-1": ("Acme Open License 1", "license", "Old words.\n", "2020", "acme-open-1"),
            "acme-policy": ("Acme use policy", "policy", POLICY, None, "acme-open-2"),
            "house-rules": ("House rules", "other", "Page one.\nPage two.\n", None, None),
        }
        self.records = {id: self._record(id) for id in self.texts}
        self.documents = {id: self._document(id) for id in self.texts}
        at = OPEN.index
        starts = {
            "p1": 0,
            "1": at("1. G"),
            "2": at("2. L"),
            "2.a": at("    (a)"),
            "2.b": at("    (b)"),
            "3": at("\f3."),
        }
        self._clauses = {
            "acme-open-2": clauses("acme-open-2", OPEN, starts),
            "acme-open-1": clauses("acme-open-1", "Old words.\n", {"p1": 0}),
            "acme-policy": clauses("acme-policy", POLICY, {"p1": 0, "p2": POLICY.index("Do")}),
            "house-rules": clauses("house-rules", "Page one.\nPage two.\n", {"p1": 0, "p2": 10}),
        }

    def _record(self, id: str) -> Record:
        title, kind, text, version, license = self.texts[id]
        origin = Origin("scancode:1.2.3", hashlib.sha256(text.encode()).hexdigest(), "2026-01-02")
        pages = (0, 10) if id == "house-rules" else ()
        return Record(id, title, kind, version, license, origin, pages, len(text), "0" * 64 if pages else None)

    def _document(self, id: str) -> Document:
        record = self.records[id]
        return Document(
            id,
            record.title,
            record.kind,
            self.texts[id][2],
            record.version,
            record.license,
            record.origin,
            record.pages,
        )

    def resolve(self, id: str) -> str:
        """Return the id itself, or what its alias names."""
        found = {"acme-alias": "acme-open-2"}.get(id, id)
        if found not in self.records:
            raise UnknownDocument(f"no document {id!r} is on file; list them with: clausewise index status")
        return found

    def clauses(self, id: str) -> tuple[Clause, ...]:
        """Return the clauses of a document."""
        return self._clauses[id]

    def clause(self, clause_id: str) -> Clause:
        """Return one clause."""
        return next(each for each in self._clauses[clause_id.partition("#")[0]] if each.id == clause_id)

    def terms(self, id: str) -> tuple[Term, ...]:
        """Return a term of the first license, none of others."""
        if id != "acme-open-2":
            return ()
        start = OPEN.index("You may use")
        return (Term("acme-open-2#1", Span(start, OPEN.index("<freely>.") + 9), "model", "sell", "permitted"),)

    def outdated(self) -> bool:
        """Return True once a test has said so."""
        return self.old


def cite(shelf: Shelf, n: int, clause: str, quote: str, lead: str = "") -> Citation:
    """Return a citation of the first license."""
    document = shelf.documents["acme-open-2"]
    start = document.text.index(quote)
    lead_at = document.text.index(lead)
    return Citation(
        n=n,
        document=document.id,
        title=document.title,
        version=document.version,
        clause=clause,
        heading="",
        quote=quote,
        start=start,
        end=start + len(quote),
        lead_in=LeadIn(lead_at, lead_at + len(lead), lead) if lead else None,
        page=None,
        sha256=document.origin.sha256,
        url=f"/source/{document.id}#{clause}",
    )


class Replies:
    """A pipeline with one answer. A question with `boom` fails at once, with `late` in the middle, with `bug` oddly."""

    def __init__(self, shelf: Shelf | None = None) -> None:
        self.store = shelf or Shelf()
        self.catalog = catalog.parse(CATALOG)
        self.asked: list[Request] = []

    def answer(self, request: Request) -> Answer:
        """Return the answer."""
        grant = cite(self.store, 1, "1", "You may use, copy & sell the Work <freely>.")
        limit = cite(self.store, 2, "2.a", "(a) remove *notices* from the Work; or", "You may not:")
        return Answer(
            id=request.id or "q1",
            question=request.question,
            verdict="conditional",
            basis="express-grant",
            text="You may sell it [1]. Keep the notices [2].",
            statements=(
                Statement("You may sell it [1].", "text", (1,)),
                Statement("Keep the notices [2].", "text", (2,)),
            ),
            citations=(grant, limit),
            documents=("acme-open-2",),
            facts=Facts(missing=(MissingFact("place", "Where are you?", "The law changes."),)),
        )

    writer = None

    def ask(self, request: Request, stopped=None) -> Answer:
        """Return the answer of the stream's last event."""
        return next(event.answer for event in self.stream(request) if isinstance(event, Done))

    def stream(self, request: Request, stopped=None) -> Iterator[Event]:
        """Yield the events of the answer."""
        self.asked.append(request)
        if not request.question.strip():
            raise InputError("the question is empty; write one")
        if "boom" in request.question:
            raise InputError("this question cannot\nbe answered; ask another")
        answer = self.answer(request)
        hit = Hit(Passage("acme-open-2#1", Span(0, 10), "text"), 0.5)
        yield Retrieved((hit, hit), answer.documents)
        for statement, citation in zip(answer.statements, answer.citations, strict=True):
            if "late" in request.question and citation.n == 2:
                raise StoreError("the store went away; build it again")
            if "bug" in request.question and citation.n == 2:
                raise KeyError("secret")
            yield Drafted(statement, (citation,))
        yield Done(answer)

    def search(self, query: str, k: int) -> tuple[Hit, ...]:
        """Return `k` times the first line of the first license."""
        return (Hit(Passage("acme-open-2#p1", Span(0, 17), "indexed text"), 0.25, {"dense": 1}),) * k


def opener(pipeline: Replies):
    """Return what opens that pipeline whatever the home folder."""

    def open_(home: Path) -> Replies:
        return pipeline

    return open_
