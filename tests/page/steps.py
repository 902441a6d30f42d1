"""Steps for tests of the page: one changes every pixel, one waits half way, one fails at first."""

import io
from pathlib import Path

import numpy as np
from PIL import Image

from steps import errors
from steps.anonymize.parameters import Zone
from steps.contract import (
    Context,
    InputRole,
    Item,
    Parameters,
    Part,
    PartType,
    Report,
    Role,
    Step,
    StepResult,
)
from steps.registry import Registry, build


class NegativeParameters(Parameters):
    """Where to look."""

    zones: tuple[Zone, ...] = ()
    """Areas."""


class NegativeReport(Report):
    """What the negative adds."""

    verdict: str = "clean"
    """A judgement."""


class Negative(Step[NegativeParameters]):
    """Turns a picture into its negative; the mask is its left half."""

    name = "negative"
    version = "1.0.0"
    title = "Negative"
    summary = "Light becomes dark."
    inputs = (
        InputRole(role=Role.SOURCE, required=True, description="the picture"),
        InputRole(role=Role.MASK, required=False, description="a mask"),
    )
    parameters = NegativeParameters
    report = NegativeReport

    def run(self, item: Item, parameters: NegativeParameters, context: Context) -> StepResult:
        """Turn it round."""
        source = item.base_parts(Role.SOURCE)[0]
        assert isinstance(source.content, bytes)
        pixels = np.asarray(Image.open(io.BytesIO(source.content)).convert("RGB"))
        height, width, _ = pixels.shape
        half = np.zeros((height, width), np.uint8)
        half[:, : width // 2] = 255
        wanted = context.output.mime_type if context.output else None
        form, kind = ("TIFF", "image/tiff") if wanted == "image/tiff" else ("PNG", "image/png")
        result = Part(
            content=_encoded(255 - pixels, form),
            filename=f"negative.{form.lower()}",
            mime_type=kind,
            source_part_id=source.id,
        )
        mask = Part(
            content=_encoded(half, "PNG"),
            filename="negative.mask.png",
            mime_type="image/png",
            type=PartType.META,
            role=Role.MASK,
        )
        report = NegativeReport(
            step=self.name, version=self.version, seed=0, timings={"turning": 0.25, "total": 0.5}
        )
        return StepResult(parts=(result, mask), report=report)


def _encoded(pixels: np.ndarray[tuple[int, ...], np.dtype[np.uint8]], form: str) -> bytes:
    out = io.BytesIO()
    Image.fromarray(pixels).save(out, form)
    return out.getvalue()


class GateParameters(Parameters):
    """Where to wait."""

    gate: str = ""
    """A path: a FIFO that is waited for, or a file without which it fails."""


class Paced(Step[GateParameters]):
    """Goes half way, and on when its FIFO is opened."""

    name = "paced"
    version = "1.0.0"
    title = "Paced"
    summary = "Waits half way."
    parameters = GateParameters

    def run(self, item: Item, parameters: GateParameters, context: Context) -> StepResult:
        """Wait half way."""
        context.progress(0.5, "half way")
        Path(parameters.gate).read_bytes()
        report = Report(step=self.name, version=self.version, seed=0)
        return StepResult(parts=item.base_parts(Role.SOURCE), report=report)


class Moody(Step[GateParameters]):
    """Fails until its file is there."""

    name = "moody"
    version = "1.0.0"
    title = "Moody"
    summary = "Fails at first."
    parameters = GateParameters

    def run(self, item: Item, parameters: GateParameters, context: Context) -> StepResult:
        """Fail, or not."""
        if not Path(parameters.gate).exists():
            raise errors.StepFailed("not in the mood", pointer="/gate")
        report = Report(step=self.name, version=self.version, seed=0)
        return StepResult(parts=item.base_parts(Role.SOURCE), report=report)


def registry() -> Registry:
    """Return these and the samples."""
    own = (f"tests.page.steps:{name}" for name in ("Negative", "Paced", "Moody"))
    return build((*own, "tests.connector.sample_steps:Echo", "steps.generate:Generate"))
