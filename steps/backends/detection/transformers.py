"""Detectors of transformers: D-FINE, RT-DETR and others of their kind, under licences that allow commercial use.

In: RGB pixels. Out: detections of the classes that the model knows (COCO's for the packaged ones). Needs the extra
`gpu`. D-FINE: Peng et al. (2024), https://github.com/Peterande/D-FINE; RT-DETR: Zhao et al. (2023),
https://github.com/lyuwenyu/RT-DETR; both Apache-2.0, code and weights.
"""

from typing import Any

import numpy as np

from steps.backends.contract import Box, Capability, Descriptor, Detection, Detector
from steps.backends.detection.coco import COCO
from steps.backends.detection.suppression import keep_best
from steps.backends.torch_backend import TorchBackend, never
from steps.backends.torch_runtime import device_of, precision_of
from steps.backends.transformers_files import opened
from steps.environment import Environment
from steps.imaging.document import Pixels
from steps.models import Located

STRIDE = 32
"""Height and width that the networks see are multiples of this."""
STRIDES = (8, 16, STRIDE)
"""Of the network's grids of places, px."""
IOU = 0.7
"""These networks are trained to say everything once; above this, two of a class are one all the same."""
MOST = 300


class TransformersDetector(TorchBackend, Detector):
    """A detector by folder."""

    descriptor = Descriptor(
        name="transformers-detector",
        capability=Capability.DETECTION,
        summary="D-FINE and RT-DETR class detectors, permissively licensed; made for a GPU, a second on a CPU",
        licence="Apache-2.0",
        source="https://github.com/huggingface/transformers",
        requires=("torch", "torchvision", "transformers"),
        from_models=True,
        devices=("cpu", "cuda"),
        memory_mb=1500,
        size_multiple=STRIDE,
        rank=30,
        gpu_rank=120,
    )
    classes: tuple[str, ...] = COCO

    def __init__(
        self, model: Any, processor: Any, located: Located, *, device: str, dtype: Any
    ) -> None:
        """Take the loaded model, its image processor, where they came from, and what to calculate in."""
        super().__init__((model.to(dtype),), located, device=device)
        self._model, self._processor, self._dtype = model, processor, dtype
        names = model.config.id2label
        self.classes = tuple(names[index] for index in sorted(names))

    @classmethod
    def load_model(cls, located: Located, environment: Environment) -> "TransformersDetector":
        """Load the folder; see `ModelBackend.load_model`."""
        from transformers import AutoImageProcessor, AutoModelForObjectDetection

        model = opened(located, AutoModelForObjectDetection)
        processor = opened(located, AutoImageProcessor)
        device = device_of(environment)
        dtype = precision_of(environment, device, half=True, bfloat16=True)
        return cls(model, processor, located, device=device, dtype=dtype)

    def detect(self, pixels: Pixels, *, size: int, threshold: float) -> list[Detection]:
        """Find everything that it knows; see `Detector.detect`."""
        height, width = pixels.shape[:2]
        least = int(getattr(self._model.config, "num_queries", 0))
        seen = dict(zip(("height", "width"), _seen(height, width, size, least), strict=True))

        def work() -> dict[str, Any]:
            inputs = self._processor(
                images=pixels, size=seen, input_data_format="channels_last", return_tensors="pt"
            )
            outputs = self._model(inputs["pixel_values"].to(self._device, self._dtype))
            outputs.logits, outputs.pred_boxes = outputs.logits.float(), outputs.pred_boxes.float()
            found: dict[str, Any] = self._processor.post_process_object_detection(
                outputs, threshold=threshold, target_sizes=[(height, width)]
            )[0]
            return {name: values.cpu().numpy() for name, values in found.items()}

        found = self.in_turn(work, never)
        boxes = np.clip(found["boxes"], 0, [width, height, width, height]).astype(np.float32)
        kept = keep_best(boxes, found["scores"], found["labels"], iou=IOU, most=MOST)
        return [
            Detection(
                self.classes[int(found["labels"][index])],
                float(found["scores"][index]),
                Box(*(float(corner) for corner in boxes[index])),
            )
            for index in kept
        ]


def _seen(height: int, width: int, size: int, least: int) -> tuple[int, int]:
    """Return (height, width) at which the network sees a picture; larger than `size` where it must be.

    It picks its `least` best places of a grid, so there have to be so many.
    """
    scale = size / max(height, width)
    while True:
        rows, columns = _multiple(height * scale), _multiple(width * scale)
        places = sum((rows // step) * (columns // step) for step in STRIDES)
        if places >= least:
            return rows, columns
        scale *= 1.25


def _multiple(side: float) -> int:
    return max(STRIDE, round(side / STRIDE) * STRIDE)
