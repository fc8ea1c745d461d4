"""The commands of the composer over a small real store: what they show, where they lead, and what a bad line is told."""

import asyncio
import re
from pathlib import Path
from types import SimpleNamespace

import pytest
from chat_room import Room

from rag.pipeline import Pipeline
from ui import chat, kept, profile
from ui.chat_commands import COMMANDS
from ui.opened import Opened

STACK = """
[use]
distribution = "hosted"
purposes = ["commercial"]

[[component]]
name = "answerer"
license = "llama-2-license-2023"
"""


def order(over: Pipeline, home: Path, command: str, line: str, scope: tuple[str, ...] = ()) -> Room:
    room = Room()
    room.user_session.set("scope", scope)
    reply = chat._reply(room, Opened(home, lambda _: over))
    asyncio.run(reply(SimpleNamespace(content=line, command=command)))
    return room


def shown(over: Pipeline, home: Path, command: str, line: str) -> str:
    ((kind, text, views),) = order(over, home, command, line).said
    assert (kind, views) == ("Message", [])
    return text


@pytest.mark.parametrize(
    "line", ["Llama 2 and Llama 3.1", "llama-2-license-2023, llama-3.1-license-2024", "Llama 2 vs. Llama 3.1"]
)
def test_compare_says_what_only_one_text_has_and_where_they_differ(over: Pipeline, tmp_path: Path, line: str) -> None:
    text = shown(over, tmp_path, "compare", line)
    assert "(/compare/llama-2-license-2023/llama-3.1-license-2024)" in text
    assert "**Only in Llama 2 Community License Agreement**" in text
    assert "Built with Llama" in text.split("**Only in Llama 3.1")[1]
    assert "/source/llama-3.1-license-2024#1.b.i" in text
    assert "[clause 1.b.v](/source/llama-2-license-2023#1.b.v)" in text.split("**Only in Llama 3.1")[0]
    assert text.endswith("*Information, not legal advice.*")


@pytest.mark.parametrize("line", ["Llama 2", "Llama 2 and Llama 2", "Llama 2, Llama 3.1 and MIT"])
def test_compare_takes_two_texts(over: Pipeline, tmp_path: Path, line: str) -> None:
    kind, text = order(over, tmp_path, "compare", line).last
    assert kind == "ErrorMessage"
    assert "compare takes two: name two texts" in text


def test_license_shows_the_card_with_a_way_to_the_text(over: Pipeline, tmp_path: Path) -> None:
    text = shown(over, tmp_path, "license", "Apache 2.0")
    assert text.startswith("[Read the text](/source/apache-2.0), [Rights card with links](/licenses/apache-2.0)")
    assert "# Apache License 2.0" in text
    assert "**Duties**" in text


def test_a_name_of_several_texts_lists_them(over: Pipeline, tmp_path: Path) -> None:
    text = shown(over, tmp_path, "license", "Llama")
    assert "2 texts go by that name; name one of them" in text
    assert "(/source/llama-2-license-2023)" in text
    assert "(/source/llama-3.1-license-2024)" in text


def test_sources_lists_the_nearest_passages_with_their_places(over: Pipeline, tmp_path: Path) -> None:
    text = shown(over, tmp_path, "sources", "expenses claimed within days")
    assert "(/source/acme-travel?start=" in text
    assert "Expenses must be claimed within 30 days" in text


def test_claim_shows_the_verdict_of_the_text_and_keeps_it(over: Pipeline, tmp_path: Path) -> None:
    room = order(over, tmp_path, "claim", "The Llama 2 license forbids using its outputs to improve other models.")
    assert room.view["verdict"] == {"name": "yes", "word": "Supported"}
    assert room.view["first"]["text"].startswith("Supported:")
    assert "improve any other large language model" in room.view["groups"][0]["statements"][0]["quote"]
    of = kept.load(tmp_path, room.view["id"], "").answer
    assert of["claim"] == "supported"  # so that a memo says it as the view does
    assert of["question"].startswith("The Llama 2 license forbids")
    assert of["citations"][0]["document"] == "llama-2-license-2023"


def test_a_claim_is_checked_against_the_licenses_in_scope(over: Pipeline, tmp_path: Path) -> None:
    claim = "Outputs must not be used to improve other language models."
    room = order(over, tmp_path, "claim", claim, ("llama-2-license-2023",))
    assert room.view["scope"] == ["Llama 2 Community License Agreement"]
    assert {each["title"] for each in room.view["texts"]} == {"Llama 2 Community License Agreement"}
    assert order(over, tmp_path, "claim", claim).view["texts"] == []


def test_a_claim_that_no_text_settles_says_so(over: Pipeline, tmp_path: Path) -> None:
    room = order(over, tmp_path, "claim", "The Quux license forbids whistling.")
    assert room.view["verdict"] == {"name": "abstain", "word": "Not settled"}
    assert room.view["citations"] == []


def test_stack_reads_a_stack_file_or_a_sentence(over: Pipeline, tmp_path: Path) -> None:
    text = shown(over, tmp_path, "stack", STACK)
    assert "answerer" in text
    assert "**Duties**" in text
    assert re.search(r"\(/source/llama-2-license-2023[^)]*#1\.b\.iv\): “", text)
    yaml = "component:\n  - name: answerer\n    license: llama-2-license-2023\n"
    assert "answerer" in shown(over, tmp_path, "stack", yaml)
    room = order(over, tmp_path, "stack", "We fine-tune Llama 2 and sell the result.")
    assert room.view["question"] == "We fine-tune Llama 2 and sell the result."


def test_a_stack_file_is_filled_in_from_the_profile(over: Pipeline, tmp_path: Path) -> None:
    assert "**Verdict: no**" not in shown(over, tmp_path, "stack", STACK)
    profile.save(tmp_path, "", {"users": 800_000_000})
    text = shown(over, tmp_path, "stack", STACK)
    assert text.startswith("From your profile: monthly active users: 800,000,000.")
    assert "**Verdict: no**" in text
    own = (
        'users = [{ value = 5_000_000, as_of = "2025-03", scope = "group", kind = "monthly-active" }]\n\n[[component]]'
    )
    text = shown(over, tmp_path, "stack", STACK.replace("[[component]]", own))
    assert "From your profile" not in text
    assert "**Verdict: no**" not in text


def test_a_stack_file_with_a_mistake_names_the_place(over: Pipeline, tmp_path: Path) -> None:
    kind, text = order(over, tmp_path, "stack", '[[component]]\nname = "a"\nlicence = "mit"\n').last
    assert kind == "ErrorMessage"
    assert "licence" in text


@pytest.mark.parametrize("command", [each.id for each in COMMANDS])
@pytest.mark.parametrize("line", ["", " ?! "])
def test_a_command_without_a_line_says_what_it_needs(over: Pipeline, tmp_path: Path, command: str, line: str) -> None:
    kind, text = order(over, tmp_path, command, line).last
    assert kind == "ErrorMessage"
    assert text.startswith(f"The command {command} needs a line")


def test_a_typing_error_is_read_and_an_unknown_name_is_one_line(over: Pipeline, tmp_path: Path) -> None:
    assert "# Apache License 2.0" in shown(over, tmp_path, "license", "apach 2")
    assert "There is no command" in order(over, tmp_path, "sing", "a song").last[1]
    for line in ("quux", "GPL 3"):  # no license, and one that is not on file here
        kind, text = order(over, tmp_path, "license", line).last
        assert kind == "ErrorMessage"
        assert "is on file" in text
        assert "clausewise" not in text  # no command line stands here
