"""Listening for doorbells: Celery's worker, solo pool, in a thread of its own.

Celery connects again by itself as long as it can. Where it gives up, a new one is made: a worker must
not live on deaf.
"""

import logging
import threading
import time
from collections.abc import Sequence
from typing import ClassVar

from celery import Celery
from celery.worker import WorkController, state
from celery.worker.consumer import Consumer

from connector.queue.celery_app import broker_queue

log = logging.getLogger(__name__)

FIRST_PAUSE = 1.0
"""Seconds before a listener that failed is made anew; doubled at each failure."""
LONGEST_PAUSE = 30.0
QUIET = ("celery.worker.strategy", "celery.app.trace")
"""Loggers that write two lines for each bell."""


class BellConsumer(Consumer):  # type: ignore[misc]  # celery has no types
    """Celery's consumer without delayed delivery, for which it would declare 28 queues on RabbitMQ: no bell waits."""

    class Blueprint(Consumer.Blueprint):  # type: ignore[misc]
        """The steps of its start."""

        default_steps: ClassVar = [
            step
            for step in Consumer.Blueprint.default_steps
            if not str(step).endswith(":DelayedDelivery")
        ]


class Listener:
    """Runs the app's task for the doorbells of some queues. One per process: Celery's state is global."""

    def __init__(self, app: Celery, queues: Sequence[str], name: str) -> None:
        """Prepare; connects at `start`."""
        self._app, self._name = app, name
        app.conf.task_queues = [broker_queue(queue, app) for queue in queues]
        self._ended = threading.Event()
        self._thread = threading.Thread(target=self._run, name="listener", daemon=True)

    def start(self) -> None:
        """Begin to listen."""
        for logger in QUIET:
            logging.getLogger(logger).setLevel(logging.WARNING)
        self._thread.start()

    def close(self, seconds: float) -> None:
        """Stop; wait so long for a clean end. What is not acknowledged by then comes to another worker."""
        self._ended.set()
        state.should_stop = 0
        if self._thread.ident is not None:
            self._thread.join(seconds)

    def _run(self) -> None:
        pause = FIRST_PAUSE
        while not self._ended.is_set():
            begun = time.monotonic()
            self._listen()
            if time.monotonic() - begun > LONGEST_PAUSE:
                pause = FIRST_PAUSE
            if self._ended.wait(pause):
                return
            log.warning("listening for doorbells anew", extra={"after_seconds": pause})
            pause = min(2 * pause, LONGEST_PAUSE)

    def _listen(self) -> None:
        self._app.set_current()  # of this thread; Celery's tracing of a task asks for it
        try:
            worker = WorkController(
                app=self._app,
                hostname=self._name,
                pool="solo",
                concurrency=1,
                loglevel=logging.WARNING,
                without_heartbeat=True,
                without_mingle=True,
                without_gossip=True,
            )
            worker.start()  # logs what ends it, and returns
        except Exception:
            log.exception("the listener failed")
