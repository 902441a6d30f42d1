"""The beat of a worker, with its thread."""

import threading

import pytest

from connector.jobs.model import Claim, Renewal
from connector.work.heart import Heart, Reason
from tests.connector.fifo import LONG


def claim(name: str = "a") -> Claim:
    return Claim(
        item_id=name,
        job_id="job",
        client_id="local",
        attempt=1,
        worker_id="w",
        started_at=0.0,
        queue="cpu",
        name=name,
        deadline_at=None,
        steps=(),
        output={},
        trace_id="",
        trace_parent=None,
        parts=(),
        index_data={},
        processing_properties={},
    )


class Database:
    """Answers renewals, and can be waited on."""

    def __init__(self, *answers: Renewal | Exception) -> None:
        self.answers = list(answers)
        self.said: list[tuple[str, float, str]] = []
        self.asked = threading.Semaphore(0)

    def renew(self, held: Claim, progress: float, phase: str) -> Renewal:
        self.said.append((held.name, progress, phase))
        answer = self.answers.pop(0) if self.answers else Renewal(held=True)
        self.asked.release()
        if isinstance(answer, Exception):
            raise answer
        return answer

    def wait(self, times: int = 1) -> None:
        for _ in range(times):
            assert self.asked.acquire(timeout=LONG)


@pytest.mark.parametrize(
    ("answer", "reason"),
    [
        (Renewal(held=False), Reason.LOST),
        (Renewal(held=True, cancel=True), Reason.CANCELLED),
        (Renewal(held=True, late=True), Reason.LATE),
        (Renewal(held=True), Reason.NONE),
    ],
)
def test_what_the_database_says_reaches_the_step(answer: Renewal, reason: Reason) -> None:
    database = Database(answer)
    heart = Heart(database.renew, lambda: None, beat_seconds=0.001)
    heart.take(claim())
    heart.start()
    database.wait(2)  # the first answer has been heard when the second is asked for
    assert heart.reason is reason
    assert heart.is_stopped() is (reason is not Reason.NONE)
    heart.close()


def test_progress_is_told_with_the_next_beat() -> None:
    database = Database()
    heart = Heart(database.renew, lambda: None, beat_seconds=0.001)
    heart.take(claim())
    heart.report(0.25, "decoding")
    heart.start()
    database.wait()
    heart.close()
    assert database.said[0] == ("a", 0.25, "decoding")


def test_a_beat_that_fails_is_followed_by_another() -> None:
    database = Database(RuntimeError("away"), Renewal(held=True, cancel=True))
    heart = Heart(database.renew, lambda: None, beat_seconds=0.001)
    heart.take(claim())
    heart.start()
    database.wait(3)
    assert heart.reason is Reason.CANCELLED
    heart.close()


def test_it_beats_without_work_and_renews_nothing() -> None:
    beats = threading.Semaphore(0)
    database = Database()
    heart = Heart(database.renew, beats.release, beat_seconds=0.001)
    heart.start()
    for _ in range(3):
        assert beats.acquire(timeout=LONG)
    heart.close()
    assert database.said == []


def test_an_answer_about_the_item_before_is_not_heard() -> None:
    heart = Heart(Database().renew, lambda: None)
    first, second = claim("a"), claim("b")
    heart.take(first)
    heart.take(second)
    heart._hear(first, Renewal(held=False))
    assert heart.reason is Reason.NONE


def test_the_end_is_not_overruled() -> None:
    heart = Heart(Database().renew, lambda: None)
    held = claim()
    heart.take(held)
    heart.end()
    heart._hear(held, Renewal(held=True, cancel=True))
    assert heart.reason is Reason.ENDING
