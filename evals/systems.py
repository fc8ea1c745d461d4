"""What is evaluated: the product, the product with a part left out, and what others build, all on the same store.

Each system gives an item's answer, if it writes answers, and the passages it finds. The stock pipeline and the two bare
rankings find passages only: they have no verdict to be judged.
"""

import time
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from corpus import catalog, registry
from corpus.errors import ClausewiseError, InputError
from corpus.store import Store
from evals.items import Item
from evals.recall import Found
from rag.answer_json import to_json
from rag.pipeline import Pipeline
from rag.retrieve import Retriever
from rag.types import Done, Hit, Request, Retrieved

DEPTH = 10


@dataclass(frozen=True, slots=True)
class Given:
    """What a system gives for one item: the answer in its published form (empty if it writes none), the documents that were
    looked into, the passages found with their clauses, the seconds it took; `error` in place of all that failed."""

    answer: Mapping[str, Any]
    documents: tuple[str, ...]
    found: tuple[Found, ...]
    seconds: float
    error: str = ""


System = Callable[[Item], Given]


def system(name: str, home: Path) -> System:
    """Return a system over the store of a data folder by its name.

    Raise InputError for an unknown name, StoreError for a store that does not match.
    """
    if name not in SYSTEMS:
        raise InputError(f"there is no system {name}; name one of {', '.join(SYSTEMS)}")
    return SYSTEMS[name][1](home)


def _product(home: Path, curated: bool = True, routed: bool = True) -> System:
    store = Store.open(home)
    pipeline = Pipeline(store, catalog.load(), registry.load(), Retriever(store), curated)
    pipeline.routed = routed

    def ask(item: Item) -> Given:
        started = time.perf_counter()
        documents: tuple[str, ...] = ()
        try:
            for event in pipeline.stream(Request(item.question, item.id, item.history, engine="rules")):
                if isinstance(event, Retrieved):
                    documents = event.documents
                if isinstance(event, Done):
                    answer = to_json(event.answer)
        except ClausewiseError as error:
            return Given({}, documents, (), time.perf_counter() - started, str(error))
        seconds = time.perf_counter() - started
        # The passages a reader would be shown in place of an answer, to be compared with what others find.
        hits = pipeline.search(item.question, DEPTH)
        return Given(answer, documents, _found(store, hits), seconds)

    return ask


def _ranking(home: Path, ways: tuple[str, ...]) -> System:
    store = Store.open(home)
    retriever = Retriever(store)

    def find(item: Item) -> Given:
        started = time.perf_counter()
        hits = retriever.search(item.question, DEPTH, ways=ways)
        return Given({}, (), _found(store, hits), time.perf_counter() - started)

    return find


def _stock(home: Path) -> System:
    # Imported here: LangChain takes a second that nothing else needs.
    from evals import baselines

    store = Store.open(home)
    folder = home / "stock" / store.manifest.build
    if not (folder / baselines.CHUNKS).is_file():
        baselines.save(baselines.build({id: store.documents[id].text for id in store.documents}), folder)
    chunks = baselines.load(folder)

    def find(item: Item) -> Given:
        started = time.perf_counter()
        found = tuple(baselines.search(chunks, item.question, DEPTH))
        return Given({}, (), found, time.perf_counter() - started)

    return find


def _found(store: Store, hits: Iterable[Hit]) -> tuple[Found, ...]:
    passages = (hit.passage for hit in hits)
    return tuple(Found(p.document_id, p.span.of(store.documents[p.document_id].text)) for p in passages)


# What each is, and what makes it; whether it writes answers stands in what it gives.
SYSTEMS: Mapping[str, tuple[str, Callable[[Path], System]]] = {
    "ours": ("Clausewise, rules engine", _product),
    "no-facts": ("Clausewise without curated facts", lambda home: _product(home, curated=False)),
    "no-routing": ("Clausewise without routing by names", lambda home: _product(home, routed=False)),
    "hybrid": ("hybrid retrieval (BM25 and MiniLM)", lambda home: _ranking(home, ("dense", "lexical"))),
    "bm25": ("BM25 alone", lambda home: _ranking(home, ("lexical",))),
    "stock": ("stock LangChain retrieval", _stock),
}
