"""Functions for a child process to call."""

import numpy as np


def takes(megabytes: int) -> int:
    """Touch that much memory, and print, which must not disturb the answer."""
    print("noise on standard output")
    return int(np.ones(megabytes * 1_000_000, np.uint8).sum())


def fails() -> None:
    raise ValueError("no such picture")
