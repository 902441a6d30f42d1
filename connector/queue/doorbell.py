"""Ringing: after the commit, and never in its way."""

import logging
import threading
import time
from collections.abc import Sequence
from typing import Protocol

from celery import Celery

from connector.jobs.waiting import Bell
from connector.queue.celery_app import CONNECT_SECONDS, TASK, broker_queue, make_app
from connector.settings import Settings

log = logging.getLogger(__name__)

OUTAGE_SECONDS = 5.0
"""How long a broker that failed is left alone: requests do not wait for it one after the other."""
RETRY = {"max_retries": 1, "interval_start": 0, "interval_step": 0, "interval_max": 0}
"""Once more: a pooled connection that died while it was idle shows only when it is used."""


class Doorbell(Protocol):
    """Wakes workers."""

    def ring(self, bells: Sequence[Bell]) -> None:
        """Say that these items wait. Never raises; what is not heard is rung again by the keeper."""


class SilentDoorbell:
    """Wakes nobody and keeps what was rung: for tests, and where a worker is called directly."""

    def __init__(self) -> None:
        self.rung: list[Bell] = []

    def ring(self, bells: Sequence[Bell]) -> None:
        """Keep the bells."""
        self.rung += bells


class CeleryDoorbell:
    """Publishes to the broker; safe to share between threads."""

    def __init__(self, settings: Settings, app: Celery | None = None) -> None:
        """Prepare; connects at the first ring."""
        self._app = app or make_app(settings, "ring")
        _ = self._app.amqp.router  # makes what the first ring would wait for
        self._lock = threading.Lock()
        self._quiet_until = 0.0
        self._is_away = False
        self.missed = 0
        """Bells that the broker did not take, since the start."""

    def ring(self, bells: Sequence[Bell]) -> None:
        """Publish the bells; takes at most a few seconds at the begin of an outage, nothing later on."""
        if not bells:
            return
        if time.monotonic() < self._quiet_until:
            self._missed(len(bells))
            return
        sent = 0
        try:
            with self._app.producer_pool.acquire(block=True, timeout=CONNECT_SECONDS) as producer:
                for bell in bells:
                    self._app.send_task(
                        TASK,
                        args=(bell.item_id, bell.queue),
                        queue=broker_queue(bell.queue, self._app),
                        producer=producer,
                        retry=True,
                        retry_policy=RETRY,
                        confirm_timeout=CONNECT_SECONDS,
                        ignore_result=True,
                    )
                    sent += 1
        except Exception as error:
            # Every transport has errors of its own, and none may fail what is committed already.
            self._lost(error, len(bells) - sent)
            return
        if self._is_away:
            self._is_away = False
            log.info("the broker is back")

    def waiting(self, queue: str) -> int:
        """Return how many bells of a queue nobody has answered yet; 0 when the broker does not say."""
        if time.monotonic() < self._quiet_until:
            return 0
        try:
            with (
                self._app.pool.acquire(block=True, timeout=CONNECT_SECONDS) as connection,
                connection.channel() as channel,
            ):
                declared = broker_queue(queue, self._app).bind(channel).queue_declare()
                return 0 if declared is None else int(declared.message_count)
        except Exception as error:  # as in `ring`
            self._lost(error, 0)
            return 0

    def close(self) -> None:
        """Give the connections back."""
        self._app.close()

    def _missed(self, count: int) -> None:
        with self._lock:
            self.missed += count

    def _lost(self, error: Exception, count: int) -> None:
        self._missed(count)
        self._quiet_until = time.monotonic() + OUTAGE_SECONDS
        if not self._is_away:
            self._is_away = True
            log.warning(
                "the broker cannot be reached; workers find what waits by themselves",
                extra={"error": f"{type(error).__name__}: {error}"},
            )
