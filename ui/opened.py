"""The pipeline that a server answers with: opened when it is first needed, and again when a newer store is in place."""

import threading
from collections.abc import Callable
from contextlib import suppress
from pathlib import Path
from typing import TYPE_CHECKING, Any, TypeVar, cast

from corpus.errors import ClausewiseError

if TYPE_CHECKING:
    from rag.pipeline import Pipeline

Opener = Callable[[Path], "Pipeline"]
T = TypeVar("T")


class Opened:
    """The pipeline over a home folder. The server may run before there is a store, and while a new one is built."""

    def __init__(self, home: Path, opener: Opener) -> None:
        self.home = home
        self._opener = opener
        self._lock = threading.Lock()
        self._pipeline: Pipeline | None = None
        self._computing = threading.Lock()
        self._computed: dict[Callable[[Pipeline], Any], Any] = {}
        self._computed_of: Pipeline | None = None
        self._ahead: list[Callable[[Pipeline], Any]] = []

    def pipeline(self) -> "Pipeline":
        """Return the pipeline over the store that serves now.

        Raise StoreError if there is none, or if it cannot be used.
        """
        with self._lock:
            if self._pipeline is None or self._pipeline.store.outdated():
                # Dropped first: a store that cannot be opened must not leave the one before it answering.
                self._pipeline = None
                self._pipeline = self._opener(self.home)
            return self._pipeline

    def of_store(self, make: "Callable[[Pipeline], T]") -> T:
        """Return what `make` computes of the store that serves now: once for a store, again when a newer one is in place.

        Raise StoreError as `pipeline` does.
        """
        pipeline = self.pipeline()
        with self._computing:
            if self._computed_of is not pipeline:
                self._computed, self._computed_of = {}, pipeline
            if make not in self._computed:
                self._computed[make] = make(pipeline)
            return cast(T, self._computed[make])

    def ahead(self, make: "Callable[[Pipeline], Any]") -> None:
        """Let `warm` compute what `make` computes, so that the first page that shows it does not wait."""
        self._ahead.append(make)

    def warm(self) -> None:
        """Load what the first question and the first page would wait for; without a store do nothing."""
        with suppress(ClausewiseError):
            pipeline = self.pipeline()
            for make in self._ahead:
                self.of_store(make)
            pipeline.search("license", 1)
            if pipeline.writer is not None:
                pipeline.writer.warm()
