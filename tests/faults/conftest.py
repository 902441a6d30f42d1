"""Pictures that every fault test may send."""

import io

import numpy as np
import pytest
from PIL import Image

SOURCES = 5
"""Pictures that all the items share."""


@pytest.fixture(scope="session")
def pictures() -> list[bytes]:
    """Small PNGs that differ."""
    found = []
    for seed in range(SOURCES):
        pixels = np.random.default_rng(seed).integers(0, 256, (16, 16, 3), dtype=np.uint8)
        out = io.BytesIO()
        Image.fromarray(pixels).save(out, "PNG")
        found.append(out.getvalue())
    return found
