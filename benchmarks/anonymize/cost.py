"""What the step costs: seconds and memory by the size of the picture, and where the seconds go.

One process for each size: it loads the models, anonymizes a small picture (so that nothing is done for the first
time), then the same JPEG several times, from bytes to bytes. Peak memory is the whole process's.
"""

import tempfile
import time
from collections.abc import Sequence
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from statistics import median
from typing import Any

import cv2
import numpy as np

from benchmarks.anonymize.scenes import Scene, scene
from benchmarks.shared import child
from steps.contract import Context, Item, Part
from steps.environment import Environment
from steps.imaging.document import Pixels
from steps.run import run_step

PEOPLE = (0.45, 0.42, 0.4, 0.36, 0.1, 0.05)
"""Heights as shares of the picture's height: people are 8 % of its area, as in a street photo."""
LARGEST = 24
"""Megapixels at which the picture is made; smaller ones are scaled down from it."""
SCENES = {"garage": 3, "cup": 7}
"""Seeds by scene: a motorcycle, parts of which are taken for somebody once the people are gone, so that a second round
follows; and a coffee cup, where one round suffices. Six people each."""
PLAIN = ("cup", 12.0)
"""Scene and megapixels measured beside the sizes, which are those of the garage."""
PHASES = ("decode", "detect", "mask", "fill", "verify", "prove", "encode")
QUALITY = 92


@dataclass(frozen=True, slots=True)
class Cost:
    """The cost at one size."""

    scene: str
    megapixels: float
    runs: int
    people: float
    """Share of the picture that is people."""
    seconds: float
    """Median of the runs, bytes to bytes, models loaded."""
    processor_seconds: float
    """Median seconds that all cores together worked: the steadier figure where others use the machine too."""
    peak_mb: float
    """Most memory of the process, interpreter and models included, MB."""
    loaded_mb: float
    """Most memory before the first picture of this size, MB."""
    load_seconds: float
    """To load the models and anonymize a first small picture, once per process."""
    changed: float
    """Share of the picture that was changed."""
    rounds: int
    """Rounds of filling and looking again."""
    phases: dict[str, float]
    """Median seconds by phase."""
    verdict: str


def cases(sizes: Sequence[float]) -> list[tuple[str, float]]:
    """Return what is measured, as (scene, megapixels)."""
    plain = [PLAIN] if PLAIN[1] in sizes else []
    return [*(("garage", megapixels) for megapixels in sizes), *plain]


@cache
def crowd(name: str = "garage") -> Scene:
    """Return a scene whose cost is measured, at its largest."""
    height = (LARGEST * 1e6 * 3 / 4) ** 0.5
    people = [round(share * height) for share in PEOPLE]
    return scene(SCENES[name], LARGEST, people, kind="enlarged")


def _crowd(name: str, megapixels: float) -> Pixels:
    """Return the same scene as a camera of fewer megapixels would give it."""
    pixels = crowd(name).pixels
    scale = (megapixels * 1e6 / (pixels.size / 3)) ** 0.5
    if scale >= 1:
        return pixels
    return np.asarray(cv2.resize(pixels, None, fx=scale, fy=scale, interpolation=cv2.INTER_AREA))


def cost(name: str, megapixels: float, runs: int) -> Cost:
    """Measure one scene at one size in a process of its own."""
    with tempfile.TemporaryDirectory() as folder:
        paths = {part: str(Path(folder) / f"{part}.jpg") for part in ("small", "path")}
        _write(scene(1, 0.3, (120,), kind="native").pixels, paths["small"])
        _write(_crowd(name, megapixels), paths["path"])
        done = child.run(f"{__name__}:measured", {**paths, "runs": runs})
    answer: dict[str, Any] = done.answer
    people = float((crowd(name).opacity >= 128).mean())
    return Cost(
        scene=name,
        megapixels=megapixels,
        runs=runs,
        people=people,
        peak_mb=done.peak_mb,
        **answer,
    )


def measured(path: str, small: str, runs: int) -> dict[str, object]:
    """Run in the child: load and warm up with a small picture, repeat; returns what `Cost` lacks."""
    began = time.perf_counter()
    _anonymized(Path(small).read_bytes())
    load_seconds = time.perf_counter() - began
    loaded_mb = child.peak_mb()
    content = Path(path).read_bytes()
    reports: list[dict[str, Any]] = []
    processor: list[float] = []
    for _ in range(runs):
        before = time.process_time()
        reports.append(_anonymized(content))
        processor.append(time.process_time() - before)
    return {
        "seconds": median(r["timings"]["total"] for r in reports),
        "processor_seconds": median(processor),
        "loaded_mb": loaded_mb,
        "load_seconds": load_seconds,
        "changed": reports[0]["pages"][0]["changedShare"],
        "rounds": len(reports[0]["pages"][0]["rounds"]),
        "phases": {
            phase: median(r["timings"].get(phase, 0.0) for r in reports) for phase in PHASES
        },
        "verdict": reports[0]["verdict"],
    }


def _write(pixels: Pixels, path: str) -> None:
    bgr = cv2.cvtColor(pixels, cv2.COLOR_RGB2BGR)
    if not cv2.imwrite(path, bgr, [cv2.IMWRITE_JPEG_QUALITY, QUALITY]):
        raise OSError(f"cannot write {path}")


def _anonymized(content: bytes) -> dict[str, Any]:
    item = Item(parts=(Part(content=content, filename="crowd.jpg"),))
    context = Context(environment=Environment.from_env())
    report = run_step("anonymize", item, {}, context).report
    return report.model_dump(mode="json", by_alias=True)
