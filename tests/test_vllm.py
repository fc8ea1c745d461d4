"""A real vLLM on the CPU with a tiny random model: its words are noise, its protocol, limits and failures are the real thing."""

import json
import subprocess
import threading
import time
from collections.abc import Iterator
from pathlib import Path

import model_store
import needs
import pytest
import tiny_model
from model_cases import SELL, TRAIN
from real_vllm import Running

from corpus.errors import ModelError, PromptTooLong
from rag import prompts
from rag.gate import Breaker
from rag.generate import Call, ChatModel
from rag.model_server import Remote
from rag.pipeline import Pipeline
from rag.types import Answer, Done, Request, Retrieved
from rag.writer import Writer
from serving import config

pytestmark = [
    pytest.mark.serving,
    needs.vllm,
    # transformers 5.23 and torch 2.13, as of 2026-11: they warn of their own parts while the tiny model is made.
    pytest.mark.filterwarnings("ignore::DeprecationWarning", "ignore::FutureWarning", "ignore::UserWarning"),
]
_PARSE = """
import json, sys
from vllm.entrypoints.launchers.cli_args import make_arg_parser
from vllm.utils.argparse_utils import FlexibleArgumentParser
parser = make_arg_parser(FlexibleArgumentParser())
for words in json.load(sys.stdin):
    parsed = parser.parse_args(words)
    print(parsed.model, parsed.max_model_len, parsed.enable_prefix_caching)
"""


@pytest.fixture
def model(running: Running) -> Iterator[ChatModel]:
    made = ChatModel(running.settings(), "tiny")
    yield made
    made.close()


@pytest.fixture
def writer(running: Running, over: Pipeline) -> Iterator[Writer]:
    made = Writer(running.settings(), breaker=Breaker(failures=1, rest_s=0.5))
    over.writer = made
    yield made
    over.writer = None
    made.close()


def long_schema(keys: object = ()) -> dict[str, object]:
    """Return the form of a reply that takes some seconds."""
    fields = {"verdict": {"enum": ["yes"]}, "padding": {"type": "string", "minLength": 3000, "maxLength": 20_000}}
    return {"type": "object", "properties": fields, "required": list(fields), "additionalProperties": False}


def long_call() -> Call:
    return Call([("system", "Answer."), ("user", "At length.")], long_schema(), 8000, time.monotonic() + 200)


def call(text: str = "Which clause?", keys: tuple[str, ...] = ("bcdfgh", "kmnpqr"), most: int = 6000) -> Call:
    return Call([("system", "Answer."), ("user", text)], prompts.schema(keys), most, time.monotonic() + 200)


def until(holds: object, seconds: float = 10) -> bool:
    end = time.monotonic() + seconds
    while not holds() and time.monotonic() < end:  # type: ignore[operator]
        time.sleep(0.1)
    return bool(holds())  # type: ignore[operator]


def test_the_reply_has_the_form_and_its_keys_are_those_of_the_enum(model: ChatModel) -> None:
    asked = call()
    pieces = list(model.stream(asked))
    told = json.loads("".join(pieces))
    assert told["verdict"] in prompts.VERDICTS
    assert list(told) == ["verdict", "statements"]
    for statement in told["statements"]:
        assert statement["source"] in ("text", "inference")
        assert {c["key"] for c in statement["citations"]} <= {"bcdfgh", "kmnpqr"}
    assert len(pieces) > 3
    assert asked.usage.prompt > 0
    assert asked.usage.reply >= len(pieces) // 2


def test_the_whole_path_ends_in_a_sound_answer(over: Pipeline, writer: Writer) -> None:
    events = list(over.stream(Request(SELL)))
    assert isinstance(events[0], Retrieved)
    assert isinstance(events[-1], Done)
    answer = events[-1].answer
    model_store.sound(answer, over)
    assert answer.engine == "rules"  # noise passes no check
    assert "dropped from the model's reply 1" in answer.problems[-1]
    assert "dropped from the model's reply 2" in answer.problems[-1]
    assert writer.metrics.value("clausewise_model_tokens_total", kind="prompt") > 500
    assert writer.breaker.state == "closed"


def test_a_license_read_once_is_served_from_the_prefix_cache(running: Running, over: Pipeline, writer: Writer) -> None:
    over.ask(Request(TRAIN))
    before = [running.figure(f"vllm:prefix_cache_{name}_total") for name in ("queries", "hits")]
    over.ask(Request("Which court decides under the Llama 2 license?"))
    asked = running.figure("vllm:prefix_cache_queries_total") - before[0]
    assert running.figure("vllm:prefix_cache_hits_total") - before[1] > 0.5 * asked


def test_tokens_are_those_that_the_server_counts(running: Running) -> None:
    remote = Remote(running.settings())
    known = remote.known()
    assert (known.name, known.context) == ("tiny", running.server.max_length)
    few, many = remote.tokens("You may sell it.", "tiny"), remote.tokens("You may sell it. " * 20, "tiny")
    assert 4 <= few <= 16
    assert many > 10 * few
    remote.close()


def test_a_withdrawn_request_ends_at_the_server(running: Running, model: ChatModel) -> None:
    stream = model.stream(long_call())
    next(stream)
    assert running.figure("vllm:num_requests_running") == 1
    before = running.figure("vllm:generation_tokens_total")
    stream.close()
    assert until(lambda: running.figure("vllm:num_requests_running") == 0)
    assert running.figure("vllm:generation_tokens_total") - before < 1500  # of the 3,000 and more that were asked for


def test_a_prompt_that_is_too_long_is_known_as_that(model: ChatModel) -> None:
    with pytest.raises(PromptTooLong, match="set CLAUSEWISE_LLM_CONTEXT"):
        list(model.stream(call("clause " * 40_000)))


def test_a_context_said_to_be_longer_than_it_is_loses_no_answer(running: Running, over: Pipeline) -> None:
    over.writer = Writer(running.settings(context=10**6))
    answer = over.ask(Request(SELL))
    over.writer.close()
    over.writer = None
    model_store.sound(answer, over)


def test_a_wrong_key_and_a_wrong_name_are_told_apart(running: Running) -> None:
    for settings, says in (
        (running.settings(key="wrong"), "refuses the API key (401)"),
        (running.settings(key=None), "refuses the API key (401)"),
        (running.settings(name="other"), "serves no model 'other' but tiny"),
    ):
        remote = Remote(settings)
        with pytest.raises(ModelError) as caught:
            remote.known()
        remote.close()
        assert says in str(caught.value)
    for settings, name, says in (
        (running.settings(key="wrong"), "tiny", "refuses the API key (401)"),
        (running.settings(), "other", "does not serve that model (404)"),
    ):
        wrong = ChatModel(settings, name)
        with pytest.raises(ModelError) as caught:
            list(wrong.stream(call()))
        wrong.close()
        assert says in str(caught.value)


def test_killed_in_mid_answer_the_rules_answer_and_restarted_the_breaker_closes(
    running: Running, over: Pipeline, monkeypatch: pytest.MonkeyPatch
) -> None:
    writer = Writer(running.settings(reply=5400), breaker=Breaker(failures=1, rest_s=0.5))
    over.writer = writer
    rules = over.ask(Request(SELL, engine="rules"))
    answers: list[Answer] = []
    begun, stream = threading.Event(), ChatModel.stream

    def heard(model: ChatModel, asked: Call) -> Iterator[str]:
        for piece in stream(model, asked):
            begun.set()
            yield piece

    with monkeypatch.context() as patched:
        patched.setattr(prompts, "schema", long_schema)
        patched.setattr(ChatModel, "stream", heard)
        asking = threading.Thread(target=lambda: answers.append(over.ask(Request(SELL))))
        asking.start()
        assert begun.wait(60), (answers, running.log.read_text(encoding="utf-8")[-4000:])
        killed = time.monotonic()
        running.kill()
        asking.join(20)
    assert time.monotonic() - killed < 2.5  # the kill itself, and the rules' answer
    assert (answers[0].engine, answers[0].statements) == ("rules", rules.statements)
    assert "see whether the model server still runs" in answers[0].problems[-1]
    assert until(lambda: writer.breaker.state == "half-open", 2)
    started = time.monotonic()
    assert over.ask(Request(SELL)).engine == "rules"
    assert time.monotonic() - started < 2
    assert writer.breaker.state == "open"
    running.start()
    assert until(lambda: writer.breaker.state == "half-open", 2)
    over.ask(Request(SELL))
    assert writer.breaker.state == "closed"
    writer.close()
    over.writer = None


def test_a_model_without_a_chat_template_is_said(tmp_path: Path, over: Pipeline) -> None:
    made = Running(tiny_model.make(tmp_path / "plain", template=False), tmp_path / "log")
    made.start()
    over.writer = Writer(made.settings())
    try:
        answer = over.ask(Request(SELL))
    finally:
        over.writer.close()
        over.writer = None
        made.stop()
    assert answer.engine == "rules"
    assert "no chat template; serve a chat model" in answer.problems[-1]


def test_vllm_takes_the_arguments_of_every_profile() -> None:
    servers = config.profiles()
    words = json.dumps([server.arguments() for server in servers.values()])
    parsed = subprocess.run(
        [needs.VLLM, "-c", _PARSE], input=words, capture_output=True, text=True, check=False, timeout=300
    )
    assert parsed.returncode == 0, parsed.stderr[-3000:]
    lines = [line for line in parsed.stdout.splitlines() if line.endswith("True")]
    assert lines == [f"{server.model} {server.max_length} True" for server in servers.values()]
