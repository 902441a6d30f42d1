"""The step "upscale": make a picture larger, to any factor or size, with a model's detail.

In: one picture of any type that `steps.imaging` decodes, also multi-page. Out: the picture at the
wanted size, and an `UpscaleReport`. Result sizes are limited as inputs are. Default weights:
Real-ESRGAN animevideov3 ("fast") and x4plus ("best"), both BSD-3-Clause.
"""

import numpy as np

from steps import parts, residency
from steps.backends import registry
from steps.backends.contract import Capability, Upscaler
from steps.contract import Context, Item, Step, StepResult
from steps.environment import Environment
from steps.errors import BackendError, InvalidParameters
from steps.imaging.document import Document
from steps.imaging.encode import output_type
from steps.imaging.limits import Limits
from steps.tiling import Size
from steps.upscale.page import PageUpscaler
from steps.upscale.parameters import UpscaleParameters
from steps.upscale.report import UpscaleReport
from steps.upscale.size import target_of

BACKENDS = {
    "fast": (
        "spandrel/realesr-animevideov3",
        "realesr-animevideov3-ncnn",
        "realesr-animevideov3",
    ),
    "best": ("spandrel", "realesrgan-x4plus"),
}
"""What "auto" means, by quality: the first that has a rank here and can be used, else the last says why not."""
WITHOUT_MODEL = "lanczos"
"""What is left of every backend when none of its detail is wanted."""


class Upscale(Step[UpscaleParameters]):
    """Make a picture larger."""

    name = "upscale"
    version = "1.0.0"
    title = "Upscale"
    summary = "Makes a picture larger by any factor up to 8 or to a size, with a model's detail."
    parameters = UpscaleParameters
    report = UpscaleReport
    capabilities = (Capability.UPSCALING.value,)

    def load(self, parameters: UpscaleParameters, environment: Environment) -> None:
        """Load the backend; see `Step.load`."""
        backend_of(parameters, environment)

    def run(self, item: Item, parameters: UpscaleParameters, context: Context) -> StepResult:
        """Upscale the item's picture; see `Step.run`.

        Raises:
            InvalidParameters: the size is not accepted for this picture, or not for the output's type.
        """
        source = parts.source_of(item)
        with context.phase("decode"):
            document = parts.document_of(source, context.environment.limits)
        targets = _targets(document, parameters, context.environment.limits)
        if context.output is not None:
            output_type(_as_large(document, targets), context.output)  # refuses before the work
        with context.phase("load"):
            backend = backend_of(parameters, context.environment)
        upscaler = PageUpscaler(backend, detail=parameters.detail, memory_mb=parameters.memory_mb)
        pages, reports = [], []
        with context.phase("upscale"):
            for index, (page, target) in enumerate(zip(document.pages, targets, strict=True)):
                inner = context.span(*(0.95 * at / len(targets) for at in (index, index + 1)))
                made, report = upscaler.upscale(page, target, inner)
                pages.append(made)
                reports.append(report)
        delivered = parts.deliver(document.with_pages(tuple(pages)), context, source=source)
        context.progress(1.0, "done")
        return StepResult(
            parts=(delivered,),
            report=UpscaleReport(
                step=self.name,
                version=self.version,
                seed=context.seed,
                backends=(registry.use_of(backend.descriptor),),
                pages=tuple(reports),
            ),
        )


def backend_of(parameters: UpscaleParameters, environment: Environment) -> Upscaler:
    """Return the loaded backend that the parameters ask for.

    Raises:
        BackendUnavailable, WeightsMissing, WeightsInvalid: as `residency.choose`.
    """
    return residency.choose(Upscaler, _wanted(parameters, environment), environment)


def _wanted(parameters: UpscaleParameters, environment: Environment) -> str:
    """The name of the backend that the parameters ask for."""
    if parameters.detail == 0.0:
        return WITHOUT_MODEL
    if parameters.backend != "auto":
        return parameters.backend
    names = BACKENDS[parameters.quality]
    return next((name for name in names if _is_good(name, environment)), names[-1])


def _is_good(name: str, environment: Environment) -> bool:
    """Whether "auto" may take a backend here: it can be used, and has a rank on this machine."""
    try:
        chosen = registry.choose(Capability.UPSCALING, name, environment)
    except BackendError:
        return False
    return chosen.kind.descriptor.rank_here(environment) > 0


def _targets(document: Document, parameters: UpscaleParameters, limits: Limits) -> tuple[Size, ...]:
    """The size of every page's result, none of them and not all together over the limits."""
    targets = tuple(target_of(page.size, parameters, limits) for page in document.pages)
    total = sum(width * height for width, height in targets)
    if total > limits.max_total_pixels:
        raise InvalidParameters(
            f"the {len(targets)} pages would have {total:,} px together; "
            f"at most {limits.max_total_pixels:,} are accepted"
        )
    return targets


def _as_large(document: Document, targets: tuple[Size, ...]) -> Document:
    """The document with empty pages of the results' sizes, which take no memory."""
    blank = np.uint8(0)
    return document.with_pages(
        tuple(
            page.with_pixels(
                np.broadcast_to(blank, (height, width, 3)),
                None if page.alpha is None else np.broadcast_to(blank, (height, width)),
            )
            for page, (width, height) in zip(document.pages, targets, strict=True)
        )
    )
