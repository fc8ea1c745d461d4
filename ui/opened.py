"""The pipeline that a server answers with: opened when it is first needed, and again when a newer store is in place."""

import threading
from collections.abc import Callable
from contextlib import suppress
from pathlib import Path
from typing import TYPE_CHECKING

from corpus.errors import ClausewiseError

if TYPE_CHECKING:
    from rag.pipeline import Pipeline

Opener = Callable[[Path], "Pipeline"]


class Opened:
    """The pipeline over a home folder. The server may run before there is a store, and while a new one is built."""

    def __init__(self, home: Path, opener: Opener) -> None:
        self.home = home
        self._opener = opener
        self._lock = threading.Lock()
        self._pipeline: Pipeline | None = None

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

    def warm(self) -> None:
        """Load what the first question would wait for; without a store do nothing."""
        with suppress(ClausewiseError):
            pipeline = self.pipeline()
            pipeline.search("license", 1)
            if pipeline.writer is not None:
                pipeline.writer.warm()
