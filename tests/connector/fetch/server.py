"""A server on loopback that does what a test's script says, byte by byte."""

import socket
import ssl
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field

Script = Callable[[socket.socket, threading.Event], None]
"""Speaks to one client after its request was read; the event is set when the test is over."""


@dataclass
class Server:
    """What a test may ask about its server."""

    port: int
    requests: list[bytes] = field(default_factory=list)
    names: list[str | None] = field(default_factory=list)
    """Server names of the TLS handshakes."""
    hung_up: threading.Event = field(default_factory=threading.Event)
    """Set when a client closed its connection before the script was through."""

    def header(self, name: str, index: int = -1) -> list[str]:
        """Return every value of a header of a request."""
        lines = self.requests[index].partition(b"\r\n\r\n")[0].decode().split("\r\n")[1:]
        pairs = [line.partition(": ") for line in lines]
        return [value for key, _, value in pairs if key.lower() == name]


def answer(body: bytes = b"", *headers: str, status: str = "200 OK") -> Script:
    """Return a script that sends one answer with a right Content-Length."""
    return raw(_head(status, f"Content-Length: {len(body)}", *headers) + body)


def redirect(location: str, status: str = "302 Found") -> Script:
    """Return a script that sends a redirect."""
    return answer(b"moved", f"Location: {location}", status=status)


def raw(content: bytes) -> Script:
    """Return a script that sends bytes and closes."""
    return lambda client, _: client.sendall(content)


def stalling(content: bytes) -> Script:
    """Return a script that sends bytes and then nothing, with the connection open."""

    def script(client: socket.socket, over: threading.Event) -> None:
        client.sendall(content)
        over.wait(30)

    return script


def endless(head: bytes, piece: bytes) -> Script:
    """Return a script that repeats a piece until the client hangs up."""

    def script(client: socket.socket, over: threading.Event) -> None:
        client.sendall(head)
        while not over.is_set():
            client.sendall(piece)

    return script


def _head(status: str, *headers: str) -> bytes:
    return "\r\n".join([f"HTTP/1.1 {status}", *headers, "", ""]).encode()


HEAD = _head("200 OK")
"""The head of an answer whose body ends with the connection."""


@contextmanager
def serving(*scripts: Script, tls: ssl.SSLContext | None = None) -> Iterator[Server]:
    """Answer the clients one after the other, each by the next script (the last one again and again)."""
    over = threading.Event()
    with socket.create_server(("127.0.0.1", 0)) as listener:
        server = Server(listener.getsockname()[1])
        if tls is not None:
            tls.sni_callback = lambda _, name, __: server.names.append(name)

        def accept() -> None:
            count = 0
            while not over.is_set():
                with suppress(OSError):
                    client, _ = listener.accept()
                    with client:
                        script = scripts[min(count, len(scripts) - 1)]
                        count += 1
                        _talk(client, tls, script, server, over)

        thread = threading.Thread(target=accept)
        thread.start()
        try:
            yield server
        finally:
            over.set()
            with suppress(OSError):
                listener.shutdown(socket.SHUT_RDWR)
            thread.join(10)
            assert not thread.is_alive()


def _talk(
    client: socket.socket,
    tls: ssl.SSLContext | None,
    script: Script,
    server: Server,
    over: threading.Event,
) -> None:
    client.settimeout(10)
    if tls is None:
        _answer(client, script, server, over)
        return
    with tls.wrap_socket(client, server_side=True) as secured:
        _answer(secured, script, server, over)


def _answer(client: socket.socket, script: Script, server: Server, over: threading.Event) -> None:
    server.requests.append(_request(client))
    try:
        script(client, over)
    except (ConnectionError, ssl.SSLError):
        server.hung_up.set()


def _request(client: socket.socket) -> bytes:
    received = b""
    while b"\r\n\r\n" not in received:
        received += _some(client)
    head, _, body = received.partition(b"\r\n\r\n")
    lengths = [line for line in head.lower().split(b"\r\n") if line.startswith(b"content-length:")]
    missing = int(lengths[0].split(b":")[1]) - len(body) if lengths else 0
    while missing > 0:
        more = _some(client)
        missing -= len(more)
        received += more
    return received


def _some(client: socket.socket) -> bytes:
    received = client.recv(65536)
    if not received:
        raise ConnectionError("the client hung up")
    return received
