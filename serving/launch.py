"""`make serve-llm`: starts vLLM with a checked configuration, waits until it answers, and ends it when told to.

It stops the process that it started, and what that one started, and nothing else: a server that already holds the port
is left alone.
"""

import argparse
import os
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Callable, Sequence
from pathlib import Path

from serving import config, health
from serving.config import ConfigError, Server

READY_S = 1800.0  # a first start may fetch the weights
_STEP_S = 0.5
_GRACE_S = 20.0
_MODULE = "vllm.entrypoints.openai.api_server"
Say = Callable[[str], None]


class Launched:
    """A running model server. It is a process group of its own, so that its workers end with it."""

    def __init__(self, server: Server, python: str, log: Path | None = None) -> None:
        """Start the server with the interpreter of its own environment; its output goes to `log`, else to this terminal.

        Raise ConfigError if the port is taken or the interpreter cannot be started.
        """
        self.server = server
        _free(server)
        command = [python, "-m", _MODULE, *server.arguments()]
        output = log.open("ab") if log else None
        try:
            self.process = subprocess.Popen(  # noqa: S603  (no shell; the words are checked)
                command,
                env=config.environment() | server.environment(),
                stdout=output or sys.stderr,
                stderr=output or sys.stderr,
                start_new_session=True,
            )
        except OSError as error:
            raise ConfigError(
                f"{python} cannot be started ({error.strerror}); make its environment with: make serve-llm"
            ) from None
        finally:
            if output:
                output.close()

    def wait(self, say: Say, seconds: float = READY_S) -> None:
        """Return once the server answers, with a line of progress now and then.

        Raise ConfigError if it ends or is not ready in time.
        """
        started = time.monotonic()
        told = 0.0
        while (elapsed := time.monotonic() - started) < seconds:
            if self.process.poll() is not None:
                raise ConfigError(
                    f"the model server ended with status {self.process.returncode} before it was ready; its last lines say why"
                )
            seen = health.look(self.server.address, self.server.api_key)
            if seen.ready:
                say(f"{self.server.name} answers on {self.server.address} after {elapsed:.0f} s")
                return
            if elapsed - told >= 5:
                told = elapsed
                say(f"waiting for {self.server.name} to be ready: {elapsed:.0f} s")
            time.sleep(_STEP_S)
        raise ConfigError(
            f"the model server is not ready after {seconds:.0f} s; see its log, or choose a smaller profile"
        )

    def send(self, number: int) -> None:
        """Pass a signal on to the server and its workers, if it still runs."""
        if self.process.poll() is None:
            os.killpg(self.process.pid, number)

    def stop(self) -> int:
        """End the server, by force after a grace period; return its exit status."""
        self.send(signal.SIGTERM)
        try:
            return self.process.wait(_GRACE_S)
        except subprocess.TimeoutExpired:
            self.send(signal.SIGKILL)
            return self.process.wait()


def _free(server: Server) -> None:
    """Raise ConfigError if something holds the port."""
    family = socket.AF_INET6 if ":" in server.host else socket.AF_INET
    with socket.socket(family, socket.SOCK_STREAM) as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind((server.host, server.port))
        except OSError as error:
            raise ConfigError(
                f"port {server.port} of {server.host} cannot be used ({error.strerror}); "
                f"stop what holds it, or set {config.VARIABLE}PORT"
            ) from None


def run(server: Server, python: str, say: Say) -> int:
    """Serve until told to stop; return the exit status."""
    unfit = health.fits(server)
    if unfit:
        raise ConfigError(f"{server.name} does not fit: {unfit}")
    launched = Launched(server, python)
    # Taken before the wait: who gives up while the weights load must not leave a server behind.
    stopped: list[int] = []

    def forward(number: int, _frame: object) -> None:
        stopped.append(number)
        launched.send(number)

    for number in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP):
        signal.signal(number, forward)
    try:
        launched.wait(say)
        say(f"Let the answers come from it: export CLAUSEWISE_LLM_URL={server.address}; stop it with Ctrl-C")
        status = launched.process.wait()
    except ConfigError:
        if not stopped:
            raise
        status = 0
    finally:
        launched.stop()
    return 0 if stopped else status


def main(arguments: Sequence[str] | None = None) -> int:
    """Run the launcher and return the exit status; what goes wrong is one line."""
    parser = argparse.ArgumentParser(prog="python -m serving.launch", description=__doc__)
    parser.add_argument("--python", default=sys.executable, help="the interpreter of the model server's environment")
    parser.add_argument("--show", action="store_true", help="show the profiles and what they need, start nothing")
    given = parser.parse_args(arguments)
    try:
        if given.show:
            for name, server in config.profiles().items():
                _say(_line(name, server))
            return 0
        return run(config.load(), given.python, _say)
    except ConfigError as error:
        _say(f"serve-llm: {error}")
        return 2


def _line(name: str, server: Server) -> str:
    parts = server.tensor_parallel * server.pipeline_parallel * server.data_parallel
    need = f"{server.need_gb:.1f} GB" if server.need_gb else "not known"
    where = f"on each of {parts} card(s)" if server.device == "gpu" else "of memory"
    return f"{name}: {server.title}; {server.model}, {server.max_length} tokens; {need} {where} (computed)"


def _say(line: str) -> None:
    sys.stderr.write(f"{line}\n")
    sys.stderr.flush()


if __name__ == "__main__":
    sys.exit(main())
