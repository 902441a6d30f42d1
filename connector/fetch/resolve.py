"""From a name to addresses, within a time limit."""

import queue
import socket
import threading
from collections.abc import Callable, Sequence
from ipaddress import ip_address

from connector.fetch.addresses import Address

Resolver = Callable[[str, int], Sequence[Address]]
"""From (host name, port) to its addresses, best first. Raises OSError where there are none."""


def system_resolver(host: str, port: int) -> list[Address]:
    """Ask the operating system.

    Raises:
        OSError: the name is unknown, or no name server answers.
    """
    found = socket.getaddrinfo(host, port, type=socket.SOCK_STREAM, proto=socket.IPPROTO_TCP)
    texts = dict.fromkeys(str(sockaddr[0]) for *_, sockaddr in found)
    return [ip_address(text) for text in texts]


def resolve(resolver: Resolver, host: str, port: int, seconds: float) -> Sequence[Address]:
    """Return the addresses of a name, or give up in time.

    getaddrinfo knows no time limit, so it runs in a thread of its own; one that is given up ends when
    the operating system answers it, and keeps nobody from leaving.

    Raises:
        OSError: no address (UnicodeError of an odd name included).
        TimeoutError: no answer within the seconds.
    """
    answers: queue.SimpleQueue[Sequence[Address] | Exception] = queue.SimpleQueue()

    def ask() -> None:
        try:
            answers.put(resolver(host, port))
        except Exception as error:  # noqa: BLE001, RUF100 - raised again by the one who waits
            answers.put(error)

    threading.Thread(target=ask, name="fetch-resolve", daemon=True).start()
    try:
        answer = answers.get(timeout=seconds)
    except queue.Empty:
        raise TimeoutError from None
    if isinstance(answer, UnicodeError):
        raise OSError("the name cannot be asked for") from answer
    if isinstance(answer, Exception):
        raise answer
    return answer
