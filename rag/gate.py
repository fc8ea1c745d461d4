"""What keeps a model server from being asked too much, or in vain: a circuit breaker, and a gate with a queue in front of it.

Both are shared by the threads that answer. They know nothing of models.
"""

import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Literal

from corpus.errors import Cancelled, ModelBusy

Clock = Callable[[], float]
BreakerState = Literal["closed", "open", "half-open"]
_LOOK_S = 0.05


class Breaker:
    """Opens after `failures` in a row and lets one probe through after `rest_s`: its success closes it, its failure opens it again."""

    def __init__(self, failures: int = 3, rest_s: float = 15.0, clock: Clock = time.monotonic) -> None:
        self._limit, self._rest_s, self._clock = failures, rest_s, clock
        self._lock = threading.Lock()
        self._failed = 0
        self._opened: float | None = None
        self._probing = False

    @property
    def state(self) -> BreakerState:
        """Return whether requests pass, wait for the server to rest, or one may try."""
        with self._lock:
            return self._state()

    def _state(self) -> BreakerState:
        if self._opened is None:
            return "closed"
        return "half-open" if self._clock() - self._opened >= self._rest_s else "open"

    def allows(self) -> bool:
        """Return True if a request may go out; half-open, that request is the probe."""
        with self._lock:
            state = self._state()
            if state == "closed":
                return True
            if state == "open" or self._probing:
                return False
            self._probing = True
            return True

    def succeeded(self) -> None:
        """Take note that the server answered."""
        with self._lock:
            self._failed, self._opened, self._probing = 0, None, False

    def failed(self) -> None:
        """Take note that the server did not answer as it should."""
        with self._lock:
            self._failed += 1
            if self._probing or self._failed >= self._limit:
                self._opened = self._clock()
            self._probing = False

    def released(self) -> None:
        """Take note that a request ended without telling anything of the server."""
        with self._lock:
            self._probing = False


class Gate:
    """Lets `at_once` through, lets `queue` more wait, and turns the rest away."""

    def __init__(self, at_once: int, queue: int) -> None:
        self._at_once, self._most = at_once, queue
        self._turn = threading.Condition()
        self.running = 0
        self.waiting = 0

    @contextmanager
    def entered(self, patience_s: float, stopped: Callable[[], bool] = lambda: False) -> Iterator[None]:
        """Hold a place for the length of the block, waiting for it at most `patience_s`.

        Raise ModelBusy if the queue is full or the wait too long, Cancelled if `stopped` says so.
        """
        with self._turn:
            if self.running >= self._at_once:
                self._turn_away()
                self._wait(patience_s, stopped)
            self.running += 1
        try:
            yield
        finally:
            with self._turn:
                self.running -= 1
                self._turn.notify()

    def check(self) -> None:
        """Raise ModelBusy if whoever came now would be turned away."""
        with self._turn:
            if self.running >= self._at_once:
                self._turn_away()

    def _turn_away(self) -> None:
        if self.waiting >= self._most:
            raise ModelBusy(
                f"{self.running} answers are being written and {self.waiting} wait; ask again in a moment",
                self._retry_after(),
            )

    def _wait(self, patience_s: float, stopped: Callable[[], bool]) -> None:
        self.waiting += 1
        try:
            end = time.monotonic() + patience_s
            while self.running >= self._at_once:
                if stopped():
                    raise Cancelled("the question was withdrawn while it waited; ask it again")
                left = end - time.monotonic()
                if left <= 0:
                    raise ModelBusy(
                        f"no answer could be begun within {patience_s:.0f} s; ask again in a moment",
                        self._retry_after(),
                    )
                self._turn.wait(min(left, _LOOK_S))
        finally:
            self.waiting -= 1

    def _retry_after(self) -> int:
        """Return seconds after which a place may be free: a second or two for each that waits before."""
        return min(30, 1 + 2 * (self.waiting + 1) // self._at_once)
