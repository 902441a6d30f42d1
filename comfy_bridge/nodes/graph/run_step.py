"""Any step that the live service has, also one that this pack does not know."""

import json
from typing import Any
from urllib.parse import quote

from comfy_api.latest import io

from ..catalogue import Description, described
from ..service import work
from ..service.progress import Progress
from ..service.results import Result
from ..service.session import opened
from ..widgets import WidgetInvalid
from . import working
from .border import connection_of, shown
from .inputs import CATEGORY, IDS, connection_input, image_output, mask_output, text_output


class RunStepNode(io.ComfyNode):  # type: ignore[misc]
    """Runs a step by its name."""

    @classmethod
    def define_schema(cls) -> Any:
        """Return the node's form."""
        return io.Schema(
            node_id="RetuscheRunStep",
            display_name="Run step (Retusche)",
            category=CATEGORY,
            description="Runs any step of the service, by its name; what it takes is read from the live catalogue.",
            inputs=[
                io.Image.Input("image", optional=True),
                io.Image.Input("style_image", optional=True),
                io.Mask.Input("mask", optional=True),
                io.String.Input("step", default="anonymize", tooltip="As in GET /v1/steps."),
                io.String.Input(
                    "parameters",
                    default="{}",
                    multiline=True,
                    tooltip='JSON, e.g. {"factor": 2}; a wrong name is answered with those that there are.',
                ),
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
    async def execute(
        cls,
        step: str,
        parameters: str,
        image: Any = None,
        style_image: Any = None,
        mask: Any = None,
        connection: Any = None,
    ) -> Any:
        """Run the step; see `work.run`."""
        given = parsed(parameters)
        items = working.items_of(image, style_image, mask)
        progress = Progress()

        async def whole() -> list[Result]:
            async with opened(connection_of(connection)) as session:
                entry = await session.json("GET", f"/v1/steps/{quote(step.strip(), safe='')}")
                check(described(entry), set(given), set(items[0].by_role))
                call = {"step": entry["name"], "parameters": given}
                return await work.run(session, [call], items, progress)

        results = await shown(whole(), progress, cls.hidden.unique_id)
        return io.NodeOutput(
            working.images(results), working.masks(results), working.report(results)
        )


def parsed(text: str) -> dict[str, Any]:
    """Return parameters from their JSON.

    Raises:
        WidgetInvalid: it is no JSON object.
    """
    try:
        found = json.loads(text or "{}")
    except json.JSONDecodeError as error:
        raise WidgetInvalid(f"parameters: no JSON ({error})") from None
    if not isinstance(found, dict):
        raise WidgetInvalid('parameters: a JSON object is wanted, e.g. {"factor": 2}')
    return found


def check(step: Description, parameters: set[str], roles: set[str]) -> None:
    """Compare what is given with what the step takes, before anything is sent.

    Raises:
        WidgetInvalid: names what is wrong, and what the step takes.
    """
    known = step.parameters["properties"]
    unknown = sorted(parameters - set(known))
    if unknown:
        raise WidgetInvalid(
            f"parameters: {step.name} has no {', '.join(unknown)}; it has {', '.join(known)}"
        )
    missing = [taken for taken in step.inputs if taken.required and taken.role not in roles]
    if missing:
        raise WidgetInvalid(f"{step.name} needs {IDS[missing[0].role]}: {missing[0].description}")
    extra = sorted(roles - {taken.role for taken in step.inputs})
    if extra:
        raise WidgetInvalid(
            f"{step.name} takes no {IDS[extra[0]]}; it takes "
            f"{', '.join(IDS[taken.role] for taken in step.inputs)}"
        )
