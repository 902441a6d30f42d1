"""Samples of more than 8 bits, and what becomes of them: scaled to 0..255, never clipped."""

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

Samples = NDArray[np.uint8]


@dataclass(frozen=True, kw_only=True)
class Depth:
    """What the numbers of a picture with large samples mean."""

    bits: int = 16
    """Bits that are in use: 10, 12 or 16."""
    measured: bool = False
    """The numbers have no fixed range (floating point, signed, 32 bits): their own extent decides."""
    inverted: bool = False
    """0 is white."""

    @property
    def span(self) -> tuple[float, float] | None:
        """The numbers that stand for black and white; None where they must be measured."""
        return None if self.measured else (0.0, 2.0**self.bits - 1)


def extent(bands: Iterable[NDArray[Any]]) -> tuple[float, float]:
    """Return which numbers of a picture without a fixed range stand for black and white.

    White is the smallest usual maximum that holds every number: 1 (floating point only), 255, 65535;
    or the largest number itself, where a floating-point picture goes a little beyond 1 (up to 16: highlights
    of high-dynamic-range pictures) and where it goes beyond 65535. Black is 0, or the smallest number below it.
    """
    low, high, floating = 0.0, 0.0, False
    for band in bands:
        floating = band.dtype.kind == "f"
        finite = band[np.isfinite(band)] if floating else band
        if finite.size:
            low, high = min(low, float(finite.min())), max(high, float(finite.max()))
    if floating and 1.0 < high <= 16.0:
        return low, high
    usual = (1.0, 255.0, 65535.0) if floating else (255.0, 65535.0)
    return low, next((top for top in usual if high <= top), high)


def rescale(numbers: NDArray[Any], low: float, high: float, inverted: bool = False) -> Samples:
    """Map [low, high] to 0..255, rounded to the nearest; numbers that are not finite become black or white."""
    scaled = np.nan_to_num(numbers.astype(np.float64), nan=low, posinf=high, neginf=low)
    scaled = np.rint(np.clip((scaled - low) * (255.0 / (high - low)), 0.0, 255.0))
    samples: Samples = scaled.astype(np.uint8)
    return np.bitwise_not(samples) if inverted else samples
