"""One small call for every step and every backend that can run here, for the contract test.

Adding a step means adding it here: `test_every_step` fails for a registered step without a sample.
"""

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass

import cv2
import numpy as np

from steps.backends.contract import Capability, Descriptor
from steps.backends.registry import availability, backend_classes
from steps.backends.stylization.styles import NAMES
from steps.contract import Context, Item, Part, Role
from steps.environment import Environment
from steps.imaging.document import Document, Mask, Pixels
from steps.run import run_step

SIZE = (96, 72)
"""(width, height) of the usual sample."""


def photo(size: tuple[int, int] = SIZE) -> Pixels:
    """Return a picture with gradients, an edge, texture and a marker that the stub detector finds."""
    width, height = size
    x, y = np.arange(width, dtype=np.int32), np.arange(height, dtype=np.int32)[:, np.newaxis]
    # Written plane by plane: the large sample must not take more memory than the step.
    pixels = np.empty((height, width, 3), np.uint8)
    pixels[..., 0] = x * 255 // max(1, width)
    pixels[..., 1] = y * 255 // max(1, height)
    pixels[..., 2] = (x * y) % 200
    pixels[height // 3 : 2 * height // 3, width // 3 : width // 2] = (255, 0, 255)
    return pixels


def mask(size: tuple[int, int] = SIZE) -> Mask:
    """Return a mask over the middle."""
    width, height = size
    marked = np.zeros((height, width), np.uint8)
    marked[height // 3 : 2 * height // 3, width // 3 : width // 2] = 255
    return marked


def png(pixels: Pixels) -> bytes:
    """Encode RGB pixels, or a mask, as PNG."""
    ordered = cv2.cvtColor(pixels, cv2.COLOR_RGB2BGR) if pixels.ndim == 3 else pixels
    return bytes(cv2.imencode(".png", ordered)[1])


@dataclass(frozen=True)
class Sample:
    """A call of a step by one backend."""

    step: str
    backend: str
    parameters: Mapping[str, object]
    extra: tuple[Part, ...] = ()
    """Parts beside the source."""
    same_size: bool = True
    """Whether the result has the source's size."""

    def __str__(self) -> str:
        return f"{self.step}-{self.backend}"


STYLE = Part(content=png(photo((40, 30))[::-1].copy()), role=Role.STYLE, filename="style.png")


def mask_part(size: tuple[int, int] = SIZE) -> Part:
    """Return a mask as a part."""
    return Part(content=png(mask(size)), role=Role.MASK, filename="mask.png")


def _anonymize(backend: str) -> Sample:
    parameters = {"detector": "stub", "segmenter": "stub", "inpainter": backend}
    return Sample("anonymize", backend, parameters)


def _inpaint(backend: str) -> Sample:
    return Sample("inpaint", backend, {"backend": backend}, extra=(mask_part(),))


def _outpaint(backend: str) -> Sample:
    parameters = {"backend": backend, "detector": "stub", "right": 16, "bottom": 9}
    return Sample("outpaint", backend, parameters, same_size=False)


def _upscale(backend: str) -> Sample:
    return Sample("upscale", backend, {"backend": backend, "factor": 2}, same_size=False)


def _style_transfer(backend: str) -> Sample:
    parameters = {"backend": backend, "workingSize": 64}
    if backend == "arbitrary-style":
        return Sample("style-transfer", backend, parameters, extra=(STYLE,))
    if backend == "diffusers-style":
        return Sample("style-transfer", backend, {**parameters, "prompt": "oil"})
    return Sample("style-transfer", backend, {**parameters, "style": NAMES[0]})


STEPS: dict[str, tuple[Capability, Callable[[str], Sample]]] = {
    "anonymize": (Capability.INPAINTING, _anonymize),
    "inpaint": (Capability.INPAINTING, _inpaint),
    "outpaint": (Capability.INPAINTING, _outpaint),
    "style-transfer": (Capability.STYLIZATION, _style_transfer),
    "upscale": (Capability.UPSCALING, _upscale),
}
"""By step: the capability whose backends are tried, and the call for one of them."""


def _comfy_workflow() -> Sample:
    parameters = {"workflow": "upscale-4k", "inputs": {"longestSide": 192}}
    return Sample("comfy-workflow", "upscale-4k", parameters, same_size=False)


ELSEWHERE: dict[str, Callable[[], Sample]] = {"comfy-workflow": _comfy_workflow}
"""By step whose work is done by a server: a call. The contract test has a server of its own for each."""


WITHOUT_PICTURE = {"generate"}
"""Steps that take none; `tests/steps/generate` says what they promise."""


def usable(capability: Capability) -> Iterator[Descriptor]:
    """Yield the backends that can run here."""
    environment = Environment.from_env()
    for kind in backend_classes(capability):
        if availability(kind.descriptor, environment).usable:
            yield kind.descriptor


TOO_SLOW = {"stub", "realesrgan-x4plus", "realesr-animevideov3", "realesr-animevideov3-ncnn"}
"""Backends that 12 megapixels are not tried on: networks that take minutes, whose memory is that of a tile
(`tests/steps/tiling`), and the stub. A server's memory is its own."""
SLOW = {"realesrgan-x4plus"}
"""Backends that take seconds for the smallest picture: the contract test runs them once."""


def samples() -> list[Sample]:
    """Return every step × every backend that can run here."""
    here = [
        make(descriptor.name)
        for capability, make in STEPS.values()
        for descriptor in usable(capability)
    ]
    return here + [make() for make in ELSEWHERE.values()]


def item_of(sample: Sample, size: tuple[int, int], content: bytes | None = None) -> Item:
    """Return the item of a call: the photo (or other bytes) of that size, and a mask that fits it."""
    content = png(photo(size)) if content is None else content
    source = Part(content=content, filename="photo.png", id="source")
    extra = [mask_part(size) if part.role is Role.MASK else part for part in sample.extra]
    return Item(parts=(source, *extra), index_data={"listing": 4711})


def taken(step: str, backend: str, size: tuple[int, int]) -> tuple[int, int]:
    """Run a sample at another size, for a process of its own: the size of the result's picture."""
    sample = STEPS[step][1](backend)
    width, height = size
    context = Context(output=None)
    result = run_step(step, item_of(sample, (width, height)), sample.parameters, context)
    document = result.parts[0].content
    assert isinstance(document, Document)
    return document.pages[0].size
