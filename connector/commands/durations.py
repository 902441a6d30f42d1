"""Durations as people write them: 90d, 24h, 30m, 45s."""

import re

UNITS = {"s": 1, "m": 60, "h": 3600, "d": 86_400, "w": 604_800}
_FORM = re.compile(r"(\d{1,9})([smhdw])", re.ASCII)


def seconds_of(text: str) -> float:
    """Return a duration in seconds.

    Raises:
        ValueError: it is none.
    """
    found = _FORM.fullmatch(text.strip())
    if not found:
        raise ValueError(f"{text!r} is no duration; accepted: 90d, 24h, 30m, 45s")
    return float(int(found[1]) * UNITS[found[2]])
