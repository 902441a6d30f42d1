"""Seconds and peak memory of one method at one size, each in a process of its own."""

import time
from dataclasses import dataclass

from benchmarks.shared import child
from benchmarks.style.methods import METHODS
from benchmarks.upscale.photos import of_size, photo


@dataclass(frozen=True, slots=True)
class Speed:
    """What a run took."""

    seconds: float
    """By the clock."""
    processor_seconds: float
    """Of all threads; steadier than the clock where others use the machine too."""
    peak_mb: float
    """Of the whole process: interpreter, model and picture included."""


def measure(method: str, megapixels: float) -> Speed:
    """Measure a method in a fresh interpreter, its models loaded before.

    Raises:
        ChildFailed: it could not; a package is missing, or memory ran out.
    """
    done = child.run("benchmarks.style.speed:timed", {"method": method, "megapixels": megapixels})
    return Speed(done.answer[0], done.answer[1], done.peak_mb)


def timed(method: str, megapixels: float) -> tuple[float, float]:
    """Load on a small picture, then paint a large one; return seconds and processor seconds."""
    paint, style = METHODS[method], photo("photo-coffee")
    paint(of_size(0.01), style)
    pixels = of_size(megapixels)
    began, processor = time.perf_counter(), time.process_time()
    paint(pixels, style)
    return time.perf_counter() - began, time.process_time() - processor
