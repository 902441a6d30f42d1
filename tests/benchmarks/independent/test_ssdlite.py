from functools import cache

import pytest

from benchmarks.independent.frozen_graph import read
from benchmarks.independent.ssdlite import SsdLite
from benchmarks.independent.ssdlite_graph import to_onnx
from steps.backends.contract import Box
from steps.environment import Environment
from tests.steps.backends.detection.photos import photo

pytestmark = pytest.mark.weights


@cache
def ssdlite() -> SsdLite:
    return SsdLite.load(Environment.from_env())


def test_it_sees_the_people_before_the_bus() -> None:
    found = ssdlite().detect(photo("bus")[270:], threshold=0.5)
    standing = [Box(48, 128, 245, 632), Box(221, 135, 344, 588)]
    for box in standing:
        assert max(box.iou(other.box) for other in found) > 0.75
    assert found[0].score > 0.99


@pytest.mark.parametrize("name", ["china", "coffee", "flower", "rocket"])
def test_it_sees_nobody_where_nobody_is(name: str) -> None:
    assert ssdlite().detect(photo(name), threshold=0.3) == []


def test_another_graph_is_refused() -> None:
    with pytest.raises(ValueError, match="no frozen SSDLite graph"):
        to_onnx(read(b""))
