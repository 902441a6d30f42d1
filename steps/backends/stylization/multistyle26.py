"""Twenty-six named styles in one small network, on onnxruntime.

In: RGB pixels and a style's name. Out: the picture painted in it. Method: Dumoulin, Shlens and
Kudlur, A Learned Representation for Artistic Style (2017): one network whose instance
normalizations have a scale and a shift for each style. Weights: by the account of the package that
carries them, and only "as far as I can tell", from TensorFlow's Android demo of stylization
(Apache-2.0), its 8-bit weights turned into floats; which paintings the styles were learned from is
not known.
"""

from collections.abc import Callable

import numpy as np

from steps import weights
from steps.backends.contract import NO_WORDS, Capability, Descriptor, Stylizer, Words
from steps.backends.runtime import Network
from steps.backends.stylization import graph, styles
from steps.backends.stylization.framing import SIDE_MULTIPLE, framed, unframed
from steps.environment import Environment
from steps.imaging.document import Pixels


class MultiStyle26(Stylizer):
    """The named styles."""

    descriptor = Descriptor(
        name="multistyle26",
        capability=Capability.STYLIZATION,
        summary='26 named styles; by the package\'s account ("as far as I can tell") from '
        "TensorFlow's Android stylization demo",
        licence="Apache-2.0",
        source="https://arxiv.org/abs/1610.07629",
        requires=("onnx", "onnxruntime"),
        weights=("style-multistyle26",),
        memory_mb=500,
        size_multiple=SIDE_MULTIPLE,
        default=True,
        rank=100,
    )
    styles = styles.NAMES

    def __init__(self, network: Network) -> None:
        """Take an opened network; `load` gives one."""
        self._network = network

    @classmethod
    def load(cls, environment: Environment) -> "MultiStyle26":
        """Read the network and open it.

        Raises:
            WeightsMissing, WeightsInvalid: the file is absent or damaged.
        """
        path = weights.path(cls.descriptor.weights[0], environment)
        model = graph.read(path.read_bytes(), path.name)
        graph.fuse_instance_norms(model)
        return cls(Network(model.SerializeToString(), environment, name=path.name))

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
        """Paint in a named style; see `Stylizer.stylize`."""
        if not isinstance(style, str):
            raise TypeError("multistyle26 takes the name of a style, no picture")
        chosen = np.zeros(len(styles.STYLES), np.float32)
        chosen[styles.BY_NAME[style].index] = 1.0
        image = np.ascontiguousarray(framed(pixels).transpose(2, 0, 1)[None])
        made = self._network.run({"image": image, "style_weights": chosen}, check_cancelled)
        return unframed(made[0].transpose(1, 2, 0), pixels)
