"""The socket that the server listens on: loopback's, unless people log in."""

import errno
import socket
from ipaddress import ip_address

from corpus.errors import InputError


def listen(host: str, port: int, login: bool = False) -> socket.socket:
    """Return a listening socket; port 0 takes any that is free.

    Raise InputError if `host` is not loopback's and there is no log-in, or if host or port cannot be used.
    """
    if not login and not is_loopback(host):
        raise InputError(
            f"without log-in the server listens on loopback only, and {host!r} is not: use 127.0.0.1, "
            "or have people log in (CLAUSEWISE_AUTH=password, then clausewise users add NAME)"
        )
    if not 0 <= port <= 65535:
        raise InputError(f"{port} is not a port; choose one from 1024 to 65535 with --port")
    family = socket.AF_INET6 if ":" in host else socket.AF_INET
    # asyncio switches Nagle's delay off only where a socket says that it is TCP's; without, each answer waits 40 ms.
    listening = socket.socket(family, socket.SOCK_STREAM, socket.IPPROTO_TCP)
    # A restart must not wait for the connections of the run before; another server's port is refused all the same.
    listening.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
    try:
        listening.bind((host, port))
        listening.listen()
    except OSError as error:
        listening.close()
        if error.errno == errno.EADDRINUSE:
            raise InputError(f"port {port} is in use; choose another with --port") from None
        if isinstance(error, socket.gaierror) or error.errno == errno.EADDRNOTAVAIL:
            raise InputError(f"{host!r} is no address of this machine; choose another with --host") from None
        raise InputError(f"port {port} cannot be used ({error.strerror}); choose another with --port") from None
    return listening


def is_loopback(host: str) -> bool:
    """Return True if only this machine can reach `host`."""
    if host == "localhost":
        return True
    try:
        return ip_address(host).is_loopback
    except ValueError:
        return False


def address(listening: socket.socket) -> str:
    """Return the address under which a browser reaches the socket."""
    host, port = listening.getsockname()[:2]
    return f"http://[{host}]:{port}" if ":" in host else f"http://{host}:{port}"
