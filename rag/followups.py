"""Follow-up questions: made to stand alone by the model where one is there, by the names carried over where not.

What a model makes of a question is only used if it holds the question's own words and nothing that the conversation does
not hold; else the rules read the question as before.
"""

from collections.abc import Callable
from dataclasses import replace
from typing import TYPE_CHECKING

from corpus.registry import Registry
from rag import wording
from rag.language import words
from rag.question import Question, understand
from rag.types import Request

if TYPE_CHECKING:
    from rag.writer import Writer

_LONGEST = 600
_KEPT = 0.5  # of the question's own telling words


def read(
    request: Request, registry: Registry, writer: "Writer | None", stopped: Callable[[], bool]
) -> tuple[Request, Question, tuple[str, ...]]:
    """Return the request with the question to answer, the question as understood, and what is to be said of it."""
    question = understand(request, registry)
    follows = request.history and (question.carried or not question.mentions)
    if writer is None or not follows:
        return request, question, ()
    made = writer.rewritten(request, stopped)
    if made is None or not sound(made, request, registry):
        return request, question, ()
    alone = replace(request, question=" ".join(made.split()))
    again = understand(alone, registry)
    if again.outside is not None:
        return request, question, ()
    return alone, again, (f"read as: {alone.question}",)


def sound(made: str, request: Request, registry: Registry) -> bool:
    """Return True if a rewritten question keeps the question's words and adds none but the conversation's names and numbers."""
    if len(made) > _LONGEST or wording.marked_up(made) or wording.planted(made):
        return False
    held = "\n".join((request.question, *(turn.content for turn in request.history)))
    if wording.foreign_numbers(made, held) or wording.foreign_names(made, held):
        return False
    if any(m.text.lower() not in held.lower() for m in registry.mentions(made)):
        return False
    own = set(words(request.question))
    return len(own & set(words(made))) >= _KEPT * len(own)


def by_rules(question: Question) -> str | None:
    """Return the question with the names that were carried over from the conversation, None if none were."""
    return f"{question.text} ({', '.join(question.carried)})" if question.carried else None
