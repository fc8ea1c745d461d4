"""What is asked: clauses that fit, whole and with keys of their own; what the server tells of its context; the breaker's round trip."""

import time
from collections.abc import Iterator
from typing import Any

import model_store
import pytest
from model_cases import GOOD, LORA, SELL
from scripted import Reply, Scripted

from corpus.errors import Cancelled, ModelError, PromptTooLong
from rag import prompts
from rag.budget import Budget, fit
from rag.gate import Breaker
from rag.model_server import Known, Remote, estimated
from rag.pipeline import Pipeline
from rag.settings import ModelServer
from rag.types import Request
from rag.writer import Writer


@pytest.fixture
def remote(server: Scripted) -> Iterator[Remote]:
    made = Remote(ModelServer(server.url))
    yield made
    made.close()


def asked(over: Pipeline, server: Scripted, question: str, **settings: Any) -> dict[str, Any]:
    """Ask with a good reply and return the body of the last request."""
    server.always = model_store.written(GOOD, model_store.keys(over), {})
    over.writer = model_store.writer(server, **settings)
    over.ask(Request(question))
    over.writer.close()
    over.writer = None
    return server.asked[-1]


def keys_of(body: dict[str, Any]) -> list[str]:
    schema = body["response_format"]["json_schema"]["schema"]
    citation = schema["properties"]["statements"]["items"]["properties"]["citations"]["items"]
    return citation["properties"]["key"]["enum"]


def test_the_enum_holds_the_keys_of_the_clauses_shown_and_no_others(over: Pipeline, server: Scripted) -> None:
    body = asked(over, server, SELL)
    known = model_store.keys(over)
    assert sorted(keys_of(body)) == sorted(known[f"mit#p{n}"] for n in (1, 2, 3))
    text = body["messages"][1]["content"]
    assert all(f"[{key}]" in text for key in keys_of(body))
    assert len(set(known.values())) == len(known)


def test_static_parts_stand_first_so_that_a_license_is_read_once(over: Pipeline, server: Scripted) -> None:
    first, second = asked(over, server, SELL), asked(over, server, "Must I keep the notice of the MIT license?")
    assert first["messages"][0] == second["messages"][0]
    a, b = first["messages"][1]["content"], second["messages"][1]["content"]
    shared = next(n for n, (x, y) in enumerate(zip(a, b, strict=False)) if x != y)
    assert "The question, as JSON" in a[:shared]
    assert (first["temperature"], first["stream"], first["max_tokens"]) == (0, True, 1600)


def test_a_short_context_gets_the_telling_clauses_whole(over: Pipeline, server: Scripted) -> None:
    whole = keys_of(asked(over, server, LORA))
    body = asked(over, server, LORA, context=4500)
    kept = keys_of(body)
    assert 0 < len(kept) < len(whole)
    assert [key for key in whole if key in kept] == kept  # in the order of the document
    known = {key: id for id, key in model_store.keys(over).items()}
    assert "llama-3.1-license-2024#1.a" in {known[key] for key in kept}  # what the rules decided by comes first
    text = body["messages"][1]["content"]
    for key in kept:
        clause = over.store.clause(known[key])
        assert clause.span.of(over.store.documents[clause.document_id].text).strip() in text
    tokens = sum(len(m["content"]) // 4 + 4 for m in body["messages"])
    assert tokens + body["max_tokens"] <= 4500


def test_what_was_left_out_is_said(over: Pipeline, server: Scripted) -> None:
    key = model_store.keys(over)["llama-3.1-license-2024#1.a"]
    quote = "You are granted a non-exclusive, worldwide"
    text = f'{{"verdict": "conditional", "statements": [{{"source": "text", "citations": [{{"key": "{key}", "quote": "{quote}"}}], "text": "Yes, distribution is granted."}}]}}'  # noqa: E501
    server.always = Reply(text)
    over.writer = model_store.writer(server, context=4500)
    answer = over.ask(Request(LORA))
    over.writer.close()
    over.writer = None
    assert answer.engine == "llm"
    assert any("clauses did not fit the model's context" in p for p in answer.problems)


def test_nothing_fits_a_tiny_context(over: Pipeline, server: Scripted, remote: Remote) -> None:
    request = Request(SELL)
    draft = over.ask(request)
    from rag.question import understand
    from rag.route import route

    question = understand(request, over.registry)
    cases = over._cases(question, route(request, question, over.catalog, over.store.documents))
    everything = prompts.pieces(cases, draft)
    with pytest.raises(PromptTooLong, match="serve it with a longer one"):
        fit(everything, lambda p: "q", Budget(remote, Known("tiny", 600)))
    assert fit(everything, lambda p: "q", Budget(remote, Known("tiny", 32768))) == everything


def test_tokens_are_counted_by_the_server_once(server: Scripted, remote: Remote) -> None:
    assert remote.tokens("x" * 400, "tiny") == 104
    assert remote.tokens("x" * 400, "tiny") == 104
    assert server.paths == ["/tokenize"]


def test_a_server_that_counts_no_tokens_is_estimated_on_the_safe_side(server: Scripted, remote: Remote) -> None:
    server.tokenizes = False
    assert remote.tokens("word " * 100, "tiny") == estimated("word " * 100) == 167
    remote.tokens("other", "tiny")
    assert server.paths == ["/tokenize"]  # it is not asked again


def test_the_server_s_word_on_model_and_context_counts(server: Scripted, remote: Remote) -> None:
    assert remote.known() == Known("tiny", 32768)
    remote.known()
    assert server.paths == ["/v1/models"]
    server.models = [{"id": "tiny"}]
    remote.forget()
    assert remote.known().context == 8192


@pytest.mark.parametrize(
    ("models", "name", "says"),
    [
        ([], None, "lists no model; load one"),
        ([{"id": "a"}, {"id": "b"}], None, "serves a, b; name one with CLAUSEWISE_LLM_MODEL"),
        ([{"id": "a"}], "b", "serves no model 'b' but a; set CLAUSEWISE_LLM_MODEL"),
        (["a"], None, "does not speak the OpenAI protocol"),
        ({"a": 1}, None, "does not speak the OpenAI protocol"),
    ],
)
def test_what_a_server_lists_may_not_do(server: Scripted, models: Any, name: str | None, says: str) -> None:
    server.models = models
    remote = Remote(ModelServer(server.url, name))
    with pytest.raises(ModelError) as caught:
        remote.known()
    remote.close()
    assert says in str(caught.value)
    assert "\n" not in str(caught.value)


def test_tls_errors_say_what_to_change(server: Scripted, tmp_path) -> None:
    remote = Remote(ModelServer(server.url.replace("http:", "https:")))
    with pytest.raises(ModelError, match="speaks no TLS; write http://"):
        remote.known()
    remote.close()
    wrong = tmp_path / "ca.pem"
    wrong.write_text("no certificate")
    with pytest.raises(ModelError, match="holds no certificate; set CLAUSEWISE_LLM_CA_FILE"):
        Remote(ModelServer("https://localhost/v1", ca_file=str(wrong)))


@pytest.mark.slow
def test_the_breaker_leaves_a_broken_server_alone_and_comes_back(over: Pipeline, server: Scripted) -> None:
    now = [0.0]
    server.always = Reply(status=500, body="{}")
    writer = Writer(ModelServer(server.url), breaker=Breaker(failures=2, rest_s=5, clock=lambda: now[0]))
    over.writer = writer
    for _ in range(2):
        assert over.ask(Request(SELL)).engine == "rules"
    seen = len(server.paths)
    started = time.monotonic()
    answer = over.ask(Request(SELL))
    assert "left alone for a moment" in answer.problems[-1]
    assert len(server.paths) == seen  # not contacted
    assert time.monotonic() - started < 1
    assert "clausewise_breaker_open 1" in writer.metrics.text()
    server.always = model_store.written(GOOD, model_store.keys(over), {})
    now[0] = 5.0
    assert over.ask(Request(SELL)).engine == "llm"
    assert "clausewise_breaker_open 0" in writer.metrics.text()
    writer.close()
    over.writer = None


@pytest.mark.slow
@pytest.mark.parametrize(
    ("reply", "says"),
    [
        (Reply(body="[" * 100_000), "does not speak the OpenAI protocol"),
        (Reply(drip=b" ", pause=0.05), "does not answer in time"),
        (Reply(body="{}", wait=2), "does not answer in time"),
    ],
)
def test_a_probe_ends_and_gives_the_breaker_its_place_back(
    over: Pipeline, server: Scripted, reply: Reply, says: str
) -> None:
    now = [0.0]
    breaker = Breaker(failures=1, rest_s=5, clock=lambda: now[0])
    writer = Writer(ModelServer(server.url, probe_s=0.4), breaker=breaker)
    over.writer = writer
    server.models_reply = reply
    for at in (0.0, 6.0):  # closed, then half-open
        now[0] = at
        started = time.monotonic()
        assert says in over.ask(Request(SELL)).problems[-1]
        assert time.monotonic() - started < 1.5
        assert breaker.state == "open"
    server.models_reply = None
    server.always = model_store.written(GOOD, model_store.keys(over), {})
    now[0] = 12.0
    assert over.ask(Request(SELL)).engine == "llm"
    writer.close()
    over.writer = None


def test_whatever_ends_a_block_gives_the_probe_back(server: Scripted) -> None:
    now = [0.0]
    writer = Writer(ModelServer(server.url), breaker=Breaker(failures=1, rest_s=5, clock=lambda: now[0]))
    writer.breaker.failed()
    now[0] = 6.0
    with pytest.raises(RecursionError), writer.admitted(lambda: False):
        raise RecursionError
    assert writer.breaker.allows()
    writer.close()


@pytest.mark.parametrize("reply", [Reply(drip=b": ping\n\n", pause=0.05), Reply("x", wait=5)])
def test_a_withdrawn_question_ends_whatever_arrives(over: Pipeline, server: Scripted, reply: Reply) -> None:
    server.always = reply
    writer = over.writer = model_store.writer(server)
    writer.warm()
    started = time.monotonic()
    with pytest.raises(Cancelled):
        over.ask(Request(SELL), lambda: bool(server.asked))
    assert time.monotonic() - started < 3
    writer.close()
    over.writer = None
