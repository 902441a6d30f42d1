"""What a backend is: a descriptor (data), `load`, and the one verb of its capability."""

from abc import ABC, abstractmethod
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from enum import StrEnum
from typing import ClassVar

from steps import weights
from steps.compose import Crop
from steps.contract import WeightsUse
from steps.device import has_gpu
from steps.environment import Environment
from steps.imaging.document import Mask, Pixels


class Capability(StrEnum):
    """What a backend can do."""

    DETECTION = "detection"
    SEGMENTATION = "segmentation"
    INPAINTING = "inpainting"
    STYLIZATION = "stylization"
    UPSCALING = "upscaling"
    DIFFUSION = "diffusion"


@dataclass(frozen=True, slots=True, kw_only=True)
class Descriptor:
    """What is known of a backend without loading it."""

    name: str
    """Unique within the capability, lower case with hyphens."""
    capability: Capability
    summary: str
    """One sentence for the catalogue."""
    licence: str
    """SPDX name that governs its use: the strictest of code and weights."""
    source: str
    """Paper or repository of the method."""
    requires: tuple[str, ...] = ()
    """Import names that must be installed, e.g. ("onnxruntime",)."""
    weights: tuple[str, ...] = ()
    """Names in the weights catalogue."""
    from_models: bool = False
    """Whether its weights are those of a model that the model sets name (`steps.models`)."""
    model: str = ""
    """Of a loaded backend: the model that it runs."""
    files: tuple[WeightsUse, ...] = ()
    """Of a loaded backend: what a report says of the model's files."""
    devices: tuple[str, ...] = ("cpu",)
    memory_mb: int = 0
    """Peak memory of a usual call beyond the picture, in MiB."""
    size_multiple: int = 1
    """Height and width that the model sees are multiples of this."""
    commercial: bool = True
    """Whether the licence allows commercial use."""
    default: bool = False
    """Whether it works with the light core alone."""
    rank: int = 0
    """`auto` takes the highest rank that can be used; 0 is never taken by `auto`."""
    gpu_rank: int | None = None
    """Rank where there is a GPU; None is the same rank. A network that takes a CPU minutes has rank 0 and this."""

    @property
    def weights_bytes(self) -> int:
        """Size of the weights in the catalogue."""
        return sum(weights.get(name).size_bytes for name in self.weights)

    def rank_here(self, environment: Environment) -> int:
        """Return the rank that holds on this machine."""
        if self.gpu_rank is None or not has_gpu(environment):
            return self.rank
        return self.gpu_rank


@dataclass(frozen=True, slots=True)
class Held:
    """A block of memory of a loaded backend."""

    size_bytes: int
    on_gpu: bool


class Backend(ABC):
    """One model implementation. Made by `load`, shared by every run of a worker process."""

    capability: ClassVar[Capability]
    descriptor: Descriptor
    """Of the class: what is known before loading. A loaded backend may say more: which model it runs."""

    @classmethod
    @abstractmethod
    def load(cls, environment: Environment) -> "Backend":
        """Load weights and runtime.

        Raises:
            WeightsMissing, WeightsInvalid, BackendUnavailable: with what to do about it.
        """

    def held(self) -> dict[int, Held]:
        """Return the memory that it holds as long as it is loaded, in blocks by their identity.

        Two backends that share a component name it by the same identity, so that it counts once.
        """
        return {id(self): Held(self.descriptor.weights_bytes, on_gpu=False)}

    def to_gpu(self) -> None:  # noqa: B027 - nothing to do is right for the CPU
        """Bring what `to_memory` took away back to the GPU; nothing for what runs on the CPU."""

    def to_memory(self) -> None:  # noqa: B027 - likewise
        """Move what it holds on the GPU to main memory; nothing for what runs on the CPU."""

    def lighten(self) -> bool:
        """Give up speed for memory, one degree further, after memory ran out; False where it cannot."""
        return False


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


@dataclass(frozen=True, slots=True)
class Words:
    """What a picture is to show, and what not; both may be empty."""

    prompt: str = ""
    negative_prompt: str = ""


NO_WORDS = Words()


class Inpainter(Backend):
    """Fills a masked region."""

    capability = Capability.INPAINTING

    takes_words: ClassVar[bool] = False
    """Whether words say what goes into the hole; other backends go by the surroundings alone."""

    @abstractmethod
    def inpaint(
        self,
        pixels: Pixels,
        mask: Mask,
        *,
        seed: int,
        check_cancelled: Callable[[], None],
        forbidden: Mask | None = None,
        words: Words = NO_WORDS,
    ) -> Pixels:
        """Fill where the mask is 255.

        Args:
            pixels: RGB uint8 (height, width, 3); usually a crop round the mask.
            mask: uint8 (height, width), 255 = fill.
            seed: of everything random.
            check_cancelled: called often; raises `Cancelled`.
            forbidden: uint8 (height, width), 255 = known pixels that must not be copied from
                (another person, say); None allows all.
            words: what is wanted there; of use where `takes_words`.

        Returns:
            RGB uint8 of the same shape; equal to `pixels` where the mask is 0.
        """

    def refine(
        self,
        pixels: Pixels,
        mask: Mask,
        *,
        seed: int,
        check_cancelled: Callable[[], None],
        forbidden: Mask | None = None,
        words: Words = NO_WORDS,
    ) -> Pixels:
        """Fill where the mask is 255, from the first guess that `pixels` holds there.

        The guess says broadly what goes where and which way lines run; it is soft and without texture.
        A backend that has no use for one fills as ever, which is the default. See `inpaint`.
        """
        return self.inpaint(
            pixels,
            mask,
            seed=seed,
            check_cancelled=check_cancelled,
            forbidden=forbidden,
            words=words,
        )


class Upscaler(Backend):
    """Makes a picture larger, one window of it at a time; tiles are the step's business."""

    capability = Capability.UPSCALING

    largest_factor: float
    """Largest factor of one pass; larger ones take several."""
    overlap: int
    """Px round a box that the window must hold too, so that tiles agree at their borders; at least the 4 that
    Lanczos needs, which may be mixed in."""
    bytes_per_pixel: int
    """Bytes of memory that one call takes for each px of its window."""
    largest_tile: int
    """Side in px, without the overlap, above which larger tiles bring nothing."""

    @abstractmethod
    def upscale(
        self,
        pixels: Pixels,
        *,
        box: tuple[float, float, float, float],
        size: tuple[int, int],
        check_cancelled: Callable[[], None],
    ) -> Pixels:
        """Show a part of a window at a larger size.

        Args:
            pixels: the window, RGB uint8 (height, width, 3).
            box: the part, (x0, y0, x1, y1) in px of the window; may be fractional.
            size: (width, height) of the result, 1..`largest_factor` times the box's.
            check_cancelled: called often; raises `Cancelled`.

        Returns:
            RGB uint8 (size[1], size[0], 3).
        """


class Stylizer(Backend):
    """Paints a whole picture in a style; large pictures are the step's business."""

    capability = Capability.STYLIZATION
    styles: ClassVar[tuple[str, ...]] = ()
    """Names of the styles that it knows; empty for a backend that only takes style pictures."""
    takes_pictures: ClassVar[bool] = False
    """Whether a picture may be given as the style."""
    takes_words: ClassVar[bool] = False
    """Whether words may say the style, alone or beside a picture."""

    @abstractmethod
    def stylize(
        self,
        pixels: Pixels,
        style: str | Pixels | None,
        *,
        seed: int,
        check_cancelled: Callable[[], None],
        words: Words = NO_WORDS,
        denoise: float | None = None,
    ) -> Pixels:
        """Paint a picture; the size of the strokes is fixed in px, memory grows with the picture.

        Args:
            pixels: RGB uint8 (height, width, 3), at least 1×1, at most about 4 megapixels.
            style: one of `styles`, or, where `takes_pictures`, RGB uint8 of any size; None where the
                words say it.
            seed: of everything random.
            check_cancelled: called often; raises `Cancelled`.
            words: of the style; of use where `takes_words`.
            denoise: 0..1, how much is made anew, where `takes_words`; None takes the model's own.

        Returns:
            RGB uint8 of the shape of `pixels`.
        """


class Painter(Backend):
    """Makes pictures from words."""

    capability = Capability.DIFFUSION

    @abstractmethod
    def paint(
        self,
        words: Words,
        *,
        size: tuple[int, int],
        seed: int,
        steps: int | None,
        guidance_scale: float | None,
        check_cancelled: Callable[[], None],
    ) -> Pixels:
        """Make a picture.

        Args:
            words: what is to be seen, and what not.
            size: (width, height) in px.
            seed: of everything random.
            steps: denoising steps; None takes the model's own number.
            guidance_scale: how much the words count; None takes the model's own.
            check_cancelled: called at every step; raises `Cancelled`.

        Returns:
            RGB uint8 of that size.
        """

    @abstractmethod
    def repaint(
        self,
        pixels: Pixels,
        words: Words,
        *,
        size: tuple[int, int],
        strength: float,
        seed: int,
        steps: int | None,
        guidance_scale: float | None,
        check_cancelled: Callable[[], None],
    ) -> Pixels:
        """Enlarge a picture to `size` and paint over it: what it shows stays, its detail is made anew.

        Args:
            pixels: RGB uint8 (height, width, 3).
            words: as `paint`.
            size: (width, height) of the result in px.
            strength: 0..1, how much is made anew; 0 nothing.
            seed: as `paint`.
            steps: as `paint`; of them the share `strength` is run.
            guidance_scale: as `paint`.
            check_cancelled: as `paint`.

        Returns:
            RGB uint8 of that size.
        """
