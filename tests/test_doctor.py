"""The doctor: every check says what it saw and, unless all is well, what to do."""

import socket
from pathlib import Path

import pytest
from scripted import Reply, scripted

from corpus.errors import StoreError
from rag.pipeline import Pipeline
from rag.settings import Settings
from ui import doctor, doctor_model
from ui.checks import Check

VERSIONS = {"numpy": "2.4.6", "torch": "2.13.0+cpu", "Jinja2": "3.1.6"}


def without_store(home: Path) -> Pipeline:
    raise StoreError(f"there is no store in {home}; make one with: clausewise index build")


def test_a_check_is_one_line() -> None:
    assert Check("ok", "Python", "3.11.7").line() == "ok    Python: 3.11.7"
    assert Check("fail", "home", "full", "free some space").line() == "fail  home: full; free some space"


def test_python_must_be_new_enough() -> None:
    assert doctor.python((3, 11, 0)).level == "ok"
    assert doctor.python((3, 10, 9)) == Check("fail", "Python", "3.10.9", "install 3.11 or newer, then run make setup")


def test_missing_and_other_packages_are_named() -> None:
    pinned = {"numpy": "2.4.6", "torch": "2.13.0", "jinja2": "3.1.5"}
    (found,) = doctor.packages(("numpy", "torch"), VERSIONS.get, pinned)
    assert found == Check("ok", "packages", "all 2 are here")
    missing, other = doctor.packages(("numpy", "faiss-cpu", "Jinja2"), VERSIONS.get, pinned)
    assert (missing.level, missing.found) == ("fail", "missing faiss-cpu")
    assert (other.level, other.found) == ("warn", "other versions: Jinja2 3.1.6 (tried with 3.1.5)")
    (absent,) = doctor.packages(None, VERSIONS.get, {})
    assert (absent.level, absent.todo) == ("fail", "run make setup")


@pytest.mark.parametrize(
    ("flavours", "nvidia", "level"),
    [
        (("faiss-cpu",), False, "ok"),
        (("faiss-gpu",), True, "ok"),
        (("faiss-gpu",), False, "ok"),
        (("faiss-cpu",), True, "warn"),
        (("faiss-cpu", "faiss-gpu"), False, "fail"),
        ((), True, "fail"),
    ],
)
def test_one_faiss_is_wanted_and_the_one_for_the_machine(flavours: tuple[str, ...], nvidia: bool, level: str) -> None:
    assert doctor.faiss(flavours, nvidia).level == level


def test_the_home_must_be_writable_also_before_it_exists(tmp_path: Path) -> None:
    assert doctor.home(tmp_path).level == "ok"
    assert doctor.home(tmp_path / "not" / "yet").level == "ok"
    assert not (tmp_path / "not").exists()


def test_a_home_that_cannot_be_written_is_named() -> None:
    found = doctor.home(Path("/proc/clausewise"))  # read only for everyone, root included
    assert (found.level, found.found.startswith("/proc/clausewise cannot be written (")) == ("fail", True)


def test_a_missing_store_says_how_to_make_one(tmp_path: Path) -> None:
    found = doctor.store(tmp_path, without_store)
    assert (found.level, found.found) == ("fail", f"there is no store in {tmp_path}")
    assert found.todo == "make one with: clausewise index build"


def test_a_port_in_use_is_a_warning() -> None:
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        taken.listen()
        number = taken.getsockname()[1]
        assert doctor.port(number).level == "warn"
        assert "--port" in doctor.port(number).todo
    assert doctor.port(number).level == "ok"


def test_telemetry_is_off_or_its_variables_are_named() -> None:
    assert doctor.telemetry(()) == Check("ok", "telemetry", "off")
    assert doctor.telemetry(("LITERAL_API_KEY",)).found == "LITERAL_API_KEY would send data to a service"


def test_memory_is_judged_by_what_the_server_takes(tmp_path: Path) -> None:
    assert [doctor.memory(gb).level for gb in (None, 8.0, 1.0, 0.2)] == ["ok", "ok", "warn", "fail"]
    (tmp_path / "meminfo").write_text("MemTotal: 9 kB\nMemAvailable:   2500000 kB\n", encoding="ascii")
    assert doctor.available_gb(tmp_path / "meminfo") == 2.5
    assert doctor.available_gb(tmp_path / "absent") is None


def test_the_status_is_1_if_a_check_fails(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert doctor.run(Settings(tmp_path, reporting=("LANGSMITH_TRACING",)), without_store) == 1
    out, err = capsys.readouterr()
    assert err == ""
    names = [line.split()[1] for line in out.splitlines()]
    assert [*dict.fromkeys(names)] == [
        *("Python:", "packages:", "faiss:", "home:", "store:", "port:", "telemetry:", "memory:", "model"),
    ]
    assert "fail  store: there is no store" in out
    assert "warn  telemetry: LANGSMITH_TRACING" in out


# The model server


def told(environ: dict[str, str], **more: float) -> list[str]:
    return [check.line() for check in doctor_model.checks(environ, **more)]


def test_without_a_model_server_all_is_well() -> None:
    assert told({}) == ["ok    model server: none named; the rules engine answers"]


def test_a_wrong_setting_is_a_failed_check() -> None:
    (line,) = told({"CLAUSEWISE_LLM_MODEL": "m"})
    assert line.startswith(
        "fail  model server: CLAUSEWISE_LLM_MODEL is set but CLAUSEWISE_LLM_URL is not; name the server"
    )


def test_model_context_and_memory_are_told() -> None:
    with scripted() as server:
        env = {"CLAUSEWISE_LLM_URL": server.url}
        assert told(env) == [
            f"ok    model server: {server.url} serves tiny",
            "ok    context: 32768 tokens",
            "ok    model memory: not known for tiny; it runs",
        ]
        server.models = [{"id": "tiny", "max_model_len": 4096}]
        assert "warn  context: 4096 tokens; serve it with 16384 or more" in told(env)[1]
        assert "warn  context: 9000 tokens set, 4096 served" in told(env | {"CLAUSEWISE_LLM_CONTEXT": "9000"})[1]
        server.models = [{"id": "tiny"}]
        assert "does not tell; 8192 tokens assumed; set CLAUSEWISE_LLM_CONTEXT" in told(env)[1]
        server.models = [{"id": "a"}, {"id": "b"}]
        assert told(env) == [
            f"fail  model server: {server.url} serves a, b; name one of them with CLAUSEWISE_LLM_MODEL"
        ]
        assert told(env | {"CLAUSEWISE_LLM_MODEL": "b"})[0].endswith("serves b")
        server.models_reply = Reply(status=401, body="{}")
        assert "fail  model server:" in told(env)[0]
        assert "set CLAUSEWISE_LLM_API_KEY" in told(env)[0]


def test_the_memory_of_a_known_model_is_held_against_the_machine(monkeypatch: pytest.MonkeyPatch) -> None:
    from serving import config, health

    known = config.profiles()
    with scripted() as server:
        env = {"CLAUSEWISE_LLM_URL": server.url}
        server.models = [{"id": known["cpu"].model, "max_model_len": 8192}]
        assert "it fits" in told(env, available_gb=20)[2]
        assert "warn  model memory: " in told(env, available_gb=1)[2]
        server.models = [{"id": known["big-card"].model, "max_model_len": 8192}]
        monkeypatch.setattr(health, "cards_gb", lambda: (24.0,))
        assert "and one has 24 GB; shorten max_length or choose a smaller profile" in told(env)[2]
        monkeypatch.setattr(health, "cards_gb", lambda: (141.0,))
        assert "it fits" in told(env)[2]
    elsewhere = doctor_model.memory(doctor_model.ModelServer("https://models.example/v1"), "m", None)
    assert elsewhere.found == "on another machine, not looked at"
