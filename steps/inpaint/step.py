"""The step "inpaint": fill a region that the caller marks, from its surroundings, and prove the rest unchanged.

In: one picture, and its mask as a part of role "mask" (white = fill), or else the picture's own
transparency (transparent = fill). Out: the picture, filled and opaque there, the grown mask, and an
`InpaintReport`. The same fill and the same proof as anonymize's. The default backend copies from the
picture itself: it continues walls, floors, sky and textures, and invents no objects. A detector, where there is
one, keeps other people's faces and bodies from being copied into the hole.
"""

import numpy as np

from steps import parts, residency
from steps.backends.contract import Capability, Inpainter
from steps.backends.registry import use_of
from steps.compose import changed_share, largest_difference_outside
from steps.contract import Context, InputRole, Item, Role, Step, StepResult
from steps.environment import Environment
from steps.errors import InvalidItem
from steps.fill import fill, seam_of, soften
from steps.imaging.document import Document, Mask, Page
from steps.imaging.encode import is_exact
from steps.imaging.mask import masks_of
from steps.inpaint.parameters import InpaintParameters
from steps.inpaint.report import InpaintPage, InpaintReport
from steps.inpaint.sources import not_copied
from steps.watch import Watch
from steps.words import words_for


class Inpaint(Step[InpaintParameters]):
    """Fill a marked region."""

    name = "inpaint"
    version = "1.1.0"
    title = "Inpaint"
    summary = "Fills the region under a mask from its surroundings; the rest stays bit for bit."
    inputs = (
        InputRole(role=Role.SOURCE, required=True, description="the picture to work on"),
        InputRole(
            role=Role.MASK,
            required=False,
            description="white = fill, of the picture's size; without it the picture's transparency",
        ),
    )
    gives_mask = True
    parameters = InpaintParameters
    report = InpaintReport
    capabilities = (Capability.INPAINTING.value, Capability.DETECTION.value)

    def load(self, parameters: InpaintParameters, environment: Environment) -> None:
        """Load the inpainter and the detector; see `Step.load`."""
        residency.choose(Inpainter, parameters.backend, environment)
        Watch.load(parameters.detector, environment)

    def run(self, item: Item, parameters: InpaintParameters, context: Context) -> StepResult:
        """Fill the item's picture; see `Step.run`.

        Raises:
            InvalidItem: there is no mask, or it is not of the picture's size.
        """
        source = parts.source_of(item)
        with context.phase("decode"):
            document = parts.document_of(source, context.environment.limits)
            masks, origin = _masks(item, document, context)
        inpainter = residency.choose(Inpainter, parameters.backend, context.environment)
        watch = Watch.load(parameters.detector, context.environment)
        pages, grown, reports = [], [], []
        for index, (page, mask) in enumerate(zip(document.pages, masks, strict=True)):
            inner = context.span(*(0.95 * at / len(masks) for at in (index, index + 1)))
            core = np.where(mask >= parameters.threshold, 255, 0).astype(np.uint8)
            filled, opacity = _fill_page(page, core, parameters, inpainter, watch, inner, index)
            pages.append(filled)
            grown.append(np.where(opacity > 0, 255, 0).astype(np.uint8))
            reports.append(_measure(page, filled, opacity, index))
        picture = document.with_pages(tuple(pages))
        used = (inpainter, *(() if watch.detector is None else (watch.detector,)))
        delivered = parts.deliver(picture, context, source=source)
        context.progress(1.0, "done")
        return StepResult(
            parts=(delivered, parts.deliver_masks(grown, source=source)),
            report=InpaintReport(
                step=self.name,
                version=self.version,
                seed=context.seed,
                backends=tuple(use_of(backend.descriptor) for backend in used),
                messages=watch.messages,
                pages=tuple(reports),
                mask_from=origin,
                delivered_lossless=context.output is None or is_exact(picture, context.output),
                metadata_stripped=document.stripped,
            ),
        )


def _masks(item: Item, document: Document, context: Context) -> tuple[tuple[Mask, ...], str]:
    """Return a mask for every page, and where it came from."""
    given = item.base_parts(Role.MASK)
    if not given:
        return _masks_of_alpha(document), "alpha"
    if len(given) > 1:
        raise InvalidItem(f"the item has {len(given)} parts of role 'mask'; one is accepted")
    masks = masks_of(parts.document_of(given[0], context.environment.limits))
    if len(masks) != len(document.pages):
        raise InvalidItem(
            f"the mask has {len(masks)} pages and the picture {len(document.pages)}",
            pointer=given[0].filename or None,
        )
    for number, (page, mask) in enumerate(zip(document.pages, masks, strict=True), start=1):
        if mask.shape[::-1] != page.size:
            wide, tall = page.size
            raise InvalidItem(
                f"page {number} of the mask is {mask.shape[1]} × {mask.shape[0]} px; "
                f"the picture (upright) is {wide} × {tall}",
                pointer=given[0].filename or None,
            )
    return masks, "mask"


def _masks_of_alpha(document: Document) -> tuple[Mask, ...]:
    if any(page.alpha is None for page in document.pages):
        raise InvalidItem(
            "there is nothing that says what to fill: send a part of role 'mask' (white = fill), "
            "or a picture whose transparent region is to be filled"
        )
    return tuple(255 - page.alpha for page in document.pages if page.alpha is not None)


def _fill_page(
    page: Page,
    core: Mask,
    parameters: InpaintParameters,
    inpainter: Inpainter,
    watch: Watch,
    context: Context,
    index: int,
) -> tuple[Page, Mask]:
    """Return the filled page and the opacity of what was laid over it."""
    if not core.any():
        return page, core
    words = words_for(inpainter, parameters.prompt, parameters.negative_prompt)
    opacity = soften(core, parameters.dilate, min(parameters.feather, parameters.dilate))
    seed = int(context.rng("fill", index).integers(2**32))
    with context.phase("detect"):
        people = not_copied(page.pixels, core, watch, context)
    with context.phase("fill"):
        pixels = fill(
            page.pixels, opacity, inpainter, context, seed=seed, forbidden=people, words=words
        )
    alpha = None if page.alpha is None else np.maximum(page.alpha, opacity)
    opaque = alpha is None or bool((alpha == 255).all())
    return page.with_pixels(pixels, None if opaque else alpha), opacity


def _measure(page: Page, filled: Page, opacity: Mask, index: int) -> InpaintPage:
    return InpaintPage(
        number=index + 1,
        width=page.size[0],
        height=page.size[1],
        mask_share=float((opacity > 0).mean()),
        changed_share=changed_share(page.pixels, filled.pixels),
        largest_difference_outside_mask=largest_difference_outside(
            page.pixels, filled.pixels, opacity
        ),
        seam=seam_of(filled.pixels, opacity),
    )
