"""The one task: an item waits. Which item is worked on next is the claim's decision, not the message's."""

from collections.abc import Callable

from celery import Celery

from connector.jobs.waiting import Bell
from connector.queue.celery_app import TASK
from connector.queue.doorbell import Doorbell


def register(app: Celery, answer: Callable[[], bool], doorbell: Doorbell) -> None:
    """Add the task to an app.

    Args:
        app: of this worker.
        answer: works off what waits; says whether there may be more (`Server.answer`).
        doorbell: rung once more where there may be.
    """

    @app.task(name=TASK, acks_late=True, ignore_result=True, shared=False)  # type: ignore[untyped-decorator]
    def item(item_id: str, queue: str) -> None:
        if answer():
            doorbell.ring([Bell(item_id=item_id, queue=queue, priority=0)])
