"""What the environment decides."""

from pathlib import Path

import pytest

from corpus.errors import InputError
from rag import settings


def test_home_comes_from_the_option_then_the_environment_then_the_user_folder(tmp_path: Path) -> None:
    env = {"CLAUSEWISE_HOME": str(tmp_path / "env")}
    assert settings.load(env, home=tmp_path / "option").home == tmp_path / "option"
    assert settings.load(env).home == tmp_path / "env"
    assert settings.load({}).home == Path.home() / ".clausewise"


def test_home_is_absolute_and_tilde_is_the_user_folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    assert settings.load({}, home="here").home == tmp_path / "here"
    assert settings.load({"CLAUSEWISE_HOME": "~/there"}).home == Path.home() / "there"


def test_a_home_that_is_a_file_is_refused_by_the_name_the_user_gave_it(tmp_path: Path) -> None:
    file = tmp_path / "file"
    file.write_text("x")
    with pytest.raises(InputError, match=r"^--home .*file is not a folder; "):
        settings.load({}, home=file)
    with pytest.raises(InputError, match=r"^CLAUSEWISE_HOME=.*file is not a folder; "):
        settings.load({"CLAUSEWISE_HOME": str(file)})


def test_gold_is_taken_as_named_because_only_tests_and_benchmarks_look_at_it(tmp_path: Path) -> None:
    assert settings.load({}).gold is None
    assert settings.load({"CLAUSEWISE_TEST_GOLD": str(tmp_path / "absent")}).gold == tmp_path / "absent"


def test_the_folder_of_an_unknown_user_is_refused() -> None:
    with pytest.raises(InputError, match="~nobody-of-that-name/x names no user's folder; give the data folder"):
        settings.load({}, home="~nobody-of-that-name/x")


def test_variables_that_report_to_a_service_are_named_unless_switched_off() -> None:
    env = {"LITERAL_API_KEY": "k", "LANGSMITH_TRACING": "false", "OTEL_EXPORTER_OTLP_ENDPOINT": "http://collector:4318"}
    assert settings.load(env).reporting == ("LITERAL_API_KEY", "OTEL_EXPORTER_OTLP_ENDPOINT")
    assert settings.load({}).reporting == ()


def test_without_an_address_there_is_no_model_server() -> None:
    assert settings.model_server({}) is None
    assert settings.model_server({"CLAUSEWISE_LLM_URL": "  ", "CLAUSEWISE_HOME": "x"}) is None


def test_the_model_server_comes_from_the_environment(tmp_path: Path) -> None:
    authority = tmp_path / "ca.pem"
    authority.write_text("x")
    server = settings.model_server(
        {
            "CLAUSEWISE_LLM_URL": "https://models.example:8443/",
            "CLAUSEWISE_LLM_MODEL": "ours",
            "CLAUSEWISE_LLM_API_KEY": "secret",
            "CLAUSEWISE_LLM_CA_FILE": str(authority),
            "CLAUSEWISE_LLM_CONTEXT": "8192",
            "CLAUSEWISE_LLM_REPLY": "900",
            "CLAUSEWISE_LLM_SILENCE_S": "2.5",
            "CLAUSEWISE_LLM_QUEUE": "0",
        }
    )
    assert server is not None
    assert (server.url, server.name, server.key) == ("https://models.example:8443/v1", "ours", "secret")
    assert (server.reply, settings.ModelServer("u").reply) == (900, 1600)
    assert (server.context, server.silence_s, server.total_s, server.queue) == (8192, 2.5, 90.0, 0)
    assert "secret" not in repr(server)


@pytest.mark.parametrize(
    ("written", "url"),
    [
        ("http://localhost:11434", "http://localhost:11434/v1"),
        ("http://localhost:8001/v1/", "http://localhost:8001/v1"),
        ("http://[::1]:8001/v1/chat/completions", "http://[::1]:8001/v1"),
        ("https://host/api/openai", "https://host/api/openai"),
    ],
)
def test_an_address_is_taken_as_people_write_it(written: str, url: str) -> None:
    server = settings.model_server({"CLAUSEWISE_LLM_URL": written})
    assert server is not None
    assert server.url == url


GOOD = "http://127.0.0.1:8001/v1"


@pytest.mark.parametrize(
    ("environ", "says"),
    [
        ({"CLAUSEWISE_LLM_MODEL": "m"}, "CLAUSEWISE_LLM_MODEL is set but CLAUSEWISE_LLM_URL is not"),
        ({"CLAUSEWISE_LLM_URL": "localhost:8001"}, "is no address; write for example http://"),
        ({"CLAUSEWISE_LLM_URL": "ftp://x/v1"}, "is no address"),
        ({"CLAUSEWISE_LLM_URL": "http://x:99999/v1"}, "is no address"),
        ({"CLAUSEWISE_LLM_URL": "http://a b/v1"}, "is no address"),
        ({"CLAUSEWISE_LLM_URL": "http://x/v1?key=1"}, "is no address"),
        ({"CLAUSEWISE_LLM_URL": GOOD, "CLAUSEWISE_LLM_KEY": "k"}, "CLAUSEWISE_LLM_KEY is no setting"),
        ({"CLAUSEWISE_LLM_URL": GOOD, "CLAUSEWISE_LLM_API_KEY": "schlüssel"}, "not plain ASCII"),
        ({"CLAUSEWISE_LLM_URL": GOOD, "CLAUSEWISE_LLM_CA_FILE": "nowhere.pem"}, "is no file"),
        ({"CLAUSEWISE_LLM_URL": GOOD, "CLAUSEWISE_LLM_CONTEXT": "long"}, "not a number from 1024"),
        ({"CLAUSEWISE_LLM_URL": GOOD, "CLAUSEWISE_LLM_REPLY": "10"}, "not a number from 64"),
        ({"CLAUSEWISE_LLM_URL": GOOD, "CLAUSEWISE_LLM_TOTAL_S": "0"}, "not a number from 0.1"),
        ({"CLAUSEWISE_LLM_URL": GOOD, "CLAUSEWISE_LLM_IN_FLIGHT": "-1"}, "not a number from 1"),
        ({"CLAUSEWISE_LLM_URL": GOOD, "CLAUSEWISE_LLM_TOTAL_S": "nan"}, "not a number from 0.1"),
    ],
)
def test_a_partial_or_wrong_model_server_gets_one_line(environ: dict[str, str], says: str) -> None:
    with pytest.raises(InputError) as caught:
        settings.model_server(environ)
    assert says in str(caught.value)
    assert "\n" not in str(caught.value)
