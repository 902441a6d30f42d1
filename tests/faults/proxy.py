"""A TCP proxy that can cut every connection, and refuse new ones until it is healed."""

import socket
import struct
import threading
from types import TracebackType
from typing import Self

CHUNK_BYTES = 64 * 1024
_RESET = struct.pack("ii", 1, 0)
"""SO_LINGER of zero seconds: a close is a reset, as of a machine that lost its power."""


class Proxy:
    """Passes bytes between a free loopback port and a target; runs between `with` and its end."""

    def __init__(self, host: str, port: int) -> None:
        self._target = (host, port)
        self._lock = threading.Lock()
        self._open: set[socket.socket] = set()
        self._listener = self._bound(0)
        self.port: int = self._listener.getsockname()[1]
        self.cuts = 0
        """Connections cut so far."""

    def __enter__(self) -> Self:
        self.heal()
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self.refuse()
        self._listener.close()

    def cut(self) -> int:
        """Reset every connection; new ones are taken. Return how many there were."""
        with self._lock:
            found, self._open = self._open, set()
        for each in found:
            _reset(each)
        pairs = len(found) // 2
        self.cuts += pairs
        return pairs

    def refuse(self) -> int:
        """Refuse new connections until `heal`, and cut the others."""
        old = self._listener
        # shutdown wakes the thread that accepts; the port stays ours, bound without listening.
        old.shutdown(socket.SHUT_RDWR)
        old.close()
        self._listener = self._bound(self.port)
        return self.cut()

    def heal(self) -> None:
        """Take connections again."""
        self._listener.listen(128)
        threading.Thread(target=self._accept, args=(self._listener,), daemon=True).start()

    @staticmethod
    def _bound(port: int) -> socket.socket:
        found = socket.socket()
        found.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        found.bind(("127.0.0.1", port))
        return found

    def _accept(self, listener: socket.socket) -> None:
        while True:
            try:
                near, _ = listener.accept()
            except OSError:  # closed by `refuse`
                return
            try:
                far = socket.create_connection(self._target, timeout=5)
            except OSError:
                _reset(near)
                continue
            far.settimeout(None)
            with self._lock:
                if listener is not self._listener:
                    _reset(near)
                    _reset(far)
                    return
                self._open |= {near, far}
            for source, sink in ((near, far), (far, near)):
                threading.Thread(target=self._pass, args=(source, sink), daemon=True).start()

    def _pass(self, source: socket.socket, sink: socket.socket) -> None:
        try:
            while chunk := source.recv(CHUNK_BYTES):
                sink.sendall(chunk)
        except OSError:  # cut, by us or by an end
            pass
        finally:
            with self._lock:
                ours = {source, sink} & self._open
                self._open -= ours
            for each in ours:
                _reset(each)


def _reset(connection: socket.socket) -> None:
    try:
        connection.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, _RESET)
        # Wakes the thread that reads from it; closing alone would not.
        connection.shutdown(socket.SHUT_RDWR)
    except OSError:  # its other end was first
        pass
    finally:
        connection.close()
