"""The step "anonymize": remove people or objects, prove that none is left and that the rest is unchanged.

In: one picture of any type that `steps.imaging` decodes, also multi-page. Out: the picture, its mask
(255 = changed), and an `AnonymizeReport`. Each page is detected, masked, filled and looked at again as
it will be delivered (`steps.anonymize.page`); nothing found is a success with the source's pixels.

Licences of the default weights: YOLOv8n AGPL-3.0, CenterFace MIT, MediaPipe selfie segmentation
Apache-2.0; see docs/licences.md.
"""

from steps import parts
from steps.anonymize.models import Models, load_models
from steps.anonymize.page import anonymize_page
from steps.anonymize.parameters import AnonymizeParameters
from steps.anonymize.report import AnonymizeReport, worst
from steps.anonymize.rounds import PageResult
from steps.anonymize.verify import delivery_of
from steps.contract import Context, Item, Message, Part, Step, StepResult
from steps.environment import Environment
from steps.imaging.document import Document
from steps.imaging.encode import is_exact


class Anonymize(Step[AnonymizeParameters]):
    """Find people or objects, remove them, look again, and prove the rest unchanged."""

    name = "anonymize"
    version = "1.1.0"
    title = "Anonymize"
    summary = "Finds people, faces or objects and removes them; looks again and fails closed."
    gives_mask = True
    parameters = AnonymizeParameters
    report = AnonymizeReport
    capabilities = ("detection", "segmentation", "inpainting")

    def load(self, parameters: AnonymizeParameters, environment: Environment) -> None:
        """Load the detectors, the segmenter and the inpainter; see `Step.load`."""
        load_models(parameters, environment)

    def run(self, item: Item, parameters: AnonymizeParameters, context: Context) -> StepResult:
        """Anonymize the item's picture; see `Step.run`.

        Raises:
            ResidualDetections: something is still seen, and `on_residual` is "fail" or covering it
                did not help.
        """
        source = parts.source_of(item)
        models = load_models(parameters, context.environment)
        with context.phase("decode"):
            document = parts.document_of(source, context.environment.limits)
        delivered = delivery_of(document, context.output)
        count = len(document.pages)
        results: list[PageResult] = []
        for index, page in enumerate(document.pages):
            inner = context.span(0.05 + 0.9 * index / count, 0.05 + 0.9 * (index + 1) / count)
            results.append(anonymize_page(page, index, models, parameters, inner, delivered))
        return self._result(source, document, results, models, context)

    def _result(
        self,
        source: Part,
        document: Document,
        results: list[PageResult],
        models: Models,
        context: Context,
    ) -> StepResult:
        pages = tuple(result.report for result in results)
        verdict = worst(pages)
        picture = document.with_pages(tuple(result.page for result in results))
        delivered = parts.deliver(picture, context, source=source)
        mask = parts.deliver_masks([result.mask for result in results], source=source)
        report = AnonymizeReport(
            step=self.name,
            version=self.version,
            seed=context.seed,
            backends=models.used(),
            verdict=verdict,
            pages=pages,
            delivered_lossless=context.output is None or is_exact(picture, context.output),
            metadata_stripped=document.stripped,
            messages=_messages(pages_found=sum(len(p.detections) for p in pages), verdict=verdict),
        )
        context.progress(1.0, "done")
        return StepResult(parts=(delivered, mask), report=report)


def _messages(*, pages_found: int, verdict: str) -> tuple[Message, ...]:
    if verdict == "nothing-found":
        text = "nothing to remove was found; the pixels are the source's own"
        return (Message(severity="info", code="nothing-found", text=text),)
    if verdict == "redacted":
        text = "something was still seen after filling and was covered with a solid colour"
        return (Message(severity="warning", code="redacted", text=text),)
    if verdict == "residual":
        text = "something to remove is still seen in the result; the caller asked only for a report"
        return (Message(severity="error", code="residual-detections", text=text),)
    text = f"removed {pages_found}; none is seen in the result"
    return (Message(severity="info", code="clean", text=text),)
