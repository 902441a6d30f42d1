"""`POST /v1/steps/{step}/run`: one picture now."""

import asyncio
from collections.abc import Coroutine
from dataclasses import replace

from fastapi import APIRouter, Request
from starlette.responses import Response

from connector import logs
from connector.api import answers, forms
from connector.api.negotiation import Wanted, wanted
from connector.api.openapi import problems, run_body, run_responses
from connector.api.problems import ApiError, failure
from connector.runner.errors import QueueFull
from connector.runner.messages import Done, Failed, Order
from connector.service import Here
from steps import run as steps_run
from steps import validation
from steps.contract import AnyStep, Item, Output
from steps.imaging.encode import WRITABLE

router = APIRouter(tags=["steps"])

CLIENT_GONE = 499
"""Status in the log of a request whose client left; nobody reads it. nginx's number for the same."""


@router.post(
    "/v1/steps/{step}/run",
    operation_id="run_step",
    summary="Run a step on one picture, now",
    response_class=Response,
    responses={**run_responses(), **problems(400, 404, 406, 408, 413, 415, 422, 500, 503)},
    openapi_extra=run_body(),
)
async def run_step(step: str, request: Request, service: Here) -> Response:
    """Run a step on one picture and answer with the result.

    The answer is the picture itself, or with `Accept: application/json` every part and the report.
    When no result comes within the service's time limit, the answer is 503 `deadline-exceeded`.
    """
    found = service.registry.get(step)
    want = wanted(request.headers.get("accept"))
    if service.runner.full:  # asked before the body is read, so that it need not be sent
        raise QueueFull("too many pictures wait already")
    call = await forms.read(request, found, service.settings.max_body_bytes)
    order = _order(found, call, _output(call, want))
    answer = await _unless_client_leaves(request, service.runner.run(order))
    if answer is None:
        return Response(status_code=CLIENT_GONE)
    if isinstance(answer, Failed):
        raise failure(answer)
    if want.json:
        return await asyncio.to_thread(answers.as_json, answer)
    return answers.as_image(answer)


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


def _order(step: AnyStep, call: forms.Call, output: Output) -> Order:
    """Check the call here, where a mistake costs no worker's time, and make it an order."""
    item = Item(parts=call.parts)
    validation.parameters_of(step, call.parameters)
    steps_run.check_item(step, item)
    return Order(
        step=step.name,
        item=item,
        parameters=call.parameters,
        output=output,
        trace_id=logs.trace_id.get(),
    )


async def _unless_client_leaves(
    request: Request, work: Coroutine[None, None, Done | Failed]
) -> Done | Failed | None:
    """Return the work's answer, or None, with the work cancelled, when the client left before."""
    running = asyncio.create_task(work)
    leaving = asyncio.create_task(_left(request))
    try:
        await asyncio.wait([running, leaving], return_when=asyncio.FIRST_COMPLETED)
        return await running if running.done() else None
    finally:
        for task in (running, leaving):
            task.cancel()
        await asyncio.wait([running, leaving])


async def _left(request: Request) -> None:
    """Return when the client has closed the connection; the body must have been read."""
    while (await request.receive())["type"] != "http.disconnect":
        pass
