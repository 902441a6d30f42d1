"""Seeded damage to good files: a picture or an image error comes out, soon, and nothing is printed."""

import time
import warnings

import numpy as np
import pytest

from steps.imaging.decode import decode
from steps.imaging.document import Document
from steps.imaging.limits import Limits
from tests.steps.imaging.decoded import fault
from tests.steps.imaging.mutations import mutate
from tests.steps.imaging.pictures import valid_files

ROUNDS = 60
SECONDS = 2.0
"""For one file; they take milliseconds."""
SMALL = Limits(max_pixels=2_000_000, max_total_pixels=4_000_000)


@pytest.mark.parametrize("name", valid_files())
def test_damaged_files(name: str, capfd: pytest.CaptureFixture[str]) -> None:
    content, refused = valid_files()[name], 0
    with warnings.catch_warnings(record=True, action="always") as heard:
        for seed in range(ROUNDS):
            damaged = mutate(content, np.random.default_rng((seed, len(content))))
            began = time.perf_counter()
            error = fault(decode_small, damaged)
            assert time.perf_counter() - began < SECONDS, seed
            assert error is None or error.detail.startswith("cat.jpg: "), seed
            refused += error is not None
    assert refused > ROUNDS // 10
    assert not heard
    assert capfd.readouterr() == ("", "")


def decode_small(content: bytes) -> Document:
    return decode(content, filename="cat.jpg", limits=SMALL)
