"""Memory is bounded by the tile, whatever the picture's size."""

import subprocess
import sys

import pytest

CHILD = """
import numpy as np
from steps import run
from steps.contract import Context, Item, Part
from steps.environment import Environment
from steps.imaging.document import Document, Page
from steps.upscale import Upscale

rng = np.random.default_rng(0)
small = rng.integers(0, 256, (24, 32, 3), dtype=np.uint8)
pixels = small.repeat(17, axis=0).repeat(17, axis=1)  # 0.22 megapixels
document = Document(pages=(Page(pixels=pixels),), mime_type="image/png")
item = Item(parts=(Part(content=document),))
result = run.run(Upscale(), item, {"factor": 1.5, "memoryMb": 128}, Context(output=None))
assert result.report.pages[0].passes[0].tiles > 4
# Not ru_maxrss, which begins with the memory of the process that started this one.
lines = open("/proc/self/status").read().splitlines()
print(next(int(line.split()[1]) // 1024 for line in lines if line.startswith("VmHWM:")))
"""


@pytest.mark.slow
@pytest.mark.weights
def test_the_default_backend_stays_within_its_budget() -> None:
    done = subprocess.run(
        [sys.executable, "-c", CHILD], capture_output=True, text=True, check=False
    )
    assert done.returncode == 0, done.stderr
    # Without tiles the network alone would take 2.3 kB for each px: 510 MB.
    assert int(done.stdout) < 300
