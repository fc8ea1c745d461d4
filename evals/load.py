"""Closed-loop load on an HTTP server: so many clients, each asking again as soon as it has its answer."""

import threading
import time
from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass

import httpx

_TIMEOUT_S = 60.0


@dataclass(frozen=True, slots=True)
class Load:
    """Latencies of all answers in milliseconds and the time that all of them took together."""

    latencies_ms: tuple[float, ...]
    seconds: float

    @property
    def per_second(self) -> float:
        """Return the answers per second."""
        return len(self.latencies_ms) / self.seconds

    def percentile(self, percent: float) -> float:
        """Return the latency that `percent` of the answers do not exceed (nearest rank)."""
        return percentile(self.latencies_ms, percent)


def percentile(values: Sequence[float], percent: float) -> float:
    """Return the smallest value that at least `percent` of the values do not exceed.

    Raise ValueError without values.
    """
    if not values:
        raise ValueError("percentile of nothing")
    rank = max(1, -(-len(values) * percent // 100))
    return sorted(values)[int(rank) - 1]


def ask_all(url: str, questions: Sequence[str], clients: int, each: int) -> Load:
    """Let `clients` clients ask `each` questions and return what they waited.

    Raise httpx.HTTPError if an answer fails: a figure over failures would say nothing.
    """
    barrier = threading.Barrier(clients + 1)

    def work(number: int) -> list[float]:
        with httpx.Client(base_url=url, timeout=_TIMEOUT_S) as client:
            barrier.wait()
            return [_one(client, questions[(number * each + turn) % len(questions)]) for turn in range(each)]

    with ThreadPoolExecutor(clients) as pool:
        waiting = [pool.submit(work, number) for number in range(clients)]
        barrier.wait()
        start = time.perf_counter()
        latencies = [latency for future in waiting for latency in future.result()]
        return Load(tuple(latencies), time.perf_counter() - start)


def wait_ready(url: str, seconds: float) -> bool:
    """Return whether the server says that it is ready within so many seconds."""
    deadline = time.monotonic() + seconds
    while time.monotonic() < deadline:
        try:
            if httpx.get(f"{url}/readyz", timeout=_TIMEOUT_S).status_code == httpx.codes.OK:
                return True
        except httpx.TransportError:
            pass
        time.sleep(0.1)
    return False


def _one(client: httpx.Client, question: str) -> float:
    start = time.perf_counter()
    client.post("/api/ask", json={"question": question}).raise_for_status()
    return (time.perf_counter() - start) * 1000
