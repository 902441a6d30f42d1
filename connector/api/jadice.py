"""jadice flow's client interface over our templates: a flow client uses us as it uses a controller."""

from typing import Annotated, Any

from fastapi import APIRouter, Path, Request
from pydantic import TypeAdapter
from starlette.concurrency import run_in_threadpool
from starlette.responses import Response

from connector.api import json_bodies
from connector.api.door import TRACE_PARENT
from connector.api.json_bodies import JSON
from connector.api.openapi import CREATION, DATABASE, READING, problems, reads
from connector.api.openapi.schemas import content
from connector.api.preferences import idempotency_key
from connector.api.problems import ApiError
from connector.api.spool import Spooled, spooled
from connector.jadice import requests
from connector.jadice.results import result_parts
from connector.jadice.shapes import FlowJobRequest, JobInformation, ResultPart
from connector.jadice.states import FLOW_STATUS
from connector.jobs import numbers, read
from connector.jobs.create import IdempotencyKey
from connector.jobs.states import Status
from connector.jobs.views import JobView
from connector.service import KNOWN, Here, Reader, Runner, Service
from connector.submit.rejected import Rejected
from connector.submit.submission import submit
from steps import validation
from steps.errors import InvalidParameters

router = APIRouter(tags=["jadice flow"])

PAGE = 1000
"""Items read at a time."""

Number = Annotated[int, Path(ge=1, le=numbers.GREATEST, description="jobExecutionID of the job")]
_PARTS = TypeAdapter(list[ResultPart])


@router.get(
    "/job/template-names",
    operation_id="list_flow_templates",
    dependencies=[KNOWN],
    responses=problems(*DATABASE),
)
async def template_names(service: Here) -> list[str]:
    """List what a job can name as its `jobTemplateName`: the templates of this service, and every step."""
    return requests.names(service.templates, service.registry)


@router.post(
    "/job/create",
    operation_id="create_flow_job",
    response_model=JobInformation,
    responses=problems(*READING, *CREATION, *DATABASE),
    openapi_extra={
        "requestBody": {"required": True, "content": content(JSON, FlowJobRequest.__name__)},
        **reads("Idempotency-Key"),
    },
)
async def create_flow_job(request: Request, service: Here, client: Runner) -> Response:
    """Create a job as a flow client does. With `Idempotency-Key` the same call again gets the same job."""
    json_bodies.require(request)
    async with spooled(request) as body:
        key = idempotency_key(request, body.sha256)
        return await run_in_threadpool(_create, service, request, client, body, key)


def _create(
    service: Service, request: Request, client: str, body: Spooled, key: IdempotencyKey | None
) -> Response:
    given = _understood(body)
    head = requests.head_of(given, service.templates, service.registry)
    translated = requests.translated(given.items, head)
    bases = tuple({service.base_url(request), str(request.base_url).rstrip("/")})
    try:
        made = submit(
            service,
            client,
            translated.request,
            bases=bases,
            key=key,
            trace_parent=request.scope[TRACE_PARENT],
            also=numbers.number_of,
        )
    except Rejected as error:
        raise translated.rejected(error, ("/steps/0/parameters", "/jobTemplateName")) from None
    number, job = service.database.read(
        lambda tx: (numbers.number_of(tx, made.job_id), read.job(tx, client, made.job_id))
    )
    return _shown(service, request, number, job)


def _understood(body: Spooled) -> FlowJobRequest:
    given = json_bodies.parse(body.read(), "the body")
    if not isinstance(given, dict):
        raise ApiError("request-invalid", "the body must be a JSON object")
    try:
        return validation.validate(FlowJobRequest, given)
    except InvalidParameters as error:
        raise Rejected("request-invalid", error.detail, errors=error.errors) from None


@router.get(
    "/job/execution/{execution_id}",
    operation_id="get_flow_execution",
    response_model=JobInformation,
    responses=problems("not-found", "request-invalid", *DATABASE),
)
def get_execution(
    execution_id: Number, request: Request, service: Here, client: Reader
) -> Response:
    """Show where a job stands; ask again until it is FINISHED, FAILED or STOPPED."""
    return _shown(service, request, execution_id, _job(service, client, execution_id))


@router.get(
    "/job/result/{execution_id}",
    operation_id="get_flow_result",
    response_model=list[ResultPart],
    responses=problems("conflict", "not-found", "request-invalid", *DATABASE),
)
def get_result(execution_id: Number, request: Request, service: Here, client: Reader) -> Response:
    """List what the finished items of a job gave, in the order of the items; masks and reports are left out."""
    job = _job(service, client, execution_id)
    if not job.ended:
        detail = f"job {execution_id} is {FLOW_STATUS[job.status]}; its result is there once it is FINISHED"
        raise ApiError("conflict", detail, job_id=job.id)
    parts, after = list[ResultPart](), -1
    links = service.links(request)
    while True:
        page = service.database.read(
            lambda tx: read.items_of(
                tx,
                job.id,
                after=after,  # noqa: B023
                limit=PAGE,
                status=Status.FINISHED,
            )
        )
        for item in page:
            parts += result_parts(item, job, links)
        if len(page) < PAGE:
            break
        after = page[-1].ordinal
    return _json(_PARTS.dump_json(parts, by_alias=True), {})


def _job(service: Service, client: str, number: int) -> JobView:
    return service.database.read(
        lambda tx: read.job(tx, client, numbers.numbered(tx, client, number))
    )


def _shown(service: Service, request: Request, number: int, job: JobView) -> Response:
    shown = JobInformation(
        jobExecutionID=number, traceID=job.trace_id or None, status=FLOW_STATUS[job.status]
    )
    # A flow client knows three fields; who wants to know why a job failed follows the link.
    link = f'<{service.base_url(request)}/v1/jobs/{job.id}>; rel="describedby"'
    return _json(shown.model_dump_json(by_alias=True), {"Link": link})


def _json(content: Any, headers: dict[str, str]) -> Response:
    headers["Cache-Control"] = "no-store"
    return Response(content, headers=headers, media_type="application/json")
