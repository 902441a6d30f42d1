"""Named workflows: what is read, and what is said of files that cannot be used."""

import json
from pathlib import Path
from typing import Any

import pytest
import yaml
from pydantic import ValidationError

from comfy_bridge.client.graph import Graph
from comfy_bridge.shelf.errors import WorkflowInvalid
from comfy_bridge.shelf.shelf import open_shelf
from comfy_bridge.shelf.workflow import Workflow, load
from steps.contract import Role
from tests.comfy.client.conftest import graph_of

DECLARATION: dict[str, Any] = {
    "title": "Invert",
    "parts": {"source": "1.image"},
    "inputs": {"prefix": {"paths": "3.filename_prefix", "type": "string"}},
    "outputs": [{"node": "3"}],
}


def write(folder: Path, declared: dict[str, Any], graph: Graph | None = None) -> Path:
    """Write a workflow "one"; return its declaration's file."""
    (folder / "one.api.json").write_text(json.dumps(graph_of() if graph is None else graph))
    file = folder / "one.yaml"
    file.write_text(yaml.safe_dump(declared))
    return file


def loaded(folder: Path, **changes: Any) -> Workflow:
    return load(write(folder, {**DECLARATION, **changes}))


def test_a_prompt_has_the_values_where_they_are_declared(tmp_path: Path) -> None:
    graph = graph_of("Sampler")
    graph["2"]["inputs"] |= {"seed": 1, "noise": 1, "strength": 0.5}
    inputs = {"strength": {"paths": ["2.strength"], "type": "number", "maximum": 1}}
    changes = {"inputs": inputs, "seed": ["2.seed", "2.noise"]}
    workflow = load(write(tmp_path, {**DECLARATION, **changes}, graph))
    given = workflow.inputs.model_validate({"strength": 1})
    made = workflow.prompt(given, 7, {Role.SOURCE: "ours/x.png"}, "ours/made")
    assert made["1"]["inputs"] == {"image": "ours/x.png"}
    assert made["2"]["inputs"] == {"image": ["1", 0], "seed": 7, "noise": 7, "strength": 1.0}
    assert made["3"]["inputs"]["filename_prefix"] == "ours/made"
    assert workflow.graph["1"]["inputs"] == {"image": "a.png"}


def test_the_values_of_the_file_are_the_defaults(tmp_path: Path) -> None:
    workflow = loaded(tmp_path)
    assert workflow.inputs.model_validate({}).model_dump(by_alias=True) == {"prefix": "made"}


def test_names_that_pydantic_has_itself_can_be_inputs(tmp_path: Path) -> None:
    declared = {"paths": "3.filename_prefix", "type": "string"}
    workflow = loaded(tmp_path, inputs={"json": declared, "copy": declared, "schema": declared})
    assert set(workflow.inputs.model_json_schema()["properties"]) == {"json", "copy", "schema"}


def test_choices_and_bounds_are_held(tmp_path: Path) -> None:
    graph = graph_of("Scale")
    graph["2"]["inputs"] |= {"method": "area", "width": 64}
    inputs = {
        "method": {"paths": "2.method", "type": "string", "choices": ["area", "lanczos"]},
        "width": {"paths": "2.width", "type": "integer", "minimum": 8, "multipleOf": 8},
    }
    model = load(write(tmp_path, {**DECLARATION, "inputs": inputs}, graph)).inputs
    properties = model.model_json_schema()["properties"]
    assert properties["method"]["enum"] == ["area", "lanczos"]
    assert properties["width"] | {"title": ""} == {
        "default": 64,
        "minimum": 8,
        "multipleOf": 8,
        "title": "",
        "type": "integer",
    }
    for wrong in ({"method": "cubic"}, {"width": 12}, {"width": 0}, {"width": "8.5"}):
        with pytest.raises(ValidationError):
            model.model_validate(wrong)


@pytest.mark.parametrize(
    ("changes", "said"),
    [
        ({"parts": {"source": "9.image"}}, "there is no node '9'; known: 1, 2, 3"),
        (
            {"parts": {"source": "1.file"}},
            r"node '1' \(LoadImage\) has no input 'file'; known: image",
        ),
        ({"seed": "2.image"}, "gets its value from node '1'"),
        ({"outputs": [{"node": "9"}]}, "outputs: there is no node '9'"),
        ({"outputs": []}, "outputs: "),
        ({"outputs": [{"node": "3", "type": "META"}]}, "must be a BASE_PART"),
        ({"outputs": [{"node": "3"}, {"node": "3"}]}, "twice"),
        ({"parts": {"sauce": "1.image"}}, "parts.sauce"),
        ({"timeout": 3}, "timeout: Extra inputs"),
        ({"inputs": {"A b": {"paths": "1.image", "type": "string"}}}, r"inputs.A b"),
        (
            {"inputs": {"a": {"paths": "1.image", "type": "integer"}}},
            "default 'a.png' does not fit",
        ),
        ({"inputs": {"a": {"paths": "1.image", "type": "string", "minimum": 1}}}, "has no minimum"),
        (
            {
                "inputs": {
                    "a": {"paths": "1.image", "type": "string", "required": True, "default": "x"}
                }
            },
            "a required input has no default",
        ),
    ],
)
def test_a_declaration_at_fault_names_the_place(
    tmp_path: Path, changes: dict[str, Any], said: str
) -> None:
    with pytest.raises(WorkflowInvalid, match=said) as caught:
        loaded(tmp_path, **changes)
    assert str(caught.value).startswith("one.yaml: ")


@pytest.mark.parametrize(
    ("content", "said"),
    [
        ("{", "is not JSON"),
        ("[]", "holds no nodes"),
        ('{"nodes": [], "links": []}', "editor's format.*Export"),
        ('{"1": {"inputs": {}}}', "node '1' has no class_type"),
    ],
)
def test_a_workflow_at_fault_names_the_file(tmp_path: Path, content: str, said: str) -> None:
    file = write(tmp_path, DECLARATION)
    file.with_name("one.api.json").write_text(content)
    with pytest.raises(WorkflowInvalid, match=f"one.api.json.*{said}"):
        load(file)


def test_one_bad_file_takes_nothing_else_away(tmp_path: Path) -> None:
    write(tmp_path, {**DECLARATION, "outputs": []})
    (tmp_path / "two.api.json").write_text("{}")
    (tmp_path / "Three.yaml").write_text("title: no name for the wire")
    shelf = open_shelf(tmp_path)
    assert "upscale-4k" in shelf.workflows
    for name, said in {
        "one": "workflow 'one' cannot be used: one.yaml: outputs",
        "two": "has no declaration two.yaml beside it; `retusche comfy describe two.api.json`",
        "Three": "lower-case letters",
        "four": "there is no workflow 'four'; known: inpaint-by-mask",
    }.items():
        with pytest.raises(WorkflowInvalid, match=said):
            shelf.get(name)


def test_the_operators_workflow_wins_over_a_shipped_one(tmp_path: Path) -> None:
    file = write(tmp_path, DECLARATION)
    file.rename(tmp_path / "upscale-4k.yaml")
    (tmp_path / "one.api.json").rename(tmp_path / "upscale-4k.api.json")
    assert open_shelf(tmp_path).get("upscale-4k").declaration.title == "Invert"


def test_a_folder_that_is_not_there_is_told(
    tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    assert open_shelf(tmp_path / "none").workflows.keys() == open_shelf(None).workflows.keys()
    assert "the folder of workflows is not there" in caplog.text
