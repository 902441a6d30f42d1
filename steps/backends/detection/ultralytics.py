"""YOLOv8n run by ultralytics itself on torch: the same boxes as "yolov8n-onnx", also on a GPU.

In: RGB pixels. Out: detections of COCO's 80 classes. Needs the extra `gpu`. Method, code and
weights: ultralytics (https://docs.ultralytics.com), AGPL-3.0 all three.
"""

from typing import Any

import numpy as np

from steps import weights
from steps.backends.contract import Box, Capability, Descriptor, Detection, Detector
from steps.backends.detection.coco import COCO
from steps.backends.detection.letterbox import Letterbox
from steps.backends.detection.yolo import IOU, MOST
from steps.environment import Environment
from steps.errors import BackendUnavailable
from steps.imaging.document import Pixels


class Ultralytics(Detector):
    """The default weights under their own library."""

    descriptor = Descriptor(
        name="ultralytics",
        capability=Capability.DETECTION,
        summary="YOLOv8n run by ultralytics on torch: COCO's 80 classes, on a GPU where there is one",
        licence="AGPL-3.0",
        source="https://github.com/ultralytics/ultralytics",
        requires=("torch", "torchvision", "ultralytics"),
        weights=("yolov8n",),
        devices=("cpu", "cuda"),
        memory_mb=1200,
        size_multiple=32,
        rank=40,
    )
    classes = COCO

    def __init__(self, model: Any, device: str) -> None:
        """Take a loaded `ultralytics.YOLO` and "cpu" or "cuda"; `load` gives both."""
        self._model = model
        self._device = device
        self.classes = tuple(model.names[i] for i in range(len(model.names)))

    @classmethod
    def load(cls, environment: Environment) -> "Ultralytics":
        """Load the checkpoint.

        Raises:
            BackendUnavailable: a GPU is asked for and there is none.
            WeightsMissing, WeightsInvalid: the checkpoint is absent or damaged.
        """
        import torch
        import ultralytics

        cuda = torch.cuda.is_available()
        if environment.device == "cuda" and not cuda:
            raise BackendUnavailable("RETUSCHE_DEVICE=cuda, but torch sees no CUDA device")
        torch.set_num_threads(environment.threads)
        model = ultralytics.YOLO(weights.path("yolov8n", environment), task="detect")
        return cls(model, "cuda" if cuda and environment.device != "cpu" else "cpu")

    def detect(self, pixels: Pixels, *, size: int, threshold: float) -> list[Detection]:
        """Find everything that it knows; see `Detector.detect`."""
        height, width = pixels.shape[:2]
        frame = Letterbox.fit(width, height, size=size)
        result = self._model.predict(
            np.ascontiguousarray(pixels[:, :, ::-1]),
            imgsz=max(frame.outer),
            conf=threshold,
            iou=IOU,
            max_det=MOST,
            device=self._device,
            verbose=False,
            save=False,
        )[0].boxes
        return [
            Detection(self.classes[int(label)], score, Box(*corners))
            for corners, score, label in zip(
                result.xyxy.tolist(), result.conf.tolist(), result.cls.tolist(), strict=True
            )
        ]
