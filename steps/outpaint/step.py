"""The step "outpaint": make the picture larger on its sides, continued from itself, the original untouched.

In: one picture of any type that `steps.imaging` decodes, also multi-page. Out: the larger picture, and
an `OutpaintReport`. At most the picture's own side is added on each side; results are limited as
inputs are.

What this tier can do: it continues backgrounds (sky, water, walls, floors, foliage, textures) from the
picture's own pixels, and lets lines, horizons and gradients go on in their direction; a large body or thing that
the edge cuts goes on as its own surface (a coat, a wall). What it cannot: invent objects, or complete what the
edge cuts off: an arm, a wheel, the other half of a face; masts and lattices come out as repeated pieces.
No weights are needed; a detector's, where there are any, keep people and things from being copied.
"""

from steps import parts, residency
from steps.backends.contract import Capability, Inpainter
from steps.backends.registry import use_of
from steps.contract import Context, Item, Message, Step, StepResult
from steps.environment import Environment
from steps.errors import InvalidParameters
from steps.imaging.document import Document
from steps.imaging.encode import is_exact
from steps.imaging.limits import Limits
from steps.outpaint.geometry import Extension, extension_of
from steps.outpaint.page import extend
from steps.outpaint.parameters import OutpaintParameters
from steps.outpaint.report import OutpaintReport
from steps.watch import Watch
from steps.words import words_for

FROM_ITSELF = Message(
    severity="info",
    code="continued-from-itself",
    text="the new area is made of the picture's own pixels: backgrounds, lines and surfaces are continued; no objects "
    "are invented, and what the edge cut off is not completed",
)


class Outpaint(Step[OutpaintParameters]):
    """Continue a picture beyond its edges."""

    name = "outpaint"
    version = "1.1.0"
    title = "Outpaint"
    summary = "Continues a picture's background beyond its edges; the original stays bit for bit."
    parameters = OutpaintParameters
    report = OutpaintReport
    capabilities = (Capability.INPAINTING.value, Capability.DETECTION.value)

    def usual_parameters(self) -> OutpaintParameters:
        """Return a square: an extension has to be named."""
        return OutpaintParameters(aspect_ratio="1:1")

    def load(self, parameters: OutpaintParameters, environment: Environment) -> None:
        """Load the inpainter and the detector; see `Step.load`."""
        residency.choose(Inpainter, parameters.backend, environment)
        Watch.load(parameters.detector, environment)

    def run(self, item: Item, parameters: OutpaintParameters, context: Context) -> StepResult:
        """Continue the item's picture; see `Step.run`.

        Raises:
            InvalidParameters: the extension is not accepted for this picture.
        """
        source = parts.source_of(item)
        with context.phase("decode"):
            document = parts.document_of(source, context.environment.limits)
        extensions = _extensions(document, parameters, context.environment.limits)
        with context.phase("load"):
            inpainter = residency.choose(Inpainter, parameters.backend, context.environment)
            watch = Watch.load(parameters.detector, context.environment)
        words = words_for(inpainter, parameters.prompt, parameters.negative_prompt)
        pages, reports = [], []
        for index, (page, extension) in enumerate(zip(document.pages, extensions, strict=True)):
            inner = context.span(*(0.95 * at / len(extensions) for at in (index, index + 1)))
            made, report = extend(
                page,
                extension,
                watch,
                inpainter,
                inner,
                number=index + 1,
                feather=parameters.feather,
                words=words,
            )
            pages.append(made)
            reports.append(report)
        delivered = parts.deliver(document.with_pages(tuple(pages)), context, source=source)
        context.progress(1.0, "done")
        used = (inpainter, *(() if watch.detector is None else (watch.detector,)))
        return StepResult(
            parts=(delivered,),
            report=OutpaintReport(
                step=self.name,
                version=self.version,
                seed=context.seed,
                backends=tuple(use_of(backend.descriptor) for backend in used),
                messages=(*(() if inpainter.takes_words else (FROM_ITSELF,)), *watch.messages),
                pages=tuple(reports),
                delivered_lossless=context.output is None or is_exact(document, context.output),
                metadata_stripped=document.stripped,
            ),
        )


def _extensions(
    document: Document, parameters: OutpaintParameters, limits: Limits
) -> tuple[Extension, ...]:
    """Return every page's extension, none of the results and not all together over the limits."""
    found = tuple(extension_of(page.size, parameters, limits) for page in document.pages)
    sizes = [one.of(page.size) for one, page in zip(found, document.pages, strict=True)]
    total = sum(width * height for width, height in sizes)
    if total > limits.max_total_pixels:
        raise InvalidParameters(
            f"the {len(sizes)} pages would have {total:,} px together; "
            f"at most {limits.max_total_pixels:,} are accepted"
        )
    return found
