"""Instance masks of ultralytics' segmentation models (YOLO…-seg), by file.

In: a picture and a box. Out: the mask of the instance that fits the box best; nothing where none does, so that the
box is taken. Needs the extra `gpu` and a model set that names a checkpoint with its hash (a pickle): none is
packaged. Source: https://docs.ultralytics.com/tasks/segment, AGPL-3.0, code and weights.
"""

from typing import Any

import numpy as np

from steps.backends.contract import Box, Capability, Descriptor, Segmenter
from steps.backends.detection.letterbox import Letterbox
from steps.backends.detection.ultralytics import opened, predict
from steps.backends.torch_backend import TorchBackend, never
from steps.backends.torch_runtime import device_of
from steps.environment import Environment
from steps.imaging.document import Mask, Pixels
from steps.models import Located

SIZE = 640
"""Longest side in px at which the model sees the surroundings of a box."""
ROOM = 0.25
"""Surroundings of the box that it sees, on every side, as a share of the box's longer side."""
THRESHOLD = 0.1
"""Lowest score of an instance: that something is in the box is known already."""
FIT = 0.5
"""Least intersection over union of an instance's box with the one asked for."""


class UltralyticsSegmenter(TorchBackend, Segmenter):
    """A segmentation checkpoint under its own library."""

    descriptor = Descriptor(
        name="ultralytics-segmentation",
        capability=Capability.SEGMENTATION,
        summary="Instance masks of ultralytics' YOLO…-seg models, by file; on a GPU where there is one",
        licence="AGPL-3.0",
        source="https://docs.ultralytics.com/tasks/segment",
        requires=("torch", "torchvision", "ultralytics"),
        from_models=True,
        devices=("cpu", "cuda"),
        memory_mb=1200,
        size_multiple=32,
        rank=40,
        gpu_rank=60,
    )

    def __init__(self, model: Any, located: Located, *, device: str) -> None:
        """Take a loaded `ultralytics.YOLO`, where it came from, and "cpu" or "cuda"."""
        super().__init__((model.model,), located, device=device)
        self._model = model
        self.labels = tuple(model.names[i] for i in range(len(model.names)))

    @classmethod
    def load_model(cls, located: Located, environment: Environment) -> "UltralyticsSegmenter":
        """Load the checkpoint; see `ModelBackend.load_model`."""
        return cls(opened(located, "segment"), located, device=device_of(environment))

    def segment(self, pixels: Pixels, box: Box) -> Mask:
        """Mark the thing inside `box`; see `Segmenter.segment`."""
        height, width = pixels.shape[:2]
        mask = np.zeros((height, width), np.uint8)
        room = ROOM * max(box.width, box.height)
        x0, y0 = max(0, int(box.x0 - room)), max(0, int(box.y0 - room))
        x1 = max(x0 + 1, min(width, int(box.x1 + room) + 1))
        y1 = max(y0 + 1, min(height, int(box.y1 + room) + 1))
        crop = pixels[y0:y1, x0:x1]
        frame = Letterbox.fit(x1 - x0, y1 - y0, size=SIZE)
        inner = Box(box.x0 - x0, box.y0 - y0, box.x1 - x0, box.y1 - y0)

        def work() -> Mask:
            found = predict(self._model, crop, frame, THRESHOLD, self._device, retina_masks=True)
            return _best(found, inner, (y1 - y0, x1 - x0))

        mask[y0:y1, x0:x1] = self.in_turn(work, never)
        return mask


def _best(found: Any, box: Box, shape: tuple[int, int]) -> Mask:
    """Return the mask of the instance whose box fits best; empty where none fits."""
    fits = [Box(*corners).iou(box) for corners in found.boxes.xyxy.tolist()]
    if found.masks is None or not fits or max(fits) < FIT:
        return np.zeros(shape, np.uint8)
    chosen = found.masks.data[fits.index(max(fits))].cpu().numpy()
    return np.where(chosen > 0.5, 255, 0).astype(np.uint8)
