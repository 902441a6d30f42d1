from collections.abc import Iterator

import pytest

from steps import errors
from steps.errors import StepError


def _tree(kind: type[StepError] = StepError) -> Iterator[type[StepError]]:
    yield kind
    for child in kind.__subclasses__():
        if child.__module__ == errors.__name__:
            yield from _tree(child)


@pytest.mark.parametrize("kind", list(_tree()), ids=lambda kind: kind.__name__)
def test_the_docstring_draws_every_error_with_its_code(kind: type[StepError]) -> None:
    assert errors.__doc__ is not None
    line = next((row for row in errors.__doc__.splitlines() if kind.__name__ in row.split()), "")
    assert line
    abstract = bool(kind.__subclasses__())
    assert abstract or kind.code in line.split()


def test_only_errors_that_pass_by_themselves_are_retryable() -> None:
    assert [kind.code for kind in _tree() if kind.retryable] == [
        "backend-unreachable",
        "out-of-memory",
    ]


def test_an_error_says_where_the_fault_lies() -> None:
    error = errors.ImageTooLarge("too large", pointer="a.jpg")
    assert (error.detail, error.pointer, str(error)) == ("too large", "a.jpg", "too large")
