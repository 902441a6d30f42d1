"""From a step's JSON Schema to the widgets of a node, and from their values back to parameters.

A widget always has a value, where a parameter may be left out. So a parameter that may be null gets a
value that means "left out": the whole number below its range, an empty text, or "unset" in a list of choices.
Lists of texts are written with commas; objects, and lists of them, as JSON; what may be number or text as it is.
"""

import json
import re
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from math import floor
from typing import Any, Literal

Kind = Literal["int", "float", "boolean", "choice", "text", "names", "value", "json"]
UNSET = "unset"
"""The choice that leaves a parameter out."""
LARGEST = 2**53
"""Of whole numbers that a browser holds exactly."""
STEP = 0.01
"""Of a widget for fractions, and the distance kept from a limit that does not belong to the range."""
_SCALARS = ("integer", "number", "string", "boolean")
WIDE = 1_000_000.0
"""Limit of a fraction whose schema names none."""


class WidgetInvalid(ValueError):
    """A widget's value cannot be sent; the message names the widget and what it takes."""


@dataclass(frozen=True)
class Widget:
    """One parameter as ComfyUI shows it."""

    id: str
    """As ComfyUI writes it, snake_case, unique within the node."""
    name: str
    """As the service writes it, camelCase."""
    kind: Kind
    default: Any
    tooltip: str
    minimum: float = 0
    maximum: float = 0
    options: tuple[str, ...] = ()
    multiline: bool = False
    unset: Any = None
    """The value that leaves the parameter out; None: none does."""


def widgets_of(schema: Mapping[str, Any], taken: Collection[str] = ()) -> tuple[Widget, ...]:
    """Return the widgets of a parameters schema, the seed last.

    Args:
        schema: JSON Schema of an object.
        taken: ids that the node's other inputs have; a parameter of that name gets "_parameter" behind it.
    """
    properties = schema["properties"]
    order = [*(name for name in properties if name != "seed"), *(["seed"] * ("seed" in properties))]
    return tuple(_widget(name, properties[name], taken) for name in order)


def parameters_of(widgets: Sequence[Widget], values: Mapping[str, Any]) -> dict[str, Any]:
    """Return the parameters that the widgets' values mean; what is left out is not in it.

    Raises:
        WidgetInvalid: a text is no JSON where it must be.
    """
    found = {}
    for widget in widgets:
        value = values.get(widget.id, widget.default)
        if widget.unset is None or value != widget.unset:
            found[widget.name] = _wire(widget, value)
    return found


def known_to(
    service: Mapping[str, Any], widgets: Sequence[Widget], parameters: Mapping[str, Any]
) -> dict[str, Any]:
    """Return the parameters without those that a service does not know and that nobody changed.

    So a pack that is newer than its service works; a changed one is sent, and refused by name.

    Args:
        service: the parameters schema of the live service.
        widgets: of the node.
        parameters: as `parameters_of` returns them.
    """
    usual = parameters_of(widgets, {})
    return {
        name: value
        for name, value in parameters.items()
        if name in service["properties"] or name not in usual or usual[name] != value
    }


def snake_case(name: str) -> str:
    """Return "keepZones" as "keep_zones"."""
    return re.sub(r"(?<=[a-z0-9])([A-Z])", r"_\1", name).lower()


def _widget(name: str, schema: Mapping[str, Any], taken: Collection[str]) -> Widget:
    own = snake_case(name)
    own = f"{own}_parameter" if own in taken else own
    default = schema.get("default")
    forms = [form for form in schema.get("anyOf", [schema]) if form.get("type") != "null"]
    nullable = len(forms) < len(schema.get("anyOf", [schema]))
    form = forms[0] if len(forms) == 1 else {}
    tooltip = " ".join(str(schema.get("description", "")).split())
    if "enum" in form:
        return _choice(own, name, [str(each) for each in form["enum"]], default, nullable, tooltip)
    match form.get("type"):
        case "integer" | "number" as kind:
            return _number(own, name, form, default, nullable, tooltip, whole=kind == "integer")
        case "boolean" if not nullable:
            return Widget(own, name, "boolean", bool(default), tooltip)
        case "string":
            unset = "" if nullable else None
            said = f"{tooltip} Empty: left out." if nullable else tooltip
            prose = not default and "pattern" not in form  # a prompt
            return Widget(own, name, "text", str(default or ""), said, multiline=prose, unset=unset)
        case "array" if form.get("items", {}).get("type") == "string" and not nullable:
            joined = ", ".join(default or ())
            return Widget(own, name, "names", joined, f"{tooltip} Several: with commas.")
    if all(form.get("type") in _SCALARS for form in forms):
        return Widget(own, name, "value", "", f"{tooltip} Empty: left out.", unset="")
    said = f"{tooltip} JSON; empty: left out."
    return Widget(own, name, "json", "", said, multiline=True, unset="")


def _choice(
    own: str, name: str, options: list[str], default: Any, nullable: bool, tooltip: str
) -> Widget:
    if nullable:
        options = [UNSET, *options]
    unset = UNSET if nullable else None
    first = str(default) if default is not None else options[0]
    return Widget(own, name, "choice", first, tooltip, options=tuple(options), unset=unset)


def _number(
    own: str,
    name: str,
    form: Mapping[str, Any],
    default: Any,
    nullable: bool,
    tooltip: str,
    *,
    whole: bool,
) -> Widget:
    edge: float = 1 if whole else STEP
    wide = LARGEST if whole else WIDE
    minimum = form.get("minimum", form.get("exclusiveMinimum", -wide - edge) + edge)
    maximum = form.get("maximum", form.get("exclusiveMaximum", wide + edge) - edge)
    unset = None
    if nullable:
        unset = floor(minimum) - 1
        minimum = unset
        tooltip = f"{tooltip} {unset}: left out."
    if default is None:
        default = unset if nullable else minimum
    return Widget(
        own,
        name,
        "int" if whole else "float",
        default,
        tooltip,
        minimum=minimum,
        maximum=maximum,
        unset=unset,
    )


def _wire(widget: Widget, value: Any) -> Any:
    if widget.kind == "names":
        return [name for name in (part.strip() for part in str(value).split(",")) if name]
    if widget.kind not in ("value", "json"):
        return value
    try:
        return json.loads(value)
    except json.JSONDecodeError as error:
        if widget.kind == "value":
            return str(value).strip()  # 3840 is a number, 4k a text
        raise WidgetInvalid(f"{widget.id}: no JSON ({error}); {widget.tooltip}") from None
