"""Every hostile file gives its own clear error, quickly, before and by decoding."""

import time
import warnings

import numpy as np
import pytest

from steps.imaging.decode import decode
from steps.imaging.header import inspect
from tests.steps.imaging.decoded import fault
from tests.steps.imaging.hostile import hostile_files
from tests.steps.imaging.pictures import valid_files
from tests.steps.imaging.pieces import Hostile

HOSTILE = hostile_files()
SECONDS = 2.0
"""Far above what any of them takes (milliseconds); a hang or a decoded bomb is far above this."""


def test_there_are_many_and_each_has_its_own_name() -> None:
    names = [hostile.name for hostile in HOSTILE]
    assert len(names) == len(set(names)) >= 24


@pytest.mark.parametrize("hostile", HOSTILE, ids=lambda hostile: hostile.name)
def test_a_hostile_file_gives_its_own_error(
    hostile: Hostile, capfd: pytest.CaptureFixture[str]
) -> None:
    began = time.perf_counter()
    with (
        warnings.catch_warnings(record=True, action="always") as heard,
        pytest.raises(hostile.error) as caught,
    ):
        decode(hostile.content, filename="cat.jpg")
    assert type(caught.value) is hostile.error
    assert caught.value.code == hostile.error.code
    assert not caught.value.retryable
    assert caught.value.pointer == "cat.jpg"
    assert caught.value.detail.startswith("cat.jpg: ")
    assert hostile.words in caught.value.detail, caught.value.detail
    assert time.perf_counter() - began < SECONDS
    assert not heard
    assert capfd.readouterr() == ("", "")


@pytest.mark.parametrize("hostile", HOSTILE, ids=lambda hostile: hostile.name)
def test_the_header_check_gives_the_same_error_or_none(hostile: Hostile) -> None:
    found = fault(inspect, hostile.content)
    assert found is None or (type(found) is hostile.error and hostile.words in found.detail)


@pytest.mark.parametrize("name", valid_files())
def test_a_file_cut_anywhere_is_refused(name: str) -> None:
    """Only padding behind the picture may be missing from a good file."""
    content = valid_files()[name]
    whole = decode(content)
    for cut in range(1, len(content), max(1, len(content) // 40)):
        found = fault(decode, content[:-cut])
        if found is None:
            part = decode(content[:-cut])
            assert all(
                np.array_equal(a.pixels, b.pixels)
                for a, b in zip(part.pages, whole.pages, strict=True)
            ), cut
