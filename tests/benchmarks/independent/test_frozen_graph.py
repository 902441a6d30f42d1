import numpy as np
import pytest

from benchmarks.independent.frozen_graph import constant, read


def field(number: int, value: bytes | int) -> bytes:
    """Encode a field; lengths and numbers below 128 are one byte in this format."""
    if isinstance(value, int):
        return bytes([number << 3, value])
    return bytes([number << 3 | 2, len(value)]) + value


def tensor(values: bytes, *shape: int, kind: int = 1) -> bytes:
    dimensions = b"".join(field(2, field(1, length)) for length in shape)
    return field(1, kind) + field(2, dimensions) + field(4, values)


def attribute(name: bytes, value: bytes) -> bytes:
    return field(5, field(1, name) + field(2, value))


def node(name: bytes, op: bytes, *inputs: bytes, rest: bytes = b"") -> bytes:
    content = field(1, name) + field(2, op) + b"".join(field(3, i) for i in inputs) + rest
    return field(1, content)


def const(name: bytes, value: bytes) -> bytes:
    return node(name, b"Const", rest=attribute(b"value", field(8, value)))


FOUR = np.array([1, 2, 3, 4], "<f4").tobytes()


def test_a_constant_is_found_behind_identities() -> None:
    graph = read(const(b"w", tensor(FOUR, 2, 2)) + node(b"w/read", b"Identity", b"w"))
    assert constant(graph, "w/read").tolist() == [[1, 2], [3, 4]]


def test_one_value_stands_for_all_equal_ones() -> None:
    graph = read(const(b"ones", tensor(np.float32(1).tobytes(), 3)))
    assert constant(graph, "ones").tolist() == [1, 1, 1]


def test_attributes_are_read_by_type() -> None:
    rest = (
        attribute(b"strides", field(1, field(3, b"\x01\x02\x02\x01")))
        + attribute(b"padding", field(2, b"SAME"))
        + attribute(b"epsilon", bytes([4 << 3 | 5]) + np.float32(0.25).tobytes())
    )
    found = read(node(b"conv", b"Conv2D", b"x", b"w", rest=rest))["conv"]
    assert found.inputs == ("x", "w")
    assert found.integers("strides") == [1, 2, 2, 1]
    assert found.text("padding") == "SAME"
    assert found.number("epsilon") == 0.25


@pytest.mark.parametrize("content", [b"\x0a\x7f", b"\xff" * 12, b"\x0b", b"\x0a"])
def test_other_bytes_are_refused(content: bytes) -> None:
    with pytest.raises(ValueError, match="no protocol buffer"):
        read(content)


def test_what_is_not_a_float_constant_is_refused() -> None:
    graph = read(const(b"ids", tensor(FOUR, 4, kind=3)) + node(b"sum", b"Add", b"ids", b"ids"))
    with pytest.raises(ValueError, match="type 3"):
        constant(graph, "ids")
    with pytest.raises(ValueError, match="comes from Add"):
        constant(graph, "sum")


def test_values_have_to_fill_the_shape() -> None:
    with pytest.raises(ValueError, match="4 values for the shape"):
        constant(read(const(b"w", tensor(FOUR, 3))), "w")
