"""Every code that can reach a caller has a status."""

import re
from collections.abc import Iterator
from pathlib import Path
from typing import TypeVar

import pytest

from connector.api.statuses import BY_STATUS, FAULTS, is_retryable
from connector.jobs import migrate
from connector.jobs.errors import JobError
from connector.storage.errors import StorageError
from steps.errors import StepError

T = TypeVar("T", bound=Exception)
SOURCES = Path(__file__).parents[3] / "connector"
JOB_CODES = (
    "deadline-exceeded",
    "out-of-memory",
    "worker-lost",
    "storage-unavailable",
    "source-unreachable",
    "image-undecodable",
    "residual-detections",
    "step-failed",
)


def tree(root: type[T]) -> Iterator[type[T]]:
    yield root
    for child in root.__subclasses__():
        yield from tree(child)


assert issubclass(migrate.SchemaOutdated, JobError)  # imported, so that the tree knows it


@pytest.mark.parametrize(
    "error",
    [*tree(StepError), *tree(JobError), *tree(StorageError)],
    ids=lambda e: e.__name__,
)
def test_every_error_class_has_a_status(
    error: type[StepError] | type[JobError] | type[StorageError],
) -> None:
    assert error.code in FAULTS


@pytest.mark.parametrize("code", [*JOB_CODES, *BY_STATUS.values()])
def test_every_code_of_the_contract_has_a_status(code: str) -> None:
    assert code in FAULTS


def test_every_code_that_the_api_raises_has_a_status() -> None:
    raised = {
        code
        for path in SOURCES.rglob("*.py")
        for code in re.findall(
            r'(?:ApiError|Rejected|problem_response|super\(\)\.__init__)\(\s*(?:[a-z_.{}]+, )?"([a-z-]+)"',
            path.read_text(),
        )
    }
    assert {"not-acceptable", "too-many-items", "rate-limited", "http-malformed"} <= raised
    assert raised <= set(FAULTS)


@pytest.mark.parametrize("error", [*tree(StepError)], ids=lambda e: e.__name__)
def test_what_a_step_calls_retryable_is_so_on_the_wire(error: type[StepError]) -> None:
    assert is_retryable(error.code) or not error.retryable


def test_retryable_are_503_and_429_alone() -> None:
    for code, fault in FAULTS.items():
        assert is_retryable(code) == (fault.status in (429, 503)), code
        assert is_retryable(code) == (fault.retry_after is not None), code


@pytest.mark.parametrize("status", BY_STATUS)
def test_codes_by_status_keep_the_status(status: int) -> None:
    assert FAULTS[BY_STATUS[status]].status == status
