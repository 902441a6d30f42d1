"""Whether the service lives and can work: for orchestrators, and where Spring-based engines look."""

import asyncio
from typing import Any, Literal

from fastapi import APIRouter
from pydantic import BaseModel
from starlette.responses import JSONResponse, Response

from connector.api.openapi import problems
from connector.api.problems import ApiError
from connector.service import VERSION, Here, Service
from steps.backends import registry as backends
from steps.backends.contract import Capability
from steps.errors import BackendError

router = APIRouter(tags=["health"])


class Up(BaseModel):
    """The service can do what was asked about."""

    status: Literal["UP"] = "UP"


class ActuatorHealth(BaseModel):
    """Spring Boot's form of health."""

    status: Literal["UP", "DOWN"]
    components: dict[str, dict[str, Any]]
    """`workers` and `models`, each with a status and what is wrong."""


@router.get("/health/live", operation_id="is_live", responses=problems(500))
async def is_live() -> Up:
    """Say that the process answers; restart it if it does not."""
    return Up()


@router.get("/health/ready", operation_id="is_ready", responses=problems(503))
async def is_ready(service: Here) -> Up:
    """Say whether a picture sent now would be worked on: a worker is up and default models are there."""
    faults = [*_worker_faults(service), *await asyncio.to_thread(model_faults, service)]
    if faults:
        raise ApiError("not-ready", "; ".join(faults))
    return Up()


@router.get(
    "/actuator/health",
    operation_id="actuator_health",
    response_model=ActuatorHealth,
    responses={503: {"model": ActuatorHealth, "description": "Not ready"}, **problems()},
)
async def actuator_health(service: Here) -> Response:
    """Answer as Spring Boot's actuator does: 200 and UP, or 503 and DOWN."""
    components = {
        "workers": _component(_worker_faults(service)),
        "models": _component(await asyncio.to_thread(model_faults, service)),
    }
    up = all(component["status"] == "UP" for component in components.values())
    health = ActuatorHealth(status="UP" if up else "DOWN", components=components)
    return JSONResponse(health.model_dump(), status_code=200 if up else 503)


@router.get("/actuator/info", operation_id="actuator_info", responses=problems(500))
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


def _worker_faults(service: Service) -> list[str]:
    if service.runner.failing:
        return ["no worker process can be started; the service's log says why"]
    if not service.runner.alive:
        return ["no worker process is ready yet"]
    return list(dict.fromkeys(f for worker in service.runner.alive for f in worker.faults))


def model_faults(service: Service) -> list[str]:
    """Say which step lacks a usable default backend, and what to do; asks the disk, loads nothing."""
    faults = []
    for step in service.registry.all():
        for capability in step.capabilities:
            try:
                backends.choose(Capability(capability), "auto", service.environment)
            except BackendError as error:
                faults.append(f"{step.name}: {error.detail}")
    return faults
