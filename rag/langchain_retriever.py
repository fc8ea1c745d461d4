"""The retriever as a LangChain `BaseRetriever`: for chains of one's own. Importing it loads LangChain; the product itself does not use it."""

from typing import Any

from langchain_core.callbacks import CallbackManagerForRetrieverRun
from langchain_core.documents import Document
from langchain_core.retrievers import BaseRetriever

from rag.pipeline import Pipeline


class ClauseRetriever(BaseRetriever):
    """Finds the `k` passages nearest to a query, within the documents it names if it names any.

    Each comes as a document whose metadata hold clause, offsets and the viewer's address: `text[start:end]` of the document's
    text is the passage.
    """

    pipeline: Any
    k: int = 5

    def __init__(self, pipeline: Pipeline, k: int = 5) -> None:
        super().__init__(pipeline=pipeline, k=k)  # type: ignore[call-arg]

    def _get_relevant_documents(self, query: str, *, run_manager: CallbackManagerForRetrieverRun) -> list[Document]:
        found = []
        for hit in self.pipeline.search(query, self.k):
            clause, span = hit.passage.clause_id, hit.passage.span
            document = self.pipeline.store.documents[hit.passage.document_id]
            metadata = {
                "document": document.id,
                "title": document.title,
                "version": document.version,
                "clause": clause.partition("#")[2],
                "start": span.start,
                "end": span.end,
                "score": hit.score,
                "url": f"/source/{clause}",
            }
            found.append(Document(page_content=span.of(document.text), metadata=metadata, id=clause))
        return found
