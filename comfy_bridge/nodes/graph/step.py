"""A node for each step of the catalogue."""

from typing import Any

from comfy_api.latest import io

from ..catalogue import Description
from ..widgets import widgets_of
from . import working
from .inputs import (
    CATEGORY,
    IDS,
    connection_input,
    image_output,
    mask_output,
    picture_inputs,
    text_output,
    widget_input,
)


def node_of(step: Description) -> type[Any]:
    """Return the node class of a step."""
    pictures = picture_inputs(step)
    roles = [
        taken.role for taken in step.inputs
    ]  # anonymize has a parameter "mask", and takes none
    widgets = widgets_of(step.parameters, {"connection", *(IDS[role] for role in roles)})

    class StepNode(io.ComfyNode):  # type: ignore[misc]
        """Runs one step over a batch."""

        @classmethod
        def define_schema(cls) -> Any:
            """Return the step's inputs, with the ranges of its parameters."""
            outputs = [image_output()]
            if step.gives_mask:
                outputs.append(mask_output("What was changed; of the result's size."))
            outputs.append(text_output("report", "What was done, as JSON."))
            return io.Schema(
                node_id=node_id(step.name),
                display_name=f"{step.title} (Retusche)",
                category=CATEGORY,
                description=step.summary,
                inputs=[*pictures, *map(widget_input, widgets), connection_input()],
                outputs=outputs,
                hidden=[io.Hidden.unique_id],
            )

        @classmethod
        async def execute(cls, connection: Any = None, **values: Any) -> Any:
            """Run the step; see `work.run`."""
            given = {role: values.get(IDS[role]) for role in roles}
            items = working.items_of(given.get("source"), given.get("style"), given.get("mask"))
            node = cls.hidden.unique_id
            results = await working.run_step(connection, step.name, widgets, values, items, node)
            outputs = [working.images(results)]
            if step.gives_mask:
                outputs.append(working.masks(results))
            return io.NodeOutput(*outputs, working.report(results))

    StepNode.__name__ = StepNode.__qualname__ = node_id(step.name)
    return StepNode


def node_id(name: str) -> str:
    """Return the id of a step's node: "style-transfer" is "RetuscheStyleTransfer"."""
    return "Retusche" + "".join(word.capitalize() for word in name.split("-"))
