"""The pages of one item through one workflow on one of the servers."""

import asyncio
import hashlib
import logging
import uuid
from collections.abc import Callable, Coroutine, Sequence
from contextlib import AsyncExitStack, suppress
from dataclasses import dataclass, replace
from typing import TypeVar

from comfy_bridge.client.errors import (
    AnswerUnexpected,
    ComfyError,
    PromptFailed,
    PromptLost,
    ServerUnreachable,
)
from comfy_bridge.client.follow import Finished, run_prompt
from comfy_bridge.client.patience import Patience
from comfy_bridge.client.pool import Pool
from comfy_bridge.client.server import Server, connected
from comfy_bridge.shelf.inputs import Inputs
from comfy_bridge.shelf.workflow import Workflow
from comfy_bridge.step.pictures import Pictures, loaded
from steps.contract import Context
from steps.errors import Cancelled
from steps.imaging.document import Page

log = logging.getLogger(__name__)

T = TypeVar("T")

SUBFOLDER = "retusche"
"""Of the servers' input and output folders."""
CANCEL_SECONDS = 0.2
"""Between two questions whether the caller gave up."""
_SENT, _RUN = 0.05, 0.9
"""Share of a page's progress after which its pictures are uploaded, and its prompt is done."""


@dataclass(frozen=True, kw_only=True)
class Made:
    """What became of one page."""

    pages: dict[str, tuple[Page, ...]]
    """Pictures by the node of each declared output."""
    finished: Finished
    version: str
    """Of the server."""


def stoppable(work: Coroutine[None, None, T], is_cancelled: Callable[[], bool]) -> T:
    """Run a coroutine to its end, in an event loop of its own, and cancel it when the caller gives up.

    Raises:
        Cancelled: the caller gave up.
    """

    async def watched() -> T:
        task = asyncio.ensure_future(work)
        while not task.done():
            await asyncio.wait({task}, timeout=CANCEL_SECONDS)
            if is_cancelled() and not task.done():
                task.cancel()
                await asyncio.wait({task})
                if task.cancelled():
                    raise Cancelled("the caller cancelled the work")
        return task.result()

    return asyncio.run(watched())


@dataclass(frozen=True, kw_only=True)
class Call:
    """One item's call."""

    workflow: Workflow
    inputs: Inputs
    seed: int
    context: Context
    patience: Patience


async def every_page(
    call: Call, pictures: Sequence[Callable[[], Pictures]], urls: Sequence[str], pool: Pool
) -> list[Made]:
    """Run the workflow once for each page.

    Args:
        call: workflow, inputs, and what surrounds the run.
        pictures: makes what ComfyUI loads for a page.
        urls: of the servers.
        pool: remembers which of them failed.

    Raises:
        ComfyError: it did not end well on the last server tried. Where one goes away in the middle, each of
            the others is tried once.
        Cancelled: the caller gave up.
    """
    made = []
    call = replace(call, context=_rising(call.context))
    async with AsyncExitStack() as stack:
        servers = [await stack.enter_async_context(connected(url)) for url in urls]
        for index, make in enumerate(pictures):
            start, end = index / len(pictures), (index + 1) / len(pictures)
            inner = replace(call, context=call.context.span(start, end))
            made.append(await _somewhere(inner, make(), servers, pool))
    return made


def _rising(context: Context) -> Context:
    """Return the context with progress that does not fall where a page is begun again on another server."""
    most = 0.0

    def told(fraction: float, message: str) -> None:
        nonlocal most
        most = max(most, fraction)
        context.on_progress(most, message)

    return replace(context, on_progress=told)


async def _somewhere(call: Call, pictures: Pictures, servers: Sequence[Server], pool: Pool) -> Made:
    """Run one page; the servers' own failures do not count as the work's while another server answers."""
    tries = len(servers)
    while True:
        server = await pool.choose(
            servers,
            call.patience,
            lambda: call.context.progress(0.0, "waiting for a ComfyUI server"),
        )
        tries -= 1
        try:
            return await _one_page(call, pictures, server)
        except (ServerUnreachable, PromptLost) as error:
            pool.failed(server)
            if tries == 0:
                raise
            log.warning("trying another ComfyUI server", extra={"error": str(error)})
        except PromptFailed as error:
            if error.is_out_of_memory:
                with suppress(ComfyError):
                    await server.free()
            raise


async def _one_page(call: Call, pictures: Pictures, server: Server) -> Made:
    context, workflow = call.context, call.workflow
    context.progress(0.0, "uploading")
    with context.phase("upload"):
        version = await server.version()
        names = {role: await _uploaded(server, content) for role, content in pictures.items()}
    running = context.span(_SENT, _RUN)
    with context.phase("workflow"):
        prefix = f"{SUBFOLDER}/{workflow.name}-{uuid.uuid4().hex}"
        graph = workflow.prompt(call.inputs, call.seed, names, prefix)
        patience = replace(call.patience, run=workflow.declaration.timeout_seconds)
        finished = await run_prompt(server, graph, running.progress, patience)
    context.progress(_RUN, "downloading")
    with context.phase("download"):
        pages = {
            output.node: await _downloaded(server, finished, output.node, context)
            for output in workflow.declaration.outputs
        }
    context.progress(1.0, "downloaded")
    return Made(pages=pages, finished=finished, version=version)


async def _uploaded(server: Server, content: bytes) -> str:
    """Upload a picture under the hash of its content: the same one is stored, and loaded, once."""
    name = f"{hashlib.sha256(content).hexdigest()[:32]}.png"
    return await server.upload(content, filename=name, subfolder=SUBFOLDER)


async def _downloaded(
    server: Server, finished: Finished, node: str, context: Context
) -> tuple[Page, ...]:
    limits = context.environment.limits
    pages = []
    for file in finished.outputs.get(node, ()):
        content = await server.download(file, max_bytes=limits.max_bytes)
        pages.append(loaded(content, file.filename, limits))
    if not pages:
        raise AnswerUnexpected(f"node {node}, declared as an output, gave no picture")
    return tuple(pages)
