"""The one place of the answering side that reads the environment."""

import os
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

from corpus.errors import InputError

# Variables with which a part of the installation would send data out of the house: the chat's data layer, tracing of
# the model libraries, OpenTelemetry exporters. None of them is set by this program; the doctor names those that are.
REPORTING_VARIABLES = (
    "LITERAL_API_KEY",
    "LANGSMITH_TRACING",
    "LANGCHAIN_TRACING_V2",
    "TRACELOOP_API_KEY",
    "OTEL_EXPORTER_OTLP_ENDPOINT",
    "OTEL_EXPORTER_OTLP_TRACES_ENDPOINT",
    "OTEL_EXPORTER_OTLP_METRICS_ENDPOINT",
)
OFF = frozenset({"", "0", "false", "no", "off"})


@dataclass(frozen=True, slots=True)
class Settings:
    """What the environment decides.

    `home` is the data folder (store, the user's files); `gold` the folder of the gold questions, None without one (only
    tests and benchmarks look at it); `reporting` the names of the variables that would make a library send data to a
    service.
    """

    home: Path
    gold: Path | None = None
    reporting: tuple[str, ...] = ()


def load(environ: Mapping[str, str] | None = None, home: str | Path | None = None) -> Settings:
    """Return the settings from `environ` (the process's own by default); an explicit `home` wins.

    Raise InputError if what names the home folder is not a folder.
    """
    env = os.environ if environ is None else environ
    reporting = tuple(name for name in REPORTING_VARIABLES if env.get(name, "").strip().lower() not in OFF)
    gold = env.get("CLAUSEWISE_TEST_GOLD")
    return Settings(home=_home(env, home), gold=Path(gold) if gold else None, reporting=reporting)


def _home(env: Mapping[str, str], given: str | Path | None) -> Path:
    name = "--home " if given else "CLAUSEWISE_HOME="
    named = given or env.get("CLAUSEWISE_HOME") or "~/.clausewise"
    try:
        chosen = Path(named).expanduser()
    except RuntimeError:
        raise InputError(f"{named} names no user's folder; give the data folder with --home DIR") from None
    if chosen.exists() and not chosen.is_dir():
        raise InputError(f"{name}{chosen} is not a folder; name a folder or remove the file")
    return chosen.absolute()
