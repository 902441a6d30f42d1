"""Inside a worker process: load the models once, then work off one order after the other."""

import hashlib
import logging
import os
import signal
from collections.abc import Callable
from contextlib import suppress
from multiprocessing.connection import Connection
from typing import Protocol

from connector import logs
from connector.runner.messages import Done, Failed, Order, Ready, ResultPart, WorkerPlan
from steps import run
from steps.contract import Context, Part, StepResult
from steps.environment import Environment
from steps.errors import BackendUnavailable, StepError, WeightsMissing
from steps.imaging.header import inspect
from steps.imaging.limits import Limits
from steps.registry import Registry

log = logging.getLogger(__name__)

_ENDLESS = 2**62
_NO_LIMITS = Limits(
    max_bytes=_ENDLESS,
    max_pixels=_ENDLESS,
    max_total_pixels=_ENDLESS,
    max_pages=_ENDLESS,
    max_side=_ENDLESS,
)
"""A result is measured, not refused."""


class CancelFlag(Protocol):
    """A number in shared memory: the order that is to stop. Read and written without a lock."""

    value: int


def serve(connection: Connection, cancelled: CancelFlag, plan: WorkerPlan) -> None:
    """Announce `Ready`, then answer each `Order` with `Done` or `Failed` until the pipe closes.

    A terminal's interrupt reaches the whole process group; here it is ignored, because the parent
    lets running work end first.
    """
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    logs.configure(plan.log_level)
    registry = plan.catalogue()
    connection.send(Ready(faults=_warm(registry, plan.environment) if plan.warm else ()))
    parent = os.getppid()
    with suppress(EOFError, ConnectionError):  # the parent closed the pipe, or is gone
        while True:
            _serve_one(connection, cancelled, registry, plan.environment, parent)


def _serve_one(
    connection: Connection,
    cancelled: CancelFlag,
    registry: Registry,
    environment: Environment,
    parent: int,
) -> None:
    order: Order = connection.recv()

    def is_cancelled() -> bool:
        # An orphan has nobody to answer to: it stops as if it were cancelled.
        return cancelled.value == order.number or os.getppid() != parent

    connection.send(execute(order, registry, environment, is_cancelled))


def _warm(registry: Registry, environment: Environment) -> tuple[str, ...]:
    faults = []
    for step in registry.all():
        try:
            step.load(step.usual_parameters(), environment)
        except StepError as error:
            log.warning("cannot warm up", extra={"step": step.name, "detail": error.detail})
            if not isinstance(error, WeightsMissing | BackendUnavailable):
                faults.append(f"{step.name}: {error.detail}")
    return tuple(faults)


def execute(
    order: Order, registry: Registry, environment: Environment, is_cancelled: Callable[[], bool]
) -> Done | Failed:
    """Run the step; turn whatever happens into a message."""
    logs.trace_id.set(order.trace_id)
    context = Context(environment=environment, output=order.output, is_cancelled=is_cancelled)
    try:
        return _done(run.run(registry.get(order.step), order.item, order.parameters, context))
    except StepError as error:
        if error.__cause__ is not None:
            log.exception("a step failed", extra={"step": order.step})
        return Failed.of(error)
    except Exception:
        log.exception("unexpected error in a step", extra={"step": order.step})
        return Failed(
            code=StepError.code,
            detail=f"the step failed unexpectedly; the service's log has trace {order.trace_id}",
        )


def _done(result: StepResult) -> Done:
    return Done(
        parts=tuple(_measured(part) for part in result.parts),
        report=result.report.model_dump(mode="json", by_alias=True),
    )


def _measured(part: Part) -> ResultPart:
    if not isinstance(part.content, bytes):
        raise TypeError(f"a step returned a decoded {part.role} part although it was to encode it")
    width, height = 0, 0
    if part.mime_type.startswith("image/"):
        width, height = inspect(part.content, limits=_NO_LIMITS).sizes[0]
    return ResultPart(
        content=part.content,
        mime_type=part.mime_type,
        filename=part.filename,
        type=part.type,
        role=part.role,
        sha256=hashlib.sha256(part.content).hexdigest(),
        width=width,
        height=height,
    )
