"""The one exception tree: every error that a user may meet, with the exit status of the command line."""


class ClausewiseError(Exception):
    """Base of all expected errors. The message is one line: what happened, and what to do."""

    exit_status = 2
    code = "bad-input"


class InputError(ClausewiseError):
    """A question, file, option or setting is not usable (exit 2)."""


class UnknownDocument(InputError):
    """No document of that id is on file (exit 2)."""

    code = "unknown-document"


class DataError(ClausewiseError):
    """A data file of the product (catalog, registry, rules) does not hold what it must (exit 2)."""

    code = "bad-data"


class StoreError(ClausewiseError):
    """There is no store, or it is damaged or of another kind (exit 3)."""

    exit_status = 3
    code = "no-store"


class StoreBusy(StoreError):
    """Another process is building the store (exit 3)."""

    code = "store-busy"


class EngineError(ClausewiseError):
    """The engine asked for cannot be used (exit 4)."""

    exit_status = 4
    code = "engine-unavailable"


class ModelError(EngineError):
    """The model server failed at one request (exit 4). `again`: the same request may succeed; `down`: the server, not the request, is at fault."""

    code = "model-failed"

    def __init__(self, message: str, again: bool = False, down: bool = True) -> None:
        super().__init__(message)
        self.again, self.down = again, down


class PromptTooLong(ModelError):
    """The prompt does not fit the model's context (exit 4)."""

    def __init__(self, message: str) -> None:
        super().__init__(message, down=False)


class ModelBusy(EngineError):
    """As many requests as may wait for the model wait already (exit 4); `retry_after` seconds from now there may be room."""

    code = "busy"

    def __init__(self, message: str, retry_after: int) -> None:
        super().__init__(message)
        self.retry_after = retry_after


class Cancelled(EngineError):
    """Whoever asked has gone away: nothing is to be answered (exit 4)."""

    code = "cancelled"
