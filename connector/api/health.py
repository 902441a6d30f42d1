"""Whether the service lives and can work: for orchestrators, and where Spring-based engines look."""

import asyncio
from collections.abc import Callable
from typing import Any, Literal

from fastapi import APIRouter
from pydantic import BaseModel
from sqlalchemy import Connection, select
from starlette.concurrency import run_in_threadpool
from starlette.responses import JSONResponse, Response

from connector.api.openapi import problems
from connector.api.problems import ApiError
from connector.jobs import migrate
from connector.jobs.errors import JobError
from connector.jobs.tables import workers
from connector.service import VERSION, Here, Service
from connector.storage.errors import StorageError
from steps.backends import registry as backends
from steps.backends.contract import Capability
from steps.errors import BackendError

router = APIRouter(tags=["health"])

SEEN_SECONDS = 15.0
"""A worker that has said nothing for so long counts as gone; it says something every other second."""
PROBE_SECONDS = 5.0
"""Longest look at one component: an orchestrator waits no longer than that."""
PROBE = b"retusche: is the storage writable?\n"


class Up(BaseModel):
    """The service can do what was asked about."""

    status: Literal["UP"] = "UP"


class ActuatorHealth(BaseModel):
    """Spring Boot's form of health."""

    status: Literal["UP", "DOWN"]
    components: dict[str, dict[str, Any]]
    """`database`, `workers`, `models` and `storage`, each with a status and what is wrong."""


@router.get("/health/live", operation_id="check_live", responses=problems())
async def is_live() -> Up:
    """Say that the process answers; restart it if it does not."""
    return Up()


@router.get("/health/ready", operation_id="check_ready", responses=problems("not-ready"))
async def is_ready(service: Here) -> Up:
    """Say whether a picture sent now would be worked on."""
    found = await _faults(service)
    faults = [fault for some in found.values() for fault in some]
    if faults:
        raise ApiError("not-ready", "; ".join(faults))
    return Up()


@router.get(
    "/actuator/health",
    operation_id="get_actuator_health",
    response_model=ActuatorHealth,
    responses={**problems(), 503: {"model": ActuatorHealth, "description": "Not ready"}},
)
async def actuator_health(service: Here) -> Response:
    """Answer as Spring Boot's actuator does: 200 and UP, or 503 and DOWN."""
    found = await _faults(service)
    up = not any(found.values())
    health = ActuatorHealth(
        status="UP" if up else "DOWN",
        components={name: _component(faults) for name, faults in found.items()},
    )
    return JSONResponse(health.model_dump(), status_code=200 if up else 503)


@router.get("/actuator/info", operation_id="get_actuator_info", responses=problems())
async def actuator_info(service: Here) -> dict[str, dict[str, str]]:
    """Say which version of the service and of each step runs."""
    return {
        "build": {"name": "retusche", "version": VERSION},
        "steps": {step.name: step.version for step in service.registry.all()},
    }


def _component(faults: list[str]) -> dict[str, Any]:
    if faults:
        return {"status": "DOWN", "details": {"faults": faults}}
    return {"status": "UP"}


async def _faults(service: Service) -> dict[str, list[str]]:
    """Return what is wrong, by component."""
    probes: dict[str, Callable[[Service], list[str]]] = {
        "database": _database_faults,
        "workers": _worker_faults,
        "storage": _storage_faults,
    }
    if service.settings.workers:
        # This installation's own workers have this machine's models; others say it in their rows.
        probes["models"] = model_faults
    found = await asyncio.gather(*(_in_time(probe, service) for probe in probes.values()))
    return dict(zip(probes, found, strict=True))


async def _in_time(probe: Callable[[Service], list[str]], service: Service) -> list[str]:
    try:
        async with asyncio.timeout(PROBE_SECONDS):
            return await run_in_threadpool(probe, service)
    except TimeoutError:
        return [f"no answer within {PROBE_SECONDS:g} seconds"]


def _database_faults(service: Service) -> list[str]:
    try:
        migrate.check(service.database)
    except JobError as error:
        return [error.detail]
    return []


def _worker_faults(service: Service) -> list[str]:
    def look(tx: Connection) -> list[Any]:
        seen = workers.c.seen_at > service.now() - SEEN_SECONDS
        return list(tx.execute(select(workers.c.ready, workers.c.faults).where(seen)).all())

    try:
        found = service.database.read(look)
    except Exception as error:  # the tables may not be there; "database" says what is wrong
        return [f"the database does not say which workers there are: {type(error).__name__}"]
    if not found:
        return ["no worker is there; start one, or see its log"]
    if not any(row.ready for row in found):
        return ["no worker is ready yet"]
    return list(dict.fromkeys(fault for row in found for fault in row.faults))


def _storage_faults(service: Service) -> list[str]:
    try:
        # The same few bytes each time, deleted at once: the store knows them by their hash.
        stored = service.files.put(PROBE)
        service.files.delete(stored.sha256)
    except StorageError as error:
        return [error.detail]
    return []


def model_faults(service: Service) -> list[str]:
    """Say which step lacks a usable default backend, and what to do; asks the disk, loads nothing.

    What no light core has, a diffusion model, is no fault of the service: who calls for it is told.
    """
    faults = []
    for step in service.registry.all():
        for capability in map(Capability, step.capabilities):
            if not backends.ships(capability):
                continue
            try:
                backends.choose(capability, "auto", service.environment)
            except BackendError as error:
                faults.append(f"{step.name}: {error.detail}")
    return faults
