"""The step "generate": pictures from words, as many variations as wanted, side by side.

In: nothing but parameters. Out: a PNG (or what the output asks for) for each seed, and a `GenerateReport`. A second
pass makes detail at a larger size, the step "upscale" enlarges at the end. Limits: results as large as pictures may
be. It needs a diffusion model: the extra `gpu`, and a model set that names one (docs/models.md). Default weights:
SDXL, OpenRAIL++-M.
"""

from steps import parts, residency
from steps.backends.contract import Backend, Capability, Painter, Upscaler, Words
from steps.backends.registry import use_of
from steps.contract import Context, Item, Part, Step, StepResult
from steps.environment import Environment
from steps.errors import InvalidParameters
from steps.generate.parameters import GenerateParameters
from steps.generate.report import GeneratedPicture, GenerateReport
from steps.imaging.document import Document, Page, Pixels
from steps.imaging.limits import Limits
from steps.upscale.page import PageUpscaler
from steps.upscale.parameters import UpscaleParameters
from steps.upscale.step import backend_of

SEEDS = 2**32
"""Seeds start over behind the last one."""


class Generate(Step[GenerateParameters]):
    """Make pictures from words."""

    name = "generate"
    version = "1.0.0"
    title = "Generate"
    summary = "Makes pictures from words by a diffusion model; for installations that have one."
    inputs = ()
    parameters = GenerateParameters
    report = GenerateReport
    capabilities = (Capability.DIFFUSION.value, Capability.UPSCALING.value)

    def usual_parameters(self) -> GenerateParameters:
        """Return a call; there is none without words."""
        return GenerateParameters(prompt="a photo")

    def load(self, parameters: GenerateParameters, environment: Environment) -> None:
        """Load the painter; see `Step.load`."""
        residency.choose(Painter, parameters.backend, environment)

    def run(self, item: Item, parameters: GenerateParameters, context: Context) -> StepResult:
        """Make the pictures; see `Step.run`.

        Raises:
            InvalidParameters: a result would be larger than pictures may be.
            BackendUnavailable, WeightsMissing: there is no model here; says how to get one.
        """
        _check_size(parameters, context.environment.limits)
        with context.phase("load"):
            painter = residency.choose(Painter, parameters.backend, context.environment)
            enlarger = _enlarger(parameters, context.environment)
        made, pictures = [], []
        for number in range(parameters.count):
            inner = context.span(*(0.95 * at / parameters.count for at in (number, number + 1)))
            seed = (parameters.seed + number) % SEEDS
            page = Page(pixels=_painted(painter, parameters, seed, inner.span(0, 0.8)))
            page = _enlarged(page, enlarger, parameters, inner.span(0.8, 1))
            made.append(_delivered(page, number + 1, context))
            pictures.append(
                GeneratedPicture(
                    number=number + 1, seed=seed, width=page.size[0], height=page.size[1]
                )
            )
        context.progress(1.0, "done")
        used: tuple[Backend, ...] = (painter,) if enlarger is None else (painter, enlarger)
        return StepResult(
            parts=tuple(made),
            report=GenerateReport(
                step=self.name,
                version=self.version,
                seed=context.seed,
                backends=tuple(use_of(backend.descriptor) for backend in used),
                pictures=tuple(pictures),
            ),
        )


def _check_size(parameters: GenerateParameters, limits: Limits) -> None:
    scale = parameters.upscale * (parameters.refine_scale if parameters.refine else 1.0)
    pixels = round(parameters.width * scale) * round(parameters.height * scale)
    if pixels > limits.max_pixels:
        raise InvalidParameters(
            f"the pictures would have {pixels:,} px each; at most {limits.max_pixels:,} are accepted",
            pointer="/upscale" if parameters.upscale > 1 else "/width",
        )


def _painted(
    painter: Painter, parameters: GenerateParameters, seed: int, context: Context
) -> Pixels:
    words = Words(parameters.prompt, parameters.negative_prompt)
    context.progress(0.0, "painting")
    with context.phase("paint"):
        pixels = painter.paint(
            words,
            size=(parameters.width, parameters.height),
            seed=seed,
            steps=parameters.steps,
            guidance_scale=parameters.guidance_scale,
            check_cancelled=context.check_cancelled,
        )
    if parameters.refine == 0:
        return pixels
    context.progress(0.5, "refining")
    with context.phase("refine"):
        return painter.repaint(
            pixels,
            words,
            size=(
                round(parameters.width * parameters.refine_scale),
                round(parameters.height * parameters.refine_scale),
            ),
            strength=parameters.refine,
            seed=seed,
            steps=parameters.steps,
            guidance_scale=parameters.guidance_scale,
            check_cancelled=context.check_cancelled,
        )


def _enlarger(parameters: GenerateParameters, environment: Environment) -> Upscaler | None:
    if parameters.upscale == 1:
        return None
    return backend_of(UpscaleParameters(factor=parameters.upscale), environment)


def _enlarged(
    page: Page, backend: Upscaler | None, parameters: GenerateParameters, context: Context
) -> Page:
    if backend is None:
        return page
    usual = UpscaleParameters(factor=parameters.upscale)
    target = tuple(round(side * parameters.upscale) for side in page.size)
    with context.phase("upscale"):
        upscaler = PageUpscaler(backend, detail=usual.detail, memory_mb=usual.memory_mb)
        return upscaler.upscale(page, (target[0], target[1]), context)[0]


def _delivered(page: Page, number: int, context: Context) -> Part:
    document = Document(pages=(page,), mime_type="image/png")
    return parts.deliver(document, context, source=Part(content=b"", filename=f"{number}.png"))
