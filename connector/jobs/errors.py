"""What can go wrong with a job, as stable codes.

JobError
├── DatabaseUnavailable   storage-unavailable    retryable
├── JobNotFound           not-found              also when it is another client's
├── TooLate               conflict               the state does not allow it any more
├── QueueFull             queue-full             the client has too many waiting; retryable
├── SpaceFull             quota-exceeded         the client's uploads take all of its space; retryable
├── KeyReused             idempotency-key-reused same key, another request
└── JobInvalid            job-invalid            the job cannot be made as asked
"""

from typing import ClassVar


class JobError(Exception):
    """Base: what happened, with a stable code."""

    code: ClassVar[str] = "job-invalid"

    def __init__(self, detail: str, *, pointer: str | None = None) -> None:
        """Keep one sentence for the caller, and where in the request the fault lies."""
        super().__init__(detail)
        self.detail = detail
        self.pointer = pointer


class DatabaseUnavailable(JobError):
    """The database cannot be reached."""

    code = "storage-unavailable"


class JobNotFound(JobError):
    """No such job, item, part or file of this client."""

    code = "not-found"


class TooLate(JobError):
    """The state does not allow it any more."""

    code = "conflict"


class QueueFull(JobError):
    """The client has as many items waiting as it may."""

    code = "queue-full"


class SpaceFull(JobError):
    """The client's uploads take as much space as they may."""

    code = "quota-exceeded"


class KeyReused(JobError):
    """The idempotency key was used with another request."""

    code = "idempotency-key-reused"


class JobInvalid(JobError):
    """The job cannot be made as asked."""

    code = "job-invalid"
