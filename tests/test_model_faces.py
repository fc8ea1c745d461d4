"""A served model behind the command line, HTTP and other people's chains: streaming, queue, cancellation, figures."""

import json
import socket
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

import httpx
import model_store
import pytest
import uvicorn
from model_cases import GOOD, SELL, TRAVEL
from scripted import Reply, Scripted, scripted

from corpus.errors import EngineError, InputError
from rag.pipeline import Pipeline
from rag.settings import ModelServer
from rag.types import Done, Drafted, Request
from ui import cli
from ui.api import create_app
from ui.engines import Engines


@pytest.fixture(scope="module")
def home(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return model_store.build(tmp_path_factory.mktemp("home"))


@pytest.fixture
def server() -> Iterator[Scripted]:
    with scripted() as running:
        yield running


def good(over: Pipeline) -> str:
    return model_store.written(GOOD, model_store.keys(over), {}).text


class Over(Engines):
    """Engines over the small store, whose encoder is not the product's."""

    def __call__(self, home: Path) -> Pipeline:
        from rag.writer import Writer

        pipeline = model_store.pipeline(home)
        pipeline.metrics = self.metrics
        if self.server is not None:
            self._writer = self._writer or Writer(self.server, self.metrics)
        pipeline.writer = self._writer
        return pipeline

    def close(self) -> None:
        if self._writer is not None:
            self._writer.close()


@pytest.fixture
def engines(server: Scripted) -> Iterator[Callable[..., Over]]:
    made: list[Over] = []

    def make(**settings: float) -> Over:
        made.append(Over(ModelServer(server.url, **{"probe_s": 5.0, "silence_s": 20.0, "total_s": 60.0, **settings})))
        return made[-1]

    yield make
    for each in made:
        each.close()


@contextmanager
def running(home: Path, engines: Over) -> Iterator[str]:
    """Run the product's server in a thread and yield its address."""
    with socket.socket() as listening:
        listening.bind(("127.0.0.1", 0))
        config = uvicorn.Config(create_app(home, engines, chat=False), log_level="warning", lifespan="off")
        served = uvicorn.Server(config)
        thread = threading.Thread(target=served.run, kwargs={"sockets": [listening]}, daemon=True)
        thread.start()
        while not served.started:
            time.sleep(0.01)
        try:
            yield f"http://127.0.0.1:{listening.getsockname()[1]}"
        finally:
            served.should_exit = True
            thread.join(10)


def until(holds: Callable[[], bool], seconds: float = 5) -> bool:
    end = time.monotonic() + seconds
    while not holds() and time.monotonic() < end:
        time.sleep(0.02)
    return holds()


# Streaming


def test_the_first_statement_is_there_before_the_reply_is_whole(
    home: Path, server: Scripted, engines: Callable[..., Over]
) -> None:
    over = engines()(home)
    server.say(Reply(good(over), piece=16, pause=0.01))
    events = over.stream(Request(SELL))
    next(events)
    assert isinstance(next(events), Drafted)
    assert server.running == 1
    answer = list(events)[-1].answer
    assert answer.timings_ms["first_statement"] < answer.timings_ms["total"]


def test_an_answer_that_nobody_waits_for_is_ended_at_the_server(
    home: Path, server: Scripted, engines: Callable[..., Over]
) -> None:
    over = engines()(home)
    server.say(Reply(good(over) + " " * 4000, piece=8, pause=0.01))
    events = over.stream(Request(SELL))
    next(events)
    next(events)
    events.close()
    assert until(lambda: server.left == 1)
    assert over.writer is not None
    assert over.writer.gate.running == 0
    assert over.writer.breaker.state == "closed"


def test_over_http_statements_stream_and_the_last_event_is_the_answer(
    home: Path, server: Scripted, engines: Callable[..., Over]
) -> None:
    made = engines()
    server.say(Reply(good(made(home)), piece=16, pause=0.005))
    with running(home, made) as base:
        times: list[tuple[str, float]] = []
        headers = {"Accept": "text/event-stream"}
        with httpx.stream("POST", f"{base}/api/ask", json={"question": SELL}, headers=headers, timeout=10) as response:
            for line in response.iter_lines():
                if line.startswith("event: "):
                    times.append((line.removeprefix("event: "), time.monotonic()))
                elif line.startswith("data: "):
                    data = json.loads(line.removeprefix("data: "))
    assert [name for name, _ in times] == ["retrieved", "statement", "statement", "done"]
    assert times[1][1] < times[-1][1] - 0.05
    assert (data["engine"], data["model"]) == ("llm", "tiny")


@pytest.mark.slow
@pytest.mark.parametrize("accept", ["text/event-stream", "application/json"])
def test_a_client_that_goes_away_ends_the_model_s_work(
    home: Path, server: Scripted, engines: Callable[..., Over], accept: str
) -> None:
    made = engines()
    server.say(Reply('{"verdict": "yes"' + " " * 8000, piece=4, pause=0.01))
    with running(home, made) as base:
        with (
            pytest.raises(httpx.ReadTimeout),
            httpx.stream(
                "POST", f"{base}/api/ask", json={"question": SELL}, headers={"Accept": accept}, timeout=0.7
            ) as response,
        ):
            for _ in response.iter_lines():
                pass
        assert until(lambda: server.left == 1 and server.running == 0)
    assert made.metrics.value("clausewise_fallbacks_total", reason="cancelled") == 1


# Queue, limits, figures


@pytest.mark.slow
def test_a_full_queue_turns_away_with_retry_after_or_lets_the_rules_answer(
    home: Path, server: Scripted, engines: Callable[..., Over]
) -> None:
    made = engines(in_flight=1, queue=0)
    server.say(Reply(good(made(home)), wait=1.0))
    with running(home, made) as base:
        first: list[httpx.Response] = []
        asking = threading.Thread(
            target=lambda: first.append(httpx.post(f"{base}/api/ask", json={"question": SELL}, timeout=10))
        )
        asking.start()
        assert until(lambda: server.running == 1)
        for accept in ("application/json", "text/event-stream"):
            body, headers = {"question": SELL, "engine": "llm"}, {"Accept": accept}
            refused = httpx.post(f"{base}/api/ask", json=body, headers=headers, timeout=10)
            assert refused.status_code == 429
            assert int(refused.headers["Retry-After"]) >= 1
            assert refused.json()["error"]["code"] == "busy"
        auto = httpx.post(f"{base}/api/ask", json={"question": SELL}, timeout=10).json()
        assert auto["engine"] == "rules"
        assert "ask again in a moment" in auto["problems"][-1]
        assert "clausewise_model_requests_running 1" in httpx.get(f"{base}/metrics").text
        asking.join(10)
        assert first[0].json()["engine"] == "llm"
    assert server.most == 1


def test_no_more_than_the_limit_are_in_flight_and_the_rest_wait(
    home: Path, server: Scripted, engines: Callable[..., Over]
) -> None:
    over = engines(in_flight=2, queue=10)(home)
    server.always = Reply(good(over), wait=0.1)
    answers: list[str] = []
    askers = [threading.Thread(target=lambda: answers.append(over.ask(Request(SELL)).engine)) for _ in range(6)]
    for asker in askers:
        asker.start()
    for asker in askers:
        asker.join(20)
    assert answers == ["llm"] * 6
    assert server.most == 2


def test_figures_tell_what_happened_and_nothing_that_was_asked(
    home: Path, server: Scripted, engines: Callable[..., Over]
) -> None:
    made = engines()
    server.say(good(made(home)), Reply(status=401, body="{}"))
    with running(home, made) as base:
        for _ in range(2):
            httpx.post(f"{base}/api/ask", json={"question": SELL}, timeout=10)
        response = httpx.get(f"{base}/metrics")
    text = response.text
    assert response.headers["content-type"].startswith("text/plain; version=0.0.4")
    for line in (
        'clausewise_answers_total{engine="llm"} 1',
        'clausewise_answers_total{engine="rules"} 1',
        'clausewise_fallbacks_total{reason="model-failed"} 1',
        'clausewise_statements_total{state="verified"} 2',
        'clausewise_first_statement_seconds_count{engine="llm"} 1',
        "clausewise_breaker_open 0",
    ):
        assert line in text.splitlines()
    assert "MIT" not in text


# The command line


def test_with_the_rules_engine_no_model_server_is_contacted(
    home: Path, server: Scripted, engines: Callable[..., Over]
) -> None:
    answer = engines()(home).ask(Request(SELL, engine="rules"))
    assert (answer.engine, server.paths) == ("rules", [])


def test_engine_llm_exits_4_with_one_line(
    home: Path, capsys: pytest.CaptureFixture[str], engines: Callable[..., Over], server: Scripted
) -> None:
    server.key = "k"
    for opener, says in ((Over(None), "name one with CLAUSEWISE_LLM_URL"), (engines(), "refuses the API key (401)")):
        assert cli.main(["--home", str(home), "ask", SELL, "--engine", "llm"], opener) == 4
        out, err = capsys.readouterr()
        assert (out, err.count("\n")) == ("", 1)
        assert says in err


def test_engine_llm_falls_back_once_a_statement_was_shown(
    home: Path, server: Scripted, engines: Callable[..., Over]
) -> None:
    over = engines()(home)
    text = good(over)
    server.say(Reply(text, piece=16, cut=1 + text.index('"text", "citations"', 80) // 16))
    events = list(over.stream(Request(SELL, engine="llm")))
    answer = events[-1].answer
    drafted = [e.statement for e in events if isinstance(e, Drafted)]
    assert answer.engine == "rules"
    assert drafted[0] not in answer.statements  # shown before the connection broke; it was verified
    assert tuple(drafted[1:]) == answer.statements
    assert "the rules engine answered" in answer.problems[-1]


@pytest.mark.slow
def test_a_dead_server_costs_less_than_two_seconds(home: Path) -> None:
    with socket.socket() as closed:
        closed.bind(("127.0.0.1", 0))
        port = closed.getsockname()[1]
    # An address that swallows everything: its queue of connections is full and nobody takes one.
    with socket.socket() as deaf:
        deaf.bind(("127.0.0.1", 0))
        deaf.listen(0)
        full = [socket.socket() for _ in range(4)]
        for each in full:
            each.setblocking(False)
            each.connect_ex(deaf.getsockname())
        for address in (port, deaf.getsockname()[1]):
            made = Over(ModelServer(f"http://127.0.0.1:{address}/v1"))
            over = made(home)
            over.ask(Request(SELL, engine="rules"))
            started = time.monotonic()
            answer = over.ask(Request(SELL))
            assert time.monotonic() - started < 2
            assert answer.engine == "rules"
            assert answer.citations
            with pytest.raises(EngineError):
                over.ask(Request(SELL, engine="llm"))
            made.close()
        for each in full:
            each.close()


def test_a_wrong_setting_is_one_line(home: Path, capsys: pytest.CaptureFixture[str], monkeypatch) -> None:
    monkeypatch.setenv("CLAUSEWISE_LLM_MODEL", "m")
    assert cli.main(["--home", str(home), "ask", SELL]) == 2
    out, err = capsys.readouterr()
    assert (out, err.count("\n")) == ("", 1)
    assert "CLAUSEWISE_LLM_URL is not" in err
    with pytest.raises(InputError):
        create_app(home, chat=False)


def test_the_answer_says_who_wrote_it(
    home: Path, server: Scripted, engines: Callable[..., Over], capsys: pytest.CaptureFixture[str]
) -> None:
    made = engines()
    server.say(good(made(home)))
    assert cli.main(["--home", str(home), "ask", SELL], made) == 0
    assert "Written by tiny, each quotation checked." in capsys.readouterr().out


# LangChain


def test_the_retriever_gives_passages_of_the_documents_own_words(home: Path) -> None:
    from rag.langchain_retriever import ClauseRetriever

    over = model_store.pipeline(home)
    found = ClauseRetriever(over, k=3).invoke(TRAVEL)
    assert len(found) == 3
    for each in found:
        text = over.store.documents[each.metadata["document"]].text
        assert text[each.metadata["start"] : each.metadata["end"]] == each.page_content
    assert {each.metadata["document"] for each in found} == {"acme-travel"}


def test_langchain_traces_nothing_whatever_the_environment_says(
    home: Path, server: Scripted, engines: Callable[..., Over], monkeypatch: pytest.MonkeyPatch
) -> None:
    from langsmith import utils

    for name in ("LANGSMITH_TRACING", "LANGCHAIN_TRACING_V2"):
        monkeypatch.setenv(name, "true")
    utils.get_env_var.cache_clear()
    over = engines()(home)
    server.say(good(over))
    assert next(e.answer.engine for e in over.stream(Request(SELL)) if isinstance(e, Done)) == "llm"
    utils.get_env_var.cache_clear()
    assert not utils.tracing_is_enabled()
