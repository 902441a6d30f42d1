"""Jobs with "comfy-workflow" through a whole service on a real ComfyUI; no model files are needed."""

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from comfy_bridge.shelf.shelf import open_shelf
from steps.contract import Output
from steps.imaging.decode import decode
from steps.imaging.document import Document, Page
from steps.imaging.encode import encode
from steps.imaging.writing.png import write_samples
from tests.comfy.fake.nodes import KINDS
from tests.comfy.fake.server import eventually
from tests.comfy.real.comfyui import ComfyUI
from tests.comfy.step.conftest import LOAD, WORKFLOWS, save, write
from tests.comfy.step.jobs import create, ended, part, result, service, state
from tests.connector.service_process import ServiceProcess
from tests.steps.samples import mask, png

pytestmark = pytest.mark.slow

PATIENT = 180.0
"""Seconds: forty blurs on a busy machine."""

BLURS = 40
"""Nodes of about a third of a second each: ComfyUI looks for an interruption between two of them."""
BLUR: dict[str, Any] = {"class_type": "ImageBlur", "inputs": {"blur_radius": 31, "sigma": 10.0}}


def blurs() -> dict[str, Any]:
    """Return LoadImage → many blurs → SaveImage."""
    graph: dict[str, Any] = {"1": LOAD}
    for number in range(2, BLURS + 2):
        graph[str(number)] = {**BLUR, "inputs": {**BLUR["inputs"], "image": [str(number - 1), 0]}}
    return graph | {"99": save(str(BLURS + 1))}


@pytest.fixture(scope="session")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    slow: tuple[dict[str, Any], dict[str, Any]] = (blurs(), {"outputs": [{"node": "99"}]})
    workflows = {"copy": WORKFLOWS["copy"], "masks": WORKFLOWS["masks"], "blurs": slow}
    return write(tmp_path_factory.mktemp("workflows"), workflows)


@pytest.fixture(scope="session")
def engine(comfyui: ComfyUI, folder: Path) -> Iterator[ServiceProcess]:
    """A service that uses the ComfyUI at hand."""
    with service(comfyui.url, comfyui_workflows=folder) as running:
        yield running


def noise(channels: int, size: tuple[int, int] = (403, 301)) -> np.ndarray[Any, np.dtype[np.uint8]]:
    """Return a picture in which every pixel counts."""
    width, height = size
    return np.random.default_rng(channels).integers(0, 256, (height, width, channels), np.uint8)


@pytest.mark.parametrize("channels", [3, 4])
def test_where_nothing_changes_every_pixel_comes_back(
    engine: ServiceProcess, comfyui: ComfyUI, channels: int
) -> None:
    picture = noise(channels)
    job = ended(engine, create(engine, write_samples(picture), "copy"))
    assert job["status"] == "FINISHED", job
    page = decode(result(engine, job)).pages[0]
    assert np.array_equal(page.pixels, picture[..., :3])
    if channels == 4:
        assert page.alpha is not None
        assert np.array_equal(page.alpha, picture[..., 3])
    (report,) = (each["report"] for each in job["items"][0]["parts"] if each["report"])
    assert report["serverVersion"] == comfyui.version
    assert [node["classType"] for node in report["nodes"]] == ["LoadImage", "SaveImage"]


def test_every_page_comes_back(engine: ServiceProcess) -> None:
    pages = tuple(Page(pixels=noise(3, size)) for size in ((64, 48), (33, 65), (64, 48)))
    content, _ = encode(Document(pages=pages, mime_type="image/tiff"), Output())
    job = ended(engine, create(engine, content, "copy"))
    made = decode(result(engine, job)).pages
    assert [np.array_equal(a.pixels, b.pixels) for a, b in zip(made, pages, strict=True)] == [
        True
    ] * 3


def test_every_way_to_load_a_mask_agrees(engine: ServiceProcess) -> None:
    marked = mask((403, 301))
    job = ended(engine, create(engine, write_samples(noise(3)), "masks", mask=png(marked)))
    assert job["status"] == "FINISHED", job
    masks = [each for each in job["items"][0]["parts"] if each["role"] == "mask" and each["report"]]
    assert len(masks) == 2
    for each in masks:
        assert np.array_equal(decode(part(engine, each)).pages[0].pixels[..., 0], marked)


def test_a_cancelled_job_stops_at_the_server(engine: ServiceProcess, comfyui: ComfyUI) -> None:
    job = create(engine, write_samples(noise(3, (500, 500))), "blurs")
    eventually(lambda: state(engine, job)["progress"] > 0.1, PATIENT)
    engine.http.post(f"/v1/jobs/{job}/cancel").raise_for_status()
    assert ended(engine, job)["status"] == "CANCELLED"
    eventually(lambda: not comfyui.http.get("/queue").json()["queue_running"], PATIENT)
    entries = comfyui.http.get("/history").json().values()
    (interrupted,) = [each for each in entries if len(each["prompt"][2]) == BLURS + 2]
    kinds = [kind for kind, _ in interrupted["status"]["messages"]]
    assert "execution_interrupted" in kinds


def test_a_job_that_waits_leaves_the_queue(engine: ServiceProcess, comfyui: ComfyUI) -> None:
    picture = comfyui.upload(noise(3, (500, 500)))
    graph = blurs()
    graph["1"] = {"class_type": "LoadImage", "inputs": {"image": picture}}
    before = comfyui.queue(graph)
    job = create(engine, write_samples(noise(3)), "copy")
    eventually(lambda: "in the queue" in state(engine, job)["items"][0]["phase"])
    engine.http.post(f"/v1/jobs/{job}/cancel").raise_for_status()
    assert ended(engine, job)["status"] == "CANCELLED"
    assert comfyui.http.get("/queue").json()["queue_pending"] == []
    comfyui.http.post("/interrupt", json={"prompt_id": before})
    comfyui.ended(before)


def test_when_a_server_is_killed_another_one_goes_on(comfyui: ComfyUI, folder: Path) -> None:
    """The one that is killed is the less loaded one; the other is free again when it is needed."""
    with ComfyUI(comfyui.checkout, {}) as other:
        urls = f"{comfyui.url},{other.url}"
        with service(urls, comfyui_workflows=folder) as running:
            graph = blurs()
            picture = comfyui.upload(noise(3, (1000, 1000)))
            graph["1"] = {"class_type": "LoadImage", "inputs": {"image": picture}}
            busy = comfyui.queue(graph)
            job = create(running, write_samples(noise(3, (250, 250))), "blurs")
            eventually(lambda: state(running, job)["progress"] > 0.1, PATIENT)
            other.kill()
            comfyui.http.post("/interrupt", json={"prompt_id": busy})
            done = ended(running, job, PATIENT)
    assert done["status"] == "FINISHED", done
    assert done["items"][0]["attempts"] == 1


def test_the_shipped_workflows_fit_this_version(comfyui: ComfyUI) -> None:
    known = comfyui.http.get("/object_info").json()
    for workflow in open_shelf(None).workflows.values():
        for node in workflow.graph.values():
            inputs = known[node["class_type"]]["input"]
            assert inputs["required"].keys() <= node["inputs"].keys()
            assert node["inputs"].keys() <= {*inputs["required"], *inputs.get("optional", ())}


@pytest.mark.parametrize("name", KINDS)
def test_the_fake_has_the_real_inputs(comfyui: ComfyUI, name: str) -> None:
    real = comfyui.http.get(f"/object_info/{name}").json()[name]
    ours = KINDS[name].described()
    assert ours["input"]["required"].keys() == real["input"]["required"].keys()
    assert ours["output_node"] == real["output_node"]
    for each, spec in ours["input"]["required"].items():
        assert _bounds(spec) == _bounds(real["input"]["required"][each]) or spec[0] == "STRING"


def _bounds(spec: list[Any]) -> tuple[Any, ...]:
    """Return type and bounds; choices differ by what is installed, and COMBO is their newer name."""
    options = spec[1] if len(spec) > 1 else {}
    kind = "COMBO" if isinstance(spec[0], list) else spec[0]
    return kind, options.get("min"), options.get("max")
