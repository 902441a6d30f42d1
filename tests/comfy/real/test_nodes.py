"""LoadImage → each of our nodes → SaveImage in a real ComfyUI, against a real service."""

from typing import Any

import numpy as np
import numpy.typing as npt
import pytest

from comfy_bridge.nodes.catalogue import shipped
from comfy_bridge.nodes.widgets import widgets_of
from tests.comfy.real.comfyui import ComfyUI, Graph
from tests.connector.fifo import Fifo
from tests.connector.service_process import ServiceProcess

pytestmark = pytest.mark.slow

Picture = npt.NDArray[np.uint8]
STEPS = {step.name: step for step in shipped()}


def meadow(height: int = 96, width: int = 128, seed: int = 0) -> Picture:
    """Return a picture with texture and nobody in it."""
    noise = np.random.default_rng(seed).integers(-30, 30, (height, width, 3))
    return np.clip(np.array([90, 140, 60]) + noise, 0, 255).astype(np.uint8)


def node(step: str, **values: Any) -> dict[str, Any]:
    """Return a step's node with its defaults, and these values."""
    found = STEPS[step]
    own = {widget.id: widget.default for widget in widgets_of(found.parameters)}
    name = "".join(word.capitalize() for word in step.split("-"))
    return {"class_type": f"Retusche{name}", "inputs": {**own, **values}}


def load(comfyui: ComfyUI, picture: Picture) -> dict[str, Any]:
    """Return a LoadImage of a picture; its outputs are IMAGE and MASK."""
    return {"class_type": "LoadImage", "inputs": {"image": comfyui.upload(picture)}}


def save(node_id: str) -> dict[str, Any]:
    """Return a SaveImage of a node's first output."""
    return {
        "class_type": "SaveImage",
        "inputs": {"images": [node_id, 0], "filename_prefix": "retusche"},
    }


def told(service: ServiceProcess, **values: Any) -> Graph:
    """Return a connection to a service, as node "to"."""
    inputs = {
        "name": "default",
        "url": f"http://127.0.0.1:{service.port}",
        "timeout": 60.0,
        "retries": 1,
        "parallel": 4,
    }
    return {"to": {"class_type": "RetuscheConnection", "inputs": {**inputs, **values}}}


def run_step(step: str, parameters: str = "{}", image: str = "load") -> dict[str, Any]:
    """Return a node that runs any step over the connection "to"."""
    inputs = {"step": step, "parameters": parameters, "image": [image, 0], "connection": ["to", 0]}
    return {"class_type": "RetuscheRunStep", "inputs": inputs}


def newest(service: ServiceProcess, back: int = 0) -> str:
    """Return how the newest job ended, or one before it."""
    job = service.http.get(f"/v1/jobs?limit={back + 1}").json()["jobs"][back]
    ended = service.http.get(f"/v1/jobs/{job['id']}", headers={"Prefer": "wait=20"})
    return str(ended.json()["status"])


def test_a_picture_with_nobody_in_it_comes_back_from_anonymize_bit_for_bit(
    comfyui: ComfyUI,
) -> None:
    picture = meadow()
    graph = {
        "load": load(comfyui, picture),
        "step": node("anonymize", image=["load", 0]),
        "save": save("step"),
        "mask": {"class_type": "MaskToImage", "inputs": {"mask": ["step", 1]}},
        "save mask": save("mask"),
    }
    found = comfyui.run(graph)
    assert np.array_equal(found["save"][0], picture)
    assert found["save mask"][0].shape[:2] == picture.shape[:2]
    assert not found["save mask"][0].any()


def test_a_batch_of_three_keeps_its_order(comfyui: ComfyUI) -> None:
    pictures = [meadow(seed=seed) for seed in (1, 2, 3)]
    graph: Graph = {str(n): load(comfyui, picture) for n, picture in enumerate(pictures)}
    pair = {"image1": ["0", 0], "image2": ["1", 0]}
    graph |= {
        "two": {"class_type": "ImageBatch", "inputs": pair},
        "three": {
            "class_type": "ImageBatch",
            "inputs": {"image1": ["two", 0], "image2": ["2", 0]},
        },
        "step": node("anonymize", image=["three", 0]),
        "save": save("step"),
    }
    found = comfyui.run(graph)["save"]
    assert [np.array_equal(a, b) for a, b in zip(found, pictures, strict=True)] == [True] * 3


def test_a_transparent_region_is_filled_and_the_rest_stays(comfyui: ComfyUI) -> None:
    picture = meadow()
    alpha = np.full(picture.shape[:2], 255, np.uint8)
    alpha[40:60, 50:80] = 0
    holed = np.where(alpha[..., None] == 0, 0, picture).astype(np.uint8)
    graph = {
        "load": load(comfyui, np.dstack([holed, alpha])),
        "step": node("inpaint", image=["load", 0], mask=["load", 1], dilate=2, feather=0),
        "save": save("step"),
    }
    (found,) = comfyui.run(graph)["save"]
    outside = np.ones(alpha.shape, bool)
    outside[34:66, 44:86] = False
    assert np.array_equal(found[outside], holed[outside])
    assert found[42:58, 52:78].mean() > 40  # no longer the black hole


def test_the_mask_of_a_picture_without_alpha_counts_as_none(comfyui: ComfyUI) -> None:
    graph = {
        "load": load(comfyui, meadow()),
        "step": node("inpaint", image=["load", 0], mask=["load", 1]),
        "save": save("step"),
    }
    error = comfyui.fail(graph)
    assert error["node_type"] == "RetuscheInpaint"
    assert "mask" in error["exception_message"]


def test_a_picture_is_continued_and_itself_unchanged(comfyui: ComfyUI) -> None:
    picture = meadow()
    graph = {
        "load": load(comfyui, picture),
        "step": node("outpaint", image=["load", 0], left=16, detector="none"),
        "save": save("step"),
    }
    (found,) = comfyui.run(graph)["save"]
    assert found.shape == (96, 144, 3)
    assert np.array_equal(found[:, 16:], picture)


def test_a_style_picture_of_another_size_paints_a_masked_half(comfyui: ComfyUI) -> None:
    picture = meadow()
    alpha = np.full(picture.shape[:2], 255, np.uint8)
    alpha[:, 64:] = 0  # ComfyUI's mask is 1 here
    graph = {
        "load": load(comfyui, np.dstack([picture, alpha])),
        "style": load(comfyui, np.random.default_rng(5).integers(0, 255, (80, 80, 3), np.uint8)),
        "step": node(
            "style-transfer",
            image=["load", 0],
            style_image=["style", 0],
            mask=["load", 1],
            feather=0,
        ),
        "save": save("step"),
    }
    (found,) = comfyui.run(graph)["save"]
    assert np.array_equal(found[:, :64], picture[:, :64])
    assert not np.array_equal(found[:, 64:], picture[:, 64:])


def test_upscale_doubles(comfyui: ComfyUI) -> None:
    graph = {
        "load": load(comfyui, meadow()),
        "step": node("upscale", image=["load", 0], factor=2.0),
        "save": save("step"),
    }
    (found,) = comfyui.run(graph)["save"]
    assert found.shape == (192, 256, 3)


def test_two_prompts_in_a_row_and_any_step_of_the_live_service(
    comfyui: ComfyUI, samples: ServiceProcess
) -> None:
    for seed in (7, 8):
        picture = meadow(seed=seed)
        graph = told(samples) | {
            "load": load(comfyui, picture),
            "step": run_step("copy"),
            "save": save("step"),
        }
        assert np.array_equal(comfyui.run(graph)["save"][0], picture)


def test_a_wrong_parameter_is_answered_with_those_that_there_are(
    comfyui: ComfyUI, samples: ServiceProcess
) -> None:
    graph = told(samples) | {
        "load": load(comfyui, meadow()),
        "step": run_step("echo", '{"strenght": 1}'),
        "save": save("step"),
    }
    said = comfyui.fail(graph)["exception_message"]
    assert "strenght" in said
    assert "strength" in said


def test_what_the_service_says_is_what_the_node_says(
    comfyui: ComfyUI, samples: ServiceProcess
) -> None:
    graph = told(samples) | {
        "load": load(comfyui, meadow()),
        "step": run_step("probe", '{"behaviour": "error"}'),
        "save": save("step"),
    }
    assert "as told" in comfyui.fail(graph)["exception_message"]


def test_a_service_that_is_down_is_named(comfyui: ComfyUI, samples: ServiceProcess) -> None:
    graph = told(samples, url="http://127.0.0.1:9", retries=0) | {
        "load": load(comfyui, meadow()),
        "step": run_step("copy"),
        "save": save("step"),
    }
    said = comfyui.fail(graph)["exception_message"]
    assert "http://127.0.0.1:9 does not answer" in said


def test_interrupting_cancels_the_remote_job(
    comfyui: ComfyUI, samples: ServiceProcess, fifo: Fifo
) -> None:
    graph = told(samples) | {
        "load": load(comfyui, meadow(seed=11)),
        "step": run_step("probe", f'{{"notify": "{fifo}"}}'),
        "save": save("step"),
    }
    prompt_id = comfyui.queue(graph)
    assert fifo.line().startswith("started")
    comfyui.http.post("/interrupt", json={"prompt_id": prompt_id})
    assert fifo.line() == "cancelled"
    history = comfyui.ended(prompt_id)
    assert "execution_interrupted" in [kind for kind, _ in history["status"]["messages"]]
    assert newest(samples) == "CANCELLED"


def test_when_another_node_fails_the_remote_job_is_cancelled(
    comfyui: ComfyUI, samples: ServiceProcess
) -> None:
    soon = told(samples, timeout=4.0)["to"]
    failing = run_step("probe")
    failing["inputs"]["connection"] = ["soon", 0]
    graph = told(samples) | {
        "soon": soon,
        "load": load(comfyui, meadow(seed=12)),
        "waiting": run_step("probe"),
        "failing": failing,
        "save 1": save("waiting"),
        "save 2": save("failing"),
    }
    error = comfyui.fail(graph)
    assert error["node_id"] == "failing"
    assert {newest(samples, back=0), newest(samples, back=1)} == {"CANCELLED"}


def test_out_of_time_cancels_the_remote_job(comfyui: ComfyUI, samples: ServiceProcess) -> None:
    graph = told(samples, timeout=2.0) | {
        "load": load(comfyui, meadow(seed=13)),
        "step": run_step("probe"),
        "save": save("step"),
    }
    assert "no result within 2 s" in comfyui.fail(graph)["exception_message"]
    assert newest(samples) == "CANCELLED"


def test_an_engines_job_is_made_and_its_pictures_fetched(
    comfyui: ComfyUI, samples: ServiceProcess
) -> None:
    picture = meadow(seed=14)
    graph = told(samples) | {
        "load": load(comfyui, picture),
        "give": {
            "class_type": "RetuscheToEngine",
            "inputs": {
                "image": ["load", 0],
                "what": '[{"step": "copy"}, {"step": "echo"}]',
                "callback": "",
                "correlation": "4711",
                "format": "image/png",
                "connection": ["to", 0],
            },
        },
        "fetch": {
            "class_type": "RetuscheFromEngine",
            "inputs": {"job_id": ["give", 0], "item": "", "connection": ["to", 0]},
        },
        "save": save("fetch"),
    }
    assert np.array_equal(comfyui.run(graph)["save"][0], picture)
    assert len(samples.http.get("/v1/jobs?correlation=4711").json()["jobs"]) >= 1


def test_a_flow_gets_pictures_and_gives_some(comfyui: ComfyUI, samples: ServiceProcess) -> None:
    picture = meadow(seed=15)
    graph = told(samples) | {
        "load": load(comfyui, picture),
        "flow": {
            "class_type": "RetuscheToFlow",
            "inputs": {
                "image": ["load", 0],
                "controller": ["to", 0],
                "template": "copy",
                "priority": 0,
                "connection": ["to", 0],
            },
        },
        "save": save("flow"),
    }
    assert np.array_equal(comfyui.run(graph)["save"][0], picture)
