"""The nodes, with stand-ins for ComfyUI, against a live service."""

import asyncio
import importlib
import json
from typing import Any

import numpy as np
import pytest

from comfy_bridge.nodes import comfy_entrypoint
from comfy_bridge.nodes.catalogue import Description, Taken, shipped
from comfy_bridge.nodes.pixels import to_floats
from comfy_bridge.nodes.service.connection import Choice, ConnectionInvalid
from tests.comfy.nodes.conftest import noise
from tests.comfy.nodes.stubs import Comfy, Interrupted, NodeOutput, Tensor
from tests.connector.fifo import Fifo
from tests.connector.sample_steps import registry
from tests.connector.service_process import ServiceProcess

URL = "RETUSCHE_URL"


@pytest.fixture
def nodes(comfy: Comfy, service: ServiceProcess, monkeypatch: pytest.MonkeyPatch) -> dict[str, Any]:
    """Every node of the pack by its id; their default connection is the live service."""
    monkeypatch.setenv(URL, f"http://127.0.0.1:{service.port}")

    async def listed() -> list[Any]:
        found: list[Any] = await (await comfy_entrypoint()).get_node_list()
        return found

    return {node.define_schema().node_id: node for node in asyncio.run(listed())}


def image(*pictures: Any) -> Tensor:
    return Tensor(to_floats(list(pictures)))


def run(node: Any, **values: Any) -> NodeOutput:
    found: NodeOutput = asyncio.run(node.execute(**values))
    return found


def sample(step: str, *, mask: bool = True) -> Any:
    """Return the node of one of the sample steps, as the pack makes it of a catalogue's entry."""
    graph = importlib.import_module("comfy_bridge.nodes.graph.step")
    real = registry().get(step)
    taken = (Taken("source", True, "a picture"), Taken("mask", False, "a mask"))
    inputs = taken if step == "echo" else taken[:1]
    schema = real.parameters.model_json_schema(by_alias=True)
    return graph.node_of(Description(step, step.title(), "", inputs, schema, mask))


def test_there_is_a_node_for_each_step_and_five_more(nodes: dict[str, Any]) -> None:
    assert len(nodes) == len(shipped()) + 5
    assert {"RetuscheAnonymize", "RetuscheStyleTransfer", "RetuscheRunStep"} <= set(nodes)


def test_ids_are_unique_between_inputs_and_outputs_and_outputs_have_names(
    nodes: dict[str, Any],
) -> None:
    for node in nodes.values():
        schema = node.define_schema()
        ids = [each.id for each in (*schema.inputs, *schema.outputs)]
        assert len(set(ids)) == len(ids), schema.node_id
        assert all(each.options["display_name"] for each in schema.outputs)


def test_a_node_has_the_step_s_ranges_and_pictures(nodes: dict[str, Any]) -> None:
    inputs = {each.id: each for each in nodes["RetuscheStyleTransfer"].define_schema().inputs}
    assert inputs["strength"].options["max"] == 1.0
    assert inputs["style_image"].kind == "Image"
    assert inputs["mask"].options["optional"] is True
    assert inputs["image"].options["optional"] is False
    assert inputs["seed"].options["control_after_generate"] is False


def test_a_batch_goes_through_a_step_s_node(nodes: dict[str, Any], comfy: Comfy) -> None:
    pictures = [noise(seed=1), noise(seed=2)]
    found = run(sample("echo"), image=image(*pictures), mask=Tensor(np.zeros((1, 64, 64), "f4")))
    picture, mask, report = found.args
    assert np.array_equal(picture.array, to_floats(pictures))
    assert mask.array.shape == (2, 12, 16)
    # The zero mask of LoadImage was not sent.
    assert [len(each["partsSeen"]) for each in json.loads(report)] == [1, 1]
    assert comfy.bar[-1][0] == 1000
    assert any(preview for _, _, preview in comfy.bar)
    assert comfy.texts[-1] == ("7", "clean")


def test_interrupting_cancels_the_remote_job(
    nodes: dict[str, Any], comfy: Comfy, service: ServiceProcess, fifo: Fifo
) -> None:
    async def interrupted() -> None:
        node = sample("probe", mask=False)
        running = asyncio.ensure_future(node.execute(image=image(noise()), notify=str(fifo)))
        await asyncio.to_thread(fifo.started)
        comfy.interrupted = True
        await running

    with pytest.raises(Interrupted):
        asyncio.run(interrupted())
    assert fifo.line() == "cancelled"


def test_the_connection_node_hands_on_no_key(
    nodes: dict[str, Any], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("RETUSCHE_API_KEY", "rtk_1")
    values = {"url": "", "timeout": 9.0, "retries": 1, "parallel": 2}
    (choice,) = nodes["RetuscheConnection"].execute(name="default", **values).args
    assert choice == Choice("default", "", 9.0, 1, 2)
    with pytest.raises(ConnectionInvalid):
        nodes["RetuscheConnection"].execute(name="default", **values | {"url": "nowhere"})


def test_run_step_reads_the_live_catalogue(nodes: dict[str, Any]) -> None:
    picture = noise()
    found = run(nodes["RetuscheRunStep"], step="copy", parameters="{}", image=image(picture))
    assert np.array_equal(found.args[0].array[0], to_floats([picture])[0])
    assert json.loads(found.args[2])["step"] == "copy"


@pytest.mark.parametrize(
    ("values", "said"),
    [
        (
            {"step": "echo", "parameters": '{"strenght": 1}'},
            "has no strenght; it has seed, strength",
        ),
        ({"step": "echo", "parameters": "[1]"}, "a JSON object"),
        ({"step": "echo", "parameters": "{"}, "no JSON"),
        ({"step": "nothing", "parameters": "{}"}, "copy"),
        ({"step": "copy", "parameters": "{}", "image": None}, "copy needs image"),
        ({"step": "copy", "parameters": "{}", "mask": Tensor(np.ones((1, 2, 2), "f4"))}, "no mask"),
    ],
)
def test_run_step_says_what_is_wrong_before_anything_is_sent(
    nodes: dict[str, Any], values: dict[str, Any], said: str
) -> None:
    with pytest.raises(Exception, match=said):
        run(nodes["RetuscheRunStep"], **{"image": image(noise()), **values})


def test_pictures_are_handed_over_and_fetched(nodes: dict[str, Any]) -> None:
    picture = noise()
    given = run(
        nodes["RetuscheToEngine"],
        image=image(picture),
        what="copy",
        callback="",
        correlation="",
        format="image/png",
    )
    (job_id,) = given.args
    assert given.ui == {"text": (job_id,)}
    fetched = run(nodes["RetuscheFromEngine"], job_id=job_id, item="")
    assert np.array_equal(fetched.args[0].array[0], to_floats([picture])[0])


def test_pictures_go_through_a_flow(nodes: dict[str, Any]) -> None:
    picture = noise()
    found = run(
        nodes["RetuscheToFlow"],
        image=image(picture),
        controller=Choice(),
        template="copy",
        priority=0,
    )
    assert np.array_equal(found.args[0].array[0], to_floats([picture])[0])
    assert not found.args[1].array.any()
