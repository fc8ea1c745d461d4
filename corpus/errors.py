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
