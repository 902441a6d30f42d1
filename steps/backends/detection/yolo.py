"""YOLOv8n on onnxruntime: finds the 80 classes of COCO, without torch.

In: RGB pixels. Out: detections. The checkpoint is read by `torch_checkpoint` and written once as
an ONNX graph beside itself. Method: ultralytics YOLOv8 (https://docs.ultralytics.com); the weights
are AGPL-3.0 by the checkpoint's own licence field: whoever offers this over a network must offer
the source too, or take another detector.
"""

import json
from typing import Any

import numpy as np
from numpy.typing import NDArray

from steps import weights
from steps.backends.contract import Box, Capability, Descriptor, Detection, Detector
from steps.backends.detection import yolov8_graph
from steps.backends.detection.coco import COCO
from steps.backends.detection.graph_cache import open_graph
from steps.backends.detection.letterbox import Letterbox
from steps.backends.detection.suppression import keep_best
from steps.environment import Environment
from steps.imaging.document import Pixels

IOU = 0.7
"""Overlap above which the weaker of two boxes of a class is dropped; ultralytics' default."""
MOST = 300
"""Detections per call at most; ultralytics' default."""
STRIDES = (8, 16, 32)

Floats = NDArray[np.float32]


class YoloV8(Detector):
    """The default detector."""

    descriptor = Descriptor(
        name="yolov8n-onnx",
        capability=Capability.DETECTION,
        summary="YOLOv8n on onnxruntime: people, vehicles, animals and other things of COCO's 80 classes",
        licence="AGPL-3.0",
        source="https://github.com/ultralytics/ultralytics",
        requires=("onnx", "onnxruntime", "cv2"),
        weights=("yolov8n",),
        memory_mb=300,
        size_multiple=32,
        default=True,
        rank=100,
    )
    classes = COCO

    def __init__(self, session: Any) -> None:
        """Take an opened graph of `yolov8_graph`; `load` gives one."""
        self._session = session
        self.classes = tuple(json.loads(session.get_modelmeta().custom_metadata_map["names"]))

    @classmethod
    def load(cls, environment: Environment) -> "YoloV8":
        """Open the graph beside the weights, writing it first where it is missing.

        Raises:
            WeightsMissing, WeightsInvalid: the checkpoint is absent or damaged.
        """
        return cls(open_graph(weights.path("yolov8n", environment), environment))

    def detect(self, pixels: Pixels, *, size: int, threshold: float) -> list[Detection]:
        """Find everything that it knows; see `Detector.detect`."""
        height, width = pixels.shape[:2]
        frame = Letterbox.fit(width, height, size=size)
        distances, logits = self._session.run(None, {"pixels": frame.apply(pixels)[None]})
        boxes, scores, labels = decode(distances[0], logits[0], frame.outer, threshold)
        kept = keep_best(boxes, scores, labels, iou=IOU, most=MOST)
        return [
            Detection(self.classes[label], score, Box(*corners))
            for corners, score, label in zip(
                frame.undo(boxes[kept]).tolist(),
                scores[kept].tolist(),
                labels[kept].tolist(),
                strict=True,
            )
        ]


def decode(
    distances: Floats, logits: Floats, outer: tuple[int, int], threshold: float
) -> tuple[Floats, Floats, NDArray[np.int64]]:
    """Turn the network's outputs into boxes.

    Args:
        distances: (64, anchors), see `yolov8_graph`.
        logits: (classes, anchors).
        outer: (width, height) of the network's input in px.
        threshold: only anchors whose best class scores at least this, 0..1.

    Returns:
        Boxes (n, 4) as x0, y0, x1, y1 in px of the input, scores (n,), class indices (n,).
    """
    best = logits.max(axis=0)
    scores = 1 / (1 + np.exp(-best))
    picked = np.flatnonzero(scores >= threshold)
    bins = distances[:, picked].reshape(4, yolov8_graph.BINS, -1)
    powers = np.exp(bins - bins.max(axis=1, keepdims=True))
    weight = np.arange(yolov8_graph.BINS, dtype=np.float32)[None, :, None]
    left, top, right, bottom = (powers * weight).sum(axis=1) / powers.sum(axis=1)
    x, y, stride = _anchors(outer)[:, picked]
    boxes = np.stack([x - left, y - top, x + right, y + bottom], axis=1) * stride[:, None]
    return boxes, scores[picked], logits[:, picked].argmax(axis=0).astype(np.int64)


def _anchors(outer: tuple[int, int]) -> Floats:
    """Centre x, centre y (in cells) and stride of every anchor, as (3, anchors)."""
    levels = []
    for stride in STRIDES:
        columns, rows = outer[0] // stride, outer[1] // stride
        y, x = np.mgrid[:rows, :columns].reshape(2, -1) + 0.5
        levels.append(np.stack([x, y, np.full(x.size, stride)]))
    return np.concatenate(levels, axis=1).astype(np.float32)
