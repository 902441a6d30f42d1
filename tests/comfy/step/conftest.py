"""The step against a fake server, with a few workflows of the tests' own."""

import json
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
import yaml

from comfy_bridge.client.patience import Patience
from comfy_bridge.step.running import Runner
from comfy_bridge.step.step import ComfyWorkflow
from tests.comfy.fake.server import FakeServer

QUICK = Patience(reach=0.5, open=0.5, gone=0.5, quiet=0.2, poll=0.05)
MASKS = {
    "2": {"class_type": "LoadImage", "inputs": {"image": "m.png"}},
    "3": {"class_type": "MaskToImage", "inputs": {"mask": ["2", 1]}},
    "4": {"class_type": "PreviewImage", "inputs": {"images": ["3", 0]}},
    "5": {"class_type": "LoadImageMask", "inputs": {"image": "m.png", "channel": "red"}},
    "6": {"class_type": "MaskToImage", "inputs": {"mask": ["5", 0]}},
    "7": {"class_type": "PreviewImage", "inputs": {"images": ["6", 0]}},
}
LOAD = {"class_type": "LoadImage", "inputs": {"image": "x.png"}}


def save(source: str) -> dict[str, Any]:
    """Return a SaveImage node."""
    return {"class_type": "SaveImage", "inputs": {"images": [source, 0], "filename_prefix": "x"}}


def through(kind: str) -> dict[str, Any]:
    """Return LoadImage → one node → SaveImage."""
    return {"1": LOAD, "2": {"class_type": kind, "inputs": {"image": ["1", 0]}}, "9": save("2")}


WORKFLOWS: dict[str, tuple[dict[str, Any], dict[str, Any]]] = {
    "copy": ({"1": LOAD, "9": save("1")}, {}),
    "invert": (through("ImageInvert"), {"licence": "AGPL-3.0"}),
    "slow": (through("Slow"), {"timeoutSeconds": 20}),
    "fails": (through("Fails"), {}),
    "memory": (through("OutOfMemory"), {}),
    "square": (
        {
            "1": LOAD,
            "2": {
                "class_type": "EmptyLatentImage",
                "inputs": {"width": 64, "height": 64, "batch_size": 1},
            },
            "3": {"class_type": "VAEDecode", "inputs": {"samples": ["2", 0], "vae": ["4", 2]}},
            "4": {
                "class_type": "CheckpointLoaderSimple",
                "inputs": {"ckpt_name": "sd_xl_base_1.0.safetensors"},
            },
            "9": save("3"),
        },
        {},
    ),
    "masks": (
        {"1": LOAD, **MASKS, "9": save("1")},
        {
            "parts": {"source": "1.image", "mask": ["2.image", "5.image"]},
            "outputs": [
                {"node": "4", "type": "META", "role": "mask"},
                {"node": "7", "type": "META", "role": "mask", "label": "red"},
                {"node": "9"},
            ],
        },
    ),
}


@pytest.fixture
def comfy() -> Iterator[FakeServer]:
    """One server."""
    with FakeServer() as server:
        yield server


@pytest.fixture
def second() -> Iterator[FakeServer]:
    """Another one."""
    with FakeServer("0.3.64") as server:
        yield server


def write(folder: Path, workflows: dict[str, tuple[dict[str, Any], dict[str, Any]]]) -> Path:
    """Write workflows and their declarations into a folder."""
    for name, (graph, changes) in workflows.items():
        declared = {"title": name, "parts": {"source": "1.image"}, "outputs": [{"node": "9"}]}
        (folder / f"{name}.api.json").write_text(json.dumps(graph))
        (folder / f"{name}.yaml").write_text(yaml.safe_dump(declared | changes))
    return folder


@pytest.fixture
def workflows(tmp_path: Path) -> Path:
    """A folder of workflows."""
    return write(tmp_path, WORKFLOWS)


@pytest.fixture
def step_on(workflows: Path, monkeypatch: pytest.MonkeyPatch) -> Callable[..., ComfyWorkflow]:
    """Make the step for some servers; it does not wait for long."""

    def made(*servers: FakeServer, patience: Patience = QUICK) -> ComfyWorkflow:
        monkeypatch.setenv("RETUSCHE_COMFYUI_URLS", ",".join(each.url for each in servers))
        monkeypatch.setenv("RETUSCHE_COMFYUI_WORKFLOWS", str(workflows))
        return ComfyWorkflow(Runner(patience))

    return made


@pytest.fixture
def step(comfy: FakeServer, step_on: Callable[..., ComfyWorkflow]) -> ComfyWorkflow:
    """The step for one server."""
    return step_on(comfy)
