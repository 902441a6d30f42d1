"""Ultralytics' detectors on torch: YOLOv8n as in the default tier, or any other size or version by file.

In: RGB pixels. Out: detections of the classes that the model knows. Needs the extra `gpu`. A checkpoint of
ultralytics is a pickle, so a model set has to pin its hash. Method, code and weights: ultralytics
(https://docs.ultralytics.com), AGPL-3.0 all three.
"""

from typing import Any

import numpy as np

from steps.backends.contract import Box, Capability, Descriptor, Detection, Detector
from steps.backends.detection.coco import COCO
from steps.backends.detection.letterbox import Letterbox
from steps.backends.detection.yolo import IOU, MOST
from steps.backends.torch_backend import TorchBackend, never
from steps.backends.torch_runtime import device_of
from steps.environment import Environment
from steps.errors import WeightsInvalid
from steps.imaging.document import Pixels
from steps.models import Located


class Ultralytics(TorchBackend, Detector):
    """A checkpoint under its own library."""

    descriptor = Descriptor(
        name="ultralytics",
        capability=Capability.DETECTION,
        summary="Ultralytics' YOLO models on torch, any size by file; on a GPU where there is one",
        licence="AGPL-3.0",
        source="https://github.com/ultralytics/ultralytics",
        requires=("torch", "torchvision", "ultralytics"),
        from_models=True,
        devices=("cpu", "cuda"),
        memory_mb=1200,
        size_multiple=32,
        rank=40,
    )
    classes = COCO

    def __init__(self, model: Any, located: Located, *, device: str) -> None:
        """Take a loaded `ultralytics.YOLO`, where it came from, and "cpu" or "cuda"; `load_model` gives them."""
        super().__init__((model.model,), located, device=device)
        self._model = model
        self.classes = tuple(model.names[i] for i in range(len(model.names)))

    @classmethod
    def load_model(cls, located: Located, environment: Environment) -> "Ultralytics":
        """Load the checkpoint; see `ModelBackend.load_model`."""
        return cls(opened(located, "detect"), located, device=device_of(environment))

    def detect(self, pixels: Pixels, *, size: int, threshold: float) -> list[Detection]:
        """Find everything that it knows; see `Detector.detect`."""
        height, width = pixels.shape[:2]
        frame = Letterbox.fit(width, height, size=size)

        def work() -> list[Detection]:
            result = predict(self._model, pixels, frame, threshold, self._device).boxes
            return [
                Detection(self.classes[int(label)], score, Box(*corners))
                for corners, score, label in zip(
                    result.xyxy.tolist(), result.conf.tolist(), result.cls.tolist(), strict=True
                )
            ]

        return self.in_turn(work, never)


def opened(located: Located, task: str) -> Any:
    """Open a checkpoint for a task of ultralytics: "detect" or "segment".

    Raises:
        WeightsInvalid: it is no checkpoint of ultralytics, or one for another task.
    """
    import ultralytics

    try:
        model = ultralytics.YOLO(located.path)
    except Exception as error:  # whatever unpickling meets
        raise WeightsInvalid(
            f"{located.path.name} is no checkpoint of ultralytics: {error}",
            pointer=located.model.name,
        ) from error
    if model.task != task:
        raise WeightsInvalid(
            f"{located.path.name} is made to {model.task}, wanted is one to {task}",
            pointer=located.model.name,
        )
    return model


def predict(
    model: Any,
    pixels: Pixels,
    frame: Letterbox,
    threshold: float,
    device: str,
    *,
    retina_masks: bool = False,
) -> Any:
    """Return what a model of ultralytics finds in one picture (RGB uint8), as its own result.

    `retina_masks` gives masks, where the model has them, at the picture's own size.
    """
    return model.predict(
        np.ascontiguousarray(pixels[:, :, ::-1]),
        imgsz=max(frame.outer),
        conf=threshold,
        iou=IOU,
        max_det=MOST,
        device=device,
        retina_masks=retina_masks,
        verbose=False,
        save=False,
    )[0]
