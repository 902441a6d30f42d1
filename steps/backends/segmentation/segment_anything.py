"""Segment Anything: the outline of whatever is inside a box, of any class.

In: a picture and boxes. Out: a mask for each. Boxes that lie near each other share one pass of the encoder, which
takes nearly all of the time; several passes run as a batch; then the decoder answers all boxes of a pass at once.
The automatic mask generator, which asks about a grid of points, is not used: the boxes say where to look. Options in
a model set: `batch`, passes at a time (8 on a GPU, 1 on a CPU). Method: Kirillov et al. (2023),
https://github.com/facebookresearch/segment-anything, Apache-2.0, code and weights.
"""

from collections.abc import Sequence
from typing import Any

import numpy as np
from pydantic import Field

from steps.backends.contract import Box, Capability, Descriptor, Segmenter
from steps.backends.model_options import Options
from steps.backends.segmentation.sharing import Pass, shared_passes
from steps.backends.torch_backend import TorchBackend, never
from steps.backends.torch_pixels import tensor_of
from steps.backends.torch_runtime import device_of, precision_of
from steps.backends.transformers_files import opened
from steps.compose import Crop
from steps.environment import Environment
from steps.imaging.document import Mask, Pixels
from steps.models import Located

MEAN, DEVIATION = (0.485, 0.456, 0.406), (0.229, 0.224, 0.225)
"""Of the pictures that it was trained on, by channel, 0..1."""


class SegmentAnythingOptions(Options):
    """What a model set may decide."""

    batch: int | None = Field(default=None, ge=1, le=64)
    """Passes of the encoder at a time."""


class SegmentAnything(TorchBackend, Segmenter):
    """SAM with box prompts."""

    descriptor = Descriptor(
        name="segment-anything",
        capability=Capability.SEGMENTATION,
        summary="Segment Anything with boxes: sharp outlines of any class; made for a GPU, 20 s on a CPU",
        licence="Apache-2.0",
        source="https://github.com/facebookresearch/segment-anything",
        requires=("torch", "transformers"),
        from_models=True,
        devices=("cpu", "cuda"),
        memory_mb=3300,
        gpu_rank=70,
    )
    labels = None
    shares_work = True

    def __init__(self, model: Any, located: Located, *, device: str, dtype: Any) -> None:
        """Take the loaded model, where it came from, and what to calculate in."""
        super().__init__((model.to(dtype),), located, device=device)
        self._model, self._dtype = model, dtype
        self._side = int(model.config.vision_config.image_size)
        self._batch = SegmentAnythingOptions.of(located.model).batch or (
            8 if device == "cuda" else 1
        )

    @classmethod
    def load_model(cls, located: Located, environment: Environment) -> "SegmentAnything":
        """Load the folder; see `ModelBackend.load_model`."""
        from transformers import SamModel

        device = device_of(environment)
        dtype = precision_of(environment, device, half=True, bfloat16=True)
        return cls(opened(located, SamModel), located, device=device, dtype=dtype)

    def segment(self, pixels: Pixels, box: Box) -> Mask:
        """Mark the thing inside `box`; see `Segmenter.segment`."""
        height, width = pixels.shape[:2]
        return self.segment_all(pixels, [box], [Crop(0, 0, width, height)])[0]

    def segment_all(
        self, pixels: Pixels, boxes: Sequence[Box], windows: Sequence[Crop]
    ) -> list[Mask]:
        """Mark the things inside several boxes; see `Segmenter.segment_all`."""
        height, width = pixels.shape[:2]
        masks = [np.zeros((w.height, w.width), np.uint8) for w in windows]
        passes = shared_passes(boxes, width, height, side=self._side)
        for start in range(0, len(passes), self._batch):
            group = passes[start : start + self._batch]
            for each, found in zip(group, self._look(pixels, boxes, group), strict=True):
                for index, mask in zip(each.boxes, found, strict=True):
                    _lay(masks[index], windows[index], mask, each.crop)
        return masks

    def _look(
        self, pixels: Pixels, boxes: Sequence[Box], group: Sequence[Pass]
    ) -> list[list[Mask]]:
        """Return for each pass the masks of its boxes, each of the pass's size."""

        def work() -> list[list[Mask]]:
            import torch

            seen = torch.cat([self._seen(pixels[each.crop.slices]) for each in group])
            embedded = self._model.get_image_embeddings(seen)
            return [
                self._decoded(embedded[number : number + 1], [boxes[i] for i in each.boxes], each)
                for number, each in enumerate(group)
            ]

        return self.in_turn(work, never)

    def _seen(self, crop: Pixels) -> Any:
        """Return a crop as the encoder sees it: its longer side filled, the rest empty."""
        import torch
        import torch.nn.functional as nn

        picture = tensor_of(crop, device=self._device)
        height, width = self._size_of(crop.shape[0], crop.shape[1])
        scaled = nn.interpolate(
            picture, (height, width), mode="bilinear", align_corners=False, antialias=True
        )
        mean, deviation = (
            torch.tensor(values, device=self._device).view(1, 3, 1, 1)
            for values in (MEAN, DEVIATION)
        )
        framed = nn.pad(
            (scaled - mean) / deviation, (0, self._side - width, 0, self._side - height)
        )
        return framed.to(self._dtype)

    def _decoded(self, embedded: Any, boxes: Sequence[Box], each: Pass) -> list[Mask]:
        import torch
        import torch.nn.functional as nn

        crop = each.crop
        height, width = self._size_of(crop.height, crop.width)
        scale = (width / crop.width, height / crop.height) * 2
        corners = [
            [
                (at - start) * factor
                for at, start, factor in zip(
                    (box.x0, box.y0, box.x1, box.y1), (crop.x0, crop.y0) * 2, scale, strict=True
                )
            ]
            for box in boxes
        ]
        # In full precision: half of it would round corners to whole px.
        asked = torch.tensor([corners], device=self._device, dtype=torch.float32)
        found = (
            self._model(image_embeddings=embedded, input_boxes=asked, multimask_output=False)
            .pred_masks[0]
            .float()
        )
        whole = nn.interpolate(
            found, (self._side, self._side), mode="bilinear", align_corners=False
        )
        exact = nn.interpolate(
            whole[..., :height, :width],
            (crop.height, crop.width),
            mode="bilinear",
            align_corners=False,
        )
        masks = ((exact[:, 0] > 0).to(torch.uint8) * 255).cpu().numpy()
        return list(masks)

    def _size_of(self, height: int, width: int) -> tuple[int, int]:
        """Return (height, width) of a crop as the encoder sees it."""
        scale = self._side / max(height, width)
        return max(1, round(height * scale)), max(1, round(width * scale))


def _lay(target: Mask, window: Crop, mask: Mask, crop: Crop) -> None:
    """Copy what two areas of the page share from one's mask to the other's."""
    x0, y0 = max(window.x0, crop.x0), max(window.y0, crop.y0)
    x1, y1 = min(window.x1, crop.x1), min(window.y1, crop.y1)
    target[y0 - window.y0 : y1 - window.y0, x0 - window.x0 : x1 - window.x0] = mask[
        y0 - crop.y0 : y1 - crop.y0, x0 - crop.x0 : x1 - crop.x0
    ]
