"""The rounds on one page with something to remove: replace, look again, escalate, and prove.

Round 1 fills what was found. While something is still seen, the next round starts again from the source at
those places, with masks that grow further, with what a lower threshold finds there, and with what was still
seen; what was clean elsewhere stays as it is.
What remains after the last round is covered with one colour, refused, or reported, as the caller decided;
covering that does not help is an error whatever the caller decided: the step fails closed.
"""

from collections.abc import Sequence
from dataclasses import dataclass, replace

import numpy as np

from steps.anonymize.attempt import Attempt, Replacement
from steps.anonymize.look import Look
from steps.anonymize.mask import Outlines, Removal, opacity_of
from steps.anonymize.models import Models
from steps.anonymize.parameters import AnonymizeParameters
from steps.anonymize.pieces import pieces_at, touched_by
from steps.anonymize.report import AnonymizedPage, FillRound, Verdict, seen
from steps.anonymize.verify import Delivered
from steps.backends.contract import Detection
from steps.compose import changed_share, largest_difference_outside
from steps.contract import Context
from steps.errors import ResidualDetections
from steps.imaging.document import Mask, Page

GROWTH = 1.6
"""Each further round's masks grow this many times further than the round before."""
DOUBT = 0.6
"""Each further round takes what scores this share of the threshold of the round before, beside the masks."""
COVERINGS = 2
"""Attempts to cover a remainder: what is still seen, then also everything that was removed, as whole boxes."""


@dataclass(frozen=True, slots=True)
class PageResult:
    """What became of a page."""

    page: Page
    mask: Mask
    """uint8 (height, width), 255 = may differ from the source."""
    report: AnonymizedPage


class Rounds:
    """The rounds on a page with something to remove."""

    def __init__(
        self,
        page: Page,
        index: int,
        models: Models,
        parameters: AnonymizeParameters,
        context: Context,
        delivered: Delivered,
        look: Look,
    ) -> None:
        """Take what `anonymize_page` takes, and the look that was had at the source."""
        self.page, self.index, self.models = page, index, models
        self.parameters, self.context = parameters, context
        self.delivered, self.look = delivered, look
        threads = context.environment.threads
        self.outlines = Outlines(page.pixels, models.segmenter, parameters.mask, threads)
        self.boxes = Outlines(page.pixels, None, "box")
        self.replacement = Replacement(
            page.pixels, models, parameters, forbidden=self._opacity(self._boxes(look.left_alone))
        )
        self.rounds: list[FillRound] = []

    def run(self, targets: Sequence[Detection]) -> PageResult:
        """Remove these things, at least one.

        Raises:
            ResidualDetections: something is still seen, and must not be delivered.
        """
        removals = self._masks(targets)
        opacity = self._opacity(removals)
        attempt = self._attempt(removals, opacity, opacity, 1, None)
        for number in range(2, self.parameters.rounds + 1):
            if not attempt.residual:
                break
            removals, opacity, again = self._escalated(removals, attempt, number)
            attempt = self._attempt(removals, opacity, again, number, attempt)
        if not attempt.residual:
            return self._result(attempt, removals, "clean")
        return self._remainder(attempt, removals)

    def _attempt(
        self,
        removals: list[Removal],
        opacity: Mask,
        again: Mask,
        number: int,
        before: Attempt | None,
    ) -> Attempt:
        """Replace what `again` (a part of `opacity`) marks, and look again."""
        context = self.context.span(self._start_of(number), self._start_of(number + 1))
        seed = int(context.rng("fill", self.index, number).integers(2**32))
        with context.phase("fill"):
            pixels = self.replacement.make(
                removals,
                again,
                context.span(0.0, 0.6),
                seed=seed,
                strength=float(number),
                before=before,
            )
        return self._looked_at(
            Attempt(pixels, opacity), self.parameters.method, context.span(0.6, 1.0)
        )

    def _start_of(self, number: int) -> float:
        """Return the progress at which a round begins."""
        return 0.35 + 0.6 * (number - 1) / self.parameters.rounds

    def _looked_at(self, attempt: Attempt, method: str, context: Context) -> Attempt:
        """Return the attempt with what is still seen in it, and write the round down."""
        pixels = self.delivered(self.page.with_pixels(attempt.pixels, self.page.alpha))
        residual = tuple(self.look.again(pixels, attempt.opacity, context))
        self.rounds.append(
            FillRound(
                number=len(self.rounds) + 1,
                method=method,
                mask_share=float((attempt.opacity > 0).mean()),
                residual=tuple(seen(d) for d in residual),
            )
        )
        return replace(attempt, residual=residual)

    def _escalated(
        self, removals: list[Removal], attempt: Attempt, number: int
    ) -> tuple[list[Removal], Mask, Mask]:
        """Return what to remove now, the page's opacity, and the pieces of it that are replaced anew.

        Where something was still seen, masks grow: of the things there, of doubtful ones beside them, and of
        what was seen.
        """
        now, growth = self._start_of(number), GROWTH ** (number - 1)
        remainders = self._boxes(attempt.residual, growth)
        place = self._opacity(remainders)
        touched = touched_by(removals, place)
        there = [removal for removal, hit in zip(removals, touched, strict=True) if hit]
        elsewhere = [removal for removal, hit in zip(removals, touched, strict=True) if not hit]
        place = np.maximum(place, self._opacity(there))
        doubtful = self.look.doubtful(
            self.page.pixels, place, DOUBT ** (number - 1), self.context.span(now, now)
        )
        known = [removal.detection for removal in removals]
        beside = [found for found in doubtful if found not in known]
        things = [*(removal.detection for removal in there), *beside]
        grown = [*self._masks(things, growth), *remainders]
        opacity = np.maximum(self._opacity([*elsewhere, *grown]), attempt.opacity)
        again = pieces_at(opacity, self._opacity(grown))
        return [*elsewhere, *grown], opacity, again

    def _remainder(self, attempt: Attempt, removals: list[Removal]) -> PageResult:
        """Decide about what is still seen after the last round."""
        wanted = self.parameters.on_residual
        if wanted == "report":
            return self._result(attempt, removals, "residual")
        if wanted == "fail":
            raise self._complaint(attempt, "after the last round")
        for number in range(1, COVERINGS + 1):
            context = self.context.span(0.95 + 0.02 * number, 0.95 + 0.02 * number)
            things = [*attempt.residual, *(r.detection for r in removals if number > 1)]
            covering = self._boxes(things, GROWTH**number)
            removals = [*removals, *covering]
            attempt = attempt.covered(self._opacity(covering), self.parameters.color)
            attempt = self._looked_at(attempt, "solid", context)
            if not attempt.residual:
                return self._result(attempt, removals, "redacted")
        raise self._complaint(attempt, "even after covering it")

    def _masks(self, targets: Sequence[Detection], growth: float = 1.0) -> list[Removal]:
        with self.context.phase("mask"):
            return self.outlines.removals(targets, self.parameters, growth=growth)

    def _boxes(self, targets: Sequence[Detection], growth: float = 1.0) -> list[Removal]:
        return self.boxes.removals(targets, self.parameters, growth=growth)

    def _opacity(self, removals: Sequence[Removal]) -> Mask:
        return opacity_of(removals, *self.page.size, self.look.keep)

    def _complaint(self, attempt: Attempt, when: str) -> ResidualDetections:
        what = ", ".join(f"{d.label} ({d.score:.2f})" for d in attempt.residual[:5])
        return ResidualDetections(f"page {self.index + 1}: still seen {when}: {what}")

    def _result(
        self, attempt: Attempt, removals: Sequence[Removal], verdict: Verdict
    ) -> PageResult:
        source, pixels, mask = self.page.pixels, attempt.pixels, attempt.mask
        shapes = {removal.detection: removal.shape for removal in removals}
        with self.context.phase("prove"):
            outside = largest_difference_outside(source, pixels, mask)
            share = changed_share(source, pixels)
        report = AnonymizedPage(
            number=self.index + 1,
            width=self.page.size[0],
            height=self.page.size[1],
            detections=tuple(seen(found, shape) for found, shape in shapes.items()),
            left_alone=tuple(seen(found) for found in self.look.left_alone),
            rounds=tuple(self.rounds),
            residual=tuple(seen(found) for found in attempt.residual),
            changed_share=share,
            largest_difference_outside_mask=outside,
            verdict=verdict,
        )
        return PageResult(self.page.with_pixels(pixels, self.page.alpha), mask, report)
