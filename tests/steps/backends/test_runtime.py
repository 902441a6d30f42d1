"""Networks on onnxruntime: opened with the threads asked for, stopped while they run, damage named."""

from pathlib import Path

import numpy as np
import pytest
from onnx import TensorProto, helper

from steps.backends import runtime
from steps.environment import Environment
from steps.errors import Cancelled, WeightsInvalid

HERE = Environment(weights_dir=Path("unused"), threads=2)


def multiplied(times: int) -> bytes:
    """A network that multiplies a square matrix by itself so many times."""
    square = helper.make_tensor_value_info("in", TensorProto.FLOAT, ["n", "n"])
    out = helper.make_tensor_value_info("out", TensorProto.FLOAT, ["n", "n"])
    names = ["in", *(f"x{k}" for k in range(times - 1)), "out"]
    nodes = [
        helper.make_node("MatMul", [names[k], "in"], [names[k + 1]], name=f"m{k}")
        for k in range(times)
    ]
    graph = helper.make_graph(nodes, "multiplied", [square], [out])
    model = helper.make_model(graph, opset_imports=[helper.make_opsetid("", 17)])
    model.ir_version = 8
    return bytes(model.SerializeToString())


def go_on() -> None:
    """Nobody cancels."""


def test_a_network_gives_its_output_by_the_names_of_its_inputs() -> None:
    network = runtime.Network(multiplied(2), HERE, name="cube.onnx")
    assert network.inputs == ("in",)
    value = np.array([[1, 2], [3, 4]], np.float32)
    made = network.run({"in": value}, go_on)
    assert (made == value @ value @ value).all()


def test_threads_are_the_environments_and_do_not_spin() -> None:
    options = runtime.session(multiplied(1), HERE, name="one.onnx").get_session_options()
    assert options.intra_op_num_threads == 2
    assert options.inter_op_num_threads == 1
    assert options.get_session_config_entry("session.intra_op.allow_spinning") == "0"
    assert not options.enable_mem_pattern


def test_a_running_network_stops_before_its_next_operation() -> None:
    network = runtime.Network(multiplied(10_000), HERE, name="long.onnx")
    asked = 0

    def at_the_third_question() -> None:
        nonlocal asked
        asked += 1
        if asked == 3:
            raise Cancelled("enough")

    with pytest.raises(Cancelled):
        network.run({"in": np.eye(512, dtype=np.float32)}, at_the_third_question)
    # The network can be used again: only that run was ended.
    small = np.eye(2, dtype=np.float32)
    assert (network.run({"in": small}, go_on) == small).all()


def test_a_damaged_file_is_named() -> None:
    with pytest.raises(WeightsInvalid, match=r"cannot open bad\.onnx"):
        runtime.Network(b"no network", HERE, name="bad.onnx")
