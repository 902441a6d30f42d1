"""Any picture as the style, on onnxruntime: one network reads the style, another paints.

In: RGB pixels and a style picture. Out: the picture painted in its manner. Method: Ghiasi et al.,
Exploring the structure of a real-time, arbitrary neural artistic stylization network (2017). The
style is read from the middle square of its picture at 256 px and becomes a hundred numbers. Weights:
Magenta's, 8-bit, Apache-2.0 by the account of the package that carries them. The painting network
came fixed to 384×384 px; `graph` frees its size, so that large pictures keep their detail.
"""

from collections.abc import Callable

import numpy as np
from PIL import Image

from steps import weights
from steps.backends.contract import NO_WORDS, Capability, Descriptor, Stylizer, Words
from steps.backends.runtime import Network
from steps.backends.stylization import graph
from steps.backends.stylization.framing import SIDE_MULTIPLE, Floats, framed, unframed
from steps.environment import Environment
from steps.imaging.document import Pixels

STYLE_SIDE = 256
"""Side in px at which the first network sees the style picture."""


class ArbitraryStyle(Stylizer):
    """Any style picture."""

    descriptor = Descriptor(
        name="arbitrary-style",
        capability=Capability.STYLIZATION,
        summary="any picture as the style (Magenta's arbitrary image stylization)",
        licence="Apache-2.0",
        source="https://arxiv.org/abs/1705.06830",
        requires=("onnx", "onnxruntime"),
        weights=("style-arbitrary-predict", "style-arbitrary-transform"),
        memory_mb=500,
        size_multiple=SIDE_MULTIPLE,
        default=True,
        rank=90,
    )
    takes_pictures = True

    def __init__(self, reader: Network, painter: Network) -> None:
        """Take the two opened networks; `load` gives them."""
        self._reader = reader
        self._painter = painter

    @classmethod
    def load(cls, environment: Environment) -> "ArbitraryStyle":
        """Read the networks and open them.

        Raises:
            WeightsMissing, WeightsInvalid: a file is absent or damaged.
        """
        reads, paints = (weights.path(name, environment) for name in cls.descriptor.weights)
        painter = graph.read(paints.read_bytes(), paints.name)
        graph.free_size(painter)
        graph.without_quantized_activations(painter)
        graph.fuse_instance_norms(painter)
        return cls(
            Network(reads.read_bytes(), environment, name=reads.name),
            Network(painter.SerializeToString(), environment, name=paints.name),
        )

    def stylize(
        self,
        pixels: Pixels,
        style: str | Pixels | None,
        *,
        seed: int,
        check_cancelled: Callable[[], None],
        words: Words = NO_WORDS,
        denoise: float | None = None,
    ) -> Pixels:
        """Paint in the manner of a picture; see `Stylizer.stylize`."""
        if style is None or isinstance(style, str):
            raise TypeError("arbitrary-style takes a picture, no name of a style")
        seen = self._reader.run({self._reader.inputs[0]: _middle(style)}, check_cancelled)
        image, manner = self._painter.inputs
        made = self._painter.run({image: framed(pixels)[None], manner: seen}, check_cancelled)
        return unframed(made[0], pixels)


def _middle(style: Pixels) -> Floats:
    """The style picture's middle square at `STYLE_SIDE`, 0..1, shape (1, side, side, 3)."""
    height, width = style.shape[:2]
    side = min(height, width)
    top, left = (height - side) // 2, (width - side) // 2
    square = np.ascontiguousarray(style[top : top + side, left : left + side])
    small = Image.fromarray(square).resize((STYLE_SIDE, STYLE_SIDE), Image.Resampling.LANCZOS)
    values: Floats = np.asarray(small, np.float32)[None] / np.float32(255)
    return values
