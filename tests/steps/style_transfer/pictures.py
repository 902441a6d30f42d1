"""Items for the tests of style transfer, run on the stub or on real weights."""

import io
from functools import cache
from pathlib import Path
from typing import Any

import numpy as np
from PIL import Image

from steps import run, weights
from steps.contract import Context, Item, Part, Role, StepResult
from steps.environment import Environment
from steps.imaging.decode import decode
from steps.imaging.document import Document, Page, Pixels
from steps.style_transfer import StyleTransfer
from steps.style_transfer.report import StyleTransferReport

NOWHERE = Environment(weights_dir=Path("nowhere"))


def noise(width: int, height: int, seed: int = 0) -> Pixels:
    return np.random.default_rng(seed).integers(0, 256, (height, width, 3), dtype=np.uint8)


def document(pixels: Pixels, **page: Any) -> Document:
    return Document(pages=(Page(pixels=pixels, **page),), mime_type="image/png")


def png(pixels: Pixels, **options: Any) -> bytes:
    file = io.BytesIO()
    Image.fromarray(pixels).save(file, "PNG", **options)
    return file.getvalue()


def styled(
    source: bytes | Document,
    *,
    mask: bytes | Document | None = None,
    style_picture: bytes | Document | None = None,
    context: Context | None = None,
    **parameters: object,
) -> StepResult:
    """Run the step, on the stub and a named style unless `parameters` say otherwise."""
    given = [Part(content=source, filename="a.png", id="p1")]
    if mask is not None:
        given.append(Part(content=mask, filename="m.png", role=Role.MASK))
    if style_picture is not None:
        given.append(Part(content=style_picture, filename="s.png", role=Role.STYLE))
    wanted: dict[str, object] = {"backend": "stub"}
    if style_picture is None:
        wanted["style"] = "blue-swirls"
    chosen = context or Context(environment=NOWHERE, output=None)
    return run.run(StyleTransfer(), Item(parts=tuple(given)), wanted | parameters, chosen)


def pages_of(result: StepResult) -> tuple[Page, ...]:
    content = result.parts[0].content
    assert isinstance(content, Document)
    return content.pages


def pixels_of(result: StepResult) -> Pixels:
    return pages_of(result)[0].pixels


def report_of(result: StepResult) -> StyleTransferReport:
    assert isinstance(result.report, StyleTransferReport)
    return result.report


@cache
def photo(name: str) -> Pixels:
    """A sample photo from the weights cache."""
    path = weights.path(f"photo-{name}", Environment.from_env())
    return decode(path.read_bytes(), filename=path.name).pages[0].pixels
