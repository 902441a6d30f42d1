"""Widgets and pictures as ComfyUI's inputs and outputs."""

from typing import Any

from comfy_api.latest import io

from ..catalogue import Description
from ..widgets import Widget

Link = io.Custom("RETUSCHE_CONNECTION")
CATEGORY = "Retusche"
FLOW = "Retusche/flow"
IDS = {"source": "image", "style": "style_image", "mask": "mask"}
"""Of the inputs for pictures, by role."""


def widget_input(widget: Widget) -> Any:
    """Return the input of a widget."""
    if widget.kind == "int":
        return io.Int.Input(
            widget.id,
            default=widget.default,
            min=int(widget.minimum),
            max=int(widget.maximum),
            tooltip=widget.tooltip,
            control_after_generate=False,  # the same picture again is the same call again
        )
    if widget.kind == "float":
        return io.Float.Input(
            widget.id,
            default=float(widget.default),
            min=widget.minimum,
            max=widget.maximum,
            step=0.01,
            round=0.0001,
            tooltip=widget.tooltip,
        )
    if widget.kind == "boolean":
        return io.Boolean.Input(widget.id, default=widget.default, tooltip=widget.tooltip)
    if widget.kind == "choice":
        return io.Combo.Input(
            widget.id, options=list(widget.options), default=widget.default, tooltip=widget.tooltip
        )
    return io.String.Input(
        widget.id,
        default=widget.default,
        multiline=widget.multiline,
        tooltip=widget.tooltip,
    )


def picture_inputs(step: Description) -> list[Any]:
    """Return the inputs for the pictures that a step takes."""
    found = []
    for role, own in IDS.items():
        taken = step.takes(role)
        if taken is not None:
            kind = io.Mask if role == "mask" else io.Image
            found.append(kind.Input(own, optional=not taken.required, tooltip=taken.description))
    return found


def connection_input() -> Any:
    """Return the input for a connection; without one the configured default is used."""
    return Link.Input(
        "connection",
        optional=True,
        tooltip="From a Retusche Connection node; without it: RETUSCHE_URL, or http://127.0.0.1:8000.",
    )


def image_output() -> Any:
    """Return the output for the results."""
    return io.Image.Output("result", display_name="image")


def mask_output(tooltip: str) -> Any:
    """Return the output for masks."""
    return io.Mask.Output("result_mask", display_name="mask", tooltip=tooltip)


def text_output(name: str, tooltip: str) -> Any:
    """Return an output for a text."""
    return io.String.Output(f"result_{name}", display_name=name, tooltip=tooltip)
