"""A scripted model, well and badly behaved: the answer is right or falls back to the rules, and no unverified quotation is shown."""

import json
from collections.abc import Callable, Iterator

import model_store
import pytest
from model_cases import CASES, Case
from scripted import Scripted

from rag.answer_json import to_json
from rag.pipeline import Pipeline
from rag.types import Drafted, Request
from rag.writer import Writer


@pytest.fixture
def writer(over: Pipeline) -> Iterator[Callable[..., Writer]]:
    """Return what makes writers over a server, and closes them in the end."""
    made: list[Writer] = []

    def make(server: Scripted, **settings: float) -> Writer:
        made.append(model_store.writer(server, **settings))
        return made[-1]

    yield make
    over.writer = None
    for each in made:
        each.close()


def test_there_are_enough_cases() -> None:
    assert len(CASES) >= 60
    assert len({case.name for case in CASES}) == len(CASES)


# Those with a patience of their own wait until it is over.
WAITING = [pytest.param(case, marks=pytest.mark.slow, id=case.name) for case in CASES if case.patience]


@pytest.mark.parametrize("case", [*(case for case in CASES if not case.patience), *WAITING], ids=lambda case: case.name)
def test_the_answer_is_right_or_falls_back(
    case: Case, over: Pipeline, server: Scripted, writer: Callable[..., Writer]
) -> None:
    model_store.told(server, case, over)
    over.writer = writer(server, **case.patience)
    events = list(over.stream(Request(case.question, "q")))
    answer = events[-1].answer
    rules = over.ask(Request(case.question, "q", engine="rules"))
    shown = json.dumps(to_json(answer), ensure_ascii=False)
    assert (answer.engine, answer.model) == ((case.engine, "tiny") if case.engine == "llm" else ("rules", None)), shown
    assert answer.verdict == (case.verdict or rules.verdict)
    assert case.says in "; ".join(answer.problems)
    assert not case.never or case.never not in shown
    assert case.asks in (0, len(server.asked))
    assert answer.text
    model_store.sound(answer, over)
    for event in events:
        if isinstance(event, Drafted):
            assert not case.never or case.never not in str(event.statement)
            assert {c.n for c in event.citations} == set(event.statement.citations)
            for c in event.citations:
                assert over.store.documents[c.document].text[c.start : c.end] == c.quote
    if case.engine == "rules":
        assert (answer.statements, answer.citations) == (rules.statements, rules.citations)
        assert answer.problems[-1] != ""
    if case.state:
        assert case.state in {c.state for c in answer.citations}
