"""The step "comfy-workflow": run a named ComfyUI workflow on one of the operator's ComfyUI servers.

In: what the workflow's declaration names: a source picture (also multi-page: page by page), a mask, a style
picture, or none of them. Out: the declared pictures, and a `WorkflowReport`. Limits: as every step's; each page is
sent as 8-bit RGB(A). Licences: the models are the operator's; the declaration says what is known of them.
"""

from collections.abc import Sequence
from importlib.util import find_spec
from typing import TYPE_CHECKING

from pydantic import JsonValue

from comfy_bridge.shelf.shelf import open_shelf
from comfy_bridge.shelf.workflow import Workflow
from comfy_bridge.step import pictures
from comfy_bridge.step.parameters import WorkflowParameters, parameters_of
from comfy_bridge.step.report import NodeTime, WorkflowReport
from comfy_bridge.step.settings import Settings, workflows_folder
from steps.contract import (
    BackendUse,
    Context,
    InputRole,
    Item,
    Message,
    Part,
    PartType,
    Role,
    Step,
    StepResult,
)
from steps.environment import Environment
from steps.errors import BackendUnavailable

if TYPE_CHECKING:
    from comfy_bridge.step.running import Runner
    from comfy_bridge.step.work import Made

REQUIRED = ("httpx", "websockets")
CAPABILITY = "workflow"


class ComfyWorkflow(Step[WorkflowParameters]):
    """Run a ComfyUI workflow."""

    name = "comfy-workflow"
    version = "1.0.0"
    title = "ComfyUI workflow"
    summary = "Runs a named ComfyUI workflow on a ComfyUI server."
    inputs = tuple(
        InputRole(
            role=role, required=False, description=f"the {what}, where the workflow takes one"
        )
        for role, what in (
            (Role.SOURCE, "picture to work on"),
            (Role.MASK, "mask (white = the region to change)"),
            (Role.STYLE, "style picture"),
        )
    )
    report = WorkflowReport

    def __init__(self, runner: "Runner | None" = None) -> None:
        """Read the workflows; nothing is asked of a server before a run."""
        self.shelf = open_shelf(workflows_folder())
        self.parameters = parameters_of(self.shelf)
        self._runner = runner

    def usual_parameters(self) -> WorkflowParameters:
        """Return a call of the first workflow; only `load` gets it, which needs no inputs."""
        first = min(self.shelf.workflows, default="")
        return WorkflowParameters.model_construct(workflow=first)

    def decisive(self, parameters: WorkflowParameters) -> JsonValue:
        """Return the hashes of the workflow's files; see `Step.decisive`."""
        workflow = self.shelf.get(parameters.workflow)
        return [workflow.sha256, workflow.declaration_sha256]

    def load(self, parameters: WorkflowParameters, environment: Environment) -> None:
        """See that there are servers to ask; they hold the models."""
        _configured()

    def run(self, item: Item, parameters: WorkflowParameters, context: Context) -> StepResult:
        """Run the workflow; see `Step.run`.

        Raises:
            BackendUnavailable: no server is configured, or the declared licence is denied.
            BackendUnreachable: no server answers, or it went away in the middle.
            OutOfMemory: a server ran out of memory.
        """
        settings = _configured()
        workflow = self.shelf.get(parameters.workflow)
        _check_licence(workflow, context.environment)
        with context.phase("decode"):
            documents = pictures.taken(item, workflow, context.environment.limits)
        made = self._ready().made(workflow, parameters, documents, settings.urls, context)
        source = documents.get(Role.SOURCE)
        part = _named_after(item, workflow)
        results: list[Part] = []
        messages = list(pictures.unused(item, workflow))
        for output in workflow.declaration.outputs:
            pages = [each.pages[output.node] for each in made]
            if output.type is PartType.META:
                results.append(pictures.aside(output, [p for each in pages for p in each], part))
            else:
                results += pictures.results(source, pages, part, context)
                messages += pictures.losses(source, [each[0] for each in pages])
        results.sort(key=lambda each: each.type is PartType.META)
        report = self._report(workflow, made, context, tuple(messages))
        context.progress(1.0, "done")
        return StepResult(parts=tuple(results), report=report)

    def _ready(self) -> "Runner":
        """Return what speaks HTTP; the catalogue does without."""
        from comfy_bridge.step.running import Runner

        self._runner = self._runner or Runner()
        return self._runner

    def _report(
        self,
        workflow: Workflow,
        made: "Sequence[Made]",
        context: Context,
        messages: tuple[Message, ...],
    ) -> WorkflowReport:
        licence = workflow.declaration.licence
        return WorkflowReport(
            step=self.name,
            version=self.version,
            seed=context.seed,
            backends=(BackendUse(capability=CAPABILITY, name=workflow.name, licence=licence),),
            messages=messages,
            workflow=workflow.name,
            workflow_sha256=workflow.sha256,
            declaration_sha256=workflow.declaration_sha256,
            server_version=made[0].version,
            prompt_ids=tuple(each.finished.prompt_id for each in made),
            nodes=tuple(_times(workflow, made)),
        )


def _configured() -> Settings:
    missing = [name for name in REQUIRED if find_spec(name) is None]
    if missing:
        raise BackendUnavailable(
            f"not installed: {', '.join(missing)}; install retusche[comfy] to use ComfyUI servers"
        )
    try:
        settings = Settings.from_env()
    except ValueError as error:
        raise BackendUnavailable(str(error)) from None
    if not settings.urls:
        raise BackendUnavailable(
            "no ComfyUI server is configured; set RETUSCHE_COMFYUI_URLS, e.g. http://127.0.0.1:8188"
        )
    return settings


def _check_licence(workflow: Workflow, environment: Environment) -> None:
    licence = workflow.declaration.licence
    if licence in environment.denied_licences:
        raise BackendUnavailable(
            f"workflow {workflow.name!r} uses models of licence {licence}, which "
            "RETUSCHE_DENY_LICENCES denies"
        )


def _named_after(item: Item, workflow: Workflow) -> Part:
    """Return the part that results are named after: the source, or one of the workflow's name."""
    nothing = Part(content=b"", filename=f"{workflow.name}.png")
    if Role.SOURCE not in workflow.declaration.parts:
        return nothing
    return item.base_parts(Role.SOURCE)[0]


def _times(workflow: Workflow, made: "Sequence[Made]") -> list[NodeTime]:
    tracks = [each.finished.track for each in made]
    return [
        NodeTime(
            node=node,
            class_type=content["class_type"],
            seconds=round(sum(track.seconds.get(node, 0.0) for track in tracks), 4),
            cached=all(node in track.cached for track in tracks),
        )
        for node, content in workflow.graph.items()
    ]
