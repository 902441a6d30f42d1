import numpy as np
import pytest

from benchmarks.shared.child import ChildFailed, peak_mb, run


def test_the_answer_comes_back_with_its_own_peak() -> None:
    ours = np.ones(300_000_000, np.uint8)  # must not be counted as the child's
    small = run("tests.benchmarks.shared.samples:takes", {"megabytes": 1})
    large = run("tests.benchmarks.shared.samples:takes", {"megabytes": 200})
    assert large.answer == 200_000_000
    assert small.peak_mb < 250 < peak_mb()
    assert large.peak_mb - small.peak_mb == pytest.approx(199, abs=15)
    del ours


def test_a_failure_says_what_happened() -> None:
    with pytest.raises(ChildFailed, match=r"samples:fails ended with 1: [\s\S]*no such picture"):
        run("tests.benchmarks.shared.samples:fails", {})
