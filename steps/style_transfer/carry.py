"""Carries a painted picture up to the full size, along the full picture's own edges.

At the working size each neighbourhood of the painted picture is described as an affine function of
the source's brightness: painted = gain · brightness + rest. Gain and rest are smooth or stroke-sized,
so they can be enlarged; the brightness is the full picture's own. So an edge of the photo is as sharp
as the photo, and the strokes lie in the rest. Method: He and Sun, Fast Guided Filter (2015), the rest
kept exact instead of averaged, so that strokes are not smeared.

Strips of rows can be asked for in any order and size and agree to rounding: nothing is tiled.
"""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from steps.imaging.document import Pixels

Plane = NDArray[np.float32]

RADIUS = 2
"""Px of the working size round a pixel that its gain is fitted in: about a stroke's width."""
NOISE = 25.0
"""Variance in levels² below which brightness is taken for noise and the gain falls to 0."""
MOST_GAIN = 2.0
"""Gain of brightness at most, so that grain is not blown up."""


@dataclass(frozen=True, slots=True)
class Carried:
    """A painted picture, ready to be had at the full size."""

    gain: Plane
    """(h, w, channels) at the working size."""
    rest: Plane
    """(h, w, channels) at the working size, levels of 0..255."""
    full: tuple[int, int]
    """(width, height) of the full picture."""

    def rows(self, start: int, stop: int, brightness: Plane) -> Plane:
        """Return rows of the painted picture at the full size.

        Args:
            start: first row.
            stop: row after the last.
            brightness: of the full picture in these rows, (stop - start, width), 0..255.

        Returns:
            float32 (stop - start, width, channels), may leave 0..255.
        """
        gain, rest = (self._enlarged(plane, start, stop) for plane in (self.gain, self.rest))
        gain *= brightness[..., np.newaxis]
        rest += gain
        return rest

    def _enlarged(self, plane: Plane, start: int, stop: int) -> Plane:
        """Enlarge by cubic convolution: rows by four weights each, then columns by OpenCV."""
        import cv2

        width, height = self.full
        near, weights = cubic_taps(np.arange(start, stop), plane.shape[0], height)
        # Not as a matrix product: BLAS' threads would be neither counted nor worth waiting for.
        strip = plane[near[:, 0]] * weights[:, 0, np.newaxis, np.newaxis]
        for tap in range(1, near.shape[1]):
            strip += plane[near[:, tap]] * weights[:, tap, np.newaxis, np.newaxis]
        made = cv2.resize(strip, (width, stop - start), interpolation=cv2.INTER_CUBIC)
        return np.asarray(made, np.float32).reshape(stop - start, width, -1)


def carry(painted: Plane, source: Pixels, full: tuple[int, int]) -> Carried:
    """Prepare a painted picture for the full size.

    Args:
        painted: float32 (h, w, channels) of 0..255 at the working size; one channel or three.
        source: the picture that was painted, RGB uint8 (h, w, 3).
        full: (width, height) of the full picture.
    """
    ratio = max(1.0, full[0] / source.shape[1], full[1] / source.shape[0])
    painted = without_grid(painted, min(1.0, ratio - 1.0))
    brightness = luma(source)
    gain = _gain(painted, brightness)
    return Carried(gain, painted - gain * brightness[..., np.newaxis], full)


def luma(pixels: Pixels) -> Plane:
    """Return the brightness (ITU-R BT.601), 0..255, float32 (height, width)."""
    import cv2

    return np.asarray(cv2.cvtColor(pixels.astype(np.float32), cv2.COLOR_RGB2GRAY), np.float32)


def without_grid(painted: Plane, share: float) -> Plane:
    """Take out the fine grid that the networks' nearest-neighbour doubling leaves, and firm up the strokes.

    The grid has a period of two and four px: hardly seen at the working size, plain when enlarged.
    [1, 2, 1] / 4 removes the one and halves the other; then differences from the neighbourhood are
    doubled, never beyond the darkest and brightest neighbour, so that no halo arises.

    Args:
        painted: float32 (h, w, channels).
        share: how much of it, 0..1.
    """
    import cv2

    if share == 0.0:
        return painted
    kernel = np.array([0.25, 0.5, 0.25], np.float32)
    smooth = cv2.sepFilter2D(painted, -1, kernel, kernel, borderType=cv2.BORDER_REFLECT_101)
    around = np.ones((3, 3), np.uint8)
    firm = 2 * smooth - cv2.GaussianBlur(smooth, (0, 0), 1.5)
    firm = np.clip(firm, cv2.erode(smooth, around), cv2.dilate(smooth, around))
    return np.asarray(painted + share * (firm.reshape(painted.shape) - painted), np.float32)


def _gain(painted: Plane, brightness: Plane) -> Plane:
    """Fit painted ≈ gain · brightness + rest round every pixel, by least squares."""
    import cv2

    def mean(plane: Plane) -> Plane:
        side = 2 * RADIUS + 1
        made = cv2.blur(plane, (side, side), borderType=cv2.BORDER_REFLECT_101)
        return np.asarray(made, np.float32).reshape(plane.shape)

    centre = mean(brightness)
    variance = np.maximum(mean(brightness * brightness) - centre * centre, 0) + NOISE
    gain = mean(painted * brightness[..., np.newaxis]) - mean(painted) * centre[..., np.newaxis]
    gain /= variance[..., np.newaxis]
    return np.clip(mean(gain), -MOST_GAIN, MOST_GAIN)


def cubic_taps(
    rows: NDArray[np.int64], source: int, target: int
) -> tuple[NDArray[np.int64], Plane]:
    """Return which rows of the source each row of the target is made of, and their weights.

    Keys' cubic convolution (1981) with a = -0.75, as OpenCV's; pixel centres aligned; at the edges the
    last row is repeated.

    Returns:
        Indices (n, 4) and weights (n, 4), which sum to 1.
    """
    a = -0.75
    place = (rows + 0.5) * (source / target) - 0.5
    base = np.floor(place).astype(np.int64)
    offsets = np.arange(-1, 3)
    apart = np.abs(place[:, np.newaxis] - (base[:, np.newaxis] + offsets))
    inner = ((a + 2) * apart - (a + 3)) * apart**2 + 1
    outer = ((apart - 5) * apart + 8) * apart * a - 4 * a
    weights = np.where(apart <= 1, inner, outer).astype(np.float32)
    return np.clip(base[:, np.newaxis] + offsets, 0, source - 1), weights
