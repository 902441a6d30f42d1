"""Ids that sort by the time they were made (ULID): an index of them grows at its end."""

import os
import threading
import time

_ALPHABET = "0123456789ABCDEFGHJKMNPQRSTVWXYZ"
"""Crockford's base 32: no letter that is mistaken for a digit."""
LENGTH = 26

_lock = threading.Lock()
_last = 0


def new_id() -> str:
    """Return a new ULID: 48 bits of milliseconds, 80 bits of chance; within this process strictly rising.

    Source: https://github.com/ulid/spec, with its monotonic rule for ids of one millisecond.
    """
    global _last  # noqa: PLW0603 - one counter per process is the point
    with _lock:
        fresh = (time.time_ns() // 1_000_000) << 80 | int.from_bytes(os.urandom(10), "big")
        _last = max(fresh, _last + 1)
        return _encoded(_last)


def _encoded(number: int) -> str:
    return "".join(_ALPHABET[number >> shift & 31] for shift in range(5 * (LENGTH - 1), -1, -5))
