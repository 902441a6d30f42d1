"""The boxes that an SSD network starts from, and how its answers move them.

Source: W. Liu et al., "SSD: Single Shot MultiBox Detector" (ECCV 2016), with the numbers of the TensorFlow
Object Detection API's ssdlite_mobilenet_v2 configuration: six levels, scales 0.2 to 0.95, three boxes per
place on the first level, six on the others.
"""

import numpy as np
from numpy.typing import NDArray

Float32 = NDArray[np.float32]

GRIDS = (19, 10, 5, 3, 2, 1)
"""Places in a row of each level, for an input of 300 px."""
SMALLEST, LARGEST = 0.2, 0.95
RATIOS = (1.0, 2.0, 0.5, 3.0, 1 / 3)
"""Width by height."""
STRETCH = np.array([10.0, 10.0, 5.0, 5.0], np.float32)
"""The network's answers are this many times larger: y, x, height, width."""


def anchors() -> Float32:
    """Return every box, (n, 4) as centre y, centre x, height, width in shares of the input's side."""
    scales = [*np.linspace(SMALLEST, LARGEST, len(GRIDS)), 1.0]
    parts = []
    for level, count in enumerate(GRIDS):
        scale, following = scales[level], scales[level + 1]
        shapes = [(scale, ratio) for ratio in RATIOS] + [((scale * following) ** 0.5, 1.0)]
        if level == 0:
            shapes = [(0.1, 1.0), (scale, 2.0), (scale, 0.5)]
        sizes = [(size / ratio**0.5, size * ratio**0.5) for size, ratio in shapes]
        centres = (np.arange(count) + 0.5) / count
        places = [(y, x, *size) for y in centres for x in centres for size in sizes]
        parts.append(np.array(places, np.float32))
    return np.concatenate(parts)


def moved(boxes: Float32, answers: Float32) -> Float32:
    """Return where the network puts the boxes.

    Args:
        boxes: (n, 4), from `anchors`.
        answers: (n, 4), the network's box encodings.

    Returns:
        (n, 4) as x0, y0, x1, y1 in shares of the input's side; may reach beyond it.
    """
    encoded = answers / STRETCH
    centre = boxes[:, :2] + encoded[:, :2] * boxes[:, 2:]
    half = boxes[:, 2:] * np.exp(encoded[:, 2:]) / 2
    low, high = centre - half, centre + half
    return np.stack([low[:, 1], low[:, 0], high[:, 1], high[:, 0]], axis=1)
