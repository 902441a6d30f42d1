"""YOLOv8n on OpenVINO: the same network as "yolov8n-onnx", nearly twice as fast where the processor has bfloat16.

In: RGB pixels. Out: detections. Weights and licence are those of `yolo`: AGPL-3.0.
"""

from dataclasses import replace

from steps import weights
from steps.backends.detection import openvino_runtime
from steps.backends.detection.graph_cache import open_graph
from steps.backends.detection.yolo import YoloV8
from steps.environment import Environment


class YoloV8OpenVino(YoloV8):
    """The default detector where OpenVINO is installed."""

    descriptor = replace(
        YoloV8.descriptor,
        name="yolov8n-openvino",
        summary="YOLOv8n on OpenVINO: COCO's 80 classes, in bfloat16 where the processor has it",
        requires=("onnx", "openvino", "cv2"),
        rank=110,
    )

    @classmethod
    def load(cls, environment: Environment) -> "YoloV8OpenVino":
        """Open the graph beside the weights, writing it first where it is missing.

        Raises:
            WeightsMissing, WeightsInvalid: the checkpoint is absent or damaged.
        """
        path = weights.path("yolov8n", environment)
        return cls(open_graph(path, environment, openvino_runtime.session))
