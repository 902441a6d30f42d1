import pytest

from tests.fuzz.runner import fuzz


@pytest.mark.slow
def test_nothing_happens_that_the_contract_does_not_say() -> None:
    """A small part of `python -m tests.fuzz --cases 5000`, the same at each run."""
    assert fuzz(300, seed=1, examples=4, phases="examples,fuzzing,stateful", seconds=20) > 100
