"""What a caller may say about an anonymization."""

from typing import Annotated, Literal, Self

from pydantic import Field, model_validator

from steps.contract import Parameters, Wire

Point = Annotated[tuple[float, float], Field(description="[x, y]")]


class Zone(Wire):
    """An area of the picture: a rectangle, or a polygon of at least three points."""

    unit: Literal["fraction", "px"] = "fraction"
    """"fraction": 0..1 of the upright picture's width and height; "px": its pixels."""
    rectangle: (
        Annotated[tuple[float, float, float, float], Field(description="[x0, y0, x1, y1]")] | None
    ) = None
    """Left, top, right, bottom."""
    polygon: Annotated[tuple[Point, ...], Field(min_length=3, max_length=1000)] | None = None
    """Corners in order; the last joins the first."""

    @model_validator(mode="after")
    def _one_shape(self) -> Self:
        if (self.rectangle is None) == (self.polygon is None):
            raise ValueError("a zone is either a rectangle or a polygon")
        if self.rectangle is not None:
            x0, y0, x1, y1 = self.rectangle
            if x1 <= x0 or y1 <= y0:
                raise ValueError("a rectangle is [x0, y0, x1, y1] with x1 > x0 and y1 > y0")
        numbers = self.rectangle or tuple(n for point in self.polygon or () for n in point)
        top = 1.0 if self.unit == "fraction" else 1e6
        if any(not 0.0 <= n <= top for n in numbers):
            raise ValueError(f"coordinates in {self.unit} lie within 0..{top:g}")
        return self


Fraction = Annotated[float, Field(ge=0.0, le=1.0)]


class AnonymizeParameters(Parameters):
    """Which things to remove, how sure to be, how to remove them, and what to do about a remainder."""

    classes: Annotated[tuple[str, ...], Field(min_length=1, max_length=100)] = ("person",)
    """Classes to remove, by the detectors' names: "person", "face", "car", "dog", …"""
    threshold: float = Field(default=0.25, gt=0.0, lt=1.0)
    """Lowest score of a detection that is removed."""
    thresholds: dict[str, Annotated[float, Field(gt=0.0, lt=1.0)]] = Field(default_factory=dict)
    """Lowest score by class, where it differs from `threshold`."""
    min_size: int = Field(default=0, ge=0, le=10_000)
    """Detections whose longer side is shorter than this many px are left alone; 0 removes all."""
    keep_zones: Annotated[tuple[Zone, ...], Field(max_length=100)] = ()
    """Pixels in these zones are never changed, whatever is seen there."""
    ignore_zones: Annotated[tuple[Zone, ...], Field(max_length=100)] = ()
    """Detections whose centre lies in one of these zones are left alone."""
    method: Literal["inpaint", "blur", "pixelate", "solid"] = "inpaint"
    """How things are removed: filled from their surroundings, blurred, pixelated, or one colour."""
    color: str = Field(default="#808080", pattern=r"^#[0-9a-fA-F]{6}$")
    """Colour of "solid", and of the fallback to it, as #rrggbb."""
    mask: Literal["auto", "box", "ellipse", "segmentation"] = "auto"
    """Shape of what is removed; "auto" follows the body where it is sure of it, else takes the box."""
    dilate: float = Field(default=0.06, ge=0.0, le=1.0)
    """How far the mask grows, as a share of the shorter side of each thing's box."""
    feather: float = Field(default=0.02, ge=0.0, le=0.5)
    """Width of the soft edge inside the grown mask, as a share of the shorter side of each box."""
    on_residual: Literal["redact", "fail", "report"] = "redact"
    """When something is still seen after the last round: cover it with `color`, fail, or report it."""
    rounds: int = Field(default=2, ge=1, le=5)
    """Rounds of filling and looking again before `on_residual` decides."""
    tiles: Literal["auto", "never"] = "auto"
    """"auto" looks at large pictures in tiles too, to find small things; "never" only as a whole."""
    detector: str = "auto"
    """Backend that finds things; "auto" takes the best that is installed and allowed."""
    segmenter: str = "auto"
    """Backend that finds outlines."""
    inpainter: str = "auto"
    """Backend that fills."""

    def threshold_of(self, label: str) -> float:
        """Return the lowest score at which a thing of this class is removed."""
        return self.thresholds.get(label, self.threshold)
