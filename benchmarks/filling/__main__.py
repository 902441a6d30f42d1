"""Makes a sheet of twelve fills of real photos, to look at: figures cannot rank large holes.

    python -m benchmarks.filling --sheet FILE   (PNG or JPEG; about half a minute)

Each cell: the photo with what is to go in pink, and the fill. Eight by the step inpaint with a mask of an ellipse,
four by anonymize with its own masks.
"""

import sys
from collections.abc import Mapping
from pathlib import Path

import cv2
import numpy as np

from benchmarks.filling.photos import ENVIRONMENT, photo
from benchmarks.shared.beside import grid, row, save, tinted
from steps.anonymize import Anonymize
from steps.contract import AnyStep, Context, Item, Part, Role
from steps.imaging.document import Document, Mask, Page, Pixels
from steps.imaging.mask import encode_mask
from steps.inpaint import Inpaint
from steps.run import run

ELLIPSES: tuple[tuple[str, tuple[float, float, float, float]], ...] = (
    ("photo-coffee", (0.615, 0.68, 0.06, 0.13)),
    ("photo-china", (0.33, 0.46, 0.17, 0.42)),
    ("photo-china", (0.80, 0.40, 0.06, 0.14)),
    ("photo-rocket", (0.51, 0.54, 0.05, 0.32)),
    ("photo-motorcycle-left", (0.50, 0.62, 0.36, 0.37)),
    ("photo-chelsea", (0.52, 0.27, 0.08, 0.10)),
    ("photo-flower", (0.49, 0.50, 0.25, 0.36)),
    ("photo-astronaut", (0.84, 0.30, 0.14, 0.36)),
)
"""Photo, and the ellipse's middle and half axes as shares of width and height."""
PEOPLE = ("photo-bus", "photo-zidane", "photo-camera", "photo-astronaut")
HEIGHT = 360
"""Px of each picture in the sheet."""


def ellipse(pixels: Pixels, shares: tuple[float, float, float, float]) -> Mask:
    """Return the mask of an ellipse."""
    height, width = pixels.shape[:2]
    x, y, across, down = shares
    mask = np.zeros((height, width), np.uint8)
    middle, axes = (
        (round(x * width), round(y * height)),
        (round(across * width), round(down * height)),
    )
    cv2.ellipse(mask, middle, axes, 0, 0, 360, 255, -1)
    return mask


def inpainted(name: str, shares: tuple[float, float, float, float]) -> tuple[Pixels, Pixels]:
    """Return the photo with the hole tinted, and filled."""
    pixels = photo(name)
    mask = ellipse(pixels, shares)
    part = Part(content=encode_mask(mask), role=Role.MASK)
    made, _ = stepped(Inpaint(), pixels, {}, part)
    return tinted(pixels, mask), made


def anonymized(name: str) -> tuple[Pixels, Pixels]:
    """Return the photo with the changed pixels tinted, and without people."""
    pixels = photo(name)
    made, _ = stepped(Anonymize(), pixels, {"classes": ["person"], "method": "inpaint"})
    changed = np.where((made != pixels).any(axis=2), 255, 0).astype(np.uint8)
    return tinted(pixels, changed), made


def stepped(
    step: AnyStep, pixels: Pixels, parameters: Mapping[str, object], *more: Part
) -> tuple[Pixels, object]:
    """Run a step from pixels to pixels; return its report too."""
    document = Document(pages=(Page(pixels=pixels),), mime_type="image/png")
    item = Item(parts=(Part(content=document), *more))
    result = run(step, item, parameters, Context(environment=ENVIRONMENT, output=None))
    content = result.parts[0].content
    if not isinstance(content, Document):
        raise TypeError("a chain's step gives a decoded document")
    return content.pages[0].pixels, result.report


def main(arguments: list[str]) -> None:
    """Write the sheet."""
    match arguments:
        case ["--sheet", path]:
            pairs = [inpainted(*one) for one in ELLIPSES] + [anonymized(name) for name in PEOPLE]
            cells = [row(pair, HEIGHT) for pair in pairs]
            save(grid(cells, 3, 2400), Path(path), width=2400, kilobytes=3000)
        case _:
            raise SystemExit(__doc__)


if __name__ == "__main__":
    main(sys.argv[1:])
