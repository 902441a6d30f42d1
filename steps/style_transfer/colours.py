"""Keeping a picture's own colours under new light and dark.

Of the painted picture only the brightness is taken. A pixel keeps its source's (Cb, Cr) wherever RGB
has room for them at the new brightness. Elsewhere they shrink towards grey by as much as is needed, but
never below `LEAST_CHROMA`; for the rest the brightness gives way. So the hue always stays (cutting off
channels instead would turn it). The painted brightness is first brought to the source's mean and
spread, as Gatys et al., Preserving Color in Neural Artistic Style Transfer (2016), do.
"""

import numpy as np

from steps.style_transfer.carry import Plane

LEAST_CHROMA = 0.8
"""Share of its distance from grey that every pixel keeps. At 1, strokes would vanish on saturated things."""
LEAST_SPREAD, MOST_SPREAD = 0.5, 1.5
"""By how much the spread of the painted brightness may be changed."""


def matched(painted: Plane, source: Plane) -> Plane:
    """Bring the mean and the spread of a brightness to those of another.

    Args:
        painted: float32 (h, w), 0..255.
        source: the same shape.
    """
    spread = float(painted.std())
    factor = float(source.std()) / spread if spread > 0 else 1.0
    factor = min(MOST_SPREAD, max(LEAST_SPREAD, factor))
    made = (painted - painted.mean()) * np.float32(factor) + source.mean()
    return np.asarray(np.clip(made, 0, 255), np.float32)


def coloured(brightness: Plane, pixels: Plane, own: Plane) -> Plane:
    """Return pixels of a given brightness with another picture's colours.

    Args:
        brightness: float32 (h, w), wanted; met wherever that leaves `LEAST_CHROMA` of the colour.
        pixels: float32 (h, w, 3), RGB of 0..255, whose colours are kept.
        own: float32 (h, w), the brightness of `pixels`.

    Returns:
        float32 (h, w, 3) within 0..255 but for rounding.
    """
    wanted = np.clip(brightness, 0, 255)
    colour = pixels - own[..., np.newaxis]
    red, green, blue = (np.ascontiguousarray(colour[..., band]) for band in range(3))
    # A difference below a hundredth of a level is grey: dividing by it would only make noise.
    above = np.maximum(np.maximum(np.maximum(red, green), blue), 0.01)
    below = np.maximum(-np.minimum(np.minimum(red, green), blue), 0.01)
    room = np.minimum((255 - wanted) / above, wanted / below)
    share = np.clip(room, LEAST_CHROMA, 1)
    colour *= share[..., np.newaxis]
    colour += np.clip(wanted, share * below, 255 - share * above)[..., np.newaxis]
    return colour
