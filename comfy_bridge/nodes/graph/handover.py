"""Nodes that hand pictures on: to a jadice flow controller, to an engine; and one that fetches."""

from typing import Any

from comfy_api.latest import io

from ..pixels import Bytes, transparency
from ..service import engine, flow
from ..service.progress import Progress
from ..service.results import Result
from ..service.session import opened
from . import working
from .border import connection_of, image_of, pictures_of, shown
from .inputs import FLOW, Link, connection_input, image_output, mask_output, text_output


class ToFlowNode(io.ComfyNode):  # type: ignore[misc]
    """Sends pictures through a flow and waits."""

    @classmethod
    def define_schema(cls) -> Any:
        """Return the node's form."""
        return io.Schema(
            node_id="RetuscheToFlow",
            display_name="Hand to flow (Retusche)",
            category=FLOW,
            description="Runs pictures through a job template of a jadice flow controller and returns what it gives.",
            inputs=[
                io.Image.Input("image"),
                Link.Input("controller", tooltip="Connection to the jadice flow controller."),
                io.String.Input("template", default="", tooltip="Name of the job template."),
                io.Int.Input("priority", default=0, min=-100, max=100),
                connection_input(),
            ],
            outputs=[image_output(), mask_output("The results' transparency.")],
            hidden=[io.Hidden.unique_id],
        )

    @classmethod
    async def execute(
        cls, image: Any, controller: Any, template: str, priority: int, connection: Any = None
    ) -> Any:
        """Run the flow; see `flow.run`."""
        progress, given = Progress(), pictures_of(image)

        async def whole() -> list[Bytes]:
            async with (
                opened(connection_of(controller)) as there,
                opened(connection_of(connection)) as store,
            ):
                return await flow.run(there, store, template.strip(), priority, given, progress)

        found = await shown(whole(), progress, cls.hidden.unique_id)
        masks = image_of([transparency(each) for each in found])
        return io.NodeOutput(image_of([each[..., :3] for each in found]), masks)


class ToEngineNode(io.ComfyNode):  # type: ignore[misc]
    """Creates a job that an engine goes on with."""

    @classmethod
    def define_schema(cls) -> Any:
        """Return the node's form."""
        return io.Schema(
            node_id="RetuscheToEngine",
            display_name="Hand to engine (Retusche)",
            category=FLOW,
            description="Creates a job over the pictures, names who is told of its end, and returns its id at once.",
            inputs=[
                io.Image.Input("image"),
                io.String.Input(
                    "what",
                    default="anonymize",
                    multiline=True,
                    tooltip="A template of the service, a step, or a chain as JSON: "
                    '[{"step": "anonymize"}, {"step": "upscale", "parameters": {"factor": 2}}]',
                ),
                io.String.Input(
                    "callback", default="", tooltip="Address that is told of the job's end, signed."
                ),
                io.String.Input("correlation", default="", tooltip="The engine's own mark."),
                io.Combo.Input(
                    "format",
                    options=["image/png", "image/jpeg", "image/webp", "image/tiff"],
                    default="image/png",
                    tooltip="Type of the results.",
                ),
                connection_input(),
            ],
            outputs=[text_output("job_id", "For the engine, or for Fetch from engine.")],
            hidden=[io.Hidden.unique_id],
            is_output_node=True,
        )

    @classmethod
    async def execute(
        cls,
        image: Any,
        what: str,
        callback: str,
        correlation: str,
        format: str,  # noqa: A002 - the widget's name
        connection: Any = None,
    ) -> Any:
        """Create the job; see `engine.hand_over`."""
        progress, given = Progress(), pictures_of(image)
        order = engine.Order(what, callback.strip(), correlation, format)

        async def whole() -> str:
            async with opened(connection_of(connection)) as session:
                return await engine.hand_over(session, order, given, progress)

        job_id = await shown(whole(), progress, cls.hidden.unique_id)
        return io.NodeOutput(job_id, ui={"text": (job_id,)})


class FromEngineNode(io.ComfyNode):  # type: ignore[misc]
    """Fetches what a job gave."""

    @classmethod
    def define_schema(cls) -> Any:
        """Return the node's form."""
        return io.Schema(
            node_id="RetuscheFromEngine",
            display_name="Fetch from engine (Retusche)",
            category=FLOW,
            description="Waits for a job by its id, or takes one item of it, and brings the pictures into the graph.",
            inputs=[
                io.String.Input("job_id", default=""),
                io.String.Input("item", default="", tooltip="Id of one item; empty: all of them."),
                connection_input(),
            ],
            outputs=[
                image_output(),
                mask_output("What was changed, or the result's transparency."),
                text_output("report", "What was done, as JSON."),
            ],
            hidden=[io.Hidden.unique_id],
        )

    @classmethod
    async def execute(cls, job_id: str, item: str, connection: Any = None) -> Any:
        """Fetch the results; see `engine.fetch`."""
        progress = Progress()

        async def whole() -> list[Result]:
            async with opened(connection_of(connection)) as session:
                return await engine.fetch(session, job_id.strip(), item.strip(), progress)

        results = await shown(whole(), progress, cls.hidden.unique_id)
        return io.NodeOutput(
            working.images(results), working.masks(results), working.report(results)
        )
