"""One vector for each passage: what it says, and a part of what its document is called."""

from collections.abc import Mapping, Sequence

import numpy as np

from corpus.records import sha256
from rag.embed import Encoder, Progress, Vectors
from rag.passages import meaning
from rag.types import Passage

# The same paragraph stands in many licenses: its words are embedded once, and each license's title is added to them.
# Passages embedded together with their titles find no more, and take half as long again.
TITLE_WEIGHT = np.float32(0.6)


def key(title: str, passage: Passage) -> str:
    """Return the hash of everything that decides the vector of a passage."""
    return sha256(f"{TITLE_WEIGHT}\0{title}\0{meaning(passage)}".encode())


def embed(passages: Sequence[Passage], titles: Mapping[str, str], encoder: Encoder, progress: Progress) -> Vectors:
    """Return the vectors of passages, one a row, of length one; `titles` holds the title of each document."""
    words = list(dict.fromkeys(map(meaning, passages)))
    names = list(dict.fromkeys(titles[passage.document_id] for passage in passages))
    progress(0, len(words) + len(names))
    # Together: importing torch for a few hundred titles alone would not pay.
    raw = encoder.encode_many([*words, *names], progress)
    row_of_words = {text: row for row, text in enumerate(words)}
    row_of_name = {name: row for row, name in enumerate(names, start=len(words))}
    said = raw[[row_of_words[meaning(passage)] for passage in passages]]
    called = raw[[row_of_name[titles[passage.document_id]] for passage in passages]]
    mixed = said + TITLE_WEIGHT * called
    result: Vectors = mixed / np.maximum(np.linalg.norm(mixed, axis=1, keepdims=True), np.float32(1e-12))
    return result
