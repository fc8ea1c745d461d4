"""Starting, watching and ending a model server, with a stand-in for the interpreter that runs vLLM."""

import os
import signal
import socket
import subprocess
import sys
import time
from pathlib import Path

import pytest
from scripted import Reply, scripted

from serving import health, launch
from serving.config import ConfigError, Server

pytestmark = pytest.mark.server
ROOT = Path(__file__).parent.parent
# What it is called with begins with `-m vllm...`; it has a child, as vLLM has workers.
_STAND_IN = """#!{python}
import http.server, json, subprocess, sys, time
port = int(sys.argv[sys.argv.index("--port") + 1])
child = subprocess.Popen([sys.executable, "-c", "import time; time.sleep(60)"])
open({note!r}, "w").write(str(child.pid))
time.sleep({start})
class H(http.server.BaseHTTPRequestHandler):
    def do_GET(self):
        self.send_response(200); self.end_headers()
        self.wfile.write(json.dumps({{"data": [{{"id": "m", "max_model_len": 4096}}]}}).encode())
    def log_message(self, *a): pass
http.server.HTTPServer(("127.0.0.1", port), H).serve_forever()
"""


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


def stand_in(folder: Path, start: float = 0.3) -> str:
    file = folder / "python"
    file.write_text(_STAND_IN.format(python=sys.executable, note=str(folder / "child"), start=start))
    file.chmod(0o755)
    return str(file)


def gone(pid: int) -> bool:
    for _ in range(100):
        stat = Path(f"/proc/{pid}/stat")
        if not stat.exists() or stat.read_text().rsplit(")", 1)[1].split()[0] == "Z":
            return True
        time.sleep(0.05)
    return False


def test_it_waits_with_a_line_and_ends_the_server_with_its_workers(tmp_path: Path) -> None:
    lines: list[str] = []
    launched = launch.Launched(Server("m", port=free_port()), stand_in(tmp_path), tmp_path / "log")
    try:
        launched.wait(lines.append, 20)
        child = int((tmp_path / "child").read_text())
        assert not gone_now(child)
    finally:
        launched.stop()
    assert gone(child)
    assert "m answers on http://127.0.0.1:" in lines[-1]
    launched.send(signal.SIGTERM)  # what has ended gets no signal


def gone_now(pid: int) -> bool:
    return not Path(f"/proc/{pid}").exists()


def test_a_server_that_ends_early_or_starts_too_slowly_is_said(tmp_path: Path) -> None:
    ends = tmp_path / "ends"
    ends.write_text("#!/bin/sh\nexit 3\n")
    ends.chmod(0o755)
    launched = launch.Launched(Server("m", port=free_port()), str(ends), tmp_path / "log")
    with pytest.raises(ConfigError, match="ended with status 3"):
        launched.wait(lambda line: None, 10)
    slow = launch.Launched(Server("m", port=free_port()), stand_in(tmp_path, 30), tmp_path / "log")
    try:
        with pytest.raises(ConfigError, match="not ready after 1 s"):
            slow.wait(lambda line: None, 0.6)
    finally:
        slow.stop()


def test_what_holds_the_port_is_left_alone(tmp_path: Path) -> None:
    with socket.socket() as holder:
        holder.bind(("127.0.0.1", 0))
        holder.listen()
        server = Server("m", port=holder.getsockname()[1])
        with pytest.raises(ConfigError, match=r"cannot be used .*; stop what holds it, or set CLAUSEWISE_SERVE_PORT"):
            launch.Launched(server, sys.executable)


def test_an_environment_that_is_not_there_is_said(tmp_path: Path) -> None:
    with pytest.raises(ConfigError, match="make its environment with: make serve-llm"):
        launch.Launched(Server("m", port=free_port()), str(tmp_path / "python"))


@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGINT])
def test_a_signal_ends_the_launcher_and_what_it_started(tmp_path: Path, number: signal.Signals) -> None:
    environ = os.environ | {"CLAUSEWISE_SERVE_PORT": str(free_port())}
    command = [sys.executable, "-m", "serving.launch", "--python", stand_in(tmp_path)]
    process = subprocess.Popen(command, cwd=ROOT, env=environ, stderr=subprocess.PIPE, text=True)
    assert process.stderr is not None
    assert "answers on" in process.stderr.readline()
    assert "export CLAUSEWISE_LLM_URL=http://127.0.0.1:" in process.stderr.readline()
    process.send_signal(number)
    assert process.wait(20) == 0
    process.stderr.close()
    assert gone(int((tmp_path / "child").read_text()))


def test_the_launcher_shows_profiles_and_refuses_bad_ones_in_one_line() -> None:
    def run(*words: str, **environ: str) -> "subprocess.CompletedProcess[str]":
        command = [sys.executable, "-m", "serving.launch", *words]
        return subprocess.run(command, cwd=ROOT, env=os.environ | environ, capture_output=True, text=True, check=False)

    shown = run("--show")
    assert (shown.returncode, shown.stderr.count("(computed)")) == (0, 5)
    refused = run(CLAUSEWISE_SERVE_PROFILE="huge")
    assert (refused.returncode, refused.stderr.count("\n")) == (2, 1)


def test_cards_that_are_too_few_or_too_small_are_said(monkeypatch: pytest.MonkeyPatch) -> None:
    from serving import config

    known = config.profiles()
    monkeypatch.setattr(health, "cards_gb", lambda: (24.0,))
    assert health.fits(known["cpu"]) == ""
    assert health.fits(known["card"]) == ""
    assert "each card must have" in health.fits(known["big-card"])
    assert "wants 4 NVIDIA card(s), and 1 answer(s)" in health.fits(known["cards"])
    assert health.fits(known["nodes"]) == ""  # Ray knows its cards
    assert health.needs(known["card"].model) == (known["card"],)
    assert health.needs("unknown") == ()


def test_health_tells_models_and_length() -> None:
    with scripted() as server:
        seen = health.look(server.url)
        assert (seen.ready, seen.models, seen.length("tiny"), seen.length("other")) == (True, ("tiny",), 32768, None)
        server.key = "k"
        assert "refuses the API key (401)" in health.look(server.url).problem
        assert health.look(server.url, "k").ready
        assert "/models (404); the address mostly ends in /v1" in health.look(server.url[:-3], "k").problem


@pytest.mark.parametrize(
    ("reply", "says"),
    [
        (Reply(status=503, body="{}"), "answers 503"),
        (Reply(body="<html>"), "does not speak the OpenAI protocol"),
        (Reply(body='{"models": []}'), "does not speak the OpenAI protocol"),
        (Reply(body='{"data": []}'), "lists no model"),
        (Reply(body="[]"), "does not speak the OpenAI protocol"),
        (Reply(body="{}", wait=0.6), "does not answer in time"),
    ],
)
def test_a_server_that_cannot_be_used_gets_one_line(reply: Reply, says: str) -> None:
    with scripted() as server:
        server.models_reply = reply
        problem = health.look(server.url, timeout=0.3).problem
    assert says in problem
    assert "\n" not in problem


def test_a_dead_address_and_wrong_tls_are_told_apart() -> None:
    assert "cannot be reached" in health.look(f"http://127.0.0.1:{free_port()}/v1").problem
    assert "cannot be reached" in health.look("http://", None).problem
    with scripted() as server:
        assert "speaks no TLS; write http://" in health.look(server.url.replace("http", "https")).problem
        assert "cannot be reached" in health.look(server.url, ca_file="nowhere.pem").problem
