"""Who answers: the rules always, and the model that the environment names, if it names one."""

from pathlib import Path
from typing import TYPE_CHECKING

from rag.metrics import Metrics
from rag.settings import ModelServer

if TYPE_CHECKING:
    from rag.pipeline import Pipeline
    from rag.writer import Writer


class Engines:
    """Opens pipelines over stores. Model and figures are those of the process: a new store begins neither anew."""

    def __init__(self, server: ModelServer | None) -> None:
        self.server = server
        self.metrics = Metrics()
        self._writer: Writer | None = None

    def __call__(self, home: Path) -> "Pipeline":
        """Return the pipeline over the store of a home folder.

        Raise StoreError if there is none, ModelError if the model server's certificate file cannot be used.
        """
        from rag.pipeline import Pipeline  # imported here: starting must stay fast

        pipeline = Pipeline.open(home)
        pipeline.metrics = self.metrics
        if self.server is not None and self._writer is None:
            from rag.writer import Writer  # what talks to a model is loaded only where there is one

            self._writer = Writer(self.server, self.metrics)
        pipeline.writer = self._writer
        return pipeline
