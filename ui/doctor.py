"""`clausewise doctor`: is everything here that answering needs? One line a check, with what to do."""

import re
import shutil
import socket
import sys
import tempfile
from collections.abc import Callable, Iterator
from importlib import metadata
from pathlib import Path
from typing import TYPE_CHECKING

from corpus.errors import ClausewiseError
from rag.settings import Settings
from ui import doctor_model, terminal
from ui.checks import Check, Level

if TYPE_CHECKING:
    from ui.opened import Opener

OLDEST_PYTHON = (3, 11)
PORT = 8000
MEMORY_GB, MEMORY_LEAST_GB = 1.5, 0.7  # the server with the chat takes about 0.8 GB
DISK_GB = 0.5
_FOR_GPU = "faiss-gpu"
_FLAVOURS = ("faiss-cpu", _FOR_GPU)
_PROJECT = Path(__file__).resolve().parent.parent
_NAME = re.compile(r"[A-Za-z0-9._-]+")
_PINNED = re.compile(r"([A-Za-z0-9._-]+)==([^\s;#]+)")


def run(settings: Settings, opener: "Opener") -> int:
    """Show every check; return 1 if one failed."""
    failed = False
    for check in checks(settings, opener):
        terminal.line(check.line())
        failed = failed or check.level == "fail"
    return int(failed)


def checks(settings: Settings, opener: "Opener") -> Iterator[Check]:
    """Yield the result of each check."""
    yield python(sys.version_info[:3])
    yield from packages(_requirements(), _version, _constraints(_PROJECT / "constraints.txt"))
    yield faiss(tuple(name for name in _FLAVOURS if _version(name)), has_nvidia())
    yield home(settings.home)
    yield store(settings.home, opener)
    yield port(PORT)
    yield telemetry(settings.reporting)
    yield memory(available_gb())
    yield from doctor_model.checks(available_gb=available_gb())


def python(version: tuple[int, int, int]) -> Check:
    """Return whether the Python version will do."""
    found = ".".join(map(str, version))
    if version[:2] < OLDEST_PYTHON:
        return Check(
            "fail", "Python", found, f"install {'.'.join(map(str, OLDEST_PYTHON))} or newer, then run make setup"
        )
    return Check("ok", "Python", found)


def packages(
    required: tuple[str, ...] | None, version: Callable[[str], str | None], pinned: dict[str, str]
) -> Iterator[Check]:
    """Yield what is missing or of another version than the one tried; one line if all is well."""
    if required is None:
        yield Check("fail", "packages", "clausewise itself is not installed", "run make setup")
        return
    missing = [name for name in required if version(name) is None]
    if missing:
        yield Check("fail", "packages", f"missing {', '.join(missing)}", "run make setup")
    other = [
        f"{name} {version(name)} (tried with {pinned[_fold(name)]})"
        for name in required
        if _differs(name, version, pinned)
    ]
    if other:
        yield Check("warn", "packages", f"other versions: {', '.join(other)}", "run make setup")
    if not missing and not other:
        yield Check("ok", "packages", f"all {len(required)} are here")


def faiss(flavours: tuple[str, ...], nvidia: bool) -> Check:
    """Return which FAISS is installed and whether it is the one for this machine."""
    if len(flavours) > 1:
        todo = "keep one: pip uninstall faiss-cpu faiss-gpu, then run make setup"
        return Check("fail", "faiss", f"{' and '.join(flavours)} overwrite each other", todo)
    if not flavours:
        return Check("fail", "faiss", "not installed", "run make setup")
    found = f"{flavours[0]}, {'an' if nvidia else 'no'} NVIDIA driver"
    if nvidia and flavours[0] != _FOR_GPU:
        return Check("warn", "faiss", found, f"run make setup to install {_FOR_GPU}")
    return Check("ok", "faiss", found)


def home(folder: Path) -> Check:
    """Return whether the data folder can be written and has room."""
    existing = next(path for path in (folder, *folder.parents) if path.exists())
    try:
        with tempfile.TemporaryFile(dir=existing) as file:
            file.write(b"x")
        free = shutil.disk_usage(existing).free / 1e9
    except OSError as error:
        todo = "name another with --home DIR, or make it writable"
        return Check("fail", "home", f"{folder} cannot be written ({error.strerror})", todo)
    found = f"{folder}, {free:.1f} GB free"
    return Check("ok", "home", found) if free >= DISK_GB else Check("warn", "home", found, "free some space")


def store(folder: Path, opener: "Opener") -> Check:
    """Return whether the store opens, was made by the installed embedder, and where it is searched."""
    # Imported here: the help of the command line must not wait for the index library.
    from rag.dense import DenseIndex
    from rag.retrieve import VECTORS

    try:
        opened = opener(folder).store
        index = DenseIndex(opened.path / VECTORS)
    except ClausewiseError as error:
        found, _, todo = str(error).partition("; ")
        return Check("fail", "store", found, todo or "make it again with: clausewise index build")
    return Check(
        "ok", "store", f"{len(opened.documents)} documents, searched on the {'GPU' if index.on_gpu else 'CPU'}"
    )


def port(number: int) -> Check:
    """Return whether the port of `serve` is free on loopback."""
    with socket.socket(socket.AF_INET, socket.SOCK_STREAM) as probe:
        # As the server does it: a port whose last connections are still closing is free.
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind(("127.0.0.1", number))
        except OSError as error:
            todo = "stop what holds it, or use clausewise serve --port N"
            return Check("warn", "port", f"{number} cannot be used ({error.strerror})", todo)
    return Check("ok", "port", f"{number} is free on 127.0.0.1")


def telemetry(reporting: tuple[str, ...]) -> Check:
    """Return whether a variable of the environment makes a library send data to a service."""
    if reporting:
        return Check("warn", "telemetry", f"{', '.join(reporting)} would send data to a service", "unset it")
    return Check("ok", "telemetry", "off")


def memory(available: float | None) -> Check:
    """Return whether there is enough memory for the server."""
    if available is None:
        return Check("ok", "memory", "not known on this system")
    found = f"{available:.1f} GB available"
    if available >= MEMORY_GB:
        return Check("ok", "memory", found)
    level: Level = "warn" if available >= MEMORY_LEAST_GB else "fail"
    return Check(level, "memory", found, f"close other programs; the server wants {MEMORY_GB} GB")


def available_gb(meminfo: Path = Path("/proc/meminfo")) -> float | None:
    """Return the memory that new programs can have, None where the system does not say."""
    try:
        found = re.search(r"^MemAvailable:\s+(\d+) kB", meminfo.read_text(encoding="ascii"), re.MULTILINE)
    except OSError:
        return None
    return int(found[1]) / 1e6 if found else None


def has_nvidia() -> bool:
    """Return whether an NVIDIA driver is loaded."""
    return Path("/proc/driver/nvidia/version").exists()


def _requirements() -> tuple[str, ...] | None:
    """Return the names that the installed package needs always; None if it is not installed."""
    try:
        lines = metadata.requires("clausewise") or []
    except metadata.PackageNotFoundError:
        return None
    names = (_NAME.match(line) for line in lines if "extra ==" not in line)
    return tuple(name[0] for name in names if name)


def _version(name: str) -> str | None:
    try:
        return metadata.version(name)
    except metadata.PackageNotFoundError:
        return None


def _constraints(path: Path) -> dict[str, str]:
    """Return the pinned version of each package; empty outside a checkout."""
    if not path.is_file():
        return {}
    return {_fold(name): version for name, version in _PINNED.findall(path.read_text(encoding="utf-8"))}


def _fold(name: str) -> str:
    return re.sub(r"[-_.]+", "-", name).lower()


def _differs(name: str, version: Callable[[str], str | None], pinned: dict[str, str]) -> bool:
    found, wanted = version(name), pinned.get(_fold(name))
    # A local part (`2.1+cpu`) says where it was built, not what it is.
    return found is not None and wanted is not None and found.partition("+")[0] != wanted.partition("+")[0]
