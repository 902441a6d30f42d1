"""Decoding holds Pillow's picture and the page, not more."""

import subprocess
import sys

import pytest

PROGRAM = """
import io, sys
from PIL import Image
from steps.imaging.decode import decode
from tests.steps.imaging.pictures import exif_block, rgb, saved

kind, orientation = sys.argv[1], int(sys.argv[2])
width, height = 6000, 4000
picture = rgb(60, 40).resize((width, height))
content = saved(picture, kind, exif=exif_block(orientation))
decode(saved(rgb(), kind))
def peak():
    # Not ru_maxrss, which begins with the memory of the process that started this one.
    with open("/proc/self/status") as status:
        return next(int(line.split()[1]) for line in status if line.startswith("VmHWM:")) * 1024

del picture
# The peak so far is that of making the file; only what goes beyond it can be seen, so fill up to it.
ballast = bytearray(1)
with open("/proc/self/statm") as statm:
    now = int(statm.read().split()[1]) * 4096
ballast = bytearray(b"x") * max(1, peak() - now)
before = peak()
document = decode(content)
print((peak() - before) / (width * height * 3))
"""


@pytest.mark.slow
@pytest.mark.skipif(sys.platform != "linux", reason="reads the resident memory from /proc")
@pytest.mark.parametrize(
    ("kind", "orientation"), [("JPEG", 1), ("JPEG", 6), ("PNG", 1), ("TIFF", 1)]
)
def test_24_megapixels_take_at_most_three_copies(kind: str, orientation: int) -> None:
    run = subprocess.run(
        [sys.executable, "-c", PROGRAM, kind, str(orientation)],
        capture_output=True,
        text=True,
        check=True,
    )
    copies = float(run.stdout)
    assert 1.0 < copies < (3.0 if kind != "TIFF" else 4.0)
