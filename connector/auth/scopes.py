"""What a caller may be allowed to do. Every route declares one of these, or is open on purpose."""

from enum import StrEnum


class Scope(StrEnum):
    """A permission, as keys and tokens name it."""

    STEPS_RUN = "steps:run"
    JOBS_READ = "jobs:read"
    JOBS_CANCEL = "jobs:cancel"
    METRICS_READ = "metrics:read"


MEANING = {
    Scope.STEPS_RUN: "run steps, create jobs, upload files and delete them",
    Scope.JOBS_READ: "read one's own jobs, results and files",
    Scope.JOBS_CANCEL: "cancel, retry and delete one's own jobs, and send callbacks again",
    Scope.METRICS_READ: "read the figures of the whole installation",
}

ALL = frozenset(Scope)


def scopes_of(words: str) -> frozenset[Scope]:
    """Read scopes that are set apart by commas or spaces.

    Raises:
        ValueError: one of them is none, or there is none.
    """
    named = words.replace(",", " ").split()
    unknown = sorted(set(named) - set(Scope))
    if unknown or not named:
        given = ", ".join(unknown) or "nothing"
        raise ValueError(f"{given} is no scope; accepted: {', '.join(Scope)}")
    return frozenset(map(Scope, named))
