"""A PostgreSQL server of Debian's package in a temporary folder, on a free port of loopback."""

import os
import pwd
import shutil
import socket
import subprocess
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

_FOUND = sorted(Path("/usr/lib/postgresql").glob("*/bin/initdb"))
FOLDER = _FOUND[-1].parent if _FOUND else None


@contextmanager
def running() -> Iterator[str]:
    """Start a server with an empty database, yield its address, and stop it."""
    assert FOLDER is not None
    # Not below pytest's own folder, which no other user may look into: PostgreSQL refuses to be root.
    base = Path(tempfile.mkdtemp(prefix="clausewise-postgres-"))
    user = "postgres" if os.geteuid() == 0 else None
    if user:
        base.chmod(0o755)
        shutil.chown(base, user)
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]

    def run(name: str, *arguments: str) -> None:
        done = subprocess.run(
            [str(FOLDER / name), *arguments], cwd=base, user=user, capture_output=True, text=True, check=False
        )
        assert done.returncode == 0, f"{done.stdout}\n{done.stderr}"

    data = str(base / "data")
    try:
        # Without fsync: nothing here must outlive a power cut, and a start takes a tenth of the time.
        run("initdb", "-D", data, "-A", "trust", "-U", "clausewise", "-E", "UTF8", "--no-sync")
        options = f"-c listen_addresses=127.0.0.1 -p {port} -k {base} -F"
        run("pg_ctl", "-D", data, "-w", "-l", str(base / "log"), "-o", options, "start")
        try:
            yield f"postgresql://clausewise@127.0.0.1:{port}/postgres"
        finally:
            run("pg_ctl", "-D", data, "-w", "-m", "immediate", "stop")
    finally:
        shutil.rmtree(base)


def account() -> bool:
    """Return True if the server could run: there is a user for it, where we are root."""
    try:
        return os.geteuid() != 0 or bool(pwd.getpwnam("postgres"))
    except KeyError:
        return False
