"""Every wait is as long as the limits leave, by a clock of the test's own."""

import httpcore
import pytest

from connector.fetch import Policy, SourceUnreachable
from connector.fetch.network import LimitedStream, Limits


class Dripping(httpcore.NetworkStream):
    """Gives one byte after as many seconds as it may take, less one."""

    def __init__(self) -> None:
        self.waits: list[float] = []
        self.now = 0.0

    def read(self, max_bytes: int, timeout: float | None = None) -> bytes:
        assert timeout is not None
        self.waits.append(timeout)
        self.now += timeout - 1
        return b"x"


def test_a_drip_within_the_idle_time_still_ends_with_the_whole_time() -> None:
    drip = Dripping()
    policy = Policy(idle_seconds=10, total_seconds=25)
    stream = LimitedStream(drip, Limits(policy, clock=lambda: drip.now))
    assert [stream.read(1) for _ in range(3)] == [b"x"] * 3
    assert drip.waits == [10, 10, 7]
    drip.now = 25
    with pytest.raises(SourceUnreachable, match="longer than 25 s"):
        stream.read(1)


def test_connecting_takes_its_own_share_at_most() -> None:
    now = 0.0
    limits = Limits(Policy(connect_seconds=5, total_seconds=20), clock=lambda: now)
    assert limits.to_connect() == 5
    now = 18.0
    assert limits.to_connect() == 2
