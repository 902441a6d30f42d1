"""The pack as it is installed: a folder in ComfyUI's custom_nodes, without the rest of Retusche."""

import ast
import asyncio
import importlib.util
import json
import shutil
import sys
import tomllib
from pathlib import Path
from typing import Any

import pytest
from PIL import Image

from tests.comfy.nodes.stubs import Comfy

PACK = Path(__file__).parents[3] / "comfy_bridge" / "nodes"
IN_COMFYUI = {"aiohttp", "numpy", "PIL", "torch", "comfy", "comfy_api", "folder_paths", "server"}
MODULES = sorted(PACK.rglob("*.py"))


def test_the_folder_alone_is_loaded_as_comfyui_loads_it(
    comfy: Comfy, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    folder = shutil.copytree(PACK, tmp_path / "retusche")
    spec = importlib.util.spec_from_file_location("pack_x_1", folder / "__init__.py")
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    monkeypatch.setitem(sys.modules, spec.name, module)
    spec.loader.exec_module(module)

    async def listed() -> list[Any]:
        found: list[Any] = await (await module.comfy_entrypoint()).get_node_list()
        return found

    assert len(asyncio.run(listed())) > 5
    # Any NODE_CLASS_MAPPINGS would make ComfyUI overlook the entry point.
    assert not hasattr(module, "NODE_CLASS_MAPPINGS")
    for name in [name for name in sys.modules if name.startswith("pack_x_1.")]:
        monkeypatch.delitem(sys.modules, name)


@pytest.mark.parametrize("path", MODULES, ids=lambda path: str(path.relative_to(PACK)))
def test_a_module_is_python_3_10_and_needs_only_what_comfyui_has(path: Path) -> None:
    tree = ast.parse(path.read_text("utf-8"), feature_version=(3, 10))
    absolute = {
        name.split(".")[0]
        for node in ast.walk(tree)
        for name in (
            [alias.name for alias in node.names]
            if isinstance(node, ast.Import)
            else [node.module or ""]
            if isinstance(node, ast.ImportFrom) and node.level == 0
            else []
        )
    }
    assert absolute <= IN_COMFYUI | sys.stdlib_module_names
    if "graph" not in path.parts:
        assert not absolute & {"torch", "comfy", "comfy_api", "folder_paths", "server"}


def test_the_registry_s_file_says_what_it_must() -> None:
    found = tomllib.loads((PACK / "pyproject.toml").read_text("utf-8"))
    project, comfy = found["project"], found["tool"]["comfy"]
    assert "comfyui" not in project["name"].lower()
    assert project["dependencies"] == []
    assert "Apache License" in (PACK / project["license"]["file"]).read_text("utf-8")
    assert "Repository" in project["urls"]
    assert {"PublisherId", "DisplayName", "Icon", "requires-comfyui"} <= set(comfy)
    own = tomllib.loads((PACK.parents[1] / "pyproject.toml").read_text("utf-8"))
    assert project["version"] == own["project"]["version"]
    assert Image.open(PACK / "icon.png").size == (400, 400)


@pytest.mark.parametrize("path", sorted((PACK / "example_workflows").glob("*.json")))
def test_an_example_s_links_join_and_it_has_a_picture(path: Path) -> None:
    assert Image.open(path.with_suffix(".jpg")).format == "JPEG"
    workflow = json.loads(path.read_text("utf-8"))
    nodes = {node["id"]: node for node in workflow["nodes"]}
    for number, source, from_slot, target, to_slot, kind in workflow["links"]:
        output = nodes[source]["outputs"][from_slot]
        given = nodes[target]["inputs"][to_slot]
        assert number in output["links"]
        assert given["link"] == number
        assert output["type"] == kind
        assert given["type"] in (kind, "*")
