"""The workflows that come with the bridge, in both formats."""

import json
from typing import Any

import pytest

from comfy_bridge.shelf.shelf import SHIPPED, open_shelf
from comfy_bridge.shelf.workflow import Workflow
from tests.comfy.fake.nodes import KINDS
from tests.comfy.shelf.editor_format import to_api

SHELF = open_shelf(None)
every_workflow = pytest.mark.parametrize("workflow", SHELF.workflows.values(), ids=lambda w: w.name)


def _read(name: str) -> Any:
    return json.loads((SHIPPED / name).read_text())


def test_all_three_can_be_used() -> None:
    assert SHELF.faults == {}
    assert sorted(SHELF.workflows) == ["inpaint-by-mask", "text-to-image-refined", "upscale-4k"]


@every_workflow
def test_both_formats_are_the_same_workflow(workflow: Workflow) -> None:
    assert to_api(_read(f"{workflow.name}.json")) == _read(f"{workflow.name}.api.json")


@every_workflow
def test_the_editors_links_join_what_fits(workflow: Workflow) -> None:
    editor = _read(f"{workflow.name}.json")
    nodes = {node["id"]: node for node in editor["nodes"]}
    for number, source, slot, target, place, kind in editor["links"]:
        output, taken = nodes[source]["outputs"][slot], nodes[target]["inputs"][place]
        assert (output["type"], taken["type"], taken["link"]) == (kind, kind, number)
        assert number in output["links"]


@every_workflow
def test_every_node_has_what_it_needs(workflow: Workflow) -> None:
    """`tests/comfy/real` compares the kinds of the fake with those of real servers."""
    for node in workflow.graph.values():
        kind = KINDS[node["class_type"]]
        assert kind.inputs.keys() <= node["inputs"].keys()
        assert node["inputs"].keys() <= kind.inputs.keys() | kind.optional.keys()


@every_workflow
def test_the_name_of_every_model_is_an_input(workflow: Workflow) -> None:
    models = {
        f"{node}.{name}"
        for node, each in workflow.graph.items()
        for name in each["inputs"]
        if name in ("ckpt_name", "model_name")
    }
    declared = {path for each in workflow.declaration.inputs.values() for path in each.paths}
    assert models
    assert models <= declared


@every_workflow
def test_every_input_says_what_it_means(workflow: Workflow) -> None:
    assert all(each.description for each in workflow.declaration.inputs.values())
