"""Loads of models under a budget that holds two of three, by the order of the items.

Three full-size networks of different steps (RT-DETR, LaMa, x4plus) and 200 items, one step each, mixed at random;
all wait at the start. "arrival" takes them as they came; "affinity" stays with a queue while its patience lasts, as
a worker does; "best" knows the future: all of one step, then all of the next.
"""

import random
import tempfile
import time
from collections import Counter
from collections.abc import Callable, Iterator
from dataclasses import replace
from pathlib import Path

import numpy as np

from benchmarks.gpu.weights import write_detector, write_lama, write_set
from benchmarks.shared.results import Results
from connector.queue.affinity import Affinity
from steps import residency
from steps.backends.contract import Detector, Inpainter, Upscaler
from steps.environment import Environment

ITEMS = 200
BUDGET_MB = 400
"""Any two of them (203, 164 and 64 MiB) fit, all three do not: with the slack that two leave, never the third."""
TINY = np.zeros((32, 32, 3), np.uint8)


def print_loads(results: Results) -> None:
    """Print one row per order."""
    rng = random.Random(0)
    arrivals = [rng.choice(STEPS) for _ in range(ITEMS)]
    rows = []
    with tempfile.TemporaryDirectory() as folder:
        environment = _environment(Path(folder))
        for name, order in ORDERS.items():
            residency.clear()
            before, began = residency.counts(), time.perf_counter()
            for step in order(arrivals):
                CALLS[step](environment)
            seconds, after = time.perf_counter() - began, residency.counts()
            rows.append(
                (
                    name,
                    after.loads - before.loads,
                    after.evictions - before.evictions,
                    after.out_of_memory - before.out_of_memory,
                    seconds,
                )
            )
    columns = ("order", "loads", "evictions", "out of memory", "s")
    results.table(f"Three models, memory for two, {ITEMS} mixed items, one run", columns, rows)


def _environment(folder: Path) -> Environment:
    models = {
        "lama": write_lama(folder / "lama.safetensors"),
        "transformers-detector": write_detector(folder / "detector"),
    }
    own = write_set(folder / "models.yaml", models)
    whole = Environment.from_env()
    return replace(whole, models_file=own, model_memory_mb=BUDGET_MB, gpu_memory_mb=BUDGET_MB)


def _detect(environment: Environment) -> None:
    residency.choose(Detector, "transformers-detector", environment).detect(
        TINY, size=64, threshold=0.5
    )


def _inpaint(environment: Environment) -> None:
    mask = np.zeros((32, 32), np.uint8)
    mask[8:16, 8:16] = 255
    residency.choose(Inpainter, "lama", environment).inpaint(
        TINY, mask, seed=0, check_cancelled=_never
    )


def _upscale(environment: Environment) -> None:
    residency.choose(Upscaler, "spandrel", environment).upscale(
        TINY[:8, :8], box=(0, 0, 8, 8), size=(32, 32), check_cancelled=_never
    )


def _never() -> None:
    """Nobody cancels."""


def _by_affinity(arrivals: list[str]) -> Iterator[str]:
    affinity = Affinity(STEPS, patience_seconds=600.0)
    waiting = Counter(arrivals)
    while waiting.total():
        step = next(name for name in affinity.order() if waiting[name])
        affinity.served(step)
        waiting[step] -= 1
        yield step


CALLS: dict[str, Callable[[Environment], None]] = {
    "anonymize": _detect,
    "inpaint": _inpaint,
    "upscale": _upscale,
}
STEPS = tuple(CALLS)
ORDERS: dict[str, Callable[[list[str]], Iterator[str]]] = {
    "arrival": iter,
    "affinity": _by_affinity,
    "best": lambda arrivals: iter(sorted(arrivals)),
}
