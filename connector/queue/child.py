"""What runs inside the processes that the supervisor starts."""

import logging
import multiprocessing
import os
import threading
from collections.abc import Callable
from multiprocessing.connection import wait

from connector import logs
from connector.queue import keeper, worker
from connector.queue.worker import WorkerOptions
from connector.settings import Settings
from steps.registry import Registry

log = logging.getLogger(__name__)


def work(settings: Settings, catalogue: Callable[[], Registry], options: WorkerOptions) -> None:
    """Be a worker until told to end, or until the supervisor is gone."""
    _live(settings, lambda ended: worker.run(settings, catalogue, options, ended))


def keep(settings: Settings) -> None:
    """Be a keeper until told to end, or until the supervisor is gone."""
    _live(settings, lambda ended: keeper.run(settings, ended, is_child=True))


def _live(settings: Settings, run: Callable[[threading.Event], None]) -> None:
    logs.configure(settings.log_level)
    ended = threading.Event()
    parent = multiprocessing.parent_process()
    if parent is None:
        raise RuntimeError("only the supervisor starts this")
    # A daemon thread: it waits for as long as the parent lives.
    threading.Thread(target=_watch, args=(parent.sentinel, ended), daemon=True).start()
    code = 0
    try:
        run(ended)
    except Exception:
        log.exception("a child process failed")
        code = 1
    # Threads of model runtimes must not keep a process that has handed everything back.
    logging.shutdown()
    os._exit(code)


def _watch(sentinel: int, ended: threading.Event) -> None:
    wait([sentinel])
    log.warning("the service is gone; ending", extra={"pid": os.getpid()})
    ended.set()
