"""A real server in a process of its own, and the browser that looks at it."""

import os
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

import httpx

ROOT = Path(__file__).parent.parent
CHROMIUM = Path("/usr/bin/chromium")
# Quiet: a browser of its own accord talks to its maker.
ARGUMENTS = (
    "--headless",
    "--no-sandbox",
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
)
# The server as `clausewise serve` starts it, on a free port; connections that it would make are written down.
_RUN = """
import socket, sys
from pathlib import Path
sys.path.insert(0, sys.argv[1])
connect = socket.socket.connect
def noted(self, address):
    if self.family != socket.AF_UNIX and address[0] not in ("127.0.0.1", "::1", "localhost"):
        with open(sys.argv[3], "a") as file:
            file.write(f"{address}\\n")
    return connect(self, address)
socket.socket.connect = noted
from ui.api import serve
serve(Path(sys.argv[2]), "127.0.0.1", int(sys.argv[4]), lambda address: print(address, flush=True))
"""


@dataclass(frozen=True)
class Served:
    """A running server: where it answers, its process, its log, and what it connected to."""

    base: str
    process: "subprocess.Popen[str]"
    log: Path
    connections: Path

    def peak_memory(self) -> int:
        """Return the most memory that the process has held, in bytes."""
        lines = Path(f"/proc/{self.process.pid}/status").read_text(encoding="utf-8").splitlines()
        peak = next(line.split()[1] for line in lines if line.startswith("VmHWM:"))
        return int(peak) * 1024


def _wait(address: str, seconds: float = 30) -> None:
    """Wait until the server answers: it listens a moment before it can be stopped in good order."""
    end = time.monotonic() + seconds
    while time.monotonic() < end:
        try:
            httpx.get(f"{address}/healthz", timeout=5).raise_for_status()
            return
        except httpx.TransportError:
            time.sleep(0.05)
    raise AssertionError(f"{address} does not answer")


@contextmanager
def served(home: Path, folder: Path, port: int = 0, **settings: str) -> Iterator[Served]:
    """Start a server over `home` with its log in `folder`, with `settings` in its environment; stop it in the end."""
    folder.mkdir(parents=True, exist_ok=True)
    log, connections, work = folder / "server.log", folder / "connections", folder / "work"
    work.mkdir()
    environ = {name: value for name, value in os.environ.items() if not name.startswith("CHAINLIT_")} | settings
    command = [sys.executable, "-c", _RUN, str(ROOT), str(home), str(connections), str(port)]
    with log.open("w") as errors:
        process = subprocess.Popen(command, cwd=work, env=environ, stdout=subprocess.PIPE, stderr=errors, text=True)
    try:
        assert process.stdout is not None
        address = process.stdout.readline().strip()
        assert address.startswith("http://127.0.0.1:"), log.read_text(encoding="utf-8")
        _wait(address.removesuffix("/chat"))
        yield Served(address.removesuffix("/chat"), process, log, connections)
    finally:
        process.terminate()
        process.wait(20)
        if process.stdout is not None:
            process.stdout.close()
    assert process.returncode == 0, log.read_text(encoding="utf-8")
    assert list(work.iterdir()) == [], "the server left files in its working directory"
