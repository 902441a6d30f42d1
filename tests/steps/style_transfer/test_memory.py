"""Memory is bounded by the working size and the strips, beside the picture itself."""

import subprocess
import sys

import pytest

CHILD = """
import sys
from pathlib import Path
import numpy as np
from steps import run
from steps.contract import Context, Item, Part
from steps.imaging.document import Document, Page
from steps.style_transfer import StyleTransfer

side = int(sys.argv[1])
small = np.random.default_rng(0).integers(0, 256, (side // 20, side // 20, 3), dtype=np.uint8)
pixels = small.repeat(20, axis=0).repeat(20, axis=1)
item = Item(parts=(Part(content=Document(pages=(Page(pixels=pixels),), mime_type="image/png")),))
given = {"style": "blue-swirls", "workingSize": 512, "keepColors": sys.argv[2] == "keep"}
run.run(StyleTransfer(), item, given, Context(output=None))
lines = Path("/proc/self/status").read_text().splitlines()
print(next(int(line.split()[1]) // 1024 for line in lines if line.startswith("VmHWM:")))
"""


def _peak_mb(side: int, colours: str) -> int:
    done = subprocess.run(
        [sys.executable, "-c", CHILD, str(side), colours],
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stderr
    return int(done.stdout)


@pytest.mark.slow
@pytest.mark.weights
@pytest.mark.skipif(sys.platform != "linux", reason="reads the peak from /proc")
@pytest.mark.parametrize("colours", ["keep", "style"])
def test_a_large_picture_takes_its_own_size_and_little_more(colours: str) -> None:
    small, large = _peak_mb(1000, colours), _peak_mb(4000, colours)
    pictures = 2 * 3 * (4000**2 - 1000**2) / 2**20  # source and result: 86 MB
    assert large - small < pictures + 60
    assert large < 500
