"""What a ComfyUI node adds to the same work called by curl: `python -m benchmarks.comfy`.

One picture of 12 megapixels, the same step, the same service, in turns: curl with PNG (what a file without loss
usually is), with JPEG, with BMP (what the node sends), and the node's own path, from ComfyUI's floats to floats
again. "over curl" is the median of the rounds' ratios; processor time is that of the client and of every process
of the service together, and the one to trust on a machine that does other work. Also how long each
lossless form takes. The whole is written to benchmarks/results/comfy.json, parts to benchmarks/output.

    python -m benchmarks.comfy                     (needs curl and the default weights; minutes)
    python -m benchmarks.comfy --quick             (one round, one step)
"""

import argparse
import asyncio
import io
import os
import resource
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from statistics import median
from typing import TypeVar

import numpy as np
from PIL import Image

from benchmarks.queue.processes import children, processor_seconds, running
from benchmarks.queue.services import free_port
from benchmarks.shared.results import Results
from benchmarks.shared.tables import Cell
from comfy_bridge.nodes.pixels import Bytes, Floats, to_bytes, to_floats
from comfy_bridge.nodes.service import work
from comfy_bridge.nodes.service.connection import Connection
from comfy_bridge.nodes.service.progress import Progress
from comfy_bridge.nodes.service.session import opened
from steps.contract import Output
from steps.imaging.decode import decode
from steps.imaging.encode import encode
from steps.imaging.limits import Limits

T = TypeVar("T")

PHOTO = Path(__file__).parents[1] / "docs" / "pictures" / "bus-before.jpg"
SIZE = (4000, 3000)
STEPS = ("anonymize", "style-transfer")
PARAMETERS: Mapping[str, Mapping[str, str]] = {
    "anonymize": {},
    "style-transfer": {"style": "ochre-oil"},
}
ROUNDS = 3
FORMS: Mapping[str, Mapping[str, int]] = {"BMP": {}, "PNG": {"compress_level": 1}, "TIFF": {}}
CURL = {"PNG": "image/png", "JPEG": "image/jpeg", "BMP": "image/bmp"}


@dataclass(frozen=True)
class Cost:
    """What one call took."""

    wall: float
    """Seconds by the clock."""
    processor: float
    """Seconds of processor time, client and service."""


def main(arguments: Sequence[str] | None = None) -> None:
    """Measure, print, write."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0] if __doc__ else "")
    parser.add_argument("--quick", action="store_true")
    quick = parser.parse_args(arguments).quick
    results = Results("comfy", ("aiohttp",))
    picture = photo()
    results.table(
        f"One picture of {SIZE[0]}×{SIZE[1]}, without loss: processor seconds and MB",
        ("form", "node encodes", "service decodes", "service encodes", "node decodes", "sum", "MB"),
        [_form(name, options, picture) for name, options in FORMS.items()],
    )
    with tempfile.TemporaryDirectory() as folder:
        rows = _against_curl(picture, Path(folder), STEPS[-1:] if quick else STEPS, quick)
    results.table(
        f"A node and curl on /run, {SIZE[0]}×{SIZE[1]}, median of {1 if quick else ROUNDS} rounds",
        ("call", "s", "s, processor", "node over it", "node over it, processor"),
        rows,
    )
    results.write(whole=not quick)


def photo() -> Bytes:
    """Return a photo of 12 megapixels with people, and with the grain that enlarging takes away."""
    enlarged = Image.open(PHOTO).convert("RGB").resize(SIZE, Image.Resampling.LANCZOS)
    grain = np.random.default_rng(0).integers(-5, 6, (SIZE[1], SIZE[0], 3))
    grained = np.asarray(enlarged, np.int16) + grain
    return np.asarray(np.clip(grained, 0, 255), dtype=np.uint8)


def _form(name: str, options: Mapping[str, int], picture: Bytes) -> list[Cell]:
    def encoded() -> bytes:
        buffer = io.BytesIO()
        Image.fromarray(picture).save(buffer, name, **options)
        return buffer.getvalue()

    content, out = _processor(encoded)
    document, read = _processor(lambda: decode(content, limits=Limits()))
    kind = f"image/{name.lower()}"
    (answer, _), written = _processor(lambda: encode(document, Output(mime_type=kind)))
    _, back = _processor(lambda: np.asarray(Image.open(io.BytesIO(answer)).convert("RGB")))
    times = [out, read, written, back]
    return [name, *times, sum(times), len(content) / 1e6]


def _processor(call: Callable[[], T]) -> tuple[T, float]:
    began = time.process_time()
    return call(), time.process_time() - began


def _against_curl(
    picture: Bytes, folder: Path, steps: Sequence[str], quick: bool
) -> list[list[Cell]]:
    files = {}
    for form in CURL:
        files[form] = folder / f"photo.{form.lower()}"
        Image.fromarray(picture).save(files[form], form, quality=92)
    floats = to_floats([picture])
    port = free_port()
    environment = {"RETUSCHE_PORT": str(port), "RETUSCHE_DATA_DIR": str(folder / "data")}
    command = (sys.executable, "-c", "from connector.cli import main; main()", "serve")
    rows: list[list[Cell]] = []
    with running(
        command, folder / "log", ready=["a worker process is ready"], environment=environment
    ) as pid:
        url = f"http://127.0.0.1:{port}"
        for step in steps:
            calls = {
                f"{step}, curl with {form}": _curl(url, step, files[form], folder) for form in CURL
            }
            calls[f"{step}, node"] = _node(url, step, floats)
            for call in list(calls.values())[-2:]:
                call()  # models are loaded and the pages of memory there
            rounds = 1 if quick else ROUNDS
            costs = {name: [_cost(call, pid)] for name, call in calls.items()}
            for _ in range(rounds - 1):
                for name, call in calls.items():
                    costs[name].append(_cost(call, pid))
            rows += _rows(costs)
    return rows


def _rows(costs: Mapping[str, Sequence[Cost]]) -> list[list[Cell]]:
    *_, node = costs.values()
    rows: list[list[Cell]] = []
    for name, own in costs.items():
        wall = median(n.wall / each.wall for n, each in zip(node, own, strict=True))
        processor = median(n.processor / each.processor for n, each in zip(node, own, strict=True))
        rows.append(
            [name, median(c.wall for c in own), median(c.processor for c in own), wall, processor]
        )
    return rows


def _curl(url: str, step: str, file: Path, folder: Path) -> Callable[[], object]:
    query = "&".join(f"{name}={value}" for name, value in PARAMETERS[step].items())
    kind = CURL[file.suffix[1:].upper()]
    command = ["curl", "-sS", "--fail", "--data-binary", f"@{file}", "-H", f"Content-Type: {kind}"]
    command += ["-o", str(folder / "answer"), f"{url}/v1/steps/{step}/run?{query}"]
    return lambda: subprocess.run(command, check=True)


def _node(url: str, step: str, image: Floats) -> Callable[[], object]:
    connection = Connection(url=url, key=None, timeout=600, retries=1, parallel=4)
    call = {"step": step, "parameters": dict(PARAMETERS[step])}

    async def run() -> Floats:
        items = [work.Given({"source": to_bytes(each)}) for each in image]
        async with opened(connection) as session:
            results = await work.run(session, [call], items, Progress())
        return to_floats([each.picture for each in results])

    return lambda: asyncio.run(run())


def _cost(call: Callable[[], object], service: int) -> Cost:
    def used() -> float:
        of_service = processor_seconds([service, *children(service)])
        curl = resource.getrusage(resource.RUSAGE_CHILDREN)
        return of_service + curl.ru_utime + curl.ru_stime + sum(os.times()[:2])

    before, began = used(), time.perf_counter()
    call()
    return Cost(wall=time.perf_counter() - began, processor=used() - before)


if __name__ == "__main__":
    main()
