"""The socket that the server listens on, and the store that it takes up when there is one or a newer one."""

import socket
import threading
from pathlib import Path

import pytest
from web_fakes import Replies

from corpus.errors import InputError, StoreError
from ui.listen import address, listen
from ui.opened import Opened


def test_a_new_store_is_taken_up() -> None:
    made: list[Replies] = []

    def make(home: Path) -> Replies:
        if not made and not built:
            raise StoreError("no store")
        made.append(Replies())
        return made[-1]

    built: list[bool] = []
    opened = Opened(Path("home"), make)
    with pytest.raises(StoreError):
        opened.pipeline()
    built.append(True)
    first = opened.pipeline()
    assert opened.pipeline() is first
    first.store.old = True
    second = opened.pipeline()
    assert second is not first
    assert opened.pipeline() is second


def test_a_store_that_cannot_be_opened_does_not_leave_the_old_one_answering() -> None:
    first = Replies()
    found = [first]

    def make(home: Path) -> Replies:
        if not found:
            raise StoreError("the store is damaged; build it again")
        return found.pop()

    opened = Opened(Path("home"), make)
    assert opened.pipeline() is first
    first.store.old = True
    for _ in range(2):
        with pytest.raises(StoreError, match="damaged"):
            opened.pipeline()


def test_what_is_computed_of_a_store_goes_with_it() -> None:
    made = [Replies(), Replies()]
    first, second = made
    opened = Opened(Path("home"), lambda home: made.pop(0))
    computed: list[Replies] = []

    def make(pipeline: Replies) -> int:
        computed.append(pipeline)
        return len(computed)

    assert [opened.of_store(make), opened.of_store(make)] == [1, 1]
    first.store.old = True
    assert [opened.of_store(make), opened.of_store(make)] == [2, 2]
    assert computed == [first, second]


def test_what_pages_wait_for_is_computed_ahead() -> None:
    pipeline = Replies()
    opened = Opened(Path("home"), lambda home: pipeline)
    computed: list[Replies] = []
    opened.ahead(computed.append)
    opened.warm()
    opened.of_store(computed.append)
    assert computed == [pipeline]


def test_several_questions_open_the_store_once() -> None:
    opens: list[Path] = []
    gate = threading.Barrier(4)

    def make(home: Path) -> Replies:
        opens.append(home)
        return Replies()

    opened = Opened(Path("home"), make)

    def use() -> None:
        gate.wait(10)
        opened.pipeline()

    threads = [threading.Thread(target=use) for _ in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(10)
    assert opens == [Path("home")]


@pytest.mark.parametrize("host", ["0.0.0.0", "192.168.1.5", "::", "example.com", ""])
def test_only_loopback_is_served(host: str) -> None:
    with pytest.raises(InputError, match="loopback only"):
        listen(host, 0)


def test_a_port_in_use_is_one_clear_line() -> None:
    with socket.create_server(("127.0.0.1", 0)) as taken:
        port = taken.getsockname()[1]
        with pytest.raises(InputError) as caught:
            listen("127.0.0.1", port)
    assert str(caught.value) == f"port {port} is in use; choose another with --port"


@pytest.mark.parametrize("port", [-1, 65536])
def test_a_port_must_be_one(port: int) -> None:
    with pytest.raises(InputError, match="not a port"):
        listen("127.0.0.1", port)


def test_the_address_is_the_one_that_is_listened_on() -> None:
    with listen("localhost", 0) as listening:
        assert address(listening) == f"http://127.0.0.1:{listening.getsockname()[1]}"
        with socket.create_connection(listening.getsockname(), timeout=5):
            pass


def test_answers_do_not_wait_for_more_to_send() -> None:
    """asyncio sets TCP_NODELAY on the connections of a socket that names its protocol."""
    with listen("127.0.0.1", 0) as listening:
        assert listening.proto == socket.IPPROTO_TCP
