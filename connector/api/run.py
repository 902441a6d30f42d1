"""`POST /v1/steps/{step}/run`: one picture now, as a job of one item that is waited for."""

import hashlib
import json
from dataclasses import asdict, replace
from typing import cast

from fastapi import APIRouter, Request
from pydantic import JsonValue
from sqlalchemy import Connection, update
from starlette.concurrency import run_in_threadpool
from starlette.responses import Response

from connector import logs
from connector.api import answers, forms, shown
from connector.api.door import TRACE_PARENT
from connector.api.leaving import CLIENT_GONE, abandon, unless_client_leaves
from connector.api.negotiation import Wanted, wanted
from connector.api.openapi import (
    CREATION,
    DATABASE,
    READING,
    WORK,
    problems,
    run_body,
    run_responses,
)
from connector.api.preferences import idempotency_key
from connector.api.problems import ApiError, failure
from connector.fetch.naming import media_type
from connector.jobs import read
from connector.jobs.create import Created, IdempotencyKey
from connector.jobs.ids import new_id
from connector.jobs.model import NewItem, NewJob, NewPart, StepCall
from connector.jobs.states import TERMINAL, Status
from connector.jobs.tables import jobs
from connector.jobs.views import ItemView
from connector.output import as_json
from connector.service import Here, Runner, Service
from connector.submit.items import UNKNOWN_TYPE
from connector.submit.job import create_job
from connector.submit.shelf import Shelf
from steps import run as steps_run
from steps import validation
from steps.contract import AnyStep, Item, Output, Part
from steps.imaging.encode import WRITABLE

router = APIRouter(tags=["steps"])


@router.post(
    "/v1/steps/{step}/run",
    operation_id="run_step",
    summary="Run a step on one picture, now",
    response_class=Response,
    responses={
        **run_responses(),
        **problems(*READING, *CREATION, *WORK, "step-unknown", "not-acceptable", *DATABASE),
    },
    openapi_extra=run_body(),
)
async def run_step(step: str, request: Request, service: Here, client: Runner) -> Response:
    """Run a step on one picture and answer with the result.

    The answer is the picture itself, or with `Accept: application/json` every part and the report.
    When no result comes within the service's time limit, the answer is 202 with a job that goes on.
    With `Idempotency-Key` the same call again gets the same result, and a connection that breaks stops
    nothing. Without one the result is deleted minutes after it was made.
    """
    found = service.registry.get(step)
    want = wanted(request.headers.get("accept"))
    call = await forms.read(request, found, service.settings.max_body_bytes)
    output = _output(call, want)
    _check(found, call)
    key = None
    if "idempotency-key" in request.headers:
        key = idempotency_key(request, await run_in_threadpool(_fingerprint, call, output))
    parent = request.scope[TRACE_PARENT]
    made = await run_in_threadpool(_create, service, client, found, call, output, key, parent)
    limit = service.settings.run_timeout_seconds
    waiting = service.hub.ended(made.job_id, limit, patient=True)
    ended = await unless_client_leaves(request, waiting)
    if ended is None:
        if key is None:
            await run_in_threadpool(abandon, service, client, made.job_id)
        return Response(status_code=CLIENT_GONE)
    return await run_in_threadpool(_answer, service, request, client, made.job_id, want)


def _answer(service: Service, request: Request, client: str, job_id: str, want: Wanted) -> Response:
    item = service.database.read(lambda tx: _looked(tx, job_id))
    if item.status not in TERMINAL:
        service.database.write(lambda tx: _becomes_a_job(tx, job_id))
        job = service.database.read(lambda tx: read.job(tx, client, job_id))
        return shown.accepted(service, request, job, [item])
    if item.error is not None:
        raise failure(item.error, job_id)
    if item.status is Status.CANCELLED:
        raise ApiError("cancelled", "the job was cancelled", job_id=job_id)
    answer = answers.as_json if want.json else answers.as_image
    return answer(item, service.files)


def _looked(tx: Connection, job_id: str) -> ItemView:
    (item,) = read.items_of(tx, job_id, limit=1)
    return item


def _becomes_a_job(tx: Connection, job_id: str) -> None:
    """Keep a run as long as any job, since its caller has to come back for the result."""
    tx.execute(update(jobs).where(jobs.c.id == job_id).values(kind="job"))


def _output(call: forms.Call, want: Wanted) -> Output:
    """Return how to encode the result, so that the caller accepts its type.

    Raises:
        ApiError: "not-acceptable", when `Accept` names picture types, but none that can be
            written, or not the one that `output` asks for.
    """
    if want.json or not want.image_types:
        return call.output
    asked = call.output.mime_type
    if asked is not None and asked not in want.image_types:
        raise ApiError(
            "not-acceptable",
            f"output.mimeType is {asked}, but Accept names only {', '.join(want.image_types)}",
        )
    possible = [name for name in want.image_types if name in WRITABLE]
    if not possible:
        raise ApiError(
            "not-acceptable",
            f"Accept names only {', '.join(want.image_types)}; accepted: image/*, "
            f"{', '.join(WRITABLE)}, application/json",
        )
    declared = call.parts[0].mime_type if call.parts else ""
    best = declared if declared in possible else possible[0]
    return replace(call.output, mime_type=asked or best)


def _check(step: AnyStep, call: forms.Call) -> None:
    """Check the call here, where a mistake costs no worker's time."""
    validation.parameters_of(step, call.parameters)
    steps_run.check_item(step, Item(parts=call.parts))


def _fingerprint(call: forms.Call, output: Output) -> str:
    """Return the hash of what was asked for: a multipart body is never the same twice, its boundary is random."""
    decisive = {
        "parameters": call.parameters,
        "output": asdict(output),
        "parts": [
            [part.type, part.role, part.filename, part.mime_type, _sha256(part)]
            for part in call.parts
        ],
    }
    return hashlib.sha256(json.dumps(decisive, sort_keys=True).encode()).hexdigest()


def _sha256(part: Part) -> str:
    return hashlib.sha256(_content(part)).hexdigest()


def _content(part: Part) -> bytes:
    if not isinstance(part.content, bytes):
        raise TypeError("a request's part holds bytes")
    return part.content


def _create(
    service: Service,
    client: str,
    step: AnyStep,
    call: forms.Call,
    output: Output,
    key: IdempotencyKey | None,
    trace_parent: str | None,
) -> Created:
    shelf = Shelf(service.database, service.files, client, service.now())
    try:
        stored, _ = shelf.store([_content(part) for part in call.parts], ())
        parts = tuple(
            NewPart(
                type=part.type.value,
                role=part.role.value,
                filename=part.filename,
                mime_type=media_type(part.mime_type)[:128] or UNKNOWN_TYPE,
                sha256=file.sha256,
                size_bytes=file.size_bytes,
            )
            for part, file in zip(call.parts, stored, strict=True)
        )
        job = NewJob(
            id=new_id(),
            client_id=client,
            kind="run" if key is None else "job",  # with a key it is kept as long as the key
            steps=(
                StepCall(step=step.name, parameters=cast("dict[str, JsonValue]", call.parameters)),
            ),
            queue=service.settings.queue_of([step.name]),
            output=as_json(output),
            trace_id=logs.trace_id.get(),
            trace_parent=trace_parent,
        )
        return create_job(
            service.database,
            service.doorbell,
            shelf,
            job,
            [NewItem(name="1", parts=parts)],
            service.rules,
            key=key,
            max_queued=service.settings.max_queued,
        )
    except Exception:
        shelf.give_up()
        raise
