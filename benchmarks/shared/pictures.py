"""Makes the README's rows: each step on a real photo, before and after, as docs/pictures/STEP.jpg.

    python -m benchmarks.shared.pictures [STEP …]   (default all five; about a minute)

At most 1200 px wide and 150 kB each.
"""

import sys
from collections.abc import Callable
from pathlib import Path

import cv2
import numpy as np

from benchmarks.filling.__main__ import ellipse, stepped
from benchmarks.filling.photos import photo
from benchmarks.shared.beside import row, save, tinted
from steps.anonymize import Anonymize
from steps.contract import Part, Role
from steps.imaging.document import Pixels
from steps.imaging.mask import encode_mask
from steps.inpaint import Inpaint
from steps.outpaint import Outpaint
from steps.style_transfer import StyleTransfer
from steps.upscale import Upscale

FOLDER = Path(__file__).parents[2] / "docs" / "pictures"
WIDTH, KILOBYTES = 1200, 150
HEIGHT = 420
"""Px of each picture in a row."""
ROCKET = (0.51, 0.54, 0.05, 0.32)
"""Where the rocket stands: middle and half axes as shares of width and height."""
FACE = (slice(30, 200), slice(140, 310))
"""Rows and columns of the astronaut's face."""


def anonymize() -> tuple[Pixels, ...]:
    """The street, with and without people."""
    before = photo("photo-bus")
    return before, stepped(Anonymize(), before, {"classes": ["person"]})[0]


def inpaint() -> tuple[Pixels, ...]:
    """The launch pad with its rocket marked, and without it."""
    before = photo("photo-rocket")
    mask = ellipse(before, ROCKET)
    part = Part(content=encode_mask(mask), role=Role.MASK)
    return tinted(before, mask), stepped(Inpaint(), before, {}, part)[0]


def outpaint() -> tuple[Pixels, ...]:
    """The coffee in the middle of what is to come, and continued by a quarter on each side."""
    before = photo("photo-coffee")
    height, width = before.shape[:2]
    down, across = height // 4, width // 4
    sides = {"left": across, "right": across, "top": down, "bottom": down}
    framed = cv2.copyMakeBorder(
        before, down, down, across, across, cv2.BORDER_CONSTANT, value=(235, 235, 235)
    )
    return np.asarray(framed, np.uint8), stepped(Outpaint(), before, dict(sides))[0]


def style_transfer() -> tuple[Pixels, ...]:
    """The pagoda, and painted."""
    before = photo("photo-china")
    return before, stepped(StyleTransfer(), before, {"style": "blue-swirls"})[0]


def upscale() -> tuple[Pixels, ...]:
    """A face of 170 px, plainly enlarged fourfold and by the step."""
    before = np.ascontiguousarray(photo("photo-astronaut")[FACE])
    size = 4 * before.shape[1], 4 * before.shape[0]
    plain = np.asarray(cv2.resize(before, size, interpolation=cv2.INTER_CUBIC), np.uint8)
    return plain, stepped(Upscale(), before, {"factor": 4})[0]


ROWS: dict[str, Callable[[], tuple[Pixels, ...]]] = {
    "anonymize": anonymize,
    "inpaint": inpaint,
    "outpaint": outpaint,
    "style-transfer": style_transfer,
    "upscale": upscale,
}


def main(names: list[str]) -> None:
    """Write the rows that are named, all by default."""
    if not set(names) <= set(ROWS):
        raise SystemExit(__doc__)
    for name in names or ROWS:
        path = FOLDER / f"{name}.jpg"
        save(row(ROWS[name](), HEIGHT), path, width=WIDTH, kilobytes=KILOBYTES)
        print(f"{path.name}: {path.stat().st_size / 1000:.0f} kB")


if __name__ == "__main__":
    main(sys.argv[1:])
