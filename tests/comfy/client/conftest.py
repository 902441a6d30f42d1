"""A fake server, and a client that does not wait for long."""

import asyncio
from collections.abc import Iterator
from typing import Any

import pytest

from comfy_bridge.client.follow import Finished, Told, run_prompt
from comfy_bridge.client.graph import Graph
from comfy_bridge.client.patience import Patience
from comfy_bridge.client.server import connected
from tests.comfy.fake.server import FakeServer
from tests.steps.samples import photo, png

QUICK = Patience(
    reach=0.5, open=0.5, gone=0.5, quiet=0.2, poll=0.05, stop=1.5, queue=30.0, run=30.0
)
PICTURE = png(photo((8, 6)))


@pytest.fixture
def comfy() -> Iterator[FakeServer]:
    """A ComfyUI with one picture in its input folder: "a.png"."""
    with FakeServer() as server:
        server.fake.folders.upload("a.png", "", PICTURE)
        yield server


def graph_of(kind: str = "ImageInvert", output: str = "SaveImage") -> Graph:
    """Return LoadImage → one node → SaveImage."""
    last: dict[str, Any] = {"images": ["2", 0]}
    if output == "SaveImage":
        last["filename_prefix"] = "made"
    return {
        "1": {"class_type": "LoadImage", "inputs": {"image": "a.png"}},
        "2": {"class_type": kind, "inputs": {"image": ["1", 0]}},
        "3": {"class_type": output, "inputs": last},
    }


def ignore(share: float, text: str) -> None:
    """Take progress and do nothing with it."""


def run(
    comfy: FakeServer, graph: Graph, tell: Told = ignore, patience: Patience = QUICK
) -> Finished:
    """Run a prompt to its end."""

    async def ran() -> Finished:
        async with connected(comfy.url) as server:
            return await run_prompt(server, graph, tell, patience)

    return asyncio.run(ran())
