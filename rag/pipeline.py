"""From a request to a verified answer: understand, route, retrieve, let the engine write, verify. `ask` exhausts `stream`."""

import time
from collections.abc import Callable, Generator, Iterator
from dataclasses import replace
from functools import lru_cache, partial
from pathlib import Path
from typing import TYPE_CHECKING

from corpus import catalog as catalogs
from corpus import registry as registries
from corpus.catalog import Catalog
from corpus.errors import EngineError, InputError, UnknownDocument
from corpus.registry import Registry
from corpus.store import Store
from rag import (
    asof,
    checked,
    compose,
    followups,
    freedoms,
    listing,
    matching,
    notes,
    parlance,
    quoted,
    refusals,
    rerank,
    rules,
    survey,
    told,
    verify,
)
from rag.audit import Audit, Auditor
from rag.case import Case, Outcome
from rag.checked import Checked
from rag.question import Question, understand
from rag.retrieve import Retriever
from rag.route import Route, by_nearness, route
from rag.sheet import prepare
from rag.stack import Stack
from rag.timing import as_drafted, since, timed
from rag.types import Answer, Done, Drafted, Event, Hit, Request, Retrieved

if TYPE_CHECKING:
    from rag.metrics import Metrics
    from rag.writer import Writer

LONGEST_QUESTION = 8_000
_SHEETS = 512
_HITS = 8
_UNROUTED = 5


class Pipeline:
    """Answers questions from one store. Reading only, so that threads may share it.

    Not `routed`, names in a question lead nowhere: the texts of the passages nearest to it are asked. Without `curated` the
    curated facts are left aside and the rules for any text stand alone. Without a `writer` no model is ever asked; without
    `metrics` no figures are kept.
    """

    writer: "Writer | None" = None
    metrics: "Metrics | None" = None
    routed = True

    def __init__(
        self, store: Store, catalog: Catalog, registry: Registry, retriever: Retriever, curated: bool = True
    ) -> None:
        self.store, self.catalog, self.registry, self.retriever = store, catalog, registry, retriever
        self._sheet = lru_cache(maxsize=_SHEETS)(lambda document: prepare(store, document, curated))

    @classmethod
    def open(cls, home: Path, curated: bool = True) -> "Pipeline":
        """Return a pipeline on the store of a data folder.

        Raise StoreError if there is no store, or one that does not match.
        """
        store = Store.open(home)
        return cls(store, catalogs.load(), registries.load(), Retriever(store), curated)

    def search(self, query: str, k: int = 10) -> tuple[Hit, ...]:
        """Return the `k` best passages for a query, within the documents it names if it names any.

        Raise InputError for an empty or too long query.
        """
        request = check(Request(question=query))
        question = understand(request, self.registry)
        way = self._route(request, question)
        return self.retriever.search(question.rest if way.documents else query, k, way.documents or None)

    def ask(self, request: Request, stopped: Callable[[], bool] = lambda: False) -> Answer:
        """Return the answer to a request; `stopped` is that of `stream`.

        Raise InputError for a question that cannot be read, EngineError for an engine that cannot be used.
        """
        answer: Answer | None = None
        for event in self.stream(request, stopped):
            if isinstance(event, Done):
                answer = event.answer
        assert answer is not None  # noqa: S101 - stream ends with Done
        return answer

    def stream(self, request: Request, stopped: Callable[[], bool] = lambda: False) -> Iterator[Event]:
        """Yield what was retrieved, each verified statement, and the whole answer, which alone is final.

        `stopped` is asked now and then: once it says so, a model is no longer kept at work. Raise as `ask` does.
        """
        started = time.perf_counter()
        asked = request = check(request)
        writer = self._writer(request)
        for id in (*request.licenses, *request.documents):
            if id not in self.store.documents:
                near = ", ".join(self.registry.nearest(id))
                raise UnknownDocument(f"{id} is not on file; near: {near}" if near else f"{id} is not on file")
        request, question, said = followups.read(request, self.registry, writer, stopped)
        request = replace(request, as_of=request.as_of or asof.stated(question.text))
        way = self._route(request, question)
        refusal = self._surveyed(request, question, way) or self._refusal(request, question, way)
        cases: tuple[Case, ...] = ()
        if refusal is not None:
            yield Retrieved((), ())
            answer = refusal
        else:
            hits = self.retriever.search(question.rest, _HITS, way.documents)
            yield Retrieved(hits, way.documents)
            cases = self._cases(question, way)
            answer = self._answer(request, question, way, cases)
        answer = self._checked(answer, question)
        if request.as_of and way.licenses:
            dated = asof.notes(way.licenses, request.as_of, self.catalog)
            answer = replace(answer, problems=(*answer.problems, *dated))
        if way.documents:
            answer = replace(answer, problems=(*answer.problems, *refusals.by_hand(way, self.catalog)))
        answer = replace(answer, problems=(*answer.problems, *said))
        writing = as_drafted(answer)
        if writer is not None and cases:
            writing = writer.answer(request, question, cases, answer, self.registry, stopped)
        timings: dict[str, float] = {}
        answer = yield from timed(self._gated(writing, answer), started, timings)
        rewritten = request.question if request.question != asked.question else followups.by_rules(question)
        timings["total"] = since(started)
        if self.metrics is not None:
            self.metrics.answered(answer.engine, timings)
        yield Done(replace(answer, question=asked.question, rewritten=rewritten, timings_ms=timings))

    def _writer(self, request: Request) -> "Writer | None":
        """Return who writes the answer, None for the rules.

        Raise EngineError if a model is wanted and there is none, or none that can be used.
        """
        if request.engine == "rules":
            return None
        if request.engine == "llm":
            if self.writer is None:
                raise EngineError("no model server is set up; name one with CLAUSEWISE_LLM_URL, or use --engine rules")
            self.writer.ready()
        return self.writer

    def _gated(self, writing: Generator[Drafted, None, Answer], draft: Answer) -> Generator[Drafted, None, Answer]:
        """Yield what is written, and return the answer only if the last gate lets it through."""
        answer = yield from writing
        wrong = verify.problems(answer, self.store.documents)
        return replace(draft, problems=(*draft.problems, *wrong)) if wrong else answer

    def claim(self, request: Request) -> Checked:
        """Return the claim that a request holds as its question, checked against the texts.

        Raise InputError for a claim that cannot be read.
        """
        request = check(request)
        question = understand(request, self.registry)
        way = self._route(request, question)
        if parlance.beyond_texts(question.text):
            return checked.unanswerable(request.id, question.text, "license texts do not tell")
        for text in () if way.documents else parlance.in_full(question.text):
            full = understand(replace(request, question=text), self.registry)
            if (there := self._route(request, full)).licenses:
                question, way = full, there
        known = checked.of_registry(question, self.registry)
        if known is not None:
            seen = [checked.shown(known, map(self._sheet, way.licenses))]
            return checked.answer(request.id, question.text, known.label, seen, "registry")
        if not way.documents:
            why = "no text that speaks of it is on file"
            return checked.unanswerable(request.id, question.text, why, (*way.unknown, *way.missing))
        cases = self._cases(question, way)
        found = checked.check(request.id, question, cases, lambda part: understand(Request(part), self.registry))
        wrong = tuple(p for c in found.citations for p in verify.citation_problems(c, self.store.documents))
        if wrong:
            return replace(checked.unanswerable(request.id, question.text, "no clause can be shown"), problems=wrong)
        return found

    def has(self, id: str) -> bool:
        """Return True if a text is on file."""
        return id in self.store.documents

    def case(self, question: Question, id: str) -> Case:
        """Return the case of a question under a license with its bundle, its lines not ranked."""
        ids = [d for d in self.catalog.read_with(id) if d in self.store.documents]
        return Case(question, id, tuple(self._sheet(d) for d in ids), {}, self.catalog.get(id))

    def cases(self, request: Request) -> tuple[Case, ...]:
        """Return the cases of a request as the engine gets them; none where no text is named."""
        question = understand(check(request), self.registry)
        way = self._route(request, question)
        hows = told.relations(question)
        cases = self._cases(question, way) if way.documents else ()
        return tuple(_ranked(replace(c, question=told.narrowed(question, c.license, hows, c))) for c in cases)

    def audit(self, stack: Stack) -> Audit:
        """Return the audit of a stack."""
        return Auditor(self.registry, self).audit(stack)

    def _refusal(self, request: Request, question: Question, way: Route) -> Answer | None:
        """Return an abstention if the texts cannot answer, or None; definitions and regulations answer questions of law."""
        law = any(self.store.documents[d].kind in quoted.KINDS for d in (*way.quoted, *way.own))
        if question.outside == "law" and law:
            return None
        if question.outside == "injection" and way.own:
            question = replace(question, outside=None)  # what an instruction was put around is answered all the same
        return refusals.refusal(request, question, way, self.catalog, self.registry)

    def _surveyed(self, request: Request, question: Question, way: Route) -> Answer | None:
        """Return the answer to a question over the whole catalog, or None for another question."""
        if way.licenses or way.own or question.outside is not None or not survey.asked(question):
            return None
        return listing.listed(request, survey.survey(question, self.catalog, self.store), self._sheet)

    def _answer(self, request: Request, question: Question, way: Route, cases: tuple[Case, ...]) -> Answer:
        # A plan that is to be confirmed is a question for permission; a statement on the text is a claim.
        statement = None if question.acts else checked.stated(question.text)
        if statement is not None:
            claim = understand(replace(request, question=statement), self.registry)
            again = partial(understand, registry=self.registry)
            as_claims = tuple(replace(case, question=claim) for case in cases)
            found = checked.check(request.id, claim, as_claims, lambda part: again(Request(part)))
            if found.label != "not_enough_info" and found.citations:
                return compose.confirmed(request, found, way.documents)
        limit = 5 if len(cases) == 1 else 2
        hows = told.relations(question)
        cases = tuple(_ranked(replace(c, question=told.narrowed(question, c.license, hows, c))) for c in cases)
        outcomes = tuple(_assessed(case, limit) for case in cases)
        versions = len(way.licenses) > 1 and not way.own and way.of_one_family
        return compose.compose(request, outcomes if versions else told.clashing(outcomes, hows), versions)

    def _route(self, request: Request, question: Question) -> Route:
        if self.routed:
            return route(request, question, self.catalog, self.store.documents, self.retriever.common)
        return by_nearness(self.retriever.search(question.rest, _UNROUTED), self.catalog)

    def _cases(self, question: Question, way: Route) -> tuple[Case, ...]:
        """Return a case for each license with its bundle, and for each file of the user."""
        groups = [(d, (d, *way.bundles.get(d, ()))) for d in way.licenses] + [
            (d, (d,)) for d in (*way.own, *way.quoted)
        ]
        found = matching.matches(question, map(self._sheet, way.documents), self.retriever, way.own)
        return tuple(
            Case(question, license_id, tuple(self._sheet(d) for d in ids), found, self.catalog.get(license_id))
            for license_id, ids in groups
        )

    def _checked(self, answer: Answer, question: Question) -> Answer:
        """Return the answer with what the user should know beside it; an answer with an unsound citation is withheld."""
        wrong = verify.problems(answer, self.store.documents)
        if wrong:
            return replace(
                compose.refuse(Request(answer.question, answer.id), "nothing", "out-of-scope"), problems=wrong
            )
        return notes.beside(answer, question, self.registry)


def _assessed(case: Case, limit: int) -> Outcome:
    """Return what a text says to the question; of a question of law only which freedoms a license limits."""
    if quoted.only(case):
        return quoted.outcome(case, limit)
    return freedoms.classify(case, limit) if case.question.outside == "law" else rules.assess(case, limit)


def _ranked(case: Case) -> Case:
    return replace(case, ranks=rerank.ranks(case))


def check(request: Request) -> Request:
    """Return the request with its question in plain form.

    Raise InputError if the question is empty, longer than 8,000 characters or not text.
    """
    question = request.question
    if len(question) > LONGEST_QUESTION:
        raise InputError(f"the question has {len(question):,} characters; ask in at most {LONGEST_QUESTION:,}")
    if "\0" in question or any(0xD800 <= ord(c) <= 0xDFFF for c in question):
        raise InputError("the question is not text; ask in words")
    if not any(map(str.isalnum, question)):
        raise InputError("the question is empty; ask in words, for example: Can I resell a Llama LoRA?")
    return request
