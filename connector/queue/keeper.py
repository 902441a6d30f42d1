"""The keeper: brings back what was lost, rings again, deletes what is over, sends callbacks.

Any number may run: each round takes rows that no other holds. None is needed for an item to be worked on;
without one, nothing lost comes back.
"""

import logging
import signal
import threading
import time
from collections.abc import Callable, Sequence
from typing import Protocol

from sqlalchemy import Connection, func, select

from connector import logs, tracing
from connector.jobs import filed, migrate, purge, reap, waiting
from connector.jobs.database import Database
from connector.jobs.errors import DatabaseUnavailable
from connector.jobs.model import Rules
from connector.jobs.tables import jobs
from connector.jobs.waiting import MOST_BELLS, Bell
from connector.queue.doorbell import CeleryDoorbell
from connector.settings import Settings
from connector.storage.errors import StorageError
from connector.storage.store import FileStore
from connector.webhooks.postman import Postman
from connector.webhooks.sender import send
from connector.work.fetching import callback_policy_of

log = logging.getLogger(__name__)

ROUND_SECONDS = 1.0
"""Between two rounds: what a lost lease or a passed deadline waits beyond its time."""
RING_SECONDS = 5.0
"""How long a bell may go unanswered before it is rung again."""
SWEEP_SECONDS = 10.0
"""Between two rounds of deleting."""
SETTLING_SECONDS = 5.0
"""After a start and after an outage no lease is ended for so long: living workers could not renew theirs while
the database was away, and do it at their next beat."""
STAGING_SECONDS = 3600.0
"""Age of an unfinished upload that is given up, and time between two looks for such."""
POST_SECONDS = 0.1
"""Between two looks for callbacks while some are under way."""


class Bellboard(Protocol):
    """What the keeper needs of a doorbell."""

    def ring(self, bells: Sequence[Bell]) -> None:
        """Wake workers."""

    def waiting(self, queue: str) -> int:
        """Return how many bells of a queue nobody has answered yet."""


class Keeper:
    """Does what is due, and says when to come again."""

    def __init__(
        self,
        database: Database,
        files: FileStore,
        doorbell: Bellboard,
        postman: Postman,
        rules: Rules,
        now: Callable[[], float] = time.time,
    ) -> None:
        self._database, self._files, self._doorbell = database, files, doorbell
        self._postman, self._rules, self._now = postman, rules, now
        self._rung_at = self._swept_at = self._staging_at = float("-inf")
        self._reaps_from = now() + SETTLING_SECONDS

    def round(self) -> None:
        """Do what is due.

        Raises:
            DatabaseUnavailable: the database is away; the next round finds the rest.
        """
        now = self._now()
        if now >= self._reaps_from:
            self.reap()
        self._postman.go()
        if now - self._rung_at >= RING_SECONDS:
            self._rung_at = now
            self.ring()
        if now - self._swept_at >= SWEEP_SECONDS:
            self._swept_at = now
            self.sweep()
        if now - self._staging_at >= STAGING_SECONDS:
            self._staging_at = now
            self._files.remove_stale_staging(STAGING_SECONDS)

    def settle(self) -> None:
        """The database was away: give living workers the time to renew their leases."""
        self._reaps_from = self._now() + SETTLING_SECONDS

    def reap(self) -> int:
        """Bring back items whose worker was lost, and end those that are late; return how many."""
        total = 0
        while True:
            done = self._database.write(lambda tx: reap.reap(tx, self._now(), self._rules))
            if done.total == 0:
                return total
            total += done.total
            log.warning(
                "items brought back",
                extra={"returned": done.returned, "lost": done.failed, "late": done.late},
            )

    def ring(self) -> None:
        """Ring for what waits unheard; where bells hang unanswered, every worker is busy, and none more is rung."""
        bells = self._database.write(
            lambda tx: waiting.bells_unanswered(tx, self._now(), RING_SECONDS), relaxed=True
        )
        by_queue: dict[str, list[Bell]] = {}
        for bell in bells:
            by_queue.setdefault(bell.queue, []).append(bell)
        for queue, unheard in by_queue.items():
            if self._doorbell.waiting(queue) < MOST_BELLS:
                self._doorbell.ring(unheard)

    def sweep(self) -> int:
        """Delete what has outlived its time, rows and files; return how many files."""
        before = None
        while (over := self._database.write(self._expire)) and over != before:
            before = over  # where another keeper holds the rest, it is that one's to delete
        total = 0
        while True:
            gone = self._database.write(
                lambda tx: filed.sweep(tx, self._files.delete, self._now()),
            )
            total += gone
            if gone < filed.BATCH:
                return total

    def _expire(self, tx: Connection) -> int:
        """Delete some jobs that are over, and return how many are left."""
        now = self._now()
        purge.expire(tx, now)
        left = select(func.count()).select_from(jobs).where(jobs.c.expires_at <= now)
        return int(tx.execute(left).scalar_one())


def run(
    settings: Settings, ended: threading.Event | None = None, *, is_child: bool = False
) -> None:
    """Keep until SIGTERM or SIGINT, or until `ended` is set.

    Raises:
        ValueError: a setting cannot be understood.
        StorageError: the folder of files cannot be made.
        DatabaseUnavailable, SchemaOutdated: the database is not there, or of another version.
    """
    logs.configure(settings.log_level)
    tracing.start(settings.otlp_endpoint, "retusche-keeper")
    ended = ended or threading.Event()
    signal.signal(signal.SIGTERM, lambda *_: ended.set())
    signal.signal(signal.SIGINT, signal.SIG_IGN if is_child else lambda *_: ended.set())
    database = Database(settings.database)
    migrate.check(database)
    doorbell = CeleryDoorbell(settings)
    policy = callback_policy_of(settings)
    postman = Postman(database, lambda outgoing: send(outgoing, policy))
    keeper = Keeper(database, FileStore.open(settings.files), doorbell, postman, settings.rules())
    log.info("a keeper is ready")
    _keep(keeper, postman, ended)
    postman.close()
    doorbell.close()
    database.close()
    tracing.stop()


def _keep(keeper: Keeper, postman: Postman, ended: threading.Event) -> None:
    is_away = False
    while not ended.is_set():
        begun = time.monotonic()
        try:
            keeper.round()
            if is_away:
                log.info("the keeper's round succeeds again")
            is_away = False
            while postman.is_busy and time.monotonic() - begun < ROUND_SECONDS:
                if ended.wait(POST_SECONDS):
                    break
                postman.go()
        except (DatabaseUnavailable, StorageError) as error:
            if not is_away:
                log.warning("a round failed; trying again", exc_info=error)
            is_away = True
            keeper.settle()
        except Exception:
            log.exception("unexpected error in a round")  # the next one may succeed
        ended.wait(max(0.0, ROUND_SECONDS - (time.monotonic() - begun)))
