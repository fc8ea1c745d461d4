"""What a reader should know beside an answer: odd facts in the question, what was carried over, how sure the registry is."""

from collections.abc import Iterator
from dataclasses import replace

from corpus.registry import Registry
from rag import facts
from rag.question import Question
from rag.types import Answer

_NOT_ENGLISH = (
    "the question does not look English; it was answered from the names found in it, so ask again in English to be sure"
)


def beside(answer: Answer, question: Question, registry: Registry) -> Answer:
    """Return the answer with its notes among its problems."""
    notes = [*answer.problems, *facts.problems(question.text)]
    if question.carried:
        notes.append(f"carried over from the conversation: {', '.join(question.carried)}")
    if not question.english:
        notes.append(_NOT_ENGLISH)
    notes.extend(_of_models(question, registry))
    return replace(answer, problems=tuple(notes))


def _of_models(question: Question, registry: Registry) -> Iterator[str]:
    """Yield what the answer rests on beyond texts: which license a model has, and how sure that is."""
    for id in dict.fromkeys(m.model for m in question.mentions if m.model):
        model = registry.model(id)
        if model is None:
            continue
        names = ", ".join(model.licenses)
        if names and model.basis == "unverified":
            yield f"that {model.name} is under {names} is unverified: check the license file of the model"
        for conflict in model.conflicts:
            yield f"sources conflict on the license of {model.name}: {conflict.source} says {conflict.license}"
