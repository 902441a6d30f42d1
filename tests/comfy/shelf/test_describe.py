"""`retusche comfy describe`: the draft of a declaration, from values alone and from a server's classes."""

import json
import shutil
from pathlib import Path
from typing import Any

import pytest
import yaml
from typer.testing import CliRunner

from comfy_bridge.shelf.draft import drafted
from comfy_bridge.shelf.shelf import SHIPPED
from comfy_bridge.shelf.workflow import load
from connector.cli import app
from tests.comfy.fake.nodes import EVERY
from tests.comfy.fake.server import FakeServer

FILE = str(SHIPPED / "inpaint-by-mask.api.json")
KNOWN = {name: kind.described() for name, kind in EVERY.items()}


def graph_of(name: str) -> Any:
    return json.loads((SHIPPED / f"{name}.api.json").read_text())


def describe(*arguments: str) -> str:
    done = CliRunner().invoke(app, ["comfy", "describe", *arguments])
    assert done.exit_code == 0, done.output
    return done.stdout


def refused(*arguments: str) -> str:
    done = CliRunner().invoke(app, ["comfy", "describe", *arguments])
    assert done.exit_code in (1, 2)
    return done.stderr.replace("\n", " ")


def test_loaders_become_parts_savers_outputs_and_seeds_the_seed() -> None:
    draft = drafted(graph_of("inpaint-by-mask"), "Inpaint")
    assert draft["parts"] == {"source": ["1.image"], "mask": ["2.image"]}
    assert draft["outputs"] == [{"node": "11", "type": "BASE_PART"}]
    assert draft["seed"] == ["8.seed"]


def test_inputs_of_one_name_are_told_apart_by_their_nodes() -> None:
    graph = graph_of("text-to-image-refined")
    names = drafted(graph, "Words")["inputs"]
    assert {"promptText", "negativePromptText", "baseCkptName", "refinerCkptName"} <= names.keys()
    for node in ("3", "4"):
        graph[node]["_meta"]["title"] = "Prompt"
    names = drafted(graph, "Words")["inputs"]
    assert names["prompt3Text"]["paths"] == "3.text"


def test_a_server_gives_types_bounds_and_choices() -> None:
    graph = graph_of("inpaint-by-mask")
    graph["8"]["inputs"]["cfg"] = 7
    guessed, known = drafted(graph, "x")["inputs"], drafted(graph, "x", KNOWN)["inputs"]
    assert guessed["cfg"] == {"paths": "8.cfg", "type": "integer", "description": ""}
    assert known["cfg"] | {"description": ""} == {
        "paths": "8.cfg",
        "type": "number",
        "minimum": 0,
        "maximum": 100,
        "description": "",
    }
    assert known["samplerName"]["choices"] == ["euler", "dpmpp_2m"]
    assert "choices" not in known["ckptName"]  # files change with what is installed


def test_an_output_node_that_only_a_server_knows_is_found() -> None:
    graph = graph_of("upscale-4k")
    graph["5"]["class_type"] = "SaveImageElsewhere"
    with pytest.raises(ValueError, match="no node saves a picture"):
        drafted(graph, "x")
    known = {**KNOWN, "SaveImageElsewhere": KNOWN["SaveImage"]}
    assert drafted(graph, "x", known)["outputs"] == [{"node": "5", "type": "BASE_PART"}]


def test_the_draft_that_is_written_can_be_used_as_it_is(tmp_path: Path) -> None:
    file = Path(shutil.copy(FILE, tmp_path / "mine.api.json"))
    describe(str(file), "--write")
    workflow = load(tmp_path / "mine.yaml")
    assert workflow.declaration.title == "Mine"
    assert "is there already" in refused(str(file), "--write")


def test_it_asks_a_server() -> None:
    with FakeServer() as server:
        draft = yaml.safe_load(describe(FILE, "--server", server.url))
    assert draft["inputs"]["steps"]["maximum"] == 10_000
    assert "127.0.0.1:9" in refused(FILE, "--server", "http://127.0.0.1:9")


def test_the_schema_is_for_programs() -> None:
    drafted_schema = json.loads(describe(FILE, "--schema"))
    assert drafted_schema["properties"]["expand"]["type"] == "integer"
    declared = json.loads(describe("upscale-4k", "--schema"))
    assert declared["properties"]["longestSide"]["maximum"] == 16_384


def test_what_it_cannot_describe_it_names() -> None:
    assert "editor's format" in refused(str(SHIPPED / "upscale-4k.json"))
    assert "there is no workflow 'nothing'" in refused("nothing")


def test_workflows_are_listed_with_their_faults(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "lonely.api.json").write_text("{}")
    monkeypatch.setenv("RETUSCHE_COMFYUI_WORKFLOWS", str(tmp_path))
    listed = CliRunner().invoke(app, ["comfy", "list"])
    assert "inpaint-by-mask         source, mask" in listed.stdout
    assert "lonely.api.json has no declaration" in listed.stderr
