"""`GET /v1/steps` and `GET /v1/steps/{step}`: what can be done here. Loads no model."""

from collections.abc import Iterator
from typing import Any

from fastapi import APIRouter
from pydantic import BaseModel, JsonValue

from connector.api.openapi import problems
from connector.service import KNOWN, Here, Service
from steps.backends.contract import Capability
from steps.backends.registry import availability, backend_classes
from steps.contract import AnyStep, Role, Wire
from steps.environment import Environment
from steps.imaging.encode import WRITABLE
from steps.imaging.sniff import READABLE

router = APIRouter(tags=["steps"])


class StepSummary(Wire):
    """A step in the list."""

    name: str
    version: str
    """Semantic version of the behaviour; a change of the produced bytes changes it."""
    title: str
    summary: str
    links: dict[str, str]
    """Paths: `self`, the description; `run`, where to post a picture."""


class StepList(Wire):
    """Every step of this installation, by name."""

    steps: tuple[StepSummary, ...]


class InputDescription(Wire):
    """A kind of part that a step takes."""

    role: Role
    required: bool
    description: str
    media_types: tuple[str, ...]
    """Accepted types."""


class LimitsDescription(Wire):
    """What this installation takes at most."""

    body_bytes: int
    """Bytes of a request."""
    run_seconds: float
    """Seconds until a run is given up."""
    file_bytes: int
    """Bytes of one picture's file."""
    page_pixels: int
    """Pixels of one page."""
    total_pixels: int
    """Pixels of all pages together."""
    pages: int
    """Pages of one file."""
    side: int
    """Longer side, px."""


class BackendDescription(Wire):
    """A model implementation that the step can use."""

    name: str
    """What the parameter of the capability takes."""
    capability: str
    summary: str
    licence: str
    """SPDX name, the strictest of code and weights."""
    source: str
    commercial: bool
    """Whether the licence allows commercial use."""
    usable: bool
    """Whether it can be used in this installation."""
    reason: str | None
    """Why it cannot be used, and what to do about it; null when it can."""


class StepDescription(StepSummary):
    """Everything about a step."""

    parameters: dict[str, JsonValue]
    """JSON Schema of the parameters."""
    report: dict[str, JsonValue]
    """JSON Schema of the report."""
    inputs: tuple[InputDescription, ...]
    output_media_types: tuple[str, ...]
    """Types that results can be written as."""
    limits: LimitsDescription
    backends: tuple[BackendDescription, ...]


@router.get("/v1/steps", operation_id="list_steps", dependencies=[KNOWN], responses=problems())
async def list_steps(service: Here) -> StepList:
    """List the steps of this installation."""
    return StepList(steps=tuple(StepSummary(**_summary(s)) for s in service.registry.all()))


@router.get(
    "/v1/steps/{step}",
    operation_id="describe_step",
    dependencies=[KNOWN],
    responses=problems("step-unknown"),
)
def describe_step(step: str, service: Here) -> StepDescription:
    """Describe a step: its parameters, inputs, limits and backends."""
    found = service.registry.get(step)
    return StepDescription(
        **_summary(found),
        parameters=_schema(found.parameters),
        report=_schema(found.report, "serialization"),
        inputs=tuple(
            InputDescription(
                role=wanted.role,
                required=wanted.required,
                description=wanted.description,
                media_types=wanted.media_types or tuple(sorted(READABLE)),
            )
            for wanted in found.inputs
        ),
        output_media_types=tuple(WRITABLE),
        limits=_limits(service),
        backends=tuple(_backends(found, service.environment)),
    )


def _summary(step: AnyStep) -> dict[str, Any]:
    path = f"/v1/steps/{step.name}"
    return {
        "name": step.name,
        "version": step.version,
        "title": step.title,
        "summary": step.summary,
        "links": {"self": path, "run": f"{path}/run"},
    }


def _schema(model: type[BaseModel], mode: Any = "validation") -> dict[str, JsonValue]:
    return model.model_json_schema(by_alias=True, mode=mode)


def _limits(service: Service) -> LimitsDescription:
    limits = service.environment.limits
    return LimitsDescription(
        body_bytes=service.settings.max_body_bytes,
        run_seconds=service.settings.run_timeout_seconds,
        file_bytes=limits.max_bytes,
        page_pixels=limits.max_pixels,
        total_pixels=limits.max_total_pixels,
        pages=limits.max_pages,
        side=limits.max_side,
    )


def _backends(step: AnyStep, environment: Environment) -> Iterator[BackendDescription]:
    for capability in step.capabilities:
        for backend in backend_classes(Capability(capability)):
            state = availability(backend.descriptor, environment)
            yield BackendDescription(
                name=backend.descriptor.name,
                capability=capability,
                summary=backend.descriptor.summary,
                licence=backend.descriptor.licence,
                source=backend.descriptor.source,
                commercial=backend.descriptor.commercial,
                usable=state.usable,
                reason=state.reason,
            )
