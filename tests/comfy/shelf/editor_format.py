"""From the editor's format to the API's, as the editor's own export does it."""

from typing import Any

CONTROLS = ("seed", "noise_seed")
"""Widgets that the editor follows by one of its own: what becomes of the seed after a run."""


def to_api(editor: dict[str, Any]) -> dict[str, dict[str, Any]]:
    """Return the nodes in API format."""
    links = {link[0]: [str(link[1]), link[2]] for link in editor["links"]}
    return {
        str(node["id"]): {
            "class_type": node["type"],
            "inputs": _inputs(node, links),
            "_meta": {"title": node["title"]},
        }
        for node in editor["nodes"]
    }


def _inputs(node: dict[str, Any], links: dict[int, list[Any]]) -> dict[str, Any]:
    values = iter(node["widgets_values"])
    found: dict[str, Any] = {}
    for each in node["inputs"]:
        if "widget" not in each:
            found[each["name"]] = links[each["link"]]
            continue
        found[each["name"]] = next(values)
        if each["name"] in CONTROLS:
            assert next(values) == "fixed"
    return found
