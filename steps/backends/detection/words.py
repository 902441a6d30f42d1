"""Words as classes: an open-vocabulary detector, for whatever no other detector knows ("licence plate", "screen").

In: RGB pixels and words. Out: detections labelled with the words. Without words of a caller it looks for COCO's
classes. Each word is scored by its best token, as the authors do for phrases. It always sees something: thresholds
below 0.3 bring wrong boxes. Needs the extra `gpu`. Method: Liu et al., Grounding DINO (2023),
https://github.com/IDEA-Research/GroundingDINO, Apache-2.0, code and weights.
"""

from collections.abc import Iterator, Sequence
from functools import partial
from typing import Any

import numpy as np
from numpy.typing import NDArray

from steps.backends.contract import Box, Capability, Descriptor, Detection, Detector
from steps.backends.detection.coco import COCO
from steps.backends.detection.suppression import keep_best
from steps.backends.torch_backend import TorchBackend, never
from steps.backends.torch_runtime import device_of
from steps.backends.transformers_files import opened
from steps.environment import Environment
from steps.imaging.document import Pixels
from steps.models import Located

WORDS_OF_A_PASS = 40
"""Its text may have 256 tokens; a word has seldom more than four."""
IOU = 0.7
MOST = 300
STRIDE = 32


class WordsDetector(TorchBackend, Detector):
    """Grounding DINO by folder."""

    descriptor = Descriptor(
        name="words-detector",
        capability=Capability.DETECTION,
        summary="finds what words name, for classes that no other detector knows; made for a GPU",
        licence="Apache-2.0",
        source="https://github.com/IDEA-Research/GroundingDINO",
        requires=("torch", "torchvision", "transformers"),
        from_models=True,
        devices=("cpu", "cuda"),
        memory_mb=4000,
        size_multiple=STRIDE,
        rank=5,
    )
    classes: tuple[str, ...] = COCO
    takes_words = True

    def __init__(self, model: Any, processor: Any, located: Located, *, device: str) -> None:
        """Take the loaded model and its processor (pictures and words), and where they came from."""
        super().__init__((model,), located, device=device)
        self._model, self._processor = model, processor

    @classmethod
    def load_model(cls, located: Located, environment: Environment) -> "WordsDetector":
        """Load the folder; see `ModelBackend.load_model`."""
        from transformers import AutoModelForZeroShotObjectDetection, AutoProcessor

        model = opened(located, AutoModelForZeroShotObjectDetection)
        # Its deformable attention has a kernel that is compiled at the first call; torch's own operations do as well.
        model.config.disable_custom_kernels = True
        return cls(model, opened(located, AutoProcessor), located, device=device_of(environment))

    def looking_for(self, labels: Sequence[str]) -> Detector:
        """Return a detector of these words; see `Detector.looking_for`."""
        return _Looking(self, tuple(labels))

    def detect(self, pixels: Pixels, *, size: int, threshold: float) -> list[Detection]:
        """Find COCO's classes; see `Detector.detect`."""
        return self.find(pixels, self.classes, size=size, threshold=threshold)

    def find(
        self, pixels: Pixels, words: Sequence[str], *, size: int, threshold: float
    ) -> list[Detection]:
        """Find what words name; otherwise as `Detector.detect`."""
        found: list[Detection] = []
        for start in range(0, len(words), WORDS_OF_A_PASS):
            group = words[start : start + WORDS_OF_A_PASS]
            boxes, scores = self.in_turn(partial(self._look, pixels, group, size), never)
            found += _above(boxes, scores, group, threshold)
        return sorted(found, key=lambda each: -each.score)

    def _look(
        self, pixels: Pixels, words: Sequence[str], size: int
    ) -> tuple[NDArray[np.float32], NDArray[np.float32]]:
        """Return boxes (n, 4) in px of the picture, and scores (n, words)."""
        height, width = pixels.shape[:2]
        scale = size / max(height, width)
        seen = {"height": _multiple(height * scale), "width": _multiple(width * scale)}
        inputs = self._processor(
            images=pixels,
            text=" ".join(f"{word.lower()}." for word in words),
            images_kwargs={"size": seen, "input_data_format": "channels_last"},
            return_tensors="pt",
        ).to(self._device)
        outputs = self._model(**inputs)
        tokens = outputs.logits[0].float().sigmoid()
        ids = inputs["input_ids"][0].tolist()
        stop = self._processor.tokenizer.convert_tokens_to_ids(".")
        spans = list(_spans(ids, stop, self._processor.tokenizer.cls_token_id))[: len(words)]
        scores = np.stack([tokens[:, span].amax(1).cpu().numpy() for span in spans], axis=1)
        x, y, w, h = outputs.pred_boxes[0].float().cpu().numpy().T
        corners = np.stack([x - w / 2, y - h / 2, x + w / 2, y + h / 2], axis=1).clip(0, 1)
        return (corners * [width, height, width, height]).astype(np.float32), scores


class _Looking(Detector):
    """The detector with words of a caller's."""

    def __init__(self, whole: WordsDetector, words: tuple[str, ...]) -> None:
        self._whole = whole
        self.classes = words
        self.descriptor = whole.descriptor

    @classmethod
    def load(cls, environment: Environment) -> "Detector":
        raise NotImplementedError("made by WordsDetector.looking_for")

    def detect(self, pixels: Pixels, *, size: int, threshold: float) -> list[Detection]:
        return self._whole.find(pixels, self.classes, size=size, threshold=threshold)


def _spans(ids: list[int], stop: int, begin: int) -> Iterator[slice]:
    """Yield where each word's tokens lie: between the beginning or a full stop and the next full stop."""
    start = 1 if ids and ids[0] == begin else 0
    for place, token in enumerate(ids):
        if token == stop:
            yield slice(start, place)
            start = place + 1


def _above(
    boxes: NDArray[np.float32], scores: NDArray[np.float32], words: Sequence[str], threshold: float
) -> list[Detection]:
    """Return what scores above the threshold, the best of overlapping boxes of a word."""
    place, label = np.nonzero(scores >= threshold)
    found = scores[place, label].astype(np.float32)
    kept = keep_best(boxes[place], found, label.astype(np.int64), iou=IOU, most=MOST)
    return [
        Detection(
            words[int(label[index])],
            float(found[index]),
            Box(*(float(corner) for corner in boxes[place[index]])),
        )
        for index in kept
    ]


def _multiple(side: float) -> int:
    return max(STRIDE, round(side / STRIDE) * STRIDE)
