"""Pictures through a live service."""

import asyncio
from collections.abc import Callable
from typing import Any

import numpy as np
import pytest
from aiohttp import web

from comfy_bridge.nodes.service import engine, flow, work
from comfy_bridge.nodes.service.connection import Connection
from comfy_bridge.nodes.service.problems import Refused, TimedOut, WorkFailed
from comfy_bridge.nodes.service.progress import Progress
from comfy_bridge.nodes.service.results import Result
from comfy_bridge.nodes.service.session import Session, opened
from comfy_bridge.nodes.service.work import Given
from tests.comfy.nodes.conftest import noise, scripted, to
from tests.connector.fifo import Fifo
from tests.connector.service_process import ServiceProcess


def made(
    connection: Connection, step: str, items: list[Given], **parameters: Any
) -> tuple[list[Result], Progress]:
    progress = Progress()

    async def run() -> list[Result]:
        async with opened(connection) as session:
            call = {"step": step, "parameters": parameters}
            return await work.run(session, [call], items, progress)

    return asyncio.run(run()), progress


def newest(service: ServiceProcess) -> Any:
    """Return the newest job, once it has ended."""
    job = service.http.get("/v1/jobs?limit=1").json()["jobs"][0]
    return service.http.get(f"/v1/jobs/{job['id']}", headers={"Prefer": "wait=20"}).json()


@pytest.mark.parametrize("channels", [3, 4])
def test_a_batch_comes_back_in_its_order_bit_for_bit(connection: Connection, channels: int) -> None:
    pictures = [noise(channels=channels, seed=seed) for seed in range(3)]
    results, progress = made(connection, "copy", [Given({"source": each}) for each in pictures])
    for result, picture in zip(results, pictures, strict=True):
        assert np.array_equal(result.picture, picture)
        assert result.mask is None
        assert result.reports[0]["step"] == "copy"
    assert progress.fraction == 1.0
    assert progress.preview is not None


def test_the_mask_comes_beside_the_picture(connection: Connection) -> None:
    picture = noise()
    ((result,), _) = made(connection, "echo", [Given({"source": picture})])
    assert result.mask is not None
    assert result.mask.shape == picture.shape[:2]


def test_a_picture_that_serves_all_items_is_sent_once(connection: Connection) -> None:
    mask = noise(channels=1)[..., 0]
    items = [Given({"source": noise(seed=seed), "mask": mask}) for seed in range(3)]

    async def run() -> int:
        async with opened(connection) as session:
            return len(await work.send(session, items))

    assert asyncio.run(run()) == 4


def test_nothing_stays_on_the_service_after_success(
    connection: Connection, service: ServiceProcess
) -> None:
    before = service.http.get("/v1/jobs").json()["jobs"]
    made(connection, "copy", [Given({"source": noise()})])
    assert service.http.get("/v1/jobs").json()["jobs"] == before


def test_a_refused_parameter_is_named(connection: Connection) -> None:
    with pytest.raises(Refused, match="strength"):
        made(connection, "echo", [Given({"source": noise()})], strength=2)


def test_a_step_that_fails_says_why(connection: Connection) -> None:
    with pytest.raises(WorkFailed, match="as told"):
        made(connection, "probe", [Given({"source": noise()})], behaviour="error")


def test_several_results_of_one_picture_are_several_pictures(connection: Connection) -> None:
    picture = noise()
    results, _ = made(connection, "echo", [Given({"source": picture})] * 2, copies=2)
    assert len(results) == 4
    assert all(np.array_equal(result.picture, picture) for result in results)


def test_out_of_time_the_remote_job_is_cancelled(service: ServiceProcess) -> None:
    hasty = to(f"http://127.0.0.1:{service.port}", timeout=0.5)
    with pytest.raises(TimedOut, match=r"within 0\.5 s"):
        made(hasty, "probe", [Given({"source": noise()})])
    assert newest(service)["status"] == "CANCELLED"


def cancelled(
    connection: Connection, when: Callable[[], Any], coroutine: Callable[[Session], Any]
) -> None:
    """Run, and cancel every task of the loop as soon as `when` has returned, as ComfyUI does."""

    async def run() -> None:
        async with opened(connection) as session:
            await coroutine(session)

    async def prompt() -> None:
        running = asyncio.ensure_future(run())
        await asyncio.to_thread(when)
        assert not running.done()

    asyncio.run(prompt())  # its end cancels what still runs


def test_the_end_of_the_prompt_cancels_the_remote_job(
    connection: Connection, service: ServiceProcess, fifo: Fifo
) -> None:
    call = {"step": "probe", "parameters": {"notify": str(fifo)}}
    item = Given({"source": noise()})
    cancelled(
        connection, fifo.started, lambda session: work.run(session, [call], [item], Progress())
    )
    assert fifo.line() == "cancelled"
    assert newest(service)["status"] == "CANCELLED"


def test_a_job_whose_answer_never_arrived_is_cancelled_too(
    connection: Connection, service: ServiceProcess, monkeypatch: pytest.MonkeyPatch
) -> None:
    posted = asyncio.Event()
    real = Session.json

    async def slow(self: Session, method: str, path: str, **options: Any) -> Any:
        answer = await real(self, method, path, **options)
        if path == "/v1/jobs" and not posted.is_set():
            posted.set()
            await asyncio.sleep(60)  # on its way back
        return answer

    monkeypatch.setattr(Session, "json", slow)

    async def prompt() -> None:
        async with opened(connection) as session:
            call = {"step": "probe", "parameters": {}}
            item = Given({"source": noise()})
            running = asyncio.ensure_future(work.run(session, [call], [item], Progress()))
            await posted.wait()
            running.cancel()
            with pytest.raises(asyncio.CancelledError):
                await running

    asyncio.run(prompt())
    assert newest(service)["status"] == "CANCELLED"


def test_an_engine_s_job_is_made_and_fetched(
    connection: Connection, service: ServiceProcess
) -> None:
    pictures = [noise(seed=1), noise(seed=2)]

    async def run(item: str) -> list[Result]:
        async with opened(connection) as session:
            order = engine.Order('[{"step": "copy"}, {"step": "copy"}]', correlation="order-7")
            job_id = await engine.hand_over(session, order, pictures, Progress())
            return await engine.fetch(session, job_id, item, Progress())

    assert all(
        np.array_equal(result.picture, picture)
        for result, picture in zip(asyncio.run(run("")), pictures, strict=True)
    )
    (second,) = asyncio.run(run("2"))
    assert np.array_equal(second.picture, pictures[1])
    assert service.http.get("/v1/jobs?correlation=order-7").json()["jobs"]
    with pytest.raises(WorkFailed, match="no item '3'"):
        asyncio.run(run("3"))


def test_a_job_that_is_not_there_is_said_not_to_be(connection: Connection) -> None:
    async def run() -> None:
        async with opened(connection) as session:
            await engine.fetch(session, "01J00000000000000000000000", "", Progress())

    with pytest.raises(Refused, match="404"):
        asyncio.run(run())


def flowed(connection: Connection, template: str, pictures: list[Any]) -> list[Any]:
    async def run() -> list[Any]:
        async with opened(connection) as controller, opened(connection) as store:
            return await flow.run(controller, store, template, 0, pictures, Progress())

    return asyncio.run(run())


def test_a_flow_gets_pictures_and_gives_some(connection: Connection) -> None:
    pictures = [noise(seed=1), noise(seed=2)]
    found = flowed(connection, "copy", pictures)
    assert [np.array_equal(a, b) for a, b in zip(found, pictures, strict=True)] == [True, True]


def test_a_template_that_the_controller_lacks_is_answered_with_those_that_it_has(
    connection: Connection,
) -> None:
    with pytest.raises(WorkFailed, match=r"no template 'ocr'; it has: .*copy"):
        flowed(connection, "ocr", [noise()])


@pytest.mark.parametrize("status", flow.FAILED)
def test_a_flow_that_fails_says_so(status: str) -> None:
    async def answer(request: web.Request) -> web.Response:
        if request.path == "/job/template-names":
            return web.json_response(["ocr"])
        if request.path == "/job/create":
            return web.json_response({"jobExecutionID": 18, "traceID": None, "status": "STARTING"})
        if request.path == "/job/execution/18":
            return web.json_response({"jobExecutionID": 18, "traceID": "t-1", "status": status})
        file = {"id": "1", "contentUrl": "/c", "filename": "a.bmp", "mimeType": "image/bmp"}
        return web.json_response(file)

    async def run() -> None:
        async with scripted(answer) as session:
            await flow.run(session, session, "ocr", 0, [noise()], Progress())

    with pytest.raises(WorkFailed, match=f"flow's job 18 ended {status}, trace t-1"):
        asyncio.run(run())
