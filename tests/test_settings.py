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
