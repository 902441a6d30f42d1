"""How often: token buckets, in this process's memory. With several API processes each has its own."""

import math
import time
from collections import OrderedDict
from collections.abc import Callable
from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Taken:
    """What became of the wish to take one."""

    allowed: bool
    remaining: int
    """Whole ones that are left."""
    seconds_to_next: float
    """Until one can be taken; 0 where one is left."""
    seconds_to_full: float


class Buckets:
    """A bucket per name: it holds `capacity`, and refills as a whole in `seconds`."""

    def __init__(self, *, most: int = 10_000, clock: Callable[[], float] = time.monotonic) -> None:
        """Prepare; `most`: buckets that are kept, those longest unused go first. A full one is as none."""
        self._most, self._clock = most, clock
        self._levels: OrderedDict[str, tuple[float, float]] = OrderedDict()

    def take(self, name: str, capacity: int, seconds: float) -> Taken:
        """Take one out of a bucket, if there is one."""
        level = self._level(name, capacity, seconds)
        allowed = level >= 1
        if allowed:
            level -= 1
        self._levels[name] = (level, self._clock())
        self._levels.move_to_end(name)
        if len(self._levels) > self._most:
            self._levels.popitem(last=False)
        return _described(allowed, level, capacity, seconds)

    def look(self, name: str, capacity: int, seconds: float) -> Taken:
        """Say whether one could be taken, and take none."""
        level = self._level(name, capacity, seconds)
        return _described(level >= 1, level, capacity, seconds)

    def _level(self, name: str, capacity: int, seconds: float) -> float:
        level, at = self._levels.get(name, (float(capacity), self._clock()))
        return min(capacity, level + (self._clock() - at) * capacity / seconds)


def _described(allowed: bool, level: float, capacity: int, seconds: float) -> Taken:
    each = seconds / capacity
    return Taken(
        allowed=allowed,
        remaining=math.floor(level),
        seconds_to_next=max(0.0, (1 - level) * each),
        seconds_to_full=(capacity - level) * each,
    )
