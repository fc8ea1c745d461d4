"""A real vLLM on the CPU that tests can kill and start again."""

import signal
import socket
from pathlib import Path

import httpx
import needs

from rag.settings import ModelServer
from serving import config
from serving.config import Server
from serving.launch import Launched

KEY = "secret"


class Running:
    """A vLLM that can be killed and started again on the same port."""

    def __init__(self, model: Path, log: Path) -> None:
        with socket.socket() as probe:
            probe.bind(("127.0.0.1", 0))
            port = probe.getsockname()[1]
        self.log = log
        self.server = Server(
            str(model), device="cpu", served_name="tiny", dtype="float32", eager=True, port=port, api_key=KEY
        )
        self.launched: Launched | None = None

    def start(self) -> None:
        self.launched = Launched(self.server, needs.VLLM, self.log)
        try:
            self.launched.wait(lambda line: None, 300)
        except config.ConfigError:
            raise AssertionError(self.log.read_text(encoding="utf-8")[-4000:]) from None

    def kill(self) -> None:
        assert self.launched is not None
        self.launched.send(signal.SIGKILL)
        self.launched.process.wait()

    def stop(self) -> None:
        if self.launched is not None:
            self.launched.stop()

    def settings(self, **fields: object) -> ModelServer:
        return ModelServer(
            self.server.address, **{"key": KEY, "probe_s": 5.0, "silence_s": 60.0, "total_s": 240.0, **fields}
        )

    def figure(self, name: str, *labels: str) -> float:
        text = httpx.get(f"http://127.0.0.1:{self.server.port}/metrics", trust_env=False).text
        lines = [line for line in text.splitlines() if line.startswith(name) and all(label in line for label in labels)]
        return sum(float(line.rsplit(" ", 1)[1]) for line in lines)
