"""The answers of a run as a judge sees them: question, answer, the clauses it cites, and what the gold set says is right."""

from collections.abc import Iterator

from corpus.store import Store
from evals.items import Item
from evals.report import Part
from evals.samples import Sample


def samples(part: Part) -> Iterator[Sample]:
    """Yield a sample for each item that requires evidence; where nothing can be cited there is nothing to be faithful to."""
    for row in part.rows:
        if not row.item.evidence:
            continue
        given = part.results.given.get(row.item.id)
        answer = given.answer if given else {}
        cited = [(str(c["document"]), str(c["clause"])) for c in answer.get("citations") or ()]
        passages = [found.text for found in row.found] if not answer else _clauses(part.store, cited)
        evidence = _clauses(part.store, [(e.document, e.clause) for e in row.item.evidence])
        reference = _reference(row.item)
        text = str(answer.get("text") or "")
        yield Sample(row.item.id, row.item.question, text, tuple(passages), reference, tuple(evidence))


def _clauses(store: Store, places: list[tuple[str, str]]) -> list[str]:
    """Return the texts of clauses, each once; of one that is not on file nothing."""
    found: dict[tuple[str, str], str] = {}
    for document, path in places:
        if document not in store.documents:
            continue
        text = store.documents[document].text
        for clause in store.clauses(document):
            if clause.path == path:
                found[document, path] = clause.span.of(text).strip()
    return list(found.values())


def _reference(item: Item) -> str:
    quotes = " ".join(f"“{' '.join(e.quote.split())}”" for e in item.evidence)
    return f"{' or '.join(item.verdicts)}. {item.rationale} {quotes}".strip()
