"""Everything of the job path, with a whole service before a fake ComfyUI."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from steps.imaging.decode import decode
from tests.comfy.fake.server import FakeServer, eventually
from tests.comfy.step.conftest import WORKFLOWS, write
from tests.comfy.step.jobs import body, create, ended, result, service, state
from tests.connector.service_process import ServiceProcess
from tests.steps.samples import photo, png


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return write(tmp_path_factory.mktemp("workflows"), WORKFLOWS)


@pytest.fixture(scope="module")
def server() -> Iterator[FakeServer]:
    with FakeServer() as running:
        yield running


@pytest.fixture(scope="module")
def running(server: FakeServer, folder: Path) -> Iterator[ServiceProcess]:
    with service(server.url, comfyui_workflows=folder) as started:
        yield started


@pytest.fixture
def comfy(server: FakeServer) -> FakeServer:
    """The server, as if it were new."""
    server.die()
    server.start()
    return server


def test_a_job_runs_a_workflow(running: ServiceProcess, comfy: FakeServer) -> None:
    job = ended(running, create(running, png(photo()), "copy"))
    assert job["status"] == "FINISHED", job
    assert (decode(result(running, job)).pages[0].pixels == photo()).all()
    (item,) = job["items"]
    (report,) = (part["report"] for part in item["parts"] if part["report"])
    assert (report["workflow"], report["serverVersion"]) == ("copy", "0.33.0")


def test_pictures_are_made_from_words_alone(running: ServiceProcess, comfy: FakeServer) -> None:
    inputs = {"prompt": "a chair", "width": 64, "height": 64, "count": 2}
    parameters = {"workflow": "text-to-image-refined", "inputs": inputs}
    call = {
        "steps": [{"step": "comfy-workflow", "parameters": parameters}],
        "items": [{"parts": []}],
    }
    job = ended(running, running.http.post("/v1/jobs", json=call).json()["id"])
    assert [part["filename"] for part in job["items"][0]["parts"]] == [
        "text-to-image-refined.1.png",
        "text-to-image-refined.2.png",
    ]
    url = "/v1/steps/comfy-workflow/run"
    inputs["count"] = 1
    now = running.http.post(url, json={"parameters": parameters, "parts": []})
    assert (now.status_code, now.headers["content-type"]) == (200, "image/png")
    assert decode(now.content).pages[0].size == (64, 64)


def test_the_catalogue_has_the_schema_of_every_workflow(running: ServiceProcess) -> None:
    described = running.http.get("/v1/steps/comfy-workflow").json()
    names = described["parameters"]["properties"]["workflow"]["enum"]
    assert {"upscale-4k", "copy"} <= set(names)
    longest = described["parameters"]["$defs"]["Upscale4kInputs"]["properties"]["longestSide"]
    assert (longest["default"], longest["maximum"]) == (4096, 16384)


def test_inputs_are_checked_before_a_job_is_made(running: ServiceProcess) -> None:
    call = body(png(photo()), "upscale-4k", longestSide=1)
    answer = running.http.post("/v1/jobs", json=call)
    assert answer.status_code == 422
    (error,) = answer.json()["errors"]
    assert error["pointer"] == "/steps/0/parameters/inputs/longestSide"


def test_a_cancelled_job_is_interrupted_at_the_server(
    running: ServiceProcess, comfy: FakeServer
) -> None:
    job = create(running, png(photo()), "slow")
    comfy.wait_for(lambda fake: fake.executor.slow_began)
    running.http.post(f"/v1/jobs/{job}/cancel").raise_for_status()
    assert ended(running, job)["status"] == "CANCELLED"
    eventually(lambda: comfy.fake.executor.running is None)
    assert "SaveImage" not in comfy.fake.executor.ran


def test_progress_comes_from_the_nodes(running: ServiceProcess, comfy: FakeServer) -> None:
    job = create(running, png(photo()), "slow")
    eventually(lambda: state(running, job)["progress"] > 0.25)
    assert state(running, job)["status"] == "RUNNING"
    comfy.release()
    assert ended(running, job)["progress"] == 1.0


def test_a_job_outlives_a_restart_of_the_server(running: ServiceProcess, comfy: FakeServer) -> None:
    job = create(running, png(photo()), "slow")
    comfy.wait_for(lambda fake: fake.executor.slow_began)
    comfy.die()
    comfy.start()
    comfy.wait_for(lambda fake: fake.executor.slow_began)
    comfy.release()
    done = ended(running, job)
    assert done["status"] == "FINISHED", done
    assert done["items"][0]["attempts"] == 2


def test_what_can_not_pass_is_tried_once(running: ServiceProcess, comfy: FakeServer) -> None:
    done = ended(running, create(running, png(photo()), "fails"))
    assert (done["status"], done["error"]["code"]) == ("FAILED", "step-failed")
    assert comfy.fake.executor.ran.count("Fails") == 1


def test_out_of_memory_is_tried_again(running: ServiceProcess, comfy: FakeServer) -> None:
    done = ended(running, create(running, png(photo()), "memory"))
    assert (done["status"], done["error"]["code"]) == ("FAILED", "out-of-memory")
    assert comfy.fake.executor.ran.count("OutOfMemory") == 3
