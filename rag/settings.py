"""The one place of the answering side that reads the environment."""

import os
import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from urllib.parse import urlsplit

from corpus.errors import InputError
from corpus.files import MAX_BYTES

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
_MODEL = "CLAUSEWISE_LLM_"
_SHARING = "CLAUSEWISE_SHARING"
_UPLOAD = "CLAUSEWISE_UPLOAD_MB"
OFF = frozenset({"", "0", "false", "no", "off"})
ON = frozenset({"1", "true", "yes", "on"})
_HEADER = re.compile(r"[A-Za-z0-9-]*")
WAYS = ("none", "password", "header", "oauth")


@dataclass(frozen=True, slots=True)
class ModelServer:
    """Where a model is served, and how much may be asked of it. `name` None takes the one model that the server lists.

    `context` is the longest prompt with reply in tokens, None to ask the server, `reply` the most tokens of a reply. `probe_s`
    is how long it may take to be reached at all: after that it is dead, and the rules answer; `silence_s` how long it may say
    nothing, `total_s` how long one answer may take. `in_flight` requests run at a time, and `queue` more may wait.
    """

    url: str
    name: str | None = None
    key: str | None = field(default=None, repr=False)
    ca_file: str | None = None
    context: int | None = None
    probe_s: float = 0.8
    silence_s: float = 20.0
    total_s: float = 90.0
    reply: int = 1600
    in_flight: int = 8
    queue: int = 16


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


@dataclass(frozen=True, slots=True)
class Access:
    """Who may use the server, and where conversations are kept.

    `way` is how people log in (one of WAYS); `header` names the header in which a reverse proxy says who asks; `allowed`
    are the names, or domains as `@acme.example`, that an OAuth provider may vouch for; `address` is where browsers reach the
    server if not at its own socket; `database` a PostgreSQL address, None for a file below the home folder.
    """

    way: str = "none"
    header: str = ""
    allowed: tuple[str, ...] = ()
    address: str = ""
    database: str | None = field(default=None, repr=False)

    @property
    def host(self) -> str:
        """Return the name under which browsers address the server, empty if only loopback's names count."""
        return urlsplit(self.address).hostname or ""


def load(environ: Mapping[str, str] | None = None, home: str | Path | None = None) -> Settings:
    """Return the settings from `environ` (the process's own by default); an explicit `home` wins.

    Raise InputError if what names the home folder is not a folder.
    """
    env = os.environ if environ is None else environ
    reporting = tuple(name for name in REPORTING_VARIABLES if env.get(name, "").strip().lower() not in OFF)
    gold = env.get("CLAUSEWISE_TEST_GOLD")
    return Settings(home=_home(env, home), gold=Path(gold) if gold else None, reporting=reporting)


def model_server(environ: Mapping[str, str] | None = None) -> ModelServer | None:
    """Return the model server that `environ` names, None if it names none: then nothing is ever asked of any.

    Raise InputError if what it says of one cannot be used.
    """
    env = os.environ if environ is None else environ
    given = {
        key.removeprefix(_MODEL): value.strip()
        for key, value in env.items()
        if key.startswith(_MODEL) and value.strip()
    }
    if not given:
        return None
    kinds: dict[str, tuple[type, float, float]] = {
        "CONTEXT": (int, 1024, 10**7),
        "REPLY": (int, 64, 10**6),
        "IN_FLIGHT": (int, 1, 1024),
        "QUEUE": (int, 0, 10_000),
    }
    kinds |= {"PROBE_S": (float, 0.1, 60), "SILENCE_S": (float, 0.1, 3600), "TOTAL_S": (float, 0.1, 3600)}
    words = {"URL": "url", "MODEL": "name", "API_KEY": "key", "CA_FILE": "ca_file"}
    unknown = [key for key in given if key not in kinds and key not in words]
    if unknown:
        raise InputError(
            f"{_MODEL}{unknown[0]} is no setting; the settings are {', '.join(_MODEL + k for k in (*words, *kinds))}"
        )
    if "URL" not in given:
        raise InputError(
            f"{_MODEL}{next(iter(given))} is set but {_MODEL}URL is not; name the server, "
            f"for example {_MODEL}URL=http://127.0.0.1:8001/v1, or unset it"
        )
    named = {words[key]: value for key, value in given.items() if key in words}
    numbers = {key.lower(): _number(key, given[key], *kinds[key]) for key in kinds if key in given}
    if (key := named.get("key")) is not None and not (key.isascii() and key.isprintable()):
        raise InputError(f"{_MODEL}API_KEY is not plain ASCII; copy it again from the server's configuration")
    if "ca_file" in named and not Path(named["ca_file"]).is_file():
        raise InputError(f"{_MODEL}CA_FILE={named['ca_file']} is no file; name the certificate authority's PEM file")
    return ModelServer(**{**named, "url": _url(named["url"])}, **numbers)  # type: ignore[arg-type]


def upload_bytes(environ: Mapping[str, str] | None = None) -> int:
    """Return how large a file may be that a reader attaches in the chat, as `environ` says.

    Raise InputError if it says something else than a number of megabytes.
    """
    env = os.environ if environ is None else environ
    most = MAX_BYTES >> 20
    written = env.get(_UPLOAD, "").strip() or str(most)
    if not (written.isascii() and written.isdigit() and 1 <= int(written[:9]) <= most):
        raise InputError(f"{_UPLOAD}={written!r} is no number of megabytes; write one from 1 to {most}")
    return int(written) << 20


def sharing(environ: Mapping[str, str] | None = None) -> bool:
    """Return True if answers may be shared by links; they may not unless CLAUSEWISE_SHARING says so.

    Raise InputError if it says neither yes nor no.
    """
    written = (os.environ if environ is None else environ).get(_SHARING, "").strip().lower()
    if written in OFF or written in ON:
        return written in ON
    raise InputError(f"{_SHARING}={written!r} is neither yes nor no; write {_SHARING}=1, or unset it")


def access(environ: Mapping[str, str] | None = None) -> Access:
    """Return who may use the server, as `environ` says.

    Raise InputError for a way that is none, or for one that lacks what it needs.
    """
    env = os.environ if environ is None else environ
    way, header, allowed, address, database = (
        env.get(f"CLAUSEWISE_{name}", "").strip()
        for name in ("AUTH", "AUTH_HEADER", "AUTH_ALLOW", "PUBLIC_URL", "DATABASE_URL")
    )
    way = way.lower() or "none"
    if way not in WAYS:
        raise InputError(f"CLAUSEWISE_AUTH={way!r} is no way to log in; choose one of {', '.join(WAYS)}")
    if (way == "header") != bool(header):
        raise InputError(
            "CLAUSEWISE_AUTH=header and CLAUSEWISE_AUTH_HEADER go together: name the header that your reverse proxy sets, "
            "for example X-Forwarded-User, or unset both"
        )
    if not _HEADER.fullmatch(header):
        raise InputError(
            f"CLAUSEWISE_AUTH_HEADER={header!r} is no name of a header; write for example X-Forwarded-User"
        )
    names = tuple(each.strip().lower() for each in allowed.split(",") if each.strip())
    if (way == "oauth") != bool(names):
        raise InputError(
            "CLAUSEWISE_AUTH=oauth and CLAUSEWISE_AUTH_ALLOW go together: say who may log in, "
            "for example CLAUSEWISE_AUTH_ALLOW=@acme.example,jo, or unset both"
        )
    return Access(way, header, names, _address(address), _database(database))


def _address(written: str) -> str:
    try:
        parts = urlsplit(written)
        good = parts.scheme in ("http", "https") and parts.hostname and parts.path in ("", "/") and not parts.query
    except ValueError:
        good = False
    if written and not good:
        raise InputError(
            f"CLAUSEWISE_PUBLIC_URL={written!r} is no address; write for example https://licenses.acme.example"
        )
    return written.rstrip("/")


def _database(written: str) -> str | None:
    if not written:
        return None
    scheme, divider, rest = written.partition("://")
    if not re.fullmatch(r"postgres(?:ql)?", scheme) or not divider or not rest:
        # Not repeated: it may hold a password.
        raise InputError(
            "CLAUSEWISE_DATABASE_URL names no PostgreSQL database; write for example "
            "postgresql://clausewise@127.0.0.1:5432/clausewise, or unset it: conversations are then kept below the home folder"
        )
    return f"postgresql+asyncpg://{rest}"


def _url(written: str) -> str:
    try:
        parts = urlsplit(written)
        good = parts.scheme in ("http", "https") and parts.hostname and parts.port != 0 and not parts.query
    except ValueError:
        good = False
    if not good or any(map(str.isspace, written)):
        raise InputError(f"{_MODEL}URL={written!r} is no address; write for example http://127.0.0.1:8001/v1")
    bare = written.rstrip("/").removesuffix("/chat/completions")
    return bare if urlsplit(bare).path else f"{bare}/v1"


def _number(key: str, written: str, kind: type, least: float, most: float) -> float:
    try:
        number: float = kind(written)
    except ValueError:
        number = least - 1
    if not least <= number <= most:
        raise InputError(f"{_MODEL}{key}={written!r} is not a number from {least} to {most}")
    return number


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
