"""The state machine of CONTRACT.md: which state may follow which, for an item and for a job.

    QUEUED → RUNNING → FINISHED | FAILED | CANCELLED
    QUEUED → FAILED (deadline) | CANCELLED
    RUNNING → QUEUED when its worker was lost or handed it back
    FAILED → QUEUED when its owner asks for a retry, and never by itself

FINISHED and CANCELLED are left by nothing, FAILED by its owner's retry alone.
"""

from collections.abc import Mapping
from enum import StrEnum


class Status(StrEnum):
    """Where an item or a job stands."""

    QUEUED = "QUEUED"
    RUNNING = "RUNNING"
    FINISHED = "FINISHED"
    FAILED = "FAILED"
    CANCELLED = "CANCELLED"


TERMINAL = frozenset({Status.FINISHED, Status.FAILED, Status.CANCELLED})
"""States that work cannot change any more; a late result loses."""

AFTER: dict[Status, frozenset[Status]] = {
    Status.QUEUED: frozenset({Status.RUNNING, Status.FAILED, Status.CANCELLED}),
    Status.RUNNING: frozenset(
        {Status.QUEUED, Status.FINISHED, Status.FAILED, Status.CANCELLED},
    ),
    Status.FINISHED: frozenset(),
    Status.FAILED: frozenset({Status.QUEUED}),
    Status.CANCELLED: frozenset(),
}
"""What may follow a state of an item."""


def job_status(counts: Mapping[Status, int]) -> Status:
    """Return the state of a job with these numbers of items in each state.

    A job is FAILED when any of its items failed, whatever the others did; CANCELLED when one was
    cancelled and none failed. While some wait it is RUNNING if others run or have ended.
    """
    ended = sum(counts[status] for status in TERMINAL)
    if counts[Status.RUNNING] or (counts[Status.QUEUED] and ended):
        return Status.RUNNING
    if counts[Status.QUEUED]:
        return Status.QUEUED
    if counts[Status.FAILED]:
        return Status.FAILED
    return Status.CANCELLED if counts[Status.CANCELLED] else Status.FINISHED
