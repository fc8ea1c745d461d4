"""The stock pipeline that the benchmark compares with: LangChain's recursive splitter, MiniLM, its FAISS store, top 5.

It is what the usual tutorial builds: chunks of 1,000 characters that overlap by 200, the best 5 to the question. The
embedder is the product's own, so that only the pipeline differs. Where LangChain would pickle its texts, they are kept
as JSON here. The pipeline runs as a process of its own (`python -m evals.baselines`), measured like the product.
"""

import argparse
import json
import sys
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

import faiss
from fastapi import FastAPI
from langchain_community.docstore.in_memory import InMemoryDocstore
from langchain_community.vectorstores import FAISS
from langchain_core.documents import Document as Chunk
from langchain_core.embeddings import Embeddings
from langchain_text_splitters import RecursiveCharacterTextSplitter

from corpus.store import Store
from evals.recall import Found
from rag.embed import MiniLM

CHUNK, OVERLAP, TOP = 1000, 200, 5
_INDEX, CHUNKS = "index.faiss", "chunks.json"


class ProductEmbeddings(Embeddings):
    """The product's embedder as LangChain wants it."""

    def __init__(self) -> None:
        self._model = MiniLM()

    def embed_documents(self, texts: list[str]) -> list[list[float]]:
        """Return a vector for each text."""
        vectors: list[list[float]] = self._model.encode_many(texts, lambda done, total: None).tolist()
        return vectors

    def embed_query(self, text: str) -> list[float]:
        """Return the vector of a question."""
        vector: list[float] = self._model.encode(text).tolist()
        return vector


def split(texts: Mapping[str, str]) -> list[Chunk]:
    """Return the chunks of texts by id, each knowing its document."""
    splitter = RecursiveCharacterTextSplitter(chunk_size=CHUNK, chunk_overlap=OVERLAP)
    chunks: list[Chunk] = splitter.create_documents(list(texts.values()), [{"document": id} for id in texts])
    return chunks


def build(texts: Mapping[str, str]) -> FAISS:
    """Return the vector store of texts by id, in memory."""
    return FAISS.from_documents(split(texts), ProductEmbeddings())


def search(store: FAISS, question: str, k: int = TOP) -> list[Found]:
    """Return the best `k` chunks to the question."""
    return [Found(chunk.metadata["document"], chunk.page_content) for chunk in store.similarity_search(question, k=k)]


def save(store: FAISS, folder: Path) -> None:
    """Write the index in FAISS' own form and the chunks as JSON."""
    folder.mkdir(parents=True, exist_ok=True)
    faiss.write_index(store.index, str(folder / _INDEX))
    chunks = [store.docstore.search(store.index_to_docstore_id[row]) for row in range(store.index.ntotal)]
    rows = [{"text": chunk.page_content, **chunk.metadata} for chunk in chunks]
    (folder / CHUNKS).write_text(json.dumps(rows), encoding="utf-8")


def load(folder: Path) -> FAISS:
    """Return the vector store that `save` has written."""
    rows = json.loads((folder / CHUNKS).read_text(encoding="utf-8"))
    chunks = {str(n): Chunk(row["text"], metadata={"document": row["document"]}) for n, row in enumerate(rows)}
    index = faiss.read_index(str(folder / _INDEX))
    return FAISS(ProductEmbeddings(), index, InMemoryDocstore(chunks), {n: str(n) for n in range(len(rows))})


def create_app(store: FAISS) -> FastAPI:
    """Return a server that answers a question with the chunks found."""
    app = FastAPI()

    @app.get("/readyz")
    def ready() -> dict[str, int]:
        return {"chunks": store.index.ntotal}

    @app.post("/api/ask")
    def ask(body: dict[str, Any]) -> dict[str, Any]:
        return {"passages": [{"document": f.document, "text": f.text} for f in search(store, body["question"])]}

    return app


def main(arguments: Sequence[str] | None = None) -> int:
    """Run one step of the stock pipeline; return the exit status."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("step", choices=("build", "add", "ask", "serve"))
    parser.add_argument("folder", type=Path, help="where the stock pipeline keeps its index")
    parser.add_argument("--home", type=Path, help="build: take the documents of the store in this data folder")
    parser.add_argument("--file", type=Path, help="add: a text file")
    parser.add_argument("--question", help="ask: the question")
    parser.add_argument("--port", type=int, help="serve: the port on loopback")
    args = parser.parse_args(arguments)
    if args.step == "build":
        documents = Store.open(args.home).documents
        save(build({id: documents[id].text for id in documents}), args.folder)
        return 0
    store = load(args.folder)
    if args.step == "add":
        store.add_documents(split({args.file.stem: args.file.read_text(encoding="utf-8")}))
        save(store, args.folder)
    elif args.step == "ask":
        sys.stdout.write(json.dumps([found.text for found in search(store, args.question)]) + "\n")
    else:
        import uvicorn

        uvicorn.run(create_app(store), host="127.0.0.1", port=args.port, log_level="warning", access_log=False)
    return 0


if __name__ == "__main__":
    sys.exit(main())
