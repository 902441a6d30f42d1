"""From decoded parts to what the servers made of them, with a step's errors."""

from collections.abc import Mapping, Sequence
from functools import partial

from comfy_bridge.client.errors import ComfyError
from comfy_bridge.client.patience import Patience
from comfy_bridge.client.pool import Pool
from comfy_bridge.shelf.workflow import Workflow
from comfy_bridge.step import pictures, work
from comfy_bridge.step.failures import as_step_error
from comfy_bridge.step.parameters import WorkflowParameters
from steps.contract import Context, Role
from steps.imaging.document import Document

SHARE = 0.95
"""Of the progress; the rest is encoding."""


class Runner:
    """Runs workflows; remembers between them which servers failed."""

    def __init__(self, patience: Patience | None = None) -> None:
        """Begin without a failed server."""
        self._pool, self._patience = Pool(), patience or Patience()

    def made(
        self,
        workflow: Workflow,
        parameters: WorkflowParameters,
        documents: Mapping[Role, Document],
        urls: Sequence[str],
        context: Context,
    ) -> list[work.Made]:
        """Return what became of each page.

        Args:
            workflow: to run.
            parameters: its inputs are of this workflow.
            documents: one of each role that the workflow takes.
            urls: of the servers.
            context: of the step.

        Raises:
            StepError: as `comfy_bridge.step.failures` says.
        """
        count = max((len(document.pages) for document in documents.values()), default=1)
        call = work.Call(
            workflow=workflow,
            inputs=parameters.inputs,
            seed=context.seed,
            context=context.span(0.0, SHARE),
            patience=self._patience,
        )
        loads = [partial(pictures.for_page, documents, index) for index in range(count)]
        try:
            return work.stoppable(
                work.every_page(call, loads, urls, self._pool), context.is_cancelled
            )
        except ComfyError as error:
            raise as_step_error(error, workflow) from error
