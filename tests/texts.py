"""Small license texts of our own, and the case of a question under one of them, without a store."""

import hashlib

from corpus.registry import Mention
from corpus.segment import segment
from corpus.terms import extract
from corpus.types import Document, Kind, Origin
from rag import facts
from rag.case import Case
from rag.language import words
from rag.lexicon import lexicon
from rag.matching import Match
from rag.question import Question, understand
from rag.sheet import make
from rag.types import Request

OPEN = """Wren Model License

1. Grant. Subject to these terms, we grant you a worldwide, royalty-free license to use, reproduce, distribute, modify and sell the Model.

2. Conditions. If you distribute the Model or a modified version of it:
   a. You must give any recipients a copy of this License; and
   b. You shall include "Wren" at the beginning of the name of any AI model that you train with it.

3. Users. If your product or service has more than 5 million monthly active users, you must request a license from us.

4. Termination. We may terminate this License if you breach it. If you fail to comply, your rights terminate automatically.

5. Law. This License is governed by the laws of Iceland. The courts of Reykjavik have exclusive jurisdiction of any dispute.
"""

CLOSED = """Heron Research License

1. Grant. We grant you a license to use, copy, modify and distribute the Materials solely for non-commercial research purposes.

2. Meaning. "Non-Commercial" means not intended for commercial advantage or monetary compensation.

3. Limits. You will not use the Materials or any output of the Materials to improve any other large language model.

4. Restrictions on use. You agree not to use the Materials:
   a. for military purposes or in weapons;
   b. to provide medical advice without a licensed professional;

5. Suits. If you institute litigation against any entity alleging that the Materials infringe your rights, then all licenses granted to you shall terminate.
"""

POLICY = """Tern Ltd: AI policy

1. Approval. A model may be put into a customer product only with the approval of the legal team.

2. Chat tools. Employees must not paste customer contracts into public chat tools.

3. Experiments. Engineers may try open-weight models on their own machines.
"""


class NoNames:
    """A registry that knows no name."""

    def mentions(self, text: str) -> tuple[Mention, ...]:
        """Return no mention."""
        return ()


def document(text: str, kind: Kind = "license", id: str = "sample") -> Document:
    """Return a document of that text; its first line is its title."""
    digest = hashlib.sha256(text.encode()).hexdigest()
    return Document(id, text.partition("\n")[0], kind, text, None, id, Origin("test", digest))


def question(text: str, **given: object) -> Question:
    """Return a question as understood without any names."""
    return understand(Request(text, facts=given), NoNames())  # type: ignore[arg-type]


def case(text: str, asked: str, kind: Kind = "license", **given: object) -> Case:
    """Return the case of a question under a text; shared words stand for nearness of meaning too."""
    doc = document(text, kind)
    clauses = segment(doc)
    sheet = make(doc, clauses, extract(doc, clauses))
    overlap = sheet.overlap(words(asked))
    return Case(question(asked, **given), doc.id, (sheet,), {(doc.id, n): Match(s, s) for n, s in enumerate(overlap)})


__all__ = ["CLOSED", "OPEN", "POLICY", "NoNames", "case", "document", "facts", "lexicon", "question"]
