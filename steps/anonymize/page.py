"""One page: detect, mask, fill, look again, escalate, and prove.

A page on which nothing is found is delivered as it is, once it was looked at as it will be delivered; what is
done to the others: `steps.anonymize.rounds`.
"""

from steps.anonymize.look import Look
from steps.anonymize.mask import opacity_of
from steps.anonymize.models import Models
from steps.anonymize.parameters import AnonymizeParameters
from steps.anonymize.report import AnonymizedPage, seen
from steps.anonymize.rounds import PageResult, Rounds
from steps.anonymize.verify import Delivered
from steps.backends.contract import Detection
from steps.contract import Context
from steps.imaging.document import Page


def anonymize_page(
    page: Page,
    index: int,
    models: Models,
    parameters: AnonymizeParameters,
    context: Context,
    delivered: Delivered,
) -> PageResult:
    """Remove everything that the parameters ask for from one page (index 0 is the first).

    Raises:
        ResidualDetections: something is still seen, and must not be delivered.
    """
    look = Look(page.size, models, parameters)
    targets = look.first(page.pixels, context.span(0.0, 0.35))
    if not targets:
        residual = _look_at_untouched(page, look, delivered, context.span(0.35, 1.0))
        if not residual:
            return _untouched(page, index, look)
        targets = residual
    work = Rounds(page, index, models, parameters, context, delivered, look)
    return work.run(targets)


def _look_at_untouched(
    page: Page, look: Look, delivered: Delivered, context: Context
) -> list[Detection]:
    """Look again where encoding alone may have changed what is seen."""
    pixels = delivered(page)
    return [] if pixels is page.pixels else look.again(pixels, None, context)


def _untouched(page: Page, index: int, look: Look) -> PageResult:
    width, height = page.size
    report = AnonymizedPage(
        number=index + 1,
        width=width,
        height=height,
        left_alone=tuple(seen(found) for found in look.left_alone),
        verdict="nothing-found",
    )
    return PageResult(page, opacity_of([], width, height, None), report)
