"""What the fake refuses of a prompt, in ComfyUI's own words."""

from typing import Any

from tests.comfy.fake.folders import Folders
from tests.comfy.fake.nodes import EVERY

Graph = dict[str, dict[str, Any]]
Errors = dict[str, dict[str, Any]]


def broken(graph: Graph) -> dict[str, Any] | None:
    """Return the fault of the whole prompt: a class that there is not, or no output."""
    for node, each in graph.items():
        if each["class_type"] not in EVERY:
            return {
                "type": "missing_node_type",
                "message": f"Node '{each['class_type']}' not found. The custom node may not be installed.",
                "details": f"Node ID '#{node}'",
                "extra_info": {"node_id": node, "class_type": each["class_type"]},
            }
    if not outputs(graph):
        return {"type": "prompt_no_outputs", "message": "Prompt has no outputs", "details": ""}
    return None


def outputs(graph: Graph) -> list[str]:
    return [node for node, each in graph.items() if EVERY[each["class_type"]].is_output]


def ancestors(graph: Graph, node: str) -> list[str]:
    """Return the nodes that one needs and itself, each after those that it needs."""
    found: list[str] = []
    for value in graph[node]["inputs"].values():
        if isinstance(value, list):
            found += [each for each in ancestors(graph, value[0]) if each not in found]
    return [*found, node]


def node_errors(graph: Graph, folders: Folders) -> Errors:
    """Return the faults by node."""
    found = {node: _faults(each, folders) for node, each in graph.items()}
    return {
        node: {
            "errors": faults,
            "dependent_outputs": [o for o in outputs(graph) if node in ancestors(graph, o)],
            "class_type": graph[node]["class_type"],
        }
        for node, faults in found.items()
        if faults
    }


def _faults(node: dict[str, Any], folders: Folders) -> list[dict[str, Any]]:
    faults = []
    for name, spec in EVERY[node["class_type"]].inputs.items():
        if name not in node["inputs"]:
            faults.append(_fault("required_input_missing", "Required input is missing", name, name))
            continue
        value = node["inputs"][name]
        if name == "image" and isinstance(value, str):
            if not folders.has(value):
                text = f"image - Invalid image file: {value}"
                faults.append(
                    _fault(
                        "custom_validation_failed", "Custom validation failed for node", text, name
                    )
                )
        elif not isinstance(value, list):
            faults += _value_faults(name, value, spec)
    return faults


def _value_faults(name: str, value: Any, spec: tuple[Any, ...]) -> list[dict[str, Any]]:
    if isinstance(spec[0], list):
        if value not in spec[0]:
            text = f"{name}: {value!r} not in {spec[0]}"
            return [_fault("value_not_in_list", "Value not in list", text, name)]
        return []
    options = spec[1] if len(spec) > 1 else {}
    if "max" in options and value > options["max"]:
        text = f"Value {value} bigger than max of {options['max']}"
        return [_fault("value_bigger_than_max", text, name, name)]
    return []


def _fault(kind: str, message: str, details: str, name: str) -> dict[str, Any]:
    return {
        "type": kind,
        "message": message,
        "details": details,
        "extra_info": {"input_name": name},
    }
