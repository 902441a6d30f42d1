"""Capabilities that find things: where they are, and their outlines."""

from abc import abstractmethod
from collections.abc import Sequence
from dataclasses import dataclass
from typing import ClassVar

from steps.backends.contract.backend import Backend, Capability
from steps.compose import Crop
from steps.imaging.document import Mask, Pixels


@dataclass(frozen=True, slots=True)
class Box:
    """A rectangle in pixels: [x0, x1) × [y0, y1), x to the right, y down; may be fractional."""

    x0: float
    y0: float
    x1: float
    y1: float

    @property
    def width(self) -> float:
        """Width in pixels."""
        return self.x1 - self.x0

    @property
    def height(self) -> float:
        """Height in pixels."""
        return self.y1 - self.y0

    @property
    def area(self) -> float:
        """Area in square pixels."""
        return max(0.0, self.width) * max(0.0, self.height)

    def intersection(self, other: "Box") -> float:
        """Return the area that both cover, in square pixels."""
        width = min(self.x1, other.x1) - max(self.x0, other.x0)
        height = min(self.y1, other.y1) - max(self.y0, other.y0)
        return max(0.0, width) * max(0.0, height)

    def iou(self, other: "Box") -> float:
        """Return intersection over union, 0..1."""
        shared = self.intersection(other)
        union = self.area + other.area - shared
        return shared / union if union > 0 else 0.0


@dataclass(frozen=True, slots=True)
class Detection:
    """Something a detector saw."""

    label: str
    score: float
    """Confidence 0..1, of the detector's own scale."""
    box: Box


class Detector(Backend):
    """Finds things in one picture at one size; scales and tiles are the step's business."""

    capability = Capability.DETECTION

    classes: tuple[str, ...]
    """Every label it knows."""
    takes_words: ClassVar[bool] = False
    """Whether it can look for any word, through `looking_for`."""

    def looking_for(self, labels: Sequence[str]) -> "Detector":
        """Return a detector that looks for these labels; itself, unless it `takes_words`."""
        return self

    @abstractmethod
    def detect(self, pixels: Pixels, *, size: int, threshold: float) -> list[Detection]:
        """Find everything that it knows.

        Args:
            pixels: RGB uint8 (height, width, 3), at least 1×1.
            size: longest side in pixels at which the model sees the picture; the picture is
                scaled (also up) to it, keeping its aspect.
            threshold: lowest score to return, 0..1.

        Returns:
            Detections in pixel coordinates of `pixels`, overlapping ones of a label merged,
            highest score first.
        """


class Segmenter(Backend):
    """Gives the mask of the thing inside a box."""

    capability = Capability.SEGMENTATION

    labels: tuple[str, ...] | None = None
    """The labels it is made for; None means any."""

    @abstractmethod
    def segment(self, pixels: Pixels, box: Box) -> Mask:
        """Mark the thing inside `box`.

        Args:
            pixels: RGB uint8 (height, width, 3).
            box: in pixel coordinates of `pixels`.

        Returns:
            uint8 (height, width) of the whole picture's size, 255 inside the thing, 0 elsewhere.
        """

    shares_work: ClassVar[bool] = False
    """Whether `segment_all` does less than `segment` for each box, so that it should get them all at once."""

    def segment_all(
        self, pixels: Pixels, boxes: Sequence[Box], windows: Sequence[Crop]
    ) -> list[Mask]:
        """Mark the things inside several boxes of one page.

        Args:
            pixels: the page, RGB uint8 (height, width, 3).
            boxes: in pixel coordinates of the page.
            windows: for each box, the part of the page that its mask is wanted of.

        Returns:
            For each box uint8 of its window's size, 255 inside the thing, 0 elsewhere.
        """
        return [
            self.segment(
                pixels[window.slices],
                Box(box.x0 - window.x0, box.y0 - window.y0, box.x1 - window.x0, box.y1 - window.y0),
            )
            for box, window in zip(boxes, windows, strict=True)
        ]
