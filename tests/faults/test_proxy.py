"""The proxy itself: what it is told to break is broken, and nothing else."""

import socket
import threading
from collections.abc import Iterator

import pytest

from tests.faults.proxy import Proxy

SECONDS = 5.0


@pytest.fixture
def echo() -> Iterator[int]:
    """Port of a server that sends back what it gets."""
    listener = socket.create_server(("127.0.0.1", 0))

    def serve() -> None:
        while True:
            try:
                connection, _ = listener.accept()
            except OSError:
                return
            threading.Thread(target=answer, args=(connection,), daemon=True).start()

    def answer(connection: socket.socket) -> None:
        with connection:
            try:
                while chunk := connection.recv(1024):
                    connection.sendall(chunk)
            except ConnectionError:
                return

    threading.Thread(target=serve, daemon=True).start()
    yield listener.getsockname()[1]
    listener.shutdown(socket.SHUT_RDWR)
    listener.close()


def _connected(proxy: Proxy) -> socket.socket:
    return socket.create_connection(("127.0.0.1", proxy.port), timeout=SECONDS)


def test_it_passes_bytes_both_ways(echo: int) -> None:
    with Proxy("127.0.0.1", echo) as proxy, _connected(proxy) as connection:
        connection.sendall(b"there")
        assert connection.recv(16) == b"there"


def test_a_cut_ends_what_is_open_and_nothing_else(echo: int) -> None:
    with Proxy("127.0.0.1", echo) as proxy, _connected(proxy) as connection:
        connection.sendall(b"there")
        assert connection.recv(16) == b"there"
        assert proxy.cut() == 1
        with pytest.raises(ConnectionError):
            _read_on(connection)
        with _connected(proxy) as another:
            another.sendall(b"again")
            assert another.recv(16) == b"again"


def test_it_refuses_until_it_is_healed(echo: int) -> None:
    with Proxy("127.0.0.1", echo) as proxy:
        proxy.refuse()
        with pytest.raises(ConnectionRefusedError):
            _connected(proxy)
        proxy.heal()
        with _connected(proxy) as connection:
            connection.sendall(b"again")
            assert connection.recv(16) == b"again"


def _read_on(connection: socket.socket) -> None:
    """Raise what a reader of a cut connection gets; a clean end counts as well."""
    if not connection.recv(16):
        raise ConnectionError
