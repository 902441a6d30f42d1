"""`GET /v1/templates`: the operator's named pipelines."""

from fastapi import APIRouter

from connector.api.openapi import problems
from connector.jobs.templates import TemplateStep
from connector.output import OutputOptions
from connector.service import KNOWN, Here
from steps.contract import Wire

router = APIRouter(tags=["templates"])


class TemplateAnswer(Wire):
    """A named pipeline."""

    name: str
    description: str
    steps: tuple[TemplateStep, ...]
    priority: int
    output: OutputOptions


class TemplateList(Wire):
    """Every named pipeline, by name."""

    templates: tuple[TemplateAnswer, ...]


@router.get(
    "/v1/templates", dependencies=[KNOWN], operation_id="list_templates", responses=problems()
)
async def list_templates(service: Here) -> TemplateList:
    """List the pipelines that a job can name instead of its steps."""
    return TemplateList(
        templates=tuple(
            TemplateAnswer(name=name, **dict(template))
            for name, template in sorted(service.templates.items())
        )
    )
